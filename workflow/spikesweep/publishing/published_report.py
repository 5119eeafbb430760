"""Snakemake's report as it goes into a bundle: equal for equal results.

Snakemake writes into a report when and how long each job ran, and what its records, which may be
lost, say of the rules. In place of these stand a sentence and the rules' own source.
"""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError, listing
from spikesweep.lineage.checkout import run_there
from spikesweep.products import engine
from spikesweep.products.table import PLANNED

SEEN_IN = "9.27.1"
_DATA = re.compile(
    r'(?P<before><script id="(?P<name>[a-z-]+)">\s*var \w+ = )'
    r"(?P<json>.*?)(?P<after>;\s*</script>)",
    re.DOTALL,
)
# `rule plan:`; the name of a rule that each sweep has for itself, f"stamp_{sweep}", or each figure
# set, f"stamp_set_{name}"; that of a rule for each row of the products' table.
_RULE = re.compile(
    r'^\s*(?:rule (?P<name>\w+):|f"(?P<each>\w+)_\{(?P<of>sweep|name)\}"|(?P<row>kind\.stage)$)',
    re.MULTILINE,
)
_WITHOUT_TIMES = {
    "data": {"values": [{}]},
    "mark": {
        "type": "text",
        "text": "When and how long jobs ran is left out: equal results have equal reports.",
    },
}


def published_report(published: str, sweeps: Sequence[str]) -> bytes:
    """Return the report of a sweep, or a figure set, whose results exist.

    Args:
        published: its name.
        sweeps: that one, or those that the set shows.

    Raises:
        UserError: Snakemake cannot make it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "report.html")
        words = ["--report", str(path), "--config", "allow_large=true", "--cores", "1", "--"]
        done = run_there(Path().resolve(), "-m", "snakemake", *words, published)
        if done.returncode:
            said = f"{done.stdout}{done.stderr}"
            raise UserError(f"the report of {published} cannot be made:\n{said}")
        return without_times(path.read_text(encoding="utf-8"), published, sweeps).encode()


def without_times(report: str, published: str, sweeps: Sequence[str]) -> str:
    """Return a report with nothing in it but what follows from sources and results.

    Raises:
        UserError: what is to be replaced does not stand in it exactly once.
    """
    replaced: dict[str, Callable[[Any], Any]] = {
        "runtimes": lambda _: _WITHOUT_TIMES,
        "timeline": lambda _: {"data": {"values": []}, "mark": "point"},
        "rules": lambda _: _rules(published, sweeps),
        "rulegraph": _in_order,
    }

    found = Counter(match["name"] for match in _DATA.finditer(report))
    if otherwise := [name for name in replaced if found[name] != 1]:
        raise UserError(
            f"the report of {published}: expected {listing(otherwise)} once each, as Snakemake "
            f"{SEEN_IN} writes it; nothing was published. Install the packages that "
            "requirements.lock names"
        )

    def canonical(match: re.Match) -> str:
        if match["name"] == "logo":
            return match[0]
        data = json.loads(match["json"])
        data = replaced.get(match["name"], lambda data: data)(data)
        return f"{match['before']}{json.dumps(data, sort_keys=True)}{match['after']}"

    return _DATA.sub(canonical, report)


def _in_order(graph: dict[str, Any]) -> dict[str, Any]:
    """Return the graph of the rules with its lines in one order; nodes have one."""
    for data in graph["data"]:
        if data["name"].startswith("link"):
            data["values"].sort(key=lambda link: json.dumps(link, sort_keys=True))
    return graph


def _rules(published: str, sweeps: Sequence[str]) -> dict[str, Any]:
    """Return the rules as the report shows them: each by the file that declares it."""
    rules = {}
    for path in sorted(engine.RULES.glob("**/*.smk")):
        source = path.read_text(encoding="utf-8")
        code = _highlighted(f"# workflow/{path.relative_to(engine.RULES)}\n{source}")
        for match in _RULE.finditer(source):
            for name in _names(match, published, sweeps):
                rules[name] = {"input": [], "output": [], "code": code}
    return rules


def _names(match: re.Match, published: str, sweeps: Sequence[str]) -> list[str]:
    """Return the names of the rules that are declared there."""
    if match["row"]:
        return [kind.stage for kind in PLANNED]
    if match["name"]:
        return [match["name"]]
    of_set = [] if published in sweeps else [published]
    return [f"{match['each']}_{name}" for name in (sweeps if match["of"] == "sweep" else of_set)]


def _highlighted(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(source, PythonLexer(), HtmlFormatter(cssclass="source", wrapcode=True))
