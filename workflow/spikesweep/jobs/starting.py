"""What jobs begin with: modules imported without a look for garbage."""

import gc
from importlib import import_module
from types import ModuleType


def job_of(product: str) -> str:
    """Return the name of the module that makes a product."""
    return f"spikesweep.jobs.{product}"


def imported(name: str) -> ModuleType:
    """Import a module.

    Look for garbage in none of it, then or later: there is none, and to look takes a quarter of the
    time that the imports of a figure take.
    """
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
