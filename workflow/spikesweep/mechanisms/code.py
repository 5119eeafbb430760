"""What the blocks of an NMODL file are, and what its procedural blocks assign and read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from spikesweep.errors import UserError
from spikesweep.mechanisms.tokens import Token

DECLARATIONS = {"NEURON", "UNITS", "PARAMETER", "STATE", "ASSIGNED", "CONSTANT", "INDEPENDENT"}
_BLOCKS = DECLARATIONS | {
    *("INITIAL", "BREAKPOINT", "DERIVATIVE", "KINETIC", "LINEAR", "NONLINEAR", "DISCRETE"),
    *("FUNCTION", "PROCEDURE", "NET_RECEIVE", "CONSTRUCTOR", "DESTRUCTOR"),
}
_C_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
# Not `static void f(...)`: a function keeps nothing.
_STATIC_VARIABLE = re.compile(r"\bstatic\b(?!\s+(?:const|constexpr|inline)\b)[^;={}()]*[;=]")


@dataclass
class Block:
    """A block: its keyword, what stands before its brace, and what between its braces."""

    keyword: str
    header: list[Token]
    body: list[Token]


@dataclass
class Procedure:
    """A procedural block, by the names that it uses; arguments and LOCALs do not count.

    table: the names that its TABLE fills; None where it has none.
    """

    name: str
    assigned: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    table: set[str] | None = None


def split_blocks(tokens: list[Token]) -> tuple[list[Block], list[Token]]:
    """Return the blocks of a file and the tokens that stand in none.

    Raises:
        UserError: braces that do not match.
    """
    blocks: list[Block] = []
    loose: list[Token] = []
    opened: list[Token] = []
    start = 0  # the place in `loose` where the header of the next block begins
    for token in tokens:
        if token.text == "}" and not opened:
            raise UserError(f'{token.file}, line {token.line}: "}}" closes no block')
        if token.text == "{" and not opened:
            keyword, *header = loose[start:] or [token]
            del loose[start:]
            blocks.append(Block(keyword.text, header, []))
        elif token.text == "}" and len(opened) == 1:
            start = len(loose)
        elif opened:
            blocks[-1].body.append(token)
        else:
            start = len(loose) if token.text in _BLOCKS else start
            loose.append(token)
        if token.text == "{":
            opened.append(token)
        elif token.text == "}":
            opened.pop()
    if opened:
        raise UserError(f'{opened[0].file}, line {opened[0].line}: "{{" is never closed')
    return blocks, loose


def names(tokens: list[Token], start: int = 0) -> list[str]:
    """Return the names of a list `a, b[2], c` that begins at `start`."""
    found = []
    while start < len(tokens) and tokens[start].kind == "word":
        found.append(tokens[start].text)
        start += 1
        if start < len(tokens) and tokens[start].text == "[":
            start = after_bracket(tokens, start, "[", "]")
        if start == len(tokens) or tokens[start].text != ",":
            break
        start += 1
    return found


def after_bracket(tokens: list[Token], start: int, opening: str, closing: str) -> int:
    """Return the place after the bracket that matches the one at `start`."""
    depth = 0
    for place in range(start, len(tokens)):
        depth += {opening: 1, closing: -1}.get(tokens[place].text, 0)
        if depth == 0:
            return place + 1
    return len(tokens)


def read_procedure(block: Block) -> Procedure:
    """Return what a procedural block assigns and reads, its VERBATIM parts left out."""
    body = block.body
    name = block.header[0].text if block.header else block.keyword
    procedure = Procedure(name)
    scopes = [{name, *arguments(block.header)}]
    is_equation = False  # the `=` of `~ a + b = c` assigns nothing
    for place, token in enumerate(body):
        match token.kind, token.text:
            case "operator", "{":
                scopes.append(set())
            case "operator", "}":
                scopes.pop()
            case "operator", "<->" | "<" | ">":  # a reaction: it has no `=`
                is_equation = False
            case "operator", "=":
                target = _target(body, place)
                if not is_equation and not any(target in scope for scope in scopes):
                    procedure.assigned.add(target)
                is_equation = False
            case (_, "~" | "~+" | "CONSERVE"):
                is_equation = True
            case "word", "LOCAL":
                scopes[-1].update(names(body, place + 1))
            case "word", "FROM" if [t.text for t in body[place + 2 : place + 3]] == ["="]:
                scopes[-1].add(body[place + 1].text)
            case "word", "FOR_NETCONS":
                scopes[-1] |= arguments(body[place + 1 :])
            case "word", "TABLE":
                procedure.table = set(names(body, place + 1)) - {"DEPEND", "FROM"} or {name}
            case "word", word if not any(word in scope for scope in scopes):
                procedure.used.add(word)
    return procedure


def _target(body: list[Token], equals: int) -> str:
    """Return the name that is assigned by the `=` at a place: of `a =` or `a[...] =`."""
    place = equals - 1
    if place >= 0 and body[place].text == "]":
        while place > 0 and body[place].text != "[":
            place -= 1
        place -= 1
    return body[place].text if place >= 0 and body[place].kind == "word" else ""


def arguments(header: list[Token]) -> set[str]:
    """Return the arguments in `name (a (unit), b (unit)) (unit)`."""
    depth, found = 0, set()
    for token in header:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 1 and token.kind == "word":
            found.add(token.text)
        if token.text == ")" and depth == 0:
            break
    return found


def assigned_in_verbatim(text: str, shared: Iterable[str]) -> set[str]:
    """Return which of the shared names C++ assigns."""
    code = without_comments(text)
    found = set()
    for name in shared:
        target = rf"\b{re.escape(name)}\b(?:\s*\[[^\]]*\])?"
        if re.search(rf"{target}\s*(?:[-+*/%]?=(?!=)|\+\+|--)|(?:\+\+|--)\s*{target}", code):
            found.add(name)
    return found


def without_comments(text: str) -> str:
    """Return C++ without its comments."""
    return _C_COMMENT.sub(" ", text)


def keeps_static_variables(text: str) -> bool:
    """Return whether C++ declares static variables, which live on between calls."""
    return _STATIC_VARIABLE.search(without_comments(text)) is not None
