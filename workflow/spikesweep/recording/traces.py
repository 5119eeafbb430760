"""Traces and extremes, from what NEURON records at every step.

Vector.record(ref, every) would do for a trace alone, but it goes through the event queue, costs as
much, and misses the last sample where rounding puts that past the end. So every step is recorded,
in chunks, and integer arithmetic says which are samples; between CVode's steps, which are far
apart, values are interpolated afterwards.
"""

from math import floor, isfinite

import numpy as np

from spikesweep.language import document as doc
from spikesweep.recording.interpolation import interpolate
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.integration import count_steps
from spikesweep.simulation.nrn import n

GRID_TOLERANCE = 1e-6  # of the number of steps; decimal fractions and units leave far less


def count_stride(every: float, dt: float) -> int:
    """Return the number of time steps from one sample to the next.

    Raises:
        SimulationError: the interval is no multiple of the time step.
    """
    stride = round(every / dt)
    if stride < 1 or abs(every / dt - stride) > GRID_TOLERANCE * stride:
        raise SimulationError(
            f"every: {every:g} ms; expected a multiple of the time step, {dt:g} ms"
        )
    return stride


def count_samples(trace: doc.Trace, protocol: doc.Protocol) -> int:
    """Return the number of samples of a trace with fixed time steps."""
    every = trace["every"]
    stride = 1 if every == "step" else count_stride(every, protocol["dt"])
    return count_steps(protocol) // stride + 1


class Probe:
    """A number at every step: the latest `values`, and the extremes of all so far.

    not_finite_since: time (ms) of the first value that is NaN or infinite, or None.
    """

    def __init__(self) -> None:
        self.values = np.empty(0)
        self.low, self.high = np.inf, -np.inf
        self.not_finite_since: float | None = None

    def expect(self, steps: int) -> None:
        """Make room for so many steps until the next `release`."""

    def _recorded(self) -> np.ndarray:
        """Return what was recorded since the last `release`."""
        raise NotImplementedError

    def take(self, times: np.ndarray) -> None:
        """Show what was recorded at `times`, (steps,) ms, until `release`.

        Raises:
            SimulationError: NEURON recorded another number of steps.
        """
        self.values = self._recorded()
        if len(self.values) != len(times):
            raise SimulationError(f"recorded {len(self.values)} values in {len(times)} time steps")
        low, high = float(self.values.min()), float(self.values.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        if self.not_finite_since is None and not (isfinite(low) and isfinite(high)):
            self.not_finite_since = float(times[np.argmin(np.isfinite(self.values))])

    def release(self) -> None:
        self.values = np.empty(0)


class VariableProbe(Probe):
    """A variable of NEURON's at every step."""

    def __init__(self, reference):
        super().__init__()
        self.reference = reference
        self._vector = n.Vector()
        self._vector.record(reference)

    def expect(self, steps: int) -> None:
        self._vector.buffer_size(steps)

    def _recorded(self) -> np.ndarray:
        values: np.ndarray = self._vector.as_numpy()
        return values

    def release(self) -> None:
        super().release()
        self._vector.resize(0)  # NEURON goes on at its beginning


class Trace:
    """Every `stride`-th step of a probe, from the first on."""

    def __init__(self, probe: Probe, stride: int, steps: int, precision: np.dtype):
        self.probe = probe
        self.samples = np.empty(steps // stride + 1, precision)
        self._stride = stride

    def take(self, first_step: int, times: np.ndarray) -> None:
        sample = -(-first_step // self._stride)  # the first at or after that step
        picked = self.probe.values[sample * self._stride - first_step :: self._stride]
        self.samples[sample : sample + len(picked)] = picked


class InterpolatedTrace:
    """A probe at equal intervals, between CVode's steps.

    Vector.record(reference, times) would have CVode itself interpolate, at each sample all states
    of the model: for a cell of 608 segments at 0.1 ms that took six times as long as the steps.
    """

    def __init__(self, probe: Probe, every: float, tstop: float, precision: np.dtype):
        self.probe = probe
        self.samples = np.empty(floor(tstop / every + GRID_TOLERANCE) + 1, precision)
        # Rounded, so that a sample of two grids is at one time.
        times = [float(f"{every * sample:.15g}") for sample in range(len(self.samples))]
        self._times = np.minimum(times, tstop)

    def take(self, first_step: int, times: np.ndarray) -> None:
        self.samples[:] = interpolate(times, self.probe.values, self._times)


class StepTrace:
    """A probe at every step."""

    def __init__(self, probe: Probe, precision: np.dtype):
        self.probe = probe
        self._precision = precision
        self._parts: list[np.ndarray] = []

    def take(self, first_step: int, times: np.ndarray) -> None:
        self._parts.append(self.probe.values.astype(self._precision))

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate(self._parts)
