"""Places found by their path distance, against NEURON's own distances of every segment."""

import numpy as np
import pytest

from planning import merged
from simulating import simulate_well
from spikesweep.commands.structure import first_cells, tell_places
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.language.names import location_text, parse_site
from spikesweep.simulation.cells import create_cell
from spikesweep.simulation.geometry import literal_sections
from spikesweep.simulation.measured_places import path, place_by_measure
from spikesweep.simulation.nrn import n

# A fork of unlike branches, one of them on the middle of its parent, and two equal twigs.
FORK = {
    "soma": {"region": "soma", "L": 20, "diam": 20},
    "trunk": {"region": "apical", "L": 300, "diam": 2, "parent": ["soma", 1]},
    "side": {"region": "apical", "L": 50, "diam": 1, "parent": ["trunk", 0.5]},
    "tuft_a": {"region": "apical", "L": 200, "diam": 1, "parent": ["trunk", 1]},
    "tuft_b": {"region": "apical", "L": 200, "diam": 1, "parent": ["trunk", 1]},
    "basal": {"region": "basal", "L": 120, "diam": 1, "parent": ["soma", 0]},
}


def found(region, measure, start=None, nseg=1):
    """Name, x and NEURON's distance of a place in FORK; in a child."""

    def look():
        cell = create_cell("cell", literal_sections(FORK), start=start)
        for section in cell.sections.values():
            section.nseg = nseg
        place = place_by_measure(cell, region, measure)
        names = {section: key[0] for key, section in cell.sections.items()}
        return names[place.sec], place.x, n.distance(cell.origin, place)

    outcome = in_child(look)
    assert outcome.status == "ok", outcome.message
    return outcome.value


@pytest.mark.parametrize(
    ("region", "measure", "place"),
    [
        ("apical", "nearest", ("trunk", 0)),
        ("apical", "farthest", ("tuft_a", 1)),  # of the two the first
        ("tuft_b", "farthest", ("tuft_b", 1)),
        ("tuft_*", "nearest", ("tuft_a", 0)),
        ("soma", "nearest", ("soma", 0.5)),
        ("soma", "farthest", ("soma", 0)),
        ("apical", "distance=10", ("trunk", 0)),
        ("apical", "distance=160", ("trunk", 0.5)),
        ("apical", "distance=310", ("trunk", 1)),
        ("apical", "distance=360", ("tuft_a", 0.25)),
        ("tuft_b", "distance=360", ("tuft_b", 0.25)),
        ("side", "distance=185", ("side", 0.5)),
        ("basal", "distance=130", ("basal", 1)),
        ("all", "distance=0", ("soma", 0.5)),
    ],
)
def test_places_of_a_fork(region, measure, place):
    """Worked out by hand; the soma's middle is the origin, so that all begins 10 um off."""
    name, x, _ = found(region, measure)
    assert (name, x) == (place[0], pytest.approx(place[1], abs=1e-9))


@pytest.mark.parametrize("start", [("basal", 0, 1.0), ("tuft_a", 0, 1.0), ("trunk", 0, 0.5)])
@pytest.mark.parametrize("distance", [151, 170, 260])
def test_ways_begin_anywhere(start, distance):
    """Distances are NEURON's, to half a segment, also where the origin is no root."""
    name, _, at = found("all", f"distance={distance}", start, nseg=301)
    assert at == pytest.approx(distance, abs=0.5)
    assert name in FORK


@pytest.mark.parametrize("nseg", [1, 2, 7])
def test_places_do_not_move_with_segments(nseg):
    assert found("apical", "distance=222", nseg=nseg)[:2] == ("trunk", pytest.approx(212 / 300))


def test_the_farthest_of_a_traced_cell_is_neurons():
    """Of all segments' ends of random trees, NEURON's distance is greatest there."""
    random = np.random.default_rng(0)

    def look():
        sections = {"s0": {"region": "soma", "L": 20.0, "diam": 10.0}}
        for i in range(1, 40):
            parent, x = f"s{random.integers(i)}", float(random.choice([0.0, 0.5, 1.0]))
            sections[f"s{i}"] = {
                "region": "basal", "L": float(random.uniform(1, 90)), "diam": 1.0,
                "parent": [parent, x],
            }  # fmt: skip
        cell = create_cell("cell", literal_sections(sections))
        origin = cell.origin
        ends = [s(x) for key, s in cell.sections.items() for x in (0, 1) if key[0] != "s0"]
        distances = [n.distance(origin, end) for end in ends]
        far, near = (place_by_measure(cell, "basal", m) for m in ("farthest", "nearest"))
        lengths = [
            sum(abs(b - a) * s.L for s, a, b in path((origin.sec, origin.x), (end.sec, end.x)))
            for end in ends
        ]
        return distances, lengths, n.distance(origin, far), n.distance(origin, near)

    for _ in range(5):
        outcome = in_child(look)
        assert outcome.status == "ok", outcome.message
        distances, lengths, far, near = outcome.value
        np.testing.assert_allclose(lengths, distances, rtol=1e-6)
        assert (far, near) == (max(distances), min(distances))


def test_nothing_lies_there():
    outcome = in_child(
        lambda: place_by_measure(
            create_cell("cell", literal_sections(FORK)), "tuft_a", "distance=250"
        )
    )
    assert "nothing of cell.tuft_a lies 250 um from the origin" in outcome.message
    assert "expected 310 to 510 um" in outcome.message


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("c.apical(farthest)", ["c", "apical", 0, "farthest"]),
        ("c[2].apical[3]( nearest )", ["c[2]", "apical[3]", 0, "nearest"]),
        ("c.tuft(distance = 660 um)", ["c", "tuft", 0, "distance=660"]),
        ("c.tuft(distance=6.60e2)", ["c", "tuft", 0, "distance=660"]),
    ],
)
def test_measures_are_read(text, location):
    assert parse_site(text).location == location
    assert parse_site(location_text(location)).location == location


@pytest.mark.parametrize("x", ["distance=-1", "distance=", "distance=1 mm", "far", "distance=nan"])
def test_no_measure(x):
    with pytest.raises(ValueError, match="lies outside its section"):
        parse_site(f"c.apical({x})")


MEASURED = {
    "record": {"traces": {"v": {"of": "cell.basal(distance=85).v", "every": 0.025}}},
    "model": {"cells": {"cell": {"spatial": {"nseg": 5}}}},
}


def test_it_is_recorded_and_told(plan):
    """What is recorded there is what is recorded at the section and x that are told."""
    made = plan(MEASURED)
    assert list(tell_places(first_cells(made))) == [
        "places, in the first simulation",
        "  cell.basal(distance=85) is cell.dend(0.75)",
    ]
    told = plan(merged(MEASURED, {"record": {"traces": {"v": {"of": "cell.dend(0.75).v"}}}}))
    [trace], [expected] = (
        simulate_well(one.template.members().document()).traces.values() for one in (made, told)
    )
    np.testing.assert_array_equal(trace, expected)
    assert made.keys == told.keys


def test_a_region_that_is_not_there_is_refused(plan):
    with pytest.raises(UserError, match='no region or section "apical"'):
        plan({"record": {"traces": {"v": {"of": "cell.apical(farthest).v"}}}})


def test_an_axis_sets_nothing_there(plan):
    axis = {"values": [0.1, 0.2], "sets": "cell.basal(farthest).hh.gkbar"}
    with pytest.raises(UserError, match="where that lies is known once the cell is built"):
        plan({"axes": {"a": axis}})
