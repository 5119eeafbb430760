"""Firing maps: classes of firing as colours, and the table of what they show."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color

from drawing import assert_tidy, draw, words
from spikesweep.figures import firing_map
from spikesweep.figures.firing_table import write_classes
from spikesweep.tables.firing import CLASSES
from spikesweep.tables.firing_columns import COLUMNS as FIRING
from synthetic_sweep import CELSIUS, DOSE, SEED, Sweep

pytestmark = pytest.mark.workflow  # many drawings


def test_the_firing_map_shows_the_classes(sweeps):
    data = sweeps["grid"]
    fig = draw("firing_map", data)
    shown = fig.axes[0].collections[0].get_array()
    counts = data.dataset["n_spikes_soma"].transpose("celsius", "dose").values
    # Rates fall to 5 Hz, of which 350 ms see one spike or two.
    assert [CLASSES[int(code)] for code in shown[counts == 1]] == ["single spike"] * 2
    assert {CLASSES[int(code)] for code in shown[counts > 3]} == {"tonic"}


@pytest.mark.parametrize(("held", "named"), [(-30.0, "block"), (-70.0, "silent")])
def test_the_firing_map_tells_silence_from_block(tmp_path, held, named):
    data = Sweep([DOSE, CELSIUS], silent=True, held=held).write(tmp_path)
    fig = draw("firing_map", data)
    assert [CLASSES[int(code)] for code in np.unique(fig.axes[0].collections[0].get_array())] == [
        named
    ]


def test_the_firing_map_shows_ties_and_tells_what_is_not_unanimous(tmp_path, monkeypatch):
    """By hand: of four seeds at three doses all are tonic, three are, and two."""
    doses = DOSE | {"values": [0.1, 1.0, 10.0]}
    data = Sweep([doses, CELSIUS | {"values": [16]}, SEED]).write(tmp_path)
    classes = ["tonic"] * 4 + ["tonic"] * 3 + ["silent"] + ["tonic", "silent"] * 2
    monkeypatch.setattr(firing_map, "classes_of", lambda *_: pd.Series(classes, dtype=object))
    fig = draw("firing_map", data)
    assert_tidy(fig)
    cells, *halves = fig.axes[0].collections
    (half,) = halves
    (triangle,) = [path.vertices[:3] for path in half.get_paths()]
    both = {CLASSES[int(cells.get_array()[0, 2])]}
    both |= {
        name
        for name, colour in zip(CLASSES, firing_map.COLOURS, strict=True)
        if same_color(half.get_facecolor()[0], colour)
    }
    assert both == {"silent", "tonic"}
    assert triangle[:, 0].mean() > 3  # in the cell of the last dose
    read = words(fig).replace("\n", " ")
    assert "most frequent over seed (n = 4 simulations); they differ in 2 of 3 cells" in read
    assert "as often one as the other in 1 (lower right half: the other)" in read


@pytest.mark.parametrize(
    ("lower", "below"),
    [
        (np.array([60.0]), "block"),  # then held at -30 mV: a plateau that oscillates
        (np.array([60.0, 450.0, 460.0]), "block"),  # spikes after the window are no others in it
        (np.arange(60.0, 400.0, 50.0), None),  # another count, the same class
    ],
)
def test_the_firing_map_shows_the_class_10_mv_lower_where_it_is_another(tmp_path, lower, below):
    """Simulation 7, the third dose and second temperature, is "tonic" by its spikes."""
    data = Sweep([DOSE, CELSIUS], held=-30.0, lower={7: lower}).write(tmp_path)
    fig = draw("firing_map", data)
    assert_tidy(fig)
    cells, *halves = fig.axes[0].collections
    assert CLASSES[int(cells.get_array()[1, 2])] == "tonic"
    dots = [line for line in fig.axes[0].lines if line.get_markersize() == 2.8]
    assert len(dots) == len(halves) == (below is not None)
    said = "1 of 18 classes hang on the threshold (dotted; lower right half: 10 mV lower)"
    assert (said in words(fig).replace("\n", " ")) == (below is not None)
    if below:
        (triangle,) = [path.vertices[:3] for path in halves[0].get_paths()]
        (place,) = dots[0].get_xydata()
        assert np.all(triangle.min(axis=0) < place)
        assert np.all(place < triangle.max(axis=0))
        colour = firing_map.COLOURS[CLASSES.index(below)]
        assert same_color(halves[0].get_facecolor()[0], colour)


def test_the_table_of_classes_is_what_a_firing_map_colours(tmp_path):
    """Fewer than two spikes ask for the potential, here held at -30 mV, which is block."""
    block = {7: np.array([60.0])}
    data = Sweep([DOSE, CELSIUS], failed={2: 1}, lower=block, held=-30.0).write(tmp_path)
    output = tmp_path / "firing_classes.csv"
    write_classes(data, [None, "soma"], output)
    table = pd.read_csv(output, keep_default_na=False, na_values=[""])
    first, *others = FIRING
    assert list(table) == [first, "dose", "celsius", *others]
    assert table["index"].tolist() == list(range(18))
    assert table.loc[2, "firing_class"] is np.nan
    assert table.loc[7, ["firing_class", "firing_class_lower"]].tolist() == ["tonic", "block"]
    is_asked = (data.statistics["n_spikes"] < 2).tolist()  # and no failed simulation is
    assert (table["held_potential"] == -30.0).tolist() == is_asked
    shown = draw("firing_map", data).axes[0].collections[0].get_array()
    expected = table.pivot(index="celsius", columns="dose", values="firing_class")
    coloured = np.ma.filled(shown, -1).reshape(expected.shape)
    for place, found in np.ndenumerate(expected.to_numpy()):
        assert coloured[place] == (CLASSES.index(found) if isinstance(found, str) else -1)


def test_the_table_of_classes_has_the_potential_that_tells_block(tmp_path):
    (tmp_path / "held").mkdir()
    data = Sweep([DOSE], silent=True, held=-30.0).write(tmp_path / "held")
    write_classes(data, ["soma"], tmp_path / "firing_classes.csv")
    table = pd.read_csv(tmp_path / "firing_classes.csv")
    assert (table["firing_class"] == "block").all()
    assert (table["held_potential"] == -30.0).all()
