"""Results that share segments: how many files, what a kill costs, and children side by side."""

import itertools
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from driving import CRASH, TROUBLE, amplitudes, named, with_mechanism
from simulating import compile_mechanisms, make_soma_document, simulate_well
from spikesweep.execution import packs
from spikesweep.execution.child import in_child
from spikesweep.execution.gathering import LARGE, SECONDS, Gathering
from spikesweep.execution.packs import run
from spikesweep.recording.results import Result
from spikesweep.simulation.simulator import Simulator
from spikesweep.store.store import Store

KEYS = [f"{i:064x}" for i in range(1000)]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compile_mechanisms(tmp_path_factory.mktemp("gathering"), {"trouble": TROUBLE})


def gather(documents, folder, library=None, after=None, pulse=None, clock=None, **options):
    """Run documents and gather what they come to, as a job does; return the summaries.

    after: called with the number of simulations that are done, and the store.
    """
    store = Store(folder)
    gathering = Gathering(store, {}, clock or time.monotonic)
    summaries = []
    simulator = Simulator(library)
    for done in run(named(documents), simulator, gathering.prepare, pulse=pulse, **options):
        if done.token is not None:
            gathering.add(done.token)
        gathering.write_due()
        summaries += done.summaries
        if after is not None:
            after(len(summaries), store)
    gathering.write()
    return summaries


def in_a_process(*arguments, **options):
    outcome = in_child(lambda: gather(*arguments, **options), timeout=120)
    assert outcome.status == "ok", outcome.message
    return outcome.value


@pytest.mark.workflow
def test_200_unpacked_simulations_make_a_few_files(tmp_path):
    documents = [make_soma_document(0.001 * i, tstop=1) for i in range(200)]
    begin = time.monotonic()
    summaries = in_a_process(documents, tmp_path, packable=False)
    most = 2 + (time.monotonic() - begin) // SECONDS
    assert [s.status for s in summaries] == ["ok"] * 200
    files = list(tmp_path.rglob("*"))
    assert {path.suffix for path in files} == {".h5", ".keys"}
    assert len(files) <= 2 * most
    store = Store(tmp_path)
    assert store.size()[0] == 200
    assert store.verify() == []
    stored = {result.key: result for result in store.read(KEYS[:200])}
    for place in (0, 77, 199):
        alone = simulate_well(documents[place])
        np.testing.assert_array_equal(stored[KEYS[place]].traces["v"], alone.traces["v"])
        assert stored[KEYS[place]].trajectory == alone.trajectory


def test_the_same_results_make_the_same_segment(tmp_path):
    """However they were shared out over children: a clock that stands lets all wait."""
    documents = amplitudes(7)
    names = set()
    for options in ({"packable": False}, {"pack_size": 3}, {"pack_size": 3, "cores": 4}, {}):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        in_a_process(documents, folder, clock=lambda: 0.0, **options)
        [path] = Store(folder).files()
        names.add(path.name)
    assert len(names) == 1


@pytest.mark.parametrize("cores", [1, 3])
def test_a_crash_loses_no_neighbour(tmp_path, library, cores):
    ways = [CRASH if i in (3, 11) else 0 for i in range(12)]
    documents = [with_mechanism("trouble", {"way": way}, tstop=2) for way in ways]
    summaries = in_a_process(documents, tmp_path, library, packable=False, cores=cores)
    ended = {s.key: s.status for s in summaries}
    assert [ended[key] for key in KEYS[:12]] == ["crashed" if w else "ok" for w in ways]
    assert set(Store(tmp_path).index()) == {
        bytes.fromhex(key) for key, way in zip(KEYS, ways, strict=False) if not way
    }


def killed_after(number: int, how: signal.Signals):
    def after(done, store):
        if done == number:
            os.kill(os.getpid(), how)
            time.sleep(60)

    return after


@pytest.mark.parametrize("number", [1, 3, 4, 9, 10])
def test_killed_in_the_middle_it_loses_the_last_seconds(tmp_path, number):
    """A clock that goes a second forward at each look: one for the first that waits, and one
    after each simulation."""
    clock = itertools.count(0, 1)
    outcome = in_child(
        lambda: gather(
            amplitudes(12),
            tmp_path,
            after=killed_after(number, signal.SIGKILL),
            packable=False,
            clock=lambda: next(clock),
        )
    )
    assert outcome.killed
    store = Store(tmp_path)
    assert number - SECONDS <= len(store.index()) <= number
    assert store.verify() == []
    assert len(store.files()) <= number / SECONDS


def test_what_waits_is_written_while_a_simulation_takes_long(tmp_path):
    """At the next pulse, long before the last one ends."""
    documents = [make_soma_document(tstop=0.1), make_soma_document(tstop=0.2)]
    slow = make_soma_document(tstop=0.05)
    slow["protocol"]["dt"] = 1e-7
    found = []

    def look():
        clock = itertools.count(0, SECONDS)
        store = Store(tmp_path)
        gathering = Gathering(store, {}, lambda: next(clock))
        members = named([*documents, slow])
        simulator = Simulator()
        running = run(members, simulator, gathering.prepare, packable=False, cores=3, pulse=0.02)
        for done in running:
            if done.token is not None:
                gathering.add(done.token)
            elif not done.summaries:
                gathering.write_due()
                found.append(len(store.index()))
            if 2 in found:
                return found
        return found

    outcome = in_child(look, timeout=120)
    assert outcome.status == "ok", outcome.message
    assert outcome.value[-1] == 2


def test_large_results_are_segments_of_their_own(tmp_path):
    def prepared():
        gathering = Gathering(Store(tmp_path), {})
        small = Result(KEYS[0], traces={"v": np.zeros(10)})
        large = Result(KEYS[1], traces={"v": np.zeros(LARGE // 8 + 1)})
        tokens = [gathering.prepare([small]), gathering.prepare([large])]
        for token in tokens:
            gathering.add(token)
        gathering.write()
        return [isinstance(token, Path) for token in tokens]

    assert in_child(prepared).value == [False, True]
    store = Store(tmp_path)
    assert len(store.files()) == 2
    assert store.verify() == []


def test_much_is_written_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("spikesweep.execution.gathering.MANY", 100)
    gathering = Gathering(Store(tmp_path), {}, lambda: 0.0)
    for place in range(4):
        noise = np.random.default_rng(place).random(8)
        gathering.add(gathering.prepare([Result(KEYS[place], traces={"v": noise})]))
        gathering.write_due()
    assert [store_rows(path) for path in Store(tmp_path).files()] == [2, 2]


def store_rows(path: Path) -> int:
    return int(path.stem.partition("-")[2])


def test_what_cannot_be_written_stops_the_run(tmp_path):
    gathering = Gathering(Store(tmp_path / "store"), {})
    (tmp_path / "store").touch()
    gathering.add(gathering.prepare([Result(KEYS[0])]))
    with pytest.raises(RuntimeError, match="results cannot be saved"):
        gathering.write()


def most_beside(documents, library=None, **options):
    """Return the summaries, and the numbers of children that ran at once."""
    found, wait = [], packs.wait

    def watched(children, until=None):
        found.append(len(children))
        return wait(children, until)

    def watch():
        packs.wait = watched
        with tempfile.TemporaryDirectory() as folder:
            return gather(documents, Path(folder), library, **options), found

    outcome = in_child(watch, timeout=120)
    assert outcome.status == "ok", outcome.message
    return outcome.value


def test_unpacked_simulations_run_side_by_side_where_the_job_has_cores():
    for cores in (1, 3):
        summaries, beside = most_beside(amplitudes(8), packable=False, cores=cores)
        assert sorted(s.key for s in summaries) == KEYS[:8]
        assert max(beside) == cores


def test_a_pack_is_proven_before_others_start():
    """The first, and its last member alone; then two at a time."""
    _, beside = most_beside(amplitudes(9), pack_size=3, cores=2)
    assert beside[:2] == [1, 1]
    assert max(beside) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_child_outlives_a_run_that_is_left():
    def leave():
        running = run(
            named(amplitudes(8)), Simulator(), lambda results: None, packable=False, cores=4
        )
        next(running)
        running.close()
        return Path(f"/proc/self/task/{os.getpid()}/children").read_text()

    assert in_child(leave, timeout=60).value == ""
