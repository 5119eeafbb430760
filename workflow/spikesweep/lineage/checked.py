"""A lineage is checked where it is read: it may come from anywhere.

Its strings become names of files, words of command lines and lines on a terminal. What is used so
has one form, which is looked at here and nowhere else.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spikesweep.errors import UserError, cut

_MOST_SIMULATIONS = 2_000_000  # that any sweep may have
_DEPTH = 60
# A terminal would take these as commands; tabs and line breaks stand in texts.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

# What a value of another kind than ours raises where it is shown.
UNREADABLE = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    csv.Error,
)

Check = Callable[[Any], bool]


def _like(pattern: str) -> Check:
    form = re.compile(pattern)
    return lambda value: isinstance(value, str) and bool(form.fullmatch(value))


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _each(key: Check, item: Check) -> Check:
    """Return the check of a mapping: of each key and each item."""
    return lambda value: (
        isinstance(value, dict) and all(key(k) and item(v) for k, v in value.items())
    )


def _has(**checks: Check) -> Check:
    """Return the check of a mapping with some keys, and perhaps others."""
    return lambda value: (
        isinstance(value, dict)
        and all(k in value and check(value[k]) for k, check in checks.items())
    )


def _list_of(item: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(item, value))


def _path(value: Any) -> bool:
    """A path inside a project; a file outside of it is named by ways up, and never opened."""
    return _text(value) and 0 < len(value) <= 1024 and not value.startswith(("-", "/"))


_SHA256 = _like("[0-9a-f]{64}")
_COMMIT = _like("[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = _like(r"(?a:[A-Za-z]\w{0,199})")
_FILE = _like(r"(?a:[\w+][\w+.-]{0,250})")  # in one folder
_PYTHON = _like(r"\d+\.\d+[\w.+]*")
_FILES = _each(_FILE, _SHA256)
_AXIS = _has(name=_text, unit=_text, long_name=_text, values=_list_of(lambda value: True))
_PRODUCT = _has(
    **{"stage": _like(r"[a-z_]+(\.\w+)?"), "fingerprint": _SHA256, "from": _list_of(_FILE)}
)

# What stands under each key, and what was expected there.
_FORM: dict[str, tuple[Check, str]] = {
    "sweep": (_NAME, "the name of a sweep"),
    "title": (_text, "a text"),
    "command": (_text, "a text"),
    "label": (_like("nogit|[0-9a-f]{8}(\\+[0-9a-f]{4})?"), "a git label"),
    "commit": (_or_none(_COMMIT), "the 40 or 64 digits of a commit"),
    "date": (_or_none(_like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")), "a date"),
    "patch": (_or_none(_SHA256), "the 64 digits of a SHA-256"),
    "changed_files": (_list_of(_path), "names of files"),
    "plan": (_has(file=_like(r"plan_[0-9a-f]{12}\.json"), fingerprint=_SHA256), "a plan"),
    "specification": (
        _has(
            axes=_list_of(_AXIS),
            design=_has(kind=_text),
            document=_has(),
            effects=_each(_text, _list_of(_text)),
            statistics=_has(),
        ),
        "axes, design, document, what the axes do, and of what the statistics are",
    ),
    "spikesweep": (_has(version=_text, sha256=_SHA256), "a version and the 64 digits of a SHA-256"),
    "engine": (_each(_text, _text), "versions"),
    "simulations": (
        _has(count=lambda n: type(n) is int and 0 < n <= _MOST_SIMULATIONS, keys=_SHA256),
        "how many there are, and the fingerprint of their keys",
    ),
    "sources": (_each(_path, _SHA256), "files and their SHA-256"),
    "mechanisms": (
        _has(set=_or_none(_NAME), used=_each(_text, _SHA256)),
        "a set and the SHA-256 of mechanisms",
    ),
    "morphologies": (_each(_path, _SHA256), "files and their SHA-256"),
    "products": (_each(_FILE, _PRODUCT), "files and what they were made from"),
    "versions": (_each(_text, _text), "versions"),
}
_OF_A_FIGURE: dict[str, tuple[Check, str]] = {
    "figure": (_like(r"\w{1,200}"), "the name of a figure"),
    "fingerprint": (_SHA256, "the 64 digits of a SHA-256"),
    "options": (_each(_text, lambda value: True), "the options of a figure"),
}

_OF_A_SET: dict[str, tuple[Check, str]] = {
    "figure_set": (_NAME, "the name of a figure set"),
    "plan": (_has(file=_like(r"set_[0-9a-f]{12}\.json"), fingerprint=_SHA256), "a plan"),
    "sweeps": (_each(_NAME, _has()), "the lineages of sweeps"),
}
_OF_ITS_FIGURE: dict[str, tuple[Check, str]] = {
    **_OF_A_FIGURE,
    "panels": (_each(_like("[A-Z]"), _has()), "panels by their letters"),
    "files": (_FILES, "files and their SHA-256"),
    "made_on": (
        _has(python=_PYTHON, system=_text, machine=_text, libc=_text),
        "Python and the platform",
    ),
}


def checked(lineage: Any, place: str) -> dict[str, Any]:
    """Return a lineage that is one, as far as anything is made of it.

    Args:
        place: where it was read, for messages.

    Raises:
        UserError: naming the first thing in it that is not as spikesweep writes it.
    """
    if not isinstance(lineage, dict):
        raise _no_lineage(place, "", lineage, "a lineage")
    _check_texts(lineage, place)
    if "figure_set" in lineage:
        return _checked_set(lineage, place)
    form = _FORM | (_OF_A_FIGURE if "figure" in lineage else {})
    _check_form(lineage, form, place)
    _check_label(lineage, place)
    for name, product in lineage["products"].items():
        _check_product(lineage, name, product, place)
    stages = {product["stage"].partition(".")[0] for product in lineage["products"].values()}
    if "figure" in lineage and "figure" not in stages:
        raise _no_lineage(place, "products", sorted(lineage["products"]), "a figure among them")
    return lineage


def _checked_set(lineage: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the lineage of a figure of a figure set, or of all of them: its own, and one of each
    sweep."""
    shared = ("title", "command", "label", "commit", "date", "patch", "changed_files")
    own = {name: _FORM[name] for name in (*shared, "spikesweep", "versions")}
    if "figures" in lineage:
        own["sources"] = _FORM["sources"]
        own["figures"] = (_each(_NAME, _has()), "the figures by their names")
    _check_form(lineage, own | _OF_A_SET, place)
    _check_label(lineage, place)
    for name, sweep in lineage["sweeps"].items():
        if "figure_set" in sweep or checked(sweep, f"{place}: sweep {name}")["sweep"] != name:
            raise _no_lineage(place, f"sweeps.{name}", sweep, "the lineage of this sweep")
    for name, figure in lineage.get("figures", {"": lineage}).items():
        _check_figure(lineage, figure, f"{place}: figure {name}" if name else place)
    return lineage


def _check_figure(lineage: dict[str, Any], figure: dict[str, Any], place: str) -> None:
    """Refuse a figure of a set whose panels show none of the set's sweeps."""
    _check_form(figure, _OF_ITS_FIGURE, place)
    for letter, panel in figure["panels"].items():
        is_image = _path(panel.get("image")) and _SHA256(panel.get("sha256"))
        reads = _each(_text, _SHA256)(panel.get("reads"))
        is_sweep = panel.get("sweep") in lineage["sweeps"] and reads and _NAME(panel.get("kind"))
        less = _each(_text, _SHA256)(panel.get("reads_minus"))
        is_whole = "minus" not in panel or (panel["minus"] in lineage["sweeps"] and less)
        if not (is_image or (is_sweep and is_whole)):
            raise _no_lineage(place, f"panels.{letter}", panel, "a kind of a sweep, or an image")


def _check_form(
    lineage: Mapping[str, Any], form: Mapping[str, tuple[Check, str]], place: str
) -> None:
    for key, (check, expected) in form.items():
        if key not in lineage or not check(lineage[key]):
            raise _no_lineage(place, key, lineage.get(key), expected)


def printable(text: str) -> str:
    """Return a text that a terminal shows as it is, with escapes where it would not."""
    return ascii(text) if _CONTROL.search(text) else text


def _no_lineage(place: str, key: str, value: Any, expected: str) -> UserError:
    shown = cut(ascii(value))
    where = f"its lineage has {key}: {shown}" if key else f"its lineage is {shown}"
    return UserError(
        f"{place}: {where}; expected {expected}. Spikesweep writes no such lineage, so nothing was "
        "made of it"
    )


def _check_label(lineage: Mapping[str, Any], place: str) -> None:
    """See that label, commit and patch tell of the same."""
    commit, patch = lineage["commit"], lineage["patch"]
    label = (commit or "")[:8] + (f"+{patch[:4]}" if patch else "")
    if lineage["label"] != (label or "nogit"):
        raise _no_lineage(place, "label", lineage["label"], label or "nogit")
    if bool(commit) != bool(lineage["date"]):
        raise _no_lineage(place, "date", lineage["date"], "one where there is a commit")
    command = f"snakemake --cores 8 {lineage.get('figure_set', lineage.get('sweep'))}"
    if lineage["command"] != command:  # people copy it
        raise _no_lineage(place, "command", lineage["command"], command)


def _check_product(lineage: Mapping[str, Any], name: str, product: Any, place: str) -> None:
    """See that a product was made from products that are there, none of them from itself."""
    key = f"products.{name}"
    if not _FILES(product.get("files", {})):
        raise _no_lineage(place, f"{key}.files", product["files"], "files and their SHA-256")
    made_on = product.get("made_on", {})
    if not _each(_text, _text)(made_on) or not _PYTHON(made_on.get("python", "3.11")):
        raise _no_lineage(place, f"{key}.made_on", made_on, "Python and the platform")
    reads, seen = list(product["from"]), set()
    while reads:
        read = reads.pop()
        if read == name or read not in lineage["products"]:
            raise _no_lineage(place, f"{key}.from", product["from"], "products that it names")
        if read not in seen:
            seen.add(read)
            reads += lineage["products"][read]["from"]


def _check_texts(lineage: Any, place: str) -> None:
    """Refuse texts that a terminal takes as commands, and what is nested without end."""
    waiting = [(lineage, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEPTH:
            raise UserError(f"{place}: its lineage is nested more than {_DEPTH} deep; refused")
        if isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
        elif isinstance(value, str) and (found := _CONTROL.search(value)):
            start = max(0, found.start() - 20)
            shown = value[start : found.end() + 20]
            raise _no_lineage(place, "a text", shown, "one without control characters")


@contextmanager
def readable(place: object) -> Iterator[None]:
    """Say in one sentence that a foreign file is not what spikesweep writes.

    For what is only shown of it: there a check of everything would be as long as its showing.

    Raises:
        UserError: in place of whatever a value of another kind than ours raises.
    """
    try:
        yield
    except UNREADABLE as error:
        raise UserError(
            f"{place}: what it says of itself is not as spikesweep writes it, so nothing was made "
            "of it"
        ) from error
