"""What is wrong with a text that is not YAML, in our words, with the line to look at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.errors import UserError
from spikesweep.sweepfile.reading import read_yaml


@pytest.mark.parametrize(("text", "said"), [
    ("a:\n   b: 1\n     c: 2\n",
     "line 3, column 7: the line begins in column 6, deeper than line 2 (column 4), which has a "
     "value of its own; expected column 4"),
    ("a:\n    b: 1\n  c: 2\n",
     "line 3, column 3: the line begins in column 3; expected column 5 (as line 2) or 1 "
     "(as line 1)"),
    ("a:\n  # b\n\n    b: 1\n      # c\n  c: 2\n", "expected column 5 (as line 4) or 1 (as"),
    ("a: b\n c: 1\n", "deeper than line 1 (column 1), which has a value of its own"),
    ("a: b: c\n", 'line 1, column 5: a second ":" in one line; expected quotes'),
    ("a b\nc: 1\n", 'line 2, column 2: line 1 has no ": " behind a key; expected "key: value"'),
    ("a:3\nc: 1\n", 'line 1 has no ": " behind a key; expected "key: value"'),
    ("a:\n  b: 1\n  c\n  d: 2\n", 'line 3 has no ":"; expected "key: value"'),
    ("a:\n  - b\n  c: 1\n", 'a key within the list that begins in line 2; expected "- " before it'),
    ("a: {False: 1}\n", 'line 1, column 5: the key False is no text; expected "False"'),
    ("a: b\n- c\n", "an item of a list among the keys that begin in line 1"),
    ("a:\n  - b\n - c\n", "column 2; expected column 3 (as line 2) or 1 (as line 1)"),
    ("a: {b: 1\nc: 2\n", "the \"{\" of line 1 is not closed before this; expected ',' or '}'"),
    ("a: [1, 2\nc: 2\n", "the \"[\" of line 1 is not closed before this; expected ',' or ']'"),
    ("a: {b: c.d[3](0.5)}\n", "Within { } write quotes around a place with an index"),
    ("a: {b: 1}}\n", 'what follows is left over; expected the end of the line, not "}"'),
    ('a: "b\nc: 1\n', "the quote of line 1 is not closed; expected its end"),
    ("a: *b\n", "a name after * that no & gives before"),
    ("a: @b\n", '"@" begins no plain text; expected quotes around the value'),
    ("a: {b: 1}\nc: 1\na: 2\n", 'line 3, column 1: the key "a" stands twice; expected it once'),
    ("a: {b: 1, amp:}\n", '"amp:" has no value; expected one, behind a space: {amp: 1}'),
    ("a:\n\tb: 1\n", "line 2, column 1: a tab; expected none: indent with spaces"),
])  # fmt: skip
def test_what_is_wrong(tmp_path, text, said):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        read_yaml(path)
    assert said in str(error.value)
    assert "expected" in str(error.value)


LINES = st.lists(
    st.sampled_from(["a: 1", "  b: 2", "   c:", "- d", "    - e: 3", "# f", "", "g", "{h: [", "'",
                     "\ti: 4", "]}", "j: *k", "l: &m 1", ": ", "? n"]), max_size=8,
)  # fmt: skip


@given(LINES)
def test_whatever_is_written_is_told_in_one_message(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("any") / "a.yaml"
    path.write_text("\n".join(lines))
    try:
        read_yaml(path)
        told = ""
    except UserError as error:
        told = str(error)
    assert not told or (told.startswith(str(path)) and "expected" in told)
