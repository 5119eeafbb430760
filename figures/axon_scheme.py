"""Panels of the figure set `axon_and_synapses` that no built-in kind draws."""

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch

INK, CURRENT, CHANNEL = "0.15", "#d55e00", "#0173b2"


def scheme(fig, results):
    """Draw the experiment: a soma with its channels, a step of current, a recording."""
    axes = fig.subplots()
    axes.set(xlim=(-3.4, 3.4), ylim=(-1.9, 1.9), aspect="equal")
    axes.set_axis_off()
    axes.add_patch(Circle((0, 0), 1, facecolor="0.93", edgecolor=INK, linewidth=0.9))
    for angle in np.radians([-50, -90, -130]):
        axes.plot(np.cos(angle), np.sin(angle), "s", color=CHANNEL, markersize=4.5)
    axes.text(0, -1.55, "K$^+$ channels", color=CHANNEL, ha="center", va="center")
    arrow = {"arrowstyle": "-|>", "mutation_scale": 7, "linewidth": 0.9}
    axes.add_patch(FancyArrowPatch((-1.9, 0.9), (-0.75, 0.4), color=CURRENT, **arrow))
    axes.plot([-3.3, -3.0, -3.0, -2.2, -2.2, -1.9], [0.9, 0.9, 1.5, 1.5, 0.9, 0.9], color=CURRENT)
    axes.text(-2.6, 0.55, "step", color=CURRENT, ha="center", va="center")
    axes.add_patch(FancyArrowPatch((0.75, 0.4), (1.9, 0.9), color=INK, **arrow))
    time = np.linspace(0, 1, 400)
    spikes = sum(np.exp(-(((time - at) / 0.025) ** 2)) for at in (0.25, 0.5, 0.75))
    axes.plot(2.0 + 1.3 * time, 0.75 + 0.8 * spikes, color=INK, linewidth=0.8)
    axes.text(2.65, 0.45, "V$_m$", color=INK, ha="center", va="center")


def change(fig, results, axis):
    """Draw how much faster the cell fires at the last value of an axis than at the first."""
    rate = results.statistics["rate"].unstack(axis)
    ratio = rate.iloc[:, -1] / rate.iloc[:, 0]
    axes = fig.subplots()
    axes.axhline(1, color="0.7", linewidth=0.6)
    axes.plot(ratio.index, ratio, "o-", color=CHANNEL)
    shown = results.axes[ratio.index.name]
    label = shown["long_name"] + (f" ({shown['unit']})" if shown["unit"] else "")
    axes.set_xlabel(label.replace("mS/cm2", "mS/cm²"))
    first, last = results.axes[axis]["values"][0], results.axes[axis]["values"][-1]
    axes.set_ylabel(f"rate at {last:g} °C / {first:g} °C")
    axes.set_ylim(bottom=0)
