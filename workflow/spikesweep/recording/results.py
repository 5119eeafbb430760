"""What a simulation came to."""

import hashlib
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Result:
    """What one simulation came to; all that is a function of its key.

    status: "ok"; "error", it could not be built or run; "not_finite", a recorded variable was not
        a finite number at some step. The last two keep no data.
    message: what went wrong, or ''.
    traces: name -> (steps // stride + 1,) float32 or float64, in NEURON's units, sampled at
        t = 0, every, 2 every, ...
    spikes: site -> (spikes,) float64, times in ms.
    extremes: trace -> smallest and largest value over every step of integration.
    features: "<features>_<feature>" -> its value; undefined ones are left out.
    """

    key: str
    status: str = "ok"
    message: str = ""
    traces: dict[str, np.ndarray] = field(default_factory=dict)
    spikes: dict[str, np.ndarray] = field(default_factory=dict)
    extremes: dict[str, tuple[float, float]] = field(default_factory=dict)
    features: dict[str, float] = field(default_factory=dict)


def digest(result: Result) -> str:
    """Return the SHA-256 of all that a result says: equal exactly if every bit is."""
    content = hashlib.sha256(repr((result.status, result.message)).encode())
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
