"""Jobs that last as long as a sweep asks: measured by the user, the same wherever results go."""

import fcntl
import json
import zipfile
from pathlib import Path

import pytest

import provenance
from project import Project

MEASURED = "results/made/small/measured.json"


def batches(project: Project) -> set[str]:
    return {path.name for path in project.root.glob("results/made/small/batch_*.csv")}


@pytest.mark.workflow
def test_from_the_key_to_the_bundle(committed, tmp_path):
    project = Project(tmp_path / "project", of=committed)
    sweep = project.root / "config/sweeps/small.yaml"
    sweep.write_text(sweep.read_text() + "seconds_per_job: 60\n")
    provenance.commit(project)

    asked = "results/small/statistics.csv"
    said = project.snakemake(asked, "-n")
    advice = "spikesweep plan small --estimate"
    assert advice in said.stderr
    assert advice in project.spikesweep("plan", "small").stdout

    said = project.spikesweep("plan", "small", "--estimate").stdout
    [line] = [line for line in said.splitlines() if "cluster" in line]
    kept = (project.root / MEASURED).read_bytes()
    each = json.loads(kept)["seconds"]
    assert int(line.split()[1]) * each >= 60
    assert f"of 60 s: {line.split()[1]} simulations" in project.spikesweep("plan", "small").stdout

    # Of a sweep that is being run, nothing is kept.
    (project.root / MEASURED).write_text('{"seconds": 1e6, "stored": 1, "memory": 1}')
    (project.root / "results/logs").mkdir(exist_ok=True)
    (project.root / "results/logs/run.json").write_text('{"sweeps": {"small": {}}}')
    with (project.root / "results/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = project.spikesweep("plan", "small", "--estimate").stdout
    assert "not kept     it is run now" in said
    assert "1e6" in (project.root / MEASURED).read_text()
    (project.root / "results/logs/run.json").unlink()
    (project.root / MEASURED).write_bytes(kept)

    before = {path: path.read_bytes() for path in project.root.glob("results/store/*.h5")}
    done = project.snakemake("publish")
    assert advice not in done.stderr
    assert {path: path.read_bytes() for path in project.root.glob("results/store/*.h5")} == before
    assert "Nothing to be done" in project.snakemake("publish").stderr
    assert MEASURED not in project.spikesweep("gc", "--dry-run").stdout

    # The bundle knows it too: all that is made again has the same bytes, the plan with it.
    [bundle] = project.root.glob("results/published/*.zip")
    with zipfile.ZipFile(bundle) as file:
        assert file.read(MEASURED) == kept
        file.extractall(tmp_path / "unzipped")
    unzipped = Project.at(tmp_path / "unzipped")
    for path in (tmp_path / "unzipped/results").rglob("*"):
        if path.suffix in (".nc", ".csv", ".pdf", ".svg") or path.name.startswith("plan_"):
            path.unlink()
    unzipped.snakemake()
    assert unzipped.has_its_sums()

    [figure] = project.root.glob("results/small/figures/intervals_*.pdf")
    rebuilt = project.spikesweep("rebuild", str(figure.relative_to(project.root)))
    lines = [line for line in rebuilt.stdout.splitlines() if Path(figure).name in line]
    assert lines, rebuilt.stdout
    assert all("same bytes" in line or "byte" in line for line in lines), rebuilt.stdout
