"""Sensitivity of traces over time: against the analytic indices of a charging RC circuit."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from drawing import assert_tidy, draw, words
from spikesweep.document.axes.samples import SAMPLERS
from spikesweep.figures.data import FigureData
from spikesweep.figures.over_time_table import write_over_time
from spikesweep.tables.columns import SENSITIVITY_OVER_TIME, UNCERTAINTY_OVER_TIME

AXES = ["R", "C"]
LOW, HIGH = np.array([50.0, 50.0]), np.array([150.0, 200.0])  # megohm, pF
TIMES = np.arange(0, 50.1, 0.5)  # ms
ASKED = {"traces": ["v"], "every": 5.0, "resamples": 20, "level": 0.95, "seed": 1, "at": {},
         "axes": AXES, "places": None}  # fmt: skip


def charging(x, times=TIMES):
    """V = I R (1 - exp(-t / (R C))) of a current of 0.1 nA, mV: (simulations, times)."""
    r, c = (x[:, [i]] for i in range(2))
    return 0.1 * r * (1 - np.exp(-times / (r * c * 1e-3)))


def truth(time):
    """S1 of R and C, by Gauss-Legendre quadrature over both."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    weights = weights / 2
    r, c = (low + (high - low) * (nodes + 1) / 2 for low, high in zip(LOW, HIGH, strict=True))
    v = np.array([charging(np.column_stack([np.full(40, one), c]), time)[:, 0] for one in r])
    mean = weights @ v @ weights
    variance = weights @ v**2 @ weights - mean**2
    of_r = weights @ (v @ weights) ** 2 - mean**2
    of_c = (weights @ v) ** 2 @ weights - mean**2
    return np.array([of_r, of_c]) / variance


@pytest.fixture
def made(tmp_path):
    """Write the traces of a sample, and the tables of them."""

    def make(design, n, failed=(), short=(), **asked):
        x = LOW + (HIGH - LOW) * SAMPLERS[design](2, n, 1)
        axes = [
            {"name": name, "unit": unit, "long_name": "", "values": column.tolist()}
            for name, unit, column in zip(AXES, ("megohm", "pF"), x.T, strict=True)
        ]
        traces = charging(x)
        traces[np.ix_(short, TIMES > 20)] = np.nan
        traces[[*failed]] = np.nan
        of = "simulation"
        xr.Dataset(
            {
                "status": (of, np.isin(np.arange(len(x)), failed).astype("int8")),
                "index": (of, np.arange(len(x))),
                "tstop": (of, np.full(len(x), 50.0)),
                "v": ((of, "time"), traces, {"units": "mV", "long_name": "potential"}),
            },
            {**{name: (of, x[:, i]) for i, name in enumerate(AXES)}, "time": TIMES},
            {"spikesweep_axes": json.dumps(axes), "spikesweep_sites": "[]",
             "spikesweep_traces": '["v"]'},
        ).to_netcdf(tmp_path / "dataset.nc", engine="h5netcdf")  # fmt: skip
        files = [tmp_path / "indices.csv", tmp_path / "spread.csv"]
        data = FigureData(
            tmp_path / "dataset.nc",
            sensitivity_over_time=files[0],
            uncertainty_over_time=files[1],
        )
        write_over_time(data, ASKED | {"kind": design, "n": len(x)} | asked, files)
        both = [pd.read_csv(one, keep_default_na=False, na_values=[""]) for one in files]
        return (*both, data, traces)

    return make


def values(table, index, column="value"):
    """Of each axis, over time: (times, axes)."""
    rows = table[(table["index"] == index) & table["axis"].isin(AXES)]
    return rows.pivot(index="time", columns="axis", values=column)[AXES]


@pytest.mark.parametrize(
    ("design", "n", "method", "off"),
    [("saltelli", 1024, "sobol", 0.03), ("sobol", 2048, "rbd_fast", 0.05)],
)
def test_indices_over_time_are_the_analytic_ones(made, design, n, method, off):
    table, _, _, _ = made(design, n, methods=[method])
    assert list(table) == [*SENSITIVITY_OVER_TIME]
    found = values(table, "S1")
    assert found.index.tolist() == np.arange(0, 51, 5.0).tolist()
    assert found.loc[0].isna().all()  # all are equal there
    analytic = np.array([truth(time) for time in found.index[1:]])
    np.testing.assert_allclose(found.iloc[1:], analytic, atol=off)
    # At first the capacitance decides, in the end the resistance alone.
    assert analytic[0, 1] > 0.9
    assert analytic[-1, 0] > 0.9
    if method == "sobol":  # of two axes ST of one is what S1 of the other leaves
        np.testing.assert_allclose(values(table, "ST").iloc[1:], 1 - analytic[:, ::-1], atol=off)


def test_most_intervals_hold_the_analytic_value(made):
    table, _, _, _ = made("random", 512, methods=["rbd_fast"], resamples=60, every=2.5)
    analytic = np.array([truth(time) for time in np.arange(2.5, 51, 2.5)])
    low, high = (values(table, "S1", end).iloc[1:].to_numpy() for end in ("low", "high"))
    assert np.mean((low <= analytic) & (analytic <= high)) >= 0.8  # those of one sample go together


def test_failed_and_ended_are_left_out_and_counted(made):
    table, spread, _, traces = made("sobol", 128, [3, 77], [5], methods=["pawn"])
    used = table.groupby("time")["used"].agg(["min", "max"])
    assert used.loc[:20].to_numpy().tolist() == [[126, 126]] * 5
    assert used.loc[25:].to_numpy().tolist() == [[125, 125]] * 6
    assert set(table["of"]) == {128}
    first = table[table["time"] == 0]
    assert first["value"].isna().all()
    assert set(first["note"]) == {"undefined: the quantity does not change"}
    assert list(spread) == [*UNCERTAINTY_OVER_TIME]
    for time, place in ((10.0, 20), (40.0, 80)):
        known = traces[:, place][np.isfinite(traces[:, place])]
        row = spread[spread["time"] == time].iloc[0]
        np.testing.assert_allclose([row["mean"], row["sd"]], [known.mean(), known.std(ddof=1)])
        expected = np.percentile(known, [5, 50, 95])
        np.testing.assert_allclose([row["p5"], row["p50"], row["p95"]], expected)


def test_blocks_are_dropped_whole(made):
    table, _, _, _ = made("saltelli", 64, [0], [9], methods=["sobol"])
    at_start, at_end = (table[table["time"] == time].iloc[0] for time in (5.0, 50.0))
    assert (at_start["used"], at_start["note"]) == (63 * 4, "63 of 64 blocks are whole")
    assert (at_end["used"], at_end["note"]) == (62 * 4, "62 of 64 blocks are whole")


@pytest.mark.parametrize(
    ("design", "n", "methods", "read"),
    [
        ("sobol", 128, ["pawn", "rbd_fast"], ["PAWN", "RBD-FAST", "no effect", "n = 127 of 128"]),
        ("saltelli", 64, ["sobol"], ["total", "63 of 64 blocks are whole"]),
        ("morris", 10, ["morris"], ["(mV)", "9 of 10 trajectories are whole"]),
    ],
)
def test_lines_are_the_table(made, design, n, methods, read):
    table, spread, data, _ = made(design, n, [3], methods=methods)
    fig = draw("sensitivity_over_time", data)
    assert_tidy(fig)
    said = " ".join(words(fig).split())
    for text in ["95% bootstrap intervals", "at 1 of 11 times undefined", *AXES, *read]:
        assert text in said
    drawn = [line.get_ydata() for panel in fig.axes for line in panel.lines]
    kinds = table.groupby(["method", "index", "axis"], sort=False)["value"]
    wanted = [one.to_numpy() for _, one in kinds]
    if design != "morris":
        wanted.append(spread["p50"].to_numpy())
    drawn = [line for line in drawn if len(line) == len(spread)]
    for one in wanted:
        assert any(np.allclose(one, line, equal_nan=True) for line in drawn)
