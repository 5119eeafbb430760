"""What a figure of a cell shows that differs between the simulations of its sweep."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spikesweep.document.axes.design import Combination
from spikesweep.document.axes.template import Template
from spikesweep.language.document import Document
from spikesweep.language.names import base
from spikesweep.products.fingerprint import canonical_json
from spikesweep.sweepfile.figures import Morphology

SIZES = ("L", "diam", "nseg")


def first_simulation(
    figure: Morphology, template: Template, combination: Combination
) -> dict[str, dict[str, Any]]:
    """Return the axes on which the figure's shape or colours depend: unit, name for labels, and
    the value of the first simulation, which is the one that is shown."""
    depicted = depicted_axes(figure, template)
    return {
        axis.name: {
            "unit": axis.unit,
            "long_name": axis.long_name,
            "value": axis.values[position],
        }
        for axis, position in zip(combination.axes, combination.rows[0], strict=True)
        if axis.name in depicted and len(axis.values) > 1
    }


def places_of(document: Document, traces: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Return where traces are recorded that have the variable of the first of `traces`, by default
    of all: cell, section, index and x."""
    at = {name: trace for name, trace in document["record"]["traces"].items() if "at" in trace}
    order = [*(traces or ())[:1], *at]
    variable = next((at[name]["variable"] for name in order if name in at), None)
    return {
        name: dict(zip(("cell", "section", "index", "x"), trace["at"], strict=True))
        for name, trace in at.items()
        if trace["variable"] == variable
    }


def depicted_axes(figure: Morphology, template: Template) -> set[str]:
    """Return the axes that set something of the figure's cell that the figure shows."""
    marks = [f"<{i}>" for i in range(len(template.slots))]
    document = template.fill(marks)
    cells = document["cells"]
    shown = base(figure.cell or next(iter(cells)))
    parts = [_shown(cell, figure.of) for name, cell in cells.items() if base(name) == shown]
    text = canonical_json(parts)
    text += "".join(
        str(value)
        for name, value in document.get("parameters", {}).items()
        if re.search(rf"\b{re.escape(name)}\b", text)
    )
    return {
        axis
        for mark, slot in zip(marks, template.slots, strict=True)
        if mark in text
        for axis in slot.axes
    }


def _shown(cell: Mapping[str, Any], of: str) -> dict[str, Any]:
    """Return of a cell's document what its shape follows from, and the parameter `of`."""
    rules = [list(_shown_of_rule(rule, of)) for rule in cell["biophysics"]]
    shown = (f".{of}", *(f".{size}" for size in SIZES))
    by_name: dict[str, Any] = {
        kind: {target: value for target, value in cell[kind].items() if target.endswith(shown)}
        for kind in ("sets", "scales")  # of a cell that code builds
        if kind in cell
    }
    return {**cell, "biophysics": rules, **by_name}


def _shown_of_rule(rule: Mapping[str, Any], of: str) -> Iterator[Any]:
    mechanism, _, parameter = of.rpartition(".")
    if not mechanism:
        yield rule.get(of)
    elif isinstance(inserted := rule.get("insert", {}), str):  # any of several mechanisms
        yield inserted
    else:
        yield inserted.get(mechanism, {}).get(parameter)
