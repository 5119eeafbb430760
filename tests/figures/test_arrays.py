"""The dataset as figures read it: what xarray reads of the same file."""

import numpy as np
import pytest

from drawing import SWEEPS


@pytest.mark.workflow
@pytest.mark.parametrize("name", SWEEPS)
def test_arrays_are_those_that_xarray_reads(sweeps, name):
    data = sweeps[name]
    expected, arrays = data.dataset, data.arrays
    assert list(arrays) == list(expected.variables)
    assert set(arrays.coordinates) == set(expected.coords)
    status = expected["status"]
    for variable in set(arrays) - {"key"}:  # letters, which no figure reads
        one, other = arrays[variable], expected[variable]
        assert one.dims == other.dims
        assert one.shape == other.shape
        np.testing.assert_array_equal(one.values, other.values)
        last = {dimension: length - 1 for dimension, length in other.sizes.items()}
        for dimension in filter(other.sizes.get, other.dims):  # of some length
            place = {dimension: last[dimension], "nowhere": 0}
            chosen = other.isel({dimension: last[dimension]})
            np.testing.assert_array_equal(one.at(**place), chosen.values)
        if set(other.dims) <= set(status.dims):
            spread = other.broadcast_like(status).transpose(*status.dims)
            np.testing.assert_array_equal(one.over(arrays["status"]), spread.values)


@pytest.mark.workflow
@pytest.mark.parametrize("name", SWEEPS)
def test_attributes_are_those_that_xarray_reads(sweeps, name):
    data = sweeps[name]
    for one, other in [
        (data.arrays.attrs, data.dataset.attrs),
        *((data.arrays[name].attrs, data.dataset[name].attrs) for name in data.arrays),
    ]:
        for attribute, value in other.items():
            np.testing.assert_array_equal(one[attribute], value)
