"""The store. Oracles: the results that went in, and hashlib."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from project import HELPERS, PACKAGE
from spikesweep.store import segment
from spikesweep.store import store as stores
from spikesweep.store.index import read as read_index
from spikesweep.store.store import DamagedSegment, LostSimulations, Store
from synthetic import content, key, simulated


def commit(store, names):
    return store.commit(store.write([simulated(name) for name in names]))


def damage(path, position=-1, mask=1):
    contents = bytearray(path.read_bytes())
    contents[position] ^= mask
    path.write_bytes(contents)


@pytest.fixture
def store(tmp_path):
    """A store of ten simulations, 0 to 9, in three segments."""
    store = Store(tmp_path / "store")
    for names in (range(4), range(4, 5), range(5, 10)):
        commit(store, names)
    return store


KEYS = [key(i) for i in range(10)]


def test_results_come_back(store):
    stored = {result.key: result for result in store.read(KEYS)}
    assert list(map(content, (stored[k] for k in KEYS))) == [
        content(simulated(i)) for i in range(10)
    ]
    assert store.verify() == []


def test_a_key_asked_for_twice_is_read_twice(store):
    assert [result.key for result in store.read([KEYS[3], KEYS[3]])] == [KEYS[3]] * 2


def test_a_store_that_is_not_there_is_empty(tmp_path):
    store = Store(tmp_path / "none")
    assert store.index() == {}
    assert store.verify() == []
    assert store.size() == (0, 0, 0)
    assert list(store.read([])) == []
    assert not store.folder.exists()


def test_lacking_keys_are_told_without_an_index(store):
    wanted = [bytes.fromhex(key(i)) for i in (3, 12, 4, 11)]
    assert store.lacks(wanted) == {wanted[1], wanted[3]}
    assert Store(store.folder / "none").lacks(wanted) == set(wanted)


def test_size(store):
    commit(store, [0])  # a simulation that two jobs computed counts once
    files = sum(path.stat().st_size for path in store.folder.glob("*.h5"))
    assert store.size() == (10, 4, files)


def test_names_say_what_is_inside(store):
    for path in store.folder.glob("*.h5"):
        count = len(segment.read_segment(path).keys)
        assert path.stem == f"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}-{count}"


def test_two_writers_of_the_same_results_make_one_segment(store):
    before = sorted(store.folder.iterdir())
    parts = [store.write([simulated(4)]) for _ in range(2)]
    assert len(set(parts)) == 2
    assert len({store.commit(part) for part in parts}) == 1
    assert sorted(store.folder.iterdir()) == before


def test_of_two_segments_with_a_key_the_smallest_name_counts(store):
    twins = [commit(store, names) for names in ([1, 11], [1, 12], [1, 13])]
    names = [path.stem for path in store.folder.glob("*.h5") if bytes.fromhex(KEYS[1]) in
             {row.tobytes() for row in segment.read_segment(path).keys}]  # fmt: skip
    assert len(names) == len(twins) + 1
    assert store.index()[bytes.fromhex(KEYS[1])][0] == min(names)


def test_looking_keys_up_imports_the_standard_library_only(store):
    code = (
        "import sys; from spikesweep.store.store import Store; "
        f"print(len(Store({str(store.folder)!r}).index())); "
        "heavy = ('numpy', 'h5py', 'spikesweep.store.segment'); "
        "print([name for name in sys.modules if name in heavy])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.splitlines() == ["10", "[]"]


def test_missing_simulations_are_named(store):
    with pytest.raises(LostSimulations, match="2 simulations lost") as lost:
        list(store.read([KEYS[0], key("a"), KEYS[1], key("b")]))
    assert lost.value.keys == [key("a"), key("b")]


# ---- killed at any moment -----------------------------------------------------------------------


def keys_file(store):
    return max(store.folder.glob("*.keys"))


states = {
    "while writing the segment": lambda s: (s.folder / "0f.h5.part").write_bytes(b"\x89HDF"),
    "before the commit": lambda s: s.write([simulated("new")]),
    "before the keys were renamed": lambda s: keys_file(s).rename(s.folder / "0f.keys.part"),
    "before the keys were on the disk": lambda s: os.truncate(keys_file(s), 0),
    "in the middle of the keys": lambda s: os.truncate(keys_file(s), 40),
    "a whole key short": lambda s: os.truncate(keys_file(s), keys_file(s).stat().st_size - 32),
    "with a flipped bit in the keys": lambda s: damage(keys_file(s), 3),
    "with a flipped bit in their checksum": lambda s: damage(keys_file(s)),
}


@pytest.mark.parametrize("state", states.values(), ids=states)
def test_killed(store, state):
    expected = store.index()
    state(store)
    assert store.index() == expected
    assert store.verify() == []
    assert len(list(store.read(KEYS))) == 10
    # And what was missing has been made again.
    assert len(list(store.folder.glob("*.keys"))) == 3
    assert all(read_index(path.read_bytes()) for path in store.folder.glob("*.keys"))


def test_a_store_that_may_only_be_read(store, monkeypatch):
    keys_file(store).unlink()

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    assert len(store.index()) == 10


WRITER = """
import sys
from synthetic import simulated
from spikesweep.store.store import Store
store = Store(sys.argv[1])
for number in range(10**6):
    store.commit(store.write([simulated((sys.argv[2], number, i)) for i in range(3)]))
    print(number, flush=True)
"""


@pytest.mark.workflow
def test_writers_killed_at_random_leave_a_whole_store(tmp_path):
    store = Store(tmp_path / "store")
    command = [sys.executable, "-c", WRITER, str(store.folder)]
    for round_ in range(4):
        writer = subprocess.Popen(
            [*command, str(round_)],
            env=os.environ | {"PYTHONPATH": f"{PACKAGE}{os.pathsep}{HELPERS}"},
            stdout=subprocess.PIPE,
        )
        with writer:
            for _ in range(2):
                writer.stdout.readline()
            time.sleep(random.random() / 10)
            writer.send_signal(signal.SIGKILL)
    index = store.index()
    assert len(index) >= 4 * 2 * 3
    assert store.verify() == []
    assert len(list(store.read(k.hex() for k in index))) == len(index)
    ours = {path for path in store.folder.iterdir() if path.suffix in (".h5", ".keys")}
    assert set(store.leftovers(before=time.time() + 60)) == {*store.folder.iterdir()} - ours


def test_leftovers_are_old_parts_and_what_was_set_aside(store):
    part = store.write([simulated("new")])
    damaged = store.folder / "0-1.damaged"
    damaged.touch()
    os.utime(damaged, (1000, 1000))
    assert store.leftovers(before=2000) == [damaged]
    assert set(store.leftovers(before=time.time() + 60)) == {
        damaged, part, part.with_name(part.name.replace("h5", "keys")),
    }  # fmt: skip


# ---- damage -------------------------------------------------------------------------------------


def test_every_flipped_byte_is_found_and_named(tmp_path):
    store = Store(tmp_path)
    path = commit(store, range(2))
    whole = path.read_bytes()
    positions = [*range(0, len(whole), 29), len(whole) - 1]
    found = []
    for position in positions:
        damage(path, position, mask=1 << position % 8)
        found += [(p.path, set(p.keys)) for p in store.verify()]
        path.write_bytes(whole)
    assert found == [(path, {key(0), key(1)})] * len(positions)
    assert store.verify() == []


@pytest.mark.parametrize("length", [0, 1, 1000, -1])
def test_a_cut_segment_is_found_by_whoever_reads_it(store, length):
    path = store.folder / f"{store.index()[bytes.fromhex(KEYS[6])][0]}.h5"
    os.truncate(path, length % path.stat().st_size)
    with pytest.raises(DamagedSegment, match="changed or cut off") as damaged:
        list(store.read(KEYS))
    assert damaged.value.path == path
    assert set(damaged.value.keys) == set(KEYS[5:])
    assert [str(p) for p in store.verify()] == [str(damaged.value)]


def test_a_lost_segment_is_named_by_verify_and_its_simulations_run_again(store):
    path = store.folder / f"{store.index()[bytes.fromhex(KEYS[4])][0]}.h5"
    path.unlink()
    with pytest.raises(LostSimulations) as lost:
        list(store.read(KEYS))
    assert lost.value.keys == [KEYS[4]]
    (problem,) = store.verify()
    assert (problem.path, problem.keys) == (path, [KEYS[4]])
    assert "No such file" in str(problem)
    store.set_aside(path)
    assert store.verify() == []


def test_a_damaged_segment_without_keys_is_as_good_as_none(store):
    path = store.folder / f"{store.index()[bytes.fromhex(KEYS[4])][0]}.h5"
    damage(path)
    path.with_suffix(".keys").unlink()
    assert set(store.index()) == {bytes.fromhex(k) for k in KEYS} - {bytes.fromhex(KEYS[4])}
    (problem,) = store.verify()
    assert (problem.path, problem.keys) == (path, [])
    assert "its simulations are lost" in str(problem)


def test_setting_a_damaged_segment_aside_lets_its_simulations_run_again(store):
    path = store.folder / f"{store.index()[bytes.fromhex(KEYS[6])][0]}.h5"
    damage(path)
    store.set_aside(path)
    assert set(store.index()) == {bytes.fromhex(k) for k in KEYS[:5]}
    assert path.with_suffix(".damaged").exists()
    assert commit(store, range(5, 10)) == path
    assert len(list(store.read(KEYS))) == 10
    assert store.verify() == []


def test_writing_the_same_results_again_heals_a_damaged_segment(store):
    path = commit(store, [20, 21])
    damage(path)
    commit(store, [20, 21])
    assert store.verify() == []


def test_many_segments_lie_in_folders_by_their_names(tmp_path, monkeypatch):
    """A folder of thousands of files is slow on shared file systems."""
    monkeypatch.setattr(stores, "FULL", 6)
    store = Store(tmp_path)
    paths = [commit(store, [i]) for i in range(12)]
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert 4 <= len(files) <= 6
    inner = [path for path in paths if path.parent != tmp_path]
    assert inner
    assert all(path.parent == tmp_path / path.name[:2] for path in inner)
    assert sorted(store.files()) == sorted(paths)
    assert store.size()[:2] == (12, 12)
    keys = [key(i) for i in range(12)]
    assert {result.key for result in store.read(keys)} == set(keys)
    assert store.verify() == []
    assert store.lacks(map(bytes.fromhex, keys)) == set()
    useless = store.unnamed({bytes.fromhex(key(i)) for i in range(11)})
    assert useless == [paths[11].with_suffix(".keys"), paths[11]]
    for path in paths:
        path.with_suffix(".keys").unlink()
    assert len(store.index()) == 12
    assert all(path.with_suffix(".keys").exists() for path in paths)
    damage(inner[0])
    [problem] = store.verify()
    assert problem.path == inner[0]
    assert commit(store, [paths.index(inner[0])]) == inner[0]
    assert store.verify() == []
    store.set_aside(inner[0])
    assert store.leftovers(time.time() + 60) == [inner[0].with_suffix(".damaged")]
    monkeypatch.setattr(stores, "FULL", 1000)  # what lies in a folder stays there
    assert commit(store, [paths.index(inner[-1])]) == inner[-1]


def test_results_that_were_written_wrong_are_named(tmp_path, monkeypatch):
    store = Store(tmp_path)
    pack = segment.pack

    def failing_memory(trace):
        flipped = trace.copy()
        if trace.tobytes() == simulated(1).traces["v_soma"].tobytes():
            flipped.view("u4")[2] ^= 1 << 7
        return pack(flipped)

    monkeypatch.setattr(segment, "pack", failing_memory)
    path = commit(store, range(3))
    (problem,) = store.verify()
    assert (problem.path, problem.keys) == (path, [key(1)])
    assert "written wrong" in str(problem)
