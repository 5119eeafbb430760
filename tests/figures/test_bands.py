"""Bands of curves and traces: the spread of simulations, and what is said of it."""

from functools import cache

import numpy as np
import pytest
from pydantic import TypeAdapter

from drawing import assert_tidy, draw, words
from spikesweep.figures import bands
from spikesweep.figures.bands import band_of
from spikesweep.sweepfile.figures import FigureOptions

pytestmark = pytest.mark.workflow  # many drawings

WORDS = {"percentiles": "line: median, band: 5 to 95%", "sd": "line: mean, band: ± SD"}


@pytest.mark.parametrize("kind", ["percentiles", "sd"])
@pytest.mark.parametrize("by", ["celsius", None])
def test_a_band_is_the_spread_of_all_other_simulations(sweeps, kind, by):
    """Of NumPy, over what the dataset holds."""
    data = sweeps["zero dose and replicates"]
    fig = draw("traces", data, band=kind, by=by, at={"dose": 10.0}, window=(100, 200))
    assert_tidy(fig)
    [panel] = fig.axes[:1]
    traces_of_all = data.dataset["v_soma"].sel(time=slice(100, 200), dose=10.0)
    ok = data.dataset["status"].sel(dose=10.0) == 0
    levels = data.dataset["celsius"].values if by else [None]
    assert len(panel.lines) == len(levels)
    for line, level in zip(panel.lines, levels, strict=True):
        one = traces_of_all if level is None else traces_of_all.sel(celsius=level)
        well = ok if level is None else ok.sel(celsius=level)
        samples = one.values.reshape(-1, one.sizes["time"])[well.values.ravel()].astype(float)
        assert len(samples) > 1
        if kind == "percentiles":
            low, middle, high = np.percentile(samples, [5, 50, 95], axis=0)
        else:
            middle, sd = samples.mean(axis=0), samples.std(axis=0, ddof=1)
            low, high = middle - sd, middle + sd
        np.testing.assert_allclose(line.get_ydata(), middle, rtol=1e-6)
        paths = [c.get_paths()[0].vertices for c in panel.collections]
        ends = [(v[:, 1].min(), v[:, 1].max()) for v in paths]
        assert any(np.allclose(end, (low.min(), high.max()), rtol=1e-6) for end in ends)
    said = " ".join(words(fig).split())
    assert WORDS[kind] in said
    assert "of simulations at each time (n = " in said


@pytest.mark.parametrize("kind", ["percentiles", "sd"])
@pytest.mark.parametrize("of", ["rate", "latency", "cv"])
def test_a_band_of_a_curve_is_the_spread_of_all_other_simulations(sweeps, kind, of):
    """Of NumPy, over what the table holds; what failed or is undefined is counted, and no value."""
    data = sweeps["zero dose and replicates"]
    fig = draw("curve", data, of=of, by="celsius", band=kind)
    assert_tidy(fig)
    [panel] = fig.axes[:1]
    lines = [line for line in panel.lines if line.get_marker() == ""]
    areas = [c.get_paths()[0].vertices[:, 1] for c in panel.collections if len(c.get_paths())]
    well = data.statistics[data.statistics[of].notna()]
    assert len(lines) == len(areas) == well["celsius"].nunique() > 1
    for line, drawn, (_, table) in zip(lines, areas, well.groupby("celsius"), strict=True):
        groups = [group[of].to_numpy(float) for _, group in table.groupby("dose")]
        assert max(map(len, groups)) > 1
        if kind == "percentiles":
            low, middle, high = np.transpose([np.percentile(g, [5, 50, 95]) for g in groups])
        else:
            middle = np.array([g.mean() for g in groups])
            sd = np.array([g.std(ddof=1) if g.size > 1 else np.nan for g in groups])
            low, high = middle - sd, middle + sd
        np.testing.assert_allclose(line.get_ydata(), middle, rtol=1e-9)
        ends = np.nanmin(low), np.nanmax(high)
        np.testing.assert_allclose([drawn.min(), drawn.max()], ends, rtol=1e-9)
    said = " ".join(words(fig).split())
    assert f"{WORDS[kind]} of simulations at each dose (n = " in said
    failed = int((data.simulations["status"] != 0).sum())
    number = len(data.simulations)
    undefined = number - failed - len(well)
    assert (f"without {failed} of {number} simulations, which failed" in said) == bool(failed)
    assert ("which are undefined" in said) == bool(undefined) == (of == "cv")
    if undefined:
        assert f"without {undefined} of {number} simulations, which are undefined" in said


def test_a_curve_has_error_bars_or_a_band():
    read = TypeAdapter(FigureOptions).validate_python
    asked = {"kind": "curve", "of": "rate", "x": "dose", "band": "sd"}
    with pytest.raises(ValueError, match="error: sem beside band: sd; expected one of them"):
        read(asked | {"error": "sem"})
    assert read(asked).band == read(asked | {"error": "none"}).band == "sd"


@pytest.mark.parametrize("kind", ["percentiles", "sd"])
@pytest.mark.parametrize("block", [1, 700, 10**6])
def test_a_band_of_many_samples_keeps_its_peaks(sweeps, monkeypatch, kind, block):
    """Its ends are those of NumPy over all samples, however few are drawn."""
    data, window, positions = sweeps["zero dose and replicates"], (100, 200), [0, 1, 2]
    whole = band_of(data, "v_soma", positions, window, kind)
    samples = np.array([data.samples("v_soma", one) for one in positions], float)
    time = data.dataset["time"].values
    samples = samples[:, (time >= window[0]) & (time <= window[1])]
    median = np.percentile(samples, 50, axis=0)
    middle = median if kind == "percentiles" else samples.mean(axis=0)
    monkeypatch.setattr(data, "samples", cache(data.samples))  # read once, not in each block
    monkeypatch.setattr(data, "times", cache(data.times))
    monkeypatch.setattr(bands, "MOST", 40)
    monkeypatch.setattr(bands, "BLOCK", block)
    band = band_of(data, "v_soma", positions, window, kind)
    assert middle.size > 3 * 40 >= band.time.size
    assert np.all(np.diff(band.time) > 0)
    assert (band.middle.min(), band.middle.max()) == pytest.approx((middle.min(), middle.max()))
    assert (band.low.min(), band.high.max()) == (whole.low.min(), whole.high.max())


def test_one_simulation_has_no_sd(sweeps):
    """A band of no width would say that nothing varies."""
    band = band_of(sweeps["grid"], "v_soma", [0], (100, 200), "sd")
    assert band.number == 1
    assert np.isfinite(band.middle).all()
    assert np.isnan([band.low, band.high]).all()
    fig = draw("traces", sweeps["grid"], band="sd", rows="celsius", columns="dose")
    assert_tidy(fig)
    assert "n = 1" in " ".join(words(fig).split())


def test_a_band_says_what_it_is_of(sweeps):
    whole = " ".join(words(draw("traces", sweeps["scattered"], band="percentiles")).split())
    assert "(n = 10, over dose and temperature)" in whole
    assert "without 1 of 11 simulations, which failed" in whole
    fig = draw("traces", sweeps["grid"], band="sd", rows="celsius")
    assert len(fig.axes) == 3
    assert "n = 5 to 6" in words(fig)
    assert_tidy(draw("traces", sweeps["all failed"], band="sd"))
