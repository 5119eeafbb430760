"""Results of simulations that nobody ran, for the tests of the store and the dataset."""

import hashlib
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Simulated:
    """A result as the simulation gives it; see `spikesweep.segment.Result`."""

    key: str
    status: str = "ok"
    message: str = ""
    traces: dict = field(default_factory=dict)
    spikes: dict = field(default_factory=dict)
    extremes: dict = field(default_factory=dict)
    features: dict = field(default_factory=dict)
    failures: dict = field(default_factory=dict)
    held: frozenset = frozenset()
    trajectory: str = ""


def key(name: object) -> str:
    """Return a key for anything that has a text."""
    return hashlib.sha256(str(name).encode()).hexdigest()


def simulated(name: object, samples: int = 5, dtype: str = "float32") -> Simulated:
    """Return a result of its own for every name: a trace, a train of 0 to 4 spikes, extremes."""
    rng = np.random.default_rng(int(key(name)[:8], 16))
    trace = rng.normal(-65, 10, samples).astype(dtype)
    return Simulated(
        key=key(name),
        traces={"v_soma": trace},
        spikes={"soma": np.sort(rng.uniform(0, 100, rng.integers(5)))},
        extremes={"v_soma": (trace.min() - rng.random(), trace.max() + rng.random())},
    )


def content(result) -> tuple:
    """Return all of a result, bit by bit, for comparing: an extreme of two NaN is none."""
    return (
        result.key,
        result.status,
        result.message,
        {name: (trace.dtype.name, trace.tobytes()) for name, trace in result.traces.items()},
        {site: np.asarray(times, float).tobytes() for site, times in result.spikes.items()},
        {
            name: np.array(pair, float).tobytes()
            for name, pair in result.extremes.items()
            if not np.isnan(pair).all()
        },
    )
