"""The dataset of a sweep: the results of all its simulations as one labelled NetCDF-4 file.

    import xarray
    from spikesweep.dataset import trains

    ds = xarray.open_dataset("results/<sweep>/dataset.nc")
    ds.v_soma.sel(dose=30, celsius=26).plot()
    trains(ds, "soma").sel(dose=30, celsius=26).item()      # spike times (ms) of one simulation

Dimensions <axes>: a full grid has one dimension an axis, in the order of the sweep file, with a
coordinate variable each. Every other design has the one dimension `simulation`, and the axes are
coordinates along it, as are the labels of a table. Along <axes> simulations stand in the order of
the design, C order.

    <trace>(<axes>, time)      float32 or float64; NaN after the end of a shorter run, and
                               throughout where a simulation failed before it gave a trace
    <trace>_min, <trace>_max   (<axes>) extremes over every step of integration
    <features>_<feature>(<axes>)   of waveforms, by eFEL; NaN where undefined
    n_values_<features>_<feature>(<axes>), values_<features>_<feature>   of features with `values:
                               true`, how many values there are, and all of them as spike times are
    n_spikes_<site>(<axes>)    number of spikes; 0 where a simulation failed
    spike_times_<site>(spike_<site>)   ms, all trains one after the other, in the order above (CF's
                               contiguous ragged array): without spikesweep a train is
                               last = ds.n_spikes_soma.values.cumsum()[i]
                               ds.spike_times_soma[last - ds.n_spikes_soma.values.flat[i] : last]
    n_lower_<site>, lower_times_<site>   the same, as a threshold 10 mV lower counts the spikes;
                               only where that finds others in some simulation
    status(<axes>)             see STATUSES; message(<axes>) says why
    key(<axes>), index(<axes>) of the simulation, as in the plan; tstop(<axes>) in ms
    time(time)                 ms; `time_<trace>` where traces have intervals of their own
    <movie>(<axes>, time_<movie>, segment_<movie>)   float32 or float64; NaN as of a trace, and
                               beyond the segments of a cell that has fewer
    section_<movie>(segment_<movie>), and region_, x_, distance_, diam_, x0_ ... z1_   which segment
                               is which: its section and place there, path distance, diameter and
                               both ends in space (um); along <axes> as well where cells differ
    time_step(<axes>, integration_step)   ms, of the traces that hold every step: each simulation
                               has its own steps; NaN after the last

The attribute `spikesweep_unchanged` names the axes that changed nothing that is recorded, where
there are any; `spikesweep_doubtful` has, for each site where the number of spikes is another 10 mV
lower, in how many simulations.

Failed simulations are part of the dataset. The same simulations give the same bytes, however they
were shared out over jobs and segments.
"""

import json
import os
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np

from spikesweep.language.names import KEY_STATUSES, STATUSES
from spikesweep.products.atomic import written
from spikesweep.products.items import Items, sources_of, thinned
from spikesweep.products.physics import names_back
from spikesweep.recording.results import all_values, lower, segments_of
from spikesweep.store.segment import EXTENT, Segment, pack, read_extent, unpack
from spikesweep.store.store import DamagedSegment, Store
from spikesweep.tables.doubtful import DOUBTFUL
from spikesweep.tables.movies import copy_movie, movie_variables, reels
from spikesweep.tables.names import STEP_TIMES, feature_names, many_valued, value_names
from spikesweep.tables.netcdf import (
    Simulations,
    Variable,
    global_attributes,
    layout,
    sampled,
)
from spikesweep.tables.unchanged import UNCHANGED, Contents, unchanged

_FILE = {"libver": ("v110", "v110"), "locking": False, "track_order": True}
_FRAME_BYTES = 16_384  # at least, of what is neither a trace nor a spike time
_OPEN_SEGMENTS = 64
_TIMES_BLOCK = 1 << 20  # bytes; a whole number of chunks of spike times


def collect(
    plan: Mapping[str, Any],
    rows: Iterable[tuple[int, str, Sequence[float | str]]],
    items: Sequence[Items],
    outcomes: Mapping[str, tuple[str, str]],
    store: Store,
    output: Path,
    fingerprint: str,
) -> None:
    """Write the dataset of a sweep.

    Args:
        plan: of the sweep; read are `sweep`, `title`, `specification` (anything that JSON can
            say), `axes` [{name, unit, long_name, values}, ...], `design` {kind, shape}, `record`
            (as in a simulation document), `quantities` {trace: {unit, long_name}}, and `tstop`
            (ms), one number or one a simulation; and `labels` {name: a value a simulation}, if any.
        rows: index, key and values of the axes (numbers, or their text) of every simulation, in
            the order of the design.
        items: of each simulation, by which addresses the store has what is recorded.
        outcomes: key -> (status, message) of the simulations whose end the store does not know;
            what stands here is not looked up there.
        output: file, written under a temporary name and then renamed.
        fingerprint: of the dataset.

    Memory holds a few numbers a simulation, and one trace at a time.

    Raises:
        LostSimulations, DamagedSegment: the store lacks results that it should have.
        UserError: two variables of the dataset would have one name.
    """
    simulations = gather(plan["record"], rows, items, outcomes, store)
    variables = layout(plan, simulations)
    columns = (simulations.traces, simulations.movies, simulations.spikes)
    samples = [extents for column in columns for extents in column.values()]
    size = _FRAME_BYTES + sum(int(extents["nbytes"].sum()) for extents in samples)
    with (
        written(output, size) as temporary,
        h5py.File(temporary, "w", **_FILE) as file,
        _Reader(simulations) as reader,
    ):
        movies = reels(plan, simulations, reader.read)
        variables += movie_variables(plan, movies, len(simulations.keys))
        _create(file, variables, global_attributes(plan, fingerprint))
        names = [axis["name"] for axis in plan["axes"]]
        ran = simulations.status == STATUSES.index("ok")
        unchanged_by = partial(unchanged, names, simulations.values, ran.tolist())
        # Numbers at hand tell of most axes that they change something: hashes take their time.
        is_told = not unchanged_by(_numbers(simulations))
        contents = None if is_told else Contents(len(simulations.keys))
        for trace in sampled(plan["record"]):
            extents, thin = simulations.traces[trace], simulations.thin[trace]
            _copy_traces(file[trace], extents, thin, reader, contents)
        add = contents.add if contents is not None else None
        for movie, reel in movies.items():
            copy_movie(file[movie], movie, reel, simulations, reader.read, add)
        for site in plan["record"]["spikes"]:
            extents = simulations.spikes[site]
            _copy_trains(file[f"spike_times_{site}"], extents, reader, contents)
        for site, extents in simulations.lower.items():
            _copy_trains(file[f"lower_times_{site}"], extents, reader)
        for feature, extents in simulations.many.items():
            _copy_trains(file[value_names(feature)[1]], extents, reader)
        if contents is not None:
            for place, numbers in enumerate(_numbers(simulations)):
                contents.add(place, numbers)
            if axes := unchanged_by(contents.digests()):
                file.attrs[UNCHANGED] = json.dumps(axes)
        if doubtful := _doubtful(simulations, ran):
            file.attrs[DOUBTFUL] = json.dumps(doubtful)


def gather(
    record: Mapping[str, Any],
    rows: Iterable[tuple[int, str, Sequence[float | str]]],
    items: Sequence[Items],
    outcomes: Mapping[str, tuple[str, str]],
    store: Store,
) -> Simulations:
    """Return what is known of every simulation, and where in the store its samples lie.

    Raises:
        LostSimulations, DamagedSegment: results that should be in the store are not.
    """
    index, keys, values = map(list, zip(*rows, strict=True))
    count = len(keys)
    simulations = Simulations(
        index=index,
        keys=keys,
        values=values,
        status=np.zeros(count, np.int8),
        message=[""] * count,
        segments=np.zeros(count, np.int32),
        extremes={trace: np.full((count, 2), np.nan) for trace in record["traces"]},
        features={name: np.full(count, np.nan) for name in feature_names(record)},
        traces={trace: np.zeros(count, EXTENT) for trace in sampled(record)},
        spikes={site: np.zeros(count, EXTENT) for site in record["spikes"]},
        lower={site: np.zeros(count, EXTENT) for site in record["spikes"]},
        many={name: np.zeros(count, EXTENT) for name in many_valued(record)},
        movies={name: np.zeros(count, EXTENT) for name in record.get("movies", {})},
        shown={name: np.zeros(count, EXTENT) for name in record.get("movies", {})},
        thin={trace: np.ones(count, np.int32) for trace in sampled(record)},
    )
    alike: dict[int, list[int]] = defaultdict(list)  # places of simulations with the same items
    for place, (key, own) in enumerate(zip(keys, items, strict=True)):
        if key in outcomes:
            status, message = outcomes[key]
            simulations.status[place] = STATUSES.index(status)
            simulations.message[place] = names_back(message, own.names)
        else:
            alike[id(own)].append(place)
    for places in alike.values():
        own = items[places[0]]
        for segment, found, at in store.find([keys[place] for place in places], own.addresses):
            _enter(segment, at, simulations, [places[place] for place in found], own)
    for site, extents in list(simulations.lower.items()):
        is_same = extents["itemsize"] == 0
        extents[is_same] = simulations.spikes[site][is_same]
        if is_same.all():
            del simulations.lower[site]
    return simulations


def _numbers(simulations: Simulations) -> list[bytes]:
    """Return the numbers that are recorded of each simulation: extremes, features, counts."""
    count = len(simulations.keys)
    columns = [
        *simulations.extremes.values(),
        *simulations.features.values(),
        *(extents["length"].astype(np.float64) for extents in simulations.spikes.values()),
    ]
    table = np.hstack([np.empty((count, 0)), *(column.reshape(count, -1) for column in columns)])
    return [row.tobytes() for row in table]


def _doubtful(simulations: Simulations, ran: np.ndarray) -> dict[str, int]:
    """Return in how many simulations a lower threshold counts another number of spikes, by site."""
    differ = {
        site: int((ran & (extents["length"] != simulations.spikes[site]["length"])).sum())
        for site, extents in simulations.lower.items()
    }
    return {site: count for site, count in differ.items() if count}


def _enter(
    segment: Segment, rows: list[int], simulations: Simulations, places: list[int], items: Items
) -> None:
    """Copy the columns of rows of a segment to places among all simulations."""
    many = simulations.many
    simulations.segments[places] = len(simulations.paths)
    simulations.paths.append(segment.path)
    for place, row in zip(places, rows, strict=True):
        status, message = items.first_failure(
            KEY_STATUSES[segment.status[row]], segment.message[row], segment.failures[row]
        )
        simulations.status[place], simulations.message[place] = STATUSES.index(status), message
    for columns, column_of, addresses in (
        (simulations.features, segment.features, items.features),
        (simulations.spikes, segment.spikes, items.spikes),
        (simulations.lower, segment.spikes, {n: lower(a) for n, a in items.spikes.items()}),
        (simulations.movies, segment.traces, items.movies),
        (simulations.shown, segment.traces, {n: segments_of(a) for n, a in items.movies.items()}),
        (simulations.many, segment.spikes, {n: all_values(items.features[n]) for n in many}),
    ):
        for name, address in addresses.items():
            if address in column_of:
                columns[name][places] = column_of[address][rows]
    times = {STEP_TIMES: STEP_TIMES} if STEP_TIMES in simulations.traces else {}
    for name, address in (items.traces | times).items():
        _enter_trace(segment, rows, simulations, places, name, address)


def _enter_trace(
    segment: Segment,
    rows: list[int],
    simulations: Simulations,
    places: list[int],
    name: str,
    address: str,
) -> None:
    """Copy where a trace lies, or the finest one that has all its samples among others."""
    for held in sources_of(segment.traces, address):
        step = thinned(held, address)
        extents = segment.traces[held][rows]
        extents["length"] = -(-extents["length"] // step)
        is_new = (extents["itemsize"] > 0) & (simulations.traces[name]["itemsize"][places] == 0)
        chosen = np.flatnonzero(is_new)
        at = np.asarray(places)[chosen]
        simulations.traces[name][at] = extents[chosen]
        simulations.thin[name][at] = step
        if name in simulations.extremes and held in segment.extremes:
            simulations.extremes[name][at] = segment.extremes[held][rows][chosen]


def _create(file: h5py.File, variables: list[Variable], attributes: Mapping[str, str]) -> None:
    """Write everything but the traces and spike times."""
    with h5netcdf.File(file, "w") as netcdf:
        netcdf.attrs.update(attributes)
        netcdf.dimensions = {
            name: size
            for variable in variables
            for name, size in zip(variable.dimensions, variable.shape, strict=True)
        }
        for variable in variables:
            created = netcdf.create_variable(
                variable.name,
                variable.dimensions,
                variable.dtype,
                variable.data,
                **variable.options,
            )
            created.attrs.update(variable.attributes)


def _copy_traces(
    target: h5py.Dataset,
    extents: np.ndarray,
    thin: np.ndarray,
    reader: "_Reader",
    contents: Contents | None,
) -> None:
    """Copy every simulation's trace to its chunk, as it was compressed."""
    *shape, samples = target.shape
    whole = (samples, target.dtype.itemsize)
    corners = zip(np.ndindex(*shape), extents.tolist(), strict=True)
    # In the order of the design, wherever they come from: so the file has the same bytes.
    for place, (corner, extent) in enumerate(corners):
        length, itemsize = extent[2:]
        if not itemsize:
            continue
        stored = reader.read(place, extent)
        if (length, itemsize) != whole or thin[place] > 1:
            padded = np.full(samples, np.nan, target.dtype)
            padded[:length] = unpack(stored, itemsize)[:: thin[place]]
            stored = pack(padded)
        if contents is not None:
            contents.add(place, stored)
        target.id.write_direct_chunk((*corner, 0), stored)


def _copy_trains(
    target: h5py.Dataset,
    extents: np.ndarray,
    reader: "_Reader",
    contents: Contents | None = None,
) -> None:
    """Write all spike times, train after train."""
    block, start = bytearray(), 0
    for place, extent in enumerate(extents.tolist()):
        train = reader.read(place, extent) if extent[1] else b""
        if contents is not None:
            contents.add(place, train)
        block += train
        last = place == len(extents) - 1
        while len(block) >= _TIMES_BLOCK or (last and block):
            times = np.frombuffer(bytes(block[:_TIMES_BLOCK]), "<f8")
            target[start : start + len(times)] = times
            start += len(times)
            del block[:_TIMES_BLOCK]


class _Reader:
    """Reads extents of segments, of which it keeps the latest used open."""

    def __init__(self, simulations: Simulations):
        self._segments = simulations.segments.tolist()
        self._simulations = simulations
        self._open: OrderedDict[int, int] = OrderedDict()  # place in paths -> file descriptor

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)

    def read(self, place: int, extent: tuple[int, int, int, int]) -> bytes:
        """Return the stored bytes of one simulation's trace or train.

        Raises:
            DamagedSegment: the segment was proven to be whole, and has gone since.
        """
        try:
            return read_extent(self._descriptor(self._segments[place]), extent)
        except OSError as error:
            path = self._simulations.paths[self._segments[place]]
            raise DamagedSegment(path, [self._simulations.keys[place]], str(error)) from error

    def _descriptor(self, segment: int) -> int:
        if segment not in self._open:
            if len(self._open) == _OPEN_SEGMENTS:
                os.close(self._open.popitem(last=False)[1])
            self._open[segment] = os.open(self._simulations.paths[segment], os.O_RDONLY)
        self._open.move_to_end(segment)
        return self._open[segment]
