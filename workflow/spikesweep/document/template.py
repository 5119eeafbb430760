"""The document of a whole sweep: one simulation's document with slots for what the axes set."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from spikesweep.design import AxisValues
from spikesweep.document.catalogue import Catalogue
from spikesweep.document.cells import Files, cell_document
from spikesweep.document.protocol import Quantity, protocol_document, record_document
from spikesweep.document.shape import Shape
from spikesweep.document.targets import Path, Target, find_target, scaled
from spikesweep.errors import UserError
from spikesweep.fingerprint import canonical_json, sha256
from spikesweep.planfile import fill
from spikesweep.spec.axes import Axis, Drug
from spikesweep.spec.sweep import Sweep
from spikesweep.units import convert, to_number


@dataclass(frozen=True)
class Effect:
    """What one axis does to one slot: `apply(what stands there, the axis' value)`."""

    axis: str
    apply: Callable[[Any, Any], Any]
    scales: bool = False  # otherwise it sets, whatever stood there


@dataclass(frozen=True)
class Slot:
    """A place in the document that axes set: its path, and what each axis does to it in turn."""

    path: Path
    base: Any
    effects: tuple[Effect, ...]

    @property
    def name(self) -> str:
        """The path as text: cells.pyramidal.biophysics[1].insert.kdr.gkbar."""
        return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in self.path)[1:]

    @property
    def is_shared(self) -> bool:
        """Whether NEURON holds it once for all cells, so that it must be equal within a pack."""
        return self.path[0] == "protocol" and self.path[1] not in ("processes", "connections")

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes that it depends on."""
        return tuple(dict.fromkeys(effect.axis for effect in self.effects))

    def value(self, point: dict[str, Any]) -> Any:
        """Return what stands here at a point of the design (axis name -> value)."""
        return reduce(
            lambda value, effect: effect.apply(value, point[effect.axis]), self.effects, self.base
        )


@dataclass(frozen=True)
class AxisTarget:
    """What is known of an axis before its values: unit, name for labels, numbers or files."""

    unit: str
    long_name: str
    is_number: bool


@dataclass(frozen=True)
class Template:
    """A document with slots, and what the stages after the simulation need to know of it."""

    document: dict[str, Any]
    slots: tuple[Slot, ...]
    axes: dict[str, AxisTarget]
    quantities: dict[str, Quantity]
    files: Files

    @property
    def mechanisms(self) -> set[str]:
        """The mechanisms and point processes that the document uses."""
        return mechanisms_used(self.document)

    def slot_values(
        self, axes: Sequence[AxisValues], rows: Sequence[tuple[int, ...]]
    ) -> list[list[Any]]:
        """Return one column a slot: what stands in it in each simulation.

        A slot is worked out once for each combination of the values that it depends on.
        """
        columns = []
        for slot in self.slots:
            chosen = [i for i, axis in enumerate(axes) if axis.name in slot.axes]
            known: dict[tuple, Any] = {}
            column = []
            for row in rows:
                at = tuple(row[i] for i in chosen)
                if at not in known:
                    point = {
                        axes[i].name: axes[i].values[p] for i, p in zip(chosen, at, strict=True)
                    }
                    known[at] = slot.value(point)
                column.append(known[at])
            columns.append(column)
        return columns

    def keys(self, columns: Sequence[Sequence[Any]], n: int) -> Iterator[str]:
        """Yield the key of each simulation: the SHA-256 of its document's canonical JSON.

        The text around the slots is made once; that is what makes 100,000 keys a second's work.
        """
        marks = [f"\x00{i}\x00" for i in range(len(self.slots))]
        marked = self.fill(marks)
        escaped = "|".join(re.escape(canonical_json(mark)) for mark in marks)
        text = canonical_json(marked)
        pieces = re.split(f"({escaped})", text) if marks else [text]
        order = [marks.index(_unescaped(piece)) for piece in pieces[1::2]]
        fixed = pieces[0::2]
        written = [_json_column(columns[i]) for i in order]
        if not order:
            yield from [sha256(text)] * n
            return
        for values in zip(*written, strict=True):
            yield sha256("".join(_interleave(fixed, values)))

    def fill(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the document with these values in its slots."""
        return fill(self.document, [slot.path for slot in self.slots], values)


def _unescaped(piece: str) -> str:
    return piece[1:-1].replace("\\u0000", "\x00")


def _interleave(fixed: Sequence[str], values: Sequence[str]) -> Iterator[str]:
    for text, value in zip(fixed, values, strict=False):
        yield text
        yield value
    yield fixed[-1]


def _json_column(column: Sequence[Any]) -> list[str]:
    """Return the JSON of each value; equal values are mostly one object, written once."""
    written = {id(value): canonical_json(value) for value in {id(v): v for v in column}.values()}
    return [written[id(value)] for value in column]


def build_template(
    sweep: Sweep, catalogue: Catalogue, files: Files, engine: dict[str, str], place: str
) -> Template:
    """Return the document of a sweep.

    Args:
        engine: what integrates it: NEURON's version, the architecture, the hash of the code.

    Raises:
        UserError: whatever in the sweep names something that the model has not.
    """
    document, shapes, quantities = _base_document(sweep, catalogue, files, place)
    document["engine"] = engine
    targets = _find_targets(sweep.axes, document, shapes, catalogue, f"{place}: axes")
    axes, effects = {}, []
    for name, axis in sweep.axes.items():
        where = f"{place}: axes.{name}"
        axes[name] = _axis_target(axis, targets[name], where)
        effects += _effects(name, axis, targets[name], axes[name], files, where)
    slots = _slots(document, effects, place)
    return Template(document, slots, axes, quantities, files)


def _base_document(
    sweep: Sweep, catalogue: Catalogue, files: Files, place: str
) -> tuple[dict, dict[str, Shape], dict[str, Quantity]]:
    cells, shapes = {}, {}
    for name, cell in sweep.model.cells.items():
        cells[name], shapes[name] = cell_document(
            cell, catalogue, files, f"{place}: model.cells.{name}"
        )
    protocol = protocol_document(sweep.protocol, shapes, catalogue, f"{place}: protocol")
    inserted = {name: inserted_in(cell) for name, cell in cells.items()}
    record, quantities = record_document(
        sweep.record, protocol["processes"], shapes, inserted, catalogue, f"{place}: record"
    )
    document = {"cells": cells, "protocol": protocol, "record": record}
    document["mechanisms"] = catalogue.source_hashes(mechanisms_used(document))
    return document, shapes, quantities


def inserted_in(cell: dict[str, Any]) -> set[str]:
    """Return the density mechanisms that a cell's rules insert anywhere in it."""
    return {name for rule in cell["biophysics"] for name in rule.get("insert", {})}


def mechanisms_used(document: dict[str, Any]) -> set[str]:
    """Return the density mechanisms and point processes of a document."""
    processes = document["protocol"]["processes"].values()
    return {process["type"] for process in processes}.union(
        *(inserted_in(cell) for cell in document["cells"].values())
    )


def _find_targets(
    axes: dict[str, Axis],
    document: dict,
    shapes: dict[str, Shape],
    catalogue: Catalogue,
    place: str,
) -> dict[str, list[Target]]:
    targets: dict[str, list[Target]] = {}
    for _ in ("make room for every target", "now that the paths hold, find them"):
        for name, axis in axes.items():
            key = "sets" if axis.sets else "drug.scales"
            targets[name] = [
                find_target(text, document, shapes, catalogue, f"{place}.{name}.{key}")
                for text in axis.sets or axis.drug.scales
            ]
    return targets


def _axis_target(axis: Axis, targets: list[Target], place: str) -> AxisTarget:
    kinds = {target.is_number for target in targets}
    if len(kinds) > 1:
        raise UserError(f"{place}: sets a number and a file at once; expected one kind")
    if axis.drug:
        return AxisTarget(axis.unit or "uM", axis.label or "dose", True)
    first = targets[0]
    unit = axis.unit if axis.unit is not None else first.unit
    return AxisTarget(unit, axis.label or first.long_name, first.is_number)


def _effects(
    name: str, axis: Axis, targets: list[Target], known: AxisTarget, files: Files, place: str
) -> Iterator[tuple[Path, Effect]]:
    for target in targets:
        if axis.drug:
            effect = Effect(name, _block(axis.drug, known.unit, place), scales=True)
        elif target.is_number:
            effect = Effect(name, _number(known.unit, target, place))
        else:
            effect = Effect(name, lambda _, path: files.morphology(path, f"{place}.values")[0])
        for path in target.paths:
            yield path, effect


def _number(unit: str, target: Target, place: str) -> Callable[[Any, float], float | int]:
    def put(_: Any, value: float) -> float | int:
        number = convert(value, unit, target.unit, f"{place}.values") + 0.0
        return int(number) if target.paths[0][-1] == "nseg" and number.is_integer() else number

    return put


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


def _slots(document: dict, effects: Iterable[tuple[Path, Effect]], place: str) -> tuple[Slot, ...]:
    """Return the slots in the order of the document; what sets comes before what scales."""
    by_path: dict[Path, list[Effect]] = {}
    for path, effect in sorted(effects, key=lambda item: item[1].scales):
        by_path.setdefault(path, []).append(effect)
    for path, chain in by_path.items():
        setters = [effect.axis for effect in chain if not effect.scales]
        if len(setters) > 1:
            raise UserError(
                f"{place}: axes.{setters[1]}.sets: the axis {setters[0]} sets "
                f"{'.'.join(map(str, path))} as well; expected one axis to set it"
            )
    return tuple(
        Slot(path, reduce(lambda tree, part: tree[part], path, document), tuple(chain))
        for path, chain in sorted(by_path.items(), key=lambda item: str(item[0]))
    )
