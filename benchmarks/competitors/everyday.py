"""The default sweep as a script that one would write for it: a pool, statistics, six figures.

Arguments: points (dose, celsius), output, SWC file, mechanism library, d_lambda. Beside the output
it writes statistics.csv and each figure as PDF, PNG and SVG, and prints the seconds that the
simulations took, by the clock and of processor time.
"""

import resource
import sys
import time
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from hh import EVERY, PROCESSES, points, save
from neuron import n
from pool_pyramidal import Pyramidal, run

FOLDER = Path(sys.argv[2]).parent
WINDOW = 100, 500  # ms
IC50 = 30  # uM


def simulate(point):
    dose, n.celsius = point
    return run(Pyramidal(amp=0.8, left=1 / (1 + dose / IC50)))


def tables(results):
    """Return rate and mean ISI of each simulation, and all its ISIs, as tables."""
    import pandas as pd

    rows, intervals = [], []
    for (dose, celsius), (_, spikes) in zip(points(), results, strict=True):
        inside = spikes[(spikes >= WINDOW[0]) & (spikes <= WINDOW[1])]
        isi = np.diff(inside)
        rate = 1e3 * len(inside) / (WINDOW[1] - WINDOW[0])
        rows.append((dose, celsius, rate, isi.mean() if isi.size else np.nan))
        intervals += [(dose, celsius, interval) for interval in isi]
    statistics = pd.DataFrame(rows, columns=["dose", "celsius", "rate", "isi_mean"])
    return statistics, pd.DataFrame(intervals, columns=["dose", "celsius", "isi"])


def draw(results, statistics, intervals):
    """Draw the six figures that config/sweeps/potassium_block.yaml asks for."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import seaborn as sns

    def keep(figure, name):
        for suffix in ("pdf", "png", "svg"):
            figure.savefig(FOLDER / f"{name}.{suffix}", dpi=300)
        plt.close(figure)

    doses, temperatures = sorted(set(statistics.dose)), sorted(set(statistics.celsius))
    at = dict(zip(points(), results, strict=True))

    figure, axes = plt.subplots(figsize=(3.5, 2), layout="constrained")
    sns.heatmap(statistics.pivot(index="celsius", columns="dose", values="rate"), ax=axes)
    keep(figure, "heatmap")

    figure, axes = plt.subplots(figsize=(3.5, 2.4), layout="constrained")
    sns.lineplot(statistics, x="dose", y="rate", hue="celsius", marker="o", ax=axes)
    axes.set(xscale="log", xlabel="Dose (uM)", ylabel="Rate (Hz)")
    keep(figure, "dose_response")

    shape = len(temperatures), len(doses)
    figure, grid = plt.subplots(*shape, figsize=(7.2, 3.4), sharex=True, sharey=True)
    for row, celsius in zip(grid, temperatures, strict=True):
        for axes, dose in zip(row, doses, strict=True):
            trace, _ = at[dose, celsius]
            axes.plot(np.arange(len(trace)) * EVERY, trace, lw=0.7)
    keep(figure, "traces")

    figure, axes = plt.subplots(figsize=(3.5, 1.6), layout="constrained")
    axes.eventplot([at[dose, temperatures[-1]][1] for dose in doses])
    axes.set(xlabel="Time (ms)", ylabel="Dose")
    keep(figure, "raster")

    figure, axes = plt.subplots(figsize=(3.5, 2.4), layout="constrained")
    sns.histplot(
        intervals, x="isi", hue="celsius", element="step", stat="probability",
        common_norm=False, ax=axes,
    )  # fmt: skip
    keep(figure, "isi")

    figure, axes = plt.subplots(figsize=(3.5, 5.2), layout="constrained")
    for section in Pyramidal(0.8).all:
        xy = [(section.x3d(i), section.y3d(i)) for i in range(section.n3d())]
        share = section(0.5).ih.gbar / 5e-4 if section.has_membrane("ih") else 0
        axes.plot(*zip(*xy, strict=True), lw=1, color=plt.cm.viridis(min(1, share)))
    axes.set_aspect("equal")
    keep(figure, "morphology")


if __name__ == "__main__":
    start = time.perf_counter()
    with Pool(PROCESSES) as pool:
        results = pool.map(simulate, points(), chunksize=1)
        pool.close()
        pool.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(time.perf_counter() - start, used.ru_utime + used.ru_stime)
    save(results)
    statistics, intervals = tables(results)
    statistics.to_csv(FOLDER / "statistics.csv")
    draw(results, statistics, intervals)
