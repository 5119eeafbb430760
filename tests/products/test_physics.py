"""The name-free document: renamed and permuted, a sweep has the same keys and is built the same."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulating import (
    HH,
    KEY,
    clamp,
    compile_mechanisms,
    detector,
    make_cell,
    make_document,
    voltage,
)
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone
from spikesweep.products.fingerprint import canonical_json, sha256
from spikesweep.products.items import Members
from spikesweep.products.physics import Physics, names_back
from spikesweep.recording.results import digest
from spikesweep.simulation.simulator import Simulator

NO_STREAMS = {"cells": [], "processes": [], "connections": [], "play": []}


def soma(**more):
    return make_cell({"soma": {"L": 10, "diam": 10, "region": "soma"}}, HH) | more


COUPLED = """
NEURON { SUFFIX coupled  NONSPECIFIC_CURRENT i  POINTER one, two }
ASSIGNED { v (mV)  one (mV)  two (mV)  i (mA/cm2) }
BREAKPOINT { i = 1e-4*(v - one) + 1e-5*(v - two) }
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compile_mechanisms(tmp_path_factory.mktemp("coupled"), {"coupled": COUPLED})


def pointing(places, synapses):
    """A rule whose POINTERs lead to other cells, to processes, and nowhere but where it stands."""
    there = st.sampled_from(places).map(lambda place: {"at": place, "variable": "v"})
    own = st.just({"variable": "v"})
    anywhere = there | own
    if synapses:
        anywhere |= st.sampled_from(synapses).map(lambda name: {"process": name, "variable": "g"})
    return st.fixed_dictionaries({"one": anywhere, "two": anywhere}).map(
        lambda pointers: {
            "in": ["all"],
            "insert": {"coupled": {}},
            "pointers": [{"of": "coupled", "set": pointers}],
        }
    )


@st.composite
def documents(draw):
    """Networks of a few cells, many of them alike, and what is done to them and recorded."""
    number = st.integers(1, 3)
    cells = {f"cell{i}": soma() for i in range(draw(number))}
    for i in range(draw(st.integers(0, 2))):
        cells[f"many{i}"] = soma(count=2)
    places = [[name, "soma", 0, 0.5] for name, cell in cells.items() if "count" not in cell]
    places += [[f"{name}[{i}]", "soma", 0, 0.5] for name in cells for i in (0, 1)
               if "count" in cells[name]]  # fmt: skip
    any_place = st.sampled_from(places)
    processes = {
        f"clamp{i}": clamp(draw(any_place), draw(number), 1, draw(number) / 10)
        for i in range(draw(st.integers(1, 4)))
    }
    for i in range(draw(st.integers(0, 2))):
        synapse = {"type": "ExpSyn", "at": draw(any_place), "parameters": {"tau": draw(number)}}
        processes[f"syn{i}"] = synapse
    synapses = [name for name in processes if name.startswith("syn")]
    for name in draw(st.sets(st.sampled_from(sorted(cells)))):
        cells[name]["biophysics"] = [*cells[name]["biophysics"], draw(pointing(places, synapses))]
    connections = {
        f"net{i}": {
            "from": draw(any_place), "to": draw(st.sampled_from(synapses)),
            "threshold": 0, "delay": draw(number), "weight": draw(number) / 100,
        }
        for i in range(draw(st.integers(0, 3)) if synapses else 0)
    }  # fmt: skip
    play = {
        "wave": {
            "into": {"process": "clamp0", "variable": "amp"},
            "expression": "0.1 * t", "every": 0.1, "between": "linear",
        }
    } if draw(st.booleans()) else {}  # fmt: skip
    document = make_document(
        cells,
        processes=processes,
        connections=connections,
        traces={"v": voltage(draw(any_place), 0.1), "i": {"process": "clamp0", "variable": "i",
                                                          "every": 0.1}},
        spikes={"s": detector(draw(any_place), 0)},
        tstop=5,
        **({"play": play} if play else {}),
    )  # fmt: skip
    del document["seed"]
    return document | {"streams": NO_STREAMS}


def renamed_and_permuted(document, random):
    """Return the same in other words: every name another, every order another."""
    names = {}
    parts = {"cells": document["cells"], **{
        kind: document["protocol"].get(kind, {}) for kind in ("processes", "connections", "play")
    }}  # fmt: skip
    for named in parts.values():
        fresh = [f"n{random.randrange(10**9)}_{i}" for i in range(len(named))]
        names |= dict(zip(named, fresh, strict=True))

    def rename(value):
        if isinstance(value, dict):
            items = [(names.get(key, key), rename(inner)) for key, inner in value.items()]
            random.shuffle(items)
            return dict(items)
        if isinstance(value, list):
            return [rename(inner) for inner in value]
        if isinstance(value, str):
            head, bracket, rest = value.partition("[")
            return names.get(head, head) + bracket + rest
        return value

    renamed = rename({part: document[part] for part in ("cells", "protocol")})
    renamed["record"] = document["record"] | {
        kind: {name: rename(one) for name, one in document["record"][kind].items()}
        for kind in ("traces", "spikes")
    }
    return document | renamed


@settings(max_examples=150)
@given(documents(), st.randoms(use_true_random=False))
def test_names_and_order_change_neither_key_nor_items(document, random):
    other = renamed_and_permuted(document, random)
    first, second = Members(document), Members(other)
    assert first.key() == second.key()
    assert canonical_json(first.document()["protocol"]) == canonical_json(
        second.document()["protocol"]
    )


@settings(max_examples=12)
@given(documents(), st.randoms(use_true_random=False))
def test_names_and_order_change_no_bit(library, document, random):
    other = renamed_and_permuted(document, random)
    results = [
        in_child(lambda d=d: run_alone((KEY, Members(d).document()), Simulator(library))).value
        for d in (document, other)
    ]
    assert results[0].trajectory == results[1].trajectory != ""
    if results[0].held == results[1].held:  # among things alike any may be the first
        assert digest(results[0]) == digest(results[1])


EXPRESSIONS = ("t", "0.1 * t", "2 * t", "1e-3 * t", "0 * t", "t1 * 0", "é1", "1é", "2é", "é2", "")


@settings(max_examples=60)
@given(
    documents(),
    st.lists(st.integers(0, 3) | st.sampled_from(EXPRESSIONS), min_size=2, max_size=5),
)
def test_a_value_that_an_axis_sets_and_one_that_is_written_have_one_key(document, amps):
    path = ("protocol", "processes", "clamp0", "parameters", "amp")
    swept = Physics(document, [path])
    for amp in amps:
        written = copy.deepcopy(document)
        written["protocol"]["processes"]["clamp0"]["parameters"]["amp"] = amp
        assert swept.key([canonical_json(amp)]) == Physics(written).key()
        assert swept.document([canonical_json(amp)]) == Physics(written).document()


SLOTS = (
    ("cells", "cell0", "biophysics"),
    ("cells", "cell0", "biophysics", 0, "insert", "hh"),
    ("protocol", "celsius"),
    ("protocol", "processes", "clamp0", "parameters", "amp"),
    ("protocol", "processes", "clamp0", "parameters"),
)


@settings(max_examples=60)
@given(
    documents(),
    st.permutations(SLOTS[1:4]) | st.just([SLOTS[0], SLOTS[4]]),
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["b", "a", "c"])), min_size=2),
    st.booleans(),
)
def test_what_is_simulated_is_the_text_of_which_the_key_is_the_hash(document, paths, many, ordered):
    """Also in the order of its keys: a document is filled in, and not read from that text."""
    if ordered:
        sections = {name: {"L": 10, "diam": 10, "region": None} for name in ("z", "a")}
        document["cells"]["cell0"] = document["cells"]["cell0"] | {
            "sections": document["cells"]["cell0"]["sections"] | sections
        }
    physics = Physics(document, paths)
    for number, name in many:
        kinds = {"hh": {f"{name}gna": number, "b": 1}, "celsius": number, "amp": number}
        value_of = kinds | {"biophysics": [{name: number}], "parameters": {name: 1, "b": number}}
        values = [canonical_json(value_of[path[-1]]) for path in paths]
        expected = json.loads(physics._text(physics.names(values)).text(values))
        assert sha256(canonical_json(expected)) == physics.key(values)
        for cell in expected["cells"].values():
            for part, names in cell.pop("order", {}).items():
                cell[part] = {name: cell[part][name] for name in names}
        found = physics.document(values)
        assert json.dumps(found["protocol"]) == json.dumps(expected["protocol"])
        assert list(found) == list(expected)
        for cell, other in zip(found["cells"].values(), expected["cells"].values(), strict=True):
            assert cell == other
            assert all(json.dumps(cell[part]) == json.dumps(other[part]) for part in cell)


def test_numbers_in_expressions_leave_the_order_as_it_is(monkeypatch):
    """A hundred thousand keys are named once, and not each by itself."""
    document = make_document({"a": soma(), "b": soma()}, streams=NO_STREAMS)
    document["protocol"]["processes"] = {"one": clamp(["a", "soma", 0, 0.5], 1, 1, "0.5 * t")}
    swept = Physics(document, [("protocol", "processes", "one", "parameters", "amp")])
    named = {id(swept.names([json.dumps(f"{i / 7} * t")])) for i in range(100)}
    assert len(named) == 1
    assert len({swept.key([json.dumps(f"{i / 7} * t")]) for i in range(100)}) == 100


@settings(max_examples=60)
@given(documents())
def test_what_is_different_has_another_key(document):
    key = Physics(document).key()
    for path in (("celsius",), ("processes", "clamp0", "parameters", "amp")):
        other = copy.deepcopy(document)
        place = other["protocol"]
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] += 0.1234
        assert Physics(other).key() != key
    other = copy.deepcopy(document)
    del other["protocol"]["processes"]["clamp0"]
    other["protocol"].pop("play", None)
    assert Physics(other).key() != key


def test_names_that_streams_take_stay():
    document = make_document({"a": soma(), "b": soma()}) | {
        "streams": NO_STREAMS | {"cells": ["b"]}
    }
    assert sorted(Physics(document).document()["cells"]) == ["b", "c0__"]


def test_a_name_that_looks_like_ours_is_told_apart():
    document = make_document({"c0__": soma(), "other": soma()})
    document["streams"] = NO_STREAMS | {"cells": ["c0__"]}
    assert sorted(Physics(document).document()["cells"]) == ["c0__", "c0___"]


def test_messages_get_a_persons_names_back():
    physics = Physics(make_document({"pyr": soma()}) | {"streams": NO_STREAMS})
    assert names_back("cell c0__ has no x", physics.names()) == "cell pyr has no x"


def test_sections_and_regions_are_made_in_the_order_in_which_they_are_written():
    """Alphabetical order would make the first of two dendrites, dend, the last of all."""
    sections = {
        "trunk": {"L": 10, "diam": 10, "region": None},
        "tip": {"L": 10, "diam": 1, "region": None, "parent": ["trunk", 1]},
        "dend": {"L": 10, "diam": 1, "region": None, "parent": ["trunk", 1]},
    }
    regions = {"thin": {"in": ["tip", "dend"]}, "both": {"in": ["thin"]}}
    document = make_document({"a": make_cell(sections, HH) | {"regions": regions}})
    [cell] = Physics(document).document()["cells"].values()
    assert cell == document["cells"]["a"]
    assert [list(cell["sections"]), list(cell["regions"])] == [list(sections), list(regions)]
    other = copy.deepcopy(document)
    other["cells"]["a"]["sections"] = {n: sections[n] for n in ("trunk", "dend", "tip")}
    assert Physics(other).key() != Physics(document).key()


@pytest.mark.parametrize("number", [1, 3])
def test_copies_keep_their_indices(number):
    cells = {"pyr": soma(count=number), "pyr[0]": soma() | {"position": {"x": 1, "y": 0, "z": 0}}}
    document = make_document(cells, processes={"p": clamp(["pyr[0]", "soma", 0, 0.5], 1, 1, 1)})
    found = Physics(document | {"streams": NO_STREAMS}).document()
    assert sorted(found["cells"]) == ["c0__", "c0__[0]"]
    assert found["protocol"]["processes"]["p0__"]["at"][0] == "c0__[0]"
