"""What axes do to the document: set numbers and files, scale conductances, follow formulas."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikesweep.document.axes.axis_values import Form
from spikesweep.document.axes.slots import CHANGES, REPLACES, Effect
from spikesweep.document.axes.target import Target
from spikesweep.document.axes.variants import replacing
from spikesweep.document.files import Files
from spikesweep.document.known import KnownModel
from spikesweep.document.parameters import Parameters
from spikesweep.errors import UserError
from spikesweep.language.expressions import ExpressionError, compile_expression
from spikesweep.language.names import by_distance, split
from spikesweep.language.units import convert, normal_unit, rounded, to_number
from spikesweep.modelcode.closure import files_named
from spikesweep.products.slots import SlotPath
from spikesweep.sweepfile.axes import Axis, Drug

WHOLE = ("nseg", "seed", "indegree")


@dataclass(frozen=True)
class KnownAxis:
    """What is known of an axis before its values: unit, name for labels, numbers or files.

    targets: what each of its targets names, in their order.
    """

    name: str
    axis: Axis
    targets: list[Target]
    unit: str
    long_name: str
    is_number: bool

    @property
    def form(self) -> Form:
        """What its values are: whole numbers stay such where they have no unit; to code, 2 is not
        2.0, whatever its other values are."""
        whole = "" if normal_unit(self.unit) else "all"
        if any(target.keeps_whole for target in self.targets):
            whole = "each"
        return Form(self.unit, self.is_number, whole)


def known_axis(name: str, axis: Axis, targets: list[Target], place: str) -> KnownAxis:
    """Return what is known of an axis by what it sets.

    Its unit is that of its first target; with formulas, that of the target which is set to the
    axis itself, or none.

    Raises:
        UserError: it sets a number and the name of a file at once, or a name by a formula.
    """
    known = dict(zip(axis.targets, targets, strict=True))
    names = [text for text, target in known.items() if not target.is_number]
    if axis.drug and (names := names + [t for t, target in known.items() if target.is_distance]):
        raise UserError(f"{place}.drug.scales: {names[0]} is no conductance; expected one")
    if axis.drug:
        return KnownAxis(name, axis, targets, axis.unit or "uM", axis.label or "dose", True)
    if names and axis.formulas:
        raise UserError(f"{place}.sets.{names[0]}: a formula gives a number; this takes a name")
    if 0 < len(names) < len(known) or len({target.replaces for target in targets}) > 1:
        raise UserError(f"{place}: its targets take values of different kinds; expected one kind")
    if axis.formulas:
        equal = (text for text, formula in axis.formulas.items() if formula.strip() == name)
        named = known.get(next(equal, ""))
    else:
        named = targets[0]
    is_number = named is None or named.is_number
    unit = named.unit if named and is_number and axis.unit is None else axis.unit
    long_name = axis.label or (named.long_name if named else "")
    return KnownAxis(name, axis, targets, unit or "", long_name, is_number)


@dataclass(frozen=True)
class FormulaNames:
    """What formulas of axes may speak of: axes of numbers, and parameters that no axis sets."""

    axes: Collection[str]
    constants: Mapping[str, float]


def formula_names(axes: Mapping[str, KnownAxis], parameters: Parameters) -> FormulaNames:
    """Return what formulas of the axes may speak of."""
    paths = {path for axis in axes.values() for target in axis.targets for path in target.paths}
    constants = {
        name: value
        for name, value in parameters.values.items()
        if ("parameters", name) not in paths
    }
    return FormulaNames([name for name, axis in axes.items() if axis.is_number], constants)


def effects_of(
    known: KnownAxis, names: FormulaNames, model: KnownModel, place: str
) -> Iterator[tuple[SlotPath, Effect]]:
    """Yield what an axis does, place by place in the document.

    Raises:
        UserError: a formula that cannot be read, or that does not depend on the axis.
    """
    axis, own = known.axis, (known.name,)
    for text, target in zip(axis.targets, known.targets, strict=True):
        if axis.drug:
            effect = Effect(own, _block(axis.drug, known.unit, place), CHANGES)
        elif axis.formulas:
            where = f"{place}.sets.{text}"
            effect = _follow(known.name, axis.formulas[text], target, names, where)
        elif target.is_number:
            effect = Effect(own, _number(known.unit, target, place))
        elif target.replaces:
            where = f"{place}.values"
            replace = replacing(
                target.replaces, target.points, model.catalogue, model.files.notes, where
            )
            effect = Effect(own, replace, REPLACES)
        elif target.is_text:
            effect = Effect(own, _text(target, model, f"{place}.values"))
        else:
            effect = Effect(own, _file(target, model.files, f"{place}.values"))
        for path in target.paths:
            yield path, Effect(own, _named) if target.replaces and path[-1] == "of" else effect


def _named(_: str, variant: str) -> str:
    return variant


def _file(target: Target, files: Files, place: str) -> Callable[[Any, str], Any]:
    if target.paths[0][-1] == "csv":
        return lambda _, path: files.waveform(path, target.unit or "", place)

    def read(stood: Any, path: str) -> Any:
        return files.morphology(path, place, **files.choices[stood["sha256"]])[0]

    return read


def _text(target: Target, model: KnownModel, place: str) -> Callable[[Any, str], Any]:
    """Give code a text; one that names files of the project comes with what counts of them."""
    home = _home(target, model)

    def put(stood: Any, text: str) -> Any:
        if isinstance(stood, bool):
            if text not in ("true", "false"):
                raise UserError(f'{place}: "{text}"; expected true or false, as the code is given')
            return text == "true"
        files = files_named(model.files.root, text, home, place) if home is not None else {}
        model.files.models.update(files)
        return {"text": text, "files": files} if files else text

    return put


def _home(target: Target, model: KnownModel) -> Path | None:
    """Return the folder of the code that a target gives something, None where it is none."""
    path = [str(part) for part in target.paths[0]]
    return model.cells[split(path[1])[0]].home if path[0] == "cells" else None


def _number(unit: str, target: Target, place: str) -> Callable[[Any, float], float | int | str]:
    wanted = target.unit
    if wanted is None:  # what the user's code takes, in whatever unit
        return lambda _, value: value if target.keeps_whole else float(value)

    # Looked at once: a sample has ten thousand values.
    is_in_it = normal_unit(unit) in ("", normal_unit(wanted))

    def put(_: Any, value: float) -> float | int | str:
        number = value if is_in_it else convert(value, unit, wanted, f"{place}.values")
        return _as_asked(number, target)

    return put


def _as_asked(number: float, target: Target) -> float | int | str:
    """Return a number as the document holds it: some as whole numbers, and no -0.0; and distances
    at which places are found as measures."""
    number += 0.0
    if target.is_distance:
        return by_distance(number)
    takes_whole = target.is_whole or target.paths[0][-1] in WHOLE
    return int(number) if takes_whole and number.is_integer() else number


def check_names(targets: Mapping[str, list[Target]], parameters: Parameters, place: str) -> None:
    """Refuse an axis that bears the name of a parameter and does not set it."""
    for name in targets.keys() & parameters.values.keys():
        if all(("parameters", name) not in target.paths for target in targets[name]):
            raise UserError(
                f"{place}.{name}: a parameter bears this name as well, and formulas go by it; "
                f"expected another name, or an axis that sets parameters.{name}"
            )


def _follow(name: str, text: str, target: Target, names: FormulaNames, place: str) -> Effect:
    """Set a target to a formula of the axes' values: numbers in, each in its axis's unit, and a
    number in the target's unit out."""
    try:
        formula = compile_expression(text, [*names.axes, *names.constants])
    except ExpressionError as error:
        raise UserError(f'{place}: "{text}" is no formula of the axes: {error}') from None
    if name not in formula.names:
        raise UserError(
            f'{place}: "{text}" does not depend on {name}; expected a formula with {name} in it'
        )
    axes = (name, *sorted(formula.names - {name} - names.constants.keys()))

    def put(_: Any, *values: float) -> float | int | str:
        try:
            number = formula.evaluate(**names.constants, **dict(zip(axes, values, strict=True)))
        except ExpressionError as error:
            raise UserError(f"{place}: {error}") from None
        return _as_asked(rounded(number), target)

    return Effect(axes, put)


def _block(drug: Drug, unit: str, place: str) -> Callable[[float | str, float], float | str]:
    """Scale a conductance by the part that the drug leaves: 1 / (1 + (dose / ic50)**hill)."""
    ic50 = to_number(drug.ic50, unit, f"{place}.drug.ic50")
    if ic50 <= 0:
        raise UserError(f"{place}.drug.ic50: {ic50:g}; expected a dose above 0")

    def block(base: float | str, dose: float) -> float | str:
        if dose < 0:
            raise UserError(f"{place}.values: {dose:g}; expected doses of 0 and above")
        return scaled(base, 1 / (1 + (dose / ic50) ** drug.hill))

    return block


def scaled(base: float | str, factor: float) -> float | str:
    """Return a value, or an expression, times a factor."""
    if factor == 1.0:
        return base
    return f"{factor!r} * ({base})" if isinstance(base, str) else base * factor
