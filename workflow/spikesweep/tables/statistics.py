"""The statistics stage: from the dataset of a sweep to two tables of its spike trains.

What each simulation is, and whether it counts, the table of simulations says.

    statistics.csv   a row a simulation and spike site: index, <axes>, status, site, COLUMNS, and
                     the features of waveforms, which are the same at all sites; then what the
                     user's own functions say, and what is derived
    isi.csv          a row an interspike interval: index, <axes>, site, ISI_COLUMNS

Rows come in the order of the simulations, then of the sites, then of time. A cell is empty where
its value is undefined; a simulation that failed has no statistics and no intervals. A sweep of
features alone, without a spike site, has a row a simulation. Numbers are
the shortest text that reads back to the same bits, so

    pandas.read_csv(path, keep_default_na=False, na_values=[""])

gives back every value (pandas 2 needs float_precision="round_trip" for the last bit; pandas 3.1
warns of it). The tables are written block by block, so memory stays flat, and without pandas: a
thousand simulations of 30 spikes take 0.05 s, importing pandas 0.4 s.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np

from spikesweep.errors import UserError
from spikesweep.products.atomic import written
from spikesweep.tables import spiketrain
from spikesweep.tables.columns import COLUMNS, ISI_COLUMNS, WINDOW_COLUMNS
from spikesweep.tables.derived import derive
from spikesweep.tables.simulations import (
    DAMAGED,
    open_dataset,
    over_simulations,
    read_simulations,
)
from spikesweep.tables.spiketrain import Counts, Floats, Window

BLOCK = 100_000  # spikes and simulations in memory at a time; rows of Python objects need 30 MB


def write_tables(
    dataset: Path,
    simulations: Path,
    statistics: Path,
    isi: Path,
    window: Window | None,
    refractory: float = 5.0,
    derived: Mapping[str, str] | None = None,
    own: Mapping[str, Floats] | None = None,
) -> None:
    """Write the table of statistics and the table of intervals of a dataset.

    Both appear complete or not at all: they are written under another name first.

    Args:
        simulations: the table of all simulations; one that is not ok counts as failed.
        window: from and to in ms, both included, numbers or (simulations,) each; None for the
            whole run. Of a window that outlasts a simulation, the simulated part counts; where
            nothing of it was simulated, the statistics are empty.
        refractory: refractoriness constant R of LvR, in ms.
        derived: formulas of more columns, see `derived`.
        own: columns that the user's own functions made, in the order of the rows.

    Raises:
        UserError: no such dataset or a damaged one; a window that ends before it starts.
    """
    if window is not None and not varies(window) and not np.less(*window):
        raise UserError(
            f"the window of the statistics is {window[0]} to {window[1]} ms; "
            "expected an end after its start (statistics: window:)"
        )
    derived, own = derived or {}, own or {}
    with (
        open_dataset(dataset) as file,
        written(statistics) as statistics_path,
        written(isi) as isi_path,
        statistics_path.open("w", newline="", encoding="utf-8") as statistics_file,
        isi_path.open("w", newline="", encoding="utf-8") as isi_file,
    ):
        known = gather(file, simulations)
        rows = csv.writer(statistics_file, lineterminator="\n")
        axes, features = known.axes, known.features
        windows = WINDOW_COLUMNS if varies(window) else {}
        names = [*COLUMNS, *windows, *features, *own, *derived]
        rows.writerow(["index", *axes, "status", "site", *names])
        if not known.sites and (features or own or derived):
            rows.writerows(zip(*_feature_columns(known, window, derived, own), strict=True))
        csv.writer(isi_file, lineterminator="\n").writerow(["index", *axes, "site", *ISI_COLUMNS])
        for part in blocks(known):
            trains = read_trains(file, known, part, window)
            rows_of = slice(*(len(known.sites) * i for i in (part.start, part.stop)))
            of_part = {name: column[rows_of] for name, column in own.items()}
            lines = _statistics_lines(trains, refractory, list(windows), derived, of_part)
            statistics_file.writelines(lines)
            isi_file.writelines(_isi_lines(trains))


def varies(window: Window | None) -> bool:
    """Return whether a window is one a simulation."""
    return window is not None and np.ndim(window[0]) > 0


# ---- the dataset -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Simulations:
    """The simulations of a dataset, in the order in which it holds them.

    identity: index and values of the axes, as the table of simulations writes them, each
    (simulations,). status (words), tstop (ms): (simulations,). features: name -> (simulations,).
    counts: the number of spikes at each site, shape (simulations, sites); lower: as a lower
    threshold counts them.
    """

    axes: list[str]
    identity: list[np.ndarray]
    status: np.ndarray
    features: dict[str, np.ndarray]
    tstop: Floats
    sites: list[str]
    counts: Counts
    lower: Counts


def gather(file: h5py.File, table: Path) -> Simulations:
    """Return the simulations of a dataset, whichever design it has, and of their table.

    Raises:
        UserError: something is missing, a spike count does not fit the spike times, or tstop is
            not in ms.
    """
    try:
        return _gathered(file, table)
    except KeyError as error:
        raise UserError(f"{file.filename}: not a whole dataset ({error}); {DAMAGED}") from error


def _gathered(file: h5py.File, table: Path) -> Simulations:
    if (unit := file["tstop"].attrs.get("units", "ms")) != "ms":
        raise UserError(f"{file.filename}: tstop is in {unit}; expected ms")
    axes, rows = read_simulations(table)
    points, status, _ = zip(*rows, strict=True)
    identity = zip(*points, strict=True)
    sites = json.loads(file.attrs["spikesweep_sites"])
    features = json.loads(file.attrs.get("spikesweep_features", "[]"))
    counts = [_checked_counts(file, *_trains_of(site)) for site in sites]
    lower = [_checked_counts(file, *_lower_of(file, site)) for site in sites]
    tstop = over_simulations(file, "tstop")
    return Simulations(
        axes=axes,
        identity=[np.array(column, object) for column in identity],
        status=np.array(status, object),
        features={name: over_simulations(file, name) for name in features},
        tstop=tstop,
        sites=sites,
        counts=np.array(counts, np.int64).reshape(len(sites), tstop.size).T,
        lower=np.array(lower, np.int64).reshape(len(sites), tstop.size).T,
    )


def _checked_counts(file: h5py.File, name: str, times: str) -> Counts:
    counts, n_times = over_simulations(file, name), file[times].size
    if counts.min() < 0 or counts.sum() != n_times:
        raise UserError(
            f"{file.filename}: {name} adds up to {counts.sum()}, but {times} holds {n_times}; "
            f"{DAMAGED}"
        )
    return counts


def _trains_of(site: str) -> tuple[str, str]:
    """Return the variables that have counts and times of a site's spikes."""
    return f"n_spikes_{site}", f"spike_times_{site}"


def _lower_of(file: h5py.File, site: str) -> tuple[str, str]:
    """Return those that a lower threshold counts: the same, where it nowhere finds others."""
    lower = f"n_lower_{site}", f"lower_times_{site}"
    return lower if lower[0] in file else _trains_of(site)


@dataclass(frozen=True)
class Trains:
    """The trains of some simulations, cut to the window: those of a simulation site by site.

    spike_times (ms) and counts are ragged, see `spiketrain`. simulation: its place in
    `simulations`; site: name; ran: whether anything in the window was simulated; window: the
    simulated part of it; lower: the counts by a lower threshold. All but spike_times have the
    shape (trains,).
    """

    simulations: Simulations
    simulation: np.ndarray
    site: np.ndarray
    ran: np.ndarray
    window: Window
    spike_times: Floats
    counts: Counts
    lower: Counts


def read_trains(
    file: h5py.File, simulations: Simulations, part: slice, window: Window | None
) -> Trains:
    """Return the trains of the simulations in `part`, cut to the window; failed ones are empty."""
    sites = len(simulations.sites)
    simulation = np.repeat(np.arange(part.start, part.stop), sites)
    start, end, ran = (np.repeat(one, sites) for one in simulated(simulations, part, window))
    # Past the window's end nothing counts, but a run's own end cuts nothing: the clock of a fixed
    # step reaches it a rounding error late (50.0000000000028), and may have a spike there.
    last = np.select([~ran, end < simulations.tstop[simulation]], [-np.inf, end], np.inf)
    names = [_trains_of(site) for site in simulations.sites]
    found = _spikes_by_simulation(file, names, simulations.counts, part)
    spike_times, counts = spiketrain.within(*found, (start, last))
    lower = counts
    if names != (below := [_lower_of(file, site) for site in simulations.sites]):
        found = _spikes_by_simulation(file, below, simulations.lower, part)
        lower = spiketrain.n_spikes(*found, (start, last))
    return Trains(
        simulations,
        simulation,
        site=np.tile(simulations.sites, part.stop - part.start),
        ran=ran,
        window=(start, end),
        spike_times=spike_times,
        counts=counts,
        lower=lower,
    )


def simulated(
    simulations: Simulations, part: slice, window: Window | None
) -> tuple[Floats, Floats, np.ndarray]:
    """Return of the simulations in `part` when the simulated part of the window starts and ends
    (ms), and whether there is any: (simulations of the part,) each. Where there is none, it ends
    when it starts.
    """
    tstop = simulations.tstop[part]
    start, stop = (
        np.asarray(edge, float)[part] if np.ndim(edge) else np.full(len(tstop), edge, float)
        for edge in window or (0.0, np.inf)
    )
    end = np.minimum(stop, tstop)
    ran = (simulations.status[part] == "ok") & (start < end)
    return start, np.where(ran, end, start), ran


def _spikes_by_simulation(
    file: h5py.File, names: list[tuple[str, str]], every: Counts, part: slice
) -> tuple[Floats, Counts]:
    """Return ragged spike times and counts; the dataset has them site by site.

    Args:
        names: of counts and times, a pair a site. every: (simulations, sites), all counts.
    """
    counts = every[part]
    first = every[: part.start].sum(axis=0)
    last = first + counts.sum(axis=0)
    times = [file[name][first[column] : last[column]] for column, (_, name) in enumerate(names)]
    simulation = [np.repeat(np.arange(len(counts)), column) for column in counts.T]
    order = np.argsort(np.concatenate(simulation), kind="stable")
    return np.concatenate(times)[order], counts.ravel()


def blocks(simulations: Simulations) -> Iterator[slice]:
    """Yield the simulations in parts of about BLOCK spikes and simulations."""
    if simulations.sites:
        block = np.cumsum(simulations.counts.sum(axis=1) + 1) // BLOCK
        edges = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(block)]
        yield from map(slice, edges[:-1], edges[1:])


# ---- the tables --------------------------------------------------------------------------------


def _statistics_lines(
    trains: Trains,
    refractory: float,
    windows: list[str],
    derived: Mapping[str, str],
    own: Mapping[str, Floats],
) -> Iterator[str]:
    simulations = trains.simulations
    status = simulations.status[trains.simulation].tolist()
    named = _joined(*_identity(simulations, trains.simulation), status, trains.site.tolist())
    statistics = {
        name: np.where(trains.ran, counts.astype(str), "")
        for name, counts in (("n_spikes", trains.counts), ("n_spikes_lower", trains.lower))
    }
    statistics |= train_statistics(trains, refractory)
    statistics |= dict(zip(windows, _edges(trains.window, trains.ran), strict=False))
    columns = [_cells(statistics[name]) for name in (*COLUMNS, *windows)]
    columns += _features(simulations, trains.simulation)
    columns += [_cells(column) for column in own.values()]
    statistics |= own
    known = statistics | _of_sites(statistics, simulations.sites)
    columns += _derived(simulations, trains.simulation, derived, known)
    for names, numbers in zip(named, zip(*columns, strict=True), strict=True):
        yield f"{names},{','.join(numbers)}\n"


def _edges(window: Window, ran: np.ndarray) -> list[Floats]:
    """Return the edges of windows, NaN where nothing in them was simulated."""
    return [np.where(ran, edge, np.nan) for edge in window]


def _of_sites(statistics: Mapping[str, np.ndarray], sites: list[str]) -> dict[str, np.ndarray]:
    """Return the statistics of each site by its name, for the rows of all sites."""
    return {
        f"{name}_{site}": np.repeat(column[place :: len(sites)], len(sites))
        for name, column in statistics.items()
        for place, site in enumerate(sites)
    }


def _derived(
    simulations: Simulations,
    chosen: np.ndarray,
    formulas: Mapping[str, str],
    statistics: Mapping[str, np.ndarray],
) -> list[list[Any]]:
    if not formulas:
        return []
    axes = dict(zip(simulations.axes, simulations.identity[1:], strict=True))
    known = {name: column[chosen] for name, column in (simulations.features | axes).items()}
    ran = simulations.status[chosen] == "ok"
    columns = derive(formulas, known | dict(statistics)).values()
    return [_cells(np.where(ran, column, np.nan)) for column in columns]


def _feature_columns(
    simulations: Simulations,
    window: Window | None,
    derived: Mapping[str, str],
    own: Mapping[str, Floats],
) -> list[list[Any]]:
    """Return the columns of a sweep that has no spike site: a row a simulation."""
    every = np.arange(len(simulations.status))
    nothing = [None] * len(every)
    start, end, ran = simulated(simulations, slice(0, len(every)), window)
    edges = _edges((start, end), ran) if varies(window) else []
    windows = dict(zip(WINDOW_COLUMNS, edges, strict=False))
    return [
        *_identity(simulations, every),
        simulations.status.tolist(),
        *(nothing for _ in ("site", *COLUMNS)),
        *map(_cells, windows.values()),
        *_features(simulations, every),
        *(_cells(column) for column in own.values()),
        *_derived(simulations, every, derived, {**windows, **own}),
    ]


def _features(simulations: Simulations, chosen: np.ndarray) -> list[list[Any]]:
    ran = simulations.status[chosen] == "ok"
    columns = simulations.features.values()
    return [_cells(np.where(ran, column[chosen], np.nan)) for column in columns]


def train_statistics(trains: Trains, refractory: float) -> dict[str, Floats]:
    """Return the statistics named in COLUMNS, but counts: each (trains,), NaN if undefined."""
    spike_times, counts, window = trains.spike_times, trains.counts, trains.window
    isi = spiketrain.intervals(spike_times, counts)
    return {
        "rate": spiketrain.rate(counts, window),
        "latency": spiketrain.latency(spike_times, counts, (window[0], np.inf)),
        "isi_mean": spiketrain.isi_mean(*isi),
        "isi_median": spiketrain.isi_median(*isi),
        "isi_sd": spiketrain.isi_sd(*isi),
        "isi_min": spiketrain.isi_min(*isi),
        "isi_max": spiketrain.isi_max(*isi),
        "cv": spiketrain.cv(*isi),
        "cv2": spiketrain.cv2(*isi),
        "lv": spiketrain.lv(*isi),
        "lvr": spiketrain.lvr(*isi, refractory),
        "adaptation_index": spiketrain.adaptation_index(*isi),
    }


def _isi_lines(trains: Trains) -> Iterator[str]:
    """Yield the rows of the intervals as text; the names of a train are written once."""
    isi, counts = spiketrain.intervals(trains.spike_times, trains.counts)
    named = _joined(*_identity(trains.simulations, trains.simulation), trains.site.tolist())
    columns = (
        np.repeat(np.arange(len(counts)), counts).tolist(),
        (_numbered(counts) + 1).tolist(),
        _cells(trains.spike_times[_numbered(trains.counts) > 0]),
        _cells(isi),
    )
    for train, number, time, interval in zip(*columns, strict=True):
        yield f"{named[train]},{number},{time},{interval}\n"


def _joined(*columns: list[Any]) -> list[str]:
    """Return rows of cells as csv writes them, without the ends of lines."""
    lines: list[str] = []
    csv.writer(SimpleNamespace(write=lines.append), lineterminator="").writerows(
        zip(*columns, strict=True)
    )
    return lines


def _identity(simulations: Simulations, simulation: np.ndarray) -> list[list[Any]]:
    return [column[simulation].tolist() for column in simulations.identity]


def _numbered(counts: Counts) -> Counts:
    """Return 0, 1, 2, ... for the elements of each train."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _cells(values: np.ndarray) -> list[Any]:
    """Return values as csv writes them: floats as `repr` does, nothing for NaN, 0.0 for -0.0."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    # Each is written once: times on a grid, and the differences of these, come again and again.
    numbers, places = np.unique(values + 0.0, return_inverse=True)
    texts = ["" if number != number else repr(number) for number in numbers.tolist()]
    return list(map(texts.__getitem__, places.tolist()))
