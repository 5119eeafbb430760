"""The sample of which a sweep asks the sensitivity: its axes, and whether a method fits it."""

from collections.abc import Sequence
from typing import Any

from spikesweep.document.axes.axis_values import Value
from spikesweep.document.axes.design import Combination
from spikesweep.document.axes.template import Template
from spikesweep.errors import UserError
from spikesweep.language.units import to_number
from spikesweep.plan.levels import level
from spikesweep.sweepfile.design import SAMPLERS, DesignPart, distribution
from spikesweep.sweepfile.sensitivity import GIVEN_DATA, OF_DESIGN, Sensitivity
from spikesweep.sweepfile.sweep import Sweep

LEAST_VALUES = 20  # of an axis: fewer are steps, which no slice and no harmonic can tell
INSTEAD = "a saltelli or a morris design, with the methods sobol or morris, takes such axes"


def described(sweep: Sweep, template: Template, combination: Combination) -> dict[str, Any] | None:
    """Return what is asked of which sample, as plain JSON; None where nothing is.

    places: of the simulations in the whole sample, where blocks must be whole and the design has a
        condition; else None.
    """
    asked = sweep.sensitivity
    if asked is None:
        return None
    kind, axes = sample_kind(sweep), sampled_axes(sweep)
    at = fixed(asked, combination, "")
    rows = _rows(combination, at)
    places, n = None, len(rows)
    if kind in OF_DESIGN:
        part = _parts(sweep)[0]
        n = part.number
        if len(rows) < n:
            places = _places(part, template, rows, axes)
    return {
        **asked.model_dump(mode="json"),
        "methods": asked.methods_for(kind),
        **{"at": at, "kind": kind, "axes": axes, "places": places, "n": n},
    }


def over_time(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what is asked of traces, of what `described` returns; None where nothing is."""
    return _without(asked, "of", "site") if asked and asked["traces"] else None


def of_numbers(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what is asked of numbers, of what `described` returns; None where nothing is."""
    return _without(asked, "traces", "every") if asked and asked["of"] else None


def _without(asked: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name not in names}


def check_sample(sweep: Sweep, combination: Combination, place: str) -> None:
    """Refuse a method that does not fit the design, and axes of which it could not tell.

    Raises:
        UserError: with a method, or a design, that fits.
    """
    asked = sweep.sensitivity
    if asked is None:
        return
    kind, axes = sample_kind(sweep), sampled_axes(sweep)
    if not axes:
        raise UserError(
            f"{place}: the design has no sample, and values that are given tell no distribution; "
            "expected one, such as `design: {sobol: 256, of: {...}}` for pawn and hdmr, "
            "or `{saltelli: 64, of: {...}}` for sobol"
        )
    if kind in OF_DESIGN and len(_parts(sweep)) > 1:
        raise UserError(f"{place}: a {kind} design beside another sample; expected one sample")
    fitting = [OF_DESIGN[kind]] if kind in OF_DESIGN else [*GIVEN_DATA]
    for method in asked.methods_for(kind):
        if method not in fitting:
            raise UserError(
                f"{place}.methods: {method} does not fit {_called(kind)}; "
                f"expected {_either(fitting)}{_or_design(method)}"
            )
    at = fixed(asked, combination, place)
    rows = _rows(combination, at)
    if not rows:
        raise UserError(f"{place}.at: no simulation of the design is there; expected other values")
    for axis in combination.axes:
        different = {row[axis.name] for row in rows}
        if axis.name not in axes and len(different) > 1:
            raise UserError(
                f"{place}: the axis {axis.name} is not of the sample, and has {len(different)} "
                f"values; expected one of them: at: {{{axis.name}: {next(iter(axis.values))}}}"
            )
        if axis.name in axes and isinstance(axis.values[0], str):
            raise UserError(f"{place}: the axis {axis.name} has names; expected numbers")
        steps = len(different) < min(LEAST_VALUES, len(rows))
        if axis.name in axes and kind not in OF_DESIGN and steps:
            raise UserError(
                f"{place}: the axis {axis.name} has {len(different)} values; expected "
                f"{LEAST_VALUES} at least for {_either([*GIVEN_DATA])}. {INSTEAD}"
            )


def sample_kind(sweep: Sweep) -> str:
    """Return how the sample was drawn: "saltelli", "sobol", ...; "table" where one gives it."""
    kinds = [part.kind for part in _parts(sweep)]
    return next((kind for kind in kinds if kind in OF_DESIGN), kinds[0] if kinds else "table")


def samples_of(sweep: Sweep, template: Template) -> list[dict[str, Any]]:
    """Return how each sample of a design is drawn, as plain JSON: kind, n, seed, and of each axis
    its distribution, with numbers in the axis's unit."""
    units = {name: known.form.unit for name, known in template.axes.items()}
    return [
        {
            **{"kind": part.kind, "n": getattr(part, part.kind), "seed": part.seed},
            "of": {name: _drawn(one, units[name]) for name, one in (part.of or {}).items()},
        }
        for part in _parts(sweep)
    ]


def _drawn(written: Any, unit: str) -> tuple[str, list[float]]:
    name, numbers = distribution(written)
    return name, [to_number(number, unit, "") for number in numbers]


def sampled_axes(sweep: Sweep) -> list[str]:
    """Return the axes to which samples give the values, or a table where there is none."""
    if parts := _parts(sweep):
        return [name for part in parts for name in part.of or ()]
    fixed_ones = sweep.sensitivity.at if sweep.sensitivity else {}
    return [n for n, axis in sweep.axes.items() if axis.values is None and n not in fixed_ones]


def fixed(asked: Sensitivity, combination: Combination, place: str) -> dict[str, Value]:
    """Return the values of axes at which the sample is looked at, each in its unit.

    Raises:
        UserError: no such axis, or no such value.
    """
    axes = {axis.name: axis for axis in combination.axes}
    return {name: level(name, value, axes, f"{place}.at") for name, value in asked.at.items()}


def _parts(sweep: Sweep) -> list[DesignPart]:
    every = sweep.design.every if sweep.design else ()
    return [part for part in every if part.kind in SAMPLERS]


def _rows(combination: Combination, at: dict[str, Value]) -> list[dict[str, Value]]:
    names = [axis.name for axis in combination.axes]
    values = [axis.values for axis in combination.axes]
    wanted = {names.index(name): value for name, value in at.items()}
    return [
        {name: values[i][place] for i, (name, place) in enumerate(zip(names, row, strict=True))}
        for row in combination.rows
        if all(values[i][row[i]] == value for i, value in wanted.items())
    ]


def _places(
    part: DesignPart, template: Template, rows: list[dict[str, Value]], axes: list[str]
) -> list[int]:
    """Return the place of each row in the whole sample, in whose order they are. A condition keeps
    all points that are equal, or none: so the next that is equal is the right one."""
    from spikesweep.document.axes.samples import sample  # with numpy: only samples pay it

    forms = {name: known.form for name, known in template.axes.items()}
    columns = sample(part, forms, "")
    points = enumerate(zip(*(columns[name] for name in axes), strict=True))
    wanted = (tuple(row[name] for name in axes) for row in rows)
    return [next(place for place, point in points if point == one) for one in wanted]


def _called(kind: str) -> str:
    return "a table" if kind == "table" else f"a {kind} design"


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _or_design(method: str) -> str:
    designs = [design for design, of in OF_DESIGN.items() if of == method] or ["sobol"]
    return f", or the design `{designs[0]}`"
