"""Whatever text stands for a name in a sweep file is refused, or means itself to the letter."""

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import STICK
from spikesweep.document import building
from spikesweep.document.axes.targets import resolve
from spikesweep.document.building import build_template
from spikesweep.document.files import Files
from spikesweep.errors import UserError
from spikesweep.mechanisms.catalogue import Catalogue, read_catalogue
from spikesweep.products.fingerprint import canonical_json
from spikesweep.sweepfile.sweep import Sweep

COPIES = 13
TARGETS = (
    *("cell[12].soma.hh.gkbar", "cell.basal.hh.gkbar", "cell[3].dend.L"),
    *("cell[12].soma(0.5).hh.gkbar", "cell[1].tip[0](0.25).cm", "cell.spatial.nseg"),
    *(
        "step.amp",
        "step[12].amp",
        "protocol.celsius",
        "protocol.globals.usetable_hh",
        "cell[0].all.Ra",
    ),
    *(
        "net[11].number",
        "loop.weight",
        "loop.delay",
        "protocol.seed",
        "protocol.processes.step.amp",
    ),
)
KNOWN = {"protocol", "loop"} | {
    name + index
    for name in ("cell", "step", "net", "syn")
    for index in ("", *(f"[{i}]" for i in range(COPIES)))
}
NEARLY = st.text("[](). 0123456789*?x\x00٣", max_size=2)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(Path(), None, "s")


def sweep(axes, record=STICK["record"]) -> Sweep:
    tree = copy.deepcopy(STICK)
    tree["model"]["cells"]["cell"]["count"] = COPIES
    protocol = tree["protocol"]
    protocol["processes"]["net"] = {"type": "NetStim", "count": COPIES}
    protocol["processes"]["syn"] = {"type": "ExpSyn", "at": "cell.soma(0.5)"}
    protocol["connections"] = {"loop": {"from": "net", "to": "syn", "pattern": "one_to_one"}}
    return Sweep.model_validate(tree | {"axes": axes, "record": record})


def template(catalogue, text):
    return template_of(sweep({"a": {"sets": text, "values": [1]}}), catalogue)


def template_of(sweep, catalogue):
    return build_template(sweep, catalogue, Files(Path()), {}, "s.yaml")


@st.composite
def edited(draw, text):
    """A text that is changed at one of its marks, where names begin and end."""
    at = draw(st.sampled_from([i for i, letter in enumerate(text) if letter in "[].()"] or [0]))
    return text[:at] + draw(NEARLY) + text[at + draw(st.integers(0, 2)) :]


@settings(max_examples=150)
@given(text=st.sampled_from(TARGETS).flatmap(edited) | st.text())
def test_a_target_is_refused_or_sets_what_it_names(catalogue, text):
    check_target(catalogue, text)


@pytest.mark.parametrize("text", TARGETS)
def test_a_target_that_lost_a_mark_is_refused_or_sets_what_it_names(catalogue, text):
    """`cell[12.soma.hh.gkbar` once swept cell[1] without a word."""
    for at, letter in enumerate(text):
        if letter in "[].()":
            check_target(catalogue, text[:at] + text[at + 1 :])


def check_target(catalogue, text):
    try:
        made = template(catalogue, text)
    except UserError:
        return
    asked = text.strip().removeprefix("protocol.processes.").split(".")
    for slot in made.slots:
        owner = owner_of(slot.path)
        assert owner in KNOWN
        assert asked[0] in (owner, owner.partition("[")[0])
        assert slot.name.endswith(asked[-1])


def owner_of(path):
    """The name that a target begins with: of a cell, process or connection, or "protocol"."""
    if path[0] == "cells":
        return path[1]
    parts = ("processes", "connections", "play")
    return path[2] if path[0] == "protocol" and path[1] in parts else "protocol"


SOURCES = (
    *("cell[12].soma(0.5).v", "cell.dend[0](0.25).hh.m", "cell[1].tip(1).ina"),
    *("step.i", "step[12].i", "syn[3].g", "net[4]", "cell[2].soma(0.5)"),
)


@settings(max_examples=150)
@given(text=st.sampled_from(SOURCES).flatmap(edited) | st.text())
@pytest.mark.parametrize("key", ["of", "at"])
def test_what_is_recorded_is_refused_or_what_is_named(catalogue, key, text):
    kind = {"of": "traces", "at": "spikes"}[key]
    try:
        made = template_of(sweep({}, {kind: {"a": {key: text}}}), catalogue)
    except UserError:
        return
    head = text.strip().split(".")[0]
    for name, one in made.document["record"][kind].items():
        owner = one["at"][0] if "at" in one else one["process"]
        assert (owner, name) in [(head, "a"), *((f"{head}[{i}]", f"a[{i}]") for i in range(COPIES))]


@pytest.mark.parametrize("text", TARGETS)
def test_a_look_up_changes_nothing(catalogue, text, monkeypatch):
    def looked_up(text, document, *more):
        before = canonical_json(document)
        target = resolve(text, document, *more)
        assert canonical_json(document) == before
        seen.append(text)
        return target

    seen = []
    monkeypatch.setattr(building, "resolve", looked_up)
    made = template(catalogue, text)
    assert (seen, len(made.slots) > 0) == ([text], True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cell[12.soma.hh.gkbar", 'the model has no "cell[12", did you mean "cell"?'),
        ("cell[12]]. soma.hh.gkbar", 'the model has no "cell[12]]"'),
        ("cell[012].soma.hh.gkbar", 'the model has no "cell[012]"'),
        ("cell[13].soma.hh.gkbar", "cell has 13 copies, [0] to [12]"),
        ("cell[3].soma(0.5.hh.gkbar", 'no region or section "soma(0"'),
        ("cell[3].soma(1.5).hh.gkbar", "x in (x) runs from 0 to 1"),
        ("step[1.amp", 'the model has no "step[1"'),
        ("net[1].number]", '"number]"'),
    ],
)
def test_what_is_nearly_a_name_is_told(catalogue, text, message):
    with pytest.raises(UserError) as caught:
        template(catalogue, text)
    assert message in str(caught.value)
