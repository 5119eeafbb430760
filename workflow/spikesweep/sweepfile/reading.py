"""Reading a sweep file: YAML in, a validated Sweep out, or one message that says what is wrong."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import ValidationError

from spikesweep.errors import UserError, cut, listing, suggest
from spikesweep.language.units import is_quantity
from spikesweep.sweepfile.belonging import belongs
from spikesweep.sweepfile.quantities import PATTERNS
from spikesweep.sweepfile.sweep import Sweep
from spikesweep.sweepfile.yaml_words import as_written, problem_of

T = TypeVar("T")

_SINGULARS = {"axis": "axes"}  # which difflib finds less near
SAME_WORD = 0.8  # from which nearness on (difflib) a key is another one misspelt
MOST_BYTES = 1_000_000
MOST_NODES = 200_000  # with every alias in full: a YAML bomb has billions
DEEPEST = 64  # values within values; a thousand times more end YAML's own reader
_LONGEST_NUMBER = 4_000  # digits; Python reads no more than 4,300
# What no terminal, file name or NetCDF text can hold, or that moves what a terminal shows; half of
# a surrogate pair is no character.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# Numbers to some readers of YAML and text, or other numbers, to others.
_DOUBTFUL = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*_[0-9_.]*"
    r"|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?)"
)
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """Safe YAML with numbers as people read them, and in which a key that stands twice is a
    mistake, not a silent overwrite.

    YAML 1.1, which PyYAML speaks, reads 010 as 8, 1:30 as 90, 1e-3 as text and `no` as false.
    """

    yaml_implicit_resolvers: ClassVar[dict] = {}

    def get_single_node(self):
        node = super().get_single_node()
        if node is not None and _size(node, {}) > MOST_NODES:
            what = f"more than {MOST_NODES} values, with every alias (*name) in full"
            raise _mistake(what, node.start_mark)
        return node

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, bool):
                what = f'the key {key_node.value} is no text; expected "{key_node.value}"'
                raise _mistake(what, key_node.start_mark)
            if not isinstance(key, str | int | float):
                raise _mistake("a key is not plain text", key_node.start_mark)
            if key in seen:
                raise _mistake(
                    f'the key "{key}" stands twice; expected it once', key_node.start_mark
                )
            seen.add(key)
        return {
            self.construct_object(key, deep=True): self.construct_object(value, deep=deep)
            for key, value in node.value
        }


for _tag, _pattern, _first in (
    ("bool", re.compile("true|True|TRUE|false|False|FALSE"), "tTfF"),
    ("null", re.compile("~|null|Null|NULL|"), ["~", "n", "N", ""]),
    ("int", _INTEGER, "-+0123456789"),
    ("float", re.compile(f"{_NUMBER.pattern}|{_NOT_FINITE.pattern}"), "-+0123456789."),
):
    _whole = re.compile(rf"(?:{_pattern.pattern})\Z")
    _Loader.add_implicit_resolver(_TAG + _tag, _whole, list(_first))
_Loader.add_constructor(_TAG + "int", lambda loader, node: int(node.value))
_Loader.add_constructor(
    _TAG + "float",
    lambda loader, node: float(re.sub(r"\.(?=inf|nan)", "", node.value.lower())),
)


def _mistake(what: str, mark: yaml.Mark) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, what, mark)


def _check(text: str) -> None:
    """Refuse what is YAML and yet no plain keys and values, before anything is made of it.

    Raises:
        YAMLError: nested too deeply, a tag, a merge key, a second document, a character that
            cannot be printed, or what is not a number to all readers.
    """
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _mistake(f"more than {DEEPEST} values within each other", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _mistake("a second document begins (---); expected one", event.start_mark)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            what = f'the tag "{cut(event.tag)}"; expected a plain value without it'
            raise _mistake(what, event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            _check_scalar(event)


def _check_scalar(event: yaml.ScalarEvent) -> None:
    text = event.value
    if _UNPRINTABLE.search(text):
        raise _mistake("a character that cannot be printed", event.start_mark)
    if event.style:  # in quotes, or a block: text, whatever it looks like
        return
    if text == "<<":
        what = "the merge key <<; expected the keys themselves, or all of a value by *name"
        raise _mistake(what, event.start_mark)
    if _DOUBTFUL.fullmatch(text):
        what = f'{cut(text)}; expected a decimal number, or quotes where it is text: "{cut(text)}"'
        raise _mistake(what, event.start_mark)
    if len(text) > _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        raise _mistake(f"a number of {len(text)} characters", event.start_mark)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Return the number of values in a node, each alias counted as what it stands for."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = MOST_NODES + 1  # should it hold itself
        parts = [part for item in node.value for part in (item if type(item) is tuple else [item])]
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return known[id(node)]


def read_yaml(path: Path) -> Any:
    """Return the contents of a YAML file.

    Raises:
        UserError: no such file, not text, too large, not YAML, or a key that stands twice.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path}: larger than {MOST_BYTES} bytes; expected a hand-written file")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UserError(f"{path}: a folder; expected a YAML file") from None
    except PermissionError:
        raise UserError(f"{path}: this user may not read it; expected a readable file") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text (byte {error.start}); expected YAML") from None
    try:
        _check(text)
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "reason", None) or error
        if isinstance(error, yaml.MarkedYAMLError):
            problem = problem_of(text, error)
        expected = "" if "; expected" in str(problem) else "; expected YAML"
        raise UserError(f"{path}{line}: {problem}{expected}{_hint(text, mark)}") from None
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise UserError(f"{path}: {reason}; expected YAML") from None


def _hint(text: str, mark: yaml.Mark | None) -> str:
    """Return what is probably to be done about a line that is not YAML."""
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if re.search(r"\w\[\d+\]", line):
        return ". Within { } write quotes around a place with an index: 'cell.apical[3](0.5)'"
    return ""


def read_sweep(path: Path) -> Sweep:
    """Return the sweep that a file describes.

    Raises:
        UserError: one message with a line for each mistake: key, value, expectation.
    """
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise UserError(f"{path}: expected keys such as model, protocol, record, axes")
    return validated(Sweep.model_validate, data, path, belongs)


def validated(
    validate: Callable[[Any], T],
    data: Any,
    place: str | Path,
    hint: Callable[[str, str], str] = lambda key, here: "",
) -> T:
    """Return what a model makes of values that were read.

    Args:
        hint: says of a key, and of the place where it is not known, where it belongs.

    Raises:
        UserError: one message with a line for each mistake, beginning with `place`.
    """
    try:
        return validate(data)
    except ValidationError as error:
        mistakes = [*error.errors(), *_hidden(validate, data, error.errors())]
        raise UserError(_message(place, data, mistakes, hint)) from None
    except RecursionError:
        raise UserError(f"{place}: nested too deeply") from None


def _hidden(validate: Callable[[Any], T], data: Any, errors: list[Any]) -> Iterator[Any]:
    """Yield the mistakes that stand beside unknown keys, which are found without these alone."""
    data = deepcopy(data)
    told = {(error["loc"], error["msg"]) for error in errors}
    while unknown := [error for error in errors if error["type"] == "unknown_key"]:
        for error in unknown:
            part = data
            for step in _steps(data, error):
                part = part[step]
            part.pop(error["ctx"]["key"], None)
        try:
            validate(data)
            return
        except ValidationError as error:
            errors = [e for e in error.errors() if (e["loc"], e["msg"]) not in told]
            told |= {(e["loc"], e["msg"]) for e in errors}
        # Where a key has a wrong name, that the right one is missing says the same.
        places = {error["loc"] for error in unknown}
        yield from (e for e in errors if e["type"] != "missing" or e["loc"][:-1] not in places)


# What YAML makes of {amp: 0,3 nA} is an amp of 0, and a key "3 nA" of which nothing is said.
DECIMAL_COMMA = "a number as a key; expected a decimal point where a comma stands: 0.3 for 0,3"


def _message(
    path: str | Path, data: Any, errors: Iterable[Any], hint: Callable[[str, str], str]
) -> str:
    lines: list[str] = []
    for error in errors:
        where = _where(data, error)
        if error["type"] == "unknown_key":
            error = {**error, **_hinted(error, hint(str(error["ctx"]["key"]), where[:-2]))}
        if _is_behind_a_comma(error):
            error = {**error, "type": "decimal_comma", "msg": DECIMAL_COMMA}
        lines.append(f"{path}: {where}{_what(error)}")
    return "\n".join(_joined(dict.fromkeys(lines)))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines; those that expect different things of one value, which may be one of several
    kinds, as one: "expected 'auto', or a value of 1 or more"."""
    expected: dict[str, list[str]] = {}
    for line in lines:
        said, _, wanted = line.partition(": expected ")
        expected.setdefault(said if wanted else line, []).append(wanted)
    for said, all_wanted in expected.items():
        one = ", or ".join(filter(None, all_wanted))
        yield f"{said}: expected {one}" if one else said


def _is_behind_a_comma(error: Mapping[str, Any]) -> bool:
    """Return whether a key is a number, of which nothing is said."""
    if error["type"] == "unknown_key":
        return is_quantity(str(error["ctx"]["key"]))
    key = error["loc"][-1] if error["loc"] else ""
    is_key = error["type"] == "invalid_key" or (isinstance(key, str) and error["input"] is None)
    return is_key and is_quantity(str(key))


def _hinted(error: Mapping[str, Any], hint: str) -> dict[str, Any]:
    """Return the message of an unknown key that belongs elsewhere, unless one here is so near that
    it was misspelt."""
    known = error["msg"].rpartition("; known: ")[2]
    key = str(error["ctx"]["key"])
    is_misspelt = get_close_matches(key, known.split(", "), cutoff=SAME_WORD)
    if not hint or is_misspelt or _SINGULARS.get(key) in known.split(", "):
        return {}
    return {"msg": f'unknown key "{key}"{hint}; known here: {known}'}


def _where(data: Any, error: Mapping[str, Any]) -> str:
    """Return 'figures[0].cmap: ' for an error's place."""
    text = ""
    for step in _steps(data, error):
        text += f"[{step}]" if isinstance(data, list) else f".{step}"
        data = data[step] if _holds(data, step) else None
    return f"{text.lstrip('.')}: " if text else ""


def _steps(data: Any, error: Mapping[str, Any]) -> Iterator[str | int]:
    """Yield the keys and indices that lead to an error's place; not what pydantic put in."""
    location = error["loc"]
    for depth, part in enumerate(location):
        inside = _holds(data, part)
        rest = location[depth + 1 :]
        is_missing = error["type"] == "missing" and not rest
        if (not inside and not is_missing) or (inside and _is_tag(data, part, rest, error["type"])):
            continue
        yield part
        data = data[part] if inside else None


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


def _is_tag(data: Any, part: str | int, rest: tuple, kind: str) -> bool:
    """Whether pydantic put a part in to tell `python` cells from `hoc` cells: no step to a key."""
    if kind == "unknown_key" and not rest:
        return not isinstance(data[part], dict)
    return bool(rest) and not _holds(data[part], rest[0]) and _holds(data, rest[0])


_KEYS = "expected keys and values below this key"
_PLAIN_WORDS = {
    "missing": "this key is required",
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), _KEYS),
    "invalid_key": "expected keys that are text",
    "list_type": "expected a list, such as [1, 2, 3]",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "tuple_type": "expected a list, such as [1, 2]",
    **dict.fromkeys(("bool_type", "bool_parsing"), "expected true or false"),
    "int_parsing_size": "expected a smaller number",
    "finite_number": "expected a finite number",
    "too_short": "expected at least one",
    "string_too_short": "expected some text",
}
# Where the error has a bound, or what is allowed.
_WORDS_WITH = {
    "too_long": "expected at most {max_length}",
    "string_too_long": "expected at most {max_length} characters",
    "greater_than": "expected a value above {gt:g}",
    "greater_than_equal": "expected a value of {ge:g} or more",
    "less_than": "expected a value below {lt:g}",
    "less_than_equal": "expected a value of {le:g} or less",
    "literal_error": "expected {expected}",
    "union_tag_not_found": "expected the key {discriminator} to say which it is",
}


def _what(error: dict) -> str:
    if error["type"] == "union_tag_invalid":
        kinds = [tag.strip(" '") for tag in error["ctx"]["expected_tags"].split(",")]
        return (
            f'"{error["ctx"]["tag"]}" is no kind of figure{suggest(error["ctx"]["tag"], kinds)}; '
            f"expected one of: {listing(kinds)}"
        )
    if error["type"] in ("missing", "unknown_key", "value_error"):
        return in_words(error)
    if error["input"] == "None" and error["type"] in ("model_type", "dict_type", "list_type"):
        return f"None is a text in YAML; {in_words(error)}, or no such key where there is none"
    return f"{cut(as_written(error['input']))}: {in_words(error)}"


def in_words(error: Mapping[str, Any]) -> str:
    """Return what pydantic says of a value, in the words of this project."""
    if error["type"] in _WORDS_WITH:
        return _WORDS_WITH[error["type"]].format(**error["ctx"])
    if error["type"] == "string_pattern_mismatch":
        pattern = error["ctx"]["pattern"]
        return f"expected {PATTERNS.get(pattern, f'text of the form {pattern}')}"
    return _PLAIN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
