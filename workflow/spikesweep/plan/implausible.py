"""Numbers that can be, and are hardly meant: notes of a plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

from spikesweep.errors import UserError
from spikesweep.language.names import base
from spikesweep.language.units import NEURON_UNITS, convert, normal_unit
from spikesweep.plan.products import Plan
from spikesweep.plan.units import units_of
from spikesweep.products.slots import SlotPath

UM_PER_MM = 1000
# um. A squid's giant axon is up to 1 mm thick, as are the largest somata, of sea slugs; dendrites
# end within millimetres; the axons of a leg are 1 m long.
THICKEST = 1_000.0
LONGEST = {
    "soma": ("soma", 1_000.0),
    "basal": ("basal dendrite", 10_000.0),
    "apical": ("apical dendrite", 10_000.0),
}
LONGEST_OF_ALL = ("part of a neuron", 1_000_000.0)
THINNEST = 0.01  # um; the membrane alone is 0.005 um thick
DENSEST = 10.0  # S/cm2; nodes of Ranvier have about 1
HIGHEST = 100.0  # mV, beyond the equilibrium potential of sodium
_CONDUCTANCES = ("uS", "S/cm2")
# Of these it is known without a conversion, whose registry takes longer than the rest of a plan.
_DENSITIES = {normal_unit("S/cm2"), normal_unit("mho/cm2")}
_OF_NEURON = {normal_unit(unit): unit in _CONDUCTANCES for unit in NEURON_UNITS} | {"": False}


class Written(NamedTuple):
    """What stands at a path of the document, a number or several, and its key in the sweep file."""

    path: SlotPath
    key: str
    value: Any


@dataclass(frozen=True)
class Varied:
    """What axes set: of each path of the document the axis, and its values in all simulations."""

    by_axes: Mapping[SlotPath, tuple[str, Sequence[Any]]]

    def key(self, one: Written) -> str:
        """Return where a number is written: its key, or behind the axis that sets it."""
        axis, _ = self.by_axes.get(one.path, ("", ()))
        return f"axes.{axis}: {one.key}" if axis else one.key

    def numbers(self, one: Written) -> list[float]:
        """Return the least and the greatest number in any simulation; nothing of expressions."""
        _, values = self.by_axes.get(one.path, ("", [one.value]))
        flat = (
            each for value in values for each in (value if isinstance(value, list) else [value])
        )
        found = [number for number in flat if isinstance(number, int | float)]
        return [min(found), max(found)] if found else []


def implausible(plan: Plan, place: str) -> list[str]:
    """Return notes, a sentence each: of sizes that no part of a neuron has, of conductances, time
    constants, thresholds and events that are hardly meant, and of potentials that a drug scales; of
    what axes set as well."""
    document = plan.template.document
    slots = zip(plan.template.slots, plan.columns, strict=True)
    varied = Varied({slot.path: (slot.axes[0], column) for slot, column in slots})
    units = plan.catalogue.parameter_units(plan.mechanisms)
    of_weights = units_of(document, plan.sweep, plan.catalogue)["weights"]
    notes = [
        *(said for one, region in _sizes(document) for said in _of_size(varied, one, region)),
        *(
            said
            for one, unit in _parameters(document, units)
            for judge in (_below, _beyond, _no_time_constant)
            for said in judge(varied, one, unit)
        ),
        *(
            f"{said}. A synapse inhibits by its reversal potential, not by a weight below 0"
            for one, unit in _weights(document, of_weights)
            for said in _below(varied, one, unit)
        ),
        *(said for one in _thresholds(document) for said in _never_reached(varied, one)),
        *(said for one in _net_stims(document) for said in _of_events(varied, one)),
        *_scaled_potentials(plan),
    ]
    return [f"{place}: {note}" for note in dict.fromkeys(notes)]  # copies of a cell have the same


def _of_size(varied: Varied, one: Written, region: str | None) -> Iterator[str]:
    """Yield notes on a length or a diameter (um)."""
    is_length = one.path[-1] == "L"
    known, most = LONGEST.get(region or "", LONGEST_OF_ALL)
    if not is_length:
        known, most = LONGEST_OF_ALL[0], THICKEST
    for size in varied.numbers(one):
        if size > most:
            yield (
                f"{varied.key(one)}: {size:,.10g} um, which is {size / UM_PER_MM:,.10g} mm: no "
                f"{known} is {'longer' if is_length else 'thicker'} than {most / UM_PER_MM:,g} mm"
            )
        elif size < THINNEST and not is_length:
            yield (
                f"{varied.key(one)}: {size:g} um: the membrane on both sides alone is "
                f"{THINNEST:g} um thick"
            )


def _below(varied: Varied, one: Written, unit: str) -> Iterator[str]:
    """Yield a note on a conductance below 0."""
    lowest = min(varied.numbers(one), default=0.0)
    if lowest < 0 and _is_conductance(unit):
        yield (
            f"{varied.key(one)}: {lowest:g} {unit}, a conductance below 0, which drives the "
            "membrane away from the reversal potential"
        )


def _beyond(varied: Varied, one: Written, unit: str) -> Iterator[str]:
    """Yield a note on a density of conductance that no membrane has."""
    most = max(varied.numbers(one), default=0.0)
    if normal_unit(unit) in _DENSITIES and most > DENSEST:
        yield (
            f"{varied.key(one)}: {most:g} S/cm2: no membrane has more than {DENSEST:g} S/cm2; with "
            f"its unit, such as {most:g} mS/cm2, it is converted"
        )


def _no_time_constant(varied: Varied, one: Written, unit: str) -> Iterator[str]:
    """Yield a note on a time constant of a process of 0 or below."""
    lowest = min(varied.numbers(one), default=1.0)
    is_one = one.path[0] == "protocol" and unit == "ms" and str(one.path[-1]).startswith("tau")
    if is_one and lowest <= 0:
        yield f"{varied.key(one)}: {lowest:g} ms, which is no time constant: expected one above 0"


def _never_reached(varied: Varied, one: Written) -> Iterator[str]:
    """Yield a note on a threshold that no membrane potential rises through."""
    highest = max(varied.numbers(one), default=0.0)
    if highest > HIGHEST:
        yield (
            f"{varied.key(one)}: {highest:g} mV: no neuron's potential rises above {HIGHEST:g} mV, "
            "so that no spike will be found"
        )


def _of_events(varied: Varied, one: Written) -> Iterator[str]:
    """Yield notes on the interval and the number of a NetStim's events."""
    for number in varied.numbers(one):
        if one.path[-1] == "interval" and number <= 0:
            yield f"{varied.key(one)}: {number:g} ms, in place of which NEURON takes 0.01 ms"
        if one.path[-1] == "number" and number != int(number):
            yield (
                f"{varied.key(one)}: {number:g} events are no whole number: NEURON makes "
                f"{ceil(number)}"
            )


def _scaled_potentials(plan: Plan) -> Iterator[str]:
    """Yield notes on reversal potentials that a drug scales as if they were conductances."""
    for name, known in plan.template.axes.items():
        for text, target in zip(known.axis.targets, known.targets, strict=True):
            if known.axis.drug and normal_unit(target.unit or "") == "mV":
                yield (
                    f"axes.{name}.drug.scales: {text} is a potential (mV), which a drug that "
                    "blocks would move towards 0 mV; expected a conductance"
                )


def _sizes(document: Any) -> Iterator[tuple[Written, str | None]]:
    """Yield lengths and diameters of sections that the sweep file writes, with their region."""
    for cell, of in document["cells"].items():
        where: SlotPath = ("cells", cell)
        place = f"model.cells.{base(cell)}"
        for name, section in of.get("sections", {}).items():
            path: SlotPath = (*where, "sections", name)
            key = f"{place}.sections.{name}"
            for size in {"L", "diam"} & section.keys():
                yield Written((*path, size), f"{key}.{size}", section[size]), section["region"]
            diameters = [point[-1] for point in section.get("points", ())]
            yield Written((*path, "points"), f"{key}.points", diameters), section["region"]
        axon = of.get("axon")
        for i, cylinder in enumerate(axon["stub"] if isinstance(axon, Mapping) else ()):
            for size in ("L", "diam"):
                path, key = (*where, "axon", "stub", i, size), f"{place}.axon.stub[{i}].{size}"
                yield Written(path, key, cylinder[size]), "axon"


def _parameters(document: Any, units: Mapping[str, str]) -> Iterator[tuple[Written, str]]:
    """Yield the parameters of mechanisms and processes, with their units."""
    for cell, of in document["cells"].items():
        for i, rule in enumerate(of.get("biophysics", ())):
            for mechanism, given in rule.get("insert", {}).items():
                for name, value in given.items():
                    path: SlotPath = ("cells", cell, "biophysics", i, "insert", mechanism, name)
                    parameter = f"{mechanism}.{name}"
                    key = f"model.cells.{base(cell)}: {parameter}"
                    yield Written(path, key, value), units.get(parameter, "")
    for process, of in document["protocol"]["processes"].items():
        for name, value in of["parameters"].items():
            path = ("protocol", "processes", process, "parameters", name)
            key = f"protocol.processes.{process}.{name}"
            yield Written(path, key, value), units.get(f"{of['type']}.{name}", "")


def _thresholds(document: Any) -> Iterator[Written]:
    """Yield the thresholds of spikes, of features and of connections, all of potentials (mV)."""
    for kind in ("spikes", "features"):
        for name, of in document["record"].get(kind, {}).items():
            path: SlotPath = ("record", kind, name, "threshold")
            if "at" in of and "threshold" in of:
                yield Written(path, f"record.{kind}.{base(name)}.threshold", of["threshold"])
    for name, of in document["protocol"]["connections"].items():
        path = ("protocol", "connections", name, "threshold")
        if "threshold" in of:
            yield Written(path, f"protocol.connections.{name}.threshold", of["threshold"])


def _net_stims(document: Any) -> Iterator[Written]:
    """Yield when and how many events the NetStims of a protocol make."""
    for name, of in document["protocol"]["processes"].items():
        for parameter in {"interval", "number"} & of["parameters"].keys():
            if of["type"] == "NetStim":
                path = ("protocol", "processes", name, "parameters", parameter)
                key = f"protocol.processes.{name}.{parameter}"
                yield Written(path, key, of["parameters"][parameter])


def _weights(document: Any, units: Mapping[str, list[str]]) -> Iterator[tuple[Written, str]]:
    """Yield the weights of connections, with the units that their processes declare."""
    for name, of in document["protocol"]["connections"].items():
        path: SlotPath = ("protocol", "connections", name, "weight")
        key, weight, own = f"protocol.connections.{name}.weight", of["weight"], units.get(name, [])
        if not isinstance(weight, list):
            yield Written(path, key, weight), own[0] if own else ""
            continue
        for i, (value, unit) in enumerate(zip(weight, own, strict=False)):
            yield Written((*path, i), f"{key}[{i}]", value), unit


def _is_conductance(unit: str) -> bool:
    known = _OF_NEURON.get(normal_unit(unit))
    if known is not None:
        return known
    for conductance in _CONDUCTANCES:
        try:
            convert(1.0, unit, conductance, "")
        except UserError:
            continue
        return True
    return False
