"""Two runs that write one store with many processes, some of them killed: nothing is lost, torn or
found twice.

ROUNDS in the environment asks for more rounds; docs/cluster.md tells of fifty.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from project import HELPERS, PACKAGE
from spikesweep.store.store import Store
from synthetic import content, key, simulated

ROUNDS = int(os.environ.get("ROUNDS", "4"))
WRITERS = 8  # four of each run
SIMULATIONS = 400  # that both runs are to make; who writes which, chance decides
WRITE = """
import random, sys
from pathlib import Path
from spikesweep.store.store import Store
from synthetic import simulated
store, dice = Store(Path(sys.argv[1])), random.Random(sys.argv[2])
print("begun", flush=True)
while True:
    names = dice.sample(range(int(sys.argv[3])), dice.randint(1, 8))
    store.commit(store.write([simulated(name) for name in names]))
    print(*names, flush=True)
"""


def writer(store: Store, seed: str, said) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(store.folder), seed, str(SIMULATIONS)],
        env=os.environ | {"PYTHONPATH": f"{PACKAGE}{os.pathsep}{HELPERS}"},
        stdout=said,
    )


@pytest.mark.workflow
def test_no_record_is_lost_torn_or_found_twice(tmp_path):
    expected = {key(name): content(simulated(name)) for name in range(SIMULATIONS)}
    store, dice = Store(tmp_path / "store"), random.Random(0)
    said = [tmp_path / f"writer_{i}" for i in range(WRITERS)]
    committed = set()
    for n in range(ROUNDS):
        writers = []
        for i, path in enumerate(said):
            with path.open("w") as file:
                writers.append(writer(store, f"{n} {i}", file))
        while not all("begun" in path.read_text() for path in said):
            time.sleep(0.02)
        for one in dice.sample(writers, WRITERS):  # each at another moment of its work
            time.sleep(dice.uniform(0, 0.1))
            one.send_signal(signal.SIGKILL)
            one.wait()
        for path in said:
            # The last line may have been cut short.
            whole = path.read_text().rpartition("\n")[0].split("\n")[1:]
            committed |= {key(int(name)) for line in whole for name in line.split()}

        assert store.verify() == []
        held = [bytes(k).hex() for k in store.index()]
        assert committed <= set(held), "lost"
        found = [(result.key, content(result)) for result in store.read(held)]
        assert Counter(k for k, _ in found) == Counter(held), "found twice"
        assert dict(found) == {k: expected[k] for k in held}, "torn"
    assert committed
    print(f"{ROUNDS} rounds, {len(committed)} committed, {store.size()}")
