"""Movies: a variable of every segment that has it, frame by frame."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.movie_grid import frame_range
from spikesweep.language.names import join
from spikesweep.recording.frames import encoded
from spikesweep.recording.interpolation import interpolate
from spikesweep.recording.traces import Probe, count_stride
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.drawing import Drawing, ends_of
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n
from spikesweep.simulation.places import NO_PATH
from spikesweep.simulation.processes import find_cell, variable_at


class Movie:
    """A movie of one simulation.

    Args:
        probes: of its segments.

    Raises:
        SimulationError: no multiple of the time step from frame to frame.
    """

    def __init__(
        self,
        wanted: doc.Movie,
        probes: Sequence[Probe],
        protocol: doc.Protocol,
        precision: np.dtype,
    ):
        self._probes, self._shown = probes, frame_range(wanted, protocol["tstop"])
        self._frames = np.empty((len(self._shown), len(probes)), precision)
        every = wanted["every"]
        self._stride = None if "cvode" in protocol else count_stride(every, protocol["dt"])
        times = [float(f"{every * frame:.15g}") for frame in self._shown]
        self._times = np.minimum(times, protocol["tstop"])

    def take(self, first_step: int, times: np.ndarray) -> None:
        """Take in what the probes show at `times`, (steps,) ms."""
        for column, probe in enumerate(self._probes):
            if self._stride is None:
                self._frames[:, column] = interpolate(times, probe.values, self._times)
            else:
                frame = max(-(-first_step // self._stride), self._shown.start)
                picked = probe.values[frame * self._stride - first_step :: self._stride]
                at = frame - self._shown.start
                picked = picked[: max(len(self._shown) - at, 0)]
                self._frames[at : at + len(picked), column] = picked

    @property
    def probe(self) -> Probe:
        """The one that first was no finite number, or any."""
        return min(
            self._probes,
            key=lambda probe: np.inf if probe.not_finite_since is None else probe.not_finite_since,
        )

    @property
    def samples(self) -> np.ndarray:
        return self._frames.ravel()


def movie_places(movie: doc.Movie, cells: Mapping[str, Cell]) -> list[doc.Location]:
    """Return where the segments are that have a movie's variable, in the order of the cell.

    Raises:
        SimulationError: no segment has it.
    """
    name, region = movie["region"]
    cell = find_cell(cells, name)
    chosen = set(cell.select([region]))
    found = [
        [name, *key, segment.x]
        for key, section in cell.sections.items()
        if section in chosen
        for segment in section
        if variable_at(segment, movie["variable"]) is not None
    ]
    if not found:
        raise SimulationError(f'there is no variable "{movie["variable"]}" in {name}.{region}')
    return found


def check_size(movie: doc.Movie, segments: int, tstop: float, precision: np.dtype) -> None:
    """Refuse a movie without a frame, or one that takes more than its limit."""
    frames = len(frame_range(movie, tstop))
    what = f"movie of {'.'.join(movie['region'])}.{movie['variable']}"
    if not frames:
        raise SimulationError(f"{what}: no frame lies within the run, which ends at {tstop:g} ms")
    if (size := frames * segments * precision.itemsize) > movie["limit"]:
        raise SimulationError(
            f"{what}: {frames} frames of {segments} segments take {size / 1e6:.3g} MB; expected "
            f"at most {movie['limit'] / 1e6:.3g} MB: a longer `every`, a shorter `window`, a part "
            "of the cell, or a larger `limit`"
        )


class Shown:
    """Which segments a movie shows. Made before anything is drawn, which changes sizes."""

    def __init__(self, places: Sequence[doc.Location], cell: Cell, drawing: Drawing):
        self._cell, self._drawing = cell, drawing
        self._sections = [(name, index) for _, name, index, _ in places]
        self._known = [self._electrical(cell.sections[n, i](x), n, i) for _, n, i, x in places]

    def _electrical(self, segment: Any, name: str, index: int) -> tuple:
        distance = n.distance(self._cell.origin, segment)
        return (
            join(name, index or None),
            self._cell.regions[name, index] or "",
            segment.x,
            distance if distance < NO_PATH else float("nan"),
            segment.diam,
        )

    def encoded(self) -> np.ndarray:
        """Return which segments they are, as numbers; draws what has no points."""
        return encoded([*known, *end] for known, end in zip(self._known, self._ends(), strict=True))

    def _ends(self) -> Iterator[list[float]]:
        points, counts = self._drawing.points(), dict.fromkeys(self._sections)
        ends = {
            key: list(ends_of(points[section], section.nseg))
            for key in counts
            for section in [self._cell.sections[key]]
        }
        for key, (_, _, x, *_) in zip(self._sections, self._known, strict=True):
            yield ends[key][int(x * self._cell.sections[key].nseg)]
