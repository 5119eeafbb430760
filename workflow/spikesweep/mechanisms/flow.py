"""What a mechanism's code may read of what another instance has left in a shared variable.

A variable that all instances share does no harm where each call that NEURON makes assigns it
before it reads it: then it is scratch space. NEURON calls, for one instance after the other,
INITIAL, BREAKPOINT without its SOLVE, each block that BREAKPOINT solves, and NET_RECEIVE; in which
order, and for which instance first, is not asked here. What is called from these is followed to the
end; an assignment counts only where no condition, loop or early return can leave it out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from spikesweep.mechanisms.code import DECLARATIONS, Block, after_bracket, arguments, names
from spikesweep.mechanisms.tokens import Token

_SOLVED = {"DERIVATIVE", "KINETIC", "LINEAR", "NONLINEAR", "DISCRETE"}
_NAMED = {"FUNCTION", "PROCEDURE", *_SOLVED}
_RETURN = re.compile(r"\breturn\b")
_MATH = {
    *("exp", "log", "log10", "sqrt", "pow", "fabs", "sin", "cos", "tan", "tanh", "floor", "ceil"),
    *("UNITSOFF", "UNITSON"),
}


@dataclass
class _Call:
    """One run through a procedural block: the names in scope, and what is surely assigned."""

    scopes: list[set[str]]
    assigned: frozenset[str]
    returned: list[frozenset[str]] = field(default_factory=list)

    def is_own(self, name: str) -> bool:
        return any(name in scope for scope in self.scopes)


class Flow:
    """The procedural blocks of a file.

    Args:
        shared: the names of the variables that all instances share.
    """

    def __init__(self, blocks: Iterable[Block], shared: Iterable[str]):
        procedural = [block for block in blocks if block.keyword not in DECLARATIONS]
        self._shared = frozenset(shared)
        self._named = {b.header[0].text: b for b in procedural if b.keyword in _NAMED and b.header}
        self._entries = [b for b in procedural if b.keyword not in _NAMED]
        self._exposed: set[str] = set()
        self._calling: list[str] = []
        self._sources: dict[str, dict[tuple[int, int], set[str]]] = {}  # by statement
        self._called: set[str] = set()

    def carried(self, constant: Iterable[str]) -> set[str]:
        """Return the shared variables by which one instance may change what another computes.

        Args:
            constant: names of what is the same for all instances, whatever they do. A variable that
                INITIAL makes of these alone, and nothing else assigns, is as good as one of them.
        """
        exposed_at_start, exposed = self._exposures()
        fixed = set(constant)
        while more := {
            name
            for name, sources in self._sources.items()
            if name not in fixed | exposed_at_start and len(sources) == 1
            and set().union(*sources.values()) <= fixed | _MATH and name in self._set_at_start
        }:  # fmt: skip
            fixed |= more
        return (exposed | exposed_at_start) - fixed

    def _exposures(self) -> tuple[set[str], set[str]]:
        """Return what INITIAL reads before it assigns it, and what the other calls do."""
        at_start = [b for b in self._entries if b.keyword == "INITIAL"]
        others = [b for b in self._entries if b.keyword != "INITIAL"]
        self._set_at_start = frozenset(self._shared if at_start else ())
        self._exposed = set()
        for block in at_start:
            self._set_at_start &= self._run(block, frozenset())
        exposed_at_start = self._exposed
        self._exposed = set()
        for block in others:
            self._run(block, frozenset(), solves=block.keyword != "BREAKPOINT")
        for name, block in self._named.items():
            # What no other block calls NEURON's interpreters can; and a TABLE is filled by
            # whichever instance comes first.
            if block.keyword in _SOLVED or name not in self._called or _has_table(block):
                self._run(block, frozenset())
        return exposed_at_start, self._exposed

    def _run(self, block: Block, before: frozenset[str], solves: bool = True) -> frozenset[str]:
        """Go through a block; return what is surely assigned once it is done."""
        own = {block.header[0].text if block.keyword in _NAMED else "", *arguments(block.header)}
        call = _Call([own], before)
        self._go(block.body, 0, call, solves)
        for returned in call.returned:
            call.assigned &= returned
        if _has_table(block):  # which spares the rest of the body
            call.assigned = before | (_table(block) & self._shared)
        return call.assigned

    def _go(self, body: list[Token], place: int, call: _Call, solves: bool) -> int:
        """Go through statements until their brace closes; return the place after it."""
        target, sources = "", None
        while place < len(body):
            token, following = body[place], body[place + 1 : place + 2]
            if sources is not None and _begins_statement(body, place):
                self._assign(target, call)
                target, sources = "", None
            word = token.text
            if word == "}":
                return place + 1
            if word == "{":  # a block of its own
                call.scopes.append(set())
                place = self._go(body, place + 1, call, solves)
                call.scopes.pop()
            elif word == "if":
                place = self._if(body, place, call, solves)
            elif word in ("while", "FOR_NETCONS") or (word == "FROM" and _is_loop(body, place)):
                place = self._loop(body, place, call, solves)
            elif word == "INITIAL":  # of NET_RECEIVE: a call of its own
                inner = _Call([*call.scopes, set()], frozenset())
                place = self._go(body, place + 2, inner, solves)
            elif word == "LOCAL":
                own = names(body, place + 1)
                call.scopes[-1].update(own)
                place += 1 + len(_list_of(body, place + 1))
            elif word == "TABLE":
                place = self._skip_table(body, place, call)
            elif word == "SOLVE":
                place = self._solve(body, place, call, solves)
            elif word in ("~", "~+", "CONSERVE"):
                place = self._equation(body, place + 1, call)
            elif token.kind == "verbatim":
                self._verbatim(word, call)
                place += 1
            elif token.kind == "word" and (equals := _equals_after(body, place)):
                for inside in body[place + 1 : equals]:  # an index
                    self._read(inside, call, None)
                is_element = equals > place + 1
                target, sources = "" if is_element else word, set()
                if not call.is_own(word):
                    statement = id(body), place
                    self._sources.setdefault(word, {})[statement] = sources
                    sources |= {"an element"} if is_element else set()
                place = equals + 1
            elif token.kind == "word" and word in self._named and following and (
                following[0].text == "("
            ):  # fmt: skip
                place = self._call(body, place, call, sources)
            elif token.kind == "number" and following and following[0].text == "(":  # its unit
                place = after_bracket(body, place + 1, "(", ")")
            else:
                self._read(token, call, sources)
                place += 1
        self._assign(target, call)
        return place

    def _assign(self, target: str, call: _Call) -> None:
        """Note that a statement has assigned; of an array some elements stay what they were."""
        if target and not call.is_own(target):
            call.assigned |= {target} & self._shared

    def _read(self, token: Token, call: _Call, sources: set[str] | None) -> None:
        if token.kind != "word":
            return
        if sources is not None:
            sources.add("a local" if call.is_own(token.text) else token.text)
        if token.text in self._shared - call.assigned and not call.is_own(token.text):
            self._exposed.add(token.text)

    def _expression(self, body: list[Token], place: int, end: int, call: _Call) -> None:
        """Go through an expression whose calls may be left out: it assigns nothing surely."""
        before = call.assigned
        while place < end:
            token = body[place]
            if token.text in self._named and body[place + 1].text == "(":
                place = self._call(body, place, call, None)
                call.assigned = before
            else:
                self._read(token, call, None)
                place += 1

    def _call(self, body: list[Token], place: int, call: _Call, sources: set[str] | None) -> int:
        """Go through a call, inside an expression or not; return the place after its arguments."""
        name, end = body[place].text, after_bracket(body, place + 1, "(", ")")
        if sources is not None:
            sources.add("a call")
        self._called.add(name)
        self._expression(body, place + 2, end - 1, call)
        if name not in self._calling:  # else it calls itself, and all is known of it
            self._calling.append(name)
            call.assigned |= self._run(self._named[name], call.assigned)
            self._calling.pop()
        return end

    def _if(self, body: list[Token], place: int, call: _Call, solves: bool) -> int:
        end = after_bracket(body, place + 1, "(", ")")
        self._expression(body, place + 1, end, call)
        before = call.assigned
        place = self._inner(body, end, call, solves)
        assigned, call.assigned = call.assigned, before
        if place < len(body) and body[place].text == "else":
            if body[place + 1].text == "if":
                place = self._if(body, place + 1, call, solves)
            else:
                place = self._inner(body, place + 1, call, solves)
        call.assigned &= assigned
        return place

    def _loop(self, body: list[Token], place: int, call: _Call, solves: bool) -> int:
        """Go through a loop, which may be left out."""
        start = place
        while body[place].text != "{":
            place += 1
        own = {body[start + 1].text} if body[start].text == "FROM" else set()
        own |= arguments(body[start + 1 : place]) if body[start].text == "FOR_NETCONS" else set()
        call.scopes.append(own)
        self._expression(body, start + 1, place, call)
        before = call.assigned
        place = self._inner(body, place, call, solves)
        call.scopes.pop()
        call.assigned = before
        return place

    def _inner(self, body: list[Token], place: int, call: _Call, solves: bool) -> int:
        call.scopes.append(set())
        place = self._go(body, place + 1, call, solves)
        call.scopes.pop()
        return place

    def _solve(self, body: list[Token], place: int, call: _Call, solves: bool) -> int:
        name = body[place + 1].text
        if name in self._named and solves and name not in self._calling:
            self._calling.append(name)
            call.assigned |= self._run(self._named[name], call.assigned)
            self._calling.pop()
        elif name in self._named:  # by itself, for all instances one after the other
            self._run(self._named[name], frozenset())
        self._called.add(name)
        place += 2
        while place + 1 < len(body) and body[place].text in ("METHOD", "STEADYSTATE", "USING"):
            place += 2
        return place

    def _equation(self, body: list[Token], place: int, call: _Call) -> int:
        """Go through a reaction or an equation: its `=` assigns nothing."""
        start = place
        place += 1
        while place < len(body) and not _ends_equation(body, place):
            place += 1
        self._expression(body, start, place, call)
        return place

    def _skip_table(self, body: list[Token], place: int, call: _Call) -> int:
        """Go past a TABLE; what it depends on is read."""
        end = place
        while end < len(body) and body[end].text != "WITH":
            end += 1
        depends = [t.text for t in body[place:end]]
        start = place + depends.index("DEPEND") if "DEPEND" in depends else end
        self._expression(body, start, end, call)
        return end + 2

    def _verbatim(self, text: str, call: _Call) -> None:
        """What C++ does to a variable that it names is not known."""
        self._exposed |= {n for n in self._shared if re.search(rf"\b{re.escape(n)}\b", text)}
        if _RETURN.search(text):
            call.returned.append(call.assigned)


def carried(blocks: Iterable[Block], shared: Iterable[str], constant: Iterable[str]) -> set[str]:
    """Return the shared variables by which one instance may change what another computes."""
    return Flow(blocks, shared).carried(constant)


def _begins_statement(body: list[Token], place: int) -> bool:
    """Return whether a token begins a statement: in an expression no operand follows another."""
    token, before = body[place], body[place - 1]
    if token.text in ("{", "}", "~", "~+") or token.kind == "verbatim":
        return True
    is_operand = before.kind in ("word", "number") or before.text in (")", "]")
    return token.kind == "word" and is_operand


def _equals_after(body: list[Token], place: int) -> int:
    """Return the place of the `=` that assigns to the word at a place, or 0."""
    after = place + 1
    if after < len(body) and body[after].text == "[":
        after = after_bracket(body, after, "[", "]")
    return after if after < len(body) and body[after].text == "=" else 0


def _ends_equation(body: list[Token], place: int) -> bool:
    if body[place].text in ("}", "~", "~+", "CONSERVE", "if", "while", "LOCAL"):
        return True
    return _begins_statement(body, place)


def _is_loop(body: list[Token], place: int) -> bool:
    return [token.text for token in body[place + 2 : place + 3]] == ["="]


def _list_of(body: list[Token], place: int) -> list[Token]:
    """Return the tokens of a list `a, b[2]`."""
    end, start = place, place
    while end < len(body) and body[end].kind == "word":
        end += 1
        if end < len(body) and body[end].text == "[":
            end = after_bracket(body, end, "[", "]")
        if end == len(body) or body[end].text != ",":
            break
        end += 1
    return body[start:end]


def _has_table(block: Block) -> bool:
    return any(token.text == "TABLE" for token in block.body)


def _table(block: Block) -> frozenset[str]:
    """Return the names that a block's TABLE fills; of a FUNCTION its own."""
    for place, token in enumerate(block.body):
        if token.text == "TABLE":
            return frozenset(names(block.body, place + 1)) - {"DEPEND", "FROM"}
    return frozenset()
