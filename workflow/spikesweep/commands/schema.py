"""The verb `schema`: the JSON Schema of sweep files."""

import argparse

from spikesweep.sweepfile.schema import schema_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> None:
    print(schema_text(), end="")
