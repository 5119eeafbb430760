"""What counts of HOC text is what NEURON itself makes of it: lines, comments, strings, the end."""

import tempfile

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.modelcode import hoc
from spikesweep.simulation.nrn import n

NAMES = ("aa", "bb", "cc")


def done_by_neuron(content: bytes) -> tuple:
    """Return what NEURON has set when it has run a HOC file, whole or up to an error in it."""
    with tempfile.NamedTemporaryFile(suffix=".tem") as file:
        file.write(content)
        file.flush()
        outcome = in_child(lambda: _run(file.name), timeout=20)
    assert outcome.status == "ok", outcome.message
    return outcome.value


def _run(file: str) -> tuple:
    n("strdef ss")
    try:
        is_loaded = bool(n.load_file(file))
    except RuntimeError:
        is_loaded = False
    values = [getattr(n, name) if n.name_declared(name) == 5 else None for name in NAMES]
    return is_loaded, *values, repr(n.ss)


LINE_ENDS = ("\n", "\r", "\r\n", "\n\r", "\r\r\n")
PIECES = st.sampled_from(
    [
        *("aa = 1", "bb = 2", "cc = 3", "aa += 1", 'ss = "a"', 'ss = "b // c"', "{cc = 1", "}"),
        *LINE_ENDS, *LINE_ENDS,
        *("//", "/*", "*/", "/", "*", '"', "\\", "'", " ", "\t", "  "),
        *("\x04", "\x1a", "\x00", "\xff", "\xfd", "\x0b", "\x0c", "\x85", "\xa0", "\x1c"),
        "fscan()",
    ]
)  # fmt: skip
PROGRAMS = st.lists(PIECES, min_size=1, max_size=14)


@st.composite
def edits(draw):
    """Two programs that differ by a piece or two."""
    before = draw(PROGRAMS)
    after = list(before)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(after)))
        after[place : place + draw(st.integers(0, 2))] = draw(st.lists(PIECES, max_size=2))
    return "".join(before), "".join(after)


@pytest.mark.workflow
@settings(max_examples=300)
@given(edits())
@example(("aa = 1 // c\rbb = 2\r", "aa = 1 // c\rbb = 3\r"))
@example(("aa = 1 /*\n*/ bb = 2", "aa = 1 \n bb = 2"))  # a comment ends no statement
@example(('ss = "a\\\n b"\n', 'ss = "a\\\n  b"\n'))  # blanks of a string that goes on
@example(("aa = 1 + \\\n\n2\n", "aa = 1 + \\\n2\n"))  # an empty line after a line that goes on
@example(("aa = 1", "aa = 1\\\n"))  # a line that goes on where the file ends is none
@example(("aa = 1\n/* \xff */\nbb = 2\n", "aa = 1\n/* */\nbb = 2\n"))
@example(("aa = fscan()\n7\n", "aa = fscan() // 6\n7\n"))
@example(("aa = fscan()\n// 6\n7\n", "aa = fscan()\n7\n"))
def test_an_edit_that_changes_what_neuron_does_changes_the_hash(programs):
    before, after = (program.encode("latin-1") for program in programs)
    assume(before != after)
    if hoc.content_hash(before) == hoc.content_hash(after):
        assert done_by_neuron(before) == done_by_neuron(after)


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("// one", "// another, longer one"),
        ("/* two\nlines */", "/* in one */"),
        ("soma {L = 20}", "\tsoma    {L = 20}  "),
        ("\n\n", "\n\n\n\n"),
        ("// last", ""),
    ],
)
def test_comments_and_layout_do_not_count(line_end, old, new):
    text = 'create soma // one\n/* two\nlines */\n\nsoma {L = 20}\nprint "a // b" // last'
    assert old in text
    one, other = (one.replace("\n", line_end).encode() for one in (text, text.replace(old, new, 1)))
    assert hoc.content_hash(one) == hoc.content_hash(other)


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_what_stands_behind_a_comment_is_read(line_end):
    text = '// a comment\nload_file("b.tem")\nproc init() {}\n'.replace("\n", line_end)
    assert list(hoc.strings(hoc.read(text.encode()))) == ["b.tem"]
    assert list(hoc.loaded(hoc.read(text.encode()))) == ["b.tem"]
    with pytest.raises(UserError, match=r"a, line \d+: redefines init"):
        hoc.refuse_run_system(hoc.read(text.encode()), "a")


def test_any_bytes_have_a_hash():
    assert len({hoc.content_hash(bytes([i])) for i in range(256)}) > 240
