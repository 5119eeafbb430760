"""How far a run is: counted stage by stage, and told in a line a sweep.

Pure: what happens is told by `Progress.starts` and its like, and the clock is passed in.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from spikesweep.products.table import BATCH, BUNDLE, FIGURE, KINDS, MECHANISMS, product_name

BARS = (10, 30)  # width of a bar on narrow and on wide terminals
WIDE = 120  # columns
RULES = "rules"  # what jobs that belong to no sweep stand under
_MADE = re.compile(r"results/made/(\w+)/([^/]+)")
_PUBLISHED = re.compile(r"results/published/(\w+)_[^_]*\.zip")
_STAGES = [kind.stage for kind in KINDS]  # in their order
_OF_FILE = {file.stem: kind.stage for kind in KINDS if kind != FIGURE for file in kind.files}
# Seconds of one core that a unit of a stage takes where this run has not measured one yet.
USUAL = {FIGURE.stage: 4.0, "collect": 2.0, "statistics": 2.0, MECHANISMS.stage: 10.0}
SHORT = 1.0


class Part(NamedTuple):
    """What a job is of a run: units of a stage of a sweep. Those of `simulate` are simulations."""

    sweep: str
    stage: str
    units: int = 1


class Known(NamedTuple):
    """What names of files do not tell of jobs.

    simulations: how many a batch has, by the name of its file.
    libraries: a sweep that uses compiled mechanisms, by the name of their folder.
    late: plans that are not there yet, and will tell how many simulations their jobs have.
    """

    simulations: dict[str, int]
    libraries: Mapping[str, str]
    late: list[Path]


def part_of(outputs: Iterable[str], known: Known) -> Part | None:
    """Return what a job is of a run, by what it makes; None of one that is not of this workflow."""
    for output in outputs:
        if published := _PUBLISHED.fullmatch(output):
            return Part(published[1], BUNDLE.stage)
        if not (made := _MADE.fullmatch(output)):
            continue
        sweep, file = made.groups()
        if sweep == MECHANISMS.name:
            return Part(known.libraries.get(file, RULES), MECHANISMS.stage)
        if not PurePath(file).suffix:  # a mark
            return Part(sweep, _OF_FILE[file.partition("_")[0]])
        stage = _OF_FILE.get(product_name(file), FIGURE.stage)
        return Part(sweep, stage, known.simulations.get(file, 1))
    return None


@dataclass
class Stage:
    """What is known of one stage of a sweep; seconds: that its finished units took."""

    total: int = 0
    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    first: float | None = None  # when its first job started
    last: float = 0.0  # when its last ended
    running: dict[int, tuple[int, float]] = field(default_factory=dict)  # job -> units, since when

    def told(self, now: float) -> dict[str, float]:
        """Return it as plain JSON; see `Progress.told`."""
        lasts = (self.last if not self.running else now) - (self.first or 0.0)
        return {
            "total": self.total,
            "done": self.done,
            "failed": self.failed,
            "running": sum(units for units, _ in self.running.values()),
            "rate": 60 * self.done / lasts if self.done and lasts > 0 else 0.0,
        }

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to be made."""
        return self.done >= self.total


class Progress:
    """The stages of all sweeps of a run."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, Stage]] = {}
        self._part_of: dict[int, Part] = {}
        self._most = 1  # jobs that ran side by side

    def expects(self, job: int, part: Part) -> None:
        """Count a job that is to run; once, however often it is told."""
        if job not in self._part_of:
            self._part_of[job] = part
            self._stage(part).total += part.units

    def learns(self, job: int, part: Part) -> None:
        """Count a job that has not started by as many units as it is known now to have."""
        before = self._part_of.get(job, part)
        if before.units != part.units and job not in self._stage(part).running:
            self._stage(part).total += part.units - before.units
            self._part_of[job] = part

    def starts(self, job: int, part: Part, now: float) -> None:
        """A job started, perhaps for the second time."""
        self.expects(job, part)
        stage = self._stage(part)
        stage.running[job] = (part.units, now)
        stage.first = now if stage.first is None else stage.first
        running = sum(len(s.running) for of in self.stages.values() for s in of.values())
        self._most = max(self._most, running)

    def ends(self, job: int, now: float, failed: bool = False) -> Part | None:
        """A job ended; return what it was, None where nothing is known of it."""
        part = self._part_of.get(job)
        if part is None:
            return None
        stage = self._stage(part)
        units, since = stage.running.pop(job, (0, now))
        stage.last = now
        if units and failed:
            stage.failed += units
        elif units:
            stage.done += units
            stage.seconds += now - since
        return part

    def _stage(self, part: Part) -> Stage:
        return self.stages.setdefault(part.sweep, {}).setdefault(part.stage, Stage())

    @property
    def sweeps(self) -> list[str]:
        """The sweeps that are not done, in the order in which they were told of."""
        return [name for name, of in self.stages.items() if not all(s.is_done for s in of.values())]

    def stage_of(self, sweep: str) -> str:
        """Return the stage that a sweep is at: the first that runs, else the first that waits."""
        waiting = [name for name, stage in self._ordered(sweep) if not stage.is_done]
        running = [name for name in waiting if self.stages[sweep][name].running]
        return (running or waiting or [self._ordered(sweep)[-1][0]])[0]

    def _ordered(self, sweep: str) -> list[tuple[str, Stage]]:
        place = {stage: number for number, stage in enumerate(_STAGES)}
        return sorted(self.stages[sweep].items(), key=lambda item: place.get(item[0], len(place)))

    def seconds_left(self, now: float) -> float | None:
        """Return about how long the run will still take; None where that cannot be told yet.

        By what a unit of the stage took in this run, or else usually takes, and by how many jobs
        ran side by side. Of simulations nothing is usual.
        """
        work = 0.0
        for name in {name for of in self.stages.values() for name in of}:
            stages = [of[name] for of in self.stages.values() if name in of]
            done, spent = sum(s.done for s in stages), sum(s.seconds for s in stages)
            left = sum(s.total - s.done - s.failed for s in stages)
            if left and not done and name == BATCH.stage:
                return None
            each = spent / done if done else USUAL.get(name, SHORT)
            running = [r for s in stages for r in s.running.values()]
            begun = sum(min(now - since, each * units) for units, since in running)
            work += each * left - begun
        return work / self._most

    def told(self, now: float, ended: bool) -> dict[str, Any]:
        """Return all of it as plain JSON. Of a stage: units done, failed and running; `rate`, units
        done a minute."""
        sweeps = {
            sweep: {name: stage.told(now) for name, stage in self._ordered(sweep)}
            for sweep in self.stages
        }
        return {"ended": ended, "left": self.seconds_left(now), "sweeps": sweeps}

    def lines(self, width: int, now: float) -> list[str]:
        """Return a line for each sweep that is not done, and one for them all where there are more.

        No line is longer than `width`.
        """
        sweeps = self.sweeps
        if not sweeps:
            return []
        left = self.seconds_left(now)
        names = max(map(len, sweeps))
        alone = len(sweeps) == 1
        lines = [self._line(sweep, names, width, left if alone else None) for sweep in sweeps]
        if not alone and left is not None:
            lines.append(f"{'all':<{names}}  {duration(left)} left"[:width])
        return lines

    def _line(self, sweep: str, names: int, width: int, left: float | None) -> str:
        name = self.stage_of(sweep)
        stage = self.stages[sweep][name]
        running = sum(len(s.running) for s in self.stages[sweep].values())
        end = ", ".join(
            [
                *([f"{running} running"] if running else []),
                *([f"{failed} failed"] if (failed := self.failed(sweep)) else []),
                *([f"{duration(left)} left"] if left is not None else []),
            ]
        )
        begin = f"{sweep:<{names}}  {name} {stage.done}/{stage.total}"
        bar = _bar(stage.done, stage.total, BARS[width >= WIDE])
        for line in (f"{begin}  {bar}  {end}", f"{begin}  {end}", begin):
            if len(line) <= width:
                return line
        return begin[:width]

    def failed(self, sweep: str) -> int:
        """Return how many units of a sweep failed."""
        return sum(stage.failed for stage in self.stages[sweep].values())


def duration(seconds: float) -> str:
    """Return about how long something takes, in words."""
    if seconds < 55:
        return f"about {max(5, 5 * round(seconds / 5))} s"
    if seconds < 55 * 60:
        return f"about {max(1, round(seconds / 60))} min"
    return f"about {seconds / 3600:.1f} h"


def _bar(done: int, total: int, width: int) -> str:
    full = width * done // max(total, 1)
    return f"[{'#' * full}{'.' * (width - full)}]"
