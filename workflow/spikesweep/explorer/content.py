"""What the page of a sweep holds: its tables as they are, keys, spikes, and traces as far as the
budget goes.

Blobs are named: `statistics`, `simulations`, `flags` and `structure` are the tables' own text,
deflated, so that what is saved from the page is what the tables say, letter by letter. `keys` has
32 bytes a simulation. `spikes_<n>` has the spike times of the n-th site, `counts_<n>` how many each
simulation has; `trace_<n>` the samples of the n-th trace, `lengths_<n>` the bytes of each
simulation's; `time_<n>` the n-th time coordinate. Those of the n-th movie end in `movie_<n>`, see
`movies`.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from spikesweep.explorer.movies import movies_of
from spikesweep.explorer.traces import (
    Samples,
    at_precision,
    extremes,
    lossless,
    shuffled,
    step_of,
    stored_bytes,
)
from spikesweep.store.deflating import deflated
from spikesweep.tables.columns import COLUMNS
from spikesweep.tables.names import STEP_TIMES
from spikesweep.tables.simulations import open_dataset, over_simulations

BUDGET = 15_000_000 - 150_000  # bytes of the page, less its own modules and style
MOST_SIMULATIONS = 100_000
_BASE64 = 4 / 3
_HOPELESS = 40  # times what is left: no precision makes so much fit
_TRIED, _SURE = 64, 1.25  # simulations that tell how many bytes all take, but for a quarter


@dataclass
class Content:
    """What stands in the page.

    about: what is small, as plain JSON. blobs: by name. left_out: in sentences.
    """

    about: dict[str, Any] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def nbytes(self) -> float:
        """Bytes that it takes in the page."""
        return _BASE64 * sum(map(len, self.blobs.values())) + len(json.dumps(self.about))


def gather(
    dataset: Path,
    simulations: Path,
    flags: Path,
    statistics: Path,
    structure: Path,
    options: Mapping[str, Any],
    units: Mapping[str, str],
    budget: int = BUDGET,
) -> Content:
    """Return what the page of a sweep holds.

    Args:
        options: `traces` and `precision` (mV), as in the sweep file.
        units: of the columns of the structure.
        budget: bytes of the page; what was asked for by name is not measured by it.

    Raises:
        UserError: no such dataset, or a damaged one.
    """
    content = Content()
    with open_dataset(dataset) as file:
        keys = file["key"][()].reshape(-1, 64)
        shown = min(len(keys), MOST_SIMULATIONS)
        if shown < len(keys):
            content.left_out.append(
                f"{len(keys) - shown:,} of {len(keys):,} simulations: the page shows the first "
                f"{shown:,}"
            )
        sites = json.loads(file.attrs["spikesweep_sites"])
        content.about = _about(file, sites, shown, units)
        content.blobs = {
            "simulations": _table(simulations, shown),
            "flags": _table(flags, _rows_below(flags, shown)),
            "statistics": _table(statistics, shown * max(len(sites), 1)),
            "structure": deflated(structure.read_bytes()),
            "keys": np.frombuffer(bytes.fromhex(keys[:shown].tobytes().decode()), "u1").tobytes(),
        }
        own = {"index", "status", "site", *(axis["name"] for axis in content.about["axes"])}
        for name in _header(statistics):  # such as the sweep file derives by formulas
            if name not in own:
                content.about["columns"].setdefault(
                    name, {"unit": "", "long_name": name, "definition": ""}
                )
        if len(keys) > shown:
            content.left_out.append("spikes and traces of so many simulations")
        else:
            _add_spikes(content, file, sites, budget)
            _add_traces(content, file, options, budget)
            _add_movies(content, file, options["precision"], budget)
    content.about["left_out"] = content.left_out
    return content


def _about(
    file: h5py.File, sites: list[str], shown: int, units: Mapping[str, str]
) -> dict[str, Any]:
    attributes = file.attrs
    features = json.loads(attributes.get("spikesweep_features", "[]"))
    return {
        "sweep": str(attributes["sweep"]),
        "title": str(attributes["title"]),
        "simulations": shown,
        "grid": [int(n) for n in file["status"].shape] if _is_grid(file) else None,
        "axes": json.loads(attributes["spikesweep_axes"]),
        "sites": [{"name": site, "at": _text(file[f"spike_times_{site}"], "at")} for site in sites],
        "columns": {
            **{name: column._asdict() for name, column in COLUMNS.items()},
            **{name: _quantity(file[name]) for name in features},
        },
        "traces": [],
        "times": [],
        "movies": [],
        "spikes": False,
        "units": dict(units),
        "specification": json.loads(attributes["specification"]),
    }


def _is_grid(file: h5py.File) -> bool:
    return "simulation" not in file and bool(json.loads(file.attrs["spikesweep_axes"]))


def _quantity(variable: h5py.Dataset) -> dict[str, str]:
    unit = _text(variable, "units")
    long_name = _text(variable, "long_name")
    return {"unit": "" if unit == "1" else unit, "long_name": long_name, "definition": ""}


def _text(variable: h5py.Dataset, attribute: str) -> str:
    return str(variable.attrs.get(attribute, ""))


def _header(table: Path) -> list[str]:
    with table.open(newline="", encoding="utf-8") as file:
        return next(csv.reader(file), [])


def _table(path: Path, rows: int) -> bytes:
    """Return the text of a table, deflated: its header and so many rows."""
    text = path.read_bytes().decode()
    if text.count("\n") > rows + 1:
        text = _first(text, rows + 1)
    return deflated(text.encode())


def _rows_below(table: Path, end: int) -> int:
    """Return how many rows of a table are of simulations below an index; they are in order."""
    with table.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)  # a DictReader takes four times as long
        index = next(lines).index("index")
        return sum(int(line[index]) < end for line in lines)


def _first(text: str, rows: int) -> str:
    """Return the first rows of a table; cells may hold line ends."""
    kept = io.StringIO(newline="")
    lines = csv.reader(io.StringIO(text, newline=""))
    csv.writer(kept, lineterminator="\n").writerows(islice(lines, rows))
    return kept.getvalue()


def _add_spikes(content: Content, file: h5py.File, sites: Iterable[str], budget: int) -> None:
    blobs = {}
    for n, site in enumerate(sites):
        counts = over_simulations(file, f"n_spikes_{site}").astype("<u4")
        blobs[f"counts_{n}"] = shuffled(counts)
        blobs[f"spikes_{n}"] = shuffled(file[f"spike_times_{site}"][()].astype("<f8"))
    if content.nbytes + _BASE64 * sum(map(len, blobs.values())) > budget:
        content.left_out.append("spike times, which would make the page too large")
        return
    content.about["spikes"] = True
    content.blobs |= blobs


def _add_traces(content: Content, file: h5py.File, options: Mapping[str, Any], budget: int) -> None:
    names = json.loads(file.attrs["spikesweep_traces"])
    if not names:
        return
    if options["traces"] == "none":
        content.left_out.append("traces, as the sweep file asks for (explorer: traces: none)")
        return
    samples = _samples(file, names, options, budget - content.nbytes)
    if samples is None:
        content.left_out.append("traces, which would make the page too large")
        return
    _enter(content, file, samples)
    steps = [
        f"{name} {coded.step:g} {_quantity(file[name])['unit']}".rstrip()
        for name, coded in samples.items()
        if coded.step is not None
    ]
    if steps:
        content.left_out.append(
            f"digits of traces, which are shown as whole multiples of {', '.join(steps)}"
        )


def _add_movies(content: Content, file: h5py.File, precision: float, budget: int) -> None:
    for about, blobs in movies_of(file, precision):
        size = len(json.dumps(about)) + _BASE64 * sum(map(len, blobs.values()))
        if content.nbytes + size > budget:
            content.left_out.append(
                f"the movie {about['name']}, which would make the page too large"
            )
            continue
        content.about["movies"].append(about)
        content.blobs |= blobs


def _samples(
    file: h5py.File, names: Sequence[str], options: Mapping[str, Any], left: float
) -> dict[str, Samples] | None:
    """Return the samples of all traces, and the times of every step if some have these; None where
    even at a precision they take more bytes than are left."""
    mode, times = options["traces"], [STEP_TIMES] if STEP_TIMES in file else []
    stored = _BASE64 * sum(stored_bytes(file[name]) for name in [*names, *times])
    if mode == "lossless" or (mode == "auto" and stored <= left):
        samples = {name: lossless(file[name]) for name in [*names, *times]}
        if mode == "lossless" or _takes(samples) <= left:
            return samples
    if mode == "auto" and stored > _HOPELESS * left:
        return None
    steps = {name: _step(file, name, options["precision"]) for name in names}
    if mode == "auto" and _estimate(file, steps) > _SURE * left:
        return None
    samples = {name: at_precision(file[name], step) for name, step in steps.items()}
    samples |= {name: lossless(file[name]) for name in times}
    return None if mode == "auto" and _takes(samples) > left else samples


def _takes(samples: Mapping[str, Samples]) -> float:
    """Return the bytes that samples take in the page, with what says where each lies."""
    return _BASE64 * sum(coded.nbytes + 4 * len(coded.lengths) for coded in samples.values())


def _step(file: h5py.File, name: str, precision: float) -> float:
    unit = _quantity(file[name])["unit"]
    return step_of(unit, np.concatenate(list(extremes(file, name))), precision)


def _estimate(file: h5py.File, steps: Mapping[str, float]) -> float:
    """Return about the bytes that traces take at a precision: to code all that will not fit takes
    longer than all the rest of a page."""
    count = file["status"].size
    some = range(0, count, max(count // _TRIED, 1))
    tried = {name: at_precision(file[name], step, some) for name, step in steps.items()}
    return _takes(tried) * count / len(some)


def _enter(content: Content, file: h5py.File, samples: Mapping[str, Samples]) -> None:
    times: dict[str, int] = {}
    for n, (name, coded) in enumerate(samples.items()):
        variable = file[name]
        last = variable.dims[variable.ndim - 1][0].name.strip("/") if name != STEP_TIMES else ""
        time = STEP_TIMES if last not in file or "integration" in last else last
        if name != STEP_TIMES and time != STEP_TIMES and time not in times:
            times[time] = len(times)
            content.blobs[f"time_{times[time]}"] = shuffled(file[time][()].astype("<f8"))
        content.blobs[f"trace_{n}"] = coded.packed()
        content.blobs[f"lengths_{n}"] = shuffled(coded.lengths.astype("<u4"))
        content.about["traces"].append(
            {
                "name": name,
                **_quantity(variable),
                "at": _text(variable, "at"),
                "samples": int(variable.shape[-1]),
                "itemsize": int(variable.dtype.itemsize),
                "step": coded.step,
                "time": times.get(time, -1),
                "blob": n,
            }
        )
    content.about["times"] = list(times)
