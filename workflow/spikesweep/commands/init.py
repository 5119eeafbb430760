"""The verb `init`: a project of one's own, which has this spikesweep as a package."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from spikesweep.commands.examples import copy_of_example, find_example, write_files
from spikesweep.errors import UserError
from spikesweep.lineage.git import forget_repository, git_python
from spikesweep.products.engine import SHIPPED, identity, installed_from
from spikesweep.sweepfile.schema import schema_text

SNAKEFILE = '''\
"""The workflow of spikesweep, as it is installed. Rules of your own may follow."""

from spikesweep.snakefile.path import SNAKEFILE


include: SNAKEFILE


# What plain `snakemake` makes: Snakemake takes no default from an included file.
rule default:
    input:
        answer(lambda wildcards: project.all_targets()),
    localrule: True
'''
CONFIG = """\
# The sweeps that `snakemake` runs: names of files in config/sweeps/, without .yaml.
# Any other runs by name: snakemake --cores 8 my_sweep
sweeps:
  - {sweep}
"""
# pip asks its index unless the place stands before the version.
ORIGIN = """\
# Where pip finds the version below, as this project was begun; elsewhere a wheel, a checkout or a
# git address that is there. Needless where pip's index has it.
spikesweep @ {url}
"""
REQUIREMENTS = """\
# The package that makes the results of this project; it refuses to run as another version.
spikesweep=={version}
"""
ENVIRONMENT = """\
# For conda and mamba: conda env create --prefix ./.conda --file environment.yaml
channels: [conda-forge]
dependencies:
  - python =3.12
  - pip
  - pip: [-r requirements.txt]
"""
MAKEFILE = """\
# `make` installs what requirements.txt names into .venv, and runs the sweeps.
CORES ?= all

run: install
\t@.venv/bin/snakemake --cores $(CORES) $(ARGS)

install: .venv/installed

.venv/installed: requirements.txt
\t@test -x .venv/bin/python || $(or $(PYTHON),python3) -m venv .venv
\t@.venv/bin/python -m pip -qq --disable-pip-version-check install -r requirements.txt || \\
\t  { echo "requirements.txt: pip could not install what it names. Should spikesweep not be on" \\
\t  "pip's index, name a wheel, a checkout or a git address of it there:" \\
\t  "spikesweep @ file:///path/to/it" >&2; exit 1; }
\t@touch $@

.PHONY: run install
"""
IGNORED = """\
.venv/
.conda/
.snakemake/
__pycache__/
x86_64/
arm64/
aarch64/
/report.html
"""
CLUSTER_PROFILES = ("profiles/slurm/config.yaml", "profiles/generic/config.yaml")
LOGGER = """
# Which tells it, and comes with the package that requirements.txt pins.
logger: [spikesweep]
"""
README = """\
# {title}

Parameter sweeps of NEURON models, run by spikesweep.

    make                            # sets up .venv, then runs the sweeps of config/config.yaml
    .venv/bin/snakemake --cores 8   # from then on

| place | what |
| --- | --- |
| `config/sweeps/` | the sweeps, one YAML file each |
| `mod/`, `morphologies/`, `models/` | NMODL sources; SWC and ASC files; HOC and Python models |
| `requirements.txt` | the version of spikesweep that makes the results |
| `results/` | all that is made; figures, tables and the dataset of a sweep in `results/<sweep>/` |

`spikesweep new my_sweep --from hoc` begins another sweep; `spikesweep list` says from what.
`spikesweep docs` lists the documentation, which came with the package: `spikesweep docs tutorial`,
`spikesweep docs sweep_files` with every key of a sweep.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--template",
        default="ball_and_stick",
        help="the first sweep: an example, see `spikesweep list --examples`; or swc, hoc, python",
    )


def run(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    if (folder / "Snakefile").exists() or (folder / "workflow/Snakefile").exists():
        raise UserError(f"{folder}: has a Snakefile already; expected a folder without one")
    example = find_example(options.template)
    files = {**project_files(folder, example), **copy_of_example(example, example)}
    write_files(folder, files)
    print(f"{folder}: a project with the sweep {example}, {len(files)} files")
    print(f"  {_begin_history(folder, files)}")
    print(f"Run it:\n  cd {folder}\n  {_snakemake()} --cores {min(8, os.cpu_count() or 1)}")


def _snakemake() -> str:
    """Return the command that runs Snakemake where this package is, whatever the shell finds."""
    here = Path(sys.executable).parent / "snakemake"
    found = shutil.which("snakemake")
    return "snakemake" if found == str(here) or not here.is_file() else str(here)


def project_files(folder: Path, sweep: str) -> dict[Path, bytes]:
    """Return the files of a project but those of its sweep: path in it -> content."""
    texts = {
        "Snakefile": SNAKEFILE,
        "config/config.yaml": CONFIG.format(sweep=sweep),
        "config/sweep.schema.json": schema_text(),
        "profiles/default/config.yaml": profile_text(),
        **{name: (SHIPPED / name).read_text() for name in CLUSTER_PROFILES},
        "requirements.txt": requirements(),
        "environment.yaml": ENVIRONMENT,
        "Makefile": MAKEFILE,
        ".gitignore": IGNORED,
        "results/.gitignore": "*\n!.gitignore\n",
        "README.md": README.format(title=folder.resolve().name),
    }
    return {Path(name): text.encode() for name, text in texts.items()}


def requirements() -> str:
    """Return the pinned version, with what this package was installed from, should it be there."""
    pin = REQUIREMENTS.format(version=identity()["version"])
    url = installed_from()
    return ORIGIN.format(url=url) + pin if url else pin


def profile_text() -> str:
    """Return the profile: that of this repository, with the logger, which is installed here."""
    return (SHIPPED / "profiles/default/config.yaml").read_text() + LOGGER


def _begin_history(folder: Path, files: dict[Path, bytes]) -> str:
    """Commit the files, where the folder is in no repository yet; return what was done."""
    forget_repository()
    git = git_python()
    try:
        found = git.Repo(folder, search_parent_directories=True)
        return f"in the git repository {found.working_dir}; commit it to give results its label"
    except git.InvalidGitRepositoryError:
        pass
    try:
        repository = git.Repo.init(folder)
        repository.git.add("--", *map(str, files))
    except git.CommandError:
        return "in no git repository: git is not there, or refuses; results get no label"
    try:
        repository.git.commit("--quiet", "--message", "A project of sweeps")
    except git.GitCommandError:
        return (
            "in a new git repository; tell git who you are (git config user.name and user.email), "
            "then: git commit -m 'First sweep'"
        )
    return "in a new git repository, committed"
