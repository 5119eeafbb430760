"""Checks of a sweep's times: what is whole steps of integration, and what lies within the run."""

from collections.abc import Iterator

from spikesweep.errors import UserError
from spikesweep.plan.products import Plan
from spikesweep.sweepfile.recording import Features, Measures, Movie, Trace

# NEURON adds dt to its time, and each sum is rounded by up to 2**-53 of it: after n steps by up
# to n**2 / 2**54 steps, which is half a step, and so one more or fewer, at n = 95 million.
MOST_STEPS = 90_000_000
STEPS_TOLERANCE = 1e-6


def check_times(plan: Plan, place: str) -> None:
    """Check steps, recording intervals and windows against all durations and steps of the sweep.

    Raises:
        UserError: a step longer than the run; more steps than can be counted; a time that is not
            a whole number of steps; a window beyond the run.
    """
    longest = longest_run(plan)
    _check_window_of_statistics(plan, longest, place)
    _check_windows(plan, longest, place)
    if "cvode" in plan.template.document["protocol"]:
        return
    for tstop, dt, settle in _combinations(plan, "tstop", "dt", "settle"):
        if dt > tstop:
            raise UserError(
                f"{place}: protocol.dt: {dt:g} ms is longer than the run (tstop, {tstop:g} ms); "
                "expected a shorter time step, or a longer run"
            )
        for name, time in (("tstop", tstop), ("settle", settle)):
            _check_number_of_steps(name, time, dt, place)
        if settle:
            _check_whole_steps(settle, dt, f"{place}: protocol.settle")
    steps = [dt for (dt,) in _combinations(plan, "dt")]
    for where, recorded in _recorded(plan):
        for dt in steps if recorded.every != "step" else ():
            _check_whole_steps(recorded.every, dt, f"{place}: {where}.every")


def longest_run(plan: Plan) -> float:
    """Return how long the longest simulation is (ms)."""
    return max(tstop for (tstop,) in _combinations(plan, "tstop"))


def _combinations(plan: Plan, *names: str) -> list[tuple[float, ...]]:
    """Return the distinct values that these numbers of the protocol have together."""
    protocol = plan.template.document["protocol"]
    slots = {
        slot.path: column for slot, column in zip(plan.template.slots, plan.columns, strict=True)
    }
    n = len(plan.keys)
    columns = [slots.get(("protocol", name), [protocol.get(name, 0.0)] * n) for name in names]
    return sorted(set(zip(*columns, strict=True)))


def _check_number_of_steps(name: str, time: float, dt: float, place: str) -> None:
    if time / dt > MOST_STEPS:
        raise UserError(
            f"{place}: protocol.{name}: {time:g} ms in steps of {dt:g} ms are {time / dt:.3g} "
            f"steps; expected at most {MOST_STEPS:,}, as the sum of more is not exact to one step"
        )


def _check_whole_steps(time: float, dt: float, place: str) -> None:
    """Refuse a time (ms) that is no multiple of the time step."""
    steps = time / dt
    if steps < 1 - STEPS_TOLERANCE or abs(steps - round(steps)) > STEPS_TOLERANCE * steps:
        raise UserError(
            f"{place}: {time:g} ms is no multiple of the time step {dt:g} ms; "
            f"expected one, such as {max(1, round(steps)) * dt:g} ms"
        )


def _recorded(plan: Plan) -> Iterator[tuple[str, Trace | Movie | Features | Measures]]:
    """Yield what is recorded at intervals: its place in the sweep file, and how it is written."""
    for kind in ("traces", "movies", "features", "measures"):
        for name, recorded in getattr(plan.sweep.record, kind).items():
            yield f"record.{kind}.{name}", recorded


def _check_window_of_statistics(plan: Plan, longest: float, place: str) -> None:
    windows = plan.windows if isinstance(plan.windows, list) else [plan.windows or (0.0, longest)]
    where, during = f"{place}: statistics.window", plan.sweep.statistics.window
    of = f"of {during} " if isinstance(during, str) else ""
    first = min(start for start, _ in windows)
    if first >= longest:
        raise UserError(
            f"{where}: {of}begins at {first:g} ms, when every simulation has ended; "
            f"expected one that begins before tstop, {longest:g} ms"
        )
    if all(start >= end for start, end in windows):
        raise UserError(
            f"{where}: {of}is empty in every simulation; expected a process with a `dur` above 0"
        )


def _check_windows(plan: Plan, longest: float, place: str) -> None:
    for where, wanted in _recorded(plan):
        window = getattr(wanted, "window", None)
        if isinstance(window, str):  # of a process, which may last as long as it likes
            continue
        first, last = map(float, window or (0, longest))
        if not 0 <= first < last <= longest:
            raise UserError(
                f"{place}: {where}.window: {first:g} to {last:g} ms; "
                f"expected one within the run, from 0 to {longest:g} ms"
            )
