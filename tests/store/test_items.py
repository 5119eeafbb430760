"""What a store finds: items by address, a coarser grid by a finer one; and what it refuses."""

import shutil

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.products.items import Items, holds, thinned
from spikesweep.store.segment import write_segment
from spikesweep.store.store import DamagedSegment, LostSimulations, Store
from synthetic import key, simulated

A, B, C = "t-a@0.1", "s-b", "f-c_AP_amplitude"
FIRST, SECOND = "1" * 64, "2" * 64


def result(name, *held, trajectory=FIRST, status="ok", failures=None):
    made = simulated(name)
    made.held, made.trajectory, made.status = frozenset(held), trajectory, status
    made.failures = failures or {}
    return made


def keys(*names):
    return {bytes.fromhex(key(name)) for name in names}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def commit(store, *results, engine=None):
    return store.commit(store.write(results, engine))


def test_one_segment_must_hold_all_that_is_asked(store):
    commit(store, result(1, A), result(2, A, B))
    commit(store, result(1, B))
    assert store.lacks(keys(1, 2), frozenset([A])) == set()
    assert store.lacks(keys(1, 2), frozenset([A, B])) == keys(1)
    assert store.lacks(keys(1, 2), frozenset([C])) == keys(1, 2)
    assert store.lacks(keys(1, 2)) == set()
    assert [r.key for r in store.read([key(2)], frozenset([A, B]))] == [key(2)]
    with pytest.raises(LostSimulations):
        next(store.find([key(1)], frozenset([A, B])))


def test_what_failed_as_a_whole_has_failed_whatever_is_asked(store):
    commit(store, result(1, A, status="error"), result(2, A))
    assert store.lacks(keys(1, 2), frozenset([C])) == keys(2)


def test_simulations_are_looked_up_each_for_its_own_items(store):
    commit(store, result(1, A), result(2, B))
    first, second = (bytes.fromhex(key(n)) for n in (1, 2))
    asked = [(first, frozenset([A])), (second, frozenset([A])), (second, frozenset([B]))]
    assert store.lacking(asked) == [1]


@pytest.mark.parametrize(
    ("held", "asked", "step"),
    [
        ("t-a@0.1", "t-a@0.1", 1),
        ("t-a@0.1", "t-a@0.3", 3),
        ("t-a@0.025", "t-a@0.1", 4),
        ("t-a@0.1", "t-a@0.25", 0),
        ("t-a@0.3", "t-a@0.1", 0),
        ("t-a@step", "t-a@0.1", 0),
        ("t-a@1e-05", "t-a@0.0001", 10),
    ],
)
def test_a_multiple_of_a_grid_is_held(held, asked, step):
    assert thinned(held, asked) == step
    assert holds([held], [asked]) is bool(step)
    assert not holds([held.replace("-a", "-b")], [asked])


@given(st.integers(1, 40), st.integers(1, 40), st.floats(1e-3, 1, allow_subnormal=False))
def test_every_multiple_of_a_time_step_is_seen(stride, times, dt):
    fine, coarse = (f"t-a@{dt * n!r}" for n in (stride, stride * times))
    assert thinned(fine, coarse) == times


RECORD = {
    "precision": "float32",
    "traces": {"v": {"at": ["pyr", "soma", 0, 0.5], "variable": "v", "every": 0.1}},
    "spikes": {"s": {"at": ["pyr", "soma", 0, 0.5], "threshold": 0, "times": "netcon"}},
    "features": {
        "shape": {
            "at": ["pyr", "soma", 0, 0.5], "variable": "v", "every": 0.1,
            "names": ["AP_amplitude", "AHP_depth"], "threshold": -20,
        },
        "z": {
            "at": ["pyr", "soma", 0, 0.5], "names": ["input_0Hz"], "when": "end", "gating": True,
        },
    },
}  # fmt: skip
NAMES = {"cells": {"pyr": "c0__"}, "processes": {}, "connections": {}, "play": {}}
CODE = {"code": "1", "efel": "5", "scipy": "1"}


def items(record=RECORD, recording=CODE, names=NAMES):
    return Items(record, recording, names)


def with_part(kind, name, **changes):
    return RECORD | {kind: {name: RECORD[kind][next(iter(RECORD[kind]))] | changes}}


@pytest.mark.parametrize(
    ("other", "new"),
    [
        (items(with_part("traces", "voltage")), 0),
        (items(names=NAMES | {"cells": {"pyr": "c0__", "other": "c1__"}}), 0),
        (items(with_part("traces", "v", variable="ina")), 1),
        (items(with_part("traces", "v", every=0.2)), 1),
        (items(RECORD | {"precision": "float64"}), 1),
        (items(with_part("spikes", "s", threshold=5)), 1),
        (items(with_part("features", "shape", window=[1, 2])), 2),
        (items(with_part("features", "shape", names=["AP_amplitude"])), 0),
        (items(recording=CODE | {"efel": "6"}), 2),
        (items(recording=CODE | {"scipy": "2"}), 1),
        (items(recording=CODE | {"code": "2"}), 5),
    ],
)
def test_addresses_follow_from_what_is_recorded(other, new):
    assert len(other.addresses - items().addresses) == new


def test_a_row_has_the_first_failure_among_what_is_asked():
    known = items()
    failures = {
        f"traces/{known.traces['v']}": ("not_finite", "is not a finite number from 1 ms on"),
        f"spikes/{known.spikes['s']}": ("error", "there is no c0__.axon"),
        "traces/t-of-others@0.1": ("error", "of another sweep"),
    }
    first = ("not_finite", "v is not a finite number from 1 ms on")
    assert known.first_failure("ok", "", failures) == first
    mended = {name: failure for name, failure in failures.items() if "spikes" in name}
    assert known.first_failure("ok", "", mended) == ("error", "there is no pyr.axon")
    del mended[f"spikes/{known.spikes['s']}"]
    assert known.first_failure("ok", "", mended) == ("ok", "")
    assert known.first_failure("error", "c0__ is wrong", failures) == ("error", "pyr is wrong")


# ---- damage --------------------------------------------------------------------------------------


def test_two_trajectories_of_one_simulation_are_damage(store):
    one = commit(store, result(1, A), result(2, A))
    other = commit(store, result(1, B, trajectory=SECOND))
    commit(store, result(2, B))
    problems = store.verify()
    assert {problem.path for problem in problems} == {one, other}
    with pytest.raises(DamagedSegment, match="different trajectories of one simulation"):
        next(store.find([key(1)], frozenset([A])))
    assert {problem.path for problem in store.damaged([key(1)])} == {one, other}
    assert [r.key for r in store.read([key(2)], frozenset([B]))] == [key(2)]


def test_any_two_files_of_keys_swapped_are_found_out(store):
    one, other = commit(store, result(1, A)), commit(store, result(2, A))
    keys_of = [path.with_suffix(".keys") for path in (one, other)]
    contents = [path.read_bytes() for path in keys_of]
    for path, content in zip(keys_of, reversed(contents), strict=True):
        path.write_bytes(content)
    assert {problem.path for problem in store.verify()} == {one, other}
    with pytest.raises(LostSimulations, match="did not say what its segment holds"):
        list(store.read([key(1), key(2)]))
    assert {r.key for r in store.read([key(1), key(2)])} == {key(1), key(2)}
    assert store.verify() == []


def test_looking_for_damage_writes_nothing_and_names_keys_that_are_broken(store):
    one, two = commit(store, result(1, A)), commit(store, result(2, A), result(3, A))
    sound = one.with_suffix(".keys").read_bytes()
    of_two = two.with_suffix(".keys").read_bytes()
    assert store.broken_keys() == []
    for broken in (sound[:-1], sound[:40] + bytes([sound[40] ^ 1]) + sound[41:], of_two):
        one.with_suffix(".keys").write_bytes(broken)
        assert store.verify() == []  # they are only a cache
        assert store.broken_keys() == [one.with_suffix(".keys")]
        assert one.with_suffix(".keys").read_bytes() == broken


def forged(store, change):
    """Return a segment that is not what this version writes, under a name that fits its bytes."""
    path = store.folder / "forged.h5.part"
    store.folder.mkdir(exist_ok=True)
    index = write_segment(path, [result(1, A)])
    with h5py.File(path, "r+") as file:
        change(file)
    path.with_name("forged.keys.part").write_bytes(index.written())
    return store.commit(path)


def external(file):
    with h5py.File(file.filename.replace("forged", "other"), "w") as other:
        other["status"] = np.zeros(1, np.int8)
    del file["status"]
    file["status"] = h5py.ExternalLink("other.h5.part", "status")


def cut(file):
    del file["message"]
    file["message"] = np.zeros(3, np.uint8)


@pytest.mark.parametrize(
    "change",
    [
        external,
        cut,
        lambda file: file.attrs.__setitem__("format", 3),
        lambda file: file.attrs.__delitem__("engine"),
        lambda file: file.__delitem__("keys"),
        lambda file: file.__setitem__("soft", h5py.SoftLink("/keys")),
    ],
)
def test_a_segment_that_is_none_is_damage_and_nothing_else(store, change):
    path = forged(store, change)
    assert [problem.path for problem in store.verify()] == [path]
    with pytest.raises(DamagedSegment, match="is no segment that this version reads"):
        store.segment(path.stem)


def test_segments_that_no_present_version_can_find_are_named(store):
    present = {"neuron": "9", "code": "1"}
    commit(store, result(1, A), engine=present)
    old = commit(store, result(2, A), engine=present | {"code": "0"})
    lost = forged(store, lambda file: file.attrs.__setitem__("format", 1))
    lost.with_suffix(".keys").unlink()
    assert store.unreachable(present) == sorted([old, lost])


@pytest.mark.workflow
def test_keys_that_are_cut_anywhere_are_made_again(store):
    path = commit(store, result(1, A), result(2, B)).with_suffix(".keys")
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert store.lacks(keys(1, 2)) == set()
    assert path.read_bytes() == whole
    shutil.rmtree(store.folder)
