"""The simulations that one Snakemake job runs: those of its batch that the store lacks."""

import atexit
import csv
import logging
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from spikesweep.errors import UserError
from spikesweep.files import written
from spikesweep.origin import check_library, write_origin
from spikesweep.outcomes import COLUMNS
from spikesweep.planfile import PlanFile, Row, read_plan
from spikesweep.store import Store

if TYPE_CHECKING:
    from spikesweep.simulation.driver import Summary
    from spikesweep.simulation.engine import Engine

STORE = Path("results/store")


def simulate(plan_path: Path, output: Path) -> None:
    """Run the simulations of a batch that the store lacks; write what each came to.

    Results enter the store as packs finish. The output has a row a simulation: its key, whether
    it was run or found in the store, and, where it was run, its status and message.

    Raises:
        UserError: the plan or the sources changed, or a mechanism library is missing.
    """
    plan = read_plan(plan_path)
    batch = output.stem.rpartition("_")[2]
    rows = plan.batch(batch)
    store = Store(STORE)
    lacking = store.lacks(bytes.fromhex(row.key) for row in rows)
    missing = [row for row in rows if bytes.fromhex(row.key) in lacking]
    if missing:
        import spikesweep.morphology  # whole, before its code is looked at
        import spikesweep.segment  # here, and not again in every child that writes one
        import spikesweep.simulation.driver  # noqa: F401
    plan.recipe(output)
    ended = _run(plan, missing, store) if missing else {}
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            end = ended.get(row.key)
            writer.writerow(
                [row.key, "run", end.status, end.message] if end else [row.key, "store", "", ""]
            )
    write_origin(output, plan.origin(output))


def _run(plan: PlanFile, rows: Iterable[Row], store: Store) -> "dict[str, Summary]":
    from spikesweep.simulation.driver import run

    logging.basicConfig(format=f"spikesweep: {plan['sweep']}: %(message)s")
    members = [(row.key, plan.document(row)) for row in rows]
    ended: dict[str, Summary] = {}
    for done in run(members, engine(plan), store.write, packable=not plan["packing"]):
        if done.token is not None:
            store.commit(done.token)
        ended.update((summary.key, summary) for summary in done.summaries)
    return ended


def engine(plan: PlanFile) -> "Engine":
    """Return NEURON with the sweep's mechanisms loaded, ready to build its cells.

    Raises:
        UserError: a morphology, or the library, is not the one that was planned.
    """
    from spikesweep.simulation.engine import Engine

    library = None
    if plan["library"]:
        compiled = Path(plan["library"])
        check_library(compiled, plan.fingerprint(compiled))
        library = compiled / "libnrnmech.so"
    folder = Path(tempfile.mkdtemp(prefix="spikesweep-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    morphologies = {
        sha256: _normalised(Path(path), sha256, folder)
        for sha256, path in plan["morphologies"].items()
    }
    return Engine(library, morphologies)


def _normalised(path: Path, sha256: str, folder: Path) -> Path:
    """Write what counts of a morphology, checked and mended, for NEURON to read."""
    from spikesweep.morphology import read_swc, write_normalised

    morphology = read_swc(path)
    if morphology.sha256 != sha256:
        raise UserError(
            f"{path}: changed while this run was going on; nothing was made of it. "
            "Run snakemake again: it makes what the new file asks for"
        )
    copy = folder / f"{sha256}.swc"
    write_normalised(morphology, copy)
    return copy
