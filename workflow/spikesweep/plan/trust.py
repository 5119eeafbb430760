"""The companion of a sweep that asks for trust: some of its simulations, refined.

It is a plan like any other, with an axis more, so that what it asks for are ordinary simulations
of the store, and its tables those of any sweep. The sweep's table `trust` compares the two.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from spikesweep.document.axes.axis_values import Value
from spikesweep.document.axes.design import AxisValues, Combination, Label
from spikesweep.document.axes.slots import CHANGES, Effect, Slot
from spikesweep.document.axes.template import Template
from spikesweep.errors import UserError
from spikesweep.language import document as doc
from spikesweep.products.fingerprint import sha256
from spikesweep.products.slots import SlotPath
from spikesweep.sweepfile.sweep import Sweep
from spikesweep.sweepfile.trust import BOUNDARIES, SHARE, Trust
from spikesweep.tables.trust import REFINED_INDEX

AXIS = "refined"
DIGITS = 15  # of a number in NEURON's units, as everywhere
OF_SEGMENTS = 2.0  # order of NEURON's spatial discretisation (Hines and Carnevale 1997)


def with_sample(sweep: Sweep, place: str) -> Sweep:
    """Return a sweep whose trust is asked of a share, where nothing is counted that could change.

    Raises:
        UserError: boundaries are asked for by name all the same.
    """
    trust = sweep.trust
    if trust is None or trust.sample != BOUNDARIES or sweep.record.spikes:
        return sweep
    if "sample" in trust.model_fields_set:
        raise UserError(
            f"{place}: trust.sample: the sweep records no spikes, so no count can change; expected "
            "all, or a share such as 5%"
        )
    return sweep.model_copy(update={"trust": trust.model_copy(update={"sample": SHARE})})


def sampled(trust: Trust, keys: Sequence[str]) -> list[int]:
    """Return the simulations that run again, ascending.

    Which they are follows from their keys and the seed: so a sweep that grows keeps most of them.
    """
    return sorted(_drawn(trust, keys)[: trust.number(len(keys))])


def _drawn(trust: Trust, keys: Sequence[str]) -> list[int]:
    return sorted(range(len(keys)), key=lambda i: (sha256(f"{trust.seed} {keys[i]}"), i))


def refinements(trust: Trust) -> dict[str, tuple[str, float]]:
    """Return name -> what is refined, and by which factor: "dt/2" -> ("dt", 0.5)."""
    return {
        **{_part("dt", factor): ("dt", factor) for factor in trust.steps},
        **{f"nseg*{fold}": ("nseg", float(fold)) for fold in trust.folds},
    }


def times_as_long(trust: Trust) -> list[float]:
    """Return how many times as long each refinement's simulations take: by their steps, or their
    segments."""
    return [1 / factor if what == "dt" else factor for what, factor in refinements(trust).values()]


def _part(name: str, factor: float) -> str:
    whole = round(1 / factor)
    return f"{name}/{whole}" if abs(whole * factor - 1) < 1e-9 else f"{name}*{factor:g}"


def described(
    trust: Trust,
    keys: Sequence[str],
    protocol: doc.Protocol,
    addresses: Callable[[Iterable[int]], str],
) -> dict[str, Any]:
    """Return what recipes say of what is compared, and of what runs alone, as plain JSON.

    Args:
        keys: of the sweep's simulations. addresses: of what is recorded of some.
    """
    chosen = sampled(trust, keys)
    alone = sorted(_drawn(trust, keys)[: min(trust.alone, len(chosen))])
    of_steps = 2.0 if protocol.get("secondorder") else 1.0
    orders = {"dt": of_steps} if trust.steps else {}
    if trust.folds:
        orders["nseg"] = OF_SEGMENTS
    relative = [
        [name, what, factor if what == "dt" else 1 / factor]
        for name, (what, factor) in refinements(trust).items()
    ]
    compared = {
        "simulations": None if trust.sample == BOUNDARIES else chosen,
        "of": trust.of,
        "refinements": relative,
        "orders": orders,
        "tolerance": trust.tolerance,
        "is_all": trust.sample != BOUNDARIES and len(chosen) == len(keys),
        "sample": (
            "those near a change of count or class"
            if trust.sample == BOUNDARIES
            else f"a sample of {trust.sample}, seed {trust.seed}"
        ),
    }
    asked = {
        "simulations": alone,
        "keys": [keys[i] for i in alone],
        "items": addresses(alone),
    }
    return {"trust": compared, "alone": asked}


def companion_sweep(sweep: Sweep) -> Sweep:
    """Return a sweep of which nothing is asked but the statistics."""
    statistics = sweep.statistics.model_copy(update={"replicates": []})
    left_out: dict[str, Any] = {"trust": None, "sensitivity": None, "accept": None, "figures": []}
    explorer = sweep.explorer.model_copy(update={"off": True})
    return sweep.model_copy(update={**left_out, "statistics": statistics, "explorer": explorer})


def companion_combination(trust: Trust, of: Combination, chosen: Sequence[int]) -> Combination:
    """Return all refinements of each simulation that is chosen, one behind the other, labelled with
    its number."""
    names = tuple(refinements(trust))
    axes = (*of.axes, AxisValues(AXIS, "", "what is refined", names))
    rows = [(*of.rows[i], place) for i in chosen for place in range(len(names))]
    label = Label(REFINED_INDEX, tuple(i for i in chosen for _ in names))
    return Combination("table", axes, rows, (label,))


def companion_template(trust: Trust, template: Template, place: str) -> Template:
    """Return the document of a sweep with room for what is refined.

    Raises:
        UserError: the model has no such thing, or its own code decides it.
    """
    document = deepcopy(template.document)
    _check(trust, document, place)
    effects = dict(_effects(trust, document))
    slots = {slot.path: slot for slot in template.slots}
    for path, effect in effects.items():
        known = slots.get(path) or Slot(path, _at(document, path), ())
        slots[path] = replace(known, effects=(*known.effects, effect))
    in_order = tuple(slots[path] for path in sorted(slots, key=str))
    return replace(template, document=document, slots=in_order)


def _effects(trust: Trust, document: doc.Document) -> Iterator[tuple[SlotPath, Effect]]:
    factors = refinements(trust)
    if trust.steps:
        yield ("protocol", "dt"), _multiplied(factors, "dt")
    if trust.folds:
        for name, cell in document["cells"].items():
            if "segments" in cell:
                cell["fold"] = 1
                yield ("cells", name, "fold"), _multiplied(factors, "nseg")


def _multiplied(factors: dict[str, tuple[str, float]], what: str) -> Effect:
    def apply(value: float, name: Value) -> float:
        refined, factor = factors[str(name)]
        if refined != what:
            return value
        return value * int(factor) if what == "nseg" else float(f"{value * factor:.{DIGITS}g}")

    return Effect((AXIS,), apply, CHANGES)


def _at(document: Any, path: SlotPath) -> Any:
    for key in path:
        document = document[key]
    return document


def _check(trust: Trust, document: doc.Document, place: str) -> None:
    if trust.steps and "cvode" in document["protocol"]:
        raise UserError(
            f"{place}.dt: cvode chooses its own steps; expected protocol.dt, or no trust.dt"
        )
    if trust.folds:
        for name, cell in document["cells"].items():
            if "segments" not in cell:
                raise UserError(
                    f"{place}.nseg: the code of {name} divides its own sections; expected trust.dt "
                    "alone, and an axis that sets what the code makes segments by"
                )
            by_name = [*cell.get("sets", {}), *cell.get("scales", {})]
            if found := [target for target in by_name if target.endswith(".nseg")]:
                raise UserError(
                    f"{place}.nseg: {name} sets {found[0]} once it is built; expected its segments "
                    "under spatial, or trust.dt alone"
                )
