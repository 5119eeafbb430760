"""The engine: the package that runs, wherever it was installed. The project is what it runs for.

A project has config, mod, morphologies, results, and a git label of its own. It may contain a
package `spikesweep` of its own, as this repository does: then that is the engine, and no other may
speak for it. Otherwise the engine is whatever the project's environment has.
"""

import json
import os
import re
import sys
import tempfile
import tomllib
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any
from urllib.parse import unquote, urlsplit

from spikesweep.errors import UserError
from spikesweep.products.environment import entering
from spikesweep.products.fingerprint import file_hash, fingerprint, versions

PACKAGE = Path(__file__).resolve().parents[1]
NAME = PACKAGE.name
SEARCHED = PACKAGE.parent  # what stands on PYTHONPATH
# What is not Python: in a wheel within the package, in a checkout where it is edited.
_IN_WHEEL = PACKAGE / "shipped"
SHIPPED = _IN_WHEEL if _IN_WHEEL.is_dir() else SEARCHED.parent
RULES = SHIPPED / "workflow"  # the folder of Snakefile, rules and captions
REQUIREMENTS = Path("requirements.txt")  # in a project without a package of its own
_PIN = re.compile(rf"^{NAME}\s*==\s*([\w.+!-]+)", re.MULTILINE)
PYTHON = "SPIKESWEEP_PYTHON"  # environment variable: the Python that runs jobs
PACKAGES = "SPIKESWEEP_PATH"  # environment variable: their PYTHONPATH, from which conda is kept
ENTER = "SPIKESWEEP_ENTER"  # environment variable: what a job that simulates begins with
_OWN = Path("workflow") / NAME  # in a project that contains its own engine
RESTARTED = "SPIKESWEEP_RESTARTED"  # environment variable: restart_with_own was tried


def own_package(project: Path) -> Path | None:
    """Return the package that a project contains, None where it has none."""
    package = (project / _OWN).resolve()
    return package if package.is_dir() else None


def check(project: Path) -> None:
    """Refuse to make a project's results with another package than the one that it contains, or
    another version than the one that it pins.

    Raises:
        UserError: it contains one, and another was loaded; or it pins another version.
    """
    own = own_package(project)
    if own is None:
        _check_pin(project / REQUIREMENTS)
    if own not in (None, PACKAGE):
        raise UserError(
            f"the package {NAME} was loaded from {PACKAGE}; expected the one of this project, "
            f"{own.parent}. Unset PYTHONPATH, or run snakemake in a fresh shell"
        )


def check_fetched(workflow: Any) -> None:
    """Refuse a Snakefile that Snakemake has fetched from elsewhere and that another version has.

    Args:
        workflow: Snakemake's, in that Snakefile.

    Raises:
        UserError: it is not the one of the package that runs.
    """
    here = workflow.current_basedir
    if isinstance(here, os.PathLike):
        return
    with workflow.sourcecache.open(here.join("Snakefile")) as file:
        fetched = file.read().rstrip()  # of a local repository without its last end of line
    if fetched != (RULES / "Snakefile").read_text(encoding="utf-8").rstrip():
        raise UserError(
            f"{here}: the Snakefile of another version than {version()}, which "
            f"is installed; expected its tag v{version()} there, or the package of that tag here"
        )


def _check_pin(path: Path) -> None:
    pinned = _PIN.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    runs = identity()["version"]
    if pinned and pinned[1] != runs:
        raise UserError(
            f"{path}: pins {NAME} {pinned[1]}, but {runs} runs; expected the pinned one: "
            f"pip install -r {path}. To upgrade, write {NAME}=={runs} there; then "
            f"{NAME} why SWEEP says what will run again"
        )


def restart_with_own(project: Path) -> None:
    """Run the command again with the package that a project contains, if another one runs.

    Raises:
        UserError: that was tried already.
    """
    own = own_package(project)
    if own in (None, PACKAGE):
        return
    check_path(own.parent)
    if os.environ.get(RESTARTED):
        raise UserError(f"{PACKAGE}: the package of another project; expected {own}")
    environment = os.environ | {"PYTHONPATH": str(own.parent), RESTARTED: "1"}
    command = [sys.executable, "-P", "-m", NAME, *sys.argv[1:]]
    os.execve(sys.executable, command, environment)


def offer_to_jobs(deployed: bool = False) -> None:
    """Set the environment in which jobs run this package, whatever is installed.

    They run with this Python, and have the other packages that this process has.

    Args:
        deployed: whether Snakemake deploys an environment or a container, in which they run: with
            the Python and the packages there, and of those here with this one alone.

    Raises:
        UserError: jobs could not be told where the package lies.
    """
    searched = _alone() if deployed else SEARCHED
    check_path(searched)
    here = "" if deployed else os.environ.get("PYTHONPATH", "")
    others = [path for path in here.split(os.pathsep) if path]
    paths = dict.fromkeys([str(searched), *others])
    os.environ["PYTHONPATH"] = os.environ[PACKAGES] = os.pathsep.join(paths)
    os.environ[PYTHON] = "python" if deployed else sys.executable
    os.environ[ENTER] = entering(os.environ)


def _alone() -> Path:
    """Return a folder where Python finds this package, and no other: of an installed one a copy,
    which a container sees as well."""
    if SHIPPED != _IN_WHEEL:
        return SEARCHED
    runs = identity()
    folder = Path(".snakemake", NAME, f"{runs['version']}_{runs['sha256'][:12]}").resolve()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            whole = Path(scratch, "whole")
            for part in (PACKAGE, *SEARCHED.glob(f"{NAME}-*.dist-info")):
                copytree(part, whole / part.name, ignore=ignore_patterns("__pycache__"))
            with suppress(FileExistsError):  # another run was first
                whole.rename(folder)
    return folder


def check_path(folder: Path) -> None:
    """Refuse a folder that PYTHONPATH cannot name, or that no log can.

    Raises:
        UserError: its path holds what separates paths there, or bytes that are no text.
    """
    is_text = os.fsencode(folder) == str(folder).encode(errors="replace")
    if os.pathsep in str(folder) or not is_text:
        raise UserError(
            f"{str(folder)!a}: Python does not find packages by such a path; expected one "
            f'without "{os.pathsep}", in UTF-8. Move or rename the folder'
        )


def enter(simulates: bool) -> str:
    """Return what the command of a job begins with that runs code of models: it enters an
    environment of its own; '' for any other."""
    return f"${ENTER} " if simulates else ""


def make(words: str, enters: str = "") -> str:
    """Return the shell command of a rule that makes a product; for after `offer_to_jobs`.

    Args:
        words: what follows the verb `make`.
        enters: what `enter` returned for it.

    exec: a job's parent is Snakemake's process, and no shell that would outlive it. What a job says
    goes to the rule's log, which `snakefile/log.py` reads: it would tear the line of the run.
    """
    return python(f"-m {NAME} make {words} > {{log}} 2>&1", enters)


def python(words: str, enters: str = "") -> str:
    """Return the shell command by which jobs start Python, with some words more; see `make`."""
    return f'PYTHONPATH="${PACKAGES}" exec {enters}"${PYTHON}" -P {words}'


@cache
def identity() -> dict[str, str]:
    """Return the engine's version, and one hash of all files that Python reads of it."""
    files = sorted(p for p in PACKAGE.rglob("*.py") if not p.is_relative_to(_IN_WHEEL))
    hashes = {file.relative_to(PACKAGE).as_posix(): file_hash(file) for file in files}
    return {"version": version(), "sha256": fingerprint(hashes)}


def version() -> str:
    """Return the version: that of a checkout, where the package lies in one, else as installed.

    Another one may be installed beside the checkout that runs.
    """
    try:
        project = tomllib.loads((SEARCHED.parent / "pyproject.toml").read_text())["project"]
        if project["name"] == NAME:
            return str(project["version"])
    except (OSError, ValueError, KeyError):
        pass
    return versions([NAME])[NAME]


def installed_from() -> str:
    """Return the URL of what this package was installed from, as pip takes it: of a checkout that
    runs, a wheel, a folder or a commit; '' where that is gone, or an index had it.

    An installer writes it into direct_url.json (PEP 610).
    """
    if SHIPPED != _IN_WHEEL:
        return SHIPPED.as_uri() if (SHIPPED / "pyproject.toml").is_file() else ""
    try:
        text = distribution(NAME).read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    said = json.loads(text) if text else {}
    url = str(said.get("url", ""))
    if "vcs_info" in said:
        return f"{said['vcs_info']['vcs']}+{url}@{said['vcs_info']['commit_id']}"
    is_gone = url.startswith("file:") and not Path(unquote(urlsplit(url).path)).exists()
    return "" if is_gone else url
