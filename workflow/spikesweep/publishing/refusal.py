"""What keeps a bundle from being published; cheap, so that a dry run can say it as well."""

from collections.abc import Collection, Mapping
from pathlib import Path

from spikesweep.lineage.git_label import NOGIT, GitState

MEANT = "or say that it is meant: snakemake publish --config"


def refusal(
    output: Path, state: GitState, failures: Mapping[str, Path], allowed: Collection[str]
) -> str:
    """Return why a bundle is not published, '' where nothing is in its way.

    Args:
        state: of all that it depends on.
        failures: the lists of simulations that failed, by sweep; they may not be there yet.
        allowed: of "dirty" (sources that are not committed) and "failed" (simulations).
    """
    if state.label == NOGIT:
        return f"{output}: {state.note} A bundle needs a commit to name; commit first"
    found = {}
    if state.dirty_files:
        found["dirty"] = f"not committed: {', '.join(state.dirty_files[:8])}", "commit first"
    if "failed" not in allowed and (failed := _failed(failures)):
        found["failed"] = failed, "mend them"
    reasons = [found[word] for word in found if word not in allowed]
    if not reasons:
        return ""
    why, remedies = (", and ".join(parts) for parts in zip(*reasons, strict=True))
    # All that is to be allowed, also what was said already: the option is given whole.
    meant = ", ".join(word for word in ("dirty", "failed") if word in {*found, *allowed})
    return f"{output}: {why}. Nothing was published; {remedies}, {MEANT} 'publish=[{meant}]'"


def _failed(failures: Mapping[str, Path]) -> str:
    """Say how many simulations of which sweeps failed, '' where none did."""
    there = {sweep: path for sweep, path in failures.items() if path.exists()}
    if not there:
        return ""
    # With HDF5, which the Snakefile does without.
    from spikesweep.tables.failures import read_failures

    counts = {sweep: len(list(read_failures(path))) for sweep, path in there.items()}
    return ", ".join(
        f"{count} simulations failed, see results/{sweep}/failures.csv"
        for sweep, count in counts.items()
        if count
    )
