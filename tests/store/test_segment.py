"""The file of a segment. Oracles: the results that went in, and h5py reading it by itself."""

import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesweep.language.names import KEY_STATUSES
from spikesweep.store.segment import digest, pack, read_segment, unpack, write_segment
from synthetic import Simulated, content, key, simulated


def round_trip(results, folder):
    write_segment(folder / "segment", results)
    segment = read_segment(folder / "segment")
    return [segment.result(row) for row in range(len(results))]


# Any bits: NaN of every kind, infinities, subnormals, -0.0.
def bit_arrays(dtype):
    bits = st.integers(0, 2 ** (8 * np.dtype(dtype).itemsize) - 1)
    unsigned = f"u{np.dtype(dtype).itemsize}"
    return st.lists(bits, min_size=1, max_size=6).map(
        lambda values: np.array(values, unsigned).view(dtype)
    )


names = st.sampled_from(["v", "ina", "hh.m", "été", "a b"])
any_result = st.builds(
    Simulated,
    key=st.binary(min_size=32, max_size=32).map(bytes.hex),
    status=st.sampled_from(KEY_STATUSES),
    # NUL and halves of surrogate pairs come with the messages of failing C code.
    message=st.text(st.characters(exclude_categories=()), max_size=20),
    traces=st.dictionaries(names, bit_arrays("f4") | bit_arrays("f8"), max_size=3),
    spikes=st.dictionaries(names, bit_arrays("f8") | st.just(np.empty(0)), max_size=3),
    extremes=st.dictionaries(names, st.tuples(st.floats(), st.floats()), max_size=2),
)


def test_digests_stay_those_of_stores_that_exist():
    """The number was computed by the code of 27e8d9d^, before there were features."""
    traces = {"v": np.array([-65, -64.5], np.float32)}
    spikes, extremes = {"soma": np.array([1.5, 2.25])}, {"v": (-65.0, -64.5)}
    result = Simulated(key(1), "ok", "", traces, spikes, extremes)
    expected = "f91bd398887e7bc7b0ce784ce057ed8ad0cc181d9c8df5df460a00a201e14327"
    assert digest(result).hex() == expected


@pytest.mark.workflow
@settings(max_examples=60)
@given(st.lists(any_result, min_size=1, max_size=5, unique_by=lambda result: result.key))
def test_results_come_back_bit_by_bit(results):
    with tempfile.TemporaryDirectory() as folder:
        stored = round_trip(results, Path(folder))
    expected = sorted(results, key=lambda result: result.key)
    assert [content(result) for result in stored] == [content(result) for result in expected]
    assert [digest(result) for result in stored] == [digest(result) for result in expected]


@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f4", ">f8"])
def test_hdf5_filters_read_what_pack_writes(tmp_path, dtype):
    trace = np.linspace(-70, 40, 2001).astype(dtype)
    write_segment(tmp_path / "segment", [Simulated(key(0), traces={"v": trace})])
    with h5py.File(tmp_path / "segment") as file:
        (dataset,) = file["traces/v"].values()
        assert dataset[0].tobytes() == trace.astype(trace.dtype.newbyteorder("<")).tobytes()
        assert dataset.chunks == (1, 2001)
        assert dataset.id.get_chunk_info(0).size < trace.nbytes
    itemsize = trace.itemsize
    assert unpack(pack(trace), itemsize).tolist() == trace.tolist()


def test_a_plain_hdf5_reader_finds_everything(tmp_path):
    results = [simulated(i) for i in range(3)]
    write_segment(tmp_path / "segment", results)
    results.sort(key=lambda result: result.key)
    with h5py.File(tmp_path / "segment") as file:
        keys = [row.tobytes().hex() for row in file["keys"][:]]
        trace = file["traces/v_soma/float32_5"][:]
        counts, times = file["spikes/soma/counts"][:], file["spikes/soma/times"][:]
        extremes = file["extremes/v_soma"][:]
    assert keys == [result.key for result in results]
    assert trace.tolist() == [result.traces["v_soma"].tolist() for result in results]
    assert counts.tolist() == [len(result.spikes["soma"]) for result in results]
    assert times.tolist() == [t for result in results for t in result.spikes["soma"]]
    assert extremes.tolist() == [list(result.extremes["v_soma"]) for result in results]


def test_equal_results_give_equal_bytes_in_any_order(tmp_path):
    results = [simulated(i) for i in range(7)]
    results[2].traces["other"] = np.zeros(3)
    results[3].spikes = dict(reversed({"soma": np.array([1.0]), "axon": np.array([2.0])}.items()))
    write_segment(tmp_path / "a", results)
    write_segment(tmp_path / "b", results[::-1])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with h5py.File(tmp_path / "a") as file:  # nor does the time of day stand in it
        times = []
        file.visititems(lambda _, item: times.append(h5py.h5o.get_info(item.id).mtime))
    assert set(times) == {0}


def test_a_missing_trace_costs_next_to_nothing(tmp_path):
    noise = np.random.default_rng(1).normal(size=100_000).astype("float32")
    failed = [Simulated(key(i), "error", "no such mechanism") for i in range(31)]
    write_segment(tmp_path / "one", [Simulated(key("ok"), traces={"v": noise})])
    write_segment(tmp_path / "all", [Simulated(key("ok"), traces={"v": noise}), *failed])
    assert (tmp_path / "all").stat().st_size - (tmp_path / "one").stat().st_size < 31 * 200


one = simulated("one")


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([], "0 results"),
        ([one, one], "2 results"),
        ([Simulated("ab")], "64 hex digits"),
        ([Simulated(key(1).upper())], "64 hex digits"),
        # What depends on the machine is not a function of the key.
        ([Simulated(key(1), "timeout")], "status 'timeout'"),
        ([Simulated(key(1), "memory")], "status 'memory'"),
        ([Simulated(key(1), "crashed")], "status 'crashed'"),
        ([Simulated(key(1), traces={"v": np.arange(3)})], "trace v is int64"),
        ([Simulated(key(1), traces={"v": np.zeros((2, 2))})], "trace v is float64 (2, 2)"),
        ([Simulated(key(1), traces={"v": np.zeros(0)})], "at least one sample"),
        ([Simulated(key(1), spikes={"a/b": np.zeros(1)})], "'a/b'"),
        ([Simulated(key(1), extremes={"": (0, 1)})], "''"),
    ],
)
def test_what_may_not_enter(tmp_path, results, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
        write_segment(tmp_path / "segment", results)
    assert not (tmp_path / "segment").exists()


changes = {
    "status": lambda r: setattr(r, "status", "not_finite"),
    "message": lambda r: setattr(r, "message", "x"),
    "last bit of a trace": lambda r: r.traces["v_soma"].view("u4").__setitem__(-1, 1),
    "precision": lambda r: r.traces.update(v_soma=r.traces["v_soma"].astype("f8")),
    "name of a trace": lambda r: r.traces.update(v=r.traces.pop("v_soma")),
    "spike": lambda r: r.spikes.update(soma=np.append(r.spikes["soma"], 101.0)),
    "spikes of another site": lambda r: r.spikes.update(axon=np.empty(0)),
    "extreme": lambda r: r.extremes.update(v_soma=(0.0, np.nan)),
}


@pytest.mark.parametrize("change", changes.values(), ids=changes)
def test_the_digest_sees(change):
    result = simulated("one")
    change(result)
    assert digest(result) != digest(simulated("one"))


def test_the_digest_leaves_the_key_out():
    assert digest(simulated("one")) == digest(
        Simulated(**{**vars(simulated("one")), "key": key(2)})
    )
