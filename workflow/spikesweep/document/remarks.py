"""What a sweep file asks for that means nothing, or not what it seems to: notes of its plan."""

from collections.abc import Collection, Iterator

from spikesweep.language import document as doc
from spikesweep.language.units import to_number
from spikesweep.sweepfile.axes import Axis
from spikesweep.sweepfile.sweep import Sweep

BEGINS = ("delay", "del", "start", "onset")  # parameters of processes that say when they begin
MANY_STEPS = 4e6  # 100 s at 0.025 ms
SEED = "protocol.seed"


def remarks(document: doc.Document, sweep: Sweep, place: str) -> Iterator[str]:
    """Yield notes, a sentence each.

    Args:
        document: without what the axes do to it.
    """
    targets = {text: name for name, axis in sweep.axes.items() for text in axis.targets}
    if SEED in targets and not _draws(document, targets):
        yield (
            f"{place}: axes.{targets[SEED]}: nothing in the model draws random numbers, so that "
            "seeds make no difference"
        )
    yield from _many_steps(document["protocol"], place)
    for name, axis in sweep.axes.items():
        yield from _other_units(name, axis, place)
    if "protocol.tstop" not in targets:
        yield from _beyond_the_run(document["protocol"], sweep, targets, place)
    v_init = document["protocol"]["v_init"]
    for site, spikes in sweep.record.spikes.items():
        if "protocol.v_init" not in targets and v_init > spikes.threshold:
            yield (
                f"{place}: record.spikes.{site}: v_init, {v_init:g} mV, is above its threshold, "
                f"{spikes.threshold:g} mV: netcon counts a spike at 0 ms"
            )


def _many_steps(protocol: doc.Protocol, place: str) -> Iterator[str]:
    """Yield a note where a simulation takes so many steps that another unit may be meant."""
    tstop, dt = protocol["tstop"], protocol.get("dt")
    if isinstance(tstop, int | float) and isinstance(dt, int | float) and tstop / dt > MANY_STEPS:
        yield (
            f"{place}: protocol.tstop: {tstop:,.15g} ms, which is {tstop / dt:,.0f} steps of "
            f"{dt:g} ms in each simulation; expected fewer, should milliseconds be meant"
        )


def _beyond_the_run(
    protocol: doc.Protocol, sweep: Sweep, targets: Collection[str], place: str
) -> Iterator[str]:
    """Yield notes on what begins or ends when the run has ended; none of what an axis moves, or of
    a process that waits for events."""
    tstop = protocol["tstop"]
    for kind in ("traces", "movies", "features", "measures"):
        for name, recorded in getattr(sweep.record, kind).items():
            if recorded.every != "step" and recorded.every > tstop:
                yield (
                    f"{place}: record.{kind}.{name}.every: {recorded.every:g} ms is longer than "
                    f"the run (tstop, {tstop:g} ms): the one sample is that at 0 ms"
                )
    window = sweep.statistics.window
    if window and not isinstance(window, str) and window[0] < tstop < window[1]:
        yield (
            f"{place}: statistics.window: ends at {window[1]:g} ms, the run at tstop, {tstop:g} "
            f"ms: rates are of {window[0]:g} to {tstop:g} ms"
        )
    moved = {(target.partition(".")[0].partition("[")[0], target.rpartition(".")[2])
             for target in targets}  # fmt: skip
    driven = {connection["to"] for connection in protocol.get("connections", {}).values()}
    for name, process in protocol["processes"].items():
        for begins in BEGINS:
            start = process.get("parameters", {}).get(begins, 0)
            is_moved = (name, begins) in moved or name in driven
            if is_moved or not isinstance(start, int | float) or start < tstop:
                continue
            yield (
                f"{place}: protocol.processes.{name}.{begins}: {start:g} ms, when the run has "
                f"ended (tstop, {tstop:g} ms): {name} does nothing"
            )


def _draws(document: doc.Document, targets: Collection[str]) -> bool:
    """Return whether anything draws random numbers: a NetStim without noise does not, though its
    streams are there."""
    streams = document["streams"]
    if "seed" not in document:
        return False
    if any(names for kind, names in streams.items() if kind != "processes"):
        return True
    processes = document["protocol"]["processes"]
    drawing = [processes[name] for name in streams["processes"]]
    return any(f"{name}.noise" in targets for name in streams["processes"]) or any(
        one["type"] != "NetStim" or one["parameters"].get("noise", 0) != 0 for one in drawing
    )


def _other_units(name: str, axis: Axis, place: str) -> Iterator[str]:
    """Yield a note where doses and ic50 are in different units: a thousandfold is lost easily."""
    if axis.drug is None or not axis.unit or not isinstance(axis.drug.ic50, str):
        return
    unit = axis.drug.ic50.lstrip("+-.eE0123456789 ")
    half = to_number(axis.drug.ic50, axis.unit, f"{place}: axes.{name}.drug.ic50")
    if unit and unit != axis.unit and half != to_number(axis.drug.ic50, unit, place):
        yield (
            f"{place}: axes.{name}: doses are in {axis.unit}, ic50 is {axis.drug.ic50}: half of "
            f"the conductance is blocked at {half:g} {axis.unit}"
        )
