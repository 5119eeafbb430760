"""Write the conda environment of jobs, workflow/envs/spikesweep.yaml, from requirements.lock.

`make lock` runs this. conda brings what pip cannot, Python and the compiler that NEURON needs for
mechanisms; all packages of Python are those of the lock file, by pip.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
ENVIRONMENT = ROOT / "workflow/envs/spikesweep.yaml"
BEGINNING = """\
# Made from requirements.lock by `make lock`. For `snakemake --sdm conda`; and an environment to run
# Snakemake in: conda env create --file workflow/envs/spikesweep.yaml
name: spikesweep
channels: [conda-forge, nodefaults]
dependencies:
  - python =3.12
  - pip
  - cxx-compiler
  - make
  - git
  - pip:
"""


def environment(lock: str) -> str:
    """Return the environment of a lock file."""
    pins = re.findall(r"^([\w.-]+==[^\s\\]+(?: ;[^\\\n]*)?)", lock, re.MULTILINE)
    return BEGINNING + "".join(f'    - "{pin.strip()}"\n' for pin in pins)


if __name__ == "__main__":
    ENVIRONMENT.write_text(environment(LOCK.read_text()))
