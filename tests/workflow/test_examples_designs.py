"""The examples of designs, through the whole workflow, against plain NEURON and scipy."""

import csv
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from SALib.analyze import rbd_fast
from scipy import stats

from project import ROOT
from rerunning import edit
from simulating import plain_neuron

EXAMPLES = ("accepted", "labelled_cells", "population", "sampled", "sensitivity", "trust")


@pytest.fixture(scope="module")
def project(shared_project, results):
    return shared_project


def in_plain_neuron(gnabar, gkbar, diam, amp, celsius=6.3):
    """The membrane potential; conductances in S/cm2."""
    return plain_neuron(f"""
soma = n.Section("soma")
soma.L, soma.diam = 20, {diam}
soma.insert("hh")
soma(0.5).hh.gnabar, soma(0.5).hh.gkbar = {gnabar!r}, {gkbar!r}
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 5, 50, {amp}
n.celsius = {celsius}
record("v", soma(0.5)._ref_v)
run(60)
""")["v"]


def test_labels_are_coordinates_and_columns(project):
    with (ROOT / "config/examples/labelled_cells.csv").open() as file:
        cells = list(csv.DictReader(file))
    results = project.root / "results/labelled_cells"
    dataset = xr.open_dataset(results / "dataset.nc")
    ids = [cell["id"] for cell in cells for _ in range(3)]
    depths = [int(cell["depth"]) for cell in cells for _ in range(3)]
    assert dataset.id.values.tolist() == ids
    assert (dataset.depth.dtype, dataset.depth.values.tolist()) == (np.int64, depths)
    assert {"id", "depth", "gkbar", "diam", "amp"} <= set(dataset.v.coords)
    for name in ("simulations", "statistics", "plan"):
        table = pd.read_csv(results / f"{name}.csv")
        assert (table["id"].tolist(), table["depth"].tolist()) == (ids, depths)
    assert {"id", "depth"} <= set(pd.read_csv(results / "isi.csv").columns)
    assert len(set(pd.read_csv(results / "plan.csv")["key"])) == 9  # L5_a and L5_b are one
    one = dataset.set_xindex(["id", "amp"]).sel(id="L23_a", amp=0.4)
    np.testing.assert_array_equal(one.v.squeeze(), in_plain_neuron(0.12, 0.036, 18, 0.4))


def test_another_label_simulates_nothing(project):
    """The rows of a table are labelled otherwise: the dataset is written anew, no batch is."""
    made = project.root / "results/made/labelled_cells"
    batches = {path.name for path in made.glob("batch_*")}
    datasets = len(list(made.glob("dataset_*.nc")))
    table = "config/examples/labelled_cells.csv"
    edit(project, table, ("L5_b", "L6_a"))
    try:
        ran = project.snakemake("labelled_cells")
        assert "simulate" not in ran.stdout + ran.stderr
        assert {path.name for path in made.glob("batch_*")} == batches
        assert len(list(made.glob("dataset_*.nc"))) == datasets + 1
        dataset = xr.open_dataset(project.root / "results/labelled_cells/dataset.nc")
        assert "L6_a" in dataset.id.values
    finally:
        edit(project, table, ("L6_a", "L5_b"))


def test_a_sample_has_labelled_columns(project):
    dataset = xr.open_dataset(project.root / "results/sampled/dataset.nc")
    cube = stats.qmc.Sobol(2, scramble=True, bits=30, rng=1).random(16)
    gna = 60 + 120 * cube[:, 0]
    gk = stats.truncnorm(-2.6, 2.4, 36, 10).ppf(cube[:, 1])
    kept = gna + gk < 190
    assert 0 < kept.sum() < 16
    np.testing.assert_allclose(dataset.gna.values, np.repeat(gna[kept], 2), rtol=1e-11)
    np.testing.assert_allclose(dataset.gk.values, np.repeat(gk[kept], 2), rtol=1e-11)
    assert dataset.gna.attrs["units"] == "mS cm-2"
    assert set(dataset.status.values) == {0}
    one = dataset.isel(simulation=3)
    conductances = [float(f"{float(one[name]) / 1000:.15g}") for name in ("gna", "gk")]
    expected = in_plain_neuron(*conductances, 20, 0.2, float(one.celsius))
    np.testing.assert_array_equal(one.v, expected)


def test_sensitivity_is_that_of_the_table_of_statistics(project):
    """RBD-FAST of SALib, from the columns that anyone can read."""
    results = project.root / "results/sensitivity"
    table = pd.read_csv(results / "sensitivity.csv", keep_default_na=False, na_values=[""])
    dataset = xr.open_dataset(results / "dataset.nc")
    axes = ["gna", "gk", "gl"]
    x = np.column_stack([dataset[name] for name in axes])
    found = table[(table["quantity"] == "v_max") & (table["method"] == "rbd_fast")]
    problem = {"num_vars": 3, "names": axes}
    expected = rbd_fast.analyze(problem, x, dataset.v_max.values, seed=1)["S1"]
    np.testing.assert_allclose(found["value"][:3], expected, rtol=1e-9)
    assert found["axis"].tolist() == [*axes, "(none)"]
    assert {*table["used"]} == {*table["of"]} == {128}
    undefined = table[table["value"].isna()]
    assert {*zip(undefined["quantity"], undefined["method"], strict=True)} == {("rate", "delta")}
    rates = pd.read_csv(results / "statistics.csv")["rate"]
    spread = pd.read_csv(results / "uncertainty.csv").set_index("quantity").loc["rate"]
    np.testing.assert_allclose([spread["mean"], spread["sd"]], [rates.mean(), rates.std()])
    said = project.spikesweep("explain", str(results / "sensitivity.csv")).stdout
    assert "sensitivity to the axes of a sample" in said


@pytest.mark.parametrize(
    ("what", "name", "dt", "nseg"), [("dt", "dt/8", 0.003125, 3), ("nseg", "nseg*3", 0.025, 9)]
)
def test_refined_values_are_those_of_plain_neuron(project, what, name, dt, nseg):
    table = pd.read_csv(project.root / "results/trust/trust.csv", keep_default_na=False)
    rows = table[(table["index"] == 7) & (table["refined"] == what)]
    found = [dict(one.split("=") for one in row.split(";"))[name] for row in rows["refined_values"]]
    times = plain_neuron(f"""
soma, dend = n.Section("soma"), n.Section("dend")
dend.connect(soma(1))
soma.L, soma.diam, dend.L, dend.diam = 20, 20, 300, 2
for section in (soma, dend):
    section.Ra, section.cm, section.nseg = 100, 1, {nseg}
soma.insert("hh")
dend.insert("pas")
for segment in dend:
    segment.pas.g, segment.pas.e = 1e-4, -65
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 10, 200, {float(rows["amp"].iloc[0])!r}
n.celsius = 6.3
kept = spikes("soma", soma(0.5), 0)
run(220, {dt})
""")["soma"]
    assert [*map(float, found)] == [len(times), pytest.approx(np.diff(times).mean())]


def test_a_population_is_what_its_criteria_ask(project):
    """Every criterion judged anew in pandas, of one candidate in plain NEURON; and the rows that
    the page on populations has for other tools."""
    results = project.root / "results/population"
    rows = pd.read_csv(results / "population.csv", keep_default_na=False, na_values=[""])
    table = pd.read_csv(results / "statistics.csv").set_index(["gna", "gk", "gl", "amp"])

    def at(amp, column):
        return table.xs(amp, level="amp")[column].to_numpy()

    meets = pd.DataFrame(
        {
            "rest": abs(at(0, "at_end") + 65) <= 2,
            "silent": at(0, "n_spikes") <= 0,
            "height": (at(200, "f_AP_height") >= 25) & (at(200, "f_AP_height") <= 45),
            "fires": (at(200, "rate") >= 40) & (at(200, "rate") <= 110),
        }
    )
    assert ((rows["verdict"] == "accepted") == meets.all(axis=1)).all()
    unmet = [{part.split(":")[0] for part in why.split("; ")} for why in rows["reasons"].fillna("")]
    assert unmet == [set(meets.columns[~row]) or {""} for row in meets.to_numpy()]
    first = rows.iloc[0]
    v = plain_neuron(f"""
soma = n.Section("soma")
soma.L, soma.diam = 20, 20
soma.insert("hh")
hh = soma(0.5).hh
hh.gnabar, hh.gkbar, hh.gl = {first.gna!r} / 1000, {first.gk!r} / 1000, {first.gl!r} / 1000
n.celsius = 6.3
record("v", soma(0.5)._ref_v)
run(19)
""")["v"]
    assert first["rest"] == pytest.approx(v[-1], abs=1e-6)
    page = (ROOT / "docs/populations.md").read_text()
    [script] = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    environment = os.environ | {"PYTHONPATH": str(project.root / "workflow")}
    subprocess.run([sys.executable, "-c", script], cwd=project.root, env=environment, check=True)
    with np.load(project.root / "candidates.npz") as made:
        assert made["theta"].shape == made["x"].shape == (64, 3)
        np.testing.assert_array_equal(made["theta"], rows[["gna", "gk", "gl"]])
        np.testing.assert_array_equal(made["valid"], rows["height"].notna())
