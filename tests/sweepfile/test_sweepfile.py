"""YAML as people read it: numbers, and one voice for all that is refused."""

import math
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesweep.document.axes.axis_values import told_apart
from spikesweep.errors import UserError
from spikesweep.sweepfile.reading import read_sweep, read_yaml

FOREIGN_WORDS = (
    *("valid dictionary", "valid list", "valid string", "Input", "should match pattern", "^[A-Z"),
    *("constructor", "resolver", "Error", "type=", "pydantic", "object at", "instance of"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("yaml")


def value_of(text, folder):
    (folder / "a.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    return read_yaml(folder / "a.yaml")


def message(function):
    """Return what a user is told, or ''."""
    try:
        function()
    except UserError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10), ("0100", 100), ("08", 8), ("-010", -10), ("+3", 3), ("0", 0),
        ("1e-3", 0.001), ("1e3", 1000.0), ("1E5", 1e5), (".5", 0.5), ("5.", 5.0), ("1.5e3", 1500.0),
        ("no", "no"), ("on", "on"), ("true", True), ("False", False), ("~", None), ("", None),
        ("2026-01-01", "2026-01-01"), ("'1:30'", "1:30"), ('"0x10"', "0x10"), ("=", "="),
        ("1 nA", "1 nA"), ("1.2.3", "1.2.3"), ("e5", "e5"),
        (".inf", math.inf), ("-.Inf", -math.inf),
    ],
)  # fmt: skip
def test_numbers_are_what_people_read(text, value, folder):
    read = value_of(f"a: {text}", folder)["a"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1:30", ', line 1, column 4: 1:30; expected a decimal number, or quotes'),
        ("b: 1\na: [0x10]", ", line 2, column 5: 0x10; expected a decimal number"),
        ("a: 1_000", "1_000; expected a decimal number"),
        ("a: 0b11", "0b11; expected a decimal number"),
        ("a: 0o17", "0o17; expected a decimal number"),
        ("a: {<<: {b: 1}}", "line 1, column 5: the merge key <<; expected the keys themselves"),
        ("a: !!python/object:os.system x", 'the tag "tag:yaml.org,2002:python/object:os.system"'),
        ("a: !x {b: 1}", 'the tag "!x"; expected a plain value'),
        ("a: 1\n---\nb: 2", "line 2, column 1: a second document begins"),
        ("a: " + 4001 * "9", "a number of 4001 characters"),
        ("a: " + 40_000 * "[", "more than 64 values within each other"),
        ("a: " + 40_000 * "{b: ", "more than 64 values within each other"),
        ("\n".join(" " * i + "a:" for i in range(200)), "more than 64 values within each other"),
        ("? " * 40_000, "more than 64 values within each other"),
        ("- " * 40_000, "more than 64 values within each other"),
        ('a: "\\e[31mred"', "a character that cannot be printed"),
        ('a: "\\x9b31m"', "a character that cannot be printed"),
        ('a: "\\u202egnp.exe"', "a character that cannot be printed"),
        ('"\\0": 1', "a character that cannot be printed"),
    ],
)  # fmt: skip
def test_all_else_is_refused_by_line(text, said, folder):
    with pytest.raises(UserError) as error:
        value_of(text, folder)
    assert said in str(error.value)
    assert not any(words in str(error.value) for words in FOREIGN_WORDS)


@settings(max_examples=300)
@given(number=st.one_of(st.floats(allow_nan=False), st.integers(-(10**300), 10**300)))
def test_any_number_that_python_writes_is_read_back(number, folder):
    assert value_of(f"a: {number!r}".replace("inf", ".inf"), folder) == {"a": number}


@settings(max_examples=300)
@given(text=st.text(max_size=60))
def test_any_text_gives_a_value_or_one_message(text, folder):
    said = message(lambda: value_of(text, folder))
    assert "\x1b" not in said
    assert not any(words in said for words in FOREIGN_WORDS)


SWEEP = yaml.safe_load("""
title: A stick
description: x
model: {cells: {cell: {sections: {soma: {L: 20, diam: 20}}}}}
protocol: {tstop: 10, processes: {step: {type: IClamp, at: cell.soma(0.5), amp: 1}}, seed: 1}
record: {traces: {v: {of: cell.soma(0.5).v, every: 0.1}}, spikes: {soma: {at: cell.soma(0.5)}}}
axes: {amp: {values: [1, 2], sets: step.amp}}
design: {grid: [amp]}
statistics: {window: [0, 5], refractory: 1}
limits: {timeout: 60 s}
on_failure: record
bounds: [-200, 200]
figures: [{kind: traces}]
simulations_per_job: 3
""")


def places(tree, path=()):
    """Yield the path of every value of a tree."""
    yield path
    items = {dict: lambda: tree.items(), list: lambda: enumerate(tree)}.get(type(tree), tuple)
    for key, value in items():
        yield from places(value, (*path, key))


PLACES = [path for path in places(SWEEP) if path]
WRONG = [
    *(None, True, 3, -1, 0, 1.5, 1e300, math.inf, 10**30, "", "1x", "a[0]", "x" * 300, "0.5 nA"),
    *([], [1], [[1]], [None], {}, {"a": 1}, {"a[0]": {}}, {"": {}}, {1: 2}),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_wrong_value_anywhere_is_told_in_our_words(place, folder):
    sweep = deepcopy(SWEEP)
    at = sweep
    for part in place[:-1]:
        at = at[part]
    path = Path(folder, "s.yaml")
    for wrong in WRONG:
        at[place[-1]] = wrong
        path.write_text(yaml.safe_dump(sweep))
        said = message(lambda: read_sweep(path))
        assert not any(words in said for words in FOREIGN_WORDS), said
        for line in said.splitlines():
            assert any(word in line for word in ("expected", "known: ", "required")), line


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.3, 0.30000000000000004], "0.3 and 0.30000000000000004 are both shown as 0.3"),
        ([1.0, 1], "the value 1 stands twice"),
        (["a", "a"], "the value a stands twice"),
        ([0.3, 0.3001, "0.3001 "], None),
    ],
)
def test_values_that_look_alike_are_refused(values, said):
    if said is None:
        assert told_apart(values, "here") == tuple(values)
        return
    with pytest.raises(UserError) as error:
        told_apart(values, "here")
    assert said in str(error.value)
