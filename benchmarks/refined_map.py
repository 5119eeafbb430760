"""A map of 129 x 129 points, whole and refined at its borders: both numbers, and what is wrong.

    python benchmarks/refined_map.py FOLDER

FOLDER is a new project (`spikesweep init FOLDER`). Both sweeps are run there, through Snakemake. A
point is wrong where the refined map, inferred or simulated, says another class than the full one.
"""

import csv
import subprocess
import sys
import time
from pathlib import Path

from spikesweep.document.axes.refining import inferred
from spikesweep.tables.by_simulation import class_of_each

TO, FIRST = 128, 8
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
    seconds = {}
    for name, text in {"refined": MODEL + REFINED, "full": MODEL}.items():
        (project / f"config/sweeps/{name}.yaml").write_text(text, encoding="utf-8")
        start = time.perf_counter()
        subprocess.run(["snakemake", "--cores", "all", name], cwd=project, check=True)
        seconds[name] = time.perf_counter() - start
    full, known = (classes(project / "results" / name) for name in ("full", "refined"))
    found = known | inferred(known, FIRST, TO, 2)
    wrong = sum(found.get(point) != value for point, value in full.items())
    times = len(full) / len(known)
    print(
        f"{len(known):,} of {len(full):,} points simulated ({times:.1f} times fewer), {wrong} wrong"
    )
    print(", ".join(f"{name} {taken:.0f} s" for name, taken in seconds.items()))


def classes(results: Path) -> dict[tuple[int, int], str]:
    """Return the class of firing of each simulation, by its place on the lattice."""
    found = class_of_each(results / "dataset.nc", results / "simulations.csv", None, WINDOW)
    with (results / "simulations.csv").open(newline="", encoding="utf-8") as file:
        rows = [(float(row["amp"]), float(row["gkbar"])) for row in csv.DictReader(file)]
    places = [(round(amp / 2 * TO), round((gkbar - 5) / 95 * TO)) for amp, gkbar in rows]
    return dict(zip(places, found, strict=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
