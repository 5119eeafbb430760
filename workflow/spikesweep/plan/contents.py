"""What a plan file says, as plain JSON."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from spikesweep.plan.sensitivity import samples_of
from spikesweep.plan.units import units_of
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.stages import code
from spikesweep.products.table import PLAN
from spikesweep.sweepfile.model import CodeCell

if TYPE_CHECKING:
    from spikesweep.plan.products import Plan


def contents_of(plan: "Plan") -> dict[str, Any]:
    """Return all that a plan file says; see `products.plan_file.PlanFile`, which reads it."""
    products = [*([plan.library] if plan.library else []), *plan.products.values()]
    return {
        "stage": PLAN.stage,
        "sweep": plan.name,
        "title": plan.sweep.title,
        "about": plan.sweep.about.model_dump(exclude_none=True),
        "axes": plan.axes,
        "design": plan.design,
        "effects": {name: axis.effects(name) for name, axis in plan.sweep.axes.items()},
        "labels": plan.labels,
        "simulations": len(plan.keys),
        "document": plan.template.document,
        "slots": [list(slot.path) for slot in plan.template.slots],
        "columns": fingerprint(plan.columns),
        "windows": plan.windows,
        "watched": plan.watched,
        "quantities": plan.quantities,
        "parameter_units": plan.catalogue.parameter_units(_insertable(plan)),
        "units": units_of(plan.template.document, plan.sweep, plan.catalogue),
        "morphologies": plan.template.files.morphologies,
        "waveforms": {
            sha256: {"times": waveform.times, "values": waveform.values}
            for sha256, (_, waveform) in plan.template.files.waveforms.items()
        },
        "models": plan.template.files.models,
        "imported": plan.template.files.imported,
        "notes": plan.template.files.notes,
        "mechanisms": plan.sources_used,
        "library": str(plan.library.path) if plan.library else None,
        "packing": plan.packing,
        "sources": [str(path) for path in plan.sources],
        **({"followed_pointers": followed} if (followed := _followed_pointers(plan)) else {}),
        **({"samples": samples} if (samples := samples_of(plan.sweep, plan.template)) else {}),
        **({"populations": _populations(plan)} if plan.populations else {}),
        **({"seconds_per_job": seconds} if (seconds := plan.sweep.seconds_per_job) else {}),
        "batches": [product.path.name for product in plan.simulations],
        "files": {name: path.name for name, path in plan.files.items()},
        "figures": {name: product.path.name for name, product in plan.figures.items()},
        "products": {product.path.name: product.recipe for product in products},
        "code": {stage: code(stage) for stage in sorted({p.recipe["stage"] for p in products})},
    }


def _followed_pointers(plan: "Plan") -> list[str]:
    """Return the POINTERs that crash NEURON where code of a cell leaves them unset."""
    of_code = any("sources" in cell for cell in plan.template.document["cells"].values())
    return plan.catalogue.followed_pointers() if of_code else []


def _populations(plan: "Plan") -> dict[str, Any]:
    """Return what is said of the populations of other sweeps of which a plan takes the accepted,
    and of those of which these are."""
    before = map(_populations, plan.populations.values())
    return reduce(or_, before, {}) | {
        name: {"table": of.population.path.name, "criteria": of.criteria}
        for name, of in plan.populations.items()
    }


def _insertable(plan: "Plan") -> set[str]:
    """Return the mechanisms that the cells have, or where code builds one, that they may have."""
    if any(isinstance(cell, CodeCell) for cell in plan.sweep.model.cells.values()):
        return set(plan.catalogue.known)
    return plan.mechanisms
