"""Designs that follow from results keep all promises of sweeps: every verb on a search, a refined
map, a population, and a sweep of those that it accepts; in one project, run once."""

import csv
import json
import shutil
import zipfile

import pytest

from crates import PROFILES, problems_of
from project import Project
from provenance import git
from rerunning import edit, run
from spikesweep.tables.by_simulation import class_of_each

HEAD = """\
title: {title}
model:
  cells:
    cell:
      sections: {{soma: {{L: 20, diam: 20}}}}
      biophysics: [{{in: all, insert: {{hh: {{}}}}}}]
protocol:
  tstop: 20
  processes: {{step: {{type: IClamp, at: cell.soma(0.5), delay: 5, dur: 10, amp: 0.3}}}}
record:
  spikes: {{soma: {{at: cell.soma(0.5)}}}}
explorer: {{off: true}}
"""
SWEEPS = {
    "search": """\
axes:
  dur: {values: [0.5, 1], unit: ms, sets: step.dur}
  amp: {values: [0, 1], unit: nA, sets: step.amp}
design: {threshold: {of: n_spikes, at: 1, axis: amp, to: 0.25 nA}}
figures: [{kind: threshold, x: dur, name: curve}]
""",
    "fine": """\
axes:
  amp: {values: [0, 2], unit: nA, sets: step.amp}
  gk: {values: [5, 100], unit: mS/cm2, sets: cell.all.hh.gkbar}
design: {refine: {by: n_spikes, axes: [amp, gk], to: 8, first: 2, rounds: 2}}
figures: [{kind: heatmap, of: n_spikes, x: amp, y: gk, name: counts}]
""",
    "pop": """\
axes:
  gk: {unit: mS/cm2, sets: cell.all.hh.gkbar}
  amp: {values: [0.1, 0.3], unit: nA, sets: step.amp}
design: {grid: [{sobol: 8, of: {gk: [5, 100]}, seed: 1}, amp]}
accept:
  fires: {of: n_spikes, at_least: 1, at: {amp: 0.1}}
  kind: {of: class, among: [single spike], at: {amp: 0.3}}
figures: [{kind: candidates, of: [gk, fires], name: who}]
""",
    "taken": """\
axes:
  gk: {unit: mS/cm2, sets: cell.all.hh.gkbar}
  celsius: {values: [6.3, 10], sets: protocol.celsius}
design: {grid: [{accepted: pop}, celsius]}
accept: {warm: {of: n_spikes, at_most: 1, at: {celsius: 10}}}
""",
    "both": """\
axes:
  gk: {unit: S/cm2, sets: cell.all.hh.gkbar}
  dose: {values: [0, 30], unit: uM, drug: {scales: cell.all.hh.gkbar, ic50: 30 uM}}
design: {grid: [{accepted: taken}, dose]}
figures: [{kind: scatter, of: n_spikes, x: gk, by: dose, name: counts}]
""",
}
PAPER = """\
title: All of them
figures:
  one:
    mosaic: ABC
    panels:
      A: {kind: threshold, sweep: search, x: dur}
      B: {kind: heatmap, sweep: fine, of: n_spikes, x: amp, y: gk}
      C: {kind: scatter, sweep: both, of: n_spikes, x: gk, by: dose}
"""
PROTOCOL = {"pop": "amp", "taken": "celsius"}
LATE = ("search", "fine", "both")
TABLES = ("dataset.nc", "simulations.csv", "statistics.csv", "plan.csv")
THRESHOLD = "by bisection along amp the value from which on n_spikes is 1 or more"
MAP = "of the 9 x 9 points over amp and gk those that lie between others that differ in n_spikes"
CRITERION = "n_spikes at celsius=10 at most 1"


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The project, run and published at its first commit; not to be changed."""
    project = Project(tmp_path_factory.mktemp("done") / "project")
    for name, rest in SWEEPS.items():
        project.write_sweep(name, HEAD.format(title=f"Of {name}") + rest)
    (project.root / "config/config.yaml").write_text("sweeps: [both]\nfigure_sets: [paper]\n")
    (project.root / "config/figure_sets").mkdir()
    (project.root / "config/figure_sets/paper.yaml").write_text(PAPER)
    (project.root / ".gitignore").write_text(".snakemake/\n__pycache__/\nresults/\n")
    git(project.root, "init", "--quiet", "--initial-branch", "main")
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "first")
    ran = project.snakemake("--cores", "1", "publish_paper")
    project.said = ran.stdout + ran.stderr
    return project


@pytest.fixture
def project(done, tmp_path):
    return Project(tmp_path / "project", of=done)


def label(project):
    return git(project.root, "rev-parse", "HEAD")[:8]


def contents(root):
    return {name: [(root / "results" / name / t).read_bytes() for t in TABLES] for name in LATE}


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_status_why_plan_and_gc_say_that_all_is_there(done):
    for name in LATE:
        assert done.spikesweep("status", name).stdout.startswith(f"{name}: done")
        assert "nothing would run" in done.spikesweep("why", name).stdout
        assert "not yet" not in done.spikesweep("plan", name).stdout
    assert "Nothing else is there" in done.spikesweep("gc", "--dry-run").stdout
    assert "damaged" not in done.spikesweep("verify", ".").stdout


def test_simulations_are_counted_as_rounds_find_them(done):
    for name in LATE:
        n = len(rows(done.root / f"results/{name}/simulations.csv"))
        assert f"{name}  simulate {n}/{n} done" in done.said


def test_the_summary_of_a_sweep_that_another_one_reads_names_what_is_there(done):
    of_pop = done.said.partition("pop: Of pop")[2].partition("paper:")[0]
    assert "candidates accepted" in of_pop
    assert "the rest     snakemake --cores 8 pop" in of_pop
    assert "results/pop" not in of_pop


def test_what_was_asked_for_is_told_of_every_table_and_figure(done):
    for name, words in zip(LATE, (THRESHOLD, MAP, CRITERION), strict=True):
        assert words in done.spikesweep("methods", name).stdout
        for file in ("statistics.csv", "dataset.nc", f"figures/{{}}_{label(done)}.svg"):
            figure = "curve" if name == "search" else "counts"
            said = done.spikesweep("explain", f"results/{name}/{file.format(figure)}").stdout
            assert words in said
    said = done.spikesweep("explain", "results/search/thresholds.csv").stdout
    assert "in 3 rounds" in said
    assert "those of the last round from isi_" in said
    for of_pop in ("n_spikes at amp=0.1 at least 1", "class at amp=0.3 single spike"):
        assert of_pop in done.spikesweep("methods", "both").stdout
        assert of_pop in done.spikesweep("explain", "results/both/statistics.csv").stdout


def test_the_third_sweep_takes_who_meets_the_criteria_of_both(done):
    """Counts of spikes and classes by the datasets of both sweeps, without the tables' code."""
    made = done.root / "results/made"

    def counted(sweep):
        [table] = (made / sweep).glob("statistics_*.csv")
        return {(float(r["gk"]), r[PROTOCOL[sweep]]): r for r in rows(table)}

    pop, taken = counted("pop"), counted("taken")
    [table] = (made / "pop").glob("population_*.csv")
    kinds = {float(row["gk"]): row["kind"] for row in rows(table)}
    [dataset] = (made / "pop").glob("dataset_*.nc")
    [simulations] = (made / "pop").glob("simulations_*.csv")
    classes = class_of_each(dataset, simulations, "soma", None)
    found = dict(zip(pop, classes, strict=True))
    assert kinds == {gk: found[gk, "0.3"] for gk, amp in pop if amp == "0.3"}
    first = {
        gk
        for gk, kind in kinds.items()
        if int(pop[gk, "0.1"]["n_spikes"]) >= 1 and kind == "single spike"
    }
    assert {gk for gk, _ in taken} == first
    both = {gk for gk in first if int(taken[gk, "10.0"]["n_spikes"]) <= 1}
    assert 0 < len(both) < len(first) < len(kinds)
    last = rows(done.root / "results/both/simulations.csv")
    assert sorted({float(row["gk"]) for row in last}) == pytest.approx(
        [gk / 1000 for gk in sorted(both)]
    )
    assert len(last) == 2 * len(both)


@pytest.mark.parametrize("name", LATE)
def test_each_simulation_runs_alone(done, name):
    last = len(rows(done.root / f"results/{name}/simulations.csv")) - 1
    counted = {
        row["index"]: row["n_spikes"] for row in rows(done.root / f"results/{name}/statistics.csv")
    }
    said = done.spikesweep("run", name, "--index", str(last)).stdout
    assert f"soma: {counted[str(last)]} spikes" in said


def test_a_figure_of_a_set_is_made_again_with_all_rounds_on_the_way(done):
    figure = f"results/figure_sets/paper/one_{label(done)}.png"
    said = done.spikesweep("rebuild", "--cores", "2", figure).stdout
    assert "held: equal bytes" in said
    of_rounds = [line for line in said.splitlines() if "search/statistics_" in line]
    assert len(of_rounds) == 3  # one a round
    assert all(line.endswith(": bytes equal") for line in of_rounds)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_bundle_is_a_valid_crate(done, tmp_path, profile):
    [bundle] = (done.root / "results/published").iterdir()
    with zipfile.ZipFile(bundle) as files:
        files.extractall(tmp_path)
    assert problems_of(tmp_path, profile) == []


def test_the_bundle_makes_itself_again(done, tmp_path):
    """On more cores, and without its plans as well: the points are found anew, and are the same."""
    [bundle] = (done.root / "results/published").iterdir()
    assert "files as they were made" in done.spikesweep("verify", str(bundle)).stdout
    again = Project.at(tmp_path / "unzipped")
    with zipfile.ZipFile(bundle) as files:
        files.extractall(again.root)
    again.snakemake("--cores", "8")
    assert contents(again.root) == contents(done.root)
    assert "damaged" not in again.spikesweep("verify", ".", check=False).stdout
    shutil.rmtree(again.root / "results/made")
    assert "not known yet" in again.spikesweep("plan", "search").stdout
    again.snakemake("--cores", "2")
    assert contents(again.root) == contents(done.root)


def test_two_commits_differ_in_what_was_asked(project):
    edit(project, "config/sweeps/search.yaml", ("at: 1", "at: 2"))
    git(project.root, "commit", "--quiet", "--all", "--message", "second")
    said = project.spikesweep("diff", "HEAD~1", "HEAD", "--sweep", "search").stdout
    assert "round 2 of 3 is not known yet" in said
    assert "8 -> 4: 4 the same, 0 changed, 0 new, 4 in a alone so far" in said
    assert (
        "nothing differs in both, fine, pop, taken"
        in project.spikesweep("diff", "HEAD~1", ".").stdout
    )
    shutil.rmtree(project.root / "results/made/both")
    said = project.spikesweep("diff", "HEAD~1", ".", "--sweep", "both").stdout
    assert "equal: the same specification" in said
    edit(project, "config/sweeps/pop.yaml", ("at_least: 1", "at_least: 2"))
    said = project.spikesweep("diff", "HEAD", ".", "--sweep", "taken").stdout
    assert "who is accepted in pop is not known yet" in said


def test_a_simulation_of_a_round_that_ran_out_of_time_is_tried_again(done, project):
    """The batch of the second round says so by hand: all that was found from it is found anew."""
    assert "no simulation ended" in project.spikesweep("retry", "search").stdout
    [batch] = {row["batch"] for row in rows(project.root / "results/search/plan.csv")[4:6]}
    batch = project.root / f"results/made/search/batch_{batch}.csv"
    batch.write_text(batch.read_text().replace(",run,ok,", ",not stored,timeout,", 1))
    assert "1 simulations are tried again" in project.spikesweep("retry", "search").stdout
    assert len([*project.root.glob("results/made/search/plan_*.json")]) == 1  # of the first round
    before = contents(done.root)
    ran = run(project, "search")
    assert ran.what >= {"plan", "simulate", "collect", "stamp_search", "current_search"}
    assert contents(project.root) == before


def test_a_plan_that_is_lost_or_that_of_another_round_is_found_anew(done, project):
    """All that was made from it is there, but of which simulations it is nobody knows without."""
    made = project.root / "results/made/search"
    last = (project.root / "results/search/plan.csv").resolve().with_suffix(".json")
    [second] = [
        p for p in made.glob("plan_*.json") if json.loads(p.read_text())["simulations"] == 6
    ]
    content = last.read_bytes()
    last.write_bytes(second.read_bytes())
    said = project.spikesweep("status", "search").stdout
    assert "not complete" in said
    assert "round 3 of 3 is not known yet" in said
    assert last.name in project.spikesweep("verify", ".", check=False).stdout
    last.unlink()
    assert run(project, "search").what == {"plan", "search"}  # the rule that names them all
    assert last.read_bytes() == content
    assert project.spikesweep("status", "search").stdout.startswith("search: done")


def test_what_a_round_is_found_from_is_what_its_name_promises(project):
    """Tables of another round, changed ones and lost ones are no ground for points."""
    made = project.root / "results/made/search"
    last = (project.root / "results/search/plan.csv").resolve()
    read = json.loads(last.with_suffix(".json").read_text())["rounds"]["read"]
    [name] = [name for name in read if name.startswith("statistics_")]
    table, origin = made / name, made / name.replace(".csv", ".json")
    [other] = [p for p in made.glob("statistics_*.csv") if p.stat().st_size < table.stat().st_size]
    kept = table.read_bytes(), origin.read_bytes()
    last.unlink()
    last.with_suffix(".json").unlink()

    def found():
        again = ("make", "plan", "search", str(last.with_suffix(".json").relative_to(project.root)))
        done = project.spikesweep(*again, check=False)
        assert "Traceback" not in done.stderr
        return done.stderr

    table.write_bytes(kept[0].replace(b",ok,", b",OK,", 1))
    assert "was changed after it was made" in found()
    table.write_bytes(other.read_bytes())
    origin.write_bytes(other.with_suffix(".json").read_bytes())
    assert "it holds the product" in found()
    table.unlink()
    assert table.name in found()
    table.write_bytes(kept[0])
    origin.write_bytes(kept[1])
    assert found() == ""
    assert last.exists()
