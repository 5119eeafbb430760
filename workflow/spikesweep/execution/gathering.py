"""Results on their way into the store: those of several children share a segment.

Results come back from the children that made them, packed and with their digests, and wait here
until they are written together: a few seconds after the first of them came, or when they are many.
So thousands of simulations make a few files, and a job that is killed loses what it finished in its
last few seconds, no more. A child writes large results itself, to a segment of their own: they
would pass through memory twice.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from spikesweep.execution.child import in_child
from spikesweep.recording.results import Result
from spikesweep.store.segment import Row, packed, row_of
from spikesweep.store.store import Store

SECONDS = 3.0  # that results wait at most, while nothing keeps this process from writing them
LARGE = 2**23  # bytes of traces and trains: of children's results that are segments of their own,
MANY = 2**25  # and of all that wait


class Gathering:
    """What waits to be written to a store.

    Args:
        engine: what integrated it, as documents say it.
        clock: seconds.
    """

    def __init__(
        self, store: Store, engine: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ):
        self._store, self._engine, self._clock = store, engine, clock
        self._rows: list[Row] = []
        self._bytes = 0
        self._since = 0.0

    def prepare(self, results: list[Result]) -> list[Row] | Path:
        """Make results ready, in the child; or write them, and return the file.

        Raises:
            ValueError, OSError: results that may not enter the store, or cannot be written.
        """
        arrays = [a for r in results for named in (r.traces, r.spikes) for a in named.values()]
        if sum(array.nbytes for array in arrays) > LARGE:
            return self._store.write(results, self._engine)
        return [packed(row_of(result)) for result in results]

    def add(self, prepared: list[Row] | Path) -> None:
        """Take in what `prepare` returned."""
        if isinstance(prepared, Path):
            self._store.commit(prepared)
        else:
            if not self._rows:
                self._since = self._clock()
            self._rows += prepared
            self._bytes += sum(row.nbytes for row in prepared)

    def write_due(self) -> None:
        """Write what waits, if it has waited long enough or there is much of it."""
        if self._rows and (self._bytes > MANY or self._clock() - self._since >= SECONDS):
            self.write()

    def write(self) -> None:
        """Write all that waits as one segment, in a child: HDF5 may crash on a full disk.

        Raises:
            RuntimeError: it cannot be written.
        """
        if not self._rows:
            return
        outcome = in_child(lambda: self._store.write_rows(self._rows, self._engine))
        if outcome.killed:  # by someone
            outcome = in_child(lambda: self._store.write_rows(self._rows, self._engine))
        if outcome.status != "ok":
            raise RuntimeError(f"results cannot be saved: {outcome.message}")
        self._store.commit(outcome.value)
        self._rows, self._bytes = [], 0
