"""The linear response of a model to a small current, about the state that it is in.

CVode integrates dy/dt = f(y, I): y has the potentials of all segments and the states of all
mechanisms. With J = df/dy and B = df/dI, and of the potential of a place C = dv/dy and D = dv/dI
(one without capacitance, as the end of a section, is no part of y: others determine its potential),

    v/I = C (2 pi i frequency - J)^-1 B + D

which is the quasi-active cable of Koch (1984), Biol. Cybern. 50:15, whatever the mechanisms are.
The derivatives are central differences of f itself, so that a current follows all that it depends
on in NEURON: other segments' states, concentrations, POINTERs.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from spikesweep.simulation.nrn import n

# Of each state, or of LEAST where it is smaller, for its derivative. Differences are wrong by the
# square of a large step, and by rounding under a small one: about 1e-8 of the response with either.
STEPS = (1e-4, 3e-5)
LEAST = 1e-4
CURRENT = 1e-3  # nA; f is linear in it
# Of the response where the current goes in, by which it may differ: between steps; and between
# changes up and changes down alone, where TABLEs of rates have slight kinks, as that of hh has.
BETWEEN_STEPS = 1e-4
BETWEEN_SIDES = 0.3
# Hz, whose responses tell the limit at 0 Hz where they agree. There itself a conserved total, as
# of a kinetic scheme, makes the system singular, though no current changes it.
SLOW = (1e-5, 1e-4)

NO_REST = "under a constant current the potential comes to no rest"
NOT_SMOOTH = "what currents and states depend on has a jump or a kink in this state"
NOT_DERIVATIVES = "some equations are no derivatives, as of extracellular or a LinearMechanism"


def responses(
    at: Any, looked_at: Sequence[Any], frequencies: Sequence[float]
) -> list[list[complex | str]]:
    """Return the potential of places over the current into a segment, or why there is none.

    This process can simulate nothing afterwards: a process is added, and CVode integrates.

    Args:
        at: the segment that the current goes into; the first that is looked at.
        looked_at: segments.
        frequencies: in Hz.

    Returns:
        Mohm, by frequency and place.

    Raises:
        RuntimeError: CVode cannot integrate a mechanism.
    """
    model = _Model(at, looked_at)
    if model.has_other_equations:
        return [[NOT_DERIVATIVES] * len(looked_at)] * len(frequencies)
    (up, down), (less_up, less_down) = map(model.by_states, STEPS)
    found, again, above, below = (
        model.responses(by_state, [*frequencies, *SLOW])
        for by_state in ((up + down) / 2, (less_up + less_down) / 2, up, down)
    )
    scale = np.abs(found[:, :1])
    is_smooth = (np.abs(found - again) <= BETWEEN_STEPS * scale) & (
        np.abs(above - below) <= BETWEEN_SIDES * scale
    )
    for i in np.flatnonzero(np.equal(frequencies, 0)):
        _find_limit(found, is_smooth, i)
    return [
        [_told(*each) for each in zip(*of_one, strict=True)]
        for of_one in zip(found.tolist(), is_smooth.tolist(), strict=True)
    ][: len(frequencies)]


def _find_limit(found: np.ndarray, is_smooth: np.ndarray, i: int) -> None:
    """Put the limit at 0 Hz into row i, where the last rows, those of SLOW, agree on one."""
    slow, less_slow = found[-2:]
    agree = np.abs(slow - less_slow) <= BETWEEN_STEPS * np.abs(slow[0])
    has_limit = is_smooth[-2:].all(axis=0) & agree
    found[i, has_limit], is_smooth[i, has_limit] = slow[has_limit].real, True


def _told(response: complex, is_smooth: bool) -> complex | str:
    if not np.isfinite(response):
        return NO_REST
    return response if is_smooth else NOT_SMOOTH


class _Model:
    """All that NEURON holds, as CVode sees it in the present state."""

    def __init__(self, at: Any, looked_at: Sequence[Any]):
        self._clamp = n.IClamp(at)
        self._clamp.delay, self._clamp.dur, self._clamp.amp = -1e9, 2e9, 0
        self._looked_at = looked_at
        self._cvode = n.CVode()
        self._cvode.use_local_dt(0)
        self._cvode.active(1)
        self.has_other_equations = bool(self._cvode.use_daspk())
        self._cvode.re_init()
        self._state, self._derivatives = n.Vector(), n.Vector()
        self._cvode.states(self._state)
        self._y = np.array(self._state)

    def responses(self, by_state: Any, frequencies: Sequence[float]) -> np.ndarray:
        """Return the responses by frequency and place; NaN where there is none.

        by_state: as `by_states` gives it.
        """
        from scipy.sparse import eye_array
        from scipy.sparse.linalg import splu

        size, by_current = self._y.size, self._by_current()
        between = _between(by_state != 0, by_current != 0)
        jacobian = by_state[:size][between][:, between].tocsc()
        to_places = by_state[size:][:, between]
        unit = eye_array(jacobian.shape[0], format="csc")
        found = []
        for frequency in frequencies:
            matrix = (2j * np.pi * frequency / 1000 * unit - jacobian).tocsc()
            try:
                change = splu(matrix).solve(by_current[:size][between].astype(complex))
            except RuntimeError:  # singular
                change = np.full(len(between), np.nan)
            found.append(to_places @ change + by_current[size:])
        return np.array(found)

    def by_states(self, step: float) -> tuple[Any, Any]:
        """Return the derivatives of all that is evaluated by each state, a column each, of which
        most is zero: by changes up, and by changes down."""
        from scipy.sparse import csr_array, hstack

        still = self._evaluated()
        sides: tuple[list, list] = ([], [])
        for i, value in enumerate(self._y):
            change = step * max(abs(value), LEAST)
            for side, columns in zip((change, -change), sides, strict=True):
                slope = (self._evaluated(i, value + side) - still) / side
                columns.append(csr_array(slope[:, None]))
        up, down = (hstack(columns, format="csr") for columns in sides)
        return up, down

    def _by_current(self) -> np.ndarray:
        ends = []
        for self._clamp.amp in (CURRENT, -CURRENT):
            ends.append(self._evaluated())
        return (ends[0] - ends[1]) / (2 * CURRENT)

    def _evaluated(self, changed: int = 0, value: float | None = None) -> np.ndarray:
        """Return the derivatives of all states (per ms), then the potentials looked at (mV).

        One state may have another value than it has.
        """
        state = self._state.as_numpy()
        state[:] = self._y
        if value is not None:
            state[changed] = value
        self._cvode.f(n.t, self._state, self._derivatives)
        return np.append(self._derivatives.as_numpy(), [place.v for place in self._looked_at])


def _between(by_state: Any, by_current: np.ndarray) -> np.ndarray:
    """Return which states the current changes and the potentials depend on, in any steps. Others
    say nothing, and may come to no rest."""
    size = by_state.shape[1]
    among, to_places = by_state[:size], by_state[size:]
    changed = _reached(among, by_current[:size])
    return np.flatnonzero(changed & _reached(among.T.tocsr(), to_places.sum(axis=0) > 0))


def _reached(steps: Any, first: np.ndarray) -> np.ndarray:
    while np.any((more := first | (steps @ first)) != first):
        first = more
    return first
