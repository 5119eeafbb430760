"""Tables and the plot of what was measured."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import Measured

Results = Mapping[str, Mapping[int, Measured]]
OURS = "spikesweep"
TOOLS = {
    OURS: "spikesweep, whole workflow",
    "packed": "packed by hand (the floor)",
    "pool_psolve": "pool, psolve",
    "pool_continuerun": "pool, continuerun (tutorials)",
    "paramspace": "Paramspace, script: jobs",
}


def of(results: Results, what: str, n: int) -> tuple[Measured, bool] | None:
    """Return what was measured of n simulations, and whether it is extrapolated from fewer."""
    known = results.get(what, {})
    if n in known:
        return known[n], False
    fewer = [size for size in known if size < n]
    if what not in TOOLS or what == OURS or not fewer:
        return None
    measured, factor = known[max(fewer)], n / max(fewer)
    return replace(measured, wall=measured.wall * factor, cpu=measured.cpu * factor), True


@dataclass(frozen=True)
class Target:
    """A ratio and the bound that it is to keep: `sign` >= or <=."""

    title: str
    sign: str
    bounds: Mapping[int, float]
    ratio: Callable[[Results, int, str], float | None]

    def keeps(self, value: float, n: int) -> bool:
        return value >= self.bounds[n] if self.sign == ">=" else value <= self.bounds[n]


def _times_faster(what: str) -> Callable[[Results, int, str], float | None]:
    def ratio(results: Results, n: int, unit: str) -> float | None:
        theirs, ours = of(results, what, n), of(results, OURS, n)
        return getattr(theirs[0], unit) / getattr(ours[0], unit) if theirs and ours else None

    return ratio


def _over(what: str, below: str) -> Callable[[Results, int, str], float | None]:
    def ratio(results: Results, n: int, unit: str) -> float | None:
        a, b = of(results, what, n), of(results, below, n)
        return getattr(a[0], unit) / getattr(b[0], unit) if a and b else None

    return ratio


def _extension(results: Results, n: int, unit: str) -> float | None:
    """Return what an extension takes beyond a no-op, as a part of the first run."""
    runs = [of(results, what, n) for what in ("extended", "no-op re-run", OURS)]
    if not all(runs):
        return None
    extended, noop, first = (getattr(run[0], unit) for run in runs)
    return (extended - noop) / first


def _seconds(what: str) -> Callable[[Results, int, str], float | None]:
    def seconds(results: Results, n: int, unit: str) -> float | None:
        known = of(results, what, n)
        return getattr(known[0], unit) if known else None

    return seconds


def _beyond_its_simulations(results: Results, n: int, unit: str) -> float | None:
    """Return what one dose more takes, less what the script takes for three simulations of 24."""
    runs = [of(results, what, n) for what in (f"{OURS}, a value more", "its simulations")]
    if not all(runs):
        return None
    more, simulations = (getattr(run[0], unit) for run in runs)
    return more - simulations * 3 / n


def _memory(results: Results, n: int, unit: str) -> float | None:
    """Return the peak memory of the largest process, over that of 1,000 simulations."""
    large, small = of(results, OURS, n), of(results, OURS, 1000)
    return large[0].memory / small[0].memory if large and small else None


def _statistics(results: Results, n: int, unit: str) -> float | None:
    theirs, ours = of(results, "elephant", n), of(results, "stage statistics", n)
    return getattr(theirs[0], unit) / getattr(ours[0], unit) if theirs and ours else None


K10, K100 = 10_000, 100_000
TARGETS = (
    Target("tutorials' pool / ours", ">=", {K10: 10, K100: 15}, _times_faster("pool_continuerun")),
    Target("psolve pool / ours", ">=", {1000: 1.67, K10: 2, K100: 3},
           _times_faster("pool_psolve")),
    Target("ours / packed by hand", "<=", {1000: 2.2, K10: 1.5, K100: 1.2}, _over(OURS, "packed")),
    Target("Paramspace / ours", ">=", {K10: 500}, _times_faster("paramspace")),
    Target("no-op / empty", "<=", {K10: 1.5, K100: 3}, _over("no-op re-run", "empty workflow")),
    Target("(+1% - no-op) / first run", "<=", {K10: 0.3}, _extension),
    Target("peak memory / that of 1,000", "<=", {K10: 1.2, K100: 1.5}, _memory),
    Target("Elephant's loop / statistics", ">=", {K10: 20}, _statistics),
    Target("default sweep: ours / a script", "<=", {24: 1.2},
           _over(f"{OURS}, default sweep", "script, default sweep")),
    Target("small cells, 2 figures: ours / a script", "<=", {24: 1.5},
           _over(f"{OURS}, 24 small", "script, 24 small")),
    Target("a figure's option changed (s)", "<=", {24: 2}, _seconds(f"{OURS}, a figure's option")),
    Target("a value more, beyond its simulations (s)", "<=", {24: 4}, _beyond_its_simulations),
    Target("features by eFEL (s)", "<=", {454: 15}, _seconds(f"{OURS}, eFEL")),
    *(
        Target(f"{name} cell: ours / psolve pool", "<=", {64: bound},
               _over(f"{OURS}, {name}", f"pool_psolve, {name}"))
        for name, bound in (("pyramidal", 1.1), ("fine", 1.05))
    ),
)  # fmt: skip


def tables(results: Results, machine: str) -> str:
    """Return what was measured as Markdown: targets, times of the tools, everything else."""
    lines = [
        machine,
        "",
        "| ratio, or seconds | simulations | target | by time | by processor time | |",
    ]
    lines += ["| --- | ---: | ---: | ---: | ---: | --- |", *_target_lines(results)]
    sizes = sorted(results[OURS])
    lines += ["", "Milliseconds a simulation (processor time of all processes); * extrapolated", ""]
    lines += [f"| tool | {' | '.join(f'{n:,}' for n in sizes)} |"]
    lines += ["| --- |" + " ---: |" * len(sizes)]
    for tool, title in TOOLS.items():
        cells = [_per_simulation(of(results, tool, n), n) for n in sizes]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines += ["", "| what | simulations | s | s of processor | peak MB |"]
    lines += ["| --- | ---: | ---: | ---: | ---: |"]
    for what, by_size in results.items():
        for n, m in by_size.items():
            lines.append(f"| {what} | {n:,} | {m.wall:.2f} | {m.cpu:.2f} | {m.memory / 1e6:.0f} |")
    return "\n".join(lines) + "\n"


def _target_lines(results: Results) -> Iterator[str]:
    for target in TARGETS:
        for n, bound in target.bounds.items():
            wall, cpu = (target.ratio(results, n, unit) for unit in ("wall", "cpu"))
            if wall is not None:
                verdict = "reached" if target.keeps(wall, n) else "missed"
                yield (
                    f"| {target.title} | {n:,} | {target.sign} {bound:g} | {wall:.2f} | {cpu:.2f} "
                    f"| {verdict} |"
                )


def _per_simulation(known: tuple[Measured, bool] | None, n: int) -> str:
    if known is None:
        return ""
    measured, extrapolated = known
    mark = "*" if extrapolated else ""
    return f"{measured.wall / n * 1e3:.2f}{mark} ({measured.cpu / n * 1e3:.2f})"


def plot(results: Results, path: Path) -> None:
    """Draw the time of every tool against the number of simulations; extrapolated ones hollow."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for color, (tool, title) in zip(
        plt.cm.viridis((0, 0.25, 0.5, 0.7, 0.9)), TOOLS.items(), strict=True
    ):
        sizes = [
            n for n in sorted({*results[OURS], *results.get(tool, {})}) if of(results, tool, n)
        ]
        if not sizes:
            continue
        known = [of(results, tool, n) for n in sizes]
        axes.plot(sizes, [m.wall for m, _ in known], color=color, label=title)
        for n, (measured, extrapolated) in zip(sizes, known, strict=True):
            face = "none" if extrapolated else color
            axes.plot(n, measured.wall, "o", color=color, markerfacecolor=face)
    axes.set(xscale="log", yscale="log", xlabel="Simulations", ylabel="Time (s), 2 cores")
    axes.legend(frameon=False, fontsize="small", title="hollow: extrapolated")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
