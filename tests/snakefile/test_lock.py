"""What the lock of a run tells, beside who holds it."""

import os

import pytest

from spikesweep.snakefile import lock
from spikesweep.snakefile.lock import held_since, hold_lock, holder


@pytest.fixture
def held(tmp_path, monkeypatch):
    """A lock that this process holds, given back at the end."""
    monkeypatch.setattr(lock, "_held", [])
    hold_lock(tmp_path / ".lock")
    yield tmp_path / ".lock"
    for file in lock._held:
        os.close(file)


def test_a_run_began_by_the_clock_that_files_have(held):
    """As where a file server's clock is an hour behind, or before."""
    made = held.with_name("batch.csv")
    for now in (1e9, 4e9):
        os.utime(held, (now, now))
        made.touch()
        os.utime(made, (now + 1, now + 1))
        assert made.stat().st_mtime > held_since(2e9) == now
    assert holder(held).startswith(f"process {os.getpid()} on ")


def test_without_a_lock_it_began_when_it_says(monkeypatch):
    monkeypatch.setattr(lock, "_held", [])
    assert held_since(7.0) == 7.0
