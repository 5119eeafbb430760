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
    if state.dirty_files and "dirty" not in allowed:
        return (
            f"{output}: not committed: {', '.join(state.dirty_files[:8])}. Nothing was published; "
            f"commit first, {MEANT} 'publish=[dirty]'"
        )
    for sweep, path in failures.items():
        if "failed" in allowed or not path.exists():
            continue
        # With HDF5, which the Snakefile does without.
        from spikesweep.tables.failures import read_failures

        if failed := len(list(read_failures(path))):
            return (
                f"{output}: {failed} simulations failed, see results/{sweep}/failures.csv. "
                f"Nothing was published; mend them, {MEANT} 'publish=[failed]'"
            )
    return ""
