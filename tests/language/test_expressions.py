"""Expressions: what they evaluate to, and that nothing but arithmetic is ever evaluated."""

import ast
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.language.expressions import (
    MAX_DEPTH,
    MAX_LENGTH,
    ExpressionError,
    compile_expression,
)

VARIABLES = ("distance", "diam", "x")
VALUES = {"distance": 150.0, "diam": 2.0, "x": 0.25}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Worked by hand, at distance 150, diam 2, x 0.25.
        ("3", 3.0),
        ("3e-5", 3e-5),
        ("  1 + 2 * 3  ", 7.0),
        ("2 ** 3 ** 2", 512.0),  # the power binds to the right
        ("-2 ** 2", -4.0),  # and more than the sign
        ("+x", 0.25),
        ("7 % 4", 3.0),
        ("7 / 2", 3.5),
        ("distance", 150.0),
        ("distance / diam", 75.0),
        ("2e-5 * exp(distance / 300)", 2e-5 * 1.6487212707001282),  # sqrt(e), tables
        ("log(e ** 2)", 2.0),
        ("log10(1000)", 3.0),
        ("sqrt(16)", 4.0),
        ("cos(pi)", -1.0),
        ("tanh(0)", 0.0),
        ("sigmoid(0)", 0.5),
        ("sigmoid(-2000)", 0.0),
        ("abs(-3)", 3.0),
        ("floor(2.7) + ceil(2.2)", 5.0),
        ("min(3, 1, 2) + max(3, 1)", 4.0),
        ("1 if distance > 100 else 2", 1.0),
        ("1 if 0 < x < 0.2 else 2", 2.0),
        ("distance > 100 and not x > 1", 1.0),
        ("x > 1 or diam == 3", 0.0),
        ("x != 0", 1.0),
        ("0 if x > 0 else 1 / 0", 0.0),  # the branch not taken is not evaluated
        ("x > 0 or 1 / 0", 1.0),
        ("(1\n + 2)", 3.0),
    ],
)
def test_value(text, expected):
    assert compile_expression(text, VARIABLES).evaluate(**VALUES) == pytest.approx(
        expected, rel=1e-15
    )


def test_names_are_the_variables_that_it_depends_on():
    assert compile_expression("pi * diam + diam ** x", VARIABLES).names == {"diam", "x"}
    assert compile_expression("2 * pi", VARIABLES).names == frozenset()


def test_a_variable_may_have_any_name():
    assert compile_expression("2 * self", ["self"]).evaluate(self=3) == 6


def test_a_variable_hides_the_constant_of_its_name():
    assert compile_expression("2 * e", ["e"]).evaluate(e=-65.0) == -130.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot read"),
        ("1 +", "cannot read"),
        ("1 2", "cannot read"),
        ("x = 3", "cannot read"),
        ("2 + distanc", 'column 5: unknown name "distanc", did you mean "distance"?'),
        ("squirt(2)", 'column 1: unknown function "squirt", did you mean "sqrt"?'),
        ("exp(1, 2)", "exp takes 1 plain argument"),
        ("exp()", "exp takes 1 plain argument"),
        ("min(1)", "min takes 2 or more"),
        ("exp(x=1)", "plain argument"),
        ("exp(*x)", '"*x" is not arithmetic'),
        ("exp + 1", 'unknown name "exp"'),
        ("1 // 2", '"1 // 2" is not arithmetic; expected numbers, names, + -'),
        ("1 << 2", '"1 << 2" is not arithmetic'),
        ("~1", '"~1" is not arithmetic'),
        ("x is 1", '"x is 1" is not arithmetic'),
        ("1 in x", '"1 in x" is not arithmetic'),
        ("True", "True is not a number"),
        ("None", "None is not a number"),
        ("2j", "2j is not a number"),
        ("'a' * 3", "'a' is not a number"),
        ("b'a'", "b'a' is not a number"),
        ("...", "Ellipsis is not a number"),
        ("1e999", "a number too large"),
        ("9" * 400, "a number too large"),
        ("x" * (MAX_LENGTH + 1), f"expected at most {MAX_LENGTH}"),
        ("(" * 400 + ")" * 400, "cannot read"),
        ("-" * 900 + "1", "deep"),
        ("1" + "+1" * 400, "deep"),
        ("exp(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH, "deep"),
        ("1\0", "null bytes"),
        # Ways out of evaluators that trust `eval` with emptied builtins.
        ("__import__('os').system('true')", 'unknown function "__import__'),
        ("x.__class__", '"x.__class__" is not arithmetic'),
        ("(1).real", '"(1).real" is not arithmetic'),
        ("().__class__.__bases__[0].__subclasses__()", "unknown function"),
        ("exp.__globals__", '"exp.__globals__" is not arithmetic'),
        ("(lambda: 1)()", "unknown function"),
        ("lambda: 1", '"lambda: 1" is not arithmetic'),
        ("[x for x in (1, 2)]", '"[x for x in (1, 2)]" is not arithmetic'),
        ("(x for x in (1, 2))", '"(x for x in (1, 2))" is not arithmetic'),
        ("{1: 2}", '"{1: 2}" is not arithmetic'),
        ("(1, 2)", '"(1, 2)" is not arithmetic'),
        ("x[0]", '"x[0]" is not arithmetic'),
        ("f'{x}'", "is not arithmetic"),
        ("(y := 1)", '"y := 1" is not arithmetic'),
        ("await x", '"await x" is not arithmetic'),
        ("eval('1')", 'unknown function "eval"'),
        ("open('f')", 'unknown function "open"'),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(ExpressionError) as error:
        compile_expression(text, VARIABLES)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / (x - 0.25)", "divides by zero at x = 0.25"),
        ("1 % (x - 0.25)", "divides by zero"),
        ("log(diam - 2)", "leaves the domain of a function at diam = 2"),
        ("sqrt(-diam)", "leaves the domain"),
        ("(-8) ** (1 / 3)", "leaves the domain"),  # complex, for Python
        ("0 ** -1", "leaves the domain"),
        ("exp(1000)", "overflows"),
        ("9 ** 9 ** 9", "overflows"),
        ("9 ** 9 ** 9 ** 9 ** 9", "overflows"),
        ("1e308 * 10", "is inf"),
        ("1e308 * 10 - 1e308 * 10", "is nan"),
        ("floor(1e308 * 10)", "overflows"),
    ],
)
def test_what_has_no_value_is_an_error_that_names_the_values(text, message):
    started = time.perf_counter()
    with pytest.raises(ExpressionError) as error:
        compile_expression(text, VARIABLES).evaluate(**VALUES)
    assert message in str(error.value)
    assert text in str(error.value)
    assert time.perf_counter() - started < 1  # s


def test_a_missing_value_is_an_error():
    with pytest.raises(ExpressionError, match="needs a value of diam"):
        compile_expression("x * diam", VARIABLES).evaluate(x=1)


# Arithmetic as Python writes it: then Python itself is the oracle.
arithmetic = st.recursive(
    st.sampled_from(["1.0", "2.5", "1e-3", "x", "diam", "distance", "pi"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "**", "<", ">="]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(st.sampled_from(["exp", "sin", "abs", "floor", "log"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        inner.map(lambda t: f"(-{t})"),
    ),
    max_leaves=8,
)
PYTHON = {name: getattr(math, name) for name in ("exp", "sin", "log", "pi")} | {
    "abs": abs,
    "floor": lambda x: float(math.floor(x)),  # a power of large integers would take for ever
}


@given(arithmetic, st.floats(-10, 10), st.floats(0.1, 10), st.floats(0, 1000))
def test_agrees_with_python(text, x, diam, distance):
    values = {"x": x, "diam": diam, "distance": distance}
    try:
        expected = eval(text, {"__builtins__": {}}, PYTHON | values)
    except (ArithmeticError, ValueError, TypeError):  # TypeError: a complex number was compared
        expected = math.nan
    try:
        value = compile_expression(text, values).evaluate(**values)
    except ExpressionError:
        assert isinstance(expected, complex) or not math.isfinite(expected) or expected > 1e300
    else:
        assert value == expected


@given(st.one_of(st.text(max_size=60), st.text(alphabet="x19.+-*/%()<>=! \n,eif", max_size=60)))
def test_any_text_gives_a_number_or_an_expression_error(text):
    try:
        value = compile_expression(text, VARIABLES).evaluate(**VALUES)
    except ExpressionError:
        return
    assert isinstance(value, float)
    assert math.isfinite(value)
    ast.parse(text.strip(), mode="eval")
