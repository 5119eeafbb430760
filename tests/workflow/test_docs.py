"""The pages of the documentation do what they say: commands are run, their output compared."""

import doctest
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import provenance
from project import ROOT, Project

FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Step(NamedTuple):
    """A command of a page, and what it says there: `...` stands for anything."""

    command: str
    said: str


def steps(page: Path) -> list[Step]:
    """Return the commands of a page, each behind `$ `, with the lines that follow it."""
    blocks = "".join(BLOCK.findall(page.read_text()))
    commands = re.split(r"^\$ ", blocks, flags=re.MULTILINE)[1:]
    return [Step(*one.split("\n", 1)) for one in commands]


def run(steps: list[Step], folder: Path) -> list[str]:
    """Run commands in one shell; return what each says, with its exit code where it is not 0."""
    mark = "=== next ==="
    told = f'code=$?; [ $code = 0 ] || echo "[exit code $code]"; echo "{mark}"'
    script = "\n".join(f"{step.command}\n{told}" for step in steps)
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"], cwd=folder, capture_output=True, text=True
    )
    return done.stdout.split(f"{mark}\n")[:-1]


def installed(project: Project) -> None:
    """Let a project have what `make` gives it: the commands in .venv/bin."""
    commands = project.root / ".venv/bin"
    commands.mkdir(parents=True)
    for name, words in (("snakemake", "-m snakemake"), ("spikesweep", "-P -m spikesweep")):
        path = f"PYTHONPATH={project.root / 'workflow'}"
        (commands / name).write_text(f'#!/bin/sh\n{path} exec {sys.executable} {words} "$@"\n')
        (commands / name).chmod(0o755)


def test_from_figure_to_proof(project, tmp_path):
    """All but the installation that `make` begins with in the bundle, which .ci/run does."""
    provenance.of_the_pages(project)
    installed(project)

    page = steps(ROOT / "docs/from_figure_to_proof.md")
    here = [step.command.replace("/tmp/unzipped", str(tmp_path / "unzipped")) for step in page]
    snakemake = f"PYTHONPATH=workflow {sys.executable} -m snakemake --cores 2 2>&1"
    here = [re.sub(r"^make$", snakemake, command) for command in here]
    holds(page, run([Step(command, "") for command in here], project.root))


def holds(page: list[Step], said: list[str]) -> None:
    """Assert that commands said what a page says."""
    assert len(said) == len(page)
    checker = doctest.OutputChecker()
    for step, output in zip(page, said, strict=True):
        assert checker.check_output(step.said, output, SAME), f"$ {step.command}\n{output}"


def test_the_tutorial(project):
    """As a reader follows it in a clone: files written, commands run, one after the other. The
    numbers of spikes are those of NEURON 9.0.2 in a plain script with the files of the page."""
    provenance.of_the_pages(project)
    installed(project)
    text = (ROOT / "docs/tutorial.md").read_text()
    files = dict(FILE.findall(text))
    assert len(files) == 3
    for name, content in files.items():
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).write_text(content)
    page = steps(ROOT / "docs/tutorial.md")
    holds(page, run(page, project.root))


def test_the_figure_of_a_network(project):
    """The figures that the page on networks shows and adds to the example are drawn."""
    text = (ROOT / "docs/networks.md").read_text()
    built_in, figure = re.findall(r"^```yaml\nfigures:\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    sweep = (ROOT / "config/examples/random_network.yaml").read_text()
    assert built_in in sweep
    (of_set,) = re.findall(r"^```yaml\n(title:.*?)^```", text, re.MULTILINE | re.DOTALL)
    (project.root / "config/figure_sets").mkdir(exist_ok=True)
    of_sweep = of_set.replace("random_network", "network")
    (project.root / "config/figure_sets/network_figures.yaml").write_text(of_sweep)
    project.write_sweep("network", sweep + figure)
    ((name, code),) = FILE.findall(text)
    (project.root / name).parent.mkdir(exist_ok=True)
    (project.root / name).write_text(code)
    project.snakemake("network", "network_figures")
    for drawn in (
        "network/figures/current/raster_and_rates",
        "figure_sets/network_figures/current/fig1",
    ):
        assert (project.root / f"results/{drawn}.svg").stat().st_size > 0
