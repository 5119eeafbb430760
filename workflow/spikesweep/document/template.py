"""The document of a whole sweep: one simulation's document with slots for what the axes set."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spikesweep.design import AxisValues
from spikesweep.document.catalogue import Catalogue
from spikesweep.document.cells import Files, cell_document
from spikesweep.document.code_models import OpenShape, code_cell_document
from spikesweep.document.connections import connections_document, draws
from spikesweep.document.effects import (
    AxisTarget,
    axis_target,
    check_names,
    constants_of,
    effects_of,
)
from spikesweep.document.parameters import Parameters, read_parameters
from spikesweep.document.placement import copies_document
from spikesweep.document.places import is_by_name, target_by_name
from spikesweep.document.protocol import Quantity, protocol_document, record_document
from spikesweep.document.rules import forget_regions, inserted_in
from spikesweep.document.shape import Shape
from spikesweep.document.slots import Slot, make_slots
from spikesweep.document.targets import Path, Target, find_target
from spikesweep.document.variants import (
    axes_of_variants,
    check_others,
    mechanism_effects,
    replaced_paths,
)
from spikesweep.document.waveforms import waveforms_document
from spikesweep.fingerprint import canonical_json, sha256
from spikesweep.planfile import fill
from spikesweep.spec.axes import Axis
from spikesweep.spec.model import CodeCell
from spikesweep.spec.sweep import Sweep


@dataclass(frozen=True)
class Template:
    """A document with slots, and what the stages after the simulation need to know of it."""

    document: dict[str, Any]
    slots: tuple[Slot, ...]
    axes: dict[str, AxisTarget]
    quantities: dict[str, Quantity]
    files: Files
    variant_axes: tuple[str, ...] = ()  # whose values are mechanisms

    @property
    def mechanisms(self) -> set[str]:
        """The mechanisms and point processes that the document uses, but for variants."""
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
    parameters = read_parameters(sweep.model.parameters, f"{place}: model.parameters")
    document, shapes, quantities = _base_document(sweep, catalogue, files, parameters, place)
    document["engine"] = engine
    targets = _find_targets(sweep.axes, document, shapes, catalogue, parameters, f"{place}: axes")
    check_names(sweep.axes, targets, parameters, f"{place}: axes")
    axes = {
        name: axis_target(name, axis, targets[name], f"{place}: axes.{name}")
        for name, axis in sweep.axes.items()
    }
    for cell in document["cells"].values():
        forget_regions(cell)
    variant_axes = axes_of_variants(targets)
    if variant_axes:
        _make_room_for_variants(document, targets, catalogue, sweep.protocol.seed, place)
    constants = constants_of(targets, parameters)
    effects = [
        effect
        for name, axis in sweep.axes.items()
        for effect in effects_of(
            name, axis, targets[name], axes, constants, catalogue, files, f"{place}: axes.{name}"
        )
    ]
    effects += mechanism_effects(variant_axes, catalogue)
    slots = make_slots(document, effects, place)
    return Template(document, slots, axes, quantities, files, variant_axes)


def _make_room_for_variants(
    document: dict, targets: dict[str, list[Target]], catalogue: Catalogue, seed: int, place: str
) -> None:
    """Leave to the axes what they put in the place of mechanisms.

    Raises:
        UserError: something is recorded of a mechanism, or played into it, that variants replace.
    """
    check_others(document, targets, place)
    if all("sources" not in cell for cell in document["cells"].values()):
        used = mechanisms_used(document, without=replaced_paths(targets))
        document["mechanisms"] = catalogue.source_hashes(used)
    if catalogue.draws(catalogue.density_names):  # any of them can be a variant
        document.setdefault("seed", seed)


def _base_document(
    sweep: Sweep, catalogue: Catalogue, files: Files, parameters: Parameters, place: str
) -> tuple[dict, dict[str, Shape], dict[str, Quantity]]:
    cells, shapes = {}, {}
    for name, cell in sweep.model.cells.items():
        describe = code_cell_document if isinstance(cell, CodeCell) else cell_document
        where = f"{place}: model.cells.{name}"
        cells[name], shape = describe(cell, catalogue, files, parameters, where)
        cells[name] |= copies_document(cell, parameters, where)
        shapes[name] = shape.copied(cell.count)
    protocol = protocol_document(sweep.protocol, shapes, catalogue, f"{place}: protocol")
    protocol["connections"] = connections_document(
        sweep.protocol.connections,
        protocol["processes"],
        shapes,
        catalogue,
        parameters,
        f"{place}: protocol.connections",
    )
    inserted = {
        name: catalogue.density_names if isinstance(shapes[name], OpenShape) else inserted_in(cell)
        for name, cell in cells.items()
    }
    if sweep.protocol.play:
        protocol["play"] = waveforms_document(
            sweep,
            protocol["processes"],
            shapes,
            inserted,
            catalogue,
            files,
            parameters,
            f"{place}: protocol.play",
        )
    record, quantities = record_document(
        sweep.record, protocol["processes"], shapes, inserted, catalogue, f"{place}: record"
    )
    document = {"cells": cells, "protocol": protocol, "record": record}
    # What code inserts, and whether that draws, is not known: it can be anything of the set.
    of_code = any(isinstance(shape, OpenShape) for shape in shapes.values())
    used = mechanisms_used(document)
    document["mechanisms"] = catalogue.source_hashes(None if of_code else used)
    noise = any("noise" in waveform for waveform in protocol.get("play", {}).values())
    drawn = noise or draws(sweep.protocol.connections)
    if of_code or drawn or catalogue.draws(used):
        document["seed"] = sweep.protocol.seed
    if parameters.used:
        document["parameters"] = parameters.document
    return document, shapes, quantities


def mechanisms_used(document: dict[str, Any], without: Container[Path] = ()) -> set[str]:
    """Return the density mechanisms and point processes of a document.

    Args:
        without: paths of inserted mechanisms that do not count.
    """
    return {process["type"] for process in document["protocol"]["processes"].values()} | {
        mechanism
        for name, cell in document["cells"].items()
        for i, rule in enumerate(cell["biophysics"])
        for mechanism in rule.get("insert", {})
        if ("cells", name, "biophysics", i, "insert", mechanism) not in without
    }


def _find_targets(
    axes: dict[str, Axis],
    document: dict,
    shapes: dict[str, Shape],
    catalogue: Catalogue,
    parameters: Parameters,
    place: str,
) -> dict[str, list[Target]]:
    targets: dict[str, list[Target]] = {}
    for _ in ("make room for every target", "now that the paths hold, find them"):
        for name, axis in axes.items():
            where = f"{place}.{name}.{'sets' if axis.sets else 'drug.scales'}"
            targets[name] = [
                target_by_name(text, document, shapes, catalogue, bool(axis.drug), where)
                if is_by_name(text, shapes)
                else find_target(text, document, shapes, catalogue, parameters, where)
                for text in axis.targets
            ]
    return targets
