"""A run in a terminal, as a person sees it."""

import os
import re
import subprocess
import sys

import pytest

from project import PACKAGE
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


@pytest.mark.parametrize("logger", [[], ["--logger", "spikesweep"]], ids=["attached", "plugin"])
def test_a_run_is_one_line_that_rewrites_itself(project, logger):
    if logger:  # then no profile need silence anything
        silenced = "quiet: [rules, reason, host]\n"
        profile = project.root / "profiles/default/config.yaml"
        assert silenced in profile.read_text()
        profile.write_text(profile.read_text().replace(silenced, ""))
    code, seen, written = run(project, 80, *logger, NO_COLOR="1")
    assert code == 0
    live = [screen.splitlines()[-1] for screen in seen.screens if screen]
    line = re.compile(r"small  \w+ \d+/\d+  \[#*\.*\]  (\d running)?(, )?(about [\w.]+ \w+ left)?")
    told = [said for said in live if line.fullmatch(said)]
    assert [said for said in told if "simulate 3/6  [#####.....]" in said]
    # It never leaves a copy of itself behind, and all lines but the summary's are few.
    assert not any(len(re.findall(r"^small  \w+ \d+/", s, re.MULTILINE)) > 1 for s in seen.screens)
    begin = "\n".join(seen.lines).index("small: ")
    said = "\n".join(seen.lines)[:begin]
    if logger:  # what Snakemake says before the Snakefile is read is not silenced
        said = said.partition("Building DAG")[2]
    assert len(said.splitlines()) <= 6
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


@pytest.mark.parametrize(
    "words",
    ["--verbose", "--printshellcmds", "--quiet host", "--logger spikesweep --quiet host"],
)
def test_snakemakes_own_words(project, words):
    plan = "results/made/small"
    done = project.snakemake("small", "--until", "plan", *words.split())
    assert re.search(r"Finished jobid: \d+ \(Rule: plan\)", done.stderr)
    assert os.listdir(project.root / plan)


@pytest.mark.workflow
def test_the_logger_leaves_other_workflows_as_they_are(tmp_path):
    """It is there for all that run in an environment; theirs is told as Snakemake tells it."""
    (tmp_path / "Snakefile").write_text("rule a:\n    output: 'a'\n    shell: 'touch {output}'\n")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--nocolor", "--forceall"]
    told = []
    for logger in ([], ["--logger", "spikesweep"]):
        done = subprocess.run(
            [*command, *logger],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0
        said = done.stderr.replace(" --logger spikesweep", "")  # the command is told as well
        told.append(re.sub(r"[0-9a-f]+(-[0-9a-f]+)+|[\d:.]{5,}|[A-Z][a-z]{2} +\d+", "", said))
    assert "Finished jobid: 0 (Rule: a)" in told[0]
    assert told[1] == told[0]
