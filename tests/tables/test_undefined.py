"""Features that no simulation has are told; those that some have are not."""

import h5py
import numpy as np
import pytest

from spikesweep.language.names import STATUSES
from spikesweep.tables.undefined import told

RECORD = {"features": {"soma": {"names": ["AP_amplitude", "AHP_depth"]}}}
FAILED = STATUSES.index("error")
NAN = np.nan


@pytest.mark.parametrize(
    ("status", "amplitude", "sentences"),
    [
        ([0, 0], [NAN, NAN], ["soma_AP_amplitude is undefined in all simulations that ended (2)"]),
        ([0, 0], [NAN, 90.0], []),
        (
            [0, FAILED],
            [NAN, NAN],
            ["soma_AP_amplitude is undefined in all simulations that ended (1)"],
        ),
        ([FAILED, FAILED], [NAN, NAN], []),  # which is why, and is told as such
    ],
)
def test_undefined_everywhere(tmp_path, status, amplitude, sentences):
    with h5py.File(tmp_path / "d.nc", "w") as file:
        file["status"] = np.array(status, np.int8)
        file["soma_AP_amplitude"] = amplitude
        file["soma_AHP_depth"] = [60.0, 61.0]
        said = told(file, RECORD)
    assert len(said) == len(sentences)
    assert all(one.startswith(wanted) for one, wanted in zip(said, sentences, strict=True))
