"""Movies in the dataset: samples by frame and segment, and which segments these are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from spikesweep.language.movie_grid import frame_range
from spikesweep.language.units import rounded
from spikesweep.recording.frames import Segment, decoded
from spikesweep.store.segment import unpack
from spikesweep.tables.names import movie_names
from spikesweep.tables.netcdf import FILTERS, TEXT, Frame, Simulations, Variable, udunits

# Of a simulation's stored samples, by its place and where they lie.
Read = Callable[[int, tuple[int, int, int, int]], bytes]

# What says which segment is which: unit, meaning.
PARTS: dict[str, tuple[str, str]] = {
    "section": ("", "section"),
    "region": ("", "region"),
    "x": ("1", "place along the section, of the middle of the segment"),
    "distance": ("um", "path distance"),
    "diam": ("um", "diameter"),
    **{f"{axis}0": ("um", f"{axis} of the start of the segment") for axis in "xyz"},
    **{f"{axis}1": ("um", f"{axis} of the end of the segment") for axis in "xyz"},
}


@dataclass(frozen=True)
class Reel:
    """A movie of all simulations.

    frames: times (ms). shown: all the ways in which cells are made of segments. of: (n,) which of
    these ways a simulation's is; -1 where it has no movie.
    """

    frames: list[float]
    shown: list[list[Segment]]
    of: np.ndarray

    @property
    def segments(self) -> int:
        """The largest number of segments, or 1."""
        return max(map(len, self.shown), default=1)


def reels(plan: Mapping[str, Any], simulations: Simulations, read: Read) -> dict[str, Reel]:
    """Return the movies of a sweep by name.

    Args:
        read: returns the stored bytes of a simulation's trace, by its place and extent.
    """
    longest = float(np.max(plan["tstop"]))
    made = {}
    for name, movie in plan["record"].get("movies", {}).items():
        known: dict[bytes, int] = {}
        shown: list[list[Segment]] = []
        of = np.full(len(simulations.keys), -1)
        for place, extent in enumerate(simulations.shown[name].tolist()):
            if extent[-1] and simulations.movies[name]["itemsize"][place]:
                stored = read(place, extent)
                if stored not in known:
                    known[stored] = len(shown)
                    shown.append(decoded(unpack(stored, extent[-1])))
                of[place] = known[stored]
        frames = [rounded(movie["every"] * frame) for frame in frame_range(movie, longest)]
        made[name] = Reel(frames, shown, of)
    return made


def movie_variables(
    plan: Mapping[str, Any], made: Mapping[str, Reel], count: int
) -> Iterator[Variable]:
    """Yield the variables of movies; samples are filled in later."""
    frame = Frame.of(plan, count)
    for name, reel in made.items():
        quantity, movie = plan["quantities"][name], plan["record"]["movies"][name]
        names = movie_names(name)
        time, segment = names["time"], names["segment"]
        attributes = {"long_name": "time", "units": "ms"}
        times = np.array(reel.frames)
        yield Variable(time, (time,), times.shape, np.dtype(np.float64), attributes, times)
        for part, (unit, long_name) in PARTS.items():
            yield _part(names[part], part, unit, long_name, segment, reel, frame)
        of_segments = " ".join(names[part] for part in PARTS)
        coordinates = f"{frame.attributes.get('coordinates', '')} {of_segments}".strip()
        attributes = {
            "long_name": quantity["long_name"],
            "units": udunits(quantity["unit"]),
            "at": ".".join(movie["region"]),
            "ancillary_variables": "status",
            "coordinates": coordinates,
        }
        size = len(reel.frames), reel.segments
        precision = np.dtype(plan["record"]["precision"])
        yield Variable(
            name,
            (*frame.dimensions, time, segment),
            (*frame.shape, *size),
            precision,
            attributes,
            options={
                "chunks": (*(1 for _ in frame.shape), *size),
                "fillvalue": precision.type(np.nan),
                **FILTERS,
            },
        )


def _part(
    name: str, part: str, unit: str, long_name: str, segment: str, reel: Reel, frame: Frame
) -> Variable:
    """Return what is said of each segment: once, or of each simulation where they differ."""
    is_text = part in ("section", "region")
    ways = [_padded([getattr(s, part) for s in way], reel.segments, is_text) for way in reel.shown]
    nothing = _padded([], reel.segments, is_text)
    dimensions: tuple[str, ...] = (segment,)
    rows = (ways or [nothing])[0]
    if len(ways) > 1:
        dimensions = (*frame.dimensions, segment)
        rows = [ways[way] if way >= 0 else nothing for way in reel.of.tolist()]
    data = np.array(rows, object if is_text else float)
    data = data.reshape(*(frame.shape if len(ways) > 1 else ()), reel.segments)
    attributes = {"long_name": long_name} | ({"units": unit} if unit else {})
    return Variable(
        name, dimensions, data.shape, TEXT if is_text else np.dtype(float), attributes, data
    )


def _padded(values: list[Any], length: int, is_text: bool) -> list[Any]:
    return values + ["" if is_text else np.nan] * (length - len(values))


def copy_movie(
    target: h5py.Dataset,
    name: str,
    reel: Reel,
    simulations: Simulations,
    read: Read,
    add: Callable[[int, bytes], None] | None,
) -> None:
    """Write the samples of a movie, simulation by simulation.

    Args:
        add: takes the place of a simulation and the bytes of what is recorded of it.
    """
    for place, corner in enumerate(np.ndindex(*target.shape[:-2])):
        way = int(reel.of[place])
        if way < 0:
            continue
        extent = simulations.movies[name][place].item()
        samples = unpack(read(place, extent), extent[-1]).reshape(-1, len(reel.shown[way]))
        target[(*corner, slice(len(samples)), slice(samples.shape[1]))] = samples
        if add is not None:
            add(place, samples.tobytes())
