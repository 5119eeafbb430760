"""Figures of several panels: where they stand, what they share, what is refused."""

import json
import sys

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.image import imsave
from PIL import Image

from drawing import DEFAULTS, assert_tidy
from spikesweep.errors import UserError
from spikesweep.figures import composing
from spikesweep.figures.composing import Panel, compose
from spikesweep.figures.data import FigureData
from spikesweep.figures.render import settle
from spikesweep.figures.results import Numbers
from spikesweep.plan.figure_sets import read_set
from spikesweep.sweepfile.figure_set import panel
from spikesweep.sweepfile.mosaic import place_of
from spikesweep.sweepfile.reading import validated

SET = """\
title: A paper
figures:
  fig1:
    mosaic: MOSAIC
    panels: {A: {image: a.png}, B: {image: b.png}, C: {image: c.png}}
"""


@pytest.fixture
def composed(sweeps, tmp_path, monkeypatch):
    """Draws a figure of two kinds and an image; `look` sees it laid out and drawn."""
    imsave(tmp_path / "scheme.png", np.zeros((40, 60, 3)))
    data = sweeps["grid"]
    panels = {
        "A": Panel("heatmap", DEFAULTS["heatmap"], data),
        "B": Panel("curve", DEFAULTS["curve"], data),
        "C": Panel("curve", DEFAULTS["curve"] | {"limits": (-5, 50)}, data),
        "D": Panel(image=tmp_path / "scheme.png"),
    }

    def draw(name, look=lambda fig: None):
        def settle_and_look(fig):
            settle(fig)
            fig.draw_without_rendering()  # texts of a legend have their places by then
            look(fig)

        monkeypatch.setattr(composing, "settle", settle_and_look)
        outputs = [tmp_path / f"{name}{suffix}" for suffix in (".pdf", ".png", ".svg")]
        compose((183, 130), "AAB/CCD", panels, {"y": ["B", "C"]}, outputs)
        return [path.read_bytes() for path in outputs]

    return draw


@pytest.mark.workflow
@pytest.mark.parametrize("kind", ["curve", "heatmap", "isi_distribution"])
def test_no_letter_lies_on_a_label_of_the_y_axis(sweeps, tmp_path, monkeypatch, kind):
    """Labels that are about as long as the axis is high, or longer."""

    def settle_and_look(fig):
        settle(fig)
        for part, letter in zip(fig.subfigs, "AB", strict=True):
            [own] = [text for text in part.texts if text.get_text() == letter]
            label = part.axes[0].yaxis.label
            assert not own.get_window_extent().overlaps(label.get_window_extent())

    monkeypatch.setattr(composing, "settle", settle_and_look)
    panels = {letter: Panel(kind, DEFAULTS[kind], sweeps["grid"]) for letter in "AB"}
    compose((89, 70), "A/B", panels, {}, [tmp_path / "a.png"])


@pytest.mark.workflow
def test_panels_stand_where_the_mosaic_says(composed):
    def look(fig):
        a, b, c, d = fig.subfigs
        assert a.bbox.width == pytest.approx(2 * b.bbox.width, rel=0.02)
        assert a.bbox.y0 > c.bbox.y0
        assert d.bbox.x0 > c.bbox.x0
        assert [one.texts[-1].get_text() for one in fig.subfigs] == ["A", "B", "C", "D"]
        assert b.axes[0].get_ylim() == c.axes[0].get_ylim()
        low, high = b.axes[0].get_ylim()
        assert low <= -5 < 50 <= high
        assert_tidy(fig)

    composed("one", look)


@pytest.mark.workflow
def test_what_several_panels_say_is_said_once_below(sweeps, tmp_path, monkeypatch):
    """One of 18 simulations failed, which each panel of this sweep would say."""
    data, at = sweeps["grid"], {"celsius": 26}
    shown = {
        "A": Panel("isi_distribution", DEFAULTS["isi_distribution"], data),
        "B": Panel("isi_distribution", DEFAULTS["isi_distribution"] | {"style": "ecdf"}, data),
        "C": Panel("curve", DEFAULTS["curve"] | {"at": at, "by": None}, data),
        "D": Panel("heatmap", DEFAULTS["heatmap"], data),
    }
    seen = {}

    def look(fig):
        settle(fig)
        fig.draw_without_rendering()
        seen["page"] = fig.get_supxlabel()
        seen["panels"] = [part.get_suptitle() for part in fig.subfigs]
        assert_tidy(fig)

    monkeypatch.setattr(composing, "settle", look)
    compose((183, 130), "AB/CD", shown, {}, [tmp_path / "one.png"])
    once = "A, B: pooled over dose; without 1 of 18 simulations, which failed"
    assert (seen["page"], seen["panels"][:2]) == (once, ["", ""])
    assert "temperature 26 °C" in seen["panels"][2]  # it alone says this


def level_colours(part):
    """The colours of the lines or bars in a panel, by the numbers in its legend."""
    [legend] = part.legends
    texts = [text.get_text().partition(":")[0] for text in legend.get_texts()]
    return {
        float(text): to_hex(handle.get_color())
        for text, handle in zip(texts, legend.get_lines(), strict=True)
        if text[:1].isdigit()
    }


@pytest.mark.workflow
@pytest.mark.parametrize("kind", ["curve", "dose_response", "isi_distribution"])
def test_shared_colours_are_the_same_for_the_same_value(sweeps, tmp_path, monkeypatch, kind):
    """Each panel has one value that the other has not."""
    every = sorted({*sweeps["grid"].axes["celsius"].values})
    parts = {"A": every[:-1], "B": every[1:]}
    seen = {}

    def drawn(share):
        panels = {
            letter: Panel(
                kind,
                DEFAULTS[kind] | {"at": {"celsius": values}},
                FigureData(**sweeps["grid"]._paths),
            )
            for letter, values in parts.items()
        }
        monkeypatch.setattr(
            composing,
            "settle",
            lambda fig: seen.update(zip("AB", map(level_colours, fig.subfigs), strict=True)),
        )
        compose((183, 90), "AB", panels, share, [tmp_path / "one.svg"])
        return dict(seen)

    own, shared = drawn({}), drawn({"colours": "celsius"})
    both = {*parts["A"]} & {*parts["B"]}
    assert both
    assert all(shared["A"][value] == shared["B"][value] for value in both)
    assert any(own["A"][value] != own["B"][value] for value in both)
    assert len({*shared["A"].values(), *shared["B"].values()}) == len(every)  # told apart


@pytest.mark.workflow
def test_a_function_of_the_user_gets_the_shared_colours(sweeps, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "def lines(fig, results):\n"
        "    ax = fig.subplots()\n"
        "    for value, colour in results.colours('celsius').items():\n"
        "        ax.plot([0, 1], color=colour, label=f'{value:g}')\n"
        "    fig.legend()\n"
    )
    data = sweeps["grid"]
    every = data.axes["celsius"].values
    axes = json.loads(data.dataset.attrs["spikesweep_axes"])
    options = {"folder": str(tmp_path), "draw": "mine.py:lines", "options": {}}
    seen = {}
    panels = {
        "A": Panel(
            "curve",
            DEFAULTS["curve"] | {"at": {"celsius": every[:-1]}},
            FigureData(**data._paths),
        ),
        "B": Panel("python", options, Numbers("one", "", axes, FigureData(**data._paths), {})),
    }
    monkeypatch.setattr(
        composing,
        "settle",
        lambda fig: seen.update(zip("AB", map(level_colours, fig.subfigs), strict=True)),
    )
    searched = [*sys.path]
    compose((183, 90), "AB", panels, {"colours": "celsius"}, [tmp_path / "one.svg"])
    assert sys.path == searched
    assert set(seen["B"]) == set(every)
    assert seen["A"] == {value: seen["B"][value] for value in every[:-1]}


@pytest.mark.workflow
def test_what_a_function_sets_of_matplotlib_reaches_no_other_panel(sweeps, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "import matplotlib\n\ndef thick(fig, results):\n"
        "    matplotlib.rcParams['lines.linewidth'] = 9\n"
        "    fig.subplots().plot([0, 1])\n"
    )
    options = {"folder": str(tmp_path), "draw": "mine.py:thick", "options": {}}
    numbers = Numbers("one", "", [], FigureData(**sweeps["grid"]._paths), {})
    panels = {
        "A": Panel("python", options, numbers),
        "B": Panel("curve", DEFAULTS["curve"], FigureData(**sweeps["grid"]._paths)),
    }
    widths = {}
    monkeypatch.setattr(
        composing,
        "settle",
        lambda fig: widths.update(
            (letter, {line.get_linewidth() for line in part.axes[0].lines})
            for letter, part in zip("AB", fig.subfigs, strict=True)
        ),
    )
    compose((183, 90), "AB", panels, {}, [tmp_path / "one.svg"])
    assert widths["A"] == {9}
    assert max(widths["B"]) < 9


@pytest.mark.parametrize(("mode", "white"), [("1", 1), ("L", 255), ("I;16", 65535)])
def test_images_of_greys_are_drawn_in_greys(tmp_path, monkeypatch, mode, white):
    """By their own values: half grey is half grey, whatever else is in the image."""
    half = 0 if mode == "1" else white // 2
    image = Image.new(mode, (4, 4), half)
    image.putpixel((0, 0), white // 2 + 1 if mode != "1" else white)
    image.save(tmp_path / "grey.png")
    seen = []

    def look(fig):
        [shown] = fig.subfigs[0].axes[0].images
        seen.append(shown.to_rgba(shown.get_array()))

    monkeypatch.setattr(composing, "settle", look)
    compose((60, 60), "A", {"A": Panel(image=tmp_path / "grey.png")}, {}, [tmp_path / "one.svg"])
    colours = seen[0][..., :3]
    assert (colours[..., :1] == colours).all()
    assert colours[2, 2, 0] == pytest.approx(half / white, abs=0.005)


@pytest.mark.workflow
def test_twice_the_same_bytes(composed):
    assert composed("one") == composed("other")


def test_places():
    assert place_of("AAB/CCB", "A") == (0, 1, 0, 2)
    assert place_of("AAB/CCB", "B") == (0, 2, 2, 3)


@pytest.mark.parametrize(
    ("mosaic", "said"),
    [
        ("ABC", ""),
        ("AB/CA", "A is no rectangle"),
        ("AB/C", "equally many letters"),
        ("ab/cc", "equally many letters"),
        ("AB", "panel C is missing in the mosaic"),
        ("ABCD", "panel D is missing in panels"),
    ],
)
def test_mosaics(tmp_path, mosaic, said):
    path = tmp_path / "paper.yaml"
    path.write_text(SET.replace("MOSAIC", mosaic))
    if not said:
        assert read_set(path, "paper.yaml").figures["fig1"].millimetres == (183, 120)
        return
    with pytest.raises(UserError, match=said):
        read_set(path, "paper.yaml")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"image": "scheme.svg"}, "vector graphics cannot be put into a figure"),
        ({"kind": "heatmap", "of": "rate", "x": "a", "y": "b"}, "sweep"),
        ({"kind": "heat", "sweep": "s"}, "heatmap"),
        ({"kind": "curve", "sweep": "s", "of": "rate", "x": "a", "colour": "red"}, "colour"),
    ],
)
def test_panels_that_cannot_be_meant_are_refused(written, said):
    with pytest.raises(UserError, match=said):
        validated(panel, written, "paper.yaml: figures.fig1.panels.A")
