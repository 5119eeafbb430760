"""Derived quantities: formulas over the statistics, features and axes of each row."""

from collections.abc import Mapping

import numpy as np

from spikesweep.language.distances import by_names
from spikesweep.language.expressions import Expression, ExpressionError, compile_expression
from spikesweep.tables.spiketrain import Floats


def derive(formulas: Mapping[str, str], known: Mapping[str, np.ndarray]) -> dict[str, Floats]:
    """Return a column a formula: NaN where something in it is undefined, or it has no value, as
    where it divides by zero.

    Args:
        formulas: name -> text. known: name -> (rows,), numbers or their text, "" for none.
    """
    columns = {}
    for name, text in formulas.items():
        expression = compile_expression(by_names(text), known)
        needed = {one: _numbers(known[one]) for one in sorted(expression.names)}
        rows = len(next(iter(known.values())))
        columns[name] = np.array(
            [_value(expression, {one: c[row] for one, c in needed.items()}) for row in range(rows)]
        )
    return columns


def _value(expression: Expression, values: Mapping[str, float]) -> float:
    if any(value != value for value in values.values()):
        return np.nan
    try:
        return float(expression.evaluate(**values))
    except ExpressionError:
        return np.nan


def _numbers(column: np.ndarray) -> Floats:
    return np.array([np.nan if value in ("", None) else float(value) for value in column], float)
