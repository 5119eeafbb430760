"""Each kind of figure: what it draws is what the dataset and the tables have."""

from importlib import import_module

import numpy as np
import pytest
from matplotlib import colormaps

from drawing import DEFAULTS, PLACES, assert_tidy, draw, hatched, words
from spikesweep.errors import UserError
from spikesweep.figures import heatmap, raster, scatter, style, traces
from spikesweep.figures.bands import extremes
from spikesweep.figures.data import FigureData
from spikesweep.figures.gallery import thin
from spikesweep.figures.isi_distribution import bin_edges
from spikesweep.figures.outlines import outline, scale_bar_length
from spikesweep.figures.render import render, settle
from synthetic_sweep import CELSIUS, DOSE, SEED, Sweep

pytestmark = pytest.mark.workflow  # many drawings


def test_heatmap_colours_are_the_table(sweeps):
    data = sweeps["zero dose and replicates"]
    fig = draw("heatmap", data)
    shown = fig.axes[0].collections[0].get_array()
    expected = data.statistics.pivot_table(index="celsius", columns="dose", values="rate")
    np.testing.assert_allclose(shown, expected.to_numpy(), rtol=1e-12)


def test_heatmap_hatches_the_failed_simulation_alone(sweeps):
    fig = draw("heatmap", sweeps["grid"])
    (marks,) = hatched(fig)
    (outline_,) = [path.vertices for path in marks.get_paths()]
    ticks = [label.get_text() for label in fig.axes[0].get_xticklabels()]
    inside = (ticks.index("10"), 26)  # simulation 7 of the grid: the third dose, the second celsius
    low, high = outline_.min(axis=0), outline_.max(axis=0)
    assert np.all(low < inside)
    assert np.all(inside < high)
    assert high[0] - low[0] == 1  # one cell


def test_heatmap_of_a_design_with_gaps_says_so(sweeps):
    read = words(draw("heatmap", sweeps["scattered"]))
    assert "not simulated" in read
    assert "undefined" not in read


@pytest.mark.parametrize("kind", ["heatmap", "firing_map"])
def test_values_without_cells_are_told_where_cells_are_of_equal_size(tmp_path, kind):
    """As a refined map leaves them: small steps at 60 uM, and none elsewhere."""
    lattice = DOSE | {"values": np.linspace(10, 60, 9).tolist()}
    doses = [10.0, 35.0, 47.5, 53.75, 60.0]
    points = [(dose, celsius) for dose in doses for celsius in CELSIUS["values"]]
    data = Sweep([lattice, CELSIUS], grid=False, points=points).write(tmp_path)
    fig = draw(kind, data)
    assert_tidy(fig)
    read = words(fig).replace("\n", " ")
    assert "5 of 9 values of dose shown, in cells of equal size" in read
    even = [(dose, celsius) for dose in (10.0, 35.0, 60.0) for celsius in CELSIUS["values"]]
    (tmp_path / "even").mkdir()
    data = Sweep([lattice, CELSIUS], grid=False, points=even).write(tmp_path / "even")
    assert "equal size" not in words(draw(kind, data))


def test_heatmap_with_a_log_scale_refuses_negative_values(tmp_path):
    data = Sweep([DOSE, CELSIUS], silent=True).write(tmp_path)
    with pytest.raises(UserError, match=r'"v_soma_max" with "log: true", but -65 mV is below 0'):
        draw("heatmap", data, of="v_soma_max", log=True)
    assert "0 Hz" in words(draw("heatmap", data, log=True))  # and shows zeros apart


@pytest.mark.parametrize(("error", "is_said"), [("ci", True), ("sd", False)])
def test_a_curve_says_where_its_interval_is_too_narrow(sweeps, error, is_said):
    """Of normal samples of n, mean +- 1.96 SD (n - 1)/n / sqrt(n) holds 85% where n = 5."""
    fig = draw("curve", sweeps["zero dose and replicates"], error=error)
    said = words(fig).replace("\n", " ")
    assert ("too narrow an interval where n is below 20" in said) == is_said


def test_a_curve_says_how_many_simulations_have_no_value(sweeps):
    """A coefficient of variation takes three spikes, of which high doses leave fewer."""
    data = sweeps["grid"]
    finished = data.statistics[data.statistics["status"] == 0]
    undefined = int(finished["cv"].isna().sum())
    assert 0 < undefined < len(finished)
    fig = draw("curve", data, of="cv")
    said = f"without {undefined} of {len(data.simulations)} simulations, which are undefined"
    assert said in words(fig).replace("\n", " ")


def test_dose_response_shows_the_ec50_that_the_cells_have(sweeps):
    fig = draw("dose_response", sweeps["zero dose and replicates"])
    entries = [text.get_text() for text in fig.legends[0].get_texts()]
    for celsius in (16, 26, 36):
        (entry,) = [entry for entry in entries if entry.startswith(f"{celsius}: ")]
        low, high = entry.partition("(")[2].partition(")")[0].split(" to ")
        assert float(low) < 30 < float(high)  # firing_rate: EC50 is 30 uM at every temperature
    assert "EC$_{50}$ (95% confidence interval)" in words(fig)
    said = words(fig).replace("\n", " ")
    assert "mean ± SD over seed (n = 3 to 4 simulations)" in said  # two simulations failed


def test_seeds_that_have_each_a_curve_are_told_where_all_together_have_none(tmp_path):
    """Each seed has a level of its own over all doses, and EC50 30 uM."""
    data = Sweep([DOSE, SEED]).write(tmp_path)
    table = data.statistics.copy()
    table["rate"] = 5.0 ** table["seed"] / (1 + (table["dose"] / 30) ** 1.5)
    table.to_csv(data._paths["statistics"], index=False)
    data = FigureData(**data._paths)
    read = words(draw("dose_response", data, by=None)).replace("\n", " ")
    assert "no fit, the responses leave EC50 open" in read
    assert "of each seed alone 4 of 4 have a fit, EC$_{50}$ 30 µM" in read
    assert "alone" not in words(draw("dose_response", data, by="seed"))
    assert "alone" not in words(draw("dose_response", data, by=None, fit=False))


def test_dose_response_claims_no_fit_where_there_is_none(sweeps):
    fig = draw("dose_response", sweeps["silent"])
    assert words(fig).count("no fit") == 3
    assert "EC" not in words(fig)


def test_traces_are_those_of_the_dataset(sweeps):
    data = sweeps["grid"]
    fig = draw("traces", data, at={"dose": 10.0}, window=(100, 200))
    lines = [line.get_ydata() for panel in fig.axes for line in panel.lines]
    expected = data.dataset["v_soma"].sel(dose=10.0, time=slice(100, 200))
    assert len(lines) == 2  # celsius 26 failed
    np.testing.assert_array_equal(lines, expected.sel(celsius=[16, 36]).values)


@pytest.mark.parametrize("n", [10, 4000, 4001, 200_000])
def test_traces_of_many_samples_keep_their_peaks(n):
    samples = np.random.default_rng(n).normal(-65, 1, n)
    spikes = np.random.default_rng(n + 1).choice(n, 5, replace=False)
    samples[spikes] += 100  # of a single sample each
    samples[n - n // 4 :] = np.nan  # a shorter run ends there
    places = extremes(samples, 4000)
    assert places.size <= min(n, 4000)
    assert np.all(np.diff(places) > 0)
    assert set(spikes[spikes < n - n // 4]) <= set(places)
    assert np.nanmin(samples[places]) == np.nanmin(samples)


def test_traces_beyond_eight_are_thinned_evenly(sweeps):
    fig = draw("traces", sweeps["large"])
    assert len(fig.axes) == 64
    assert "8 of 21 values of dose shown; 8 of 12 values of temperature shown" in words(fig)
    assert thin(list(range(15)), 8) == [0, 2, 4, 6, 8, 10, 12, 14]


def test_traces_of_one_long_axis_are_wrapped(sweeps):
    fig = draw("traces", sweeps["large"], at={"celsius": 24})
    assert [panel.get_title() for panel in fig.axes][:2] == ["0.01 µM", "0.0178 µM"]
    assert len(fig.axes) == 21


def test_traces_by_an_axis_are_lines_of_one_panel(sweeps):
    data = sweeps["grid"]
    fig = draw("traces", data, by="celsius", columns="dose", window=(100, 200))
    assert [panel.get_title() for panel in fig.axes][2] == "10 µM"
    traces = data.dataset["v_soma"].sel(time=slice(100, 200))
    for panel, dose in zip(fig.axes, DOSE["values"], strict=True):
        celsius = [16, 36] if dose == 10.0 else [16, 26, 36]  # simulation 7 failed
        lines = [line.get_ydata() for line in panel.lines]
        np.testing.assert_array_equal(lines, traces.sel(dose=dose, celsius=celsius).values)


def test_traces_by_an_axis_bear_the_colours_of_their_key(sweeps):
    fig = draw("traces", sweeps["grid"], by="celsius", at={"dose": 10.0})
    entries = [text.get_text() for text in fig.legends[0].get_texts()]
    assert entries == ["16", "26: failed", "36"]
    first, _, last = (key.get_color() for key in fig.legends[0].get_lines())
    drawn = [line.get_color() for line in fig.axes[0].lines]
    np.testing.assert_array_equal(drawn, [first, last])


def test_traces_of_more_lines_than_a_legend_names_have_a_colour_bar(sweeps):
    fig = draw("traces", sweeps["large"], by="dose", at={"celsius": 24})
    panel, bar = fig.axes
    assert not fig.legends
    assert len(panel.lines) == 21
    assert bar.get_ylabel() == "dose (µM)"
    assert [text.get_text() for text in bar.get_yticklabels()][:3] == ["0.01", "0.0316", "0.1"]
    (steps,) = [each for each in bar.collections if each.get_array() is not None]
    drawn = [line.get_color() for line in panel.lines]
    np.testing.assert_allclose(steps.cmap(steps.norm(np.arange(21))), drawn)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.arange(100.0).tolist(), "32 of 100 values of temperature shown"),
        ([f"cell {i}" for i in range(14)], "10 of 14 values of temperature shown"),
    ],
)
def test_traces_of_too_many_lines_are_thinned_evenly(tmp_path, values, said):
    data = Sweep([CELSIUS | {"values": values}], silent=True).write(tmp_path)
    fig = draw("traces", data, by="celsius")
    assert len(fig.axes[0].lines) == int(said.partition(" ")[0])
    assert said in words(fig)
    assert bool(fig.legends) == isinstance(values[0], str)  # names are not read from a colour bar
    assert_tidy(fig)


def test_raster_has_a_tick_a_spike_in_the_order_of_the_axis(sweeps):
    data = sweeps["grid"]
    fig = draw("raster", data, by="celsius")
    (spikes,) = [each for each in fig.axes[0].collections if len(each.get_paths()) > 100]
    places = np.array([path.vertices.mean(axis=0) for path in spikes.get_paths()])
    assert len(places) == data.statistics["n_spikes"].sum()
    # The lowest row is celsius 16 at the smallest dose: simulation 0 of the grid (dose, celsius).
    lowest = places[np.isclose(places[:, 1], 0), 0]
    np.testing.assert_allclose(lowest, data.dataset["spike_times_soma"].values[: len(lowest)])


@pytest.mark.parametrize("log", [False, True])
def test_isi_histograms_are_fractions_of_each_group(sweeps, log):
    data = sweeps["grid"]
    fig = draw("isi_distribution", data, log=log)
    entries = [text.get_text() for text in fig.legends[0].get_texts()]
    counts = data.isi.groupby("celsius").size()
    assert entries == [f"{celsius}: n = {n}" for celsius, n in counts.items()]
    edges = bin_edges(data.isi["isi"].to_numpy(), log)
    heights = [np.histogram(group, edges)[0].max() / len(group)
               for _, group in data.isi.groupby("celsius")["isi"]]  # fmt: skip
    lines = [each for each in fig.axes[0].patches if not each.get_fill()]
    drawn = [np.nanmax(line.get_data().values) for line in lines]
    assert drawn == pytest.approx(heights)


@pytest.mark.parametrize(
    ("isi", "n_bins"),
    [
        (np.full(20, 14.2), 60),  # no width at all
        (np.r_[np.full(98, 14.2), 14.2 + 1e-9, 400.0], 60),  # the rule asks for infinitely many
        (np.linspace(10, 20, 27), 10),  # the rule: 2 * 5 / 3 = 3.33 wide, 3 bins; at least 10
        (np.linspace(10, 20, 64000), 40),  # the rule: 2 * 5 / 40 = 0.25 wide, 40 bins
    ],
)
def test_bins_are_bounded(isi, n_bins):
    edges = bin_edges(isi, log=False)
    assert len(edges) - 1 == n_bins
    assert edges[0] <= isi.min()
    assert edges[-1] >= isi.max()


@pytest.mark.parametrize(("of", "said"), [
    (None, ["soma", "basal", "20 µm (xy plane)", "ball"]),
    ("diam", ["diameter (µm)"]),
    ("kdr.gkbar", ["kdr.gkbar (S/cm²)", "no kdr.gkbar here"]),
])  # fmt: skip
@pytest.mark.parametrize("plane", ["xy", "xz", "yz"])
def test_morphology_is_tidy_and_says(structure, of, said, plane):
    fig = draw("morphology", structure, of=of, plane=plane)
    assert_tidy(fig)
    if plane == "xy":
        assert all(text in words(fig) for text in said)


def test_morphology_says_which_simulation_it_shows_where_others_differ(structure):
    path = structure._path("structure")
    axes = {"gkbar": {"unit": "S/cm2", "long_name": "gkbar of soma", "value": 0.01},
            "shape": {"unit": "", "long_name": "morphology", "value": "a$.swc"}}  # fmt: skip
    fig = draw("morphology", FigureData(structure=path, simulation=axes))
    assert_tidy(fig)
    said = r"simulation 0: gkbar of soma = 0.01 S/cm², morphology = a\$.swc"
    assert said in words(fig).replace("\n", " ")
    assert "simulation" not in words(draw("morphology", structure))


def test_morphology_is_to_scale(structure):
    cell = structure.structure[:3]
    soma, first, second = outline(cell, "xy")
    # Shoelace formula; a joined segment starts with half a disc (of 8 chords: 8 sin(22.5°) / 2).
    half_disc = 8 * np.sin(np.pi / 8) / 2
    assert area(soma) == pytest.approx(20 * 20)
    assert area(first) == pytest.approx(100 * 2)  # it starts at the soma, which is thicker
    assert area(second) == pytest.approx(60 * 2 + half_disc)  # 100 um long, 60 of them along y
    end_on = outline(cell, "yz")[1]  # the first dendritic segment lies along x
    assert area(end_on) == pytest.approx(np.pi, rel=2e-3)


def area(corners: np.ndarray) -> float:
    x, y = corners.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


@pytest.mark.parametrize(
    ("width", "length"), [(700, 100), (801, 200), (40, 10), (39.9, 5), (20.1, 5), (4, 1), (1, 0.2)]
)
def test_scale_bar_is_a_round_number_within_a_quarter(width, length):
    assert scale_bar_length(width) == pytest.approx(length)


@pytest.mark.parametrize(("options", "message"), [
    ({"cell": "bal"}, 'the cell "bal", did you mean "ball"'),
    ({"of": "kdr.gbar"}, 'did you mean "kdr.gkbar"'),
])  # fmt: skip
def test_morphology_names_what_there_is(structure, options, message):
    with pytest.raises(UserError, match=message):
        draw("morphology", structure, **options)


def test_curves_show_means_and_what_is_said_of_replicates(sweeps):
    data = sweeps["zero dose and replicates"]
    table = data.statistics[data.statistics["celsius"] == 26].groupby("dose")["rate"]
    for error, expected in (("sd", table.std()), ("sem", table.sem())):  # pandas: ddof 1
        fig = draw("curve", data, at={"celsius": 26}, by=None, error=error)
        bars = fig.axes[0].containers[0][2][0].get_segments()
        drawn = [(high - low) / 2 for (_, low), (_, high) in bars]
        np.testing.assert_allclose(drawn, expected, rtol=1e-9)
        means = [(low + high) / 2 for (_, low), (_, high) in bars]
        np.testing.assert_allclose(means, table.mean(), rtol=1e-9)
    assert "(n = 3 to 4 simulations)" in words(fig).replace("\n", " ")
    fig = draw("curve", data, at={"celsius": 26}, by=None, error="points")
    (points,) = [line for line in fig.axes[0].lines if line.get_markersize() == 2.2]
    assert points.get_xdata().size == table.count().sum()


@pytest.mark.parametrize("times", [[0, 100, 251], [400.0], None])
def test_frames_of_a_movie_have_the_colours_of_the_dataset(sweeps, times):
    """Of the frames that are nearest to the times, in the order of what lies in front."""
    data = sweeps["grid"]
    fig = draw("movie", data, times=times, at={"dose": 30, "celsius": 36})
    assert_tidy(fig)
    film = data.dataset["film"].sel(dose=30, celsius=36)
    expected = [0, 80, 160, 240, 320, 400] if times is None else [round(t / 4) * 4 for t in times]
    panels = [panel for panel in fig.axes if panel.get_title()]
    assert [panel.get_title() for panel in panels] == [f"{time} ms" for time in expected]
    shown = film.sel(time_film=expected).to_numpy()
    scale = style.colour_scale(shown)
    for panel, values in zip(panels, shown, strict=True):
        (shapes,) = [c for c in panel.collections if len(c.get_paths()) > 1]
        colours = np.sort(shapes.get_facecolor(), axis=0)
        np.testing.assert_allclose(colours, np.sort(colormaps["viridis"](scale(values)), axis=0))
    assert "dose 30 µM, temperature 36 °C" in words(fig)


def test_a_kymograph_is_distance_by_time(sweeps):
    """Of an unbranched part, a row a segment; of branches, the mean of what is equally far."""
    data = sweeps["grid"]
    film = data.dataset["film"].isel(dose=0, celsius=0).to_numpy()
    for sections, columns in (
        (["dend[0]"], [[1], [2], [3]]),
        (["dend[1]", "dend[2]"], [[4, 6], [5, 7]]),
    ):
        fig = draw("movie", data, show="kymograph", sections=sections)
        assert_tidy(fig)
        (mesh,) = fig.axes[0].collections
        expected = np.array([film[:, column].mean(axis=1) for column in columns])
        np.testing.assert_allclose(mesh.get_array(), expected)
        assert ("mean of segments equally far away" in words(fig)) == (len(columns[0]) > 1)
    assert_tidy(draw("movie", data, show="kymograph"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": "flim"}, 'asks for the movie "flim", did you mean "film"?'),
        ({"times": [401]}, "a movie is shown at 401 ms; its frames are from 0 to 400 ms"),
        ({"show": "kymograph", "sections": ["axon"]}, 'shows the sections "axon"'),
    ],
)
def test_a_movie_names_what_there_is(sweeps, options, message):
    with pytest.raises(UserError) as error:
        draw("movie", sweeps["grid"], **options)
    assert message in str(error.value)


def test_a_profile_goes_along_the_path(sweeps, structure):
    paths = sweeps["grid"]._paths | {"structure": structure._paths["structure"]}
    fig = draw("profile", FigureData(**paths, places=PLACES), by=None, at={"celsius": 16})
    assert_tidy(fig)
    (line,) = fig.axes[0].lines
    # The second segment of the dendrite starts at 120 um; before the soma, so on the left.
    assert line.get_xdata().tolist() == [-120, 0]
    greatest = sweeps["grid"].dataset["v_soma_max"].sel(celsius=16).mean().item()
    np.testing.assert_allclose(line.get_ydata(), [0.5 * greatest - 32.5, greatest])


def test_scatter_has_a_point_a_simulation(sweeps):
    data = sweeps["large"]
    fig = draw("scatter", data, of="latency", x="rate", by="cv")
    table = data.statistics.dropna(subset=["latency", "rate", "cv"])
    points = fig.axes[0].collections[0]
    np.testing.assert_allclose(points.get_offsets(), table[["rate", "latency"]])
    np.testing.assert_allclose(points.get_array(), table["cv"])


@pytest.mark.parametrize("kind", ["curve", "dose_response", "heatmap", "raster", "scatter",
                                  "population_rate",
                                  "firing_map", "isi_distribution", "pairs", "traces",
                                  "candidates"])  # fmt: skip
def test_a_kind_draws_into_a_panel(sweeps, kind):
    """Beside another panel, within its own part, and as large as that is."""
    with style.applied():
        fig = style.figure(183, 80)
        left, right = fig.subfigures(1, 2)
        module = import_module(f"spikesweep.figures.{kind}")
        module.draw(left, sweeps["grid"], DEFAULTS[kind])
        right.subplots().plot([0, 1])
        settle(fig)
        fig.draw_without_rendering()  # texts have their places by then
    assert (round(fig.get_figwidth() * 25.4), round(fig.get_figheight() * 25.4)) == (183, 80)
    assert_tidy(fig)
    for panel in left.axes:
        assert panel.get_window_extent().x1 <= left.bbox.x1


def test_dense_marks_are_images_in_vector_files(tmp_path, sweeps, monkeypatch):
    """A heat map of 512 x 512 shapes is an SVG of 103 MB; a raster, a minute of drawing."""
    monkeypatch.setattr(heatmap, "MOST_CELLS", 10)
    monkeypatch.setattr(raster, "MANY_SPIKES", 10)
    monkeypatch.setattr(scatter, "MANY_POINTS", 10)
    monkeypatch.setattr(traces, "MOST_SAMPLES", 10)
    for kind in ("heatmap", "raster", "scatter", "traces"):
        output = tmp_path / f"{kind}.svg"
        render(kind, DEFAULTS[kind], sweeps["grid"], [output])
        assert "<image" in output.read_text()
        assert output.stat().st_size < 500_000
