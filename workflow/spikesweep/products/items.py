"""Items: what is recorded of a simulation, each with an address of its own.

An address follows from what is recorded, where, how, and from the code that records: not from the
name that a sweep gives it. So a result is found by whoever asks for the same, and an item that
fails takes nothing else with it.

    t-<digest>@<every>      a trace: variable and place, precision; on a grid of so many ms, or step
    v-<digest>              a movie: variable, region and grid, window, limit, precision
    s-<digest>              spikes: detector's place, threshold and convention
    f-<digest>_<feature>    a feature: its potential, window, threshold and interval; eFEL's version
    m-<digest>_<measure>    a measure of a trace: its variable, window and interval
    d-<digest>_distance     a path distance between two places
    z-<digest>_<measure>    an impedance: its places, and in which state; SciPy's version
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from spikesweep.products.fingerprint import canonical_json, sha256
from spikesweep.products.physics import Names, Physics, names_back, renamed_places
from spikesweep.products.slots import SlotPath, fill

DIGITS = 24
_PACKAGES = {"f": "efel", "z": "scipy"}  # by which such an item is computed
_GRID_TOLERANCE = 1e-6  # of a whole number of samples


class Members:
    """The simulations of a sweep, as they are run and as the store knows them.

    Args:
        document: of the sweep, with a person's names.
        paths: of its slots. Values of slots are given as canonical JSON.
    """

    def __init__(self, document: Mapping[str, Any], paths: Sequence[SlotPath] = ()):
        self._document, self._paths = document, list(paths)
        self._of_record = [i for i, path in enumerate(paths) if path[0] == "record"]
        self._alike: dict[tuple[str, ...], _Alike] = {}

    def key(self, values: Sequence[str] = ()) -> str:
        """Return the key of a simulation."""
        alike, rest = self._split(values)
        return alike.physics.key(rest)

    def items(self, values: Sequence[str] = ()) -> "Items":
        """Return what is recorded of a simulation; mostly the same for all."""
        alike, rest = self._split(values)
        return alike.items(rest)

    def document(self, values: Sequence[str] = ()) -> dict[str, Any]:
        """Return what is simulated, and what is recorded of it."""
        alike, rest = self._split(values)
        return alike.physics.document(rest) | {"record": alike.items(rest).record}

    def _split(self, values: Sequence[str]) -> tuple["_Alike", Sequence[str]]:
        """Return the simulations with the same values in slots of the record, such as thresholds;
        and the values in all other slots."""
        recorded = tuple(values[i] for i in self._of_record)
        if recorded not in self._alike:
            at = [self._paths[i] for i in self._of_record]
            document = fill(self._document, at, list(map(json.loads, recorded)))
            self._alike[recorded] = _Alike(document, self._without(self._paths))
        return self._alike[recorded], self._without(values) if self._of_record else values

    def _without(self, slots: Sequence[Any]) -> list[Any]:
        return [one for i, one in enumerate(slots) if i not in self._of_record]


class _Alike:
    """Simulations of which the same is recorded, by a person's names."""

    def __init__(self, document: Mapping[str, Any], paths: Sequence[SlotPath]):
        self.physics = Physics(document, paths)
        self._record, self._recording = document["record"], document.get("recording", {})
        self._items: dict[int, Items] = {}

    def items(self, values: Sequence[str]) -> "Items":
        names = self.physics.names(values)
        if id(names) not in self._items:  # the names live as long as what made them
            self._items[id(names)] = Items(self._record, self._recording, names)
        return self._items[id(names)]


class Items:
    """What one sweep records, by the names of the key.

    Args:
        record: of a document, with a person's names.
        recording: what records: the hash of its code, and the versions of packages that compute
            some of what is asked for.
    """

    def __init__(self, record: Mapping[str, Any], recording: Mapping[str, str], names: Names):
        self._precision, self.names = record["precision"], names
        self._recording = recording
        placed = {
            kind: {name: renamed_places("record", one, names) for name, one in named.items()}
            for kind, named in record.items()
            if kind != "precision"
        }
        self.traces = {name: self._trace(trace) for name, trace in placed["traces"].items()}
        self.movies = {
            name: self._digest("v", {**one, "precision": self._precision})
            for name, one in placed.get("movies", {}).items()
        }
        self.spikes = {name: self._digest("s", one) for name, one in placed["spikes"].items()}
        wanted = placed.get("features", {})
        self._settings = {name: self._setting(one) for name, one in wanted.items()}
        self.features = {
            f"{name}_{feature}": f"{self._settings[name]}_{feature}"
            for name, one in wanted.items()
            for feature in one["names"]
        }
        self._placed = placed

    @cached_property
    def addresses(self) -> frozenset[str]:
        """The addresses of all that is asked for."""
        named = (self.traces, self.movies, self.spikes, self.features)
        return frozenset(address for one in named for address in one.values())

    @cached_property
    def record(self) -> dict[str, Any]:
        """What is to be recorded, for a simulation: by addresses in place of names."""
        record = {
            "precision": self._precision,
            "traces": {self.traces[n]: one for n, one in sorted(self._placed["traces"].items())},
            "spikes": {self.spikes[n]: one for n, one in sorted(self._placed["spikes"].items())},
        }
        if movies := self._placed.get("movies"):
            record["movies"] = {self.movies[n]: one for n, one in sorted(movies.items())}
        features: dict[str, dict[str, Any]] = {}
        for name, one in self._placed.get("features", {}).items():
            known = features.setdefault(self._settings[name], {**one, "names": []})
            known["names"] = sorted({*known["names"], *one["names"]})
        return record | ({"features": features} if features else {})

    def first_failure(
        self, status: str, message: str, failures: Mapping[str, Sequence[str]]
    ) -> tuple[str, str]:
        """Return status and message of what first went wrong of all that is asked for, or "ok".

        Args:
            status, message: of the simulation itself.
            failures: of items, "traces/<address>" -> status and message.
        """
        if status != "ok":
            return status, names_back(message, self.names)
        kinds = {
            "traces": self.traces | self.movies,
            "spikes": self.spikes,
            "features": self.features,
        }
        for kind, named in kinds.items() if failures else ():
            held = {name.partition("/")[2] for name in failures if name.startswith(f"{kind}/")}
            for name, address in named.items():
                if source := source_of(held, address):
                    status, message = failures[f"{kind}/{source}"]
                    words = f"{name} {message}" if status == "not_finite" else message
                    return status, names_back(words, self.names)
        return "ok", ""

    def _trace(self, trace: Mapping[str, Any]) -> str:
        source = {name: value for name, value in trace.items() if name != "every"}
        digest = self._digest("t", {**source, "precision": self._precision})
        return f"{digest}@{_interval(trace['every'])}"

    def _setting(self, wanted: Mapping[str, Any]) -> str:
        kind = "z" if "gating" in wanted else "f" if "threshold" in wanted else "m"
        if "variable" not in wanted and kind == "m":
            kind = "d"
        return self._digest(kind, {name: v for name, v in wanted.items() if name != "names"})

    def _digest(self, kind: str, item: Mapping[str, Any]) -> str:
        by = ("code", _PACKAGES.get(kind))
        recording = {name: value for name, value in self._recording.items() if name in by}
        return f"{kind}-{sha256(canonical_json([item, recording]))[:DIGITS]}"


def merged(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one simulation that records all that several of one key do."""
    first, *others = documents
    record = dict(first["record"])
    for other in others:
        for kind in ("traces", "movies", "spikes", "features"):
            more = other["record"].get(kind, {})
            if kind == "features":
                known = record.get(kind, {})
                more = {
                    name: {**one, "names": sorted({*one["names"], *known.get(name, one)["names"]})}
                    for name, one in more.items()
                }
            if both := record.get(kind, {}) | more:
                record[kind] = dict(sorted(both.items()))
    return first | {"record": record}


def holds(held: Iterable[str], asked: Iterable[str]) -> bool:
    """Return whether all that is asked for is among what is held, or follows from it."""
    held = held if isinstance(held, frozenset) else frozenset(held)
    return all(address in held or source_of(held, address) for address in asked)


def source_of(held: Collection[str], address: str) -> str | None:
    """Return the held address that answers: the same, or a trace of which the grid is finer."""
    return next(sources_of(held, address), None)


def sources_of(held: Collection[str], address: str) -> Iterator[str]:
    """Yield all held addresses that answer, the same first."""
    if address in held:
        yield address
    base = address.partition("@")[0]
    if base != address:
        for other in sorted(held):
            if other != address and other.partition("@")[0] == base and thinned(other, address):
                yield other


def thinned(held: str, asked: str) -> int:
    """Return of how many samples of a trace that is held one is a sample of what is asked for;
    0 if they are others."""
    fine, coarse = (address.partition("@")[2] for address in (held, asked))
    if fine == coarse:
        return 1
    if "step" in (fine, coarse):
        return 0
    ratio = float(coarse) / float(fine)
    times = round(ratio)
    return times if times and abs(ratio - times) <= _GRID_TOLERANCE * times else 0


def _interval(every: float | str) -> str:
    return every if isinstance(every, str) else repr(float(every))
