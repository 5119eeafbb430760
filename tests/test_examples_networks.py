"""The examples of derived axes and networks, through the whole workflow, against plain NEURON."""

import numpy as np
import pytest
import xarray as xr
from simulating import plain_neuron

from spikesweep.dataset import trains

EXAMPLES = ("q10",)


@pytest.fixture(scope="module")
def results(shared_project):
    """Run all of them at once; return their folder of results."""
    shared_project.add_examples()
    shared_project.snakemake(*EXAMPLES)
    return shared_project.root / "results"


def test_q10(results):
    """Five temperatures, each with the conductances that the formulas give."""
    dataset = xr.open_dataset(results / "q10/dataset.nc")
    spikes = trains(dataset, "soma")
    assert dataset.T.units == "degree_Celsius"
    assert dataset.T.long_name == "temperature"
    for celsius in (6.3, 12, 18, 24, 30):
        oracle = plain_neuron(f"""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
n.celsius, n.usetable_hh = {celsius}, 0
soma.gnabar_hh = 0.12 * 1.3**(({celsius} - 6.3) / 10)
soma.gkbar_hh = 0.036 * 1.2**(({celsius} - 6.3) / 10)
soma.gl_hh = 0.0003 * 1.2**(({celsius} - 6.3) / 10)
pulse = n.IClamp(soma(0.5))
pulse.delay, pulse.dur, pulse.amp = 2, 30, 0.2
record("v", soma(0.5)._ref_v)
netcon = spikes("spikes", soma(0.5), 0)
run(40)
""")
        # The formulas are rounded to 15 digits; a plain script is not.
        np.testing.assert_allclose(dataset.v.sel(T=celsius), oracle["v"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(spikes.sel(T=celsius).item(), oracle["spikes"], rtol=0, atol=0)
    assert int(dataset.n_spikes_soma.sel(T=6.3)) > 1
