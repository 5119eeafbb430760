"""The job that writes the plan of a sweep."""

from pathlib import Path

from spikesweep.plan.late import LatePlan
from spikesweep.plan.making import found, make_plan
from spikesweep.plan.writing import check_name, write_plan


def make(sweep: str, output: Path) -> None:
    """Write the plan of a sweep, from which all other jobs read what they are to do."""
    plan = make_plan(Path(), sweep).plan_with(output.stem.rpartition("_")[2])
    check_name(plan, output)  # before anything is looked for that another plan reads
    write_plan(found(plan, sweep) if isinstance(plan, LatePlan) else plan, output)
