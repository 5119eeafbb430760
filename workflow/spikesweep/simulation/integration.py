"""Integration: what was built, from its initial state to the end; observers see every step."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from spikesweep.language import document as doc
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n
from spikesweep.simulation.phases import Phases

MAXIMUM_STEP = 10.0  # ms between which psolve looks at the event queue of other processes
CHUNK_VALUES = 4_000_000  # recorded numbers that NEURON holds at a time, 32 MB


class Observer(Protocol):
    """Who has NEURON record some variables at every step, and looks at them chunk by chunk."""

    @property
    def probe_count(self) -> int:
        """The number of variables."""

    def expect(self, steps: int) -> None:
        """Make room for so many steps at a time: NEURON would make it bit by bit."""

    def begin(self) -> None:
        """Look at the model in its state at t = 0."""

    def take(self, first_step: int, times: np.ndarray) -> None:
        """Take in what NEURON recorded from `first_step` on, at `times`, (steps,) ms."""


def count_steps(protocol: doc.Protocol) -> int:
    """Return the number of time steps until tstop, to the nearest, as `continuerun` makes them."""
    return round(protocol["tstop"] / protocol["dt"])


def integrate(
    protocol: doc.Protocol,
    observers: Sequence[Observer],
    phases: Sequence[Phases] = (),
    chunk_values: int = CHUNK_VALUES,
    initialise: Callable[[], None] | None = None,
) -> None:
    """Integrate all that was built, from v_init at t = 0 until tstop, before observers.

    Args:
        initialise: what is called in place of NEURON's initialisation; observers may come with it.

    With `settle`, it starts at v_init that much before t = 0; what happens until then is not
    recorded. Events and waveforms begin at t = 0 all the same.

    Raises:
        SimulationError: NEURON makes another number of steps than it should, or a model has
            phases while the steps are CVode's.
    """
    context = n.ParallelContext()
    clock = n.Vector()
    clock.record(n._ref_t)
    context.set_maxstep(MAXIMUM_STEP)
    if initialise is None:
        n.finitialize(protocol["v_init"])
    else:
        initialise()
        _check_start(clock)
    size = max(1, chunk_values // (1 + sum(observer.probe_count for observer in observers)))
    if "cvode" in protocol:
        _variable_steps(protocol, clock, observers, phases)
    else:
        _fixed_steps(protocol, context, clock, observers, phases, size)


def _check_start(clock) -> None:
    """Check that nothing but the initial state, at t = 0, is recorded.

    Raises:
        SimulationError: the time is another, or what was recorded on the way is still there.
    """
    if n.t != 0:
        raise SimulationError(
            f"init() leaves t at {n.t:g} ms; expected 0, and frecord_init() after it was set"
        )
    if len(clock) > 1:
        raise SimulationError(
            "init() leaves behind what was recorded while it integrated; expected frecord_init() "
            "at its end, once t is 0"
        )


def _fixed_steps(
    protocol: doc.Protocol,
    context,
    clock,
    observers: Sequence[Observer],
    phases: Sequence[Phases],
    size: int,
) -> None:
    """Integrate by steps of dt, in chunks of at most `size` steps.

    psolve makes the steps that fit before the time it is told. That is half a step more than
    wanted, so that the rounding error in the sum of all steps neither costs nor adds one.
    """
    dt = protocol["dt"]
    before = round(protocol.get("settle", 0) / dt)
    if before:
        _set_time(-before * dt)
        for _, last in _chunks(before, size):
            context.psolve((last - before + 0.5) * dt)
            n.frecord_init()  # forgets what was recorded so far
        _set_time(0)  # without the rounding errors of the steps before
    steps = count_steps(protocol)
    for observer in observers:
        observer.expect(min(size, steps + 1))
        observer.begin()
    for first, last in _chunks(steps, size, phases):
        context.psolve((last + 0.5) * dt)
        times = clock.as_numpy()
        if len(times) != last - first + 1:
            raise SimulationError(
                f"NEURON made {len(times)} steps from step {first} to {last}; "
                "does a mechanism change the time step?"
            )
        for observer in observers:
            observer.take(first, times)
        clock.resize(0)


def _chunks(steps: int, size: int, phases: Sequence[Phases] = ()) -> Iterator[tuple[int, int]]:
    """Yield the first and last step of each chunk, after what phases do at the step before it.

    Step 0 is the initial state, at which phases begin.
    """
    last = -1
    while last < steps:
        for phase in phases:
            phase.go_on(max(0, last))
        first, last = last + 1, min(last + size, steps, *(phase.until for phase in phases))
        yield first, last


def _variable_steps(
    protocol: doc.Protocol, clock, observers: Sequence[Observer], phases: Sequence[Phases]
) -> None:
    """Integrate by CVode's steps, in one go: to stop in between would add one.

    Not by psolve, which ends at an error of the integrator as if nothing had happened.
    """
    if phases:
        raise SimulationError("a model with phases needs a fixed time step; expected no cvode")
    cvode = n.CVode()
    if protocol.get("settle"):
        _set_time(-protocol["settle"])
        cvode.re_init()
        cvode.solve(0)
        cvode.re_init()
        _set_time(0)
    for observer in observers:
        observer.begin()
    cvode.solve(protocol["tstop"])
    times = clock.as_numpy()
    for observer in observers:
        observer.take(0, times)


def _set_time(time: float) -> None:
    """Set the clock (ms), forget what was recorded, and record this moment."""
    n.t = time
    n.frecord_init()  # only hereby psolve learns of the time
