"""spikesweep: parameter sweeps of NEURON models whose results say, and prove, how they were made."""
