"""Runs ours and the four competitors on the same work, and prints what came out as tables.

    python benchmarks/run.py --sizes 10 100 1000 10000

See README.md. Nothing of the project's own results is touched: all runs in a temporary folder.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import work
from measuring import Measured, machine, measure
from reporting import plot, tables

HERE = Path(__file__).resolve().parent
OURS = "spikesweep"
POOLS = ("pool_continuerun", "pool_psolve", "packed")
POINTS_OF_PARAMSPACE = 64
LARGE = ([0.3 + 0.1 * i for i in range(8)], [26.0 + i for i in range(8)])  # amp (nA), celsius


class DifferentResults(Exception):
    """A competitor's results are not ours, bit by bit, so that times compare nothing."""


class Bench:
    """One run of the benchmark; `measured` grows: what -> of how many simulations -> Measured.

    Args:
        python: that runs ours and the others, with the packages that users have.
    """

    def __init__(self, folder: Path, python: str = sys.executable, say=print):
        self.folder = folder
        self.python = python
        self.project = work.make_project(folder / "project")
        self.measured: dict[str, dict[int, Measured]] = {}
        self._say = say

    def note(self, what: str, n: int, measured: Measured) -> Measured:
        """Keep what was measured, and say so."""
        self.measured.setdefault(what, {})[n] = measured
        self._say(
            f"{what:>24} {n:>7}: {measured.wall:8.2f} s, {measured.cpu:8.2f} s of processor, "
            f"{measured.memory / 1e6:5.0f} MB"
        )
        return measured

    def snakemake(self, *arguments: str) -> Measured:
        """Run snakemake in the project."""
        command = [self.python, "-m", "snakemake", "--cores", "2", *arguments]
        return measure(command, self.project)

    def spikesweep(self, *arguments: str | Path) -> Measured:
        """Run a verb of the project's own package, as the rules do."""
        command = [self.python, "-P", "-m", "spikesweep", *arguments]
        return measure(command, self.project, {"PYTHONPATH": str(self.project / "workflow")})

    def dataset(self, sweep: str) -> Path:
        """Return the dataset of a sweep that ran."""
        return self.project / "results" / sweep / "dataset.nc"

    # ---- the small cell ------------------------------------------------------------------------

    def ours(self, n: int) -> None:
        """Run a sweep of the small cell from nothing."""
        work.write_sweep(self.project, f"hh_{n}", work.hh_sweep(n))
        self.note(OURS, n, self.snakemake(f"hh_{n}"))

    def competitor(self, name: str, n: int) -> Path:
        """Run a competitor on the same n simulations; return its results."""
        points, output = self.folder / f"points_{n}.txt", self.folder / f"{name}_{n}.npz"
        work.write_points(points, *work.grid(n))
        self.note(name, n, self.script(f"{name}.py", points, output))
        return output

    def paramspace(self, n: int, of: int) -> Path:
        """Run the first n of the simulations of a sweep by Snakemake's own idiom."""
        folder = self.folder / "paramspace"
        folder.mkdir()
        for source in (HERE / "competitors/paramspace").iterdir():
            (folder / source.name).write_text(source.read_text())
        celsius, gkbar = work.grid(of)
        points = [(b, a) for a in celsius for b in gkbar][:n]
        rows = [f"{number},{b},{a}\n" for number, (b, a) in enumerate(points)]
        (folder / "points.csv").write_text("number,gkbar,celsius\n" + "".join(rows))
        command = [self.python, "-m", "snakemake", "--cores", "2", "--quiet", "all"]
        self.note("paramspace", n, measure(command, folder))
        return folder / "dataset.nc"

    def check(self, results: Path, sweep: str, trace: str = "v") -> None:
        """Compare a competitor's results with ours, bit by bit.

        Raises:
            DifferentResults: naming what differs.
        """
        if different := work.differences(self.dataset(sweep), results, trace):
            raise DifferentResults(f"{results.name} and {sweep} differ: {', '.join(different)}")
        results.unlink()

    def small(self, n: int, competitors: tuple[str, ...]) -> None:
        """Run ours and some competitors on n simulations, and compare."""
        self.ours(n)
        for name in competitors:
            self.check(self.competitor(name, n), f"hh_{n}")

    # ---- what follows a first run --------------------------------------------------------------

    def again(self, n: int) -> None:
        """Run a finished sweep again; and beside it, an empty workflow."""
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        (empty / "Snakefile").write_text("rule all:\n    input: []\n")
        command = [self.python, "-m", "snakemake", "--cores", "1"]
        self.note("empty workflow", n, measure(command, empty))
        self.note("no-op re-run", n, self.snakemake(f"hh_{n}"))

    def extend(self, n: int) -> None:
        """Add a temperature to a finished sweep."""
        work.write_sweep(self.project, f"hh_{n}", work.hh_sweep(n, more=1))
        self.note("extended", n, self.snakemake(f"hh_{n}", "--config", "allow_large=true"))

    def stages(self, n: int) -> None:
        """Make each stage's product once more by hand."""
        made = self.project / "results/made" / f"hh_{n}"
        plan = next(made.glob("plan_*.json"))
        named = json.loads(plan.read_text())
        self.note("stage plan", n, self.spikesweep("make", "plan", f"hh_{n}", plan))
        store, aside = self.project / "results/store", self.project / "results/aside"
        store.rename(aside)
        batch = made / named["batches"][0]
        self.note("stage simulate", n, self.spikesweep("make", "batch", plan, batch))
        for path in store.iterdir():
            path.unlink()
        store.rmdir()
        aside.rename(store)
        for stage in ("dataset", "statistics"):
            product = next(name for name in named["products"] if name.startswith(f"{stage}_"))
            done = self.spikesweep("make", stage, plan, made / product)
            self.note(f"stage {stage}", n, done)

    def elephant(self, n: int) -> None:
        """Statistics of the trains of a sweep by a loop over Elephant."""
        import h5py
        import numpy as np

        trains, output = self.folder / "trains.npz", self.folder / "elephant.npz"
        with h5py.File(self.dataset(f"hh_{n}")) as file:
            counts = file["n_spikes_soma"][...].ravel()
            np.savez(trains, spikes=file["spike_times_soma"][...], counts=counts)
        command = [sys.executable, HERE / "competitors/elephant_loop.py", trains, output]
        done = measure(command, self.folder)  # which users need not have
        wall, cpu = map(float, done.output.split()[-2:])
        self.note("elephant", n, Measured(wall, cpu, done.memory))
        self._check_statistics(output, f"hh_{n}")

    def _check_statistics(self, theirs: Path, sweep: str) -> None:
        import numpy as np
        import pandas as pd

        ours = pd.read_csv(self.project / "results" / sweep / "statistics.csv")
        with np.load(theirs) as expected:
            for name, values in expected.items():
                known = ~np.isnan(values)
                if not np.allclose(ours[name].to_numpy()[known], values[known], rtol=1e-9):
                    raise DifferentResults(f"Elephant and {sweep} differ: {name}")

    def reading(self, n: int) -> None:
        """Open a dataset with xarray, and read one simulation's trace."""
        script = (
            "import sys, xarray; ds = xarray.open_dataset(sys.argv[1]);"
            "print(ds.v.isel(celsius=-1, gkbar=-1).max().item())"
        )
        self.note("import xarray", n, measure([self.python, "-c", "import xarray"], self.folder))
        done = measure([self.python, "-c", script, self.dataset(f"hh_{n}")], self.folder)
        self.note("read one trace", n, done)

    # ---- the large cell ------------------------------------------------------------------------

    def large(self, name: str, d_lambda: float, amps: list[float], celsius: list[float]) -> None:
        """Run the large cell, its mechanisms already compiled, and the psolve pool beside."""
        n = len(amps) * len(celsius)
        work.write_sweep(self.project, "warm", work.pyramidal_sweep(d_lambda, [0.2], [26]))
        self.snakemake("warm")
        work.write_sweep(self.project, name, work.pyramidal_sweep(d_lambda, amps, celsius))
        self.note(f"{OURS}, {name}", n, self.snakemake(name))
        points, output = self.folder / "large.txt", self.folder / f"{name}.npz"
        work.write_points(points, celsius, amps)
        done = self.script("pool_pyramidal.py", points, output, *self._anatomy(), str(d_lambda))
        self.note(f"pool_psolve, {name}", n, done)
        self.check(output, name, trace="v_soma")

    # ---- every day -----------------------------------------------------------------------------

    def everyday(self) -> None:
        """Run the default sweep, mechanisms compiled, and a script beside; then change it."""
        work.write_sweep(self.project, "warm", work.pyramidal_sweep(0.1, [0.2], [26]))
        self.snakemake("warm")
        sweep = work.default_sweep()
        doses, celsius = (sweep["axes"][name]["values"] for name in ("dose", "celsius"))
        self._sweep("default sweep", "everyday", sweep, 24)
        points, output = self.folder / "everyday.txt", self.folder / "everyday.npz"
        points.write_text("".join(f"{d!r} {c!r}\n" for d in doses for c in celsius))
        done = self.script("everyday.py", points, output, *self._anatomy(), "0.1")
        self.note("script, default sweep", 24, done)
        wall, cpu = map(float, done.output.split()[-2:])
        self.note("its simulations", 24, Measured(wall, cpu, done.memory))
        self.check(output, "everyday", trace="v_soma")

        sweep["figures"][0]["cmap"] = "magma"
        self._sweep("a figure's option", "everyday", sweep, 24)
        doses.append(10_000)
        self._sweep("a value more", "everyday", sweep, 24)

    def everyday_small(self) -> None:
        """Run 24 small cells with two figures, and a script beside."""
        self._sweep("24 small", "small", work.hh_sweep(24) | {"figures": work.FIGURES}, 24)
        points, output = self.folder / "points_small.txt", self.folder / "small.npz"
        work.write_points(points, *work.grid(24))
        self.note("script, 24 small", 24, self.script("everyday_small.py", points, output))
        self.check(output, "small")

    def features(self) -> None:
        """Run 454 small cells, each measured by eFEL."""
        self._sweep("eFEL", "features", work.with_features(work.hh_sweep(454)), 454)

    def _sweep(self, what: str, name: str, sweep: dict, n: int) -> None:
        work.write_sweep(self.project, name, sweep)
        self.note(f"{OURS}, {what}", n, self.snakemake(name))

    def script(self, name: str, *arguments: str | Path) -> Measured:
        """Run one of the scripts that ours is compared with."""
        return measure([self.python, HERE / "competitors" / name, *arguments], self.folder)

    def _anatomy(self) -> tuple[Path, Path]:
        """Return the morphology and the compiled mechanisms of the pyramidal cell."""
        library = next(self.project.glob("results/made/mechanisms/*/libnrnmech.*"))
        return self.project / "morphologies/pyramidal.swc", library


def run(
    bench: Bench,
    sizes: list[int],
    pools_up_to: int,
    *,
    large: bool,
    paramspace: bool,
    everyday: bool,
) -> None:
    """Measure all; the smaller sizes first."""
    for n in sizes:
        slow = n > pools_up_to
        bench.small(n, POOLS[2:] if slow else POOLS)
        if n >= 1000:
            bench.stages(n)
            bench.again(n)
    last = sizes[-1]
    if paramspace:
        bench.check(bench.paramspace(min(POINTS_OF_PARAMSPACE, last), last), f"hh_{last}")
    for n in sizes:
        if n in (10_000, last):
            bench.reading(n)
            if n <= 10_000:
                bench.elephant(n)
            if n >= 1000:
                bench.extend(n)
    if everyday:
        bench.everyday()
        bench.everyday_small()
        bench.features()
    if large:
        for name, d_lambda in work.D_LAMBDA.items():
            bench.large(name, d_lambda, *LARGE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument(
        "--pools-up-to", type=int, default=10_000,
        help="above, the pools of one cell a run are extrapolated (default: 10000)",
    )  # fmt: skip
    parser.add_argument("--no-large", action="store_true", help="leave out the pyramidal cell")
    parser.add_argument("--no-paramspace", action="store_true", help="leave out Paramspace's idiom")
    parser.add_argument("--no-everyday", action="store_true", help="leave out the default sweep")
    parser.add_argument(
        "--python", default=sys.executable,
        help="what has the packages of requirements.lock, as users have them, and no others",
    )  # fmt: skip
    parser.add_argument("--results", type=Path, default=HERE / "results")
    options = parser.parse_args()
    on = machine()
    print(on)
    with tempfile.TemporaryDirectory(prefix="spikesweep-bench-") as folder:
        bench = Bench(Path(folder), options.python, say=lambda line: print(line, flush=True))
        try:
            run(
                bench,
                sorted(options.sizes),
                options.pools_up_to,
                large=not options.no_large,
                paramspace=not options.no_paramspace,
                everyday=not options.no_everyday,
            )
        finally:  # what was measured before it was interrupted is worth keeping
            write(bench, on, options.results)


def write(bench: Bench, on: str, folder: Path) -> None:
    """Write tables, plot and numbers to files that bear the date and time."""
    folder.mkdir(exist_ok=True)
    stem = folder / time.strftime("%Y-%m-%d_%H%M")
    raw = {w: {n: asdict(m) for n, m in by.items()} for w, by in bench.measured.items()}
    stem.with_suffix(".json").write_text(json.dumps({"machine": on, "measured": raw}, indent=1))
    text = tables(bench.measured, on)
    stem.with_suffix(".md").write_text(text)
    plot(bench.measured, stem.with_suffix(".png"))
    print(f"\n{text}\nWritten: {stem}.md, .json, .png")


if __name__ == "__main__":
    main()
