"""The command line: verbs for people, and `make`, by which the rules make their products.

A verb is a module of `commands/` with `add_arguments(parser)` and `run(options)`; one that may run
code of models says so by `simulates(options)`. Only that of the verb that is asked is imported.
"""

import argparse
import os
import sys
from importlib import import_module
from typing import NoReturn

from spikesweep.errors import UserError
from spikesweep.products import environment
from spikesweep.products.disk import machine_trouble
from spikesweep.snakefile.screen import say_in_any_encoding
from spikesweep.snakefile.signals import INTERRUPTED, end_cleanly

VERBS = {
    "init": "begin a project of your own",
    "new": "begin a sweep from an example",
    "import": "begin a sweep from a morphology, a BluePyOpt or an Allen model",
    "list": "list the sweeps and figure sets of the project, and the examples",
    "docs": "list or print the pages of the documentation",
    "plan": "say what a sweep is and what would run",
    "structure": "list the sections of a sweep's cells",
    "why": "say what would run, and what changed to make it run",
    "status": "say how far sweeps are, while another run works on them and afterwards",
    "open": "show the figures and tables of a sweep in a browser",
    "run": "run one simulation alone, with all that it prints",
    "retry": "forget timeouts, memory limits and crashes: the next snakemake tries again",
    "methods": "draft the Methods of a sweep or a figure set",
    "explain": "say what made a figure, a dataset or a table",
    "verify": "recompute every hash of a file, a bundle or a folder",
    "rebuild": "make a file again at its commit, and compare",
    "diff": "say what differs between two commits, runs or bundles",
    "store": "look after the results of simulations",
    "gc": "remove what no sweep names any more",
    "schema": "print the JSON Schema of sweep files",
    "completion": "print what lets bash, zsh or fish complete commands",
    "make": "make one product; the rules of the workflow call this",
}


def main(arguments: list[str] | None = None) -> None:
    """Run one verb; a user's mistake, or the disk's refusal, is one message and exit code 1."""
    # No stage multiplies matrices that are worth it, and starting these threads takes as long as
    # importing all of numpy.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    say_in_any_encoding()
    given = sys.argv[1:] if arguments is None else arguments
    if "_ARGCOMPLETE" in os.environ:  # a shell asks how the line goes on
        import_module("spikesweep.commands.completion").complete(_parser)
    try:
        options = _parser(given[0] if given else "").parse_args(given)
        if arguments is None and options.simulates(options):
            environment.enter()
        end_cleanly()
        options.run(options)
    except BrokenPipeError:  # `spikesweep plan x | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UserError as error:
        _refuse(str(error))
    except Exception as error:
        if not (message := machine_trouble(error)):
            raise
        _refuse(message)
    except KeyboardInterrupt:
        print("spikesweep: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _refuse(message: str) -> NoReturn:
    print(f"spikesweep: {message}", file=sys.stderr)
    sys.exit(1)


def _parser(verb: str) -> argparse.ArgumentParser:
    """Return the parser of the command line: with one verb and its arguments, or with all verbs
    where that is none, which takes longer."""
    parser = argparse.ArgumentParser(
        prog="spikesweep",
        description="Parameter sweeps of NEURON models. Run sweeps with: snakemake --cores 8",
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    for name, help in VERBS.items() if verb not in VERBS else ():
        verbs.add_parser(name, help=help)
    if verb in VERBS:
        known = verbs.add_parser(verb, help=VERBS[verb])
        module = import_module(f"spikesweep.commands.{verb}")
        module.add_arguments(known)
        simulates = getattr(module, "simulates", lambda options: False)
        known.set_defaults(run=module.run, simulates=simulates)
    return parser
