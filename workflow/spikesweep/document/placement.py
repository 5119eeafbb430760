"""How many copies of a cell there are, and where they stand, as the document writes it."""

from typing import Any

from spikesweep.document.parameters import Parameters
from spikesweep.errors import UserError
from spikesweep.language.expressions import COPY_VARIABLES, ExpressionError, compile_expression
from spikesweep.language.units import to_number
from spikesweep.sweepfile.model import AnyCell
from spikesweep.sweepfile.quantities import is_expression

PLACEMENT_UNITS = {"position": "um", "rotation": "deg"}


def copies_document(cell: AnyCell, parameters: Parameters, place: str) -> dict[str, Any]:
    """Return count, position (um) and rotation (deg) of a cell, where they are given: numbers, or
    expressions that have a value for each of its copies.

    Raises:
        UserError: a wrong unit, or an expression that cannot be read or has no value.
    """
    count = 1 if cell.count is None else cell.count
    document: dict[str, Any] = {} if cell.count is None else {"count": count}
    for name, unit in PLACEMENT_UNITS.items():
        if (part := getattr(cell, name)) is not None:
            document[name] = {
                axis: _coordinate(value, unit, count, parameters, f"{place}.{name}.{axis}")
                for axis, value in part.model_dump().items()
            }
    return document


def _coordinate(
    value: float | str, unit: str, count: int, parameters: Parameters, place: str
) -> float | str:
    if not is_expression(value):
        return to_number(value, unit, place)
    text = parameters.check(value, COPY_VARIABLES, place)
    expression = compile_expression(text, [*COPY_VARIABLES, *parameters.values])
    try:
        for i in range(count):
            expression.evaluate(**parameters.values, i=i, count=count)
    except ExpressionError as error:
        raise UserError(f"{place}: {error}") from None
    return text
