"""Figures that the user's own function draws: what it gets, what it may not do, what is told."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import pytest

from project import Project
from spikesweep.errors import UserError
from spikesweep.jobs.figure import _draw_own
from spikesweep.modelcode.closure import PYTHON, read_files
from synthetic_sweep import DOSE, Sweep

pytestmark = pytest.mark.workflow  # each draws in processes of its own

EFFECT = """
from palette import COLOUR

def effect(fig, results, factor=1.0, letter=""):
    ax = fig.subplots()
    table = results.statistics
    ax.plot(table["n_spikes"].to_numpy() * factor, color=COLOUR)
    ax.set_title(letter)
"""
ANOTHER = "import random, time\nimport numpy as np\n\ndef another(fig, results):\n    "


@pytest.fixture(scope="module")
def drawn(committed, tmp_path_factory):
    """A sweep whose simulations are in the store, with a figure of its own; run."""
    project = Project(tmp_path_factory.mktemp("own") / "project", of=committed)
    (project.root / "figures").mkdir()
    (project.root / "figures/palette.py").write_text('COLOUR = "0.2"\n')
    (project.root / "figures/my_figure.py").write_text(EFFECT)
    return project


def sweep_file(project):
    [path] = (project.root / "config/sweeps").glob("*.yaml")
    return path


def give(project, figure: str) -> None:
    path = sweep_file(project)
    text = path.read_text().partition("figures:")[0]
    path.write_text(f"{text}figures:\n  - {{kind: python, {figure}}}\n")


def fingerprints(project) -> set[str]:
    folder = project.root / "results/made" / sweep_file(project).stem
    return {path.name for path in folder.glob("effect_*.pdf")}


def test_a_function_draws_and_what_it_imports_counts(drawn):
    give(drawn, 'draw: "figures/my_figure.py:effect", options: {factor: 2, letter: A}')
    drawn.snakemake()
    first = fingerprints(drawn)
    assert len(first) == 1
    [svg] = (drawn.root / "results" / sweep_file(drawn).stem / "figures").glob("effect_*.svg")
    assert ">A<" in svg.read_text()
    [described] = (drawn.root / "results/made" / sweep_file(drawn).stem).glob("effect_*.json")
    sources = json.loads(described.read_text())["recipe"]["sources"]
    assert set(sources) == {"figures/my_figure.py", "figures/palette.py"}

    (drawn.root / "figures/palette.py").write_text('COLOUR = "0.2"  # a comment\n')
    drawn.snakemake()
    assert fingerprints(drawn) == first  # syntax counts, not comments
    (drawn.root / "figures/palette.py").write_text('COLOUR = "0.7"\n')
    drawn.snakemake()
    assert len(fingerprints(drawn)) == 2


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Draws by a function of that body, from a synthetic sweep in a project of its own."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "secret.csv").write_text("1\n")
    monkeypatch.chdir(tmp_path)
    data = Sweep([DOSE]).write(Path())  # by paths as jobs have them, seen from the project
    plan = {"sweep": "s", "title": "A sweep", "axes": [DOSE]}

    def own(body: str):
        text = ANOTHER + body.replace("ROOT", repr(str(tmp_path))) + "\n"
        (tmp_path / "figures/another.py").write_text(text)
        code = read_files(tmp_path, ["figures/another.py"], [], [], "s.yaml", PYTHON)
        options = {"draw": "figures/another.py:another", "options": {}}
        recipe = {"sources": code.files, "imported": code.imported, "options": options}
        reads = {name: data._paths[name] for name in ("dataset", "statistics")}
        absolute = {name: path.absolute() for name, path in reads.items()}
        files = [tmp_path / f"another_0{suffix}" for suffix in (".pdf", ".svg")]
        task = SimpleNamespace(plan=plan, recipe=recipe, files=files, reads=reads)
        _draw_own(task, absolute)
        return [file.read_bytes() for file in files]

    return own


def test_a_function_gets_results_in_the_house_style(own):
    pdf, svg = own(
        "ax = fig.subplots(); ax.plot(results.select(dose=[1, 10]).statistics['rate'].to_numpy());"
        "ax.set_title(results.title + ' ' + str(len(results.trains('soma'))))"
    )
    assert b">A sweep 6<" in svg
    assert b"DejaVu Sans" in svg
    assert pdf.startswith(b"%PDF")


@pytest.mark.parametrize(("body", "said"), [
    ("raise ValueError('no such thing')", "figures/another.py, line 5: ValueError: no such thing"),
    ("fig.subplots().set_title(str(random.random()))", "draws another picture each time"),
    ("fig.subplots().set_title(str(np.random.default_rng().random()))", "another picture"),
    ("fig.subplots().set_title(str(time.perf_counter_ns()))", "another picture"),
    ("open('secret.csv').read()", "line 5: FileNotFoundError"),
    ("open(ROOT + '/secret.csv').read()", "secret.csv is read, which the sweep file does not say"),
    ("import os; os.unlink(ROOT + '/secret.csv')", "secret.csv is changed, which is the project's"),
    ("import os; os.mkdir(ROOT + '/new')", "new is changed, which is the project's"),
    ("results.isi", "there is no table isi"),
    ("import os; os._exit(3)", "figures/another.py:another: "),
    ("import matplotlib; matplotlib.rcParams['font.size'] = 30; fig.subplots()", None),
])  # fmt: skip
def test_what_a_function_may_not_do_is_one_message(own, body, said):
    if said is None:  # what it sets for itself reaches no other figure
        own(body)
        assert matplotlib.rcParams["font.size"] != 30
    else:
        with pytest.raises(UserError, match=re.escape(said)):
            own(body)
