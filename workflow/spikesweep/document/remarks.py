"""What a sweep file asks for that means nothing, or not what it seems to: notes of its plan."""

from collections.abc import Iterator

from spikesweep.language import document as doc
from spikesweep.sweepfile.sweep import Sweep

SEED = "protocol.seed"


def remarks(document: doc.Document, sweep: Sweep, place: str) -> Iterator[str]:
    """Yield notes, a sentence each.

    Args:
        document: without what the axes do to it.
    """
    targets = {text: name for name, axis in sweep.axes.items() for text in axis.targets}
    if SEED in targets and "seed" not in document:
        yield (
            f"{place}: axes.{targets[SEED]}: nothing in the model draws random numbers, so that "
            "seeds make no difference"
        )
    v_init = document["protocol"]["v_init"]
    for site, spikes in sweep.record.spikes.items():
        if "protocol.v_init" not in targets and v_init > spikes.threshold:
            yield (
                f"{place}: record.spikes.{site}: v_init, {v_init:g} mV, is above its threshold, "
                f"{spikes.threshold:g} mV: netcon counts a spike at 0 ms"
            )
    for name, process in document["protocol"]["processes"].items():
        if process["type"] == "PatternStim":
            yield (
                f"{place}: protocol.processes.{name}: PatternStim plays what code gives it, and a "
                "sweep file gives it nothing: it makes no events"
            )
