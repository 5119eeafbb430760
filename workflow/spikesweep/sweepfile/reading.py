"""Reading a sweep file: YAML in, a validated Sweep out, or one message that says what is wrong."""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from spikesweep.errors import UserError, cut, listing, suggest
from spikesweep.sweepfile.sweep import Sweep

MOST_BYTES = 1_000_000
MOST_NODES = 200_000  # with every alias in full: a YAML bomb has billions
# What no terminal, file name or NetCDF text can hold; half of a surrogate pair is no character.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is a mistake, not a silent overwrite."""

    def get_single_node(self):
        node = super().get_single_node()
        if node is not None and _size(node, {}) > MOST_NODES:
            what = f"more than {MOST_NODES} values, with every alias (*name) in full"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark)
        return node

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is not plain text", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key}" stands twice', key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Return the number of values in a node, each alias counted as what it stands for."""
    if isinstance(node, yaml.ScalarNode):
        if _UNPRINTABLE.search(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, "a character that cannot be printed", node.start_mark
            )
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
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise UserError(f"{path}{line}: {problem}; expected YAML{_hint(text, mark)}") from None
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise UserError(f"{path}: {reason}; expected YAML") from None


def _hint(text: str, mark: yaml.Mark | None) -> str:
    """Return what is probably to be done about a line that is not YAML."""
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if "\t" in line:
        return ". The line holds a tab: indent with spaces"
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
    try:
        return Sweep.model_validate(data)
    except ValidationError as error:
        raise UserError(_message(path, data, error)) from None
    except RecursionError:
        raise UserError(f"{path}: nested too deeply") from None


def _message(path: Path, data: Any, error: ValidationError) -> str:
    lines = [f"{path}: {_where(data, e)}{_what(e)}" for e in error.errors()]
    return "\n".join(dict.fromkeys(lines))


def _where(data: Any, error: dict) -> str:
    """Return 'figures[0].cmap: ' for an error's place; parts that pydantic put in are left out."""
    text, location = "", error["loc"]
    for depth, part in enumerate(location):
        inside = _holds(data, part)
        rest = location[depth + 1 :]
        is_missing = error["type"] == "missing" and not rest
        if (not inside and not is_missing) or (inside and _is_tag(data, part, rest, error["type"])):
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
        data = data[part] if inside else None
    return f"{text.lstrip('.')}: " if text else ""


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


def _is_tag(data: Any, part: str | int, rest: tuple, kind: str) -> bool:
    """Whether pydantic put a part in to tell `python` cells from `hoc` cells: no step to a key."""
    if kind == "unknown_key" and not rest:
        return not isinstance(data[part], dict)
    return bool(rest) and not _holds(data[part], rest[0]) and _holds(data, rest[0])


_PLAIN_WORDS = {
    "missing": "this key is required",
    "model_type": "expected keys and values below this key",
    "dict_type": "expected keys and values below this key",
    "list_type": "expected a list, such as [1, 2, 3]",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "tuple_type": "expected a list, such as [1, 2]",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "too_short": "expected at least one",
}


def _what(error: dict) -> str:
    if error["type"] == "union_tag_invalid":
        kinds = [tag.strip(" '") for tag in error["ctx"]["expected_tags"].split(",")]
        return (
            f'"{error["ctx"]["tag"]}" is no kind of figure{suggest(error["ctx"]["tag"], kinds)}; '
            f"expected one of: {listing(kinds)}"
        )
    words = _PLAIN_WORDS.get(error["type"])
    if error["type"] == "too_long":
        words = f"expected at most {error['ctx']['max_length']}"
    if words is None:
        words = error["msg"].removeprefix("Value error, ")
        words = words.replace("Input should", "should")
    if error["type"] in ("missing", "unknown_key", "value_error"):
        return words
    return f"{cut(repr(error['input']))}: {words}"
