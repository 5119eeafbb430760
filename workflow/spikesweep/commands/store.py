"""The verb `store`: the results of simulations, looked after."""

import argparse

from spikesweep.commands.gc import in_bytes
from spikesweep.commands.place import enter_project
from spikesweep.errors import UserError
from spikesweep.products.stages import engine
from spikesweep.store.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="read every result and compare it with its hash")
    verify.set_defaults(action=_verify)
    size = actions.add_parser("size", help="say how much is in the store")
    size.set_defaults(action=_size)


def run(options: argparse.Namespace) -> None:
    enter_project()
    options.action(Store())


def _verify(store: Store) -> None:
    problems = store.verify()
    for problem in problems:
        print(problem)
    if problems:
        raise UserError(f"{len(problems)} of {store.size().segments} segments are damaged or lost")
    print(f"{store.size().simulations} simulations, every one as it was written")


def _size(store: Store) -> None:
    size = store.size()
    print(f"{size.simulations} simulations in {size.segments} segments, {in_bytes(size.bytes)}")
    if others := store.unreachable(engine()):
        lost = in_bytes(sum(path.stat().st_size for path in others))
        print(
            f"of these {len(others)} segments, {lost}, of another NEURON, architecture or version "
            "of spikesweep: nothing here can find them; spikesweep gc removes what no sweep names"
        )
