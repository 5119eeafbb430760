"""One simulation, written as a labelled dataset."""

import numpy as np
import xarray as xr
from neuron import n

n.load_file("stdrun.hoc")

DT, TSTOP, EVERY = 0.025, 200.0, 0.1  # ms
simulation = snakemake.params.simulation  # noqa: F821

soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert(n.hh)
soma(0.5).hh.gkbar = simulation["gkbar"]
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 20, 160, 0.2
v = n.Vector().record(soma(0.5)._ref_v, EVERY)
spikes = n.Vector()
detector = n.NetCon(soma(0.5)._ref_v, None, sec=soma)
detector.threshold = 0
detector.record(spikes)

n.celsius = simulation["celsius"]
n.dt, n.steps_per_ms = DT, 1 / DT
n.finitialize(-65)
n.continuerun(TSTOP + DT)  # a step more, for the sample at TSTOP

xr.Dataset(
    {"v": ("time", np.array(v, np.float32)), "spikes": ("spike", np.array(spikes))},
    {"time": EVERY * np.arange(len(v)), "number": simulation["number"]},
).to_netcdf(snakemake.output[0], engine="h5netcdf")  # noqa: F821
