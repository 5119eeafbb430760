"""The simulations that one Snakemake job runs: those of its batch that the store lacks."""

import atexit
import logging
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spikesweep.errors import UserError, listing
from spikesweep.execution.garbage import nothing_is_garbage
from spikesweep.products.atomic import written
from spikesweep.products.disk import disk_trouble
from spikesweep.products.items import merged
from spikesweep.products.plan_file import PlanFile, Row, read_plan
from spikesweep.products.sidecar import check_library, write_origin
from spikesweep.store.batch_file import ALONE, Outcome, command_alone, write_outcomes
from spikesweep.store.store import DamagedSegment, Store

# What a job needs that simulates, and none that finds all results in the store.
_SIMULATING = ("spikesweep.execution.gathering", "spikesweep.execution.packs")
_MORPHOLOGIES = "spikesweep.morphology.morphology"
AHEAD = (*_SIMULATING, _MORPHOLOGIES)

if TYPE_CHECKING:
    from spikesweep.execution.packs import Summary
    from spikesweep.simulation.simulator import Simulator


def make(plan_path: Path, output: Path, cores: str = "1") -> None:
    """Run the simulations of a batch that the store lacks; write what each came to.

    Results enter the store while others run. The output has a row a simulation: its key, whether
    it was run or found in the store, and, where it was run, its status and message.

    Args:
        cores: packs, or simulations that are not packed, that run side by side.

    Raises:
        UserError: the plan or the sources changed, or a mechanism library is missing.
    """
    plan = read_plan(plan_path)
    batch = output.stem.rpartition("_")[2]
    rows = plan.batch(batch)
    store = Store()
    asked = [(bytes.fromhex(row.key), plan.items(row).addresses) for row in rows]
    # By key: two points of a design can come to one simulation.
    missing: dict[str, list[Row]] = {}
    for place in store.lacking(asked):
        missing.setdefault(rows[place].key, []).append(rows[place])
    if missing:
        with nothing_is_garbage():
            _import_code(plan)
    recipe = plan.recipe(output)
    check = _stop_at_failure(plan, rows) if recipe["on_failure"] == "stop" else _go_on
    if check is not _go_on:
        check(_found(plan, store, [row for row in rows if row.key not in missing]))
    ended: dict[str, Summary] = {}
    limits = {"timeout": recipe["timeout"], "memory": recipe["memory"], "cores": int(cores)}
    for summaries in _run(plan, missing.values(), store, limits) if missing else ():
        ended.update((summary.key, summary) for summary in summaries)
        check((s.key, *_told(plan, missing[s.key][0], s)) for s in summaries)
    with written(output) as temporary:
        write_outcomes(temporary, (_outcome(plan, row, ended.get(row.key)) for row in rows))
    write_origin(output, plan.origin(output))


def _outcome(plan: PlanFile, row: Row, end: "Summary | None") -> Outcome:
    """Return a row of the batch's file; what the store does not know, by the names of the key."""
    if end is None:
        return Outcome(row.key, "store")
    if not end.stored:
        return Outcome(row.key, ALONE, end.status, end.message + _hint(plan, end))
    return Outcome(row.key, "run", *_told(plan, row, end))


def _hint(plan: PlanFile, end: "Summary") -> str:
    """Return what else may be said of a crash: the code of a cell may leave a POINTER unset."""
    pointers = plan.contents.get("followed_pointers", ()) if end.status == "crashed" else ()
    if not pointers:
        return ""
    return (
        f". NEURON crashes where a POINTER is unset that a mechanism follows: {listing(pointers)}; "
        "expected the cell's code, or `pointers` of a rule in `biophysics`, to set them"
    )


def _told(plan: PlanFile, row: Row, end: "Summary") -> tuple[str, str]:
    if end.status == "ok" and not end.failures:  # of most, by whatever names
        return "ok", ""
    return plan.items(row).first_failure(end.status, end.message, end.failures)


def _import_code(plan: PlanFile) -> None:
    """Import all that simulating needs: before its code is looked at, and once for all children."""
    needed = [*_SIMULATING]
    if plan["morphologies"]:
        needed.append(_MORPHOLOGIES)
    if plan["models"]:
        needed.append("spikesweep.modelcode.closure")
    for name in needed:
        import_module(name)


def _run(
    plan: PlanFile, rows: Iterable[list[Row]], store: Store, options: dict[str, Any]
) -> "Iterator[list[Summary]]":
    """Run simulations; yield what those of each pack came to. All of it is in the store at the
    end, however that comes but by SIGKILL."""
    from spikesweep.execution.gathering import SECONDS, Gathering
    from spikesweep.execution.packs import run

    logging.basicConfig(format=f"spikesweep: {plan['sweep']}: %(message)s")
    with nothing_is_garbage():
        members = [_member(plan, several) for several in rows]
    gathering = Gathering(store, plan["document"]["engine"])
    options = {**options, "packable": not plan["packing"], "pulse": SECONDS}
    try:
        try:
            for done in run(members, start_simulator(plan), gathering.prepare, **options):
                if done.token is not None:
                    gathering.add(done.token)
                gathering.write_due()
                yield done.summaries
        finally:
            gathering.write()
    except RuntimeError as error:
        if not (advice := disk_trouble(error)):
            raise
        raise UserError(
            f"{store.folder}: {advice} and run snakemake again: what was finished is kept"
        ) from None


def _member(plan: PlanFile, rows: list[Row]) -> tuple[str, dict[str, Any]]:
    """Return a simulation with all that is asked for of it."""
    members = [plan.member(row) for row in rows]
    if len(rows) == 1 or len({id(plan.items(row)) for row in rows}) == 1:
        return members[0]
    return members[0][0], merged([document for _, document in members])


Ends = Iterable[tuple[str, str, str]]  # key, status, message


def _go_on(ends: Ends) -> None:
    """Let failures be: they are recorded."""


def _stop_at_failure(plan: PlanFile, rows: Iterable[Row]) -> Callable[[Ends], None]:
    """Return what refuses ends among which are failures, and tells the first simulation's."""
    index_of = {row.key: row.index for row in rows}

    def check(ends: Ends) -> None:
        failures = [(index_of[key], *end) for key, *end in ends if end[0] != "ok"]
        if failures:
            index, status, message = min(failures)
            raise UserError(
                f"{plan['sweep']}: simulation {index} failed ({status}: {message}), and the sweep "
                f"says on_failure: stop. To see it alone: {command_alone(plan['sweep'], index)}"
            )

    return check


def _found(plan: PlanFile, store: Store, rows: list[Row]) -> Ends:
    """Yield how the simulations ended that the store knows."""
    by_items = {id(items := plan.items(row)): items for row in rows}
    try:
        for items in by_items.values():
            keys = [row.key for row in rows if plan.items(row) is items]
            for result in store.read(keys, items.addresses):
                end = items.first_failure(result.status, result.message, result.failures)
                yield result.key, *end
    except DamagedSegment as damaged:
        store.set_aside(damaged.path)  # so that its simulations run again
        raise


def start_simulator(plan: PlanFile) -> "Simulator":
    """Return NEURON with the sweep's mechanisms loaded, and all files at hand that build its cells.

    Raises:
        UserError: a morphology, a file of a model that is code, or the library is not the one that
            was planned.
    """
    from spikesweep.simulation.simulator import Simulator

    _check_machine(plan)
    os.environ.update(plan["document"].get("environment", {}))
    library = Path(plan["library"]) if plan["library"] else None
    if library:
        check_library(library, plan.fingerprint(library))
    folder = _scratch()
    normalised = {
        sha256: _normalised(Path(path), sha256, folder)
        for sha256, path in plan["morphologies"].items()
    }
    if plan["models"]:
        from spikesweep.modelcode.closure import copy_files, copy_imported
        from spikesweep.simulation.usercode import IMPORTED

        copy_files(Path(), plan["models"], folder / "models")
        copy_imported(plan["imported"], folder / "models" / IMPORTED)
    compiled = library and _in_ascii(library / "libnrnmech.so", folder)
    models = folder / "models" if plan["models"] else None
    return Simulator(compiled, normalised, models, plan["waveforms"])


def _check_machine(plan: PlanFile) -> None:
    """Refuse a machine that the simulations were not planned for, as a cluster may have some.

    Mechanisms compiled for one architecture run on no other, and results differ in last bits.
    """
    planned, runs = plan["document"]["engine"]["architecture"], platform.machine()
    if planned != runs:
        raise UserError(
            f"{plan.path}: planned, and its mechanisms compiled, for machines of architecture "
            f"{planned}, but {platform.node()} is {runs}; expected nodes of {planned}, or "
            f"snakemake started on a machine of {runs}"
        )


def _scratch() -> Path:
    """Return a folder that goes with this process; NEURON reads names of ASCII alone."""
    place = None if tempfile.gettempdir().isascii() else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="spikesweep-", dir=place))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _in_ascii(file: Path, folder: Path) -> Path:
    """Return a file under a path that NEURON reads: where its own is none, a copy of it."""
    if str(file.resolve()).isascii():
        return file
    return Path(shutil.copyfile(file, folder / file.name))


def _normalised(path: Path, sha256: str, folder: Path) -> Path:
    """Write what counts of a morphology, checked and mended, for NEURON to read."""
    from spikesweep.morphology.morphology import write_normalised
    from spikesweep.morphology.reading import find_reading

    morphology = find_reading(path, sha256)
    if morphology is None:
        raise UserError(
            f"{path}: changed while this run was going on; nothing was made of it. "
            "Run snakemake again: it makes what the new file asks for"
        )
    copy = folder / f"{sha256}.{morphology.format}"
    write_normalised(morphology, copy)
    return copy
