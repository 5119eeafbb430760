"""Movies in the dataset: of cells that are alike, and of cells with other segments."""

import numpy as np
import pytest
import xarray

from collecting import DOSE, a_plan, collect_named, stored
from spikesweep.recording.frames import Segment, encoded
from spikesweep.recording.results import segments_of
from synthetic import simulated

MOVIE = {"region": ["pyr", "all"], "variable": "v", "every": 0.1, "limit": 1000}
ENDS = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def segments(n: int) -> list[Segment]:
    return [Segment("dend", "basal", (i + 0.5) / n, 10.0 * i, 1.0, *ENDS) for i in range(n)]


def made(folder, counts, failed=(), sizes=(2,)):
    """The dataset of simulations with so many segments, of 5 frames each."""
    plan = a_plan(DOSE)
    plan["record"]["movies"] = {"film": MOVIE}
    plan["quantities"]["film"] = {"unit": "mV", "long_name": "membrane potential"}
    results = [simulated(name) for name in range(len(counts))]
    samples = [
        np.random.default_rng(i).normal(size=(5, count)).astype("f4")
        for i, count in enumerate(counts)
    ]
    for i, count in enumerate(counts):
        if i in failed:
            results[i].failures["traces/film"] = ("error", "too large")
        else:
            shown = {segments_of("film"): encoded(segments(count))}
            results[i].traces |= {"film": samples[i].ravel(), **shown}
    store = stored(folder / "store", results, sizes)
    collect_named(plan, range(len(counts)), store, folder / "dataset.nc")
    return folder / "dataset.nc", samples


def test_cells_that_are_alike_say_once_what_their_segments_are(tmp_path):
    path, samples = made(tmp_path, [3, 3, 3])
    with xarray.open_dataset(path, decode_times=False) as dataset:
        assert dataset["film"].dims == ("dose", "time_film", "segment_film")
        np.testing.assert_array_equal(dataset["film"], samples)
        assert dataset["section_film"].dims == ("segment_film",)
        assert dataset["section_film"].values.tolist() == ["dend"] * 3
        np.testing.assert_allclose(dataset["x_film"], [1 / 6, 0.5, 5 / 6])
        np.testing.assert_allclose(dataset["time_film"], [0, 0.1, 0.2, 0.3, 0.4])
        assert dataset["film"].attrs["units"] == "mV"
        assert {"section_film", "distance_film", "x0_film"} <= set(dataset["film"].coords)
        at_dose = dataset["film"].sel(dose=30)
        np.testing.assert_array_equal(at_dose.isel(segment_film=1), samples[1][:, 1])


def test_cells_that_differ_say_it_of_each(tmp_path):
    path, samples = made(tmp_path, [3, 1, 4], failed=[1])
    with xarray.open_dataset(path, decode_times=False) as dataset:
        assert dataset["film"].shape == (3, 5, 4)
        for i, count in ((0, 3), (2, 4)):
            one = dataset.isel(dose=i)
            np.testing.assert_array_equal(one["film"][:, :count], samples[i])
            assert np.isnan(one["film"][:, count:]).all()
            expected = ["dend"] * count + [""] * (4 - count)
            assert one["section_film"].values.tolist() == expected
            np.testing.assert_array_equal(one["distance_film"][:count], 10.0 * np.arange(count))
        assert np.isnan(dataset["film"].isel(dose=1)).all()
        assert set(dataset["section_film"].isel(dose=1).values) == {""}


def test_without_any_movie_there_is_still_a_dataset(tmp_path):
    path, _ = made(tmp_path, [3, 3, 3], failed=[0, 1, 2])
    with xarray.open_dataset(path, decode_times=False) as dataset:
        assert dataset["film"].shape == (3, 5, 1)
        assert np.isnan(dataset["film"]).all()


@pytest.mark.parametrize("sizes", [(1,), (3,)])
def test_the_bytes_are_the_same_however_segments_were_cut(tmp_path, sizes):
    (tmp_path / "other").mkdir()
    one, _ = made(tmp_path, [3, 2, 4])
    other, _ = made(tmp_path / "other", [3, 2, 4], sizes=sizes)
    assert one.read_bytes() == other.read_bytes()
