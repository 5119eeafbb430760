"""spikesweep: parameter sweeps of NEURON models, with results that say how they were made."""

_PUBLIC = {"open": "spikesweep.notebook.results"}  # imported where they are asked for


def __getattr__(name):
    from importlib import import_module

    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name == "__version__":
        return import_module("spikesweep.products.engine").version()
    raise AttributeError(f"module 'spikesweep' has no attribute {name!r}")
