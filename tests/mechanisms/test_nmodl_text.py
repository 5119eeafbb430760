"""What counts of NMODL text is what NEURON's own translator makes of it: lines, comments, the end.

The translator, nocmodl, writes C++; what it writes apart from the source that it quotes is the
oracle.
"""

import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from nocmodl import translated
from spikesweep.errors import UserError
from spikesweep.mechanisms.tokens import normalised, read_tokens

SOURCE = """NEURON { SUFFIX zz RANGE g, h }
PARAMETER { g = 1 h = 2 }
: a comment
ASSIGNED { v }
BREAKPOINT { LOCAL x  x = g ? c
 h = x
}
"""
LINE_ENDS = ("\n", "\r", "\r\n", "\n\r", "\r\r\n")


def counts(source: bytes) -> str | None:
    """Return what counts of a source here; None where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.mod")
        path.write_bytes(source)
        try:
            return normalised(read_tokens(path).tokens)
        except UserError:
            return None


INSERTED = st.sampled_from(
    [
        *(*LINE_ENDS, ":", "?", " ", "\t", "\x0b", "\x0c", "\x04", "\x1a", "\x00", "h = 3"),
        *("COMMENT", "\nCOMMENT\r", "\rENDCOMMENT\r", '"', "TITLE", "TITLE h = 4\r"),
    ]
)


@st.composite
def edited(draw):
    """The source with any line ends, and the same with an edit or two."""
    ends = draw(st.lists(st.sampled_from(LINE_ENDS), min_size=7, max_size=7))
    before = "".join(f"{line}{end}" for line, end in zip(SOURCE.splitlines(), ends, strict=True))
    after = before
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(after)))
        after = after[:place] + draw(INSERTED) + after[place + draw(st.integers(0, 2)) :]
    return before, after


@settings(max_examples=300)
@given(edited())
@example((SOURCE.replace("\n", "\r"), SOURCE.replace("? c", "? d").replace("\n", "\r")))
@example((SOURCE, SOURCE.replace("? c\n", "? c\r h = 7\n")))
def test_an_edit_that_changes_what_is_translated_changes_what_counts(sources):
    before, after = (source.encode() for source in sources)
    assume(before != after)
    if (same := counts(before)) is not None and same == counts(after):
        one, other = translated(before), translated(after)
        assert one == other or None in (one, other)  # what is refused has no results


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_line_ends_do_not_count(line_end):
    source = SOURCE.replace("\n", line_end).encode()
    assert counts(source) == counts(SOURCE.encode())
    assert translated(source) == translated(SOURCE.encode())


def test_a_byte_of_0_is_refused(tmp_path):
    (tmp_path / "a.mod").write_text(SOURCE.replace("? c", "? \0"))
    with pytest.raises(UserError, match=r"a\.mod, line 5: a byte of 0; expected text"):
        read_tokens(tmp_path / "a.mod")
