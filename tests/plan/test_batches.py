"""How simulations are shared out over jobs."""

import math
from types import SimpleNamespace

import pytest

from spikesweep.plan.batches import (
    JOBS,
    LATE_JOBS,
    count_jobs,
    round_up,
    share_out,
    slots,
    work,
)


def make_template(cells, slots=(), tstop=200, dt=0.025):
    """Return what `sharing` looks at in a template: its cells, its protocol, its slots."""
    return SimpleNamespace(
        document={"cells": cells, "protocol": {"tstop": tstop, "dt": dt}},
        slots=[
            SimpleNamespace(path=path, is_shared=path[0] == "protocol") for path in slots
        ],
        files=SimpleNamespace(read={}),
    )  # fmt: skip


def named(n):
    """Return as many keys, each another."""
    return [f"{i * 7919 % 100_003:x}" for i in range(n)]


SOMA = {"sections": {"soma": {"L": 20, "diam": 20}}, "segments": {"nseg": 1}}
CODE = {"python": {"file": "cell.py", "class": "Cell"}}
CELSIUS = ("protocol", "celsius")


@pytest.mark.parametrize(
    ("n", "work", "jobs"),
    [
        (1, math.inf, 1),
        (64, math.inf, 64),  # a job each, where only NEURON knows the compartments
        (65, math.inf, 64),
        (24, 24 * 8000, 1),  # 2 million steps take as long as a job's start
        (64, 64 * 80_000, 3),
        (1000, 1000 * 8000, 4),
        (2000, 2000 * 8000, 8),  # as many jobs as a laptop has cores
        (3, 3 * 10_000_000, 3),
        (10_000, 10_000 * 8000, 8),  # 10 million steps a job
        (20_000, 20_000 * 8000, 16),
        (50_000, 50_000 * 8000, 16),  # as many jobs as a workstation has cores
        (100_000, 100_000 * 8000, 32),  # 25 million steps a job
        (1_000_000, 1_000_000 * 8000, 64),  # never more
    ],
)
def test_number_of_jobs(n, work, jobs):
    assert count_jobs(n, work) == jobs


@pytest.mark.parametrize(
    ("cells", "slots", "columns", "steps"),
    [
        ({"a": SOMA}, [], [], 2 * 8000),
        ({"a": SOMA, "b": SOMA}, [], [], 2 * 2 * 8000),
        ({"a": SOMA | {"segments": {"nseg": 5}}}, [], [], 2 * 5 * 8000),
        # a section's own number counts
        ({"a": {"sections": {"soma": {"nseg": 3}, "dend": {"L": 9, "diam": 1}},
                "segments": {"nseg": 5}}}, [], [], 2 * 8 * 8000),
        ({"a": SOMA}, [("protocol", "tstop")], [[100, 300]], (4000 + 12_000)),
        ({"a": SOMA}, [("protocol", "dt")], [[0.05, 0.025]], (4000 + 8000)),
        ({"a": CODE}, [], [], math.inf),
    ],
)  # fmt: skip
def test_work_is_steps_times_compartments(cells, slots, columns, steps):
    assert work(make_template(cells, slots), columns, n=2) == pytest.approx(steps)


@pytest.mark.parametrize(
    ("per_job", "rounded"),
    [(1, 1), (7, 7), (8, 8), (9, 10), (15, 16), (17, 20), (625, 640), (640, 640), (641, 768)],
)
def test_jobs_have_round_sizes(per_job, rounded):
    assert round_up(per_job) == rounded


@pytest.mark.parametrize(
    ("per_job", "sizes"),
    [
        ("auto", [40] * 7 + [20]),  # 300 / 8 is 38
        (1, [1] * 300),
        (7, [7] * 42 + [6]),
        (1000, [300]),
    ],
)
def test_each_simulation_is_in_one_job_beside_those_it_can_share_a_pack_with(per_job, sizes):
    celsius = [6.3, 16.0, 26.0, 36.0] * 75
    template = make_template({"a": SOMA}, [CELSIUS], tstop=2000)
    batches = share_out(template, [celsius], named(300), per_job)
    assert list(map(len, batches)) == sizes
    assert sorted(index for batch in batches for index in batch) == list(range(300))
    coldest_first = [celsius[index] for batch in batches for index in batch]
    assert coldest_first == sorted(celsius)


def test_a_sweep_that_grows_keeps_its_jobs():
    """10,000 simulations, and a temperature more for each of 100 conductances."""
    celsius = [6.3 + 0.05 * i for i in range(101) for _ in range(100)]
    template = make_template({"a": SOMA}, [CELSIUS])
    before = share_out(template, [celsius[:10_000]], named(10_000), "auto")
    after = share_out(template, [celsius], named(10_100), "auto")
    assert after[:-1] == before[:-1]
    assert after[-1] == [*before[-1], *range(10_000, 10_100)]


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("per_job", ["auto", 1, 7, 1000])
def test_simulations_of_one_key_are_one_job_s(per_job, shuffled):
    """Three thresholds of each of 100: jobs are those of the 100, with three rows for each."""
    celsius = [6.3, 16.0, 26.0, 36.0] * 25
    template = make_template({"a": SOMA}, [CELSIUS, ("record", "spikes", "soma", "threshold")])
    keys = [key for key in named(100) for _ in range(3)]
    columns = [[c for c in celsius for _ in range(3)], [-30, -20, -10] * 100]
    jobs = share_out(template, columns, keys, per_job, shuffled)
    alone = share_out(template, [celsius, [0] * 100], named(100), per_job, shuffled)
    assert jobs == [[3 * i + k for i in job for k in range(3)] for job in alone]
    assert sorted(i for job in jobs for i in job) == list(range(300))


@pytest.mark.parametrize(
    ("cells", "most", "per_job", "jobs"),
    [
        ({"a": SOMA}, 1000, "auto", 1),  # 8,000 steps each: 8 million in all
        ({"a": SOMA}, 10_000, "auto", 8),
        ({"a": SOMA}, 10**7, "auto", JOBS),
        ({"a": CODE}, 1000, "auto", LATE_JOBS),  # how long they take only NEURON can tell
        ({"a": CODE}, 3, "auto", 3),
        ({"a": CODE}, 1000, 10, JOBS),
        ({"a": SOMA}, 25, 10, 3),
    ],
)
def test_a_late_plan_has_jobs_for_the_most_it_may_find(cells, most, per_job, jobs):
    assert slots(make_template(cells), [], 1, most, per_job) == jobs
