"""Classes of firing: hand-written trains, each a clause of the definition."""

import numpy as np
import pytest

from spikesweep.tables.firing import firing_class


@pytest.mark.parametrize(("spikes", "expected"), [
    ([], "silent"),
    ([450.0], "silent"),  # outside of the window
    ([50.0], "single spike"),
    (np.arange(5, 400, 20), "tonic"),
    ([10, 20, 40, 80, 130, 190, 255, 325, 395], "tonic"),  # it adapts, and never returns
    ([10, 14, 18, 110, 114, 118, 210, 214, 218, 310, 314, 318], "bursting"),
    ([10, 14, 60, 106, 152, 198, 244, 290, 336, 382], "tonic"),  # a doublet, then regular
    (np.arange(5, 100, 10), "block"),  # 305 ms of silence after intervals of 10 ms
    ([10, 90, 170], "tonic"),  # 230 ms of silence are less than five intervals
    (np.arange(5, 345, 5), "tonic"),  # 60 ms: more than five intervals, less than a fifth of 400
])  # fmt: skip
def test_classes(spikes, expected):
    assert firing_class(np.asarray(spikes, float), (0.0, 400.0)) == expected
