"""`spikesweep verify`: every flipped byte is named, by the files alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from project import Project

# Files that a run leaves, by patterns below `results/`.
MADE = (
    "small/figures/*.pdf",
    "small/figures/*.png",
    "small/figures/*.svg",
    "made/small/dataset_*.nc",
    "made/small/dataset_*.json",
    "made/small/statistics_*.csv",
    "made/small/isi_*.csv",
    "made/small/structure_*.csv",
    "made/small/psection_*.json",
    "made/small/batch_*.csv",
    "made/small/heatmap_rate_*.svg",
    "made/small/plan_*.json",
    "made/small/plan_*.csv",
    "made/mechanisms/*/libnrnmech.so",
    "made/mechanisms/*/mechanisms.json",
    "provenance/small_*.json",
    "store/*.h5",
    "store/*.keys",
)


def flip(path: Path, place: float = 0.5) -> None:
    """Change one bit of a byte at a part of the length of a file."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.write_bytes(content)


@pytest.fixture(scope="module")
def results(committed, tmp_path_factory) -> Project:
    """The results alone: without git, without `.snakemake/`."""
    copy = Project(tmp_path_factory.mktemp("verify") / "project", of=committed)
    shutil.rmtree(copy.root / ".git")
    shutil.rmtree(copy.root / ".snakemake")
    return copy


def test_what_is_as_it_was_made(results):
    done = results.spikesweep("verify", ".")
    files = [p for pattern in MADE for p in (results.root / "results").glob(pattern)]
    assert "files as they were made" in done.stdout
    assert int(done.stdout.split()[1]) >= len(files)


@pytest.mark.parametrize("place", [0.001, 0.5, 0.999])
@pytest.mark.parametrize("pattern", MADE)
def test_a_flipped_byte_is_named(results, pattern, place, monkeypatch):
    from spikesweep.commands.verify import verify

    monkeypatch.chdir(results.root)
    path = next(Path("results").glob(pattern))
    original = path.read_bytes()
    flip(path, place)
    try:
        named = {finding.path for finding in verify(Path()) if finding.problem}
    finally:
        path.write_bytes(original)
    assert named == {str(path)}


def test_what_a_killed_process_left_behind_is_no_damage(results):
    left = [
        results.root / "results" / name
        for name in (
            "made/small/.statistics_0123456789ab.7.part.json",
            "small/figures/.intervals_01234567.7.part.pdf",
            "provenance/.small_01234567.7.part.json",
        )
    ]
    for path in left:
        path.write_bytes(b"{")
    try:
        assert "files as they were made" in results.spikesweep("verify", ".").stdout
        results.spikesweep("explain", "results/small/statistics.csv")  # reads all records
    finally:
        for path in left:
            path.unlink()


def test_a_file_alone(results, tmp_path):
    """A figure in a folder with nothing else."""
    stamped = next((results.root / "results/small/figures").glob("*.png"))
    lone = tmp_path / "figure.png"
    shutil.copy(stamped, lone)
    command = [sys.executable, "-P", "-m", "spikesweep", "verify", lone.name]
    environment = {"PYTHONPATH": str(results.root / "workflow"), "PATH": ""}

    def verified():
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    assert (verified().returncode, verified().stdout) == (0, "figure.png: as it was made\n")
    flip(lone)
    done = verified()
    assert done.returncode == 1
    assert done.stdout.startswith("figure.png: ")


@pytest.mark.parametrize("name", ["statistics.csv", "isi.csv", "dataset.nc", "plan.csv"])
def test_stable_names(results, name):
    said = results.spikesweep("verify", f"results/small/{name}").stdout
    assert said == f"results/small/{name}: 2 files as they were made\n"


def test_a_missing_file_is_named(results):
    table = next((results.root / "results/made/small").glob("isi_*.csv"))
    aside = table.rename(table.with_suffix(".aside"))
    done = results.spikesweep("verify", ".", check=False)
    aside.rename(table)
    assert done.returncode == 1
    assert f"{table.relative_to(results.root)}: is missing" in done.stdout


def test_files_that_nothing_vouches_for(results):
    done = results.spikesweep("verify", "Snakefile", check=False)
    assert (done.returncode, "nothing says what it should be" in done.stderr) == (1, True)
