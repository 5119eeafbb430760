"""Mechanisms: what NMODL sources and NEURON itself offer, and the library compiled from sources.

Only `compile` runs anything; the other modules read.
"""
