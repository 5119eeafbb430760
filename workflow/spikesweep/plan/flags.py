"""What is looked at for flags: which potentials, and when the first stimulus begins."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spikesweep.document.axes.template import Template
from spikesweep.document.remarks import BEGINS
from spikesweep.language import document as doc
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.mechanisms.mechanism import Mechanism
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.slots import SlotPath
from spikesweep.sweepfile.flags import Flags

# They change nothing by themselves: what watches, and synapses, which wait for events.
WATCHING = ("APCount", "PointProcessMark")
Columns = Mapping[SlotPath, Sequence[Any]]


def watched(
    asked: Flags,
    potentials: Sequence[str],
    template: Template,
    columns: Sequence[Sequence[Any]],
    catalogue: Catalogue,
) -> dict[str, Any]:
    """Return what is looked at, as plain JSON.

    Args:
        potentials: the traces of membrane potentials.
        columns: what axes put in each slot of the template, a value a simulation.

    Returns:
        `rest`: the trace of which the drift is looked at, '' for none. `onset`: when the first
        stimulus begins (ms), or one a simulation; None where that is not known, or at once. `ends`:
        site -> trace and threshold (mV), or one a simulation, where the two stand at one place; of
        several traces the one with the finest samples.
    """
    slots = {slot.path: column for slot, column in zip(template.slots, columns, strict=True)}
    document = template.document
    onset = _onset(document["protocol"], slots, catalogue) if asked.drift is not None else None
    return {
        "rest": potentials[0] if potentials and onset is not None else "",
        "onset": onset,
        "ends": _ends(document, potentials, slots) if asked.spike_at_end else {},
    }


def flags_recipe(asked: Flags, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what recipes say of flags: what is asked, and what is looked at."""
    return {**asked.model_dump(mode="json"), "watched": _short(found)}


def _short(found: Any) -> Any:
    """Return what is looked at; of values of each simulation their fingerprint."""
    if isinstance(found, Mapping):
        return {name: _short(one) for name, one in found.items()}
    return {"each": fingerprint(found)} if isinstance(found, list) else found


def _onset(
    protocol: doc.Protocol, slots: Columns, catalogue: Catalogue
) -> float | list[float] | None:
    """Return when the first stimulus begins (ms): of what begins at once, and of what is not known
    to begin later, 0 is left out as None."""
    if protocol.get("play") or not protocol["processes"]:
        return None
    begins: list[float | Sequence[float]] = []
    for name, process in protocol["processes"].items():
        begins += _begins(name, process, slots, catalogue.known[process["type"]])
    each = [one for one in begins if not isinstance(one, float)]
    fixed = min((one for one in begins if isinstance(one, float)), default=float("inf"))
    if not each:
        return fixed if 0 < fixed < float("inf") else None
    onsets = [float(min(fixed, *of_one)) for of_one in zip(*each, strict=True)]
    if max(onsets) <= 0:
        return None
    return onsets if len(set(onsets)) > 1 else onsets[0]


def _begins(
    name: str, process: doc.Process, slots: Columns, mechanism: Mechanism
) -> Iterator[float | Sequence[float]]:
    """Yield when a process begins (ms), or when it does in each simulation; nothing of one that
    does nothing by itself."""
    where = ("protocol", "processes", name)
    if any(path[:3] == where and path[3] in ("type", "times") for path in slots):
        yield 0.0
    elif "times" in process:
        yield float(min((times[0] for times in process["times"] if times), default=0.0))
    elif begin := next((one for one in BEGINS if one in mechanism.parameters), None):
        path = (*where, "parameters", begin)
        given = process["parameters"].get(begin, mechanism.parameters[begin].default or 0.0)
        yield slots[path] if path in slots else _number(given)
    elif process["type"] not in WATCHING and not (mechanism.receives and "at" in process):
        yield 0.0


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _ends(
    document: doc.Document, potentials: Sequence[str], slots: Columns
) -> dict[str, dict[str, Any]]:
    """Return of each spike site the trace of its potential, if there is one, and the threshold."""
    record: Mapping[str, Any] = document["record"]
    moved = {path[:3] for path in slots if path[0] == "record" and path[-1] != "threshold"}
    found = {}
    for site, spikes in record["spikes"].items():
        same = [
            name
            for name in potentials
            if record["traces"][name]["at"] == spikes.get("at")
            and not moved & {("record", "traces", name), ("record", "spikes", site)}
        ]
        if same:
            path = ("record", "spikes", site, "threshold")
            threshold = list(slots[path]) if path in slots else spikes["threshold"]
            finest = min(same, key=lambda name: _every(record["traces"][name]))
            found[site] = {"trace": finest, "threshold": threshold}
    return found


def _every(trace: doc.Trace) -> float:
    """Return the interval of a trace's samples (ms), 0 of one that has every step."""
    return 0.0 if trace["every"] == "step" else float(trace["every"])
