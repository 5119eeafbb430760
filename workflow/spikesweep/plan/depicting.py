"""What a figure shows of its sweep beside its options: tables, a cell, places, a refined map."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spikesweep.document.axes.design import Combination
from spikesweep.document.axes.template import Template
from spikesweep.language.document import Document
from spikesweep.language.names import base
from spikesweep.plan.own_code import figure_code
from spikesweep.products.fingerprint import canonical_json
from spikesweep.sweepfile.design import CLASS
from spikesweep.sweepfile.figures import FiringMap, Heatmap, Morphology, Profile, PythonFigure
from spikesweep.sweepfile.sweep import Sweep

SIZES = ("L", "diam", "nseg")
MARKS_TRUST = ("heatmap", "curve", "dose_response")  # kinds of figures


def read_by(figure: Any, sweep: Sweep) -> tuple[str, ...]:
    """Return what a figure reads: the trust as well, where it shows what was refined; and where a
    band of traces leaves out what failed, the table that says what is unphysical."""
    refined = sweep.trust.of if sweep.trust else ()
    marks = figure.kind in MARKS_TRUST and figure.of in refined
    more = [
        name for name, is_read in (("trust", marks), ("simulations", _pools(figure))) if is_read
    ]
    return tuple(dict.fromkeys([*figure.reads, *more]))


def _pools(figure: Any) -> bool:
    """Return whether a figure shows several simulations as a band, not each as it is."""
    return getattr(figure, "band", None) is not None


def depicted(
    figure: Any, sweep: Sweep, template: Template, combination: Combination
) -> dict[str, Any]:
    """Return what the recipe of a figure says of what it shows, as plain JSON."""
    if isinstance(figure, PythonFigure):
        code = figure_code(template.files.root, figure, figure.draw)
        return {"sources": code.files, "imported": code.imported, "packages": code.packages}
    if isinstance(figure, Heatmap | FiringMap):
        return _refined_map(figure, sweep)
    if isinstance(figure, Profile):
        return {"places": places_of(template.document, figure.traces)}
    if not isinstance(figure, Morphology):
        return {}
    return {"simulation": first_simulation(figure, template, combination)}


def _refined_map(figure: Heatmap | FiringMap, sweep: Sweep) -> dict[str, Any]:
    """Return the design of a map, where a figure shows what it was refined by, over its axes."""
    refine = sweep.design.refine if sweep.design else None
    of = figure.of if isinstance(figure, Heatmap) else CLASS
    if refine is None or (of, {figure.x, figure.y}) != (refine.by, {*refine.axes}):
        return {}
    is_same_site = figure.site in (None, refine.site)
    return {"refined": refine.model_dump(mode="json")} if is_same_site else {}


def first_simulation(
    figure: Morphology, template: Template, combination: Combination
) -> dict[str, dict[str, Any]]:
    """Return the axes on which the figure's shape or colours depend: unit, name for labels, and
    the value of the first simulation, which is the one that is shown."""
    shown = depicted_axes(figure, template)
    return {
        axis.name: {
            "unit": axis.unit,
            "long_name": axis.long_name,
            "value": axis.values[position],
        }
        for axis, position in zip(combination.axes, combination.rows[0], strict=True)
        if axis.name in shown and len(axis.values) > 1
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
