"""What keeps a bundle from being published is told whole, with the option that allows it."""

from pathlib import Path

import pytest

from spikesweep.lineage.git_label import GitState
from spikesweep.publishing.refusal import refusal

DIRTY = GitState("01234567+89ab", "0" * 40, dirty_files=("mod/a.mod",))
CLEAN = GitState("01234567", "0" * 40)
FAILED = "index,status,message\n0,error,no such section\n3,unphysical,v runs from\n"


@pytest.mark.parametrize(
    ("state", "has_failed", "allowed", "said", "option"),
    [
        (CLEAN, False, [], "", ""),
        (DIRTY, False, [], "not committed: mod/a.mod. ", "[dirty]"),
        (CLEAN, True, [], "2 simulations failed, see results/s/failures.csv. ", "[failed]"),
        (DIRTY, True, [], "a.mod, and 2 simulations failed, ", "[dirty, failed]"),
        (DIRTY, True, ["dirty"], "2 simulations failed, ", "[dirty, failed]"),
        (DIRTY, True, ["failed"], "not committed: mod/a.mod. ", "[dirty, failed]"),
        (DIRTY, True, ["dirty", "failed"], "", ""),
    ],
)
def test_all_reasons_and_the_whole_option(tmp_path, state, has_failed, allowed, said, option):
    table = tmp_path / "failures.csv"
    table.write_text(FAILED if has_failed else FAILED.splitlines()[0] + "\n")
    told = refusal(Path("b.zip"), state, {"s": table, "t": tmp_path / "none.csv"}, allowed)
    assert said in told
    assert bool(told) == bool(said)
    assert told.endswith(f"'publish={option}'") or not told
    assert ("not committed" in told) == ("dirty" not in allowed and state == DIRTY)
