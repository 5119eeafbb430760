"""spikesweep: parameter sweeps of NEURON models, with results that say how they were made."""
