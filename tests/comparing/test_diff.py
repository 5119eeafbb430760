"""`spikesweep diff` between commits, runs and bundles."""

import json
import zipfile

import pandas as pd
import pytest

import provenance
from project import Project
from rerunning import edit, install

SWEEP = "config/sweeps/small.yaml"


@pytest.fixture(scope="module")
def runs(published, tmp_path_factory) -> Project:
    """Two commits, both run and published: other values of an axis, and one option of a figure.

    `first` and `second` are the commits, `bundles` the two bundles.
    """
    copy = Project(tmp_path_factory.mktemp("diff") / "project", of=published)
    copy.first = published.first
    edit(
        copy,
        SWEEP,
        ("- 20\n    - 36", "- 36\n    - 50"),
        ("  x: gkbar", "  x: gkbar\n  cmap: magma"),
    )
    copy.second = provenance.commit(copy)
    copy.snakemake("publish")
    folder = "results/published"
    copy.bundles = [f"{folder}/small_{c[:8]}.zip" for c in (copy.first, copy.second)]
    return copy


def difference(project: Project, *words: str) -> dict:
    return json.loads(project.spikesweep("diff", *words, "--json").stdout)["small"]


def figure(commit: str, folder: str = "") -> str:
    return f"results/small/figures/{folder}intervals_{commit[:8]}.svg"


@pytest.mark.parametrize("kind", ["revisions", "bundles", "unzipped", "figures", "mixed"])
def test_commits_bundles_and_figures_tell_the_same(runs, tmp_path, kind):
    with zipfile.ZipFile(runs.root / runs.bundles[1]) as bundle:
        bundle.extractall(tmp_path)
    a, b = {
        "revisions": ("HEAD~1", "main"),
        "bundles": runs.bundles,
        "unzipped": (runs.bundles[0], str(tmp_path)),
        "figures": (figure(runs.first, f"earlier/{runs.first[:8]}/"), figure(runs.second)),
        "mixed": (runs.bundles[0], "."),
    }[kind]
    found = difference(runs, a, b)
    assert found["a"]["commit"] == runs.first
    assert found["b"]["commit"] == (None if kind == "mixed" else runs.second)
    assert found["specification"] == ["axis gkbar: +1 value", "axis gkbar: -1 value"]
    assert (
        found["products"]["figure heatmap_rate"][0] == 'option cmap changed: "viridis" -> "magma"'
    )
    simulations = found["simulations"]
    assert (simulations["same"], simulations["changed"]) == (2, [])
    assert [one["axes"] for one in simulations["new"]] == [
        {"gkbar": "50.0", "celsius": "6.3"},
        {"gkbar": "50.0", "celsius": "12.0"},
    ]
    assert [one["axes"]["gkbar"] for one in simulations["gone"]] == ["20.0", "20.0"]
    assert simulations["gone"][0]["because"] == [{"kind": "axis", "what": "gkbar = 20.0"}]
    assert found["statistics"] == {"compared": 2, "statuses": {}, "columns": []}


def test_the_same_is_equal(runs):
    assert difference(runs, "HEAD", ".")["equal"]
    said = runs.spikesweep("diff", runs.bundles[1], "results/small/dataset.nc").stdout
    assert "equal: the same specification, 4 simulations, the same products" in said


def test_a_table_that_was_edited_is_refused(runs, tmp_path):
    with zipfile.ZipFile(runs.root / runs.bundles[1]) as bundle:
        bundle.extractall(tmp_path)
    published = tmp_path / "results/small/statistics.csv"
    made = (runs.root / "results/small/statistics.csv").resolve()
    for path, named in ((published, str(tmp_path)), (made, "HEAD")):
        content = path.read_text()
        path.write_text(content.replace("soma", "Soma", 1))
        done = runs.spikesweep("diff", runs.bundles[0], named, check=False)
        path.write_text(content)
        assert done.returncode == 1
        assert f"{path.name} was changed" in done.stderr or f"{path.name}: was" in done.stderr


def test_as_text(runs):
    said = runs.spikesweep("diff", "HEAD~1", "HEAD").stdout
    for words in (
        f"  a  {runs.first[:8]} ({runs.first}, 20",
        "    axis gkbar: +1 value\n",
        '    figure heatmap_rate: option cmap changed: "viridis" -> "magma"; the statistics',
        "    4 -> 4: 2 the same, 0 changed, 2 new, 2 gone\n",
        "    new 2, such as at gkbar=50.0 celsius=6.3: gkbar = 50.0\n",
        "    equal in all 2 simulations that both have",
    ):
        assert words in said, said


@pytest.fixture(scope="module")
def another(runs, tmp_path_factory) -> Project:
    """A third state, not committed but run: another current, and no figures."""
    copy = Project(tmp_path_factory.mktemp("another") / "project", of=runs)
    copy.first, copy.second = runs.first, runs.second
    edit(copy, SWEEP, ("0.5 nA", "0.05 nA"))
    text = (copy.root / SWEEP).read_text()
    copy.write_sweep("small", text[: text.index("figures:")])
    copy.before = pd.read_csv(copy.root / "results/small/statistics.csv")
    copy.snakemake()
    copy.after = pd.read_csv(copy.root / "results/small/statistics.csv")
    return copy


def test_how_far_statistics_moved(another):
    """By pandas, from both tables; both sweeps have the same axes, so the rows correspond."""
    found = difference(another, "HEAD", "results/small/statistics.csv")
    moved = {one["column"]: one for one in found["statistics"]["columns"]}
    change = another.after["rate"] - another.before["rate"]
    assert change.abs().max() > 0
    rate = moved["rate"]
    place = change.abs().idxmax()
    assert (rate["compared"], rate["differ"]) == (4, (change != 0).sum())
    assert rate["mean"] == pytest.approx(change.mean(), rel=1e-12)
    assert rate["largest"] == change[place]
    assert (rate["old"], rate["new"]) == (
        another.before["rate"][place],
        another.after["rate"][place],
    )
    assert float(rate["at"]["gkbar"]) == another.before["gkbar"][place]
    assert rate["unit"] == "Hz"
    lost = another.before["isi_mean"].notna() & another.after["isi_mean"].isna()
    assert moved["isi_mean"]["vanished"] == lost.sum() > 0
    assert found["b"]["label"].startswith(f"{another.second[:8]}+")


def test_a_changed_parameter_is_named(another):
    [reason] = {
        (one["kind"], one["what"])
        for changed in difference(another, "HEAD", ".")["simulations"]["changed"]
        for one in changed["because"]
    }
    assert reason == ("parameter", "protocol.processes.step.parameters.amp: 0.5 -> 0.05")
    said = another.spikesweep("diff", "HEAD", "results/small/isi.csv").stdout
    assert "changed 4, such as at gkbar=36.0 celsius=6.3: parameter protocol.processes" in said
    assert "rate at soma: other in " in said
    assert "figure heatmap_rate: gone" in said


@pytest.mark.parametrize(
    ("path", "old", "new", "kind", "what"),
    [
        ("mod/channels/leak.mod", "(v - e)", "(v - e) * 1", "mechanism", "mechanism leak: source"),
        ("morphologies/stick.swc", "110 0 0 1", "120 0 0 1", "morphology", "morphology of cell"),
        (SWEEP, "tstop: 60 ms", "tstop: 70 ms", "parameter", "protocol.tstop: 60.0 -> 70.0"),
        (
            "workflow/spikesweep/simulation/integration.py",
            "def count_steps",
            "NEW = 1\n\n\ndef count_steps",
            "code",
            "code simulation.integration: changed",
        ),
    ],
)
def test_why_simulations_changed(runs, tmp_path, path, old, new, kind, what):
    """Between a commit and one on a branch, of which nothing was run."""
    copy = Project(tmp_path / "project", of=runs)
    provenance.git(copy.root, "checkout", "--quiet", "-b", "other")
    file = copy.root / path
    file.write_text(file.read_text().replace(old, new, 1))
    provenance.commit(copy)
    found = difference(copy, "main", "other")
    assert (found["a"]["ran"], found["b"]["ran"]) == (True, False)
    changed = found["simulations"]["changed"]
    assert len(changed) == 4
    for one in changed:
        [reason] = one["because"]
        assert (reason["kind"], reason["what"].startswith(what)) == (kind, True)
    assert found["statistics"] is None


def test_another_version(runs, tmp_path):
    """Simulated: NEURON seems to be another than the one that the results were made with."""
    copy = Project(tmp_path / "project", of=runs)
    install(copy, "neuron", "9.9.0")
    found = difference(copy, figure(runs.second), ".")
    [version] = found["versions"]
    assert version.endswith("-> 9.9.0")
    reasons = {tuple(r.values()) for one in found["simulations"]["changed"] for r in one["because"]}
    [(kind, what)] = reasons
    assert kind == "version"
    assert what.startswith("NEURON 9.")


def test_a_sweep_that_is_new_and_one_that_is_broken(runs, tmp_path):
    copy = Project(tmp_path / "project", of=runs)
    copy.write_sweep("other", (copy.root / SWEEP).read_text())
    edit(copy, SWEEP, ("tstop", "tstap"))
    said = copy.spikesweep("diff", "HEAD", ".").stdout
    assert (
        "other\n  a  has no such sweep\n  b  now, planned with the packages here: 4 simul" in said
    )
    assert 'cannot be planned: config/sweeps/small.yaml: protocol: unknown key "tstap"' in said
    found = json.loads(copy.spikesweep("diff", "HEAD", ".", "--sweep", "other", "--json").stdout)
    assert list(found) == ["other"]
    assert found["other"]["a"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("HEAD", "HAED"), "HAED: neither a file nor a git revision"),
        (("HEAD", "mod"), "mod: expected an unzipped bundle"),
        (("HEAD", "README.md"), "README.md: nothing says at which commit it was made"),
        (("HEAD~1", "HEAD", "--sweep", "smal"), 'no sweep is named "smal", did you mean "small"?'),
    ],
)
def test_what_cannot_be_compared(runs, words, said):
    done = runs.spikesweep("diff", *words, check=False)
    assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr
