"""The public face of the dataset: `from spikesweep.dataset import trains, values`."""

from spikesweep.tables.trains import trains, values

__all__ = ["trains", "values"]
