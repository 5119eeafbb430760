"""The verb `make`, by which the rules make their products: each by its own job."""

import argparse
from importlib import import_module
from pathlib import Path

from spikesweep.products.table import BY_NAME, KINDS
from spikesweep.snakefile.signals import end_with_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    products = parser.add_subparsers(required=True, metavar="PRODUCT", dest="product")
    for kind in KINDS:
        product = products.add_parser(kind.name, help=kind.words or None)
        is_plan = kind.source == "plan"
        product.add_argument("source", metavar=kind.source, type=Path if is_plan else str)
        product.add_argument("output", type=Path)
        product.add_argument("options", nargs="*")


def simulates(options: argparse.Namespace) -> bool:
    return BY_NAME[options.product].simulates


def run(options: argparse.Namespace) -> None:
    """Make a product; ends with the run that started it."""
    end_with_run()
    job = import_module(f"spikesweep.jobs.{options.product}")
    job.make(options.source, options.output, *options.options)
