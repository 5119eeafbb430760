"""What is replaced in the HTML of Snakemake's report stands there once, or it is refused."""

import json
import re

import pytest

from spikesweep.errors import UserError
from spikesweep.products.table import BY_STAGE, LEAVES, STAMP_SET
from spikesweep.publishing.published_report import without_times

REPLACED = ("runtimes", "timeline", "rules", "rulegraph")
OTHERS = ("logo", "results", "categories")


def script(name: str, data: str = '{"data": []}') -> str:
    return f'<script id="{name}">\nvar {name} = {data};\n</script>\n'


REPORT = "".join(map(script, [*REPLACED, *OTHERS]))


def test_times_are_left_out():
    told = without_times(
        REPORT.replace(script("runtimes"), script("runtimes", '{"s": 12.5}')), "s", ["s"]
    )
    assert "12.5" not in told
    assert "When and how long jobs ran is left out" in told
    for name in OTHERS:
        assert script(name) in told
    assert without_times(told, "s", ["s"]) == told


@pytest.mark.parametrize("name", REPLACED)
@pytest.mark.parametrize("times", [0, 2])
def test_what_stands_there_otherwise_is_refused(name, times):
    report = REPORT.replace(script(name), script(name) * times)
    with pytest.raises(UserError, match=f"the report of s: expected {name} once each"):
        without_times(report, "s", ["s"])


@pytest.mark.parametrize("name", REPLACED)
def test_another_spelling_is_refused(name):
    report = REPORT.replace(f"var {name} =", f"const {name} =")
    with pytest.raises(UserError, match=f"expected {name} once each"):
        without_times(report, "s", ["s"])


def test_every_rule_that_makes_something_is_shown_with_its_source():
    """In the report of a figure set all of them, in that of a sweep all but the set's own."""
    shown, of_set = (rules_of(without_times(REPORT, name, ["s"])) for name in ("s", "fig"))
    leaves = {f"{leaf}_s" for leaf in LEAVES}
    assert {*BY_STAGE} - {*LEAVES, STAMP_SET.stage} | leaves <= {*shown}
    assert {*BY_STAGE} - {*LEAVES, STAMP_SET.stage} | {f"{STAMP_SET.stage}_fig"} <= {*of_set}
    for name, file in (("simulate", "products"), ("stamp_s", "stamp"), ("bundle", "publish")):
        assert f"# workflow/rules/{file}.smk" in shown[name]["code"]


def rules_of(report: str) -> dict[str, dict]:
    [data] = re.findall(r'<script id="rules">\s*var rules = (.*?);\s*</script>', report)
    return json.loads(data)
