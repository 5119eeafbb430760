"""A run in a terminal, as a person sees it."""

import os
import re
import sys

import pytest

from small import small_sweep
from terminal import run_in_terminal


@pytest.fixture
def project(project):
    project.write_sweep("small", small_sweep(simulations_per_job=1))
    return project


def run(project, columns, *words, **environment):
    """Run the small sweep in a terminal; return the exit code, what was seen, what was written."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "small", *words]
    environment = {"PYTHONPATH": str(project.root / "workflow"), "TERM": "xterm", **environment}
    return run_in_terminal(command, project.root, columns, environment)


def test_a_run_is_one_line_that_rewrites_itself(project):
    code, seen, written = run(project, 80, NO_COLOR="1")
    assert code == 0
    live = [screen.splitlines()[-1] for screen in seen.screens if screen]
    line = re.compile(r"small  \w+ \d+/\d+  \[#*\.*\]  (\d running)?(, )?(about [\w.]+ \w+ left)?")
    told = [said for said in live if line.fullmatch(said)]
    assert [said for said in told if "simulate 3/6  [#####.....]" in said]
    # It never leaves a copy of itself behind, and all lines but the summary's are few.
    assert not any(len(re.findall(r"^small  \w+ \d+/", s, re.MULTILINE)) > 1 for s in seen.screens)
    begin = "\n".join(seen.lines).index("small: ")
    assert len("\n".join(seen.lines)[:begin].splitlines()) <= 6
    assert "simulations  6: 6 run, 0 found in the store, none failed" in "\n".join(seen.lines)
    # Before the Snakefile is read, Snakemake writes two lines in colours of its own.
    assert b"\x1b[3" not in written.split(b"Building DAG of jobs...")[1].partition(b"\n")[2]


def test_what_fails_is_told_whole_and_the_line_goes_on(project):
    (project.root / "workflow/spikesweep/figures/heatmap.py").write_text(
        "raise ValueError('a long message ' * 20)\n"
    )
    code, seen, _ = run(project, 200)
    said = "\n".join(seen.lines)
    assert code == 1
    assert "small: figure failed (results/made/small/" in said
    assert "alongmessage" * 20 in re.sub(r"\s", "", said)
    assert "could not be drawn, as said above" in said


@pytest.mark.parametrize("words", ["--verbose", "--printshellcmds", "--quiet host"])
def test_snakemakes_own_words(project, words):
    plan = "results/made/small"
    done = project.snakemake("small", "--until", "plan", *words.split())
    assert re.search(r"Finished jobid: \d+ \(Rule: plan\)", done.stderr)
    assert os.listdir(project.root / plan)
