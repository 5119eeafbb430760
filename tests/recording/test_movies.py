"""Movies against plain NEURON, bit for bit; and the conduction velocity that one shows."""

import copy

import numpy as np
import pytest

from code_models import changed, packed, plan, results
from simulating import plain_neuron
from spikesweep.errors import UserError
from spikesweep.recording.frames import decoded
from spikesweep.recording.results import segments_of

CELL = {
    "sections": {
        "soma": {"L": 20, "diam": 20, "region": "soma"},
        "trunk": {"L": 200, "diam": 2, "nseg": 3, "region": "apical", "parent": "soma(1)"},
        "left": {"L": 100, "diam": 1, "nseg": 3, "region": "apical", "parent": "trunk(1)"},
        "right": {"L": 100, "diam": 1, "nseg": 1, "region": "apical", "parent": "trunk(1)"},
    },
    "biophysics": [
        {"in": "all", "Ra": 100, "insert": {"pas": {"g": 1e-4, "e": -65}}},
        {"in": ["soma", "trunk"], "insert": {"hh": {}}},
    ],
}
SWEEP = {
    "title": "A movie",
    "model": {"cells": {"cell": CELL}},
    "protocol": {
        "tstop": 10,
        "processes": {
            "step": {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 1, "dur": 5, "amp": 0.5}
        },
    },
    "record": {"precision": "float64", "movies": {"film": {"of": "cell.all.v", "every": 0.5}}},
}
PLAIN = """
parts = {}
for name, L, diam, nseg, parent in (
    ("soma", 20, 20, 1, None), ("trunk", 200, 2, 3, "soma"), ("left", 100, 1, 3, "trunk"),
    ("right", 100, 1, 1, "trunk"),
):
    section = parts[name] = n.Section(name=name)
    section.L, section.diam, section.nseg, section.Ra = L, diam, nseg, 100
    section.insert("pas")
    for segment in section:
        segment.pas.g, segment.pas.e = 1e-4, -65
    if parent:
        section.connect(parts[parent](1))
for name in ("soma", "trunk"):
    parts[name].insert("hh")
step = n.IClamp(parts["soma"](0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
for name, section in parts.items():
    for i, segment in enumerate(section):
        record(f"{name} {i}", segment._ref_v)
        if section.has_membrane("hh"):
            record(f"m {name} {i}", segment._ref_m_hh)
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def filming(**movies) -> dict:
    sweep = copy.deepcopy(SWEEP)
    sweep["record"]["movies"] = movies
    return sweep


def film_of(result, name="film"):
    """The frames (time, segment) and the segments of a movie."""
    segments = decoded(result.traces[segments_of(name)])
    return result.traces[name].reshape(-1, len(segments)), segments


def test_every_frame_is_plain_neurons(tmp_path):
    """Of the whole cell, and of a variable that two of four sections have."""
    sweep = filming(film={"of": "cell.all.v", "every": 0.5}, m={"of": "cell.all.hh.m", "every": 1})
    (result,) = results(sweep, tmp_path / "scratch")
    oracle = plain_neuron(PLAIN + "run(10)")
    frames, segments = film_of(result)
    counts = {"soma": 1, "trunk": 3, "left": 3, "right": 1}
    assert [s.section for s in segments] == [n for n, count in counts.items() for _ in range(count)]
    for column, (name, i) in enumerate((n, i) for n, c in counts.items() for i in range(c)):
        np.testing.assert_array_equal(frames[:, column], oracle[f"{name} {i}"][::20])
        assert segments[column].x == pytest.approx((i + 0.5) / counts[name])
    frames, segments = film_of(result, "m")
    assert [(s.section, s.region) for s in segments] == [
        ("soma", "soma"),
        *[("trunk", "apical")] * 3,
    ]
    for column, name in enumerate(("soma 0", "trunk 0", "trunk 1", "trunk 2")):
        np.testing.assert_array_equal(frames[:, column], oracle[f"m {name}"][::40])


def test_it_says_where_segments_are(tmp_path):
    """The path distance of Johnston's ball and stick; ends meet where sections are connected."""
    (result,) = results(SWEEP, tmp_path / "scratch")
    _, segments = film_of(result)
    distances = [0, *(10 + 200 * x for x in (1 / 6, 0.5, 5 / 6))]
    distances += [*(210 + 100 * x for x in (1 / 6, 0.5, 5 / 6)), 260]
    assert [s.distance for s in segments] == pytest.approx(distances)
    assert [s.diam for s in segments] == pytest.approx([20, 2, 2, 2, 1, 1, 1, 1])
    for one, other in ((0, 1), (1, 2), (3, 4), (3, 7), (4, 5)):
        assert segments[one][8:] == pytest.approx(segments[other][5:8], abs=1e-3)


def test_a_window_has_the_frames_within(tmp_path):
    whole, _ = film_of(*results(SWEEP, tmp_path / "scratch"))
    for window, expected in (
        ([2, 5], slice(4, 11)),
        ([1.9, 5.2], slice(4, 11)),
        ([0, 10], slice(None)),
    ):
        sweep = filming(film={"of": "cell.all.v", "every": 0.5, "window": window})
        frames, _ = film_of(*results(sweep, tmp_path / "scratch"))
        np.testing.assert_array_equal(frames, whole[expected])


def test_chunks_of_steps_make_no_difference(tmp_path, monkeypatch):
    whole, _ = film_of(*results(SWEEP, tmp_path / "scratch"))
    monkeypatch.setattr("spikesweep.simulation.integration.integrate.__defaults__", ((), 100, None))
    frames, _ = film_of(*results(SWEEP, tmp_path / "scratch"))
    np.testing.assert_array_equal(frames, whole)


def test_a_pack_of_copies_has_a_movie_of_each(tmp_path):
    """Also where cells lie that have no points: at the origin, or where a position says."""
    sweep = changed(SWEEP, axes={"amp": {"values": [0.1, 0.5], "sets": "step.amp"}})
    cell = sweep["model"]["cells"]["cell"]
    cell |= {"count": 2, "position": {"x": "100 * i"}}
    sweep["protocol"]["processes"]["step"]["at"] = "cell[1].soma(0.5)"
    alone, together = results(sweep, tmp_path / "a"), packed(sweep, tmp_path / "b")
    for one, other in zip(alone, together, strict=True):
        assert one.traces.keys() == other.traces.keys()
        assert {"film[0]", "film[1]"} < one.traces.keys()
        for name, samples in one.traces.items():
            np.testing.assert_array_equal(samples, other.traces[name])
        (still, here), (moved, there) = (film_of(one, f"film[{i}]") for i in (0, 1))
        assert np.ptp(still) < 1 < np.ptp(moved)
        assert [s.x0 + 100 for s in here] == pytest.approx([s.x0 for s in there])
        assert here[0].y0 == there[0].y0 == here[0].x0 == 0


def test_it_changes_nothing_that_is_simulated(tmp_path):
    trace = {"v": {"of": "cell.left(0.5).v", "every": 0.025}}
    with_film = changed(SWEEP, record={"traces": trace})
    without = copy.deepcopy(with_film)
    del without["record"]["movies"]
    (one,), (other,) = (results(sweep, tmp_path / "scratch") for sweep in (with_film, without))
    assert one.trajectory == other.trajectory
    np.testing.assert_array_equal(one.traces["v"], other.traces["v"])


def test_variable_steps_are_interpolated(tmp_path):
    sweep = changed(SWEEP, protocol={"cvode": {"atol": 1e-8}})
    sweep["record"]["traces"] = {"v": {"of": "cell.left(0.5).v", "every": 0.5}}
    (result,) = results(sweep, tmp_path / "scratch")
    frames, segments = film_of(result)
    column = [(s.section, round(s.x, 6)) for s in segments].index(("left", 0.5))
    np.testing.assert_array_equal(frames[:, column], result.traces["v"])


@pytest.mark.parametrize(
    ("movie", "message"),
    [
        ({"every": 0.025, "limit": 0.001}, "401 frames of 8 segments take 0.0257 MB; expected at "
         "most 0.001 MB"),
        ({"of": "cell.left.hh.m"}, 'there is no variable "hh.m" in cell.left'),
    ],
)  # fmt: skip
def test_what_cannot_be_filmed_is_a_failure_of_the_movie_alone(tmp_path, movie, message):
    sweep = filming(film={"of": "cell.all.v", **movie}, small={"of": "cell.soma.v"})
    (result,) = results(sweep, tmp_path / "scratch")
    assert result.failures["traces/film"][0] == "error"
    assert message in result.failures["traces/film"][1]
    assert len(result.traces["small"]) == 11


@pytest.mark.parametrize(
    ("movie", "message"),
    [
        ({"of": "cell.v"}, "expected cell.region.variable, such as pyramidal.all.v"),
        ({"of": "cell.soma(0.5).v"}, "is no variable of many segments"),
        ({"of": "cell.axn.v"}, 'no region or section "axn"'),
        ({"of": "cel.all.v"}, 'no cell is named "cel", did you mean "cell"?'),
        ({"of": "cell.all.kv.n"}, '"kv" is not inserted'),
        ({"of": "cell.all.hh.q"}, "has no"),
        ({"of": "step.all.i"}, "is no variable of many segments"),
        ({"of": "cell.all.v", "every": 0.03}, "0.03 ms is no multiple of the time step"),
        ({"of": "cell.all.v", "window": [5, 20]}, "expected one within the run"),
        ({"of": "cell.all.v", "limit": 0}, "0: expected a value above 0"),
    ],
)
def test_mistakes(movie, message):
    with pytest.raises(UserError) as error:
        plan(filming(film=movie))
    assert message in str(error.value)


def test_its_address_follows_from_what_it_shows():
    """Not from its name; from region, variable, grid, window, limit and precision."""
    base = {"of": "cell.all.v", "every": 0.5}
    address = _address(base)
    assert _address(base, "another") == address
    others = [
        base | more
        for more in (
            {"of": "cell.trunk.v"},
            {"of": "cell.all.pas.i"},
            {"every": 1},
            {"window": [0, 5]},
            {"limit": 8},
        )
    ]
    assert len({address, *map(_address, others)}) == 1 + len(others)


def _address(movie: dict, name: str = "film") -> str:
    (items,) = {id(i): i for i in plan(filming(**{name: movie})).items}.values()
    return items.movies[name]


def test_the_velocity_of_hodgkin_and_huxley_is_read_from_it(tmp_path):
    """18.8 m/s, computed by Hodgkin and Huxley (1952) for the axon of 476 um at 18.5 degC."""
    axon = {
        "sections": {"axon": {"L": "40 mm", "diam": "476 um", "region": "axon"}},
        "distance_from": "axon(0)",
        "spatial": {"max_length": "100 um"},
        "biophysics": [{"in": "all", "Ra": 35.4, "insert": {"hh": {}}}],
    }
    pulse = {"type": "IClamp", "at": "cell.axon(0)", "delay": 0.1, "dur": 0.2, "amp": "20 uA"}
    sweep = filming(film={"of": "cell.all.v", "every": 0.01})
    sweep["model"]["cells"]["cell"] = axon
    sweep["protocol"] = {"celsius": 18.5, "dt": 0.005, "tstop": 4, "processes": {"p": pulse}}
    (result,) = results(sweep, tmp_path / "scratch")
    frames, segments = film_of(result)
    distance = np.array([s.distance for s in segments])
    rises = 0.01 * np.argmax(frames > 0, axis=0)  # ms
    middle = (distance > 10_000) & (distance < 30_000)
    slope = np.polyfit(rises[middle], distance[middle], 1)[0] / 1000  # um/ms to m/s
    assert slope == pytest.approx(18.8, rel=0.01)
