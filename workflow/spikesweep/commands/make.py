"""The verb `make`, by which the rules make their products: each by its own job."""

import argparse
import gc
from importlib import import_module
from pathlib import Path
from types import ModuleType

from spikesweep.products.table import BY_NAME, KINDS
from spikesweep.snakefile.signals import end_with_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # All take the same: a parser for each would take a tenth of a job's start.
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    width = max(len(kind.name) for kind in KINDS)
    lines = [f"  {kind.name:{width}}  {kind.words}".rstrip() for kind in KINDS]
    parser.epilog = "\n".join(["products:", *lines])
    parser.add_argument("product", metavar="PRODUCT", choices=BY_NAME)
    parser.add_argument("source", help="the plan of a sweep, or a name")
    parser.add_argument("output", type=Path)
    parser.add_argument("options", nargs="*")


def simulates(options: argparse.Namespace) -> bool:
    return BY_NAME[options.product].simulates


def run(options: argparse.Namespace) -> None:
    """Make a product; ends with the run that started it."""
    end_with_run()
    kind = BY_NAME[options.product]
    source = Path(options.source) if kind.source == "plan" else options.source
    job = _imported(f"spikesweep.jobs.{kind.name}")
    job.make(source, options.output, *options.options)


def _imported(job: str) -> ModuleType:
    """Import a job, and look for garbage in none of it, then or later: there is none, and to look
    takes a quarter of the time that the imports of a figure take."""
    gc.disable()
    try:
        return import_module(job)
    finally:
        gc.freeze()
        gc.enable()
