"""The job that publishes a sweep as a bundle."""

from pathlib import Path

from spikesweep.publishing.bundle import publish


def make(plan_path: Path, output: Path, *allowed: str) -> None:
    """Write the bundle of a sweep; `allowed` is what may be wrong with it."""
    publish(plan_path, output, allowed)
