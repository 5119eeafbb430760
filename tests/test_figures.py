"""Figures of small synthetic sweeps: what they say, how they look, and that bytes repeat."""

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from itertools import combinations, product
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pikepdf
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.text import Text
from PIL import Image
from synthetic_sweep import CELSIUS, DOSE, SEED, Sweep

import spikesweep.figures
from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.gallery import thin
from spikesweep.figures.isi_distribution import bin_edges
from spikesweep.figures.morphology import outline, scale_bar_length
from spikesweep.figures.render import render, settle
from spikesweep.figures.traces import extremes

# ---- how a figure looks --------------------------------------------------------------------------


def printed(fig) -> list[tuple[Text, object]]:
    """Every text that shows, with its place: (artist, bounding box in pixels)."""
    found = []
    hidden = set()
    for panel in fig.axes:
        if not panel.axison:
            hidden |= set(panel.xaxis.findobj(Text)) | set(panel.yaxis.findobj(Text))
        for axis in (panel.xaxis, panel.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-9 * (high - low)
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                if not low - slack <= tick.get_loc() <= high + slack:
                    hidden |= {tick.label1, tick.label2}
    for text in fig.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            found.append((text, text.get_window_extent()))
    return found


def assert_tidy(fig) -> None:
    """No text is cut by the figure's border, and none lies on another."""
    texts = printed(fig)
    assert texts
    for text, box in texts:
        inside = (
            box.x0 > -1 and box.y0 > -1 and box.x1 < fig.bbox.x1 + 1 and box.y1 < fig.bbox.y1 + 1
        )
        assert inside, f"cut: {text.get_text()!r}"
    upright = [(text, box) for text, box in texts if text.get_rotation() in (0.0, 90.0)]
    for (one, a), (other, b) in combinations(upright, 2):
        apart = a.x1 < b.x0 + 1 or b.x1 < a.x0 + 1 or a.y1 < b.y0 + 1 or b.y1 < a.y0 + 1
        assert apart, f"{one.get_text()!r} lies on {other.get_text()!r}"


DEFAULTS = {
    "heatmap": {"of": "rate", "x": "dose", "y": "celsius", "at": None, "site": None,
                "cmap": "viridis", "log": False},
    "dose_response": {"of": "rate", "x": "dose", "by": "celsius", "at": None, "site": None,
                      "fit": True},
    "traces": {"trace": None, "by": None, "at": None, "rows": None, "columns": None,
               "window": None},
    "raster": {"at": None, "site": None, "by": None, "window": None},
    "isi_distribution": {"by": "celsius", "at": None, "site": None, "log": False, "style": "hist"},
    "morphology": {"cell": None, "of": None, "plane": "xy"},
}  # fmt: skip
KINDS = list(DEFAULTS)


def draw(kind: str, data: FigureData, **options):
    """The figure as it is before it is written to files."""
    with style.applied():
        fig = import_module(f"spikesweep.figures.{kind}").draw(data, DEFAULTS[kind] | options)
        settle(fig)
    return fig


def words(fig) -> str:
    """All that can be read on a figure."""
    return "\n".join(text.get_text() for text, _ in printed(fig))


def hatched(fig) -> list[PolyCollection]:
    return [each for each in fig.findobj(PolyCollection) if each.get_hatch()]


# ---- the sweeps ----------------------------------------------------------------------------------

SCATTER = [(dose, (16, 26, 36)[i % 3]) for i, dose in enumerate(np.geomspace(0.1, 1000, 11))]
LONG = "maximal conductance of the transient sodium channel in the axon initial segment"
SWEEPS = {
    "grid": Sweep([DOSE, CELSIUS], failed={7: 2}),
    "zero dose and replicates": Sweep(
        [DOSE | {"values": [0.0, *DOSE["values"]]}, CELSIUS, SEED], failed={3: 1, 30: 5}
    ),
    "scattered": Sweep(
        [DOSE | {"values": [dose for dose, _ in SCATTER]},
         CELSIUS | {"values": [celsius for _, celsius in SCATTER]}],
        grid=False, points=SCATTER, failed={4: 3},
    ),
    "silent": Sweep([DOSE, CELSIUS], silent=True, failed={0: 4}),
    "all failed": Sweep([DOSE, CELSIUS], failed=dict.fromkeys(range(18), 1)),
    "large": Sweep([DOSE | {"values": np.geomspace(0.01, 1000, 21).tolist()},
                    CELSIUS | {"values": list(range(6, 42, 3))}]),
    "names": Sweep([
        {"name": "dose", "unit": "S/cm**2", "long_name": LONG, "values": [1e-5, 2e-5, 4.5e-5]},
        {"name": "celsius", "unit": "", "long_name": "cell model",
         "values": ["CA1 pyramidal neuron", "O-LM interneuron ($)", "dentate granule cell"]},
    ]),
}  # fmt: skip


NAMES = SWEEPS["names"].axes
SWEEPS["scattered names"] = Sweep(
    [axis | {"values": axis["values"] * 2} for axis in NAMES], grid=False, tstop=20_000.0,
    points=[(axis_a, b) for axis_a in NAMES[0]["values"] for b in NAMES[1]["values"][:2]],
)  # fmt: skip
SWEEPS["long and fine"] = Sweep([
    DOSE | {"values": np.linspace(0, 5, 6).tolist()},
    CELSIUS | {"values": [20.001, 20.002, 20.003, 20.004, 20.005]},
], tstop=20_000.0)  # fmt: skip


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory) -> dict[str, FigureData]:
    return {name: replace(sweep).write(tmp_path_factory.mktemp("sweep"))
            for name, sweep in SWEEPS.items()}  # fmt: skip


def segment(section, region, index, start, end, diam, **parameters) -> dict:
    named = {
        f"{axis}{i}": at[k] for i, at in enumerate((start, end)) for k, axis in enumerate("xyz")
    }
    return {"cell": "ball", "section": section, "region": region, "index": index, "x": 0.5,
            **named, "diam": diam, **parameters}  # fmt: skip


@pytest.fixture(scope="module")
def structure(tmp_path_factory) -> FigureData:
    """A soma with a bent dendrite of two segments, and a second cell."""
    path = tmp_path_factory.mktemp("structure") / "structure_0.csv"
    pd.DataFrame([
        segment("soma", "soma", 0, (0, 0, 0), (20, 0, 0), 20, **{"kdr.gkbar": 0.036}),
        segment("dend", "basal", 0, (20, 0, 0), (120, 0, 0), 2),
        segment("dend", "basal", 1, (120, 0, 0), (120, 60, 80), 2),
        segment("soma", "soma", 0, (0, 0, 0), (5, 0, 0), 5) | {"cell": "other"},
    ]).to_csv(path, index=False)  # fmt: skip
    columns = {"diam": {"unit": "um", "long_name": "diameter"},
               "kdr.gkbar": {"unit": "S/cm2", "long_name": "kdr.gkbar"}}  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps({"columns": columns}))
    return FigureData(structure=path)


# ---- all kinds alike -----------------------------------------------------------------------------

CASES = [
    ("heatmap", {}),
    ("heatmap", {"x": "celsius", "y": "dose", "of": "cv"}),
    ("heatmap", {"of": "v_soma_max", "cmap": "cividis"}),
    ("heatmap", {"log": True}),
    ("dose_response", {}),
    ("dose_response", {"of": "latency", "by": None}),
    ("dose_response", {"x": "celsius", "by": "dose", "fit": False}),
    ("traces", {}),
    ("traces", {"rows": "celsius", "window": (100, 200)}),
    ("traces", {"by": "celsius"}),
    ("traces", {"by": "dose", "columns": "celsius", "window": (100, 200)}),
    ("raster", {}),
    ("raster", {"by": "celsius", "window": (100.0, 200.0)}),
    *(("isi_distribution", {"style": style_, "log": log})
      for style_, log in product(("hist", "kde", "ecdf"), (False, True))),
    ("isi_distribution", {"by": None}),
]  # fmt: skip


@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.parametrize(("kind", "options"), CASES, ids=lambda each: str(each))
def test_figures_of_every_sweep_are_tidy(sweeps, kind, options, name):
    fig = draw(kind, sweeps[name], **options)
    assert_tidy(fig)
    assert round(fig.get_figwidth() * 25.4) in (89, 183)  # one or two columns
    assert fig.get_figheight() * 25.4 < 240
    assert {text.get_fontsize() for text, _ in printed(fig)} == {7.0}
    for panel in fig.axes:
        assert panel.has_data() or panel.texts or panel.patches, "an empty panel"


def test_tidy_is_not_always_true(sweeps):
    fig = draw("heatmap", sweeps["grid"])
    fig.text(0.5, 0.5, "one")
    fig.text(0.5, 0.5, "another")
    with pytest.raises(AssertionError, match="lies on"):
        assert_tidy(fig)
    fig = draw("heatmap", sweeps["grid"])
    fig.text(0.9, 0.98, "much too far to the right")
    with pytest.raises(AssertionError, match="cut"):
        assert_tidy(fig)


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [  # labels: long_name and units of the dataset and of statistics_0.json
        ("heatmap", {}, ["dose (µM)", "temperature (°C)", "firing rate (Hz)", "failed simulation"]),
        ("heatmap", {"of": "v_soma_max"}, ["greatest membrane potential (mV)"]),
        ("heatmap", {"of": "cv"}, ["coefficient of variation of the interspike intervals"]),
        ("dose_response", {}, ["dose (µM)", "firing rate (Hz)", "temperature (°C)",
                               "EC$_{50}$ (95% confidence interval)", "failed simulation"]),
        ("traces", {}, ["time (ms)", "membrane potential (mV)", "0.1 µM", "26 °C",
                        "failed:\nnot finite"]),
        ("traces", {"at": {"celsius": 26}}, ["temperature 26 °C"]),
        ("traces", {"by": "dose"}, ["time (ms)", "membrane potential (mV)", "dose (µM)",
                                    "rows: temperature", "without 1 of 18 simulations"]),
        ("raster", {}, ["time (ms)", "dose (µM)", "failed simulation", "temperature 16 to 36 °C"]),
        ("isi_distribution", {}, ["interspike interval (ms)", "fraction of intervals",
                                  "temperature (°C)", "without 1 of 18 simulations"]),
        ("isi_distribution", {"style": "kde"}, ["density (1/ms)"]),
        ("isi_distribution", {"style": "kde", "log": True}, ["density (1/decade)"]),
        ("isi_distribution", {"style": "ecdf"}, ["cumulative fraction"]),
    ],
)  # fmt: skip
def test_a_figure_says(sweeps, kind, options, said):
    read = words(draw(kind, sweeps["grid"], **options)).replace("\n", " ")
    for text in said:
        assert text.replace("\n", " ") in read


@pytest.mark.parametrize(
    ("kind", "options"),
    [("raster", {}), ("isi_distribution", {}), ("heatmap", {"of": "latency"}),
     ("dose_response", {"of": "latency"})],
)  # fmt: skip
@pytest.mark.parametrize(
    ("name", "said"), [("silent", "no spikes"), ("all failed", "no simulation finished")]
)
def test_nothing_to_show_is_said(sweeps, kind, options, name, said):
    assert said in words(draw(kind, sweeps[name], **options))


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("heatmap", {"x": "does"}, 'the axis "does", did you mean "dose"'),
        ("heatmap", {"x": "celsius"}, 'has the axis "celsius" as both x and y'),
        ("heatmap", {"of": "rat"}, '"of: rat", did you mean "rate"'),
        ("heatmap", {"at": {"celsius": 25}}, "values of celsius are 16, 26, 36 degC"),
        ("raster", {"site": "sooma"}, 'spike site "sooma", did you mean "soma"'),
        ("traces", {"trace": "v_some"}, 'trace "v_some", did you mean "v_soma"'),
        ("traces", {"rows": "celsus"}, 'did you mean "celsius"'),
        ("traces", {"by": "doses"}, 'the axis "doses", did you mean "dose"'),
        ("traces", {"window": (500, 600)}, "window 500 to 600 ms, but the simulations run from 0"),
        ("dose_response", {"by": "temperature"}, "the axes of this sweep are celsius, dose"),
        ("isi_distribution", {"by": "seed"}, 'the axis "seed"'),
    ],
)
def test_what_the_sweep_does_not_have_is_a_users_error(sweeps, kind, options, message):
    with pytest.raises(UserError, match=message.replace("(", r"\(")):
        draw(kind, sweeps["grid"], **options)


def test_a_combination_that_was_not_simulated_is_a_users_error(sweeps):
    with pytest.raises(UserError, match=r"no simulation of this sweep is at dose = 0.1, celsius"):
        draw("traces", sweeps["scattered"], at={"dose": 0.1, "celsius": 36})


# ---- files ---------------------------------------------------------------------------------------

SUFFIXES = (".pdf", ".png", ".svg")


def write(kind: str, data: FigureData, folder: Path, suffixes=SUFFIXES) -> dict[str, bytes]:
    outputs = [folder / f"figure{suffix}" for suffix in suffixes]
    render(kind, DEFAULTS[kind], data, outputs)
    assert sorted(folder.iterdir()) == sorted(outputs)  # nothing temporary is left
    return {output.suffix: output.read_bytes() for output in outputs}


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_are_equal_each_time(sweeps, structure, kind, tmp_path_factory, monkeypatch):
    data = structure if kind == "morphology" else sweeps["grid"]
    first = write(kind, data, tmp_path_factory.mktemp("first"))
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 20)  # of a user's matplotlibrc
    assert write(kind, data, tmp_path_factory.mktemp("second")) == first
    for suffix in SUFFIXES:  # whichever other files are made with it
        alone = write(kind, data, tmp_path_factory.mktemp("alone"), [suffix])
        assert alone[suffix] == first[suffix]


def test_bytes_are_equal_in_another_process(sweeps, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    data = sweeps["grid"]
    here.mkdir()
    expected = write("dose_response", data, here)
    script = (
        "import sys; from pathlib import Path; from spikesweep.figures.data import FigureData\n"
        "from spikesweep.figures.render import render\n"
        "dataset, statistics, *outputs = map(Path, sys.argv[1:])\n"
        "data = FigureData(dataset, statistics)\n"
        f"render('dose_response', {DEFAULTS['dose_response']}, data, outputs)"
    )
    inputs = [data._path("dataset"), data._path("statistics")]
    outputs = [there / f"figure{suffix}" for suffix in SUFFIXES]
    package = str(Path(spikesweep.figures.__file__).parents[2])
    subprocess.run(
        [sys.executable, "-c", script, *map(str, inputs), *map(str, outputs)], check=True,
        env=os.environ | {"PYTHONPATH": package, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"},
    )  # fmt: skip
    assert {output.suffix: output.read_bytes() for output in outputs} == expected


def test_files_carry_text_but_no_clock_and_no_maker(sweeps, tmp_path):
    files = write("heatmap", sweeps["grid"], tmp_path)
    with Image.open(tmp_path / "figure.png") as image:
        assert set(image.info) == {"dpi"}
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert image.width == round(89 / 25.4 * 300)
    with pikepdf.open(tmp_path / "figure.pdf") as pdf:
        assert not [key for key in pdf.docinfo if key in ("/Creator", "/Producer", "/CreationDate")]
        fonts = pdf.pages[0].Resources.Font
        assert {str(font.Subtype) for font in fonts.values()} <= {"/TrueType", "/Type0"}
    assert b"<metadata" not in files[".svg"]
    assert ">temperature (°C)<" in files[".svg"].decode()


def test_a_figure_that_cannot_be_drawn_leaves_no_file(sweeps, tmp_path):
    with pytest.raises(UserError):
        render("heatmap", DEFAULTS["heatmap"] | {"x": "no"}, sweeps["grid"], [tmp_path / "a.svg"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_import_no_other_kind(kind):
    folder = Path(spikesweep.figures.__file__).parent
    assert len(ast.parse((folder / "__init__.py").read_text()).body) == 1  # its docstring
    tree = ast.parse((folder / f"{kind}.py").read_text())
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("spikesweep"):
            imported |= {node.module.rpartition(".")[2], *(alias.name for alias in node.names)}
    assert imported.isdisjoint(set(KINDS) - {kind})
    assert set(import_module(f"spikesweep.figures.{kind}").READS) <= {
        "dataset", "statistics", "isi", "structure", "failures",
    }  # fmt: skip


# ---- each kind -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        # Each of the 11 doses has one temperature, 16, 26 or 36 °C by turns.
        ("dose_response", {"by": None}, "along with dose: temperature 16 to 36 °C"),
        ("raster", {"by": "dose"}, "along with dose: temperature 16 to 36 °C"),
        ("isi_distribution", {"by": "dose"}, "along with dose: temperature 16 to 36 °C"),
        ("traces", {"rows": "dose"}, "along with dose: temperature 16 to 36 °C"),
        ("traces", {"by": "dose"}, "along with dose: temperature 16 to 36 °C"),
        ("raster", {"by": "celsius"}, ""),  # several doses at each temperature: these are told
        ("dose_response", {"by": "celsius"}, ""),
        ("dose_response", {"by": None, "at": {"celsius": 26}}, ""),
        ("heatmap", {}, ""),
    ],
)
def test_figures_say_which_axes_move_along(sweeps, kind, options, said):
    read = words(draw(kind, sweeps["scattered"], **options))
    assert said in read.replace("\n", " ")
    assert ("along with" in read) == bool(said)


def test_figures_of_a_grid_have_no_axis_that_moves_along(sweeps):
    for kind in ("heatmap", "dose_response", "raster", "isi_distribution", "traces"):
        assert "along with" not in words(draw(kind, sweeps["grid"]))


def test_heatmap_with_a_log_scale_refuses_negative_values(tmp_path):
    data = Sweep([DOSE, CELSIUS], silent=True).write(tmp_path)
    with pytest.raises(UserError, match=r'"v_soma_max" with "log: true", but -65 mV is below 0'):
        draw("heatmap", data, of="v_soma_max", log=True)
    assert "0 Hz" in words(draw("heatmap", data, log=True))  # and shows zeros apart


def test_dose_response_shows_the_ec50_that_the_cells_have(sweeps):
    fig = draw("dose_response", sweeps["zero dose and replicates"])
    entries = [text.get_text() for text in fig.legends[0].get_texts()]
    for celsius in (16, 26, 36):
        (entry,) = [entry for entry in entries if entry.startswith(f"{celsius}: ")]
        low, high = entry.partition("(")[2].rstrip(")").split(" to ")
        assert float(low) < 30 < float(high)  # firing_rate: EC50 is 30 uM at every temperature
    assert "mean ± SD over seed" in words(fig)


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
    drawn = [area.get_paths()[0].vertices[:, 1].max() for area in fig.axes[0].collections]
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
