"""24 small cells as a script that one would write for them: a pool, rates, two figures.

Arguments: points (gkbar, celsius), output. Beside the output it writes statistics.csv and each
figure as PDF, PNG and SVG.
"""

import sys
from multiprocessing import Pool
from pathlib import Path

from hh import PROCESSES, TSTOP, points, save
from pool_psolve import simulate


def draw(statistics, folder: Path):
    """Draw a map of rates, and rates over conductance."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import seaborn as sns

    def keep(figure, name):
        for suffix in ("pdf", "png", "svg"):
            figure.savefig(folder / f"{name}.{suffix}", dpi=300)
        plt.close(figure)

    figure, axes = plt.subplots(figsize=(3.5, 2), layout="constrained")
    sns.heatmap(statistics.pivot(index="celsius", columns="gkbar", values="rate"), ax=axes)
    keep(figure, "heatmap")

    figure, axes = plt.subplots(figsize=(3.5, 2.4), layout="constrained")
    sns.lineplot(statistics, x="gkbar", y="rate", hue="celsius", marker="o", ax=axes)
    axes.set(xlabel="gkbar (S/cm2)", ylabel="Rate (Hz)")
    keep(figure, "curve")


if __name__ == "__main__":
    with Pool(PROCESSES) as pool:
        results = pool.map(simulate, points())
    save(results)
    import pandas as pd

    rows = [
        (gkbar, celsius, 1e3 * len(spikes) / TSTOP)
        for (gkbar, celsius), (_, spikes) in zip(points(), results, strict=True)
    ]
    statistics = pd.DataFrame(rows, columns=["gkbar", "celsius", "rate"])
    folder = Path(sys.argv[2]).parent
    statistics.to_csv(folder / "statistics.csv")
    draw(statistics, folder)
