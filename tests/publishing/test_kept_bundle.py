"""A bundle that an earlier version published verifies and is made again, for ever.

`tests/kept/make_bundle.py` made it. What makes it again is its own code, with the packages of its
own lock: those of the tests as long as they are the same, else an installation of its own.
"""

import lzma
import os
import platform
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import spikesweep
from project import PACKAGE, ROOT, Project
from spikesweep.products.engine import identity

pytestmark = pytest.mark.workflow

KEPT = sorted((ROOT / "tests/kept").glob("bundle_*.zip.xz"))


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def bundle(request, tmp_path) -> Path:
    """The bundle, as it was published."""
    path = tmp_path / request.param.name.removesuffix(".xz")
    path.write_bytes(lzma.decompress(request.param.read_bytes()))
    return path


def unzipped(bundle: Path) -> Project:
    """The project that is in it."""
    project = Project.at(bundle.with_name("unzipped"))
    with zipfile.ZipFile(bundle) as files:
        files.extractall(project.root)
    return project


def has_packages_of(lock: Path) -> bool:
    """Whether this Python has all that a lock file names, in its versions."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    named = [Requirement(line.partition("--hash")[0]) for line in lines if line[:1].isalnum()]
    needed = [one for one in named if one.marker is None or one.marker.evaluate()]
    assert needed, "nothing is locked"
    installed = {canonicalize_name(one.name): one.version for one in metadata.distributions()}
    return all(installed.get(one.name, "none") in one.specifier for one in needed)


def verified(bundle: Path) -> subprocess.CompletedProcess:
    """What the present code says of it."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "spikesweep", "verify", bundle],
        env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
    )


def test_one_of_each_version_is_kept():
    assert f"bundle_{identity()['version']}.zip.xz" in {path.name for path in KEPT}


def test_it_is_as_it_was_made(bundle):
    done = verified(bundle)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_it_opens_in_python(bundle):
    results = spikesweep.open(bundle)
    assert len(results.statistics) >= len(results.simulations) > 0
    assert results.dataset.sizes


def test_a_changed_table_in_it_is_noticed(bundle):
    changed = bundle.with_name(f"changed_{bundle.name}")
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            is_table = name.endswith("statistics.csv")
            new.writestr(name, old.read(name) + b"0\n" * is_table)
    done = verified(changed)
    assert done.returncode == 1
    assert "statistics.csv" in done.stdout + done.stderr


@pytest.mark.skipif(platform.machine() != "x86_64", reason="made on x86_64: elsewhere other bytes")
def test_its_own_code_makes_it_again(bundle):
    project = unzipped(bundle)
    folder = project.root / "results/small"
    apart = {"methods.md", "report.html"}  # which publishing alone makes
    made = (path for path in folder.rglob("*") if path.is_file() and path.name not in apart)
    files = [path for path in made if path.suffix != ".json"]
    published = {path: path.read_bytes() for path in files}
    assert {".nc", ".csv", ".html", ".pdf", ".png", ".svg"} == {path.suffix for path in files}
    for path in files:
        path.unlink()
    if has_packages_of(project.root / "requirements.lock"):
        project.snakemake()
    else:
        make = ["make", "--no-print-directory", f"PYTHON={sys.executable}"]
        subprocess.run(make, cwd=project.root, check=True)
    for path, content in published.items():
        assert path.read_bytes() == content, path
