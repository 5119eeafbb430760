"""The command line: verbs for people, and `make`, by which the rules make their products."""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from spikesweep.commands.parser import add_verbs
from spikesweep.errors import UserError
from spikesweep.products import engine, environment
from spikesweep.products.table import KINDS
from spikesweep.snakefile.signals import INTERRUPTED, disk_trouble, end_cleanly, end_with_run


def main(arguments: list[str] | None = None) -> None:
    """Run one verb; a user's mistake, or the disk's refusal, is one message and exit code 1."""
    # No stage multiplies matrices that are worth it, and starting these threads takes as long as
    # importing all of numpy.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    options = _parser().parse_args(arguments)
    if arguments is None and _simulates(options):
        environment.enter()
    end_cleanly()
    try:
        options.run(options)
    except BrokenPipeError:  # `spikesweep plan x | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UserError as error:
        _refuse(str(error))
    except (OSError, RuntimeError) as error:
        if not (advice := disk_trouble(error)):
            raise
        place = getattr(error, "filename", None) or "results"
        _refuse(f"{place}: {advice} and run snakemake again: what was finished is kept")
    except KeyboardInterrupt:
        print("spikesweep: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _simulates(options: argparse.Namespace) -> bool:
    """Return whether a command runs code of models."""
    given = vars(options)
    is_job = given.get("job") in ("batch", "structure")
    return is_job or options.run is _run or bool(given.get("estimate"))


def _refuse(message: str) -> NoReturn:
    print(f"spikesweep: {message}", file=sys.stderr)
    sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spikesweep",
        description="Parameter sweeps of NEURON models. Run sweeps with: snakemake --cores 8",
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")

    plan = verbs.add_parser("plan", help="say what a sweep is and what would run")
    plan.add_argument("sweep")
    plan.add_argument("--estimate", action="store_true", help="run a few simulations, and say more")
    plan.add_argument("--cores", type=_cores, help="of the estimate; default: all", metavar="N")
    plan.add_argument("--allow-large", action="store_true", help="more than 100,000 simulations")
    plan.set_defaults(run=_plan)

    why = verbs.add_parser("why", help="say what would run, and what changed to make it run")
    why.add_argument("sweep")
    why.set_defaults(run=_why)

    store = verbs.add_parser("store", help="look after the results of simulations")
    actions = store.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="read every result and compare it with its hash")
    verify.set_defaults(run=_verify)
    size = actions.add_parser("size", help="say how much is in the store")
    size.set_defaults(run=_size)

    gc = verbs.add_parser("gc", help="remove what no sweep names any more")
    gc.add_argument("--dry-run", action="store_true", help="list it only")
    gc.add_argument("--yes", action="store_true", help="do not ask")
    gc.set_defaults(run=_gc)

    run = verbs.add_parser("run", help="run one simulation alone, with all that it prints")
    run.add_argument("sweep")
    run.add_argument("--index", type=int, required=True, help="of the simulation, as in plan.csv")
    run.set_defaults(run=_run)

    retry = verbs.add_parser(
        "retry", help="forget timeouts, memory limits and crashes: the next snakemake tries again"
    )
    retry.add_argument("sweep")
    retry.set_defaults(run=_retry)

    add_verbs(verbs, enter_project)

    schema = verbs.add_parser("schema", help="print the JSON Schema of sweep files")
    schema.set_defaults(run=_schema)

    make = verbs.add_parser("make", help="make one product; the rules of the workflow call this")
    products = make.add_subparsers(required=True, metavar="PRODUCT")
    for kind in KINDS:
        product = products.add_parser(kind.name)
        is_plan = kind.source == "plan"
        product.add_argument("source", metavar=kind.source, type=Path if is_plan else str)
        product.add_argument("output", type=Path)
        product.add_argument("options", nargs="*")
        product.set_defaults(run=_make, job=kind.name)
    return parser


def _cores(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}; expected a number of cores, 1 or more")
    return int(text)


def enter_project() -> None:
    """Go to the root of the project that the current folder lies in; see that its code runs.

    Raises:
        UserError: not in a project.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _is_project(folder):
            break
    else:
        raise UserError(f"{here}: not in a spikesweep project; expected a folder with a Snakefile")
    engine.restart_with_own(folder)
    os.chdir(folder)


def _is_project(folder: Path) -> bool:
    """Return whether a folder has a package of its own, or else a Snakefile and sweeps."""
    snakefiles = (folder / "Snakefile", folder / "workflow/Snakefile")
    has_sweeps = (folder / "config/sweeps").is_dir() or (folder / "config/config.yaml").is_file()
    return engine.own_package(folder) is not None or (
        has_sweeps and any(map(Path.is_file, snakefiles))
    )


def _plan(options: argparse.Namespace) -> None:
    from spikesweep.document.axes.design import LARGE, MOST_SIMULATIONS
    from spikesweep.lineage.git_label import sweep_state
    from spikesweep.plan.making import make_plan
    from spikesweep.plan.telling import tell

    enter_project()
    most = MOST_SIMULATIONS if options.allow_large else LARGE
    plan = make_plan(Path(), options.sweep, most)
    print(tell(plan))
    print(f"  label        {sweep_state(Path(), plan.sources).in_words}", flush=True)
    if options.estimate:
        from spikesweep.commands import estimate

        cores = options.cores or os.cpu_count() or 1
        print(estimate.tell(estimate.estimate(plan, cores), cores))


def _why(options: argparse.Namespace) -> None:
    from spikesweep.commands.why import explain
    from spikesweep.snakefile.project import Project
    from spikesweep.store.store import Store

    enter_project()
    project = Project(Path())
    plan, leaves = project.plan(options.sweep), project.stale_leaves(options.sweep)
    print(explain(plan, Store().index(), leaves))


def _verify(options: argparse.Namespace) -> None:
    from spikesweep.store.store import Store

    enter_project()
    store = Store()
    problems = store.verify()
    for problem in problems:
        print(problem)
    if problems:
        raise UserError(f"{len(problems)} of {store.size().segments} segments are damaged or lost")
    print(f"{store.size().simulations} simulations, every one as it was written")


def _size(options: argparse.Namespace) -> None:
    from spikesweep.commands.gc import in_bytes
    from spikesweep.store.store import Store

    enter_project()
    size = Store().size()
    print(f"{size.simulations} simulations in {size.segments} segments, {in_bytes(size.bytes)}")


def _gc(options: argparse.Namespace) -> None:
    from spikesweep.commands.gc import collect_garbage

    enter_project()
    collect_garbage(Path(), options.dry_run, options.yes)


def _run(options: argparse.Namespace) -> None:
    from spikesweep.commands.run import run_alone

    enter_project()
    sys.exit(run_alone(options.sweep, options.index))


def _retry(options: argparse.Namespace) -> None:
    from spikesweep.commands.retry import retry

    enter_project()
    print(retry(options.sweep))


def _schema(options: argparse.Namespace) -> None:
    from spikesweep.sweepfile.schema import schema_text

    print(schema_text(), end="")


def _make(options: argparse.Namespace) -> None:
    """Make a product; ends with the run that started it."""
    end_with_run()
    job = import_module(f"spikesweep.jobs.{options.job}")
    job.make(options.source, options.output, *options.options)
