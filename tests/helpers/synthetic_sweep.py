"""A synthetic sweep: spikes and traces by a formula, in the files that the stages write."""

import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from spikesweep.figures.data import FigureData
from spikesweep.figures.population_table import write_population
from spikesweep.recording.frames import Segment
from spikesweep.tables.columns import SENSITIVITY_OVER_TIME, UNCERTAINTY_OVER_TIME

STATUSES = {"flag_values": np.arange(6, dtype="int8"),
            "flag_meanings": "ok error not_finite timeout memory crashed"}  # fmt: skip
DOSE = {"name": "dose", "unit": "uM", "long_name": "dose",
        "values": [0.1, 1.0, 10.0, 30.0, 100.0, 1000.0]}  # fmt: skip
CELSIUS = {"name": "celsius", "unit": "degC", "long_name": "temperature", "values": [16, 26, 36]}
SEED = {"name": "seed", "unit": "1", "long_name": "seed", "values": [1, 2, 3, 4]}
STATISTICS = {
    "n_spikes": {"unit": "1", "long_name": "number of spikes"},
    "n_spikes_lower": {"unit": "1", "long_name": "number of spikes, counted lower"},
    "rate": {"unit": "Hz", "long_name": "firing rate"},
    "latency": {"unit": "ms", "long_name": "latency of the first spike"},
    "isi_mean": {"unit": "ms", "long_name": "mean interspike interval"},
    "cv": {"unit": "1", "long_name": "coefficient of variation of the interspike intervals"},
}


FIRES = {"of": "rate", "site": None, "unit": "Hz", "at": {}, "low": 15.0, "high": 40.0,
         "mean": None, "sd": None, "z": None, "source": ""}  # fmt: skip

# The segments of its movie: a soma, and a dendrite in two branches.
OVER_TIME = {
    "sensitivity_over_time": SENSITIVITY_OVER_TIME,
    "uncertainty_over_time": UNCERTAINTY_OVER_TIME,
}
SHOWN = [
    Segment("soma", "soma", 0.5, 0, 20, -10, 0, 0, 10, 0, 0),
    *(Segment("dend", "basal", x, 10 + 90 * x, 3, 90 * x - 5, 0, 0, 90 * x + 25, 0, 0)
      for x in (1 / 6, 0.5, 5 / 6)),
    *(Segment(f"dend[{i}]", "basal", x, 100 + 60 * x, 2, 70 + 60 * x, up * (60 * x - 15), 0,
              100 + 60 * x, up * (60 * x + 15), 0)
      for i, up in ((1, 1), (2, -1)) for x in (0.25, 0.75)),
]  # fmt: skip


def film(traces: np.ndarray) -> np.ndarray:
    """A movie of 101 frames (simulation, time, segment): what is far off sees less, and later."""
    lags = [int(segment.distance / 4) for segment in SHOWN]
    seen = [np.roll(traces, lag, axis=1) * (1 - lag / 100) - 0.65 * lag for lag in lags]
    return np.stack(seen, axis=-1)[:, ::40]


ENDS = ("threshold_lower", "threshold_upper")


def firing_rate(dose: float, celsius: float) -> float:
    """A rate in Hz that a dose reduces with EC50 30 uM and h 1.5, and that Q10 = 1.5 scales."""
    return (5 + 75 / (1 + (dose / 30) ** 1.5)) * 1.5 ** ((celsius - 26) / 10)


SOMA = "cell.soma(0.5)"


@dataclass
class Sweep:
    """A synthetic sweep: its axes, whether they make a grid, and what its cells do."""

    axes: list
    grid: bool = True
    points: list | None = None  # of a design that is no grid
    failed: dict | None = None  # index -> status
    silent: bool = False
    lower: dict | None = None  # index -> spike times that a threshold 10 mV lower counts
    held: float | None = None  # where the potential stays (mV)
    tstop: float = 400.0  # ms

    def write(self, folder: Path) -> FigureData:
        points = self.points or list(product(*(axis["values"] for axis in self.axes)))
        names = [axis["name"] for axis in self.axes]
        self.table = pd.DataFrame(points, columns=names)
        self.table.insert(0, "index", range(len(points)))
        self.table["status"] = [(self.failed or {}).get(i, 0) for i in range(len(points))]
        trains = [self.train(row) for row in self.table.to_dict("records")]
        self.write_dataset(folder / "dataset_0.nc", trains)
        self.write_tables(folder, trains)
        self.write_sensitivity(folder / "sensitivity_0.csv")
        return FigureData(
            folder / "dataset_0.nc", folder / "statistics_0.csv", folder / "isi_0.csv",
            sensitivity=folder / "sensitivity_0.csv",
            **self.write_over_time(folder),
            thresholds=self.write_thresholds(folder / "thresholds_0.csv"),
            **self.write_population(folder),
        )  # fmt: skip

    def train(self, row: dict) -> np.ndarray:
        if self.silent or row["status"]:
            return np.empty(0)
        rng = np.random.default_rng([row["index"], 7])
        dose, celsius = row.get("dose", 10.0), row.get("celsius", 26)
        mean = 1000 / firing_rate(dose, 26 if isinstance(celsius, str) else celsius)
        intervals = mean * rng.gamma(30, 1 / 30, int(3 * self.tstop / mean) + 3)
        times = 50 + np.cumsum(intervals)
        return times[times < self.tstop]

    def write_dataset(self, path: Path, trains: list) -> None:
        time = np.linspace(0, self.tstop, 4001)
        if self.grid:
            dims = [axis["name"] for axis in self.axes]
            shape = [len(axis["values"]) for axis in self.axes]
        else:
            dims, shape = ["simulation"], [len(trains)]
        traces = np.array([voltage(time, train) for train in trains], "float32")
        if self.held is not None:
            traces[:] = self.held
        traces[self.table["status"] != 0] = np.nan

        def over_design(values, **attrs):
            return (dims, np.asarray(values).reshape(shape), attrs)

        dataset = xr.Dataset(
            {
                "status": over_design(self.table["status"].astype("int8"), **STATUSES),
                "tstop": over_design(np.full(len(trains), self.tstop), units="ms"),
                "index": over_design(self.table["index"]),
                "key": over_design([f"{i:064x}".encode() for i in self.table["index"]]),
                "v_soma": ([*dims, "time"], traces.reshape([*shape, time.size]),
                           {"units": "mV", "long_name": "membrane potential", "at": SOMA}),
                "v_soma_max": over_design(traces.max(axis=1).astype(float), units="mV",
                                          long_name="greatest membrane potential"),
                "v_dend": ([*dims, "time"], (0.5 * traces - 32.5).reshape([*shape, time.size]),
                           {"units": "mV", "long_name": "membrane potential"}),
                "v_dend_max": over_design(0.5 * traces.max(axis=1).astype(float) - 32.5),
                "film": ([*dims, "time_film", "segment_film"],
                         film(traces).reshape([*shape, 101, len(SHOWN)]),
                         {"units": "mV", "long_name": "membrane potential"}),
                "n_spikes_soma": over_design([len(train) for train in trains],
                                             sample_dimension="spike_soma"),
                "spike_times_soma": ("spike_soma", np.concatenate(trains),
                                     {"units": "ms", "at": SOMA}),
            },
            coords={
                "time": ("time", time, {"units": "ms", "long_name": "time"}),
                "time_film": ("time_film", time[::40], {"units": "ms", "long_name": "time"}),
                **{f"{part}_film": ("segment_film", list(column))
                   for part, column in zip(Segment._fields, zip(*SHOWN, strict=True), strict=True)},
            },
            attrs={
                "spikesweep_axes": json.dumps(self.axes),
                "spikesweep_sites": json.dumps(["soma"]),
                "spikesweep_traces": json.dumps(["v_soma", "v_dend"]),
                "spikesweep_movies": json.dumps(["film"]),
            },
        )  # fmt: skip
        if self.lower:
            dataset.attrs["spikesweep_doubtful"] = json.dumps({"soma": len(self.lower)})
            below = [self.lower.get(i, train) for i, train in enumerate(trains)]
            dataset["n_lower_soma"] = over_design([len(train) for train in below],
                                                  sample_dimension="lower_soma")  # fmt: skip
            dataset["lower_times_soma"] = "lower_soma", np.concatenate(below), {"units": "ms"}
        for axis in self.axes:
            attrs = {"units": axis["unit"], "long_name": axis["long_name"]}
            name = axis["name"]
            values = axis["values"] if self.grid else self.table[name].to_numpy()
            dataset = dataset.assign_coords({name: (name if self.grid else dims, values, attrs)})
        dataset.to_netcdf(path, engine="h5netcdf")

    def write_thresholds(self, path: Path) -> Path:
        """Brackets over the first axis; one is crossed again, of one there is none."""
        rows = []
        first = self.axes[0]["name"]
        for i, level in enumerate(dict.fromkeys(self.table[first])):
            is_found = not self.silent and i != 1
            row = {first: level, "bracketed": "yes" if is_found else "never reached"}
            row |= {"threshold_lower": 12 / (i + 1), "threshold_upper": 14 / (i + 1)}
            row |= {"monotonic": "no" if i == 2 else "yes"}
            rows.append(
                row if is_found else {**row, "threshold_lower": None, "threshold_upper": None}
            )
        pd.DataFrame(rows).to_csv(path, index=False)
        return path

    def write_sensitivity(self, path: Path) -> None:
        """Indices by a formula; undefined where no cell fires."""
        n = int((self.table["status"] == 0).sum())
        rows = []
        for method, index in (("pawn", "median"), ("rbd_fast", "S1")):
            for i, axis in enumerate([*(axis["name"] for axis in self.axes), "(none)"]):
                row = {"quantity": "rate", "axis": axis, "method": method, "index": index}
                row |= {"unit": "", "used": n, "of": len(self.table)}
                if self.silent or not n:
                    row |= {"note": "undefined: the quantity does not change"}
                else:
                    row |= {"value": 0.6 / (i + 1), "low": 0.6 / (i + 1) - 0.1}
                    row |= {"high": 0.6 / (i + 1) + 0.1, "level": 0.95}
                rows.append(row)
        names = ["value", "low", "high", "level", "used", "of", "note"]
        columns = ["quantity", "axis", "method", "index", "unit", *names]
        pd.DataFrame(rows, columns=columns).to_csv(path, index=False)

    def write_over_time(self, folder: Path) -> dict[str, Path]:
        """Indices of a trace at four times, and its spread, by formulas; undefined at the first."""
        paths = {name: folder / f"{name}_0.csv" for name in OVER_TIME}
        n = int((self.table["status"] == 0).sum())
        indices, spread = [], []
        for time in (0.0, 10.0, 20.0, 30.0):
            known = {"quantity": "v_soma", "time": time, "used": n, "of": len(self.table)}
            spread.append(known | {"p5": -70 - time, "p50": -65, "p95": -60 + time} if n else known)
            for i, axis in enumerate([*(axis["name"] for axis in self.axes), "(none)"]):
                row = known | {"axis": axis, "method": "pawn", "index": "median", "unit": ""}
                if self.silent or not n or not time:
                    row |= {"note": "undefined: the quantity does not change"}
                else:
                    value = 0.01 * time / (i + 1)
                    row |= {"value": value, "low": value - 0.1, "high": value + 0.1, "level": 0.95}
                indices.append(row)
        for name, rows in zip(OVER_TIME, (indices, spread), strict=True):
            pd.DataFrame(rows, columns=[*OVER_TIME[name]]).to_csv(paths[name], index=False)
        return paths

    def write_population(self, folder: Path) -> dict[str, Path]:
        """Accepted are those that fire at 15 to 40 Hz; each simulation is a candidate."""
        names = ("population", "acceptance", "correlations")
        paths = {name: folder / f"{name}_0.csv" for name in names}
        data = FigureData(folder / "dataset_0.nc", folder / "statistics_0.csv")
        axes = [axis["name"] for axis in self.axes]
        asked = {"criteria": {"fires": FIRES}, "axes": axes, "is_sample": not self.grid}
        write_population(data, asked, list(paths.values()))
        columns = {"columns": {"fires": {"unit": "Hz", "long_name": "firing rate"}}}
        paths["population"].with_suffix(".json").write_text(json.dumps(columns))
        return {name: paths[name] for name in names[:2]}

    def write_tables(self, folder: Path, trains: list) -> None:
        rows, intervals = [], []
        for row, train in zip(self.table.to_dict("records"), trains, strict=True):
            isi = np.diff(train)
            spikes = {"site": "soma"}
            if row["status"] == 0:
                lower = len((self.lower or {}).get(row["index"], train))
                spikes |= {"n_spikes": len(train), "n_spikes_lower": lower}
                spikes |= {"rate": len(train) / self.tstop * 1000}
                spikes |= {"latency": train[0]} if train.size else {}
                spikes |= {"isi_mean": isi.mean(), "cv": isi.std() / isi.mean()} if isi.size else {}
            rows.append(row | spikes)
            shared = {name: value for name, value in row.items() if name != "status"}
            intervals += [
                shared | {"site": "soma", "interval": i + 1, "time": train[i + 1], "isi": isi[i]}
                for i in range(isi.size)
            ]
        leading = list(self.table.columns)
        pd.DataFrame(rows, columns=[*leading, "site", *STATISTICS]).to_csv(
            folder / "statistics_0.csv", index=False
        )
        pd.DataFrame(intervals, columns=[*leading[:-1], "site", "interval", "time", "isi"]).to_csv(
            folder / "isi_0.csv", index=False
        )
        (folder / "statistics_0.json").write_text(json.dumps({"columns": STATISTICS}))


def voltage(time: np.ndarray, train: np.ndarray) -> np.ndarray:
    """A membrane potential in mV with an action potential and its afterpotential at each spike."""
    v = np.full(time.shape, -65.0)
    for spike in train:
        after = np.clip(time - spike, 0, None)
        v += 100 * np.exp(-(((time - spike) / 0.6) ** 2)) - 8 * (after > 0) * np.exp(-after / 6)
    return v
