"""Events at given times, which an artificial cell that relays them makes."""

from collections.abc import Sequence
from typing import Any

from spikesweep.language import document as doc
from spikesweep.language.names import split
from spikesweep.simulation.nrn import n

_WEIGHT = 2.0  # above the threshold of an IntFire1


class EventTimes:
    """Events that are queued for an artificial cell at each initialisation, while this lives.

    times: (ms), rising.
    """

    def __init__(self, relay: Any, times: Sequence[float]):
        self._times = times
        self._netcon = n.NetCon(None, relay)
        self._netcon.weight[0] = _WEIGHT
        self._handler = n.FInitializeHandler(self._queue)

    def _queue(self) -> None:
        for time in self._times:
            self._netcon.event(time)


def event_times(relay: Any, name: str, process: doc.Process) -> EventTimes:
    """Return the events of a process, or of one of its copies."""
    _, index = split(name)
    return EventTimes(relay, process["times"][index or 0])
