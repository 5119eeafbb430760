"""Two runs that write one store with many processes, all of them killed: nothing is lost, torn or
found twice.

ROUNDS in the environment asks for more rounds; docs/cluster.md tells of a hundred.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import pytest

from project import HELPERS, PACKAGE
from spikesweep.store.store import Store
from synthetic import content, key, simulated

ROUNDS = int(os.environ.get("ROUNDS", "5"))
ROUNDS_A_STORE = 20
RUNS, WRITERS = 2, 4  # writers of each run
SIMULATIONS = 100  # that both runs are to make; who writes which, chance decides
# A run forks a writer for each seed that it is told. Neighbours share segments, of 400 that there
# may be: so some are written by several at once, and many keys stand in several. Where 50 files
# lie in the folder, others go to folders by their names.
RUN = """
import os, random, sys
from pathlib import Path
import spikesweep.store.segment, spikesweep.store.store
from spikesweep.store.store import Store
from synthetic import simulated
simulations, spikesweep.store.store.FULL = int(sys.argv[1]), 50

def write(store, seed, said):
    dice = random.Random(seed)
    while True:
        first = dice.randrange(simulations)
        names = range(first, min(first + dice.randint(1, 4), simulations))
        store.commit(store.write([simulated(name) for name in names]))
        os.write(said, (" ".join(map(str, names)) + "\\n").encode())

for line in sys.stdin:
    folder, seed, path = line.split()
    if not (writer := os.fork()):
        write(Store(Path(folder)), seed, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    print(writer, flush=True)
    os.waitpid(-1, os.WNOHANG)
"""


@pytest.fixture
def runs():
    """Both runs, which have imported all that writers need."""
    command = [sys.executable, "-c", RUN, str(SIMULATIONS)]
    paths = os.environ | {"PYTHONPATH": f"{PACKAGE}{os.pathsep}{HELPERS}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    started = [subprocess.Popen(command, env=paths, **pipes) for _ in range(RUNS)]
    yield started
    for run in started:
        run.communicate()


def strike(writers: list[int], dice: random.Random) -> None:
    """Kill writers, each at another moment of its work, and wait until they are gone."""
    for writer in dice.sample(writers, len(writers)):
        time.sleep(dice.uniform(0, 0.04))
        os.kill(writer, signal.SIGKILL)
    for writer in writers:
        while is_running(writer):
            time.sleep(0.005)


def is_running(process: int) -> bool:
    with suppress(OSError), open(f"/proc/{process}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.workflow
def test_no_record_is_lost_torn_or_found_twice(tmp_path, runs):
    expected = {key(name): content(simulated(name)) for name in range(SIMULATIONS)}
    dice = random.Random(0)
    writes = half_written = 0
    for n in range(ROUNDS):
        if n % ROUNDS_A_STORE == 0:
            store, committed = Store(tmp_path / f"store_{n}"), set()
        said, writers = [], []
        for i in range(RUNS * WRITERS):
            said.append(tmp_path / f"writer_{n}_{i}")
            run = runs[i % RUNS]
            run.stdin.write(f"{store.folder} {n}.{i} {said[-1]}\n")
            writers.append(int(run.stdout.readline()))
        while not all(path.exists() and path.stat().st_size for path in said):
            time.sleep(0.005)
        strike(writers, dice)
        for path in said:
            lines = path.read_text().rpartition("\n")[0].splitlines()  # the last may be cut short
            committed |= {key(int(name)) for line in lines for name in line.split()}
            writes += len(lines)
        left = [*store.folder.rglob("*.part")]
        half_written += len(left)
        for path in left:
            path.unlink()

        assert store.verify() == []
        held = [bytes(k).hex() for k in store.index()]
        assert committed <= set(held), "lost"
        found = [(result.key, content(result)) for result in store.read(held)]
        assert Counter(k for k, _ in found) == Counter(held), "found twice"
        assert dict(found) == {k: expected[k] for k in held}, "torn"
    assert half_written, "no writer was killed at its work"
    print(
        f"{ROUNDS} rounds, {RUNS * WRITERS} writers killed in each: {writes:,} segments written "
        f"whole, {half_written} cut short"
    )
