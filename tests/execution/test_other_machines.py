"""A plan is run on machines of the architecture that it was made for."""

import platform

import pytest

from spikesweep.errors import UserError
from spikesweep.jobs.batch import start_simulator


def test_another_architecture_is_refused_in_a_sentence(monkeypatch):
    engine = {"architecture": platform.machine()}
    plan = {"document": {"engine": engine}}

    class Plan(dict):
        path = "plan.json"

    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(platform, "node", lambda: "node7")
    with pytest.raises(UserError) as refused:
        start_simulator(Plan(plan))
    assert str(refused.value) == (
        f"plan.json: planned, and its mechanisms compiled, for machines of architecture "
        f"{engine['architecture']}, but node7 is aarch64; expected nodes of "
        f"{engine['architecture']}, or snakemake started on a machine of aarch64"
    )
