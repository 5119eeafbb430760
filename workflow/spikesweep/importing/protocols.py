"""BluePyOpt's protocols.json: steps of current, what else is recorded, and targets for features."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikesweep.document.recording import feature_units
from spikesweep.errors import listing
from spikesweep.importing.draft import Draft
from spikesweep.importing.stimuli import steps
from spikesweep.importing.text import mapping, mappings, read_json

Clamp = tuple[float, float, float]  # delay and duration (ms), amplitude (nA)
SQUARE = (None, "SquarePulse", "NrnSquarePulse")  # `type` of a stimulus, where it has one
_VARIABLE = re.compile(r"v|i(?:na|k|ca)|(?:na|k|ca)[io]|e(?:na|k|ca)")
_FEATURE_KEYS = ("efel_feature_name", "feature")  # of BluePyEfe, the better one first
Z = 2.0  # standard deviations that the written criteria allow


@dataclass(frozen=True)
class Steps:
    """A protocol: a step of current, and what flows beside it.

    step, tstop: ms. others: the other currents, each all along or not.
    """

    delay: float
    duration: float
    tstop: float
    others: tuple[Clamp, ...]


def protocol_of(
    folder: Path, at: str, start: Mapping[str, float], regions: Mapping[str, str],
    candidate: tuple[str, float] | None, draft: Draft,
) -> dict[str, Any]:  # fmt: skip
    """Return protocol, record, criteria, axes and figures: of the most protocols that differ in the
    amplitude of their step alone, or a guess. Notes name all that is left out.

    Args:
        at: where currents go in. regions: BluePyOpt's names of sections -> the cell's.
        candidate: what an axis may set of the model, and the value there.
    """
    written = {
        name: protocol
        for path in sorted(folder.rglob("protocols.json"))
        for name, protocol in mapping(read_json(path), path).items()
    }
    chosen, amps = _alike(written, draft)
    if chosen is None:
        draft.notes.append("the step of current is a guess")
        sweep = steps(at, start, amps=[0.1, 0.2, 0.4], delay=200, dur=1000, tstop=1400)
    else:
        others = dict(_named(chosen))
        times = {"delay": chosen.delay, "dur": chosen.duration, "tstop": chosen.tstop}
        sweep = steps(at, start, sorted(set(amps.values())), **times, others=others)
    places = {"soma": f"{at}.v", "soma.v": f"{at}.v"}
    for name in amps:
        places |= _recorded(name, written[name], regions, sweep["record"]["traces"], draft)
    targets = _targets(folder, amps, places, draft)
    if targets and candidate is not None:
        _accept(targets, amps, places, candidate, sweep, draft)
    elif targets:
        draft.notes.append("targets are not carried over: there is no parameter to vary")
    return sweep


# ---- stimuli -----------------------------------------------------------------------------------


def _alike(written: Mapping[str, Any], draft: Draft) -> tuple[Steps | None, dict[str, float]]:
    """Return the most protocols that differ in the amplitude of the step alone, with these."""
    found: dict[Steps, dict[str, float]] = {}
    for name, protocol in written.items():
        try:
            key, amp = _steps(protocol["stimuli"])
            found.setdefault(key, {})[name] = amp
        except (KeyError, TypeError, ValueError, IndexError):
            draft.notes.append(f"protocol {name}: other stimuli than steps; not carried over")
    if not found:
        return None, {}
    chosen = max(found, key=lambda key: len(found[key]))
    for key, names in found.items():
        if key != chosen:
            draft.notes.append(
                f"protocol {listing(names)}: a step at {key.delay:g} ms for {key.duration:g} ms"
                f"{' beside other currents' if key.others else ''} is not carried over: one sweep "
                f"has steps of one kind, here those of {listing(found[chosen])}"
            )
    return chosen, found[chosen]


def _steps(stimuli: list[Mapping[str, Any]]) -> tuple[Steps, float]:
    """Return what a protocol's stimuli are, and the amplitude of its step: the first current that
    does not flow all along."""
    if not all(isinstance(one, dict) and one.get("type") in SQUARE for one in stimuli):
        raise ValueError
    clamps = [tuple(float(one[key]) for key in ("delay", "duration", "amp")) for one in stimuli]
    ends = [float(one["totduration"]) for one in stimuli if "totduration" in one]
    tstop = max(ends or [delay + duration for delay, duration, _ in clamps])
    place = next((i for i, one in enumerate(clamps) if not _all_along(one, tstop)), 0)
    delay, duration, amp = clamps.pop(place)
    others = tuple((delay, duration, amp) for delay, duration, amp in clamps)
    return Steps(delay, duration, tstop, others), amp


def _all_along(clamp: tuple[float, ...], tstop: float) -> bool:
    delay, duration, _ = clamp
    return delay <= 0 and delay + duration >= tstop


def _named(protocol: Steps) -> Iterator[tuple[str, Clamp]]:
    """Yield the currents beside the step: what flows all along is the holding current."""
    number = {"holding": 0, "beside": 0}
    for clamp in protocol.others:
        word = "holding" if _all_along(clamp, protocol.tstop) else "beside"
        number[word] += 1
        yield word if number[word] == 1 else f"{word}{number[word]}", clamp


# ---- recordings --------------------------------------------------------------------------------


def _recorded(
    name: str,
    protocol: Mapping[str, Any],
    regions: Mapping[str, str],
    traces: dict[str, Any],
    draft: Draft,
) -> dict[str, str]:
    """Add a protocol's extra recordings to the traces; return what potentials they are of, by
    BluePyOpt's names of them."""
    found = {}
    recordings = protocol.get("extra_recordings", ())
    for one in mappings(recordings, f"protocol {name}: extra_recordings"):
        called, variable = str(one.get("name")), str(one.get("var", "v"))
        place = _place(one, regions)
        if place is None or not _VARIABLE.fullmatch(variable):
            draft.notes.append(
                f"recording {called} of protocol {name}, {variable} by {one.get('type')}, is not "
                "carried over"
            )
            continue
        trace = _name(called if variable == "v" else f"{called}_{variable}")
        traces[trace] = {"of": f"{place}.{variable}", "every": 0.1}
        if variable == "v":
            found[f"{called}.v"] = f"{place}.v"
    return found


def _place(one: Mapping[str, Any], regions: Mapping[str, str]) -> str | None:
    """Return a place as sweep files write it; None of a kind that they do not know."""
    region = regions.get(str(one.get("seclist_name")))
    try:
        if region is not None and one["type"] == "somadistance":
            return f"cell.{region}(distance={float(one['somadistance']):g})"
        if region is not None and one["type"] == "nrnseclistcomp":
            return f"cell.{region}[{int(one['sec_index'])}]({float(one['comp_x']):g})"
    except (KeyError, TypeError, ValueError):
        pass
    return None


def _name(text: str) -> str:
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return name if name[:1].isalpha() and name != "v" else f"at_{name}"


# ---- features and their targets ----------------------------------------------------------------

Targets = dict[str, dict[str, dict[str, list[float]]]]  # protocol, place, feature -> mean and SD


def _targets(
    folder: Path, amps: Mapping[str, float], places: Mapping[str, str], draft: Draft
) -> Targets:
    """Return the targets that a sweep can hold itself to; notes name the others."""
    found: Targets = {}
    for path in sorted(folder.rglob("features.json")):
        for protocol, of_protocol in mapping(read_json(path), path).items():
            if protocol not in amps:
                draft.notes.append(
                    f"targets of protocol {protocol} are not carried over, as it is not"
                )
                continue
            for place, written in mapping(of_protocol, f"{path}: {protocol}").items():
                if place not in places:
                    draft.notes.append(
                        f"targets of {protocol}.{place} are not carried over: nothing is recorded "
                        "there"
                    )
                    continue
                for feature, numbers in _pairs(written):
                    where = f"target {feature} of {protocol}.{place}"
                    if not _is_target(numbers):
                        draft.notes.append(f"{where}, {numbers}, has no mean and SD above 0")
                    elif feature not in feature_units():
                        draft.notes.append(f"{where} is not carried over: no feature of one trace")
                    else:
                        there = found.setdefault(protocol, {}).setdefault(place, {})
                        there[feature] = [float(number) for number in numbers]
    return found


def _pairs(written: Any) -> Iterator[tuple[str, Any]]:
    """Yield feature and [mean, SD], of {feature: [mean, sd]} or [{feature, val: [mean, sd]}]."""
    if isinstance(written, dict):
        yield from written.items()
        return
    for one in written if isinstance(written, list) else ():
        if isinstance(one, dict):
            yield str(next((one[k] for k in _FEATURE_KEYS if k in one), None)), one.get("val")


def _is_target(numbers: Any) -> bool:
    try:
        mean, sd = map(float, numbers)
    except (TypeError, ValueError):
        return False
    return abs(mean) < float("inf") and 0 < sd < float("inf")


def _accept(
    targets: Targets, amps: Mapping[str, float], places: Mapping[str, str],
    candidate: tuple[str, float], sweep: dict[str, Any], draft: Draft,
) -> None:  # fmt: skip
    """Have a sweep record the features, and accept candidates that are near their targets."""
    file = Path("targets", f"{draft.name}.json")
    draft.take_json(file, targets)
    written = dict.fromkeys(place for of in targets.values() for place in of)
    called = {place: f"f_{_name(place.removesuffix('.v'))}" for place in written}
    sweep["record"]["features"] = {
        name: {
            "of": places[place],
            "names": sorted({f for of in targets.values() for f in of.get(place, {})}),
            "window": "step",
            "threshold": -20,
        }
        for place, name in called.items()
    }
    protocols = {name: {"amp": amps[name]} for name in targets}
    sweep["accept"] = {
        "targets": {"file": str(file), "z": Z, "protocols": protocols, "places": called}
    }
    target, value = candidate
    axis = _name("_".join(reversed(target.split(".")[1:])))
    sweep["axes"][axis] = {"values": [value], "sets": target}
    draft.notes += [
        f"targets are criteria of `accept`: within {Z:g} standard deviations, which is a guess",
        f"the axis {axis} has the model's own value alone: one candidate; more values, or axes, "
        "make a population",
    ]
