"""Checks of what a sweep's figures ask for against what the sweep has."""

from collections import Counter
from typing import Any

from pydantic import BaseModel, ValidationError

from spikesweep.columns import (
    COLUMNS,
    FAILURE_COLUMNS,
    IDENTITY,
    ISI_COLUMNS,
    dataset_names,
    feature_names,
)
from spikesweep.document.copies import copies_meant
from spikesweep.document.slots import Slot
from spikesweep.errors import UserError, listing, suggest
from spikesweep.plan.products import Plan
from spikesweep.spec.figures import Morphology
from spikesweep.spec.model import Protocol, Segments
from spikesweep.spec.networks import Selection
from spikesweep.spec.quantities import split_copy
from spikesweep.units import to_number

# Names of the products in results/made/<sweep>/; no figure may bear one.
RESERVED_FIGURES = frozenset(
    [
        *("current", "dataset", "failures", "isi", "plan", "psection", "simulations", "stamped"),
        *("statistics", "structure"),
    ]
)


def check_protocol(plan: Plan, place: str) -> None:
    """Hold what axes set in the protocol, patterns and segments to the rules of these themselves.

    Raises:
        UserError: a temperature, duration, time step or number of segments that cannot be; a
            window after the end.
    """
    protocol = plan.sweep.protocol.model_dump(by_alias=True, exclude_unset=True)
    longest = protocol["tstop"]
    for slot, column in zip(plan.template.slots, plan.columns, strict=True):
        *parts, name = slot.path
        if parts in (["protocol"], ["protocol", "cvode"]) or slot.path == ("seed",):
            for value in sorted(set(column)):
                changed = {name: value}
                if parts[1:]:
                    changed = {"cvode": protocol["cvode"] | changed}
                _check_value(Protocol, protocol | changed, slot, value, place)
            longest = max(column) if name == "tstop" else longest
        elif parts[-1:] == ["pattern"]:
            for value in sorted(set(column)):
                _check_value(Selection, {name: value}, slot, value, place)
        elif "segments" in parts or ("sections" in parts and name == "nseg"):
            for value in sorted(set(column)):
                _check_value(Segments, {name: value}, slot, value, place)
    window = plan.sweep.statistics.window
    if window and window[0] >= longest:
        raise UserError(
            f"{place}: statistics.window: begins at {window[0]:g} ms, when every simulation has "
            f"ended; expected one that begins before tstop, {longest:g} ms"
        )


def _check_value(
    model: type[BaseModel], data: dict[str, Any], slot: Slot, value: float, place: str
) -> None:
    try:
        model.model_validate(data)
    except ValidationError as error:
        said = error.errors()[0]["msg"].replace("Input should", "should")
        said = said.removeprefix("Value error, ")
        where = f"{place}: axes.{slot.axes[0]}.values"
        raise UserError(f"{where}: {slot.path[-1]} {value:g}: {said}") from None


def check_names(plan: Plan, place: str) -> None:
    """Refuse an axis, trace, feature or site that would bear a name taken in dataset or tables.

    Raises:
        UserError: naming the axis, or what is recorded.
    """
    recorded = Counter(dataset_names(plan.template.document["record"]))
    for name, count in recorded.items():
        if count > 1:
            raise UserError(
                f'{place}: record: two variables of the dataset would be named "{name}"; '
                "expected other names of traces, spike sites or features"
            )
    holders = {
        **dict.fromkeys(FAILURE_COLUMNS, "failures.csv"),
        **dict.fromkeys(ISI_COLUMNS, "isi.csv"),
        **dict.fromkeys([*IDENTITY, *COLUMNS], "statistics.csv"),
        **dict.fromkeys(recorded, "the dataset"),
    }
    for name, axis in plan.sweep.axes.items():
        if name == "tstop" and "protocol.tstop" not in axis.targets:
            holders[name] = "the dataset"
        if name in holders:
            raise UserError(
                f"{place}: axes.{name}: {holders[name]} holds something else of this name; "
                f"expected another, such as {name}_set"
            )


def check_figures(plan: Plan, place: str) -> None:
    """Refuse figures that name an axis, value, column, trace, site or cell that is not there.

    Raises:
        UserError: naming the figure, its option, and what was expected.
    """
    names: dict[str, int] = {}
    for i, figure in enumerate(plan.sweep.figures):
        where = f"{place}: figures[{i}]"
        name = figure.file_name
        if name in RESERVED_FIGURES:
            raise UserError(f'{where}.name: "{name}" is taken; expected another name')
        if name in names:
            raise UserError(
                f'{where}: figures[{names[name]}] is named "{name}" as well; '
                "expected a key `name` that tells them apart"
            )
        names[name] = i
        _check_axes(plan, figure, where)
        _check_choices(plan, figure, where)


def _check_axes(plan: Plan, figure, where: str) -> None:
    axes = {axis.name: axis for axis in plan.combination.axes}
    used: dict[str, str] = {}
    for option, name in figure.axis_names.items():
        _one_of(name, axes, "axis", f"{where}.{option}")
        if name in used:
            raise UserError(f"{where}.{option}: {name} is {used[name]} already; expected another")
        used[name] = option
    for name, value in getattr(figure, "at", {}).items():
        _one_of(name, axes, "axis", f"{where}.at")
        axis = axes[name]
        is_number = not isinstance(axis.values[0], str)
        known = to_number(value, axis.unit, f"{where}.at.{name}") if is_number else str(value)
        if known not in axis.values:
            raise UserError(
                f"{where}.at.{name}: {value} is no value of the axis; "
                f"expected one of: {', '.join(map(str, axis.values[:20]))}"
            )


def _check_choices(plan: Plan, figure, where: str) -> None:
    document = plan.template.document
    traces, sites = document["record"]["traces"], document["record"]["spikes"]
    scalars = [f"{trace}_{end}" for trace in traces for end in ("min", "max")]
    scalars += feature_names(document["record"])
    if isinstance(figure, Morphology):
        if figure.cell:
            counts = {name: cell.get("count") for name, cell in document["cells"].items()}
            copies_meant(figure.cell, counts, "cell", f"{where}.cell")
        return
    if figure.kind in ("heatmap", "dose_response"):
        _one_of(figure.of, [*COLUMNS, *scalars], "quantity", f"{where}.of")
    if getattr(figure, "trace", None):
        _one_of(figure.trace, traces, "trace", f"{where}.trace")
    if getattr(figure, "site", None):
        of_all_copies = {split_copy(site)[0] for site in sites}
        _one_of(figure.site, {*sites, *of_all_copies}, "spike site", f"{where}.site")
    if figure.kind == "traces" and not traces:
        raise UserError(f"{where}: the sweep records no traces; expected one in record.traces")
    spikes = getattr(figure, "of", None) in COLUMNS or figure.kind in ("raster", "isi_distribution")
    if spikes and not sites:
        raise UserError(f"{where}: the sweep records no spikes; expected a site in record.spikes")


def _one_of(name: str, known, kind: str, where: str) -> None:
    if name not in known:
        raise UserError(
            f'{where}: no {kind} is named "{name}"{suggest(name, known)}; '
            f"expected one of: {listing(known, 20)}"
        )
