"""NEURON's own translator of NMODL, as an oracle."""

import re
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

[NOCMODL] = (f.locate() for f in metadata.files("neuron") if Path(f).name == "nocmodl")
UNITS = NOCMODL.parents[1] / "share/nrn/lib/nrnunits.lib"
# The title, which nothing computes with, and the source itself.
QUOTED = re.compile(r'modelname = "[^"]*"|nmodl_file_text\s*=.*', re.DOTALL)


def translated(source: bytes) -> str | None:
    """Return what nocmodl makes of a source, without the source; None where it refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.mod").write_bytes(source)
        done = subprocess.run(
            [NOCMODL, "a.mod"], cwd=folder, capture_output=True, env={"MODLUNIT": str(UNITS)}
        )
        if done.returncode:
            return None
        written = QUOTED.sub("", Path(folder, "a.cpp").read_text(encoding="latin-1"))
        return written.replace(folder, "")
