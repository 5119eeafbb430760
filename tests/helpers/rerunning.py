"""For the tests of what runs again: a small sweep of every stage, and what a run of it ran."""

import csv
import os
import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pikepdf
from PIL import Image

from project import ROOT, Project

SWEEP = """\
title: Two doses of a blocker
model:
  mechanisms: own
  cells:
    cell:
      morphology: morphologies/cylinder.swc
      biophysics:
        - {in: soma, insert: {hh: {gkbar: 0.036}, leak: {g: 1e-5}}}
protocol:
  tstop: 30 ms
  processes:
    step: {type: IClamp, at: cell.soma(0.5), delay: 2 ms, dur: 26 ms, amp: 0.3 nA}
record:
  traces: {v: {of: cell.soma(0.5).v}}
  spikes: {soma: {at: cell.soma(0.5)}}
axes:
  dose: {values: [1, 10], unit: uM, drug: {scales: cell.soma.hh.gkbar, ic50: 30 uM}}
  celsius: {values: [6.3, 10], sets: protocol.celsius}
statistics: {window: [2 ms, 28 ms]}
figures:
  - {kind: heatmap, of: rate, x: dose, y: celsius, name: rates}
  - {kind: raster, by: dose, at: {celsius: 10}, name: spikes}
simulations_per_job: 1
"""
CYLINDER = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n"
LEAK = """\
NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i RANGE g, e, nan }}
UNITS {{ (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }}
PARAMETER {{ g = 1e-5 (S/cm2) e = -65 (mV) }}
ASSIGNED {{ v (mV) i (mA/cm2) nan }}
BREAKPOINT {{ i = g * (v - e) nan = log(-1) }}
"""
MADE = "results/made/small"
PACKAGE = "workflow/spikesweep"
SWEEP_FILE = "config/sweeps/small.yaml"
FIGURE_JOB = f"{PACKAGE}/jobs/figure.py"
# The job of a figure without what takes most of its time: what it reads is checked, and what it
# makes is described, as ever. A job's code is in no hash.
BLANK_FIGURES = """\
from spikesweep.jobs.task import begin

BLANK = {".pdf": PDF, ".png": PNG, ".svg": b'<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'}


def make(plan_path, output):
    task = begin(plan_path, output)
    for file in task.files:
        file.write_bytes(BLANK[file.suffix])
    task.describe()
"""


# What runs: the plan itself, and what names and links; all that asks what is unphysical; and so on.
LEAVES = {"plan", "stamp", "current"}
FIGURES = {"rates", "spikes"}
JUDGED = {"simulations", "statistics", "explorer", *FIGURES, *LEAVES}
AFTER_STATISTICS = {"statistics", "explorer", "rates", *LEAVES}  # the raster shows none
AFTER_SIMULATIONS = {"collect", *JUDGED}
EVERYTHING = {"mechanisms", "simulate", "structure", *AFTER_SIMULATIONS}


class Ran(NamedTuple):
    """What a run of snakemake ran, and what it said.

    what: rules, the figures by their names, and the leaves `stamp` and `current`.
    simulations: how many were simulated, by what their batches say of them.
    """

    what: set[str]
    simulations: int
    said: str


def write_small_sweep(project: Project) -> None:
    """Write the sweep `small` with its morphology and a mechanism set, half of which it uses."""
    project.write_sweep("small", SWEEP)
    project.configure("small")
    (project.root / "morphologies/cylinder.swc").write_text(CYLINDER)
    (project.root / "mod/own").mkdir()
    for name in ("leak", "unused"):
        (project.root / f"mod/own/{name}.mod").write_text(LEAK.format(name=name))


def leave_figures_blank(project: Project) -> None:
    """Have a project make its figures as ever, but for their drawing."""
    pdf, png = BytesIO(), BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(pdf)
    Image.new("1", (1, 1)).save(png, "png")
    job = BLANK_FIGURES.replace("PDF", repr(pdf.getvalue())).replace("PNG", repr(png.getvalue()))
    (project.root / FIGURE_JOB).write_text(job)


def draw_figures(project: Project) -> None:
    """Have a project draw its figures again."""
    shutil.copy(ROOT / FIGURE_JOB, project.root / FIGURE_JOB)


def run(project: Project, *arguments: str, check: bool = True) -> Ran:
    """Run snakemake and return what ran."""
    before = _states(project)
    done = project.snakemake(*arguments, check=check)
    changed = {path for path, state in _states(project).items() if before.get(path) != state}
    said = done.stdout + done.stderr
    rules = set(finished(project, said))
    what = {re.sub(r"_small$", "", rule) for rule in rules} - {"all", "default", "small", "figure"}
    what |= {path.stem.rpartition("_")[0] for path in changed if path.suffix == ".pdf"}
    batches = [path for path in changed if re.fullmatch(r"batch_\w+\.csv", path.name)]
    return Ran(what, sum(map(_simulated, batches)), said)


def finished(project: Project, said: str = "") -> list[str]:
    """Return the rules of the jobs that the last run finished, in their order, from its record.

    Args:
        said: by the run; it wrote no record where there was nothing to do.
    """
    if "Nothing to be done" in said:
        return []
    log = max((project.root / ".snakemake/log").glob("*.log"))  # named after the time
    return re.findall(r"Finished jobid: \d+ \(Rule: (\w+)\)", log.read_text())


def _states(project: Project) -> dict[Path, tuple]:
    """Return what tells a file from the one that it replaces."""
    states = {}
    for path in (project.root / "results/made").glob("*/*"):
        status = path.stat()
        states[path] = (status.st_ino, status.st_mtime_ns)
    return states


def _simulated(batch: Path) -> int:
    with batch.open(newline="") as file:
        return sum(row["source"] == "run" for row in csv.DictReader(file))


def edit(project: Project, path: str, *replacements: tuple[str, str]) -> None:
    """Replace texts in a file, each of which stands there."""
    file = project.root / path
    text = file.read_text()
    for old, new in replacements:
        assert old in text, f"{path} has no {old!r}"
        text = text.replace(old, new)
    file.write_text(text)


def append(project: Project, path: str, text: str) -> None:
    """Append a text to a file that is there."""
    with (project.root / path).open("r+") as file:
        file.seek(0, 2)
        file.write(text)


def sources(project: Project) -> list[Path]:
    """Return all files of a project but its results."""
    return [
        path
        for path in project.root.rglob("*")
        if path.is_file() and not {"results", ".snakemake", ".git"} & set(path.parts)
    ]


def install(project: Project, package: str, version: str) -> None:
    """Let a package seem to have another version: what names it is found before the real one."""
    folder = project.root / "installed" / f"{package}-{version}.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    )
    project.python_path = (str(folder.parent),)


def git(project: Project, *words: str) -> None:
    """Run git in a project."""
    identity = {
        f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    subprocess.run(
        ["git", *words],
        cwd=project.root,
        env=os.environ | identity,
        check=True,
        capture_output=True,
    )


def only(project: Project, pattern: str) -> Path:
    """Return the one product of the sweep that fits a pattern."""
    (path,) = (project.root / MADE).glob(pattern)
    return path


def same_on_cores(project: Project, products: list[Path]) -> None:
    """Assert that products have the same bytes when they are made again on 1 core and on 8."""
    found = []
    for cores in ("1", "8"):
        for product in products:
            product.unlink()
        asked = [str(product.relative_to(project.root)) for product in products]
        project.snakemake("--cores", cores, "--", *asked)
        found.append([product.read_bytes() for product in products])
    assert found[0] == found[1]


# ---- changes -------------------------------------------------------------------------------------


def nothing(project: Project) -> None:
    """Change nothing."""


def both(*changes):
    """Return a change that makes all of these, in turn."""

    def change(project):
        for one in changes:
            one(project)

    return change


def edited(path: str, *replacements: tuple[str, str]):
    """Return a change that edits a file, see `edit`."""
    return lambda project: edit(project, path, *replacements)


def appended(path: str, text: str):
    """Return a change that appends a text to a file."""
    return lambda project: append(project, path, text)


def installed(package: str, version: str):
    """Return a change of the version of a package, see `install`."""
    return lambda project: install(project, package, version)


def deleted(pattern: str):
    """Return a change that deletes the one product of the sweep that fits a pattern."""
    return lambda project: only(project, pattern).unlink()
