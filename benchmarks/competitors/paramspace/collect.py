"""All simulations in one dataset, in their order; trains one after the other."""

import numpy as np
import xarray as xr

simulations = sorted(
    (xr.load_dataset(path, engine="h5netcdf") for path in snakemake.input),  # noqa: F821
    key=lambda simulation: int(simulation.number),
)
xr.Dataset(
    {
        "v": xr.concat([simulation.v for simulation in simulations], "simulation"),
        "spikes": ("spike", np.concatenate([simulation.spikes for simulation in simulations])),
        "counts": ("simulation", [simulation.sizes["spike"] for simulation in simulations]),
    }
).to_netcdf(snakemake.output[0], engine="h5netcdf")  # noqa: F821
