"""Checks of what axes set, by the rules of what stands there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from spikesweep.document.axes.slots import Slot
from spikesweep.document.ranges import check_range, owner_of
from spikesweep.errors import UserError
from spikesweep.plan.products import Plan
from spikesweep.sweepfile.model import Protocol, Segments
from spikesweep.sweepfile.networks import Selection
from spikesweep.sweepfile.reading import in_words


def check_values(plan: Plan, place: str) -> None:
    """Hold what axes set to the rules that hold where a sweep file writes it itself.

    Raises:
        UserError: a temperature, duration, time step, number of segments or other quantity that
            cannot be.
    """
    protocol = plan.sweep.protocol.model_dump(by_alias=True, exclude_unset=True)
    for slot, column in zip(plan.template.slots, plan.columns, strict=True):
        where = f"{place}: axes.{slot.axes[0]}.values: {slot.path[-1]}"
        owner, name = owner_of(slot.path, plan.template.document)
        if owner:
            for value in column:
                check_range(owner, name, value, where)
        else:
            for model, data, value in _as_written(slot, column, protocol):
                _check_value(model, data, f"{where} {value:g}")


def _as_written(
    slot: Slot, column: Sequence[Any], protocol: Mapping[str, Any]
) -> Iterator[tuple[type[BaseModel], dict[str, Any], float]]:
    """Yield a part of a sweep file as it would be with each value; none of where none has rules."""
    *parts, last = slot.path
    name = str(last)
    if parts == ["protocol"] or slot.path == ("seed",):
        for value in sorted(set(column)):
            yield Protocol, {**protocol, name: value}, value
    elif parts == ["protocol", "cvode"]:
        for value in sorted(set(column)):
            yield Protocol, {**protocol, "cvode": protocol["cvode"] | {name: value}}, value
    elif parts[-1:] == ["pattern"]:
        for value in sorted(set(column)):
            yield Selection, {name: value}, value
    elif "segments" in parts or ("sections" in parts and name == "nseg"):
        for value in sorted(set(column)):
            yield Segments, {name: value}, value


def _check_value(model: type[BaseModel], data: dict[str, Any], place: str) -> None:
    try:
        model.model_validate(data)
    except ValidationError as error:
        raise UserError(f"{place}: {in_words(error.errors()[0])}") from None
