"""The work that all do: sweeps, the points of their grids, and what comes out of them."""

import math
import shutil
from pathlib import Path

import h5py
import numpy as np
import yaml

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("Snakefile", "workflow", "profiles", "requirements.lock", "mod", "morphologies")
D_LAMBDA = {"pyramidal": 0.1, "fine": 0.03}

HH = """
title: One Hodgkin-Huxley compartment
model:
  cells:
    cell:
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: soma, insert: {hh: {}}}]
protocol:
  tstop: 200
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 20, dur: 160, amp: 0.2}}
record:
  traces: {v: {of: cell.soma(0.5).v, every: 0.1}}
  spikes: {soma: {at: cell.soma(0.5)}}
"""


FIGURES = [
    {"kind": "heatmap", "of": "rate", "x": "gkbar", "y": "celsius"},
    {"kind": "curve", "of": "rate", "x": "gkbar", "by": "celsius"},
]
FEATURES = ["AP_amplitude", "AP_width", "AHP_depth", "time_to_first_spike"]


def grid(n: int, more: int = 0) -> tuple[list[float], list[float]]:
    """Return temperatures (degC) and gkbar (S/cm2) of n simulations, as square as can be.

    more: temperatures beyond these, that is, simulations added to a grid that stays.
    """
    temperatures = max(d for d in range(1, math.isqrt(n) + 1) if n % d == 0)
    celsius = [round(6.3 + 0.05 * i, 6) for i in range(temperatures + more)]
    return celsius, [round(0.02 + 0.0001 * i, 6) for i in range(n // temperatures)]


def hh_sweep(n: int, more: int = 0) -> dict:
    """Return the sweep file of the small cell."""
    celsius, gkbar = grid(n, more)
    axes = {
        "celsius": {"values": celsius, "sets": "protocol.celsius"},
        "gkbar": {"values": gkbar, "sets": "cell.soma.hh.gkbar"},
    }
    return yaml.safe_load(HH) | {"axes": axes}


def default_sweep() -> dict:
    """Return the default sweep: 24 pyramidal cells, six figures."""
    return yaml.safe_load((ROOT / "config/sweeps/potassium_block.yaml").read_text())


def pyramidal_sweep(d_lambda: float, amps: list[float], celsius: list[float]) -> dict:
    """Return the sweep file of the large cell: that of the default sweep under other axes."""
    sweep = default_sweep()
    sweep["model"]["cells"]["pyramidal"]["spatial"] = {"d_lambda": d_lambda}
    sweep["axes"] = {
        "celsius": {"values": celsius, "sets": "protocol.celsius"},
        "amp": {"values": amps, "sets": "step.amp"},
    }
    del sweep["design"], sweep["statistics"], sweep["figures"]
    return sweep


def with_features(sweep: dict) -> dict:
    """Return a sweep of the small cell that has eFEL measure each simulation's trace."""
    features = {"f": {"of": "cell.soma(0.5).v", "window": "step", "names": FEATURES}}
    return sweep | {"record": sweep["record"] | {"features": features}}


def write_points(path: Path, outer: list[float], inner: list[float]) -> None:
    """Write a line a simulation, (inner, outer), in the order of the grid."""
    path.write_text("".join(f"{b!r} {a!r}\n" for a in outer for b in inner))


def make_project(folder: Path) -> Path:
    """Return a copy of this project without sweeps and results."""
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".snakemake")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / "config/sweeps").mkdir(parents=True)
    (folder / "config/config.yaml").write_text("sweeps: []\n")
    return folder


def write_sweep(project: Path, name: str, sweep: dict) -> None:
    """Write a sweep file into a project."""
    path = project / f"config/sweeps/{name}.yaml"
    path.write_text(yaml.safe_dump(sweep, sort_keys=False))


def differences(dataset: Path, competitor: Path, trace: str = "v") -> list[str]:
    """Return what differs, bit by bit, between our dataset and a competitor's results.

    A competitor may have run the first simulations of the grid only.
    """
    theirs = read_results(competitor)
    n = len(theirs["counts"])
    with h5py.File(dataset) as file:
        counts = file["n_spikes_soma"][...].ravel()[:n]
        ours = {
            "traces": file[trace][...].reshape(-1, file[trace].shape[-1])[:n],
            "counts": counts,
            "spikes": file["spike_times_soma"][: int(counts.sum())],
        }
    return [name for name, values in ours.items() if not np.array_equal(values, theirs[name])]


def read_results(path: Path) -> dict[str, np.ndarray]:
    """Return a competitor's traces, numbers of spikes, and trains one after the other."""
    if path.suffix == ".npz":
        with np.load(path) as results:
            return dict(results)
    with h5py.File(path) as file:
        return {
            "traces": file["v"][...],
            "counts": file["counts"][...],
            "spikes": file["spikes"][...],
        }
