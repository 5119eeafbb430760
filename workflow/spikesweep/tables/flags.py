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
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from spikesweep.products.atomic import written
from spikesweep.tables.columns import FLAGS
from spikesweep.tables.flagged import AT_END, EXCURSION, NOT_AT_REST
from spikesweep.tables.names import STEP_TIMES, STEPS
from spikesweep.tables.simulations import open_dataset, over_simulations, read_simulations

JUST_BEFORE = 1e-9  # ms: the sample at the onset is left out, whatever its last bit
AT_THE_END = 0.5  # ms before the end of a run; an earlier sample says nothing of the end
BLOCK = 64_000_000  # bytes of samples in memory at a time


class Flag(NamedTuple):
    """A flag of the simulation at a position of the dataset."""

    position: int
    flag: str
    of: str
    value: float
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
        asked: `drift` (mV), `over` (ms), `range` (mV) or None each, as in the sweep file.
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
                *_not_at_rest(file, is_ok, asked, watched),
                *_spikes_at_end(file, is_ok, watched),
                *_excursions(file, is_ok, asked["range"], potentials),
            ],
            key=lambda flag: flag.position,
        )
        with temporary.open("w", newline="", encoding="utf-8") as table:
            lines = csv.writer(table, lineterminator="\n")
            first, *others = FLAGS
            lines.writerow([first, *axes, *others])
            for position, *flag in flags:
                lines.writerow([*rows[position].point, *flag])


def _not_at_rest(
    file: h5py.File, is_ok: np.ndarray, asked: Mapping[str, Any], watched: Mapping[str, Any]
) -> Iterator[Flag]:
    """Yield those whose first recorded potential moves before the stimulus. Of one without two
    samples before it nothing is said."""
    trace, limit = watched["rest"], asked["drift"]
    if not trace or limit is None:
        return
    onsets = np.broadcast_to(watched["onset"], is_ok.shape)
    ends = over_simulations(file, "tstop")
    for position, times, samples in _traces(file, trace, is_ok & (onsets > 0)):
        onset = float(onsets[position])
        start = max(onset - asked["over"], 0.0)
        first, end = np.searchsorted(times, [start - JUST_BEFORE, onset - JUST_BEFORE])
        if end - first > 1 and (moved := float(np.ptp(samples[first:end]))) > limit:
            early = f"; the run ends at {ends[position]:g} ms" if ends[position] < onset else ""
            words = (
                f"{trace} moves by {moved:.6g} mV in the {onset - start:g} ms before the stimulus "
                f"at {onset:g} ms; limit: {limit:g} mV{early}"
            )
            yield Flag(position, NOT_AT_REST, trace, moved, words)


def _spikes_at_end(
    file: h5py.File, is_ok: np.ndarray, watched: Mapping[str, Any]
) -> Iterator[Flag]:
    """Yield those that end above the threshold of a spike site. Of a trace whose samples end
    before the run nothing is said."""
    ends = over_simulations(file, "tstop")
    for site, of in watched["ends"].items():
        trace = of["trace"]
        thresholds = np.broadcast_to(of["threshold"], is_ok.shape)
        # Most never rise so high, and need not be read.
        may_be = is_ok & (over_simulations(file, f"{trace}_max") > thresholds)
        for position, times, samples in _traces(file, trace, may_be):
            last, threshold = float(samples[-1]), float(thresholds[position])
            if last > threshold and ends[position] - times[-1] <= AT_THE_END:
                words = (
                    f"{trace} is at {last:.6g} mV at {times[-1]:g} ms, its last sample; the run "
                    f"ends at {ends[position]:g} ms; threshold of {site}: {threshold:g} mV"
                )
                yield Flag(position, AT_END, trace, last, words)


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


def _traces(
    file: h5py.File, name: str, wanted: np.ndarray
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield of the simulations that are wanted position, times (ms) and samples of a trace."""
    trace = file[name]
    dimension = trace.dims[trace.ndim - 1][0].name.strip("/")
    is_shared = dimension != STEPS  # else each simulation has the times of its own steps
    positions = np.arange(wanted.size).reshape(trace.shape[:-1])
    for part in _blocks(trace):
        places = positions[part].ravel()
        if not wanted[places].any():
            continue
        several = trace[part].reshape(len(places), -1)
        times = file[dimension][()] if is_shared else file[STEP_TIMES][part]
        times = np.broadcast_to(times.reshape(-1, several.shape[1]), several.shape)
        for row in np.flatnonzero(wanted[places]):
            there = np.count_nonzero(np.isfinite(several[row]))  # a shorter run ends in NaN
            if there:
                yield int(places[row]), times[row, :there], several[row, :there]


def _blocks(trace: h5py.Dataset) -> Iterator[tuple[slice, ...]]:
    """Yield parts of a variable along its first dimension, each of a size that memory holds."""
    if trace.ndim == 1:  # of the one simulation of a sweep without axes
        yield ()
        return
    size = trace.dtype.itemsize * int(np.prod(trace.shape[1:]))
    step = max(BLOCK // max(size, 1), 1)
    for first in range(0, trace.shape[0], step):
        yield (slice(first, first + step),)
