"""docs/results_in_python.md is run as its reader would: as the cells of a notebook, one after the
other, each of whose last lines is displayed; and everything that it names, by itself."""

import json
import re
import subprocess
import sys

import pytest

import provenance
from project import ROOT

PAGE = (ROOT / "docs/results_in_python.md").read_text()
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`((?:s\.|spikesweep\.open)[^`]+)`")
# What a notebook does with a cell: it runs its statements, and displays what they come to.
NOTEBOOK = """\
import ast, json, sys
cells, shown, names = json.load(sys.stdin), [], {}
for cell in cells:
    for statement in ast.parse(cell).body:
        code = ast.unparse(statement)
        if not isinstance(statement, ast.Expr):
            exec(code, names)
            continue
        value = eval(code, names)
        display = getattr(value, "_repr_html_", None) or (lambda: repr(value))
        shown.append([code, type(value).__name__, str(display())])
json.dump(shown, sys.stdout)
"""


@pytest.fixture(scope="module")
def ran(shared_project):
    """The sweep of the page, published from a repository."""
    project = shared_project
    project.label = provenance.of_the_pages(project)[:8]
    project.snakemake("publish")
    return project


def notebook(project, cells):
    """Return what cells display: of each expression its text, its type and its display."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", NOTEBOOK],
        cwd=project.root,
        env={"PYTHONPATH": str(project.root / "workflow"), "PATH": "/usr/bin:/bin"},
        input=json.dumps(cells),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_page_as_a_notebook(ran):
    bundle = f"results/published/hh_gkbar_{ran.label}.zip"
    cells = BLOCK.findall(PAGE)
    named = [
        one.replace('"hh_gkbar_0a1b2c3d.zip"', f'"{bundle}"').replace("0a1b2c3d", ran.label)
        for one in NAMED.findall(PAGE)
    ]
    lines = [part for one in named for part in one.split("`, `")]
    assert len(cells) >= 2
    assert len(lines) >= 14
    of_some = (
        *("s.replicates", "s.fits", "s.population", "s.acceptance", "s.correlations"),
        *("s.firing_classes", "s.population_rates"),
    )
    lacking = [lines.pop(lines.index(name)) for name in of_some]
    of_network = [lines.pop(lines.index(f's.trains("exc{copy}")')) for copy in ("", "[3]")]
    shown = notebook(ran, [*cells, "s", *lines])
    by_code = {code: (kind, display) for code, kind, display in shown}
    assert by_code["s"][0] == "Results"
    for words in ("Potassium conductance of the squid axon", "gkbar", "celsius", "21", "<img"):
        assert words in by_code["s"][1], words
    kinds = {
        "s.dataset": "Dataset", "s.statistics": "DataFrame", "s.isi": "DataFrame",
        "s.failures": "DataFrame", "s.parameters": "DataFrame", "s.structure": "DataFrame",
        "s.trains('soma')": "DataArray", "s.select(celsius=10)": "Results",
        "s.draw('heatmap', of='rate', x='gkbar', y='celsius')": "Figure",
    }  # fmt: skip
    assert {code: by_code[code][0] for code in kinds} == kinds
    for name in lacking:  # "where the sweep has them"
        attempt = f"try: {name}\nexcept Exception as error: said = str(error)"
        [[_, _, said]] = notebook(ran, [cells[0], attempt, "said"])
        assert f"hh_gkbar: there is no table {name[2:]}: " in said
    for asked, name in zip(of_network, ("exc", "exc[3]"), strict=True):
        attempt = f"try: {asked}\nexcept Exception as error: said = str(error)"
        [[_, _, said]] = notebook(ran, [cells[0], attempt, "said"])
        assert f'the spike site "{name}"; recorded are soma' in said
    of_bundle = by_code[f"spikesweep.open('{bundle}')"]
    assert of_bundle[0] == "Results"
