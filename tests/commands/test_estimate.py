"""What a sweep will take. The arithmetic by hand; the rest against a run of the same sweep."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import PULSED
from small import small_sweep
from spikesweep.commands.estimate import (
    FIGURE,
    GATHERING,
    JOB,
    MOST_CROWDED,
    PRODUCT,
    STARTING,
    Trial,
    _Crowding,
    extrapolate,
    tell,
)
from spikesweep.commands.gc import in_bytes
from spikesweep.document.axes.design import MOST_SIMULATIONS
from spikesweep.plan.batches import lasting, round_up

POSITIVE = st.floats(0, exclude_min=True, allow_infinity=False)
QUICK = Trial(simulations=64, seconds=0.064, stored=64 * 5000, memory=60_000_000)  # 1 ms each
SLOW = Trial(simulations=2, seconds=6.0, stored=2 * 5000, memory=90_000_000)


def test_what_a_pack_costs_however_large_is_not_counted_for_each():
    few = Trial(simulations=2, seconds=0.05, stored=10_000, memory=60_000_000)
    many = Trial(simulations=52, seconds=0.1, stored=260_000, memory=60_000_000, fewer=few)
    assert many.each == pytest.approx(0.05 / 50)
    assert few.each == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("trials", "missing", "cores", "simulating"),
    [
        ([QUICK], [1000, 1000], 2, JOB + 1.0),  # a job a core
        ([QUICK], [1000, 1000], 1, 2 * JOB + 2.0),
        ([QUICK], [1000, 1000], 64, JOB + 1.0),  # no more cores than jobs are of use
        ([QUICK], [1000, 0], 1, 2 * JOB + 1.0),  # what is in the store costs the job's start
        ([QUICK, SLOW], [10, 10], 1, 2 * JOB + 20 * 1.5005),  # each place counts alike
    ],
)
def test_time(trials, missing, cores, simulating):
    expected = STARTING + simulating + 2000 * GATHERING
    assert extrapolate(trials, missing, 2000, cores).seconds == pytest.approx(expected)


@pytest.mark.parametrize(("cores", "rounds"), [(1, 5), (2, 3), (8, 1)])
def test_figures_are_drawn_side_by_side(cores, rounds):
    without = extrapolate([QUICK], [10], 10, cores)
    found = extrapolate([QUICK], [10], 10, cores, figures=5)
    assert found.seconds - without.seconds == pytest.approx(rounds * FIGURE)
    told = tell(found, cores).splitlines()
    assert sum(line.endswith("present speed, with 5 figures to draw") for line in told) == 1


@pytest.mark.parametrize("crowded", [1.0, 3.0])
def test_all_that_is_made_counts_and_a_crowded_machine_takes_longer(crowded):
    """What was tried took as long as it did; all else is told for a machine of one's own."""
    found = extrapolate([QUICK], [10], 10, 2, figures=3, products=9, crowded=crowded)
    overhead = STARTING + 9 * PRODUCT + 2 * FIGURE + 10 * GATHERING
    assert found.seconds == pytest.approx(JOB + 10 * QUICK.each + crowded * overhead)


def test_crowding_is_time_over_work():
    with _Crowding() as waiting:
        begun = time.process_time()
        while time.process_time() < begun + 0.2:
            pass
        time.sleep(0.6)
    assert 2.5 < waiting.factor <= MOST_CROWDED
    with _Crowding() as idle:
        time.sleep(0.1)
    assert idle.factor == 1.0  # of no work nothing follows


def test_disk_and_memory():
    found = extrapolate([QUICK, SLOW], [10, 0], 20, 4)
    assert (found.stored, found.dataset, found.memory) == (50_000, 100_000, 90_000_000)
    said = tell(found, 4)
    assert "store 50 kB more, dataset 100 kB" in said
    assert "90 MB a job, 360 MB on 4 cores" in said


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1234567, "1.23 MB"), (999_600, "1 MB")],
)
def test_bytes_in_words(size, said):
    assert in_bytes(size) == said


def test_the_estimated_disk_is_what_the_store_takes_then(project):
    project.write_sweep("small", small_sweep())
    said = project.spikesweep("plan", "small", "--estimate", "--cores", "2").stdout
    assert "6 simulations to run in 1 job," in said
    assert not (project.root / "results/store").exists()
    estimated = float(re.search(r"store ([\d.]+) kB", said)[1])
    project.snakemake("results/small/dataset.nc")
    stored = sum(path.stat().st_size for path in (project.root / "results/store").glob("*.h5"))
    assert estimated == pytest.approx(stored / 1000, rel=0.01)
    said = project.spikesweep("plan", "small", "--estimate").stdout
    assert "0 simulations to run in 0 jobs" in said


def test_the_frame_of_each_file_is_none_of_the_dataset():
    """Unpacked simulations have a file each: 20 kB, of which 1 kB is theirs."""
    alone = Trial(simulations=2, seconds=6.0, stored=40_000, memory=90_000_000, content=2_000)
    found = extrapolate([alone], [10], 4096, 1)
    assert (found.stored, found.dataset) == (200_000, 4_096_000)
    said = tell(found, 1, packed=False)
    assert "3e+03 ms each, each in a process of its own" in said
    assert "at the machine's present speed" in said


def test_the_estimated_dataset_of_unpacked_simulations(project):
    sweep = small_sweep()
    sweep["protocol"].pop("dt", None)
    project.write_sweep("small", sweep | {"protocol": sweep["protocol"] | {"cvode": {}}})
    said = project.spikesweep("plan", "small", "--estimate", "--cores", "2").stdout
    assert "each in a process of its own" in said
    estimated = float(re.search(r"dataset ([\d.]+) kB", said)[1])
    project.snakemake("results/small/dataset.nc")
    size = (project.root / "results/small/dataset.nc").stat().st_size / 1000
    assert estimated < size < estimated + 40  # the frame of the one file


@pytest.mark.parametrize(
    ("each", "simulations"), [(0.1, 3072), (1, 320), (60, 5), (299, 2), (300, 1), (1e4, 1)]
)
def test_jobs_of_a_cluster_last_five_minutes(each, simulations):
    """300 s or more, rounded up to three binary digits: 3,000 = 101110111000b to 110000000000b."""
    assert lasting(300, each) == simulations
    assert simulations * each >= 300


@given(POSITIVE, POSITIVE)
def test_a_job_has_no_more_simulations_than_a_sweep(seconds, each):
    """Whatever was asked for, and whatever stands in the file of what was measured."""
    assert 1 <= lasting(seconds, each) <= round_up(MOST_SIMULATIONS)


GROWING = PULSED + "explorer: {off: true}\n"
SEARCHED = """\
axes:
  dur: {values: [1, 2], unit: ms, sets: step.dur}
  amp: {values: [0, 1], unit: nA, sets: step.amp}
design: {threshold: {of: n_spikes, at: 1, axis: amp, to: 0.25 nA}}
"""
CANDIDATES = """\
axes:
  dur: {unit: ms, sets: step.dur}
  amp: {values: [0.3], unit: nA, sets: step.amp}
design: {grid: [{random: 6, of: {dur: [1, 10]}}, amp]}
accept: {fires: {of: n_spikes, at_least: 1, at: {amp: 0.3}}}
"""
TAKEN = """\
axes:
  dur: {unit: ms, sets: step.dur}
  amp: {values: [0.3, 0.5], unit: nA, sets: step.amp}
design: {grid: [{accepted: candidates}, amp]}
"""


def test_of_a_design_that_grows_what_is_known_and_what_may_come(project):
    project.write_sweep("search", GROWING + SEARCHED)
    said = project.spikesweep("plan", "--estimate", "search").stdout
    assert re.search(r"estimate     4 simulations to run in 3 jobs", said)
    assert "at most 4 more, not known yet, are in the second time alone" in said
    assert re.search(r"time         about .*, .* at most with all that are not known yet", said)


def test_of_accepted_candidates_all_of_them_at_most(project):
    project.write_sweep("candidates", GROWING + CANDIDATES)
    project.write_sweep("taken", GROWING + TAKEN)
    said = project.spikesweep("plan", "--estimate", "taken").stdout
    assert "simulations  0 are known, of at most 12" in said
    assert "estimate     at most 12 simulations to run" in said
