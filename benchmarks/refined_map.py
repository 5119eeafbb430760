"""A map of 129 x 129 points, whole and refined at its borders: both numbers, and what is wrong.

    python benchmarks/refined_map.py [FOLDER]

Makes a project in FOLDER, or in a temporary one, and runs both sweeps there, through Snakemake. A
point is wrong where the refined map, inferred or simulated, says another class than the full one,
or none. Ends with an error where one is, or where fewer than six times fewer were simulated.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from spikesweep.document.axes.refining import inferred
from spikesweep.tables.by_simulation import class_of_each

TO, FIRST = 128, 8
LEAST = 6  # times fewer
MODEL = """\
title: Firing of a Hodgkin-Huxley soma
model:
  cells:
    cell:
      sections: {soma: {L: 20 um, diam: 20 um}}
      biophysics:
        - {in: all, Ra: 100 ohm*cm, cm: 1 uF/cm2, insert: {hh: {}}}
protocol:
  celsius: 6.3 degC
  v_init: -65 mV
  dt: 0.025 ms
  tstop: 200 ms
  processes:
    step: {type: IClamp, at: cell.soma(0.5), delay: 10 ms, dur: 190 ms, amp: 0.3 nA}
record:
  spikes: {soma: {at: cell.soma(0.5), threshold: 0 mV}}
statistics: {window: step}
explorer: {off: true}
figures: [{kind: firing_map, x: amp, y: gkbar}]
axes:
  amp: {values: {linspace: [0 nA, 2 nA, 129]}, unit: nA, sets: step.amp}
  gkbar: {values: {linspace: [5 mS/cm2, 100 mS/cm2, 129]}, unit: mS/cm2, sets: cell.all.hh.gkbar}
"""
REFINED = f"design: {{refine: {{by: class, axes: [amp, gkbar], to: {TO}, first: {FIRST}}}}}\n"
WINDOW = (10.0, 200.0)


def main(project: Path) -> None:
    """Run both sweeps, the refined one first, as nothing in the store would help it; compare."""
    spikesweep = [sys.executable, "-m", "spikesweep"]
    subprocess.run([*spikesweep, "init", project], check=True, stdout=subprocess.DEVNULL)
    taken = {}
    for name, text in {"refined": MODEL + REFINED, "full": MODEL}.items():
        (project / f"config/sweeps/{name}.yaml").write_text(text, encoding="utf-8")
        taken[name] = run([sys.executable, "-m", "snakemake", "--cores", "2", name], project)
    full, known = (classes(project / "results" / name) for name in ("full", "refined"))
    found = known | inferred(known, FIRST, TO, 2)
    wrong = sum(found.get(point) != value for point, value in full.items())
    fewer = len(full) / len(known)
    print(
        f"{len(known):,} of {len(full):,} points simulated ({fewer:.2f} times fewer), {wrong} wrong"
    )
    for name, (wall, processor) in taken.items():
        print(f"{name:8} {wall:5.0f} s, {processor:5.0f} s of processor time")
    if wrong or fewer < LEAST:
        sys.exit(f"expected no point wrong, and {LEAST} times fewer at least")


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command; return its wall and processor time (s), with all that it starts."""
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])  # of children that have ended
    return time.perf_counter() - start, used


def classes(results: Path) -> dict[tuple[int, int], str]:
    """Return the class of firing of each simulation, by its place on the lattice."""
    found = class_of_each(results / "dataset.nc", results / "simulations.csv", None, WINDOW)
    with (results / "simulations.csv").open(newline="", encoding="utf-8") as file:
        rows = [(float(row["amp"]), float(row["gkbar"])) for row in csv.DictReader(file)]
    places = [(round(amp / 2 * TO), round((gkbar - 5) / 95 * TO)) for amp, gkbar in rows]
    return dict(zip(places, found, strict=True))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "project")
