"""A difference as text: of several sweeps, those in which nothing differs are one line."""

from pathlib import Path

from spikesweep.comparing.diff_text import tell_all
from spikesweep.comparing.sides import Side
from spikesweep.products.plan_file import PlanFile


def side(label, fingerprint="a" * 64):
    return Side(
        PlanFile(Path("plan.json"), {"fingerprint": fingerprint, "simulations": 4}),
        label,
        None,
        None,
    )


def test_equal_sweeps_are_one_line_and_others_are_told(monkeypatch):
    class Found:
        def __init__(self, old, new):
            self.old, self.new = old, new
            self.is_none = old.plan["fingerprint"] == new.plan["fingerprint"]

    monkeypatch.setattr("spikesweep.comparing.diff_text.diff", Found)
    same = side("first"), side("second")
    broken = Side(None, "second", None, None, problem="small.yaml: nonsense")
    told = tell_all({"ring": same, "axon": same, "small": (side("first"), broken)})
    assert told.splitlines() == [
        "small",
        "  a  first, planned with the packages here: 4 simulations",
        "  b  second, planned with the packages here: cannot be planned: small.yaml: nonsense",
        "nothing differs in axon, ring",
    ]
    assert tell_all({"ring": same}).splitlines()[-1].startswith("  equal: ")
    assert tell_all({"ring": (None, same[1])}).splitlines()[1] == "  a  has no such sweep"
