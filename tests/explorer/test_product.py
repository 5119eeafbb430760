"""The page as a product of a sweep that has run: its name, its bytes, its commands."""

import csv
import io
import json
import re
import shlex

import pytest

from exploring import Looking, chromium
from project import Project

TRACES = '[aria-label="Save the traces shown as CSV"]'


@pytest.fixture(scope="module")
def looking(committed):
    """The page of the sweep `small`, with its third simulation picked."""
    with chromium() as browser:
        one = Looking(browser, committed.root / "results/small/explore.html", "#picked=2")
        one.picked(2)
        yield one
        assert one.said == []


def command(looking, what: str) -> list[str]:
    """The words of a command that the page offers, after `spikesweep`."""
    words = shlex.split(looking.tab.get_attribute(f'[aria-label="Copy: {what}"]', "data-copy"))
    assert words[0] == "spikesweep"
    return words[1:]


def test_its_name_and_its_lineage_are_of_what_made_it(committed):
    made = (committed.root / "results/small/explore.html").resolve()
    [about] = re.findall(r'id="about">(.*?)</script>', made.read_text(), re.DOTALL)
    lineage = json.loads(about)["lineage"]
    assert made.stem == f"explore_{lineage['fingerprint'][:12]}"
    beside = json.loads(made.with_suffix(".json").read_text())
    assert (beside["fingerprint"], beside["recipe"]) == (lineage["fingerprint"], lineage["recipe"])
    reads = ["dataset", "simulations", "statistics", "structure"]
    assert sorted(lineage["recipe"]["reads"]) == reads
    assert committed.first[:8] not in made.read_text()  # a commit stamps figures alone


def test_made_again_it_has_the_same_bytes(committed, tmp_path):
    project = Project(tmp_path / "project", of=committed)
    made = (project.root / "results/small/explore.html").resolve()
    [plan] = (project.root / "results/made/small").glob("plan_*.json")
    first = made.read_bytes()
    made.unlink()
    names = [str(path.relative_to(project.root)) for path in (plan, made)]
    project.spikesweep("make", "explorer", *names)
    assert made.read_bytes() == first


def test_the_command_runs_the_simulation_that_is_shown(committed, looking):
    said = committed.spikesweep(*command(looking, "run it alone")).stdout
    shown = looking.tab.inner_text("#picked")
    assert re.search(r"key ([0-9a-f]{64})", said)[1] in shown
    label = looking.tab.get_attribute("#traces", "aria-label")
    spikes = re.search(r"(\d+) spikes in the whole run, soma", label)[1]
    assert f"soma: {spikes} spikes" in said
    name, least, greatest = re.search(r"(\w+): (-[\d.]+) to ([-\d.]+)", said).groups()
    rows = csv.DictReader(io.StringIO(looking.saved(TRACES)))
    trace = [float(row[name]) for row in rows]
    # The extremes are of every step, the trace has one in four of these.
    assert float(least) - 1e-3 <= min(trace) <= float(least) + 1
    assert float(greatest) - 15 <= max(trace) <= float(greatest) + 1e-3


def test_the_command_says_what_made_the_simulation_that_is_shown(committed, looking):
    said = committed.spikesweep(*command(looking, "what made it")).stdout
    [own] = re.findall(r"key\s+([0-9a-f]{64})", said)
    assert own == looking.tab.get_attribute('[aria-label="Copy: key"]', "data-copy")
