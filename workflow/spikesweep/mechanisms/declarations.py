"""What an NMODL file declares: its NEURON block and its variables."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.mechanisms.code import Block, names
from spikesweep.mechanisms.mechanism import Ion, Kind, Variable
from spikesweep.mechanisms.tokens import Token, normalised

_KINDS: dict[str, Kind] = {
    "SUFFIX": "density",
    "POINT_PROCESS": "point",
    "ARTIFICIAL_CELL": "artificial",
}
_LISTS = (
    *("RANGE", "GLOBAL", "EXTERNAL", "POINTER", "BBCOREPOINTER", "RANDOM"),
    *("NONSPECIFIC_CURRENT", "ELECTRODE_CURRENT"),
)
# In normalised source, where one space parts all tokens.
_DECLARATION = re.compile(
    r"""
    (?<!\S) (?P<name>[A-Za-z_]\w*)
    (?:\ \[\ (?P<size>\w+)\ \])?
    (?:\ =\ (?P<value>(?:-\ )?[\w.+-]+))?
    (?:\ FROM\ (?:-\ )?\S+\ TO\ (?:-\ )?\S+)?
    (?:\ START\ (?:-\ )?\S+)?
    (?:\ \(\ (?P<unit>[^)]*?)\ ?\))?
    (?:\ <[^>]*>)?
    """,
    re.VERBOSE,
)
_NEEDLESS_SPACE = re.compile(r"(?<!\w) | (?!\w)")


@dataclass(frozen=True)
class Interface:
    """A NEURON block. lists: keyword -> the names that it lists."""

    name: str
    kind: Kind
    line: int
    lists: dict[str, list[str]]
    ions: tuple[Ion, ...]

    def listed(self, *keywords: str) -> tuple[str, ...]:
        """Return the names that any of the keywords lists, in their order."""
        return tuple(dict.fromkeys(name for k in keywords for name in self.lists[k]))


@dataclass(frozen=True)
class Variables:
    """The variables that a file declares, by name; `local` are LOCAL to the file."""

    parameters: dict[str, Variable] = field(default_factory=dict)
    assigned: dict[str, Variable] = field(default_factory=dict)
    states: dict[str, Variable] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)


def read_interface(path: Path, blocks: list[Block]) -> Interface:
    """Return what the NEURON block of a file says.

    Raises:
        UserError: no NEURON block, or one that does not name the mechanism.
    """
    body = [token for block in blocks if block.keyword == "NEURON" for token in block.body]
    lists: dict[str, list[str]] = {keyword: [] for keyword in _LISTS}
    named: list[tuple[str, Token]] = []
    ions: list[Ion] = []
    for place, token in enumerate(body[:-1]):
        following = body[place + 1]
        if token.text in _KINDS:
            named.append((token.text, following))
        elif token.text in lists:
            lists[token.text] += names(body, place + 1)
        elif token.text == "USEION":
            ions.append(_ion(following.text, body[place + 2 :]))
    if not named:
        raise UserError(
            f"{path}: no mechanism is named; expected NEURON {{ SUFFIX name }}, POINT_PROCESS or "
            "ARTIFICIAL_CELL, in capitals. A file that is only INCLUDEd should not end in .mod"
        )
    keyword, name = named[0]
    return Interface(name.text, _KINDS[keyword], name.line, lists, tuple(ions))


def _ion(name: str, following: list[Token]) -> Ion:
    """Return an ion, given what follows its name: `READ eca WRITE ica VALENCE 2`, and more."""
    found: dict = {}
    for place, token in enumerate(following):
        if token.text in ("READ", "WRITE"):
            found[f"{token.text.lower()}s"] = tuple(names(following, place + 1))
        elif token.text in ("VALENCE", "CHARGE"):
            found["valence"] = _number("".join(t.text for t in _signed(following, place + 1)), {})
        elif token.text in ("USEION", *_LISTS, *_KINDS):
            break
    return Ion(name, **found)


def _signed(tokens: list[Token], start: int) -> list[Token]:
    return tokens[
        start : start + (2 if tokens[start : start + 1] and tokens[start].text == "-" else 1)
    ]


def read_variables(blocks: list[Block], loose: list[Token]) -> Variables:
    """Return the variables that the declaring blocks of a file, and its LOCALs, declare."""
    variables = Variables()
    defines: dict[str, str] = {}
    for place, token in enumerate(loose):
        if token.text == "LOCAL":
            variables.local.update(names(loose, place + 1))
        elif token.text == "DEFINE" and place + 2 < len(loose):
            defines[loose[place + 1].text] = loose[place + 2].text
    declaring = {
        "PARAMETER": (variables.parameters, 0.0),  # NEURON's default where the file gives none
        "ASSIGNED": (variables.assigned, None),
        "STATE": (variables.states, None),
    }
    for block in blocks:
        if block.keyword in declaring:
            variables_of_kind, default = declaring[block.keyword]
            for match in _DECLARATION.finditer(normalised(block.body)):
                variable = _variable(match, default, defines)
                variables_of_kind[variable.name] = variable
    return variables


def read_weights(blocks: list[Block]) -> tuple[Variable, ...]:
    """Return the arguments of the NET_RECEIVE block, which are the weights of a NetCon."""
    headers = (block.header for block in blocks if block.keyword == "NET_RECEIVE")
    arguments = _DECLARATION.finditer(normalised(next(headers, [])))
    return tuple(_variable(argument, None, {}) for argument in arguments)


def _variable(match: re.Match, default: float | None, defines: dict[str, str]) -> Variable:
    value = default if match["value"] is None else _number(match["value"], defines)
    if value is not None:
        value = float(f"{value:g}")  # nocmodl writes so many digits, and NEURON has that number
    unit = _NEEDLESS_SPACE.sub("", match["unit"] or "")
    size = int(_number(match["size"] or "1", defines) or 1)
    return Variable(match["name"], unit, value, size)


def _number(text: str, defines: dict[str, str]) -> float | None:
    """Return a number, signed or DEFINEd; None for what is none, which nocmodl will refuse."""
    digits = text.replace(" ", "").lstrip("-")
    try:
        number = float(defines.get(digits, digits))
    except ValueError:
        return None
    return 0.0 - number if text.startswith("-") else number
