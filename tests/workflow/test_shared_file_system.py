"""What jobs ask of the file system that nodes share: no locks, and no rename across folders that
may lie on different ones."""

import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

from small import small_sweep
from tracing import Trace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs LD_PRELOAD")


def run(command: list[str], trace: Trace, folder: Path, **more: str) -> int:
    """Run a command to its end; return the number of its process."""
    started = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | trace.environment | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said, _ = started.communicate()
    assert started.returncode == 0, said
    return started.pid


def test_the_trace_sees_locks_and_renames_of_python_and_of_hdf5(tmp_path):
    trace = Trace(tmp_path / "trace")
    script = """
import fcntl, os, h5py
h5py.File("a.h5", "w", locking=True).close()
with open("b", "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    fcntl.lockf(file, fcntl.LOCK_EX)
os.rename("b", "c")
os.link("c", "d")
"""
    run([sys.executable, "-c", script], trace, tmp_path)
    seen = [(call.what, Path(call.file).name) for call in trace.calls()]
    assert ("lock", "a.h5") in seen
    assert seen.count(("lock", "b")) == 2
    assert ("rename", "b") in seen
    assert ("link", "c") in seen


@pytest.mark.workflow
def test_jobs_lock_nothing_and_rename_within_a_folder(project, tmp_path):
    project.write_sweep("small", small_sweep())
    trace = Trace(tmp_path / "trace")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "small"]
    ours = run(command, trace, project.root, PYTHONPATH=str(project.root / "workflow"))
    with h5py.File(project.root / "results/small/dataset.nc") as file:
        assert file
    results = str(project.root / "results")
    calls = [call._replace(file=os.path.join(project.root, call.file)) for call in trace.calls()]
    shared = [call for call in calls if call.file.startswith(results)]

    locks = {(call.process == ours, call.file) for call in shared if call.what == "lock"}
    assert locks == {(True, f"{results}/.lock")}  # of the run alone
    assert not [call for call in shared if call.what == "link"]
    renames = [call for call in shared if call.what == "rename"]
    assert {Path(call.file).suffix for call in renames} >= {".part", ".csv", ".nc"}
    for call in renames:
        new = Path(os.path.join(project.root, call.to))
        assert Path(call.file).parent == new.parent, call
    # Nothing comes from or goes to elsewhere: a scratch folder, a home.
    elsewhere = [call for call in calls if call.what == "rename" and call not in shared]
    assert not [call for call in elsewhere if call.to.startswith(("results", results))]
