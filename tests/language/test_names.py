"""Names and places: what is taken apart is put together again to the letter, whatever it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.language.names import (
    OWN_NAME,
    REGIONS,
    Place,
    copy_names,
    join,
    location_text,
    means,
    parse_place,
    parse_site,
    split,
    split_parts,
)

# Any text, and texts that are nearly names: out of what names are made of, and of other digits.
NEARLY = st.text("ab_[](). 0123456789*?eE+-\t\n\x00٣²é", max_size=20)
TEXTS = st.text() | NEARLY
NAMES = st.from_regex(OWN_NAME, fullmatch=True)
INDICES = st.none() | st.integers(0, 999_999_999)
POSITIONS = st.floats(0, 1).map(lambda x: float(f"{x:.15g}"))


@given(TEXTS)
def test_what_is_split_is_joined_to_the_letter(text):
    assert join(*split(text)) == text
    assert ".".join(split_parts(text)) == text


@given(NAMES, INDICES)
def test_what_is_joined_is_split(name, index):
    assert split(join(name, index)) == (name, index)


@given(TEXTS)
def test_a_place_that_is_read_is_written_to_the_letter(text):
    place = parse_place(text)
    assert place is None or str(place) == text


@given(NAMES, INDICES, st.none() | POSITIONS)
def test_a_place_that_is_written_is_read(name, index, x):
    text = join(name, index) + ("" if x is None else f"({x!r})")
    assert parse_place(text) == Place(name, index, None if x is None else repr(x))
    assert split_parts(f"{text}.hh.m") == [text, "hh", "m"]


@st.composite
def edited(draw, text):
    """A text with one character left out, put in, or replaced."""
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(NEARLY.map(lambda more: more[:1])) + text[at + draw(st.booleans()) :]


@given(edited("pyr[12].apical[3](0.25).hh.m") | edited("pyr.soma(0.5)") | TEXTS)
def test_a_site_that_is_read_is_written_to_the_letter(text):
    try:
        site = parse_site(text)
    except ValueError:
        return
    assert str(site) == text
    cell, section, index, x = site.location
    assert text.startswith(f"{cell}.{section}")
    assert index >= 0
    assert 0 <= x <= 1


@given(NAMES.filter(str.isalpha), INDICES, NAMES, st.integers(0, 10**8), POSITIONS)
def test_a_location_is_written_as_sweep_files_do(cell, copy, section, index, x):
    location = [join(cell, copy), section, index, x]
    assert parse_site(location_text(location)).location == location


@pytest.mark.parametrize(
    "text",
    [
        *("pyr[12", "pyr12]", "pyr[]", "pyr[-1]", "pyr[+1]", "pyr[ 1]", "pyr[1 ]", "pyr[1.0]"),
        *("pyr[01]", "pyr[1_0]", "pyr[٣]", "pyr[²]", "pyr[1][2]", "pyr[[1]]", "[1]", "pyr[1]x"),
        f"pyr[{'9' * 5000}]",  # of which Python makes no number
    ],
)
def test_what_is_nearly_a_copy_is_none(text):
    assert split(text) == (text, None)


@pytest.mark.parametrize("x", ["", "nan", "inf", "1e", "-0.1", "1.1", "0x1", "1_0", "\u0660"])
def test_what_lies_at_no_place_of_a_section_is_refused(x):
    with pytest.raises(ValueError, match="runs from 0 to 1"):
        parse_site(f"pyr.soma({x})")


@given(NAMES.filter(lambda name: name != "all"), st.integers(0, 99), st.sampled_from(REGIONS))
def test_a_section_is_meant_by_its_name_index_and_region_alone(name, index, region):
    for text in (name, join(name, index), region, "all", "*", f"{name}*", "?" * len(name)):
        assert means(text, name, index, region)
    for text in (join(name, index + 1), f"{name}[", f"{name}[{index}", f"{name}?" * 2, ""):
        assert not means(text, name, index, region)


def test_copies_are_named_by_their_index():
    assert copy_names("pyr", 3) == ["pyr[0]", "pyr[1]", "pyr[2]"]
    assert copy_names("pyr", None) == ["pyr"]
