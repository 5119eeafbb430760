"""spikesweep: parameter sweeps of NEURON models, with results that say how they were made."""

_PUBLIC = {"open": "spikesweep.notebook.results"}  # imported where they are asked for


def __getattr__(name):
    if name in _PUBLIC:
        from importlib import import_module

        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'spikesweep' has no attribute {name!r}")
