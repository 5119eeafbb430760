"""NMODL sources: what is read of them, and what is refused. What NEURON makes of the same sources
is compared in test_mechanisms_compiled."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmodl_sources import CHANNEL, STATIC, SYNAPSE, TABULATED, write
from spikesweep.errors import UserError
from spikesweep.mechanisms.catalogue import read_catalogue
from spikesweep.mechanisms.mechanism import Ion, Variable
from spikesweep.mechanisms.nmodl import read_mechanism
from spikesweep.mechanisms.sets import (
    read_set,
    set_folder,
    set_hash,
    sets,
    source_hash,
    source_hashes,
)


@pytest.fixture
def mechanism(tmp_path):
    """Return a function that reads the mechanism of a source."""

    def read(text, name="file"):
        write(tmp_path, **{name: text})
        return read_mechanism(tmp_path / f"{name}.mod")[0]

    return read


def density(body, neuron="", declared=""):
    """Return a small source around some code."""
    return f"NEURON {{ SUFFIX x {neuron} }}\n{declared}\n{body}\n"


# --- reading --------------------------------------------------------------------------------


def test_reads_every_kind_of_declaration(mechanism):
    channel = mechanism(CHANNEL)
    assert (channel.name, channel.kind, channel.line) == ("chan", "density", 7)
    assert list(channel.parameters.values()) == [
        Variable("gbar", "S/cm2", 0.12),
        Variable("shift", "mV", -15.0),
        Variable("weights", "1", 0.0, 3),
        Variable("el", "mV", -0.5),
    ]
    assert list(channel.globals.values()) == [
        Variable("q10_chan", "", 3.0),
        Variable("rate_chan", "/ms/mV", 0.002),  # a PARAMETER that is not RANGE is GLOBAL
        Variable("best_chan", "", 0.0),  # ASSIGNED, and assigned by nothing
    ]
    assert list(channel.recordable.values()) == [
        Variable("ina", "mA/cm2"),
        Variable("il", "mA/cm2"),  # not in RANGE, but a current
        Variable("g", "S/cm2"),
        Variable("tau", "ms"),
        Variable("m"),
        Variable("h", "1"),
        Variable("s", size=2),
    ]
    assert channel.ions == (Ion("na", ("ena",), ("ina",), 1.0), Ion("zz", ("zzi", "zzo"), (), -2.0))
    assert not channel.random
    assert not channel.receives
    assert channel.writes_global == channel.pack_hazards == ()


def test_reads_a_synapse(mechanism):
    synapse = mechanism(SYNAPSE)
    assert (synapse.name, synapse.kind) == ("Syn", "point")
    assert list(synapse.parameters) == ["tau", "e"]
    assert list(synapse.globals) == ["ceiling_Syn"]
    assert synapse.recordable == {"i": Variable("i", "nA"), "g": Variable("g", "uS")}
    assert synapse.receives
    assert synapse.weights == (Variable("weight", "uS"),)
    assert synapse.random
    assert synapse.pointers == ("other",)
    assert synapse.writes_global == ()  # `sum` is LOCAL, `ceiling` only read


@pytest.mark.parametrize(
    ("source", "shared"),
    [
        # What the code assigns, and which of it all instances share.
        (density("INITIAL { q = 1 }", "", "PARAMETER { q = 0 }"), ("q",)),
        (density("INITIAL { q = 1 }", "RANGE q", "PARAMETER { q = 0 }"), ()),
        (density("INITIAL { q = 1 }", "", "ASSIGNED { q }"), ()),
        (density("INITIAL { q = 1 }", "GLOBAL q", "ASSIGNED { q }"), ("q",)),
        (density("INITIAL { q = 1 }", "", "LOCAL q"), ("q",)),
        (density("INITIAL { q[1] = 1 }", "", "LOCAL q[2]"), ("q",)),
        (density("INITIAL { y[q] = 1 }", "RANGE y", "PARAMETER { q = 0 y[2] }"), ()),
        (density("INITIAL { LOCAL q q = 1 }", "", "PARAMETER { q = 0 }"), ()),
        (density("INITIAL { if (q == 1) { } }", "", "PARAMETER { q = 0 }"), ()),
        (density("INITIAL { if (q <= 1) { q = 2 } }", "", "PARAMETER { q = 0 }"), ("q",)),
        (density("PROCEDURE f(q) { q = 1 }", "", "PARAMETER { q = 0 }"), ()),
        (density("FUNCTION f(x (mV)) (mV) { f = x q = x }", "", "PARAMETER { q = 0 }"), ("q",)),
        (density("INITIAL { FROM q = 0 TO 2 { } }", "", "PARAMETER { q = 0 }"), ()),
        (density("LINEAR s { ~ m + q = 1 }", "", "PARAMETER { q = 0 } STATE { m }"), ()),
        (density("LINEAR s { ~ m = 1 q = 2 }", "", "PARAMETER { q = 0 } STATE { m }"), ("q",)),
        (density("KINETIC s { ~ m <-> h (q, q) q = 2 }", "", "PARAMETER { q = 0 }"), ("q",)),
        (density("KINETIC s { ~ m << (q) CONSERVE m + h = q }", "", "PARAMETER { q = 0 }"), ()),
        (density("INITIAL { PROTECT q = q + 1 }", "", "PARAMETER { q = 0 }"), ("q",)),
        (density("INITIAL { q_other = 1 }", "EXTERNAL q_other"), ("q_other",)),
        (density("INITIAL { celsius = 20 }"), ("celsius",)),
        (density("INITIAL {\nVERBATIM\n  q += 1;\nENDVERBATIM\n}", "GLOBAL q"), ("q",)),
        (density("INITIAL {\nVERBATIM\n  ++q;\nENDVERBATIM\n}", "GLOBAL q"), ("q",)),
        (density("INITIAL {\nVERBATIM\n  if (q == 1) {}\nENDVERBATIM\n}", "GLOBAL q"), ()),
        (density("INITIAL {\nVERBATIM\n  // q = 1\nENDVERBATIM\n}", "GLOBAL q"), ()),
    ],
)
def test_which_shared_variables_the_code_assigns(mechanism, source, shared):
    assert mechanism(source).writes_global == shared


@pytest.mark.parametrize(
    ("source", "hazard"),
    [
        (TABULATED, "TABLE.*is made from shift"),
        (TABULATED.replace("y = slope*v + shift", "y = slope*v"), None),
        (TABULATED.replace("+ shift", "+ f()") + "FUNCTION f() { f = shift }", "made from shift"),
        (TABULATED.replace("DEPEND celsius", "DEPEND shift").replace("+ shift", ""), "from shift"),
        (STATIC, "static variables"),
        (STATIC.replace("static double count", "double count"), None),
        (
            density("INITIAL { seen = scop_random(1) }", "RANGE seen"),
            "scop_random has one generator",
        ),
        (density("VERBATIM\nstatic void f(void* p) {}\nENDVERBATIM"), None),
    ],
)
def test_other_hazards_of_packing(mechanism, source, hazard):
    hazards = mechanism(source).pack_hazards
    if hazard is None:
        assert hazards == ()
    else:
        assert len(hazards) == 1
        assert re.search(hazard, hazards[0])


@pytest.mark.parametrize(
    ("source", "random"),
    [
        ("NEURON { POINT_PROCESS x RANDOM r }", True),
        (density("INITIAL { seen = normrand(0, 1) }"), True),
        (density("INITIAL {\nVERBATIM\n  seen = nrn_random_pick(r);\nENDVERBATIM\n}"), True),
        (density("INITIAL { seen = 1 } : random"), False),
    ],
)
def test_random(mechanism, source, random):
    assert mechanism(source).random is random


def test_files_with_suffix_nothing_are_functions(tmp_path):
    write(
        tmp_path,
        one="NEURON { SUFFIX nothing }\nPARAMETER { level = 2 (mV) }\nFUNCTION f() { f = level }",
        two="NEURON { SUFFIX nothing }\nFUNCTION g() { g = 1 }",
    )
    read = read_set(tmp_path)
    assert read.mechanisms == {}
    assert [(f.name, f.kind) for f in read.functions] == [
        ("one", "functions"),
        ("two", "functions"),
    ]
    assert read.globals == {"level": Variable("level", "mV", 2.0)}


@pytest.mark.parametrize(
    ("name", "place"), [("beside.inc", "mod/set"), ("up.inc", "mod"), ("far.inc", "elsewhere")]
)
def test_finds_what_is_included(tmp_path, monkeypatch, name, place):
    folder = write(tmp_path / "mod" / "set", x=f'INCLUDE "{name}"\nPARAMETER {{ b = 2 }}')
    monkeypatch.setenv("MODL_INCLUDE", f"{tmp_path / 'nowhere'}:{tmp_path / 'elsewhere'}")
    included = tmp_path / place / name
    included.parent.mkdir(exist_ok=True)
    included.write_text("NEURON { SUFFIX x RANGE a }\nPARAMETER { a = 1 }")
    read = read_set(folder)
    assert list(read.mechanisms["x"].parameters) == ["a"]
    assert list(read.mechanisms["x"].globals) == ["b_x"]
    assert read.files == tuple(sorted([folder / "x.mod", included]))


def test_finds_an_include_beside_the_file_that_includes_it(tmp_path):
    folder = write(tmp_path, x='INCLUDE "parts/neuron.inc"')
    (folder / "parts").mkdir()
    (folder / "parts" / "neuron.inc").write_text('NEURON { SUFFIX x }\nINCLUDE "more.inc"')
    (folder / "parts" / "more.inc").write_text("PARAMETER { a = 1 }")
    assert list(read_set(folder).mechanisms["x"].globals) == ["a_x"]


# --- sets -----------------------------------------------------------------------------------


def test_sets_of_a_project(tmp_path):
    assert sets(tmp_path / "mod") == {}
    mod = write(tmp_path / "mod", a=density(""))
    write(mod / "cortex", b=density(""))
    (mod / "notes").mkdir()
    assert sets(mod) == {"default": mod, "cortex": mod / "cortex"}
    assert set_folder(mod, "cortex", "here") == mod / "cortex"
    with pytest.raises(
        UserError, match=r'here: there is no mechanism set "cortx", did you mean "c'
    ):
        set_folder(mod, "cortx", "here")
    with pytest.raises(UserError, match=r'here: "notes": .*notes holds no \.mod file'):
        set_folder(mod, "notes", "here")


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ({}, r"no \.mod file"),
        ({"a": density(""), "b": density("")}, r'b\.mod, line 1: "x" is also .*a\.mod, line 1'),
        ({"a": "\nNEURON { SUFFIX hh }"}, r'a\.mod, line 2: "hh" .*NEURON\'s own'),
        ({"a": "NEURON { POINT_PROCESS IClamp }"}, r'"IClamp" is the name of one of NEURON'),
        ({"a": "PARAMETER { x = 1 }"}, r"a\.mod: no mechanism is named; expected NEURON { SUFFIX"),
        ({"a": "neuron { suffix x }"}, r"no mechanism is named.* in capitals"),
        ({"a": "NEURON { SUFFIX x RANGE y }\n: {"}, None),
        ({"a": "NEURON { SUFFIX x }\nINITIAL {\n if (1) { }\n"}, r'line 2: "{" is never closed'),
        ({"a": "NEURON { SUFFIX x }\n}"}, r'line 2: "}" closes no block'),
        ({"a": "\nCOMMENT\nNEURON { SUFFIX x }"}, r"line 2: COMMENT has no ENDCOMMENT"),
        ({"a": "NEURON { SUFFIX x }\nVERBATIM\n"}, r"line 2: VERBATIM has no ENDVERBATIM"),
        (
            {"a": '\nINCLUDE "ratse.inc"'},
            r'line 2: INCLUDE "ratse.inc": no such file, .*"rates.inc"',
        ),
        ({"a": "INCLUDE rates"}, r'line 1: expected INCLUDE "file"'),
        ({"a": 'INCLUDE "a.mod"'}, r'INCLUDE "a.mod" includes itself'),
        ({"a": "NEURON { SUFFIX x }\nPARAMETER { l = 1 (\xb5m) }"}, r"line 2: .*not ASCII.*um"),
        ({"a-b": density("")}, r"a-b\.mod: nrnivmodl cannot compile .* such as a_b\.mod"),
    ],
)
def test_refuses_sets(tmp_path, sources, says):
    write(tmp_path, **sources)
    (tmp_path / "rates.inc").write_text("")
    if says is None:
        assert list(read_set(tmp_path).mechanisms) == ["x"]
    else:
        with pytest.raises(UserError, match=says):
            read_set(tmp_path)


def test_unreadable_file(tmp_path):
    (tmp_path / "a.mod").mkdir()
    with pytest.raises(UserError, match=r"a\.mod: cannot be read"):
        read_set(tmp_path)


# --- hashes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("TITLE A channel", "TITLE Another one", True),
        ("wrong, in a comment", "still wrong, in a comment", True),
        (": maximal conductance, COMMENT", "", True),
        ("gbar = 0.12 (S/cm2)", "gbar   =\t0.12\n( S / cm2 )", True),
        ("\n", "\r\n", True),
        ("gbar = 0.12", "gbar = 0.13", False),
        ("(S/cm2) <0,1e9>", "(S/cm2) <0,1e8>", False),
        ("il = 1e-9", "il = 1e-8", False),
    ],
)
def test_source_hash_is_of_what_counts(mechanism, old, new, same):
    assert old in CHANNEL
    before, after = mechanism(CHANNEL), mechanism(CHANNEL.replace(old, new))
    assert (source_hash(before) == source_hash(after)) is same


def test_included_source_is_hashed_in_place(tmp_path):
    whole = write(tmp_path / "whole", a=SYNAPSE)
    first, second = SYNAPSE.split("STATE", 1)
    parts = write(tmp_path / "parts", b=f': now in two\n{first} INCLUDE "states.inc"')
    (parts / "states.inc").write_text(f"STATE{second}")
    assert set_hash(read_set(parts)) == set_hash(read_set(whole))


def test_headers_of_verbatim_blocks_are_hashed(tmp_path):
    code = '\n#include "level.h"\n#include "nrnran123.h"\n  seen = LEVEL;   \n'
    folder = write(tmp_path, a=density(f"INITIAL {{\nVERBATIM{code}ENDVERBATIM\n}}"))
    (tmp_path / "level.h").write_text("#define LEVEL 1\n")
    before = set_hash(read_set(folder))
    assert tmp_path / "level.h" in read_set(folder).files
    write(folder, a=density(f"INITIAL {{\nVERBATIM{code.rstrip()}\nENDVERBATIM\n}}"))
    assert set_hash(read_set(folder)) == before  # spaces at the end of lines do not count
    (tmp_path / "level.h").write_text("#define LEVEL 2\n")
    assert set_hash(read_set(folder)) != before


def test_hashes_of_the_sources_that_are_used(tmp_path):
    write(tmp_path, chan=CHANNEL, syn=SYNAPSE)
    read = read_set(tmp_path)
    own = {name: source_hash(mechanism) for name, mechanism in read.mechanisms.items()}
    assert source_hashes(read, ["chan", "hh"]) == {"chan": own["chan"]}
    assert set_hash(read) not in own.values()
    # Code that reaches for other files depends on all of them.
    write(tmp_path, user="NEURON { SUFFIX user EXTERNAL q10_chan }", f="NEURON { SUFFIX nothing }")
    read = read_set(tmp_path)
    assert set(source_hashes(read, ["user"])) == {"Syn", "chan", "f.mod", "user"}
    assert set(source_hashes(read, ["chan"])) == {"chan"}


def test_the_valence_that_another_file_declares_is_in_the_hashes(tmp_path):
    reader = "NEURON {{ SUFFIX {} USEION zz READ ezz {} }}"
    write(tmp_path, reader=reader.format("reader", ""), other=reader.format("other", "VALENCE 2"))
    before = source_hashes(read_set(tmp_path), ["reader"])
    assert set(before) == {"other", "reader"}
    assert set(source_hashes(read_set(tmp_path), ["other"])) == {"other"}
    write(tmp_path, other=reader.format("other", "VALENCE 1"))
    assert source_hashes(read_set(tmp_path), ["reader"]) != before


# --- whatever is in the file ----------------------------------------------------------------


@given(
    source=st.sampled_from([CHANNEL, SYNAPSE, TABULATED, STATIC]),
    cuts=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 30), st.binary(max_size=6))),
)
def test_corruption_is_refused_or_read(tmp_path, source, cuts):
    text = bytearray(source.encode("latin-1"))
    for start, length, replacement in cuts:
        text[start : start + length] = replacement
    path = tmp_path / "file.mod"
    path.write_bytes(text)
    try:
        mechanism, files = read_mechanism(path)
    except UserError:
        return
    assert mechanism.name
    assert path in files


# --- what nothing sets ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "unset"),
    [
        ("BREAKPOINT { i = ptr }", ("ptr",)),
        ("BREAKPOINT { ptr = 1 }", ("ptr",)),
        ("BREAKPOINT {\nVERBATIM\n  i = ptr;\nENDVERBATIM\n}", ("ptr",)),
        # As event sources written for Vectors have it: the code itself looks after the pointer.
        ("INITIAL {\nVERBATIM\n  if (_p_ptr) { i = 1; } // ptr\nENDVERBATIM\n}", ()),
    ],
)
def test_pointers_that_must_be_set(mechanism, code, unset):
    read = mechanism(f"NEURON {{ POINT_PROCESS P POINTER ptr }}\nASSIGNED {{ ptr i }}\n{code}")
    assert read.unset_pointers == unset


def test_a_global_that_is_assigned_by_nothing_is_offered(mechanism):
    source = "NEURON { SUFFIX x GLOBAL is, q }\nASSIGNED { is (mA) q }\nINITIAL { q = 1 }"
    assert mechanism(source).globals == {"is_x": Variable("is_x", "mA", 0.0)}


def test_what_other_files_read_may_not_pack(tmp_path):
    scratch = "INITIAL { q = 1 }\nBREAKPOINT { q = v }"
    write(
        tmp_path / "mod",
        scratch=f"NEURON {{ SUFFIX scratch GLOBAL q }}\nASSIGNED {{ q v }}\n{scratch}",
        reader="NEURON { SUFFIX reader EXTERNAL q_scratch RANGE y }\nINITIAL { y = q_scratch }",
    )
    catalogue = read_catalogue(tmp_path, "default", "here")
    assert catalogue.unsafe_to_pack(["scratch"]) == []
    [why] = catalogue.unsafe_to_pack(["scratch", "reader"])
    assert "q, which other files may read" in why


POINTING = """
title: A mechanism that points somewhere
model:
  mechanisms: default
  cells:
    cell:
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: all, insert: {pas: {}}}]
protocol:
  tstop: 1
  processes: {gap: {type: Gap, at: cell.soma(0.5)}}
record: {traces: {v: {of: cell.soma(0.5).v}}}
"""


def test_a_pointer_that_nothing_sets_is_refused_by_the_plan(plan_text):
    gap = "RANGE g POINTER vgap NONSPECIFIC_CURRENT i }\nPARAMETER { g = 1 }\nASSIGNED { v vgap i }"
    write(
        Path("mod"),
        gap=f"NEURON {{ POINT_PROCESS Gap {gap}\nBREAKPOINT {{ i = g * (v - vgap) }}",
        gapd=f"NEURON {{ SUFFIX gapd {gap}\nBREAKPOINT {{ i = g * (v - vgap) }}",
    )
    says = "has the POINTER vgap, which nothing here sets.*Python class"
    with pytest.raises(UserError, match=f"processes.gap.type: Gap {says}"):
        plan_text(POINTING)
    inserted = POINTING.replace("{pas: {}}", "{gapd: {}}").replace("type: Gap", "type: IClamp")
    with pytest.raises(UserError, match=f"insert.gapd: gapd {says}"):
        plan_text(inserted)
