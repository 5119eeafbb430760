"""All simulations of a job: packs, proofs, and what one bad simulation costs the others."""

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest

from driving import (
    CRASH,
    EXIT,
    HANG,
    RAISE,
    SWALLOW,
    TROUBLE,
    amplitudes,
    named,
    with_mechanism,
)
from project import PYRAMIDAL
from simulating import (
    SOMA,
    compile_mechanisms,
    make_soma_document,
    plain_neuron,
    simulate_well,
    voltage,
)
from spikesweep.execution.child import in_child
from spikesweep.execution.packs import PACK_MEMBERS, PACK_SEGMENTS, PackDone, run
from spikesweep.recording.results import Result
from spikesweep.simulation.simulator import Simulator

# Its current depends on how many instances were initialised before: nothing that reading the
# NMODL declarations would tell.
COUNTING = """
NEURON { SUFFIX counting NONSPECIFIC_CURRENT i RANGE place }
ASSIGNED { v (millivolt) i (milliamp/cm2) place }
VERBATIM
static int instances = 0;
ENDVERBATIM
INITIAL { place = next() }
BREAKPOINT { i = 1e-4 * place * (v + 65) }
FUNCTION next() {
VERBATIM
    return instances++;
ENDVERBATIM
}
"""

# A potassium current with a GLOBAL, and an ion's concentration.
LEAKY = """
NEURON { SUFFIX leaky USEION k READ ek, ko WRITE ik RANGE gbar GLOBAL shift }
PARAMETER { gbar = 1e-4 (siemens/cm2) shift = 0 (millivolt) }
ASSIGNED { v (millivolt) ek (millivolt) ko (millimolar) ik (milliamp/cm2) }
BREAKPOINT { ik = gbar * ko * (v - ek - shift) }
"""

# Noise of a membrane and of a point, each of a stream of its own.
NOISY = """
NEURON { SUFFIX noisy NONSPECIFIC_CURRENT i RANGE amp RANDOM draw }
PARAMETER { amp = 0.05 (milliamp/cm2) }
ASSIGNED { v (millivolt) i (milliamp/cm2) }
BREAKPOINT { i = amp * random_normal(draw) }
"""
NOISE_CLAMP = """
NEURON { POINT_PROCESS NoiseClamp ELECTRODE_CURRENT i RANGE amp RANDOM draw }
PARAMETER { amp = 0.1 (nanoamp) }
ASSIGNED { v (millivolt) i (nanoamp) }
BREAKPOINT { i = amp * random_normal(draw) }
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path:
    sources = {
        "trouble": TROUBLE,
        "counting": COUNTING,
        "leaky": LEAKY,
        "noisy": NOISY,
        "noise_clamp": NOISE_CLAMP,
    }
    return compile_mechanisms(tmp_path_factory.mktemp("mechanisms"), sources)


class Run:
    """Results of `run`, made in a child, since a process loads one library only.

    results: key -> what was saved. status, message: key -> the summary's. packs: number of members
    of each pack, as they came. warnings: what was logged. left: files that were not yielded.
    """

    def __init__(self, documents: list[dict], library: Path | None = None, **options):
        members = named(documents)
        with tempfile.TemporaryDirectory() as folder:
            done, self.warnings = _run_in_child(members, Path(folder), library, options)
            tokens = [pack.token for pack in done if pack.token]
            saved = [pickle.loads(Path(token).read_bytes()) for token in tokens]
            self.left = len(list(Path(folder).iterdir())) - len(tokens)
        summaries = [summary for pack in done for summary in pack.summaries]
        self.packs = [len(pack.summaries) for pack in done]
        self.results: dict[str, Result] = {r.key: r for results in saved for r in results}
        self.status = [{s.key: s.status for s in summaries}[key] for key, _ in members]
        self.message = [{s.key: s.message for s in summaries}[key] for key, _ in members]
        assert len(summaries) == len(members)


def _run_in_child(
    members: list, folder: Path, library: Path | None, options: dict
) -> tuple[list[PackDone], list[str]]:
    def save(results: list[Result]) -> str:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(pickle.dumps(results))
        return file.name

    def all_of_it() -> tuple[list[PackDone], list[str]]:
        import logging

        warnings: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: warnings.append(record.getMessage())
        logging.getLogger("spikesweep").addHandler(handler)
        engine = Simulator(library, {"m": PYRAMIDAL})
        return list(run(members, engine, save, **options)), warnings

    outcome = in_child(all_of_it, timeout=60)
    assert outcome.status == "ok", outcome.message
    return outcome.value


@pytest.mark.parametrize(
    ("number", "options", "packs"),
    [
        (0, {}, []),
        (1, {}, [1]),
        (5, {}, [5]),
        (PACK_MEMBERS + 1, {}, [PACK_MEMBERS, 1]),
        (5, {"pack_size": 2}, [2, 2, 1]),
        (3, {"packable": False}, [1, 1, 1]),
        (3, {"packable": False, "pack_size": 2}, [1, 1, 1]),
    ],
)
def test_packing_changes_no_result(number, options, packs):
    documents = amplitudes(number)
    done = Run(documents, **options)
    assert done.packs == packs
    assert done.status == ["ok"] * number
    assert (done.left, done.warnings) == (0, [])
    for key, document in named(documents)[::20]:
        alone = simulate_well(document)
        np.testing.assert_array_equal(done.results[key].traces["v"], alone.traces["v"])


@pytest.mark.parametrize(
    ("number", "segments", "packs"),
    [
        (60, 40, [51, 9]),  # as many as PACK_SEGMENTS hold
        (8, 40, [8]),  # a fifth of the segments of each
        (7, 40, [1] * 7),  # fewer: the proof would take longer than the pack spares
        (12, PACK_SEGMENTS // 4, [1] * 12),
    ],
)
def test_packs_are_as_large_as_pays(number, segments, packs):
    documents = amplitudes(number)
    for document in documents:
        document["cells"]["cell"]["segments"] = {"nseg": segments}
    assert Run(documents).packs == packs


def test_longest_simulations_come_first():
    documents = [make_soma_document(tstop=tstop) for tstop in (2, 8, 4, 2)]
    done = Run(documents)
    assert done.packs == [1, 1, 2]
    assert len(next(iter(done.results.values())).traces["v"]) == 8 / 0.025 + 1


def test_a_model_that_may_not_be_packed_is_found_out(library):
    """Each of 6 counts itself: alone, and in the first place of a pack, its place is 0."""
    documents = [with_mechanism("counting", tstop=5, amp=0.01 * i) for i in range(6)]
    done = Run(documents, library, pack_size=3)
    assert done.packs == [1] * 6
    assert done.left == 0  # the refused pack's file
    assert len(done.warnings) == 1
    assert (
        f"simulation {named(documents)[2][0][:12]} alone: gave another result" in done.warnings[0]
    )
    for key, document in named(documents):
        alone = in_child(lambda document=document: simulate_well(document, library=library))
        np.testing.assert_array_equal(done.results[key].traces["v"], alone.value.traces["v"])


def test_a_model_found_out_leaves_other_models_packed(library):
    counting = [with_mechanism("counting", tstop=5, amp=0.01 * i) for i in range(4)]
    done = Run(counting + amplitudes(4), library, pack_size=4)
    assert sorted(done.packs) == [1, 1, 1, 1, 4]


@pytest.mark.parametrize(
    ("way", "status", "message"),
    [
        (CRASH, "crashed", "SIGSEGV"),
        (HANG, "timeout", "took longer than 3 s"),
        (EXIT, "error", "its own code ended it, as HOC's quit() does"),
        (RAISE, "error", "trouble: as asked for"),
        (SWALLOW, "memory", "ran out of memory"),
    ],
)
def test_one_bad_simulation_never_loses_the_others(library, way, status, message):
    ways = [0, 0, way, 0, 0]
    documents = [
        with_mechanism("trouble", {"way": way}, tstop=5, amp=0.02 * i) for i, way in enumerate(ways)
    ]
    # Only what hangs is to meet the clock, however busy the machine is.
    done = Run(documents, library, timeout=3 if way == HANG else 60, memory=2**29)
    assert done.status == ["ok", "ok", status, "ok", "ok"]
    assert message in done.message[2]
    # What is a function of the key; that its code has ended it is inferred from a child's end.
    kept = {"ok"} if way == EXIT else {"ok", "error"}
    keys = [key for key, _ in named(documents)]
    assert set(done.results) == {key for key, s in zip(keys, done.status, strict=True) if s in kept}
    good = simulate_well(make_soma_document(amp=0.08, tstop=5))
    np.testing.assert_array_equal(done.results[keys[4]].traces["v"], good.traces["v"])
    assert bool(done.warnings) == (status in ("timeout", "memory"))


def test_a_simulation_that_cannot_be_built_never_loses_the_others():
    documents = amplitudes(4)
    documents[1]["protocol"]["processes"]["pulse"]["parameters"]["apm"] = 1
    done = Run(documents)
    assert done.status == ["ok", "error", "ok", "ok"]
    assert 'no parameter "apm", did you mean "amp"?' in done.message[1]
    assert done.results[named(documents)[1][0]].traces == {}


def test_not_finite_stays_in_its_pack():
    documents = [*amplitudes(3), make_soma_document(1e308, tstop=5)]
    done = Run(documents)
    assert done.status == ["ok"] * 4  # it was integrated; what is recorded of it has failed
    last = done.results[named(documents)[-1][0]]
    assert last.failures["traces/v"][0] == last.failures["spikes/soma"][0] == "not_finite"
    assert done.packs == [4]


def test_results_that_cannot_be_saved_stop_the_run():
    def save(results):
        raise OSError("no space left on device")

    for number in (1, 3):
        with pytest.raises(RuntimeError, match="cannot be saved: OSError: no space left"):
            list(run(named(amplitudes(number)), Simulator(), save))


def test_compiled_mechanism_is_plain_neuron(library):
    """A GLOBAL of an own mechanism, and a concentration, from which NEURON computes ek."""
    document = with_mechanism("leaky", {"gbar": 2e-4}, globals={"shift_leaky": 3})
    document["cells"]["cell"]["biophysics"].append({"in": ["soma"], "ions": {"ko": 4}})
    document["record"]["traces"] |= {
        "ik": {"at": SOMA, "variable": "ik", "every": 0.025},
        "ko": {"at": SOMA, "variable": "ko", "every": 0.025},
        "v": voltage(SOMA),
    }
    script = """
soma = n.Section("soma")
soma.L = soma.diam = 10
n.shift_leaky = 3
soma.insert("hh")
soma.insert("leaky")
soma.gbar_leaky, soma.ko = 2e-4, 4
pulse = n.IClamp(soma(0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 100, 0.1
record("v", soma(0.5)._ref_v)
record("ik", soma(0.5)._ref_ik)
record("ko", soma(0.5)._ref_ko)
run(10)
"""
    oracle = plain_neuron(script, folder=library.parents[1])
    result = in_child(lambda: simulate_well(document, library=library)).value
    for name in ("v", "ik", "ko"):
        np.testing.assert_array_equal(result.traces[name], oracle[name])
    assert set(result.traces["ko"]) == {4}


def noisy(seed: int = 1, amp: float = 0.0, membrane: float = 0.0, names: tuple = ("a", "b")):
    """Return a document whose traces are the currents of two noise clamps, and v."""
    document = with_mechanism("noisy", {"amp": membrane}, amp=amp, tstop=5)
    document["seed"] = seed
    for name, trace in zip(names, ("first", "second"), strict=True):
        noise = {"type": "NoiseClamp", "at": SOMA, "parameters": {}}
        document["protocol"]["processes"][name] = noise
        current = {"process": name, "variable": "i", "every": 0.025}
        document["record"]["traces"][trace] = current
    return document


def test_noise_is_of_the_seed_and_the_name_alone(library):
    """Five in one pack, so each in another place; and bit by bit the same one by one."""
    documents = [noisy(), noisy(amp=0.1), noisy(seed=2), noisy(names=("b", "a")), noisy()]
    packed = Run(documents, library)
    alone = Run(documents, library, packable=False)
    assert (packed.packs, packed.warnings) == ([5], [])
    keys = [key for key, _ in named(documents)]
    for key in keys:
        for name, trace in packed.results[key].traces.items():
            np.testing.assert_array_equal(trace, alone.results[key].traces[name])
    base, step, seed, swapped, again = (packed.results[key].traces for key in keys)
    np.testing.assert_array_equal(base["first"], step["first"])
    np.testing.assert_array_equal(base["first"], again["first"])
    np.testing.assert_array_equal(base["first"], swapped["second"])
    np.testing.assert_array_equal(base["second"], swapped["first"])
    for one, other in ((base["first"], base["second"]), (base["first"], seed["first"])):
        assert abs(np.corrcoef(one[1:], other[1:])[0, 1]) < 0.3  # 200 numbers: 4 sigma is 0.28
    assert 0.08 < base["first"][1:].std() < 0.12  # 0.1 by definition; 4 sigma is 0.02


def test_membrane_noise_is_of_the_seed(library):
    documents = [noisy(seed, membrane=0.1, amp=amp) for seed, amp in ((1, 0), (2, 0), (1, 0))]
    for document in documents:
        document["cells"]["cell"]["segments"] = {"nseg": 3}
    done = Run(documents, library)
    assert done.packs == [3]
    first, other, again = (done.results[key].traces["v"] for key, _ in named(documents))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1  # mV
