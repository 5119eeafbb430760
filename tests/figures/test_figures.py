"""Figures of small synthetic sweeps: what they say, how they look, and that bytes repeat."""

import ast
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import get_args

import matplotlib
import pikepdf
import pytest
from PIL import Image

import spikesweep.figures
from drawing import DEFAULTS, KINDS, PLACES, SWEEPS, assert_tidy, draw, printed, words
from project import PACKAGE
from spikesweep.errors import UserError
from spikesweep.figures.data import FigureData
from spikesweep.figures.render import render
from spikesweep.sweepfile.figures import FigureOptions, PythonFigure

# ---- all kinds alike -----------------------------------------------------------------------------

CASES = [
    ("heatmap", {}),
    ("heatmap", {"x": "celsius", "y": "dose", "of": "cv"}),
    ("heatmap", {"of": "v_soma_max", "cmap": "cividis"}),
    ("heatmap", {"log": True}),
    ("dose_response", {}),
    ("dose_response", {"of": "latency", "by": None}),
    ("dose_response", {"x": "celsius", "by": "dose", "fit": False}),
    ("curve", {}),
    ("curve", {"x": "celsius", "by": "dose", "error": "ci"}),
    ("curve", {"of": "latency", "by": None, "error": "points"}),
    ("curve", {"by": None, "band": "percentiles"}),
    ("curve", {"of": "latency", "band": "sd"}),
    ("firing_map", {}),
    ("scatter", {}),
    ("scatter", {"of": "latency", "x": "rate", "by": "cv", "log": True}),
    ("traces", {}),
    ("traces", {"rows": "celsius", "window": (100, 200)}),
    ("traces", {"by": "celsius"}),
    ("traces", {"by": "dose", "columns": "celsius", "window": (100, 200)}),
    ("raster", {}),
    ("raster", {"by": "celsius", "window": (100.0, 200.0)}),
    ("population_rate", {}),
    ("population_rate", {"by": "celsius", "window": (100.0, 200.0)}),
    *(("isi_distribution", {"style": style_, "log": log})
      for style_, log in product(("hist", "kde", "ecdf"), (False, True))),
    ("isi_distribution", {"by": None}),
    ("candidates", {}),
    ("candidates", {"of": ["dose", "fires"]}),
    ("pairs", {"of": ["v_soma_max", "rate", "latency"]}),
]  # fmt: skip


@pytest.mark.workflow
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


@pytest.mark.workflow
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


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [  # labels: long_name and units of the dataset and of statistics_0.json
        ("heatmap", {}, ["dose (µM)", "temperature (°C)", "firing rate (Hz)", "failed simulation"]),
        ("heatmap", {"of": "v_soma_max"}, ["greatest membrane potential (mV)"]),
        ("heatmap", {"of": "cv"}, ["coefficient of variation of the interspike intervals"]),
        ("dose_response", {}, ["dose (µM)", "firing rate (Hz)", "temperature (°C)",
                               "EC$_{50}$ (doses next to it)", "failed simulation"]),
        ("firing_map", {}, ["single spike", "tonic", "failed simulation"]),
        ("scatter", {"of": "latency", "x": "rate"}, ["latency of the first spike (ms)",
                                                     "firing rate (Hz)", "without 1 of 18"]),
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


@pytest.mark.workflow
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


@pytest.mark.workflow
@pytest.mark.parametrize("kind", KINDS)
def test_bytes_are_equal_each_time(sweeps, structure, kind, tmp_path_factory, monkeypatch):
    paths = sweeps["grid"]._paths | {"structure": structure._paths["structure"]}
    data = FigureData(**paths, places=PLACES)
    first = write(kind, data, tmp_path_factory.mktemp("first"))
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 20)  # of a user's matplotlibrc
    for suffix in SUFFIXES:  # whichever other files are made with it
        alone = write(kind, data, tmp_path_factory.mktemp("alone"), [suffix])
        assert alone[suffix] == first[suffix]


@pytest.mark.workflow
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
    package = str(PACKAGE)
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
    assert (folder / "__init__.py").read_text() == ""
    tree = ast.parse((folder / f"{kind}.py").read_text())
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("spikesweep"):
            imported |= {node.module.rpartition(".")[2], *(alias.name for alias in node.names)}
    assert imported.isdisjoint(set(KINDS) - {kind})


BUILT_IN = [each for each in get_args(get_args(FigureOptions)[0]) if each is not PythonFigure]


@pytest.mark.workflow
@pytest.mark.parametrize("figure", BUILT_IN)
def test_kinds_read_what_their_options_say(figure, sweeps, structure):
    [kind] = get_args(figure.model_fields["kind"].annotation)
    paths = sweeps["grid"]._paths | {"structure": structure._paths["structure"]}
    given = {name: paths[name] for name in figure.reads}
    draw(kind, FigureData(**given, places=PLACES))
    for needed in set(figure.reads) - {"simulations"}:  # where none is judged, there is none
        less = {name: path for name, path in given.items() if name != needed}
        with pytest.raises(ValueError, match=f"reads {needed}, which it was not given"):
            draw(kind, FigureData(**less, places=PLACES))


@pytest.mark.workflow
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


@pytest.mark.workflow
def test_figures_of_a_grid_have_no_axis_that_moves_along(sweeps):
    for kind in ("heatmap", "dose_response", "raster", "isi_distribution", "traces"):
        assert "along with" not in words(draw(kind, sweeps["grid"]))
