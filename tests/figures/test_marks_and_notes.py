"""What figures mark and say of values that do not stand, and of what they leave out."""

import json

import numpy as np
import pandas as pd
import pytest

from drawing import PLACES, assert_tidy, draw, words, write_structure
from spikesweep.figures.data import FigureData
from synthetic_sweep import CELSIUS, DOSE, SEED, Sweep

pytestmark = pytest.mark.workflow  # many drawings


def test_what_is_not_robust_is_marked(tmp_path):
    """Of three simulations that ran again two stand; the one that does not is marked."""
    data = Sweep([DOSE, CELSIUS]).write(tmp_path)
    site, lost = data.sites[0], data.simulations.iloc[7]
    rows = [f"{i},{site},rate,dt,{how}\n" for i, how in ((0, "yes"), (7, "no"), (9, "yes"))]
    (tmp_path / "trust.csv").write_text(f"index,site,statistic,refined,robust\n{''.join(rows)}")
    data = FigureData(**data._paths | {"trust": tmp_path / "trust.csv"})
    for kind in ("heatmap", "curve"):
        fig = draw(kind, data)
        assert f"2 of 3 stand when refined, of {len(data.simulations)}" in words(fig)
        marks = [line for line in fig.axes[0].lines if line.get_markersize() in (2.8, 7.5)]
        (place,) = [line.get_xydata()[0] for line in marks if len(line.get_xydata())]
        x = [label.get_text() for label in fig.axes[0].get_xticklabels()]
        assert np.isclose(place[0], fig.axes[0].get_xticks()[x.index(f"{lost['dose']:g}")])
    assert "refined" not in words(draw("curve", data, of="cv"))


def test_counts_that_hang_on_the_threshold_are_marked(tmp_path):
    """A count that is another 10 mV lower, 2 in place of dozens, is marked; equal ones are not."""
    fewer = np.array([60.0, 61.0])
    for name, lower in (("doubtful", {7: fewer}), ("sound", {})):
        (tmp_path / name).mkdir()
        data = Sweep([DOSE, CELSIUS], failed={2: 1}, lower=lower).write(tmp_path / name)
        lost = data.simulations.iloc[7]
        for kind, size in (("heatmap", 2.8), ("curve", 7.5), ("dose_response", 7.5),
                           ("scatter", 7.5)):  # fmt: skip
            for of, hangs in (("rate", bool(lower)), ("v_soma_max", False)):
                fig = draw(kind, data, of=of)
                assert_tidy(fig)
                assert ("hang on the threshold" in words(fig)) == hangs
                marks = [line for line in fig.axes[0].lines if line.get_markersize() == size]
                places = [xy for line in marks for xy in line.get_xydata()]
                assert len(places) == hangs
                if hangs:
                    x = [label.get_text() for label in fig.axes[0].get_xticklabels()]
                    at = fig.axes[0].get_xticks()[x.index(f"{lost['dose']:g}")]
                    assert np.isclose(places[0][0], at)
                    of_shown = 17 if kind == "scatter" else 18  # without the one that failed
                    said = words(fig).replace("\n", " ")
                    assert f"1 of {of_shown} counts hang on the threshold (" in said
                    assert "set record.spikes.soma.threshold above all that is no spike" in said


def rings(fig, panel, size=4.5):
    """The places of the rings in one panel."""
    return [xy for line in panel.lines if line.get_markersize() == size for xy in line.get_xydata()]


def test_points_of_pairs_that_hang_on_the_threshold_are_ringed(tmp_path):
    """The count of one of 18 simulations is 2 by the lower threshold, of which one more failed."""
    data = Sweep([DOSE, CELSIUS], failed={2: 1}, lower={7: np.array([60.0, 61.0])}).write(tmp_path)
    fig = draw("pairs", data)
    assert_tidy(fig)
    assert "1 of 17 counts hang on the threshold (ringed)" in words(fig).replace("\n", " ")
    lost = data.statistics.loc[7]
    shown = {(panel.get_xlabel(), panel.get_ylabel()): rings(fig, panel) for panel in fig.axes}
    places = [xy for found in shown.values() for xy in found]
    assert len(places) == 3  # in each panel below the diagonal
    assert any(np.allclose(xy, (lost["dose"], lost["rate"])) for xy in places)
    quiet = draw("pairs", data, of=["dose", "v_soma_max"])
    assert "hang" not in words(quiet)
    assert not any(rings(quiet, panel) for panel in quiet.axes)


def test_candidates_that_are_judged_by_what_hangs_are_ringed(tmp_path):
    data = Sweep([DOSE, CELSIUS], failed={2: 1}, lower={7: np.array([60.0])}).write(tmp_path)
    assert data.population["doubtful"].dropna().to_dict() == {7: "fires"}
    fig = draw("candidates", data)
    assert_tidy(fig)
    assert "1 of 17 verdicts hang on the threshold (ringed)" in words(fig).replace("\n", " ")
    (place,) = [xy for panel in fig.axes for xy in rings(fig, panel)]
    assert list(place) == [10.0, 26.0]  # simulation 7: the third dose, the second temperature


@pytest.mark.parametrize(("number", "is_said"), [(1, False), (5, True)])
def test_candidates_say_where_a_criterion_looks_at_several_simulations(tmp_path, number, is_said):
    data = Sweep([DOSE, CELSIUS]).write(tmp_path)
    shares = pd.read_csv(tmp_path / "acceptance_0.csv").assign(simulations=number)
    shares.to_csv(tmp_path / "acceptance_0.csv", index=False)
    said = words(draw("candidates", data, of=["dose", "fires"])).replace("\n", " ")
    assert ("fires: mean of 5 simulations, in each of which it must hold" in said) == is_said
    assert "must hold" not in words(draw("candidates", data, of=["dose", "celsius"]))


@pytest.mark.parametrize(("kind", "table", "asked", "is_said"), [
    ("threshold", "thresholds", {"threshold": {"of": "n_spikes", "site": None}}, True),
    ("threshold", "thresholds", {"threshold": {"of": "class", "site": "soma"}}, True),
    ("threshold", "thresholds", {"threshold": {"of": "v_soma_max", "site": None}}, False),
    ("sensitivity", "sensitivity", {"sensitivity": {"of": ["rate"], "site": None}}, True),
])  # fmt: skip
def test_what_was_made_of_counts_says_how_many_hang(tmp_path, kind, table, asked, is_said):
    data = Sweep([DOSE, CELSIUS], lower={7: np.array([60.0])}).write(tmp_path)
    (tmp_path / f"{table}_0.json").write_text(json.dumps({"recipe": asked}))
    said = words(draw(kind, data)).replace("\n", " ")
    assert ("1 of 18 counts hang on the threshold" in said) == is_said


@pytest.mark.parametrize(("kind", "options"), [
    *(("curve", {"by": None}), ("dose_response", {"by": None}), ("scatter", {"by": None})),
    *(("pairs", {}), ("candidates", {}), ("sensitivity", {}), ("traces", {})),
    *(("raster", {}), ("population_rate", {}), ("isi_distribution", {"by": None})),
])  # fmt: skip
def test_an_axis_of_one_value_is_told(tmp_path, kind, options):
    """Once, in the note: the figure shows it nowhere else."""
    data = Sweep([DOSE, CELSIUS | {"values": [26]}]).write(tmp_path)
    assert words(draw(kind, data, **options)).count("temperature 26 °C") == 1


def test_thresholds_tell_an_axis_of_one_value_but_not_the_one_that_was_searched(tmp_path):
    data = Sweep([DOSE, CELSIUS | {"values": [26]}, SEED | {"values": [3]}]).write(tmp_path)
    said = words(draw("threshold", data))
    assert "seed 3" in said
    assert "temperature 26 °C" not in said


def thresholds(folder, **rows):
    """Write thresholds of two temperatures at each of two doses, by what is said of them."""
    table = pd.read_csv(folder / "thresholds_0.csv").iloc[[0, 0, 0, 0]]
    levels = {"dose": [1.0, 10.0, 1.0, 10.0], "celsius": [16.0, 16.0, 26.0, 26.0]}
    table.assign(**levels, **rows).to_csv(folder / "thresholds_0.csv", index=False)


def test_why_thresholds_are_not_bracketed_is_said_and_each_has_its_cross(tmp_path):
    data = Sweep([DOSE, CELSIUS, SEED]).write(tmp_path)
    reasons = ["yes", "never reached", "always reached", "never reached"]
    nothing = [12.0, None, None, None]
    thresholds(tmp_path, bracketed=reasons, threshold_lower=nothing, threshold_upper=nothing)
    fig = draw("threshold", data, by="celsius")
    assert_tidy(fig)
    said = words(fig).replace("\n", " ")
    assert "not bracketed: 1 always reached, 2 never reached" in said
    crosses = [line for line in fig.axes[0].lines if line.get_marker() == "x"]
    heights = [line.get_transform().transform(line.get_xydata())[:, 1] for line in crosses]
    assert heights[0].max() < heights[1].min()  # at dose 10 both have one


@pytest.mark.parametrize("log", [False, True])
def test_without_any_bracket_no_axis_is_made_up(tmp_path, log):
    data = Sweep([DOSE, CELSIUS, SEED]).write(tmp_path)
    thresholds(tmp_path, bracketed="always reached", threshold_lower=None, threshold_upper=None)
    fig = draw("threshold", data, by="celsius", log=log)
    said = words(fig).replace("\n", " ")
    assert "not bracketed: 4 always reached" in said
    assert "no threshold is bracketed" in said
    assert list(fig.axes[0].get_yticks()) == []
    assert fig.axes[0].get_yscale() == "linear"


def test_an_axis_of_one_value_that_is_shown_is_not_told_again(tmp_path):
    data = Sweep([DOSE, CELSIUS | {"values": [26]}]).write(tmp_path)
    for kind in ("heatmap", "firing_map"):
        assert "temperature 26 °C" not in words(draw(kind, data))


def test_what_is_marked_for_two_reasons_names_both(tmp_path):
    data = Sweep([DOSE, CELSIUS], lower={7: np.array([60.0])}).write(tmp_path)
    rows = "7,soma,rate,dt,no\n9,soma,rate,dt,yes\n"
    (tmp_path / "trust.csv").write_text(f"index,site,statistic,refined,robust\n{rows}")
    data = FigureData(**data._paths | {"trust": tmp_path / "trust.csv"})
    assert "not robust or hangs on the threshold" in words(draw("heatmap", data))
    said = words(draw("curve", data)).replace("\n", " ")
    assert "1 of 2 stand when refined, of 18 (rings do not); 1 of 18 counts hang" in said


@pytest.mark.parametrize("kind", ["raster", "population_rate", "isi_distribution"])
def test_spikes_say_which_of_the_counts_shown_hang(tmp_path, kind):
    """Of all simulations, and of those at one temperature: the one that hangs is at 26 degC."""
    data = Sweep([DOSE, CELSIUS], lower={7: np.array([60.0])}).write(tmp_path)
    assert data.simulations["celsius"][7] == 26
    for at, by, said in (
        ({}, "celsius", "1 of 18 counts hang on the threshold"),
        ({"celsius": 26}, None, "1 of 6 counts hang on the threshold"),
        ({"celsius": 16}, None, ""),
    ):
        read = words(draw(kind, data, at=at, by=by)).replace("\n", " ")
        assert said in read
        assert ("hang on" in read) == bool(said)


def test_means_of_a_heat_map_say_of_how_many_simulations(tmp_path):
    """Over four seeds: one failed, and silent ones have no latency."""
    data = Sweep([DOSE, CELSIUS, SEED], failed={0: 1}).write(tmp_path)
    assert len(SEED["values"]) == 4
    read = words(draw("heatmap", data)).replace("\n", " ")
    assert "mean over seed (n = 3 to 4 simulations)" in read
    assert "without 1 of 72 simulations, which failed" in read
    undefined = data.statistics.loc[data.statistics["index"].isin([4, 5, 9]), "latency"].index
    table = pd.read_csv(tmp_path / "statistics_0.csv")
    table.loc[undefined, "latency"] = np.nan
    table.to_csv(tmp_path / "statistics_0.csv", index=False)
    read = words(draw("heatmap", FigureData(**data._paths), of="latency")).replace("\n", " ")
    assert "mean over seed (n = 2 to 4 simulations)" in read
    number = int(table["latency"].isna().sum()) - 1  # without the one that failed
    assert f"without {number} of 72 simulations, which are undefined" in read


@pytest.mark.parametrize(("kind", "options"), [
    *(("curve", {"x": "celsius", "by": None}), ("heatmap", {"x": "celsius", "y": "seed"})),
    ("profile", {"by": "celsius"}),
])  # fmt: skip
def test_means_over_other_values_here_than_there_say_so(tmp_path, kind, options):
    """The design leaves out high doses where it is warm: the means differ by these as well."""
    points = [
        (dose, celsius, seed)
        for dose in (1, 10, 100)
        for celsius in (16, 36)
        for seed in (1, 2)
        if dose * celsius < 3000
    ]
    values = [sorted(set(column)) for column in zip(*points, strict=True)]
    axes = [
        axis | {"values": known} for axis, known in zip((DOSE, CELSIUS, SEED), values, strict=True)
    ]
    told = "not of the same values of dose"
    for name, chosen in (("left_out", points), ("grid", [p for p in points if p[0] < 100])):
        (tmp_path / name).mkdir()
        data = Sweep(axes, grid=False, points=chosen).write(tmp_path / name)
        structure = write_structure(tmp_path / name / "structure_0.csv")
        paths = data._paths | {"structure": structure._paths["structure"]}
        read = words(draw(kind, FigureData(**paths, places=PLACES), **options)).replace("\n", " ")
        assert (told in read) == (name == "left_out")


@pytest.mark.parametrize("kind", ["curve", "dose_response"])
def test_points_beyond_the_limits_are_counted(tmp_path, kind):
    data = Sweep([DOSE, CELSIUS]).write(tmp_path)
    rates = data.statistics["rate"]
    hidden = int((rates > 20).sum())
    assert 0 < hidden < 18
    read = words(draw(kind, data, limits=[0, 20])).replace("\n", " ")
    assert f"{hidden} of 18 points lie beyond the limits" in read
    assert "limits" not in words(draw(kind, data, limits=[0, rates.max()]))


@pytest.mark.parametrize(("least", "is_said"), [(0.0, True), (1.0, False)])
def test_a_scatter_says_what_cannot_be_logarithmic(tmp_path, least, is_said):
    data = Sweep([DOSE, CELSIUS]).write(tmp_path)
    table = pd.read_csv(tmp_path / "statistics_0.csv")
    table.loc[3, "rate"] = least
    table.to_csv(tmp_path / "statistics_0.csv", index=False)
    data = FigureData(**data._paths)
    read = words(draw("scatter", data, x="latency", log=True)).replace("\n", " ")
    assert ("firing rate: linear, with values that are not above 0" in read) == is_said
    assert "linear" not in words(draw("scatter", data, x="latency", log=False))
    (tmp_path / "names").mkdir()
    names = Sweep([DOSE, CELSIUS | {"values": ["cold", "warm", "hot"]}]).write(tmp_path / "names")
    assert "linear" not in words(draw("scatter", names, of="latency", x="celsius", log=True))


def test_means_of_a_profile_say_of_how_many_simulations_and_which_values_are_left_out(tmp_path):
    many = DOSE | {"values": np.geomspace(0.1, 1000, 40).tolist()}
    data = Sweep([many, SEED], failed={0: 1}).write(tmp_path)
    structure = write_structure(tmp_path / "structure_0.csv")
    paths = data._paths | {"structure": structure._paths["structure"]}
    data = FigureData(**paths, places=PLACES)
    read = words(draw("profile", data, by="dose")).replace("\n", " ")
    assert "mean over seed (n = 3 to 4 simulations)" in read
    assert "32 of 40 values of dose shown" in read
