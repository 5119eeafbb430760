"""The files around the code say the same things as each other and as the tools that read them."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from project import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
GROUPS = PYPROJECT["dependency-groups"]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (
    ("Linux", "linux", "x86_64"),
    ("Linux", "linux", "aarch64"),
    ("Darwin", "darwin", "arm64"),
)


def pins(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Return what a lock file pins, each with its hashes."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    entries = [line.split(" --hash=") for line in re.sub(r" *\\\n *", " ", text).splitlines()]
    return [(Requirement(pin), hashes) for pin, *hashes in entries]


def holds(marker: Marker | None, python: str, platform: tuple[str, str, str]) -> bool:
    """Say whether a pin is meant for a version of Python and a platform."""
    system, sys_platform, machine = platform
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.5",
        "platform_system": system,
        "sys_platform": sys_platform,
        "platform_machine": machine,
    }
    return marker is None or marker.evaluate(environment)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_hashed(lock):
    for pin, hashes in pins(lock):
        assert re.fullmatch(r"==[\w.!+-]+", str(pin.specifier)), pin
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), pin


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_place(lock):
    """Which registry the packages come from is the matter of whoever installs them."""
    assert not re.search(r"://|index-url|find-links|trusted-host| @ ", (ROOT / lock).read_text())


LOCKED = [
    *[("requirements.lock", name) for name in PROJECT["dependencies"] + GROUPS["build"]],
    *[("requirements-dev.lock", name) for name in PROJECT["dependencies"] + GROUPS["dev"]],
]


@pytest.mark.parametrize(("lock", "dependency"), LOCKED)
def test_dependencies_are_locked(lock, dependency):
    """Each is pinned once on every platform, to a version that pyproject.toml allows."""
    wanted = Requirement(dependency)
    named = [pin for pin, _ in pins(lock) if same_name(pin, wanted)]
    for python in PYTHONS:
        for platform in PLATFORMS:
            (pin,) = [pin for pin in named if holds(pin.marker, python, platform)]
            version = str(pin.specifier).removeprefix("==")
            assert wanted.specifier.contains(version), f"{pin} for {dependency}"


def same_name(one: Requirement, other: Requirement) -> bool:
    return canonicalize_name(one.name) == canonicalize_name(other.name)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_tests_run_on_what_the_sweeps_run_on(python, platform):
    """The tests may need a package where the sweeps do not."""
    running, testing = (
        {
            f"{pin.name}{pin.specifier}": hashes
            for pin, hashes in pins(lock)
            if holds(pin.marker, python, platform)
        }
        for lock in LOCKS
    )
    assert running.items() <= testing.items()


def test_build_requirement_is_the_locked_one():
    assert PYPROJECT["build-system"]["requires"] == GROUPS["build"]


def test_supported_pythons():
    supported = SpecifierSet(PROJECT["requires-python"])
    assert [v for v in range(8, 20) if f"3.{v}" in supported] == [11, 12, 13]
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in (ROOT / "Makefile").read_text()


def test_citation():
    """Its required keys (Citation File Format 1.2.0, schema guide), and the project's own facts."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert citation["title"] == PROJECT["name"]
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    licence = (ROOT / "LICENSE").read_text()
    assert licence.startswith("BSD 3-Clause License")
    (author,) = citation["authors"]
    assert f"Copyright (c) 2026, {author['name']}" in licence


def test_an_archive_of_a_release_says_the_same_as_the_citation():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    archived = json.loads((ROOT / ".zenodo.json").read_text())
    for name in ("title", "version", "license", "keywords"):
        assert archived[name] == citation[name]
    assert archived["description"] == citation["abstract"]
    assert archived["upload_type"] == citation["type"]
    assert archived["creators"] == citation["authors"]


def tracked(*options: str) -> list[str]:
    """Return the files that git tracks here."""
    command = ["git", "ls-files", "-z", *options]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git repository")
    return [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]


def test_no_made_file_is_tracked():
    assert tracked("--cached", "--ignored", "--exclude-standard") == []
    assert [name for name in tracked() if name.startswith("results/")] == ["results/.gitignore"]
    made = r".*\.(pyc|so|dll|dylib|o|nc|h5|zip|gz|log)"
    assert [name for name in tracked() if re.fullmatch(made, name)] == []


def test_no_file_names_a_machine():
    """No file says where this checkout lies, or anybody's home folder."""
    places = [rf"/(home|Users)/[\w.-]+/|{re.escape(str(ROOT))}\b"]
    if len(Path.home().parts) > 1:
        places.append(rf"(?<![\w.]){re.escape(str(Path.home()))}/")
    naming = re.compile("|".join(places).encode())
    assert [name for name in tracked() if naming.search((ROOT / name).read_bytes())] == []


@pytest.fixture
def copy(tmp_path) -> Path:
    """A project of a Makefile and results alone."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("results/.gitignore", "results/store/segment.h5", ".venv/bin/tool"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "workflow").mkdir()
    (tmp_path / "tests").mkdir()
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", "--no-print-directory", *words], cwd=folder, capture_output=True, text=True
    )


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_make_help_lists_every_target(copy):
    phony = re.search(r"^\.PHONY: (.*)$", (copy / "Makefile").read_text(), re.MULTILINE)[1]
    listed = {line.split()[1] for line in make(copy, "help").stdout.splitlines()}
    # `venv` is a step of `install`.
    assert listed == set(phony.split()) - {"venv"}


def test_make_clean_leaves_results(copy):
    assert make(copy, "clean").returncode == 0
    assert files(copy) == {"Makefile", "results/.gitignore", "results/store/segment.h5"}


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ([], {"results/.gitignore", "results/store/segment.h5"}),
        (["CONFIRM=yes"], {"results/.gitignore", "results/store/segment.h5"}),
        (["CONFIRM=results"], {"results/.gitignore"}),
    ],
)
def test_make_clean_results_asks(copy, words, left):
    done = make(copy, "clean-results", *words)
    assert {name for name in files(copy) if name.startswith("results")} == left
    assert ("make clean-results CONFIRM=results" in done.stderr) == (len(left) > 1)


def test_make_without_a_fitting_python(copy):
    done = make(copy, "PYTHON=python2.7")
    assert done.returncode != 0
    assert done.stderr.startswith(
        "spikesweep: needs Python 3.11, 3.12 or 3.13, which python2.7 is not; say where one is: "
    )


# A workflow of two steps; `amplitude` is a parameter of the first.
SNAKEFILE = """
rule all:
    input: "second.txt"
rule second:
    input: "first.txt"
    output: "second.txt"
    shell: "cp {input} {output}"
rule first:
    output: "first.txt"
    params: amplitude=1
    shell: "echo {params.amplitude} > {output}"
"""


@pytest.mark.workflow
def test_profile_goes_by_existence(tmp_path):
    """Snakemake takes the profile by itself; what exists is done, whatever changed around it."""

    def snakemake() -> str:
        command = [sys.executable, "-m", "snakemake", "--cores", "1"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stderr

    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    run = snakemake()
    assert "Using workflow specific profile profiles/default" in run
    assert "3 of 3 steps (100%) done" in run
    # One line a job, not a block: neither its files nor its reason.
    assert "output:" not in run

    (tmp_path / "Snakefile").write_text(SNAKEFILE.replace("amplitude=1", "amplitude=2"))
    (tmp_path / "first.txt").touch()
    assert "Nothing to be done" in snakemake()
    (tmp_path / "second.txt").unlink()
    assert "2 of 2 steps (100%) done" in snakemake()
    assert (tmp_path / "first.txt").read_text() == "1\n"
