"""The mechanisms that a sweep can use: those of its set and NEURON's own."""

