"""Names and places: one grammar, in which sweep files and documents write them alike.

    pyr, pyr[3]                   a cell or a process, or one of its copies
    dend, apical[3]               sections of a name, or one of a list
    soma(0.5), apical[3](0.2)     a place along a section
    apical(farthest)              one found by its path distance: also nearest, distance=660
    pyr[3].apical[3](0.2).hh.m    parts, joined by dots
    all, basal, ap*, apical[1?]   what a rule's `in` may be: `all`, a region, a pattern

What is taken apart here is put together again to the letter, whatever text it was; a text that is
nearly a name with an index, `pyr[3`, `pyr[03]`, has none, and names nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

NAME = "[A-Za-z][A-Za-z0-9_]*"  # what sweep files give
OWN_NAME = "[A-Za-z_][A-Za-z0-9_]*"  # what NMODL and the code of models have given
INDEX = r"\[(?:0|[1-9][0-9]{0,8})\]"

Region = Literal["soma", "axon", "basal", "apical"]
REGIONS: tuple[str, ...] = get_args(Region)

# What a simulation comes to: by its key alone, or by the machine that it ran on. Files hold places
# in these lists.
KEY_STATUSES = ("ok", "error", "not_finite")
MACHINE_STATUSES = ("timeout", "memory", "crashed")
STATUSES = (*KEY_STATUSES, *MACHINE_STATUSES)

_INDEXED = re.compile(rf"([^\[\]]+)({INDEX})", re.DOTALL)
_PLACE = re.compile(rf"({OWN_NAME}(?:{INDEX})?)(?:\(([^()]*)\))?")
_NUMBER = re.compile(r"[0-9.eE+-]+")
MEASURES, MEASURED = ("nearest", "farthest"), "distance="
_DISTANCE = re.compile(
    rf"{MEASURED}((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,2}})?)(?:um)?"
)
_DOT = re.compile(r"\.(?![^()]*\))")  # not the one in (0.2)
_SITE = re.compile(
    rf"({NAME}(?:{INDEX})?)\.({OWN_NAME}(?:{INDEX})?)\(([^()]*)\)"
    rf"(?:\.({OWN_NAME}(?:{INDEX})?(?:\.{OWN_NAME}(?:{INDEX})?)*))?"
)


# ---- names with an index -----------------------------------------------------------------------


def split(text: str) -> tuple[str, int | None]:
    """Return name and index: "dend[3]" -> ("dend", 3), "dend" -> ("dend", None)."""
    found = _INDEXED.fullmatch(text) if text.endswith("]") else None
    return (found[1], int(found[2][1:-1])) if found else (text, None)


def join(name: str, index: int | None) -> str:
    """Return name and index as one text: what `split` takes apart."""
    return name if index is None else f"{name}[{index}]"


def base(text: str) -> str:
    """Return the name without its index."""
    return split(text)[0]


def copy_names(name: str, count: int | None) -> list[str]:
    """Return the names of all copies, or the name itself of what has none."""
    return [name] if count is None else [join(name, i) for i in range(count)]


# ---- parts and places --------------------------------------------------------------------------


def split_parts(text: str) -> list[str]:
    """Return what dots separate: "pyr.soma(0.5).v" -> ["pyr", "soma(0.5)", "v"]; a dot in
    parentheses does not. Joined by dots they are the text again."""
    return _DOT.split(text)


@dataclass(frozen=True)
class Place:
    """Sections of a name, one of a list, or a place along it.

    x: as it is written, from 0 to 1 along the section; None where no place is meant.
    """

    section: str
    index: int | None
    x: str | None

    @property
    def named(self) -> str:
        """The section alone, `apical[3]`."""
        return join(self.section, self.index)

    def __str__(self) -> str:
        return self.named if self.x is None else f"{self.named}({self.x})"


def parse_place(text: str) -> Place | None:
    """Return what `soma`, `apical[3]` or `apical[3](0.2)` means; None of any other text."""
    found = _PLACE.fullmatch(text)
    return Place(*split(found[1]), found[2]) if found else None


def position(x: str) -> float:
    """Return a place along a section as a number.

    Raises:
        ValueError: it is none from 0 to 1.
    """
    number = float(x) if _NUMBER.fullmatch(x) else -1.0
    if not 0 <= number <= 1:
        raise ValueError(f'"{x}" is no number from 0 to 1')
    return number


def whereabouts(x: str) -> float | str:
    """Return what stands in the parentheses of a place: a number from 0 to 1, or a measure by which
    the place is found in a region, `farthest`, `nearest` or `distance=660` (um).

    Raises:
        ValueError: it is neither.
    """
    text = "".join(x.split())
    if text in MEASURES:
        return text
    if found := _DISTANCE.fullmatch(text):
        return by_distance(float(found[1]))
    return position(x)


def is_measure(x: Any) -> bool:
    """Return whether what `whereabouts` returned is a measure."""
    return isinstance(x, str) and (x in MEASURES or x.startswith(MEASURED))


def is_by_distance(location: Any) -> bool:
    """Return whether a document's location is found by a distance of so many um."""
    return isinstance(location, list) and str(location[3]).startswith(MEASURED)


def by_distance(distance: float) -> str:
    """Return how documents write the measure of a distance (um)."""
    return f"{MEASURED}{distance:.15g}"


@dataclass(frozen=True)
class Site:
    """A place in a cell, `pyr.apical[3](0.2)`, and what may be read there, `.kdr.n`.

    cell: its name, with an index where one copy is meant: `pyr[7]`.
    """

    cell: str
    at: Place
    variable: str | None

    @property
    def location(self) -> list[Any]:
        """The location as documents write it: [cell, section, index, x]. Of a place that is found
        by a measure, the section is a region's whole name, and the index 0."""
        x = whereabouts(self.at.x or "")
        if isinstance(x, str):
            return [self.cell, self.at.named, 0, x]
        return [self.cell, self.at.section, self.at.index or 0, x]

    def __str__(self) -> str:
        place = f"{self.cell}.{self.at}"
        return place if self.variable is None else f"{place}.{self.variable}"


def parse_site(text: str) -> Site:
    """Return what `cell.section(x)` or `cell.section[i](x).variable` means.

    Raises:
        ValueError: it is no place in a cell, or lies outside its section.
    """
    found = _SITE.fullmatch(text)
    if found is None:
        raise ValueError(
            f'"{text}" is not a place in a cell; expected cell.section(x), such as '
            "pyramidal.soma(0.5) or pyramidal.apical[3](0.2).v"
        )
    cell, section, x, variable = found.groups()
    site = Site(cell, Place(*split(section), x), variable)
    try:
        whereabouts(x)
    except ValueError:
        raise ValueError(
            f'"{text}" lies outside its section; x in (x) runs from 0 to 1. Of a region there is '
            "also (nearest), (farthest) and (distance=660), in um"
        ) from None
    return site


def times_text(trains: list[list[float]], most: int = 5) -> str:
    """Return the times (ms) of events as people read them: those of one train, or how many."""
    if len(trains) > 1:
        return f"{sum(map(len, trains))} times of {len(trains)} copies"
    (times,) = trains
    shown = ", ".join(f"{time:g}" for time in times[:most])
    return f"{shown}{' ...' if len(times) > most else ''} ms ({len(times)} in all)"


def location_text(location: list[Any]) -> str:
    """Return a document's location as sweep files write it: "pyr.apical[3](0.2)"."""
    cell, section, index, x = location
    return f"{cell}.{join(section, index or None)}({x if isinstance(x, str) else f'{x:.15g}'})"


def locations_by_measure(part: Any) -> Iterator[list[Any]]:
    """Yield the locations in a part of a document whose place is found by a measure."""
    if isinstance(part, list) and len(part) == 4 and is_measure(part[3]):
        yield part
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from locations_by_measure(inner)


def electrode_text(electrode: Mapping[str, Any]) -> str:
    """Return a document's electrode in words."""
    x, y, z, sigma = (
        value if isinstance(value, str) else f"{value:.15g}"
        for value in (electrode[name] for name in ("x", "y", "z", "conductivity"))
    )
    return f"({x}, {y}, {z}) um in {sigma} S/m, segments as {electrode['segments']}s"


def variable_text(variable: Mapping[str, Any]) -> str:
    """Return a document's variable as sweep files write it."""
    if not variable.keys() & {"region", "process", "at"}:  # of the segment itself
        return str(variable["variable"])
    if "region" in variable:
        place = ".".join(variable["region"])
    else:
        place = variable["process"] if "process" in variable else location_text(variable["at"])
    return f"{place}.{variable['variable']}"


def waveform_texts(waveform: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document's waveform with text in the place of what speaks of other things."""
    texts = {**waveform, "into": variable_text(waveform["into"])}
    if "through" in waveform:
        texts["through"] = " and ".join(
            f"{one['share']:.15g} at {electrode_text(one['electrode'])}"
            for one in waveform["through"]
        )
    return texts


def impedance_name(measure: str, frequency: float) -> str:
    """Return the name of a measure of impedance at a frequency (Hz): ("input", 2.5) ->
    "input_2p5Hz"; that of a resistance, which has none, is its own."""
    return measure if measure == "resistance" else f"{measure}_{frequency:.15g}Hz".replace(".", "p")


def impedance_parts(name: str) -> tuple[str, float]:
    """Return measure and frequency (Hz) of such a name; 0 of a resistance."""
    if name == "resistance":
        return name, 0.0
    measure, _, frequency = name.rpartition("_")
    return measure, float(frequency.removesuffix("Hz").replace("p", "."))


# ---- what rules mean ---------------------------------------------------------------------------


def is_pattern(text: str) -> bool:
    """Return whether a text names sections by a pattern, `dend*` or `apical[1?]`."""
    return "*" in text or "?" in text


def means(text: str, name: str, index: int, region: str | None) -> bool:
    """Return whether a text in a rule means a section.

    Args:
        text: `all`, a region, the name of sections or of one, or a pattern, in which `*` stands
            for any characters and `?` for one; brackets are themselves.
    """
    if text == "all":
        return True
    if is_pattern(text):
        pattern = _compiled(text)
        return bool(pattern.fullmatch(name) or pattern.fullmatch(join(name, index)))
    wanted, place = split(text)
    return text in (name, region) if place is None else (wanted, place) == (name, index)


@lru_cache(maxsize=1024)
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
