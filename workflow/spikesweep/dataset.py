"""The public face of the dataset: `from spikesweep.dataset import trains`."""

from spikesweep.tables.trains import trains

__all__ = ["trains"]
