"""What a simulation came to."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MARGIN = 10.0  # mV below the threshold, where spikes are counted once more


def lower(site: str) -> str:
    """Return the name of the spikes of a site as a threshold lower by MARGIN counts them."""
    return f"{site}_lower"


def segments_of(movie: str) -> str:
    """Return the name of what says which segments a movie shows, which stands among the traces."""
    return f"{movie}_segments"


def all_values(feature: str) -> str:
    """Return the name of all values of a feature, which stand among the spikes."""
    return f"{feature}_values"


@dataclass(frozen=True)
class Result:
    """What one simulation came to; all that is a function of its key and of what is recorded.

    status: "ok", or "error", it could not be built, initialised or integrated, and has no data.
    message: what went wrong, or ''.
    traces: name -> (steps // stride + 1,) float32 or float64, in NEURON's units, sampled at
        t = 0, every, 2 every, ...; movies frame after frame, and `segments_of(movie)` -> which
        segments they show, see `recording.frames`.
    spikes: site -> (spikes,) float64, times in ms; `lower(site)` -> those that a lower threshold
        counts, where these are others; `all_values(feature)` -> (values,) of those of which all
        are kept.
    extremes: trace -> smallest and largest value over every step of integration.
    features: "<features>_<feature>" -> its value; undefined ones are left out.
    failures: "traces/v", "spikes/soma", "features/f_AHP_depth" -> status and message of what is
        not there: "error", such as an unknown variable, or "not_finite".
    held: the names of all that was asked for.
    trajectory: 64 hex digits, see `trajectory`.
    """

    key: str
    status: str = "ok"
    message: str = ""
    traces: "dict[str, np.ndarray]" = field(default_factory=dict)
    spikes: "dict[str, np.ndarray]" = field(default_factory=dict)
    extremes: dict[str, tuple[float, float]] = field(default_factory=dict)
    features: dict[str, float] = field(default_factory=dict)
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    trajectory: str = ""

    def all_failures(self) -> Iterator[tuple[str, str]]:
        """Yield status and message of all that went wrong, the simulation's own first."""
        if self.status != "ok":
            yield self.status, self.message
        for kind in ("traces", "spikes", "features"):
            for path, (status, message) in sorted(self.failures.items()):
                of, _, name = path.partition("/")
                if of == kind:
                    yield status, said(name, status, message)


def said(name: str, status: str, message: str) -> str:
    """Return in words what is wrong with an item, by the name that someone has for it."""
    return f"{name} {message}" if status == "not_finite" else message


def digest(result: Result) -> str:
    """Return the SHA-256 of all that a result says: equal exactly if every bit is."""
    import numpy as np  # here: a run's summary asks for MARGIN alone

    head = (result.status, result.message, result.trajectory, sorted(result.failures.items()))
    content = hashlib.sha256(repr((*head, sorted(result.held))).encode())
    arrays = {
        "traces": result.traces,
        "spikes": result.spikes,
        "extremes": {name: np.array(pair) for name, pair in result.extremes.items()},
        "features": {name: np.array([value]) for name, value in result.features.items()},
    }
    for kind, named in arrays.items():
        for name, array in sorted(named.items()):
            content.update(repr((kind, name, array.dtype.str, array.shape)).encode())
            content.update(np.ascontiguousarray(array))
    return content.hexdigest()
