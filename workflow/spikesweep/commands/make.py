"""The verb `make`, by which the rules make their products: each by its own job."""

import argparse
from pathlib import Path

from spikesweep.jobs.starting import imported, job_of
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
    imported(job_of(kind.name)).make(source, options.output, *options.options)
