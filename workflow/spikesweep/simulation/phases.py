"""Phases: what a Python model does while it is being integrated.

Its method `phases` is a generator that yields times (ms). It begins when all is initialised, and
goes on whenever the simulation has come to the time that it yielded last.
"""

from collections.abc import Iterable, Iterator
from math import inf, isfinite
from numbers import Real

from spikesweep.simulation.cells import Cell
from spikesweep.simulation.code_models import CodeCell
from spikesweep.simulation.errors import SimulationError

GRID_TOLERANCE = 1e-6  # of the number of steps


class Phases:
    """The phases of one cell; `until`: the time step up to which nothing happens."""

    def __init__(self, cell: CodeCell, dt: float):
        self.until: float = 0
        self._cell, self._dt = cell, dt
        self._times: Iterator[float] | None = None

    def go_on(self, step: int) -> None:
        """Let the model do what it does at a time step, if that is the one it waits for.

        Raises:
            SimulationError: its code raises, or yields no later time on the grid of time steps.
        """
        if step < self.until:
            return
        with self._cell.home.running():
            self._times = self._times or iter(self._cell.owner.phases())
            time = next(self._times, None)
        self.until = inf if time is None else self._step(time, step)

    def _step(self, time: float, now: int) -> int:
        is_time = isinstance(time, Real) and isfinite(time)
        step = round(time / self._dt) if is_time else now
        if step <= now or abs(time / self._dt - step) > GRID_TOLERANCE * step:
            raise SimulationError(
                f"cell {self._cell.name}: its phases yield {time} at {now * self._dt:g} ms; "
                f"expected a later time in ms, a multiple of the time step of {self._dt:g} ms"
            )
        return step


def phases_of(cells: Iterable[Cell], dt: float) -> list[Phases]:
    """Return the phases of the cells that have some."""
    return [
        Phases(cell, dt)
        for cell in cells
        if isinstance(cell, CodeCell) and callable(getattr(cell.owner, "phases", None))
    ]
