"""The few lines at the end of a run: what the simulations came to, and where things lie."""

import csv
from collections import Counter
from pathlib import Path

from spikesweep.planfile import PlanFile, read_plan

RESULTS = Path("results")


def summarise(plan_path: Path, since: float) -> str:
    """Return a summary of a sweep.

    Args:
        since: when the run began (seconds of the epoch); older batches were there before.
    """
    plan = read_plan(plan_path)
    counts = count_simulations(plan, since)
    folder = RESULTS / plan["sweep"]
    failed = failures(plan)
    parts = [f"{counts['run']} run", f"{counts['found']} found in the store"]
    parts.append(f"{sum(failed.values())} failed" if failed else "none failed")
    lines = [
        f"{plan['sweep']}: {plan['title']}",
        f"  simulations  {plan['simulations']}: {', '.join(parts)}",
        *(f"               {count} x {reason}" for reason, count in failed.most_common()),
        f"  dataset      {folder / 'dataset.nc'}",
        f"  tables       {folder / 'statistics.csv'}, {folder / 'isi.csv'}",
    ]
    if plan["figures"]:
        lines.append(f"  figures      {folder / 'figures'}/")
    return "\n".join(lines)


def count_simulations(plan: PlanFile, since: float) -> Counter:
    """Count the simulations that were run since a time, and those that were there already."""
    counts = Counter(run=0, found=plan["simulations"])
    for name in plan["batches"]:
        path = plan.folder / name
        if path.exists() and path.stat().st_mtime >= since:
            with path.open(newline="", encoding="utf-8") as file:
                run = sum(row["source"] == "run" for row in csv.DictReader(file))
            counts.update(run=run, found=-run)
    return counts


def failures(plan: PlanFile) -> Counter:
    """Count the failed simulations of a sweep's dataset by status and message."""
    import h5py

    counts: Counter = Counter()
    dataset = plan.folder / plan["dataset"]
    if not dataset.exists():  # the run was asked for less
        return counts
    with h5py.File(dataset) as file:
        status, message = file["status"], file["message"]
        words = status.attrs["flag_meanings"].split()
        values = status[...].ravel()
        if values.any():
            texts = message.asstr()[...].ravel()
            for value, text in zip(values, texts, strict=True):
                if value:
                    counts[f"{words[value]}: {text}" if text else words[value]] += 1
    return counts
