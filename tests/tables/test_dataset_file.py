"""The dataset's file: equal however it came about, made in little memory, or refused."""

import hashlib
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

from collecting import CELSIUS, DOSE, a_plan, collect_named, stored
from project import HELPERS, PACKAGE
from spikesweep.store.store import DamagedSegment, LostSimulations, Store
from spikesweep.tables import collect as dataset
from synthetic import Simulated, key, simulated

RESULTS = [simulated(i, samples) for i, samples in enumerate([10, 10, 3, 10, 5, 10])]
WAYS = {
    "one job": (RESULTS, [6]),
    "a simulation a job": (RESULTS, [1]),
    "backwards": (RESULTS[::-1], [4]),
    "mixed": ([RESULTS[i] for i in (3, 0, 5, 1, 4, 2)], [1, 3]),
    "with others": ([simulated("x", 20), *RESULTS, simulated("y", 7)], [3]),
    "computed twice": (RESULTS + RESULTS[::-1], [6, 2, 4]),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_equal_simulations_give_equal_bytes(tmp_path, way):
    plan = a_plan(DOSE, CELSIUS, tstop=0.9)
    hashes = []
    for results, sizes in (WAYS["one job"], way):
        store = stored(tmp_path / f"store{len(hashes)}", results, sizes)
        collect_named(plan, range(6), store, tmp_path / "ds.nc")
        hashes.append(hashlib.sha256((tmp_path / "ds.nc").read_bytes()).hexdigest())
    assert hashes[0] == hashes[1]


def test_the_time_of_day_does_not_stand_in_the_file(collected):
    ds = collected(a_plan(DOSE, CELSIUS), [simulated(i) for i in range(6)])
    with h5py.File(ds.encoding["source"]) as file:
        items = [file, *file.values()]
        assert {h5py.h5o.get_info(item.id).mtime for item in items} == {0}


def test_whole_traces_are_copied_without_being_inflated(collected, monkeypatch):
    def refuse(*_):
        raise AssertionError("inflated")

    monkeypatch.setattr(dataset, "unpack", refuse)
    results = [simulated(i) for i in range(6)]
    ds = collected(a_plan(DOSE, CELSIUS), results)
    assert ds.v_soma.values.reshape(6, 5).tolist() == [r.traces["v_soma"].tolist() for r in results]


def test_more_segments_than_are_kept_open(collected, monkeypatch):
    monkeypatch.setattr(dataset, "_OPEN_SEGMENTS", 2)
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    results = [simulated(i) for i in range(6)]
    plan = a_plan(DOSE, CELSIUS)
    ds = collected(plan, [results[i] for i in (0, 3, 1, 4, 2, 5)], sizes=[2])
    assert ds.key.values.ravel().tolist() == [r.key for r in results]
    assert ds.v_soma.values.reshape(6, 5).tolist() == [r.traces["v_soma"].tolist() for r in results]
    ds.close()
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) <= before + 1


MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
from synthetic import Simulated, key
from collecting import CELSIUS, a_plan, collect_named
from spikesweep.store.store import Store
folder, count = Path(sys.argv[1]), int(sys.argv[2])
plan = a_plan(CELSIUS | {"values": list(range(count))}, tstop=5000)
collect_named(plan, range(count), Store(folder / "store"), folder / "ds.nc")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.workflow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KB on Linux only")
def test_memory_stays_flat_as_simulations_grow(tmp_path):
    # 200 traces of 50,001 samples are 40 MB, and as noise also where they are compressed.
    trace = np.random.default_rng(0).normal(size=50_001).astype("float32")
    results = [Simulated(key(i), traces={"v_soma": trace}) for i in range(200)]
    stored(tmp_path / "store", results, [100])
    peaks = [
        subprocess.run(
            [sys.executable, "-c", MEMORY, str(tmp_path), str(count)],
            env=os.environ | {"PYTHONPATH": f"{PACKAGE}{os.pathsep}{HELPERS}"},
            capture_output=True, text=True, check=True,
        ).stdout
        for count in (2, 200)
    ]  # fmt: skip
    assert int(peaks[1]) - int(peaks[0]) < 10_000


# ---- what can be wrong --------------------------------------------------------------------------


def test_missing_simulations_stop_it(tmp_path):
    plan = a_plan(CELSIUS)
    store = stored(tmp_path / "store", [simulated(0)])
    with pytest.raises(LostSimulations) as lost:
        collect_named(plan, range(2), store, tmp_path / "ds.nc")
    assert lost.value.keys == [key(1)]
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_damaged_segment_stops_it(tmp_path):
    plan = a_plan(CELSIUS)
    store = stored(tmp_path / "store", [simulated(0), simulated(1)], [1])
    path = store.folder / f"{store.index()[bytes.fromhex(key(1))][0]}.h5"
    contents = bytearray(path.read_bytes())
    contents[len(contents) // 2] ^= 1
    path.write_bytes(contents)
    with pytest.raises(DamagedSegment) as damaged:
        collect_named(plan, range(2), store, tmp_path / "ds.nc")
    assert (damaged.value.path, damaged.value.keys) == (path, [key(1)])
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_segment_that_goes_while_it_is_read(tmp_path, monkeypatch):
    plan = a_plan(CELSIUS)
    store = stored(tmp_path / "store", [simulated(0), simulated(1)])
    (path,) = store.folder.glob("*.h5")
    copy = dataset._copy_traces

    def cut_then_copy(*args):
        os.truncate(path, 100)
        copy(*args)

    monkeypatch.setattr(dataset, "_copy_traces", cut_then_copy)
    with pytest.raises(DamagedSegment) as damaged:
        collect_named(plan, range(2), store, tmp_path / "ds.nc")
    assert damaged.value.path == path
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_grid_of_another_number_of_simulations(tmp_path):
    plan = a_plan(CELSIUS)
    plan["design"]["shape"] = [3]
    outcomes = {key(i): ("timeout", "") for i in range(2)}
    with pytest.raises(ValueError, match="2 simulations do not make a grid"):
        collect_named(plan, range(2), Store(tmp_path), tmp_path / "ds.nc", outcomes)
