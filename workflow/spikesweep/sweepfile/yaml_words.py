"""What stands in a YAML file, in words for those who wrote it: a value, or what is no YAML."""

import re

import yaml

_KEY = re.compile(r"(?:- +)*[^\s#:{}\[\]-][^:{}]*:(?=\s|$)")


def as_written(value: object) -> str:
    """Return a value of a YAML file as it stands there: true, 'text'; "no value" of a key without
    one."""
    return "no value" if value is None else _in_yaml(value)


def _in_yaml(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return f"[{', '.join(map(_in_yaml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_in_yaml(one)}' for key, one in value.items())}}}"
    return repr(value)


def problem_of(text: str, error: yaml.MarkedYAMLError) -> str:
    """Return what is wrong at the place that YAML's reader names, and what was expected; its own
    words where there are no better ones."""
    problem, mark, context = error.problem or str(error), error.problem_mark, error.context_mark
    if mark is None:
        return problem
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    before, at = line[: mark.column], line[mark.column : mark.column + 1]
    begun = context.line + 1 if context else 0
    if "\t" in before + at:
        return "a tab; expected none: indent with spaces"
    if problem.startswith("mapping values"):
        return _two_colons(lines, mark.line, before)
    if problem in ("did not find expected key", "did not find expected '-' indicator"):
        if before.strip():
            return f'what follows is left over; expected the end of the line, not "{at}"'
        wanted = "key" if problem.endswith("key") else "item"
        return _indented(lines, mark.line) or _mixed(wanted, begun)
    if found := re.fullmatch(r"did not find expected (',' or '[}\]]')", problem):
        opened = "{" if "}" in found[1] else "["
        return f'the "{opened}" of line {begun} is not closed before this; expected {found[1]}'
    if problem.startswith("found character that cannot start"):
        return f'"{at}" begins no plain text; expected quotes around the value'
    if problem == "found unexpected end of stream":
        return f"the quote of line {begun} is not closed; expected its end"
    if problem == "found unexpected ':'":
        key = re.split(r"[{,\[]\s*", before)[-1].strip()
        return f'"{key}:" has no value; expected one, behind a space: {{{key}: 1}}'
    if problem == "found undefined alias":
        return "a name after * that no & gives before; expected one, or quotes where it is text"
    if problem == "could not find expected ':'":
        return f'line {begun} has no ":"; expected "key: value"'
    return problem


def _two_colons(lines: list[str], at: int, before: str) -> str:
    """Return why a key cannot stand where one was found."""
    if re.search(r":\s", before.strip()):
        return 'a second ":" in one line; expected quotes around a text that holds ": "'
    above = _above(lines, at)
    if above is not None and not _KEY.match(lines[above].lstrip()):
        return f'line {above + 1} has no ": " behind a key; expected "key: value"'
    return _indented(lines, at) or "a key is not expected here"


def _indented(lines: list[str], at: int) -> str:
    """Return how the indentation of a line is wrong, '' where it fits one above."""
    above, column = _above(lines, at), _column(lines[at])
    if above is None:
        return ""
    last = _column(lines[above])
    if column > last:
        return (
            f"the line begins in column {column}, deeper than line {above + 1} (column {last}), "
            f"which has a value of its own; expected column {last}"
        )
    around = {last: above + 1}  # column -> the last line that begins there
    while above is not None and min(around) > column:
        above = _above(lines, above)
        if above is not None:
            around.setdefault(_column(lines[above]), above + 1)
    if column in around:
        return ""
    places = [f"{one} (as line {around[one]})" for one in sorted(around) if one > column][:1]
    places += [f"{one} (as line {around[one]})" for one in sorted(around) if one < column]
    return f"the line begins in column {column}; expected column {' or '.join(places)}"


def _mixed(wanted: str, begun: int) -> str:
    if wanted == "item":
        return f'a key within the list that begins in line {begun}; expected "- " before it'
    return f'an item of a list among the keys that begin in line {begun}; expected "key: value"'


def _above(lines: list[str], at: int) -> int | None:
    """Return the last line above that holds more than a comment."""
    for place in range(at - 1, -1, -1):
        if lines[place].strip() and not lines[place].lstrip().startswith("#"):
            return place
    return None


def _column(line: str) -> int:
    return len(line) - len(line.lstrip()) + 1
