"""The job that writes the plan of a sweep."""

from pathlib import Path

from spikesweep.plan.making import make_plan
from spikesweep.plan.writing import write_plan


def make(sweep: str, output: Path) -> None:
    """Write the plan of a sweep, from which all other jobs read what they are to do."""
    plan = make_plan(Path(), sweep)
    write_plan(plan.plan_with(output.stem.rpartition("_")[2]), output)
