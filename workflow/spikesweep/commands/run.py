"""One simulation alone in the foreground: nothing is caught, limited, isolated or kept."""

import argparse
import atexit
import ctypes
import os
import signal
import sys
import time
import traceback
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.errors import UserError
from spikesweep.jobs.batch import start_simulator
from spikesweep.plan.levels import value_words
from spikesweep.plan.making import make_plan
from spikesweep.plan.products import Plan
from spikesweep.products.items import Items
from spikesweep.products.physics import names_back
from spikesweep.products.plan_file import PlanFile

if TYPE_CHECKING:
    from spikesweep.simulation.simulator import Simulator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name)
    parser.add_argument(
        "--index", type=int, required=True, help="of the simulation, as in plan.csv"
    )


def simulates(options: argparse.Namespace) -> bool:
    return True


def run(options: argparse.Namespace) -> None:
    enter_project()
    sys.exit(run_alone(options.sweep, options.index))


def run_alone(sweep: str, index: int) -> int:
    """Run a simulation of a sweep; print what it is, all that NEURON prints, and how it ended.

    A crash ends this process as well, and an endless loop goes on until Ctrl-C. The store is
    neither asked nor written to.

    Returns:
        The exit code: 0, or 1 if the simulation failed.

    Raises:
        UserError: no such sweep or simulation; or its mechanisms are not compiled yet, or damaged.
    """
    plan = make_plan(Path(), sweep)
    if not 0 <= index < len(plan.keys):
        raise UserError(
            f"--index {index}: the sweep {sweep} has {len(plan.keys)} simulations; "
            f"expected 0 to {len(plan.keys) - 1}"
        )
    if plan.library and not plan.library.path.exists():
        raise UserError(
            f"{plan.library.path}: the mechanisms are not compiled yet; "
            f"run: snakemake --cores 1 {plan.library.path}"
        )
    print(_what(plan, index), flush=True)
    written = next(islice(plan.template.written(plan.columns, len(plan.keys)), index, None))
    document = plan.template.members().document(written)
    simulator = start_simulator(PlanFile(plan.plan.path, plan.contents))
    return _run((plan.keys[index], document), simulator, plan.items[index])


def _what(plan: Plan, index: int) -> str:
    row = plan.combination.rows[index]
    point = [
        f"{axis.name} = {value_words(axis.values[place])} {axis.unit}".rstrip()
        for axis, place in zip(plan.combination.axes, row, strict=True)
    ]
    return f"{plan.name}, simulation {index}: {', '.join(point)}\n  key {plan.keys[index]}"


def _run(member: tuple[str, dict], simulator: "Simulator", items: Items) -> int:
    from spikesweep.execution.together import run_together
    from spikesweep.simulation.errors import SimulationError

    for number in (signal.SIGINT, signal.SIGTERM):  # Python's handlers wait until NEURON returns
        signal.signal(number, signal.SIG_DFL)
    started = time.monotonic()
    atexit.register(_end_by_model)  # HOC's quit() never returns
    try:
        result = run_together([member], simulator)[0]
    except SimulationError as error:
        print(f"  error: {names_back(str(error), items.names)}")
        return 1
    except SystemExit:
        _end_by_model()
    except Exception:
        traceback.print_exc(file=sys.stdout)  # the exception of NEURON, or of a model's own code
        return 1
    finally:
        atexit.unregister(_end_by_model)
    status, message = items.first_failure(result.status, result.message, result.failures)
    print(f"  {status}: {message}".rstrip(": "))
    for trace, address in items.traces.items():
        if address in result.extremes:
            print("  {}: {:.6g} to {:.6g}".format(trace, *result.extremes[address]))
    for name, address in items.features.items():
        if address in result.features:
            print(f"  {name}: {result.features[address]:.6g}")
    for site, address in items.spikes.items():
        if address in result.spikes:
            print(f"  {site}: {len(result.spikes[address])} spikes")
    print(f"  {time.monotonic() - started:.2f} s")
    return int(status != "ok")


def _end_by_model() -> NoReturn:
    """Say that the model's code ended this process, which is an error; and end it."""
    from spikesweep.execution.child import ENDED

    print(f"  error: {ENDED}", flush=True)
    ctypes.CDLL(None).fflush(None)  # what NEURON has printed, which _exit would lose
    os._exit(1)
