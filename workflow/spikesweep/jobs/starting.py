"""The module of a product's job, imported with all that it will import."""

import gc
from importlib import import_module
from types import ModuleType


def imported_job(product: str) -> ModuleType:
    """Import the job of a product, and what it names to be imported ahead.

    Look for garbage in none of it, then or later: there is none, and to look takes a quarter of the
    time that the imports of a figure take.
    """
    gc.disable()
    try:
        job = import_module(f"spikesweep.jobs.{product}")
        for name in getattr(job, "AHEAD", ()):
            import_module(name)
        return job
    finally:
        gc.freeze()
        gc.enable()
