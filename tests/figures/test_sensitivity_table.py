"""The tables of sensitivity and uncertainty, from a dataset, and their figure."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from drawing import assert_tidy, draw, words
from spikesweep.document.axes.samples import SAMPLERS
from spikesweep.figures.data import FigureData
from spikesweep.figures.index_names import NO_AXIS
from spikesweep.figures.sensitivity_table import write_sensitivity
from spikesweep.tables.columns import SENSITIVITY, UNCERTAINTY

AXES = ["a", "b"]
ASKED = {"of": ["rate"], "resamples": 20, "level": 0.95, "seed": 1, "site": None, "at": {},
         "axes": AXES, "places": None}  # fmt: skip


def linear(x):
    """S1 = ST = 0.8 and 0.2 of independent uniform a and b; the effects are 4 and 2."""
    return 4 * x[:, 0] + 2 * x[:, 1]


@pytest.fixture
def made(tmp_path):
    """Write the results of a sample, and the tables of them."""

    def make(design, n, failed=(), undefined=(), **asked):
        x = SAMPLERS[design](2, n, 1)
        folder = tmp_path / str(len([*tmp_path.iterdir()]))
        folder.mkdir()
        axes = [
            {"name": name, "unit": "mS/cm2", "long_name": "", "values": column.tolist()}
            for name, column in zip(AXES, x.T, strict=True)
        ]
        status = np.isin(np.arange(len(x)), failed).astype("int8")
        xr.Dataset(
            {"status": ("simulation", status), "index": ("simulation", np.arange(len(x)))},
            {name: ("simulation", x[:, i]) for i, name in enumerate(AXES)},
            {"spikesweep_axes": json.dumps(axes), "spikesweep_sites": json.dumps(["soma"])},
        ).to_netcdf(folder / "dataset.nc", engine="h5netcdf")
        rate = linear(x)
        rate[[*failed, *undefined]] = np.nan
        table = pd.DataFrame({"index": range(len(x)), "site": "soma", "rate": rate})
        table.to_csv(folder / "statistics.csv", index=False)
        data = FigureData(
            folder / "dataset.nc", folder / "statistics.csv", sensitivity=folder / "out.csv"
        )
        outputs = [folder / "out.csv", folder / "spread.csv"]
        write_sensitivity(data, ASKED | {"kind": design, "n": len(x)} | asked, outputs)
        both = [pd.read_csv(one, keep_default_na=False, na_values=[""]) for one in outputs]
        return (*both, data)

    return make


def value(table, **where):
    rows = table[(table[list(where)] == pd.Series(where)).all(axis=1)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_failed_and_undefined_are_left_out_and_counted(made):
    whole, _, _ = made("sobol", 128, methods=["rbd_fast"])
    table, spread, _ = made("sobol", 128, [3, 77], [5], methods=["pawn", "rbd_fast", "delta"])
    assert list(table) == [*SENSITIVITY]
    assert {*table["used"]} == {125}
    assert {*table["of"]} == {128}
    assert table["value"].notna().all()
    assert table["axis"].tolist() == [*AXES, NO_AXIS] * 3
    for axis, expected in (("a", 0.8), ("b", 0.2), (NO_AXIS, 0.0)):
        for of in (whole, table):
            assert value(of, method="rbd_fast", axis=axis)["value"] == pytest.approx(
                expected, abs=0.15
            )
    x = SAMPLERS["sobol"](2, 128, 1)
    known = np.delete(linear(x), [3, 5, 77])
    assert list(spread) == [*UNCERTAINTY]
    (row,) = spread.to_dict("records")
    assert (row["used"], row["of"]) == (125, 128)
    np.testing.assert_allclose([row["mean"], row["sd"]], [known.mean(), known.std(ddof=1)])
    np.testing.assert_allclose(
        [row["p5"], row["p50"], row["p95"]], np.percentile(known, [5, 50, 95])
    )


def test_points_in_no_random_order_are_told_of_rbd_fast(made):
    for design, methods, read in (
        ("sobol", ["rbd_fast"], True),
        ("random", ["rbd_fast"], False),
        ("sobol", ["hdmr"], False),
    ):
        _, _, data = made(design, 64, methods=methods)
        said = " ".join(words(draw("sensitivity", data, of="rate")).split())
        assert ("in no random order, as RBD-FAST takes them" in said) is read


def test_shares_below_0_are_told(made):
    table, _, data = made("sobol", 64, methods=["rbd_fast"])
    assert value(table, axis="b")["low"] < 0
    read = "shares of variance below 0 are errors of their estimate"
    assert read in " ".join(words(draw("sensitivity", data, of="rate")).split())
    _, _, data = made("morris", 10, methods=["morris"])
    assert read not in " ".join(words(draw("sensitivity", data, of="rate")).split())


def test_sobol_and_morris_drop_what_is_not_whole(made):
    table, _, _ = made("saltelli", 64, [1, 2, 9], methods=["sobol"])  # in blocks 0, 0 and 2
    assert {*table["used"]} == {62 * 4}
    assert {*table["note"]} == {"62 of 64 blocks are whole"}
    for name in ("S1", "ST"):
        assert value(table, index=name, axis="a")["value"] == pytest.approx(0.8, abs=0.1)
        assert value(table, index=name, axis="b")["value"] == pytest.approx(0.2, abs=0.1)

    table, spread, _ = made("morris", 10, [0], [29], methods=["morris"])
    assert {*table["note"]} == {"8 of 10 trajectories are whole"}
    for axis, effect in (("a", 4), ("b", 2)):
        assert value(table, index="mu_star", axis=axis)["value"] == pytest.approx(effect)
        assert value(table, index="mu", axis=axis)["value"] == pytest.approx(effect)
        assert value(table, index="sigma", axis=axis)["value"] == pytest.approx(0, abs=1e-12)
    assert spread["mean"].isna().all()
    assert "no random sample" in spread["note"].iloc[0]


def test_places_of_a_sample_with_a_condition(made):
    """Rows of other blocks than the first stand where the plan says."""
    places = [*range(1, 4), *range(4, 64 * 4 + 1)]
    x = SAMPLERS["saltelli"](2, 64, 1)
    table, _, _ = made("saltelli", 64, methods=["sobol"], places=places[: len(x)])
    assert {*table["note"]} == {"63 of 64 blocks are whole"}


@pytest.mark.parametrize("failed", [range(100), range(128)])
def test_of_too_few_there_is_no_number(made, failed):
    table, spread, data = made("sobol", 128, failed, methods=["pawn", "delta"])
    n = 128 - len(failed)
    assert table["value"].isna().all()
    assert table["low"].isna().all()
    assert f"undefined: {n} simulations; pawn needs 64 at least" in {*table["note"]}
    assert spread["mean"].isna().all() == (n == 0)
    fig = draw("sensitivity", data, of="rate")
    assert_tidy(fig)
    read = " ".join(words(fig).split())
    assert f"PAWN undefined: {n} simulations; pawn needs 64 at least" in read
    assert f"n = {n} of 128 simulations" in read


@pytest.mark.parametrize(
    ("design", "n", "methods", "read"),
    [
        ("sobol", 128, ["pawn", "rbd_fast", "delta"], ["PAWN", "no effect", "n = 127 of 128"]),
        ("sobol", 128, ["pawn", "hdmr"], ["HDMR: first order", "no effect", "n = 127 of 128"]),
        ("saltelli", 64, ["sobol"], ["total", "n = 252 of 256", "63 of 64 blocks are whole"]),
        ("morris", 10, ["morris"], ["effect on rate", "9 of 10 trajectories are whole"]),
    ],
)
def test_bars_are_the_table(made, design, n, methods, read):
    table, _, data = made(design, n, [3], methods=methods)
    fig = draw("sensitivity", data, of="rate")
    assert_tidy(fig)
    said = " ".join(words(fig).split())
    for text in ["95% bootstrap intervals", *AXES, *read]:
        assert text in said
    widths = sorted(bar.get_width() for bar in fig.axes[0].patches)
    np.testing.assert_allclose(widths, sorted(table["value"]), rtol=1e-12)
    ends = [path.vertices[:, 0] for c in fig.axes[0].collections for path in c.get_paths()]
    np.testing.assert_allclose(sorted(map(min, ends)), sorted(table["low"]), rtol=1e-12)
    np.testing.assert_allclose(sorted(map(max, ends)), sorted(table["high"]), rtol=1e-12)
