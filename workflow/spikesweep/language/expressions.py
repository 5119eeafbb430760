"""Arithmetic expressions of a sweep file, such as "2e-5 * exp(distance / 300)".

A configuration file can never run code: an expression is parsed to a syntax tree, of which only
arithmetic is accepted, and the tree is evaluated here, never by Python's `eval`. All numbers are
floats, so that no power takes long ("9**9**9" overflows at once).

This module belongs to every simulation's key, and imports nothing of spikesweep therefore.
"""

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar

MAX_LENGTH = 1000  # characters
MAX_DEPTH = 40  # levels of the syntax tree

CONSTANTS = {"pi": math.pi, "e": math.e}
# What expressions of a cell's biophysics may speak of at a segment; see simulation/places.py.
SEGMENT_VARIABLES = ("distance", "distance_fraction", "diam", "L", "x", "x3d", "y3d", "z3d")
# What conditions on a whole section may speak of, at its middle.
SECTION_VARIABLES = tuple(name for name in SEGMENT_VARIABLES if name != "x")

# Of where a cell stands: the index of a copy, and how many there are.
COPY_VARIABLES = ("i", "count")
# Of a connection: the distance (um) between the positions of its two cells.
CONNECTION_VARIABLES = ("distance",)


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), as a tanh, which does not overflow at large negative x."""
    return 0.5 * (1 + math.tanh(x / 2))


Node = Callable[[dict[str, float]], float]  # variables -> value
Operators = Mapping[Any, Callable[..., Any]]

# Name -> function, fewest and most arguments.
FUNCTIONS: dict[str, tuple[Callable[..., float], int, float]] = {
    "exp": (math.exp, 1, 1),
    "log": (math.log, 1, 1),
    "log10": (math.log10, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
    "sin": (math.sin, 1, 1),
    "cos": (math.cos, 1, 1),
    "tan": (math.tan, 1, 1),
    "tanh": (math.tanh, 1, 1),
    "sigmoid": (sigmoid, 1, 1),
    "abs": (abs, 1, 1),
    "floor": (lambda x: float(math.floor(x)), 1, 1),
    "ceil": (lambda x: float(math.ceil(x)), 1, 1),
    "min": (min, 2, math.inf),
    "max": (max, 2, math.inf),
}
BINARY: Operators = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,  # unlike `**` it refuses (-8) ** 0.5, which Python makes a complex number
}
UNARY: Operators = {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: lambda x: float(not x)}
COMPARISONS: Operators = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


GRAMMAR = "numbers, names, + - * / ** %, comparisons, and, or, not, `a if b else c`, and functions"


class ExpressionError(Exception):
    """A text is no expression, or the expression has no finite value; one sentence says why."""


@dataclass(frozen=True)
class Expression:
    """An arithmetic expression, ready to be evaluated.

    text: as it was written. names: the variables that it depends on.
    """

    text: str
    names: frozenset[str]
    _root: Node

    def evaluate(self, /, **values: float) -> float:
        """Return the value; comparisons give 1 or 0. Values of other variables are ignored.

        Raises:
            ExpressionError: a variable is missing, or the value does not exist or is not finite.
        """
        if missing := self.names - values.keys():
            raise ExpressionError(f'"{self.text}" needs a value of {", ".join(sorted(missing))}')
        variables = {name: float(values[name]) for name in self.names}
        try:
            value = float(self._root(variables))
        except ZeroDivisionError:
            raise self._failure("divides by zero", variables) from None
        except ValueError:
            raise self._failure("leaves the domain of a function", variables) from None
        except OverflowError:
            raise self._failure("overflows", variables) from None
        if not math.isfinite(value):
            raise self._failure(f"is {value}", variables)
        return value

    def _failure(self, what: str, variables: dict[str, float]) -> ExpressionError:
        at = ", ".join(f"{name} = {value:g}" for name, value in sorted(variables.items()))
        return ExpressionError(f'"{self.text}" {what}' + (f" at {at}" if at else ""))


def compile_expression(text: str, variables: Iterable[str]) -> Expression:
    """Return the expression that a text states.

    Args:
        text: numbers, names, + - * / ** %, comparisons, and, or, not, `a if b else c`, and calls
            of the functions in FUNCTIONS.
        variables: the names that may stand in it, beside the constants pi and e, which a variable
            of the same name hides.

    Raises:
        ExpressionError: anything else, an unknown name, or a text that is too long or too deep.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"{len(text)} characters; expected at most {MAX_LENGTH}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        where = f"column {error.offset}: " if error.offset else ""
        raise ExpressionError(f'{where}cannot read "{text}" ({error.msg})') from None
    except (ValueError, RecursionError, MemoryError):  # null bytes; thousands of brackets or signs
        raise ExpressionError("not an arithmetic expression, or nested too deeply") from None
    compiler = _Compiler(text.strip(), frozenset(variables))
    root = compiler.node(tree)
    return Expression(text, frozenset(compiler.names), root)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ', did you mean "x"?' for the known name nearest to `name`, or '' if none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f', did you mean "{near[0]}"?' if near else ""


class _Compiler:
    """Turns the syntax tree into nested functions; `names` collects the variables met."""

    def __init__(self, text: str, variables: frozenset[str]):
        self.text, self.variables = text, variables
        self.names: set[str] = set()

    def node(self, tree: ast.AST, depth: int = 1) -> Node:
        if depth > MAX_DEPTH:
            raise _refusal(tree, f"nested more than {MAX_DEPTH} levels deep")
        compile_kind = self.KINDS.get(type(tree))
        if compile_kind is None:
            raise self.not_arithmetic(tree)
        return compile_kind(self, tree, depth + 1)

    def constant(self, tree: ast.Constant, depth: int) -> Node:
        if not isinstance(tree.value, int | float) or isinstance(tree.value, bool):
            raise _refusal(tree, f"{tree.value!r} is not a number")
        try:
            value = float(tree.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise _refusal(tree, "a number too large")
        return lambda variables: value

    def name(self, tree: ast.Name, depth: int) -> Node:
        name = tree.id
        if name in self.variables:
            self.names.add(name)
            return lambda variables: variables[name]
        if name in CONSTANTS:
            value = CONSTANTS[name]
            return lambda variables: value
        known = sorted({*self.variables, *CONSTANTS, *FUNCTIONS})
        raise _refusal(
            tree, f'unknown name "{name}"{nearest(name, known)} (known: {", ".join(known)})'
        )

    def unary(self, tree: ast.UnaryOp, depth: int) -> Node:
        function = self.operator(tree, tree.op, UNARY)
        operand = self.node(tree.operand, depth)
        return lambda variables: function(operand(variables))

    def binary(self, tree: ast.BinOp, depth: int) -> Node:
        function = self.operator(tree, tree.op, BINARY)
        left, right = self.node(tree.left, depth), self.node(tree.right, depth)
        return lambda variables: function(left(variables), right(variables))

    def comparison(self, tree: ast.Compare, depth: int) -> Node:
        functions = [self.operator(tree, op, COMPARISONS) for op in tree.ops]
        operands = [self.node(operand, depth) for operand in (tree.left, *tree.comparators)]
        pairs = list(zip(functions, operands[:-1], operands[1:], strict=True))
        return lambda variables: float(all(f(a(variables), b(variables)) for f, a, b in pairs))

    def logic(self, tree: ast.BoolOp, depth: int) -> Node:
        combine = all if isinstance(tree.op, ast.And) else any
        operands = [self.node(operand, depth) for operand in tree.values]
        return lambda variables: float(combine(operand(variables) for operand in operands))

    def conditional(self, tree: ast.IfExp, depth: int) -> Node:
        test, body, orelse = (self.node(t, depth) for t in (tree.test, tree.body, tree.orelse))
        return lambda variables: body(variables) if test(variables) else orelse(variables)

    def call(self, tree: ast.Call, depth: int) -> Node:
        if not isinstance(tree.func, ast.Name) or tree.func.id not in FUNCTIONS:
            name = ast.unparse(tree.func)
            raise _refusal(
                tree,
                f'unknown function "{name}"{nearest(name, FUNCTIONS)} '
                f"(known: {', '.join(sorted(FUNCTIONS))})",
            )
        function, fewest, most = FUNCTIONS[tree.func.id]
        if tree.keywords or not fewest <= len(tree.args) <= most:
            expected = f"{fewest} or more" if most == math.inf else f"{fewest}"
            raise _refusal(tree, f"{tree.func.id} takes {expected} plain argument(s)")
        arguments = [self.node(argument, depth) for argument in tree.args]
        return lambda variables: function(*(argument(variables) for argument in arguments))

    def operator(self, tree: ast.AST, op: ast.AST, table: Operators) -> Callable[..., Any]:
        if type(op) not in table:
            raise self.not_arithmetic(tree)
        return table[type(op)]

    def not_arithmetic(self, tree: ast.AST) -> ExpressionError:
        piece = ast.get_source_segment(self.text, tree)
        return _refusal(tree, f'"{piece}" is not arithmetic; expected {GRAMMAR}')

    KINDS: ClassVar[Mapping[type, Callable[..., Node]]] = {
        ast.Constant: constant,
        ast.Name: name,
        ast.UnaryOp: unary,
        ast.BinOp: binary,
        ast.Compare: comparison,
        ast.BoolOp: logic,
        ast.IfExp: conditional,
        ast.Call: call,
    }


def _refusal(tree: ast.AST, what: str) -> ExpressionError:
    return ExpressionError(f"column {getattr(tree, 'col_offset', 0) + 1}: {what}")
