"""What a simulation of a sweep was measured to take, kept beside the sweep's plans.

`spikesweep plan <sweep> --estimate` measures. From it follow how many simulations make a job of
`seconds_per_job`, and what time, memory and disk jobs ask of a cluster. It is no part of any key:
simulations that ran stay, however often it is measured.

A machine is never measured twice alike, and jobs that change with each measurement would all be
submitted again, to find everything in the store. So what is kept stays as long as it still holds
within a factor of two.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from spikesweep.plan.product import MADE
from spikesweep.products.atomic import written

NAMES = ("seconds", "stored", "memory")
MOST = 1e15  # of any of them; more makes no sense
HOLDS = 2.0  # factor within which what is kept counts as what is measured now


@dataclass(frozen=True)
class Measured:
    """What simulations take: seconds of one core, bytes in the store, and the memory (bytes) of
    the largest process."""

    seconds: float
    stored: float
    memory: float
    simulations: int = 1

    def of(self, simulations: int) -> "Measured":
        """Return what so many take, one after another, where this is of one."""
        return Measured(
            self.seconds * simulations, self.stored * simulations, self.memory, simulations
        )


def measured_file(sweep: str) -> Path:
    """Return where it is kept."""
    return MADE / sweep / "measured.json"


def read_measured(root: Path, sweep: str) -> Measured | None:
    """Return what one simulation of a sweep takes; None where that is not known, or what is kept
    makes no sense."""
    try:
        kept = json.loads((root / measured_file(sweep)).read_bytes())
        numbers = [kept[name] for name in NAMES]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    makes_sense = all(type(n) in (int, float) and 0 < n < MOST for n in numbers)
    return Measured(*numbers) if makes_sense else None


def keep(root: Path, sweep: str, now: Measured) -> Measured:
    """Keep what one simulation was measured to take; return what is kept."""
    before = read_measured(root, sweep)
    if before and _still_holds(before, now):
        return before
    with written(root / measured_file(sweep)) as temporary:
        temporary.write_text(json.dumps({name: getattr(now, name) for name in NAMES}) + "\n")
    return now


def _still_holds(before: Measured, now: Measured) -> bool:
    changes = [getattr(now, name) / getattr(before, name) for name in NAMES]
    return all(1 / HOLDS <= change <= HOLDS for change in changes)
