"""Flags: what is odd about simulations that ended well: `results/<sweep>/flags.csv`.

A row a flag: index, <axes>, FLAGS. Without any it has no row. Unlike `unphysical`, a flag is no
failure: the simulation counts everywhere. What is looked at is what the dataset holds, so other
limits simulate nothing again.

    not_at_rest   the first recorded potential moves by more than a limit, highest minus lowest
                  sample, in the time before the first stimulus begins (the last 50 ms of it)
    spike_at_end  at the last sample, in the last half millisecond, the potential at a spike site is
                  above its threshold: the run ends within a spike, or while the membrane stays
                  depolarised
    excursion     a recorded potential leaves a range at any step, though not the bounds
    doubtful_count  a threshold 10 mV lower finds another number of spikes at a site, or at one of
                  its copies, in the whole run: the count hangs on the threshold
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from spikesweep.language.names import base
from spikesweep.products.atomic import written
from spikesweep.recording.results import MARGIN
from spikesweep.tables.columns import FLAGS
from spikesweep.tables.doubtful import remedy
from spikesweep.tables.flagged import AT_END, DOUBTFUL_COUNT, EXCURSION, NOT_AT_REST
from spikesweep.tables.names import STEP_TIMES, STEPS
from spikesweep.tables.samples import Samples, in_blocks, read_samples
from spikesweep.tables.simulations import open_dataset, over_simulations, read_simulations

JUST_BEFORE = 1e-9  # ms: the sample at the onset is left out, whatever its last bit
AT_THE_END = 0.5  # ms before the end of a run; an earlier sample says nothing of the end


class Flag(NamedTuple):
    """A flag of the simulation at a position of the dataset; value (mV): None of a count."""

    position: int
    flag: str
    of: str
    value: float | None
    message: str


def write_flags(
    dataset: Path,
    simulations: Path,
    output: Path,
    asked: Mapping[str, Any],
    watched: Mapping[str, Any],
    potentials: Sequence[str],
) -> None:
    """Write the table of flags.

    Args:
        simulations: the table of all; of one that is not ok nothing is said.
        asked: `drift` (mV), `over` (ms), `range` (mV) or None each, and whether `doubtful_count`
            is, as in the sweep file.
        watched: see `plan.flags.watched`.
        potentials: the traces of membrane potentials.

    Raises:
        UserError: no such dataset or a damaged one.
    """
    axes, rows = read_simulations(simulations)
    is_ok = np.array([row.status == "ok" for row in rows])
    with open_dataset(dataset) as file, written(output) as temporary:
        flags = sorted(
            [
                *_within_traces(file, is_ok, asked, watched),
                *_excursions(file, is_ok, asked["range"], potentials),
                *(_doubtful_counts(file, is_ok) if asked["doubtful_count"] else ()),
            ],
            key=lambda flag: flag.position,
        )
        with temporary.open("w", newline="", encoding="utf-8") as table:
            lines = csv.writer(table, lineterminator="\n")
            first, *others = FLAGS
            lines.writerow([first, *axes, *others])
            lines.writerows([*rows[position].point, *flag] for position, *flag in flags)


def _within_traces(
    file: h5py.File, is_ok: np.ndarray, asked: Mapping[str, Any], watched: Mapping[str, Any]
) -> Iterator[Flag]:
    """Yield those that samples tell; a trace is read once, whatever is looked for in it."""
    looks: dict[str, list[_AtRest | _AtEnd]] = {}
    rest, ends = _at_rest(file, is_ok, asked, watched), _at_ends(file, is_ok, watched)
    for look in chain[_AtRest | _AtEnd](rest, ends):
        looks.setdefault(look.trace, []).append(look)
    for name, several in looks.items():
        wanted = np.logical_or.reduce([look.wanted for look in several])
        for positions, times, samples in _traces(file, name, wanted):
            for look in several:
                looked_at = look.wanted[positions]
                yield from look.flags(positions[looked_at], times, samples.of(looked_at))


@dataclass(frozen=True)
class _AtRest:
    """Finds a first recorded potential that moves before the stimulus. Of one without two samples
    before it nothing is said.

    wanted, onsets (ms), ends (ms): by position.
    """

    trace: str
    wanted: np.ndarray
    onsets: np.ndarray
    ends: np.ndarray
    over: float
    limit: float

    def flags(self, positions: np.ndarray, times: np.ndarray, samples: Samples) -> Iterator[Flag]:
        onsets = self.onsets[positions]
        for onset in np.unique(onsets).tolist():
            start = max(onset - self.over, 0.0)
            first, end = np.searchsorted(times, [start - JUST_BEFORE, onset - JUST_BEFORE]).tolist()
            if end - first > 1:
                has_it = onsets == onset
                moved = np.ptp(samples.of(has_it).between(first, end), axis=1).astype(float)
                is_over = moved > self.limit
                found = zip(positions[has_it][is_over], moved[is_over], strict=True)
                yield from (self._flag(int(at), onset, start, float(by)) for at, by in found)

    def _flag(self, position: int, onset: float, start: float, moved: float) -> Flag:
        end_of_run = self.ends[position]
        early = f"; the run ends at {end_of_run:g} ms" if end_of_run < onset else ""
        words = (
            f"{self.trace} moves by {moved:.6g} mV in the {onset - start:g} ms before the "
            f"stimulus at {onset:g} ms; limit: {self.limit:g} mV{early}"
        )
        return Flag(position, NOT_AT_REST, self.trace, moved, words)


@dataclass(frozen=True)
class _AtEnd:
    """Finds ends above the threshold of a spike site. Of a trace whose samples end before the run
    nothing is said.

    wanted, thresholds (mV), ends (ms): by position.
    """

    trace: str
    wanted: np.ndarray
    site: str
    thresholds: np.ndarray
    ends: np.ndarray

    def flags(self, positions: np.ndarray, times: np.ndarray, samples: Samples) -> Iterator[Flag]:
        last = samples.between(len(times) - 1, len(times))[:, 0].astype(float)
        is_near = self.ends[positions] - times[-1] <= AT_THE_END
        found = is_near & (last > self.thresholds[positions])
        for position, value in zip(positions[found].tolist(), last[found].tolist(), strict=True):
            words = (
                f"{self.trace} is at {value:.6g} mV at {times[-1]:g} ms, its last sample; the run "
                f"ends at {self.ends[position]:g} ms; threshold of {self.site}: "
                f"{self.thresholds[position]:g} mV"
            )
            yield Flag(position, AT_END, self.trace, value, words)


def _at_rest(
    file: h5py.File, is_ok: np.ndarray, asked: Mapping[str, Any], watched: Mapping[str, Any]
) -> Iterator[_AtRest]:
    trace, limit = watched["rest"], asked["drift"]
    if trace and limit is not None:
        onsets = np.broadcast_to(watched["onset"], is_ok.shape)
        ends = over_simulations(file, "tstop")
        yield _AtRest(trace, is_ok & (onsets > 0), onsets, ends, asked["over"], limit)


def _at_ends(file: h5py.File, is_ok: np.ndarray, watched: Mapping[str, Any]) -> Iterator[_AtEnd]:
    ends = over_simulations(file, "tstop")
    for site, of in watched["ends"].items():
        thresholds = np.broadcast_to(of["threshold"], is_ok.shape)
        # Most never rise so high, and need not be read.
        may_be = is_ok & (over_simulations(file, f"{of['trace']}_max") > thresholds)
        yield _AtEnd(of["trace"], may_be, site, thresholds, ends)


def _excursions(
    file: h5py.File,
    is_ok: np.ndarray,
    limits: Sequence[float] | None,
    potentials: Sequence[str],
) -> Iterator[Flag]:
    """Yield those whose potentials leave a range at any step of integration."""
    if limits is None:
        return
    lowest, highest = limits
    for trace in potentials:
        low, high = (over_simulations(file, f"{trace}_{end}") for end in ("min", "max"))
        for position in np.flatnonzero(is_ok & ((low < lowest) | (high > highest))).tolist():
            ends = float(low[position]), float(high[position])
            value = max(ends, key=lambda end: max(lowest - end, end - highest))
            words = (
                f"{trace} runs from {ends[0]:.6g} to {ends[1]:.6g} mV; "
                f"range: {lowest:g} to {highest:g} mV"
            )
            yield Flag(position, EXCURSION, trace, value, words)


def _doubtful_counts(file: h5py.File, is_ok: np.ndarray) -> Iterator[Flag]:
    """Yield those whose counts hang on the threshold: one for all copies of a site."""
    sites: list[str] = json.loads(file.attrs["spikesweep_sites"])
    copies = Counter(map(base, sites))
    hanging: dict[str, list[str]] = {}
    for site in sites:
        if f"n_lower_{site}" in file:  # else it is nowhere another number
            hanging.setdefault(base(site), []).append(site)
    for name, some in hanging.items():
        counts, lower = (
            np.array([over_simulations(file, f"{of}_{site}") for site in some])
            for of in ("n_spikes", "n_lower")
        )
        differs = (counts != lower) & is_ok
        for position in np.flatnonzero(differs.any(axis=0)).tolist():
            if copies[name] > 1:
                found = f"at {differs[:, position].sum()} of {copies[name]} copies another number"
            else:
                number = int(counts[0, position])
                found = f"{number} spike{'s' * (number != 1)}, but {lower[0, position]}"
            words = f"{name}: {found} by a threshold {MARGIN:g} mV lower: {remedy(name)}"
            yield Flag(position, DOUBTFUL_COUNT, name, None, words)


def _traces(
    file: h5py.File, name: str, wanted: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, Samples]]:
    """Yield of the simulations that are wanted positions, times (ms) and samples of a trace;
    together those whose samples are at the same times."""
    trace = file[name]
    dimension = trace.dims[trace.ndim - 1][0].name.strip("/")
    for positions in in_blocks(trace, np.flatnonzero(wanted)):
        samples = read_samples(trace, positions)
        counts = samples.counts()
        if dimension != STEPS:
            times = file[dimension][()]
            for count in np.unique(counts).tolist():
                are_such = counts == count
                yield positions[are_such], times[:count], samples.of(are_such)
        else:  # each simulation has the times of its own steps
            of_steps = read_samples(file[STEP_TIMES], positions).between(0, trace.shape[-1])
            for position, times, count in zip(positions, of_steps, counts.tolist(), strict=True):
                is_it = positions == position
                yield positions[is_it], times[:count], samples.of(is_it)
