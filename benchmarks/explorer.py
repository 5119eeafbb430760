"""The explorer beside a plotly page of the same simulations: size, time to ready, a pick, memory.

    python benchmarks/explorer.py --sizes 100 1000 10000

Needs Chromium and the packages of the tests, and plotly, which nothing else needs: pip install
plotly. Traces are made by a formula, of 2,001 samples each; times depend on the machine, and are
the median of some picks, from the click to the second frame after it.
"""

import argparse
import base64
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests/helpers")]

from collecting import a_plan  # noqa: E402
from exploring import Looking, chromium, explore  # noqa: E402
from synthetic import Simulated, key  # noqa: E402
from synthetic_sweep import voltage  # noqa: E402

SAMPLES, EVERY = 2001, 0.1
PICKS = 9
SEGMENT = 500  # simulations of a segment of the store, as a job writes them
PLOTLY = """
<div id="map"></div><div id="trace"></div>
<script>{library}</script>
<script>
const n = {n}, samples = {samples};
const text = "{traces}";
const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const values = new Float32Array(bytes.buffer);
const time = Array.from({{length: samples}}, (_, i) => i * {every});
const of = (i) => values.subarray(i * samples, (i + 1) * samples);
const pick = (i) => Plotly.react("trace", [{{x: time, y: of(i), mode: "lines"}}], {{}});
Plotly.newPlot("map", [{{type: "heatmap", z: {rates}}}], {{}}).then(() => pick(0)).then(() => {{
  document.documentElement.dataset.ready = "true";
}});
</script>
"""


def simulations(n: int) -> tuple[list[dict], list[Simulated]]:
    """Return two axes and the results of n simulations, with traces as neurons have them."""
    across = next(k for k in range(int(n**0.5), 0, -1) if n % k == 0)
    axes = [
        {"name": name, "unit": "1", "long_name": name, "values": [float(v) for v in range(count)]}
        for name, count in (("x", n // across), ("y", across))
    ]
    time_ms = np.arange(SAMPLES) * EVERY
    rng = np.random.default_rng(1)
    results = []
    for name in range(n):
        train = np.cumsum(rng.gamma(30, rng.uniform(0.2, 1.5), 60))
        train = train[train < time_ms[-1]]
        trace = voltage(time_ms, train).astype("float32")
        extremes = {"v_soma": (float(trace.min()), float(trace.max()))}
        results.append(
            Simulated(
                key(name), traces={"v_soma": trace}, spikes={"soma": train}, extremes=extremes
            )
        )
    return axes, results


def plotly_page(folder: Path, axes: list[dict], results: list[Simulated]) -> Path:
    """Write a page with a heat map and the trace of a pick, as plotly's users write it."""
    from plotly.offline import get_plotlyjs

    traces = np.array([result.traces["v_soma"] for result in results])
    rates = np.array([len(result.spikes["soma"]) for result in results])
    page = PLOTLY.format(
        library=get_plotlyjs(),
        n=len(results),
        samples=SAMPLES,
        every=EVERY,
        traces=base64.b64encode(traces.tobytes()).decode(),
        rates=json.dumps(rates.reshape([len(axis["values"]) for axis in axes]).T.tolist()),
    )
    path = folder / "plotly.html"
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8">{page}', encoding="utf-8")
    return path


def looked_at(browser, path: Path, pick) -> dict[str, float]:
    """Open a page and pick; return what it took."""
    start = time.monotonic()
    one = Looking(browser, path)
    ready = time.monotonic() - start
    picks = [pick(one.tab, n) for n in range(PICKS)]
    session = one.context.new_cdp_session(one.tab)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    one.close()
    return {
        "size (MB)": path.stat().st_size / 1e6,
        "ready (s)": ready,
        "pick (ms)": median(picks),
        "heap (MB)": metrics["JSHeapUsedSize"] / 1e6,
    }


def pick_ours(tab, n: int) -> float:
    """Pick by a row of the table; what is measured ends when its trace is drawn."""
    return tab.evaluate(
        """(n) => new Promise((done) => {
          const row = document.querySelectorAll("tr[data-simulation]")[n + 1];
          const wanted = row.dataset.simulation;
          const start = performance.now();
          new MutationObserver(() => {
            if (document.documentElement.dataset.shown !== wanted) return;
            requestAnimationFrame(() => done(performance.now() - start));
          }).observe(document.documentElement, { attributes: true });
          row.click();
        })""",
        n,
    )


def pick_plotly(tab, n: int) -> float:
    """Show the trace of a simulation; what is measured ends when it is drawn."""
    return tab.evaluate(
        """async (n) => {
          const start = performance.now();
          await pick(n + 1);
          await new Promise(requestAnimationFrame);
          return performance.now() - start;
        }""",
        n,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    sizes = parser.parse_args().sizes
    print("| page | simulations | size (MB) | ready (s) | pick (ms) | heap (MB) |")
    print("| --- | --- | --- | --- | --- | --- |")
    with chromium() as browser:
        for n in sizes:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                axes, results = simulations(n)
                plan = a_plan(*axes, tstop=(SAMPLES - 1) * EVERY)
                pages = {
                    "explorer": (explore(folder, plan, results, segment=SEGMENT), pick_ours),
                    "plotly": (plotly_page(folder, axes, results), pick_plotly),
                }
                for name, (path, pick) in pages.items():
                    took = looked_at(browser, path, pick)
                    row = " | ".join(f"{value:.3g}" for value in took.values())
                    print(f"| {name} | {n:,} | {row} |", flush=True)


if __name__ == "__main__":
    main()
