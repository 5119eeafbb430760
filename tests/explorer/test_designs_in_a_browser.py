"""Sweeps of every form in a real browser: no axis, one, a table, several sites, nothing at all."""

import csv
import io
import re

import numpy as np
import pytest

from collecting import SOMA, a_plan
from exploring import Looking, chromium, content, explore, write_page
from synthetic import simulated

DOSE = {"name": "dose", "unit": "uM", "long_name": "dose", "values": [0.1, 1.0, 10.0, 1000.0]}
CELL = {"name": "cell", "unit": "", "long_name": "", "values": ["a.swc", "b.swc"]}
AT_RANDOM = [
    {"name": name, "unit": "1", "long_name": name, "values": [round(v, 6) for v in values]}
    for name, values in zip(("g", "k"), np.random.default_rng(1).random((2, 30)), strict=True)
]
TWO_SITES = {
    "precision": "float64",
    "traces": {"v_soma": {"at": SOMA, "variable": "v", "every": 0.1}},
    "spikes": {site: {"at": SOMA, "threshold": 0, "times": "netcon"} for site in ("soma", "axon")},
}
SPIKES_ONLY = {**TWO_SITES, "traces": {}, "spikes": {"soma": TWO_SITES["spikes"]["soma"]}}
TRACES = '[aria-label="Save the traces shown as CSV"]'
TRACES_ONLY = {**TWO_SITES, "spikes": {}}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def look(browser):
    opened = []

    def looking(path, address=""):
        opened.append(Looking(browser, path, address))
        return opened[-1]

    yield looking
    for one in opened:
        assert one.said == []
        one.close()


def results(n, record=TWO_SITES):
    """Results of n simulations, of which the first has no spikes."""
    found = [simulated(name, 5, "float64") for name in range(n)]
    found[0].spikes["soma"] = np.empty(0)
    for result in found:
        result.spikes = {
            site: result.spikes["soma"] / (k + 1) for k, site in enumerate(record["spikes"])
        }
        result.traces = dict.fromkeys(record["traces"], result.traces["v_soma"])
        result.extremes = dict.fromkeys(record["traces"], result.extremes["v_soma"])
    return found


@pytest.mark.parametrize(
    ("axes", "kind", "record", "menus"),
    [
        ([], "grid", SPIKES_ONLY, {"x": "status", "y": "rate"}),
        ([DOSE], "grid", TWO_SITES, {"x": "dose", "y": "rate@soma", "colour": "rate@soma"}),
        ([DOSE, CELL], "grid", TRACES_ONLY, {"x": "dose", "y": "cell", "colour": "status"}),
        (AT_RANDOM, "table", TWO_SITES, {"x": "g", "y": "k", "colour": "rate@soma"}),
    ],
    ids=["no axis", "one axis", "no spikes", "table"],
)
def test_every_form_of_sweep_is_shown(look, tmp_path, axes, kind, record, menus):
    """Its map is what fits; each simulation is picked by its row; what is saved is the table."""
    count = 30 if kind == "table" else int(np.prod([len(axis["values"]) for axis in axes]))
    plan = a_plan(*axes, kind=kind, record=record)
    plan["quantities"] = {name: plan["quantities"][name] for name in record["traces"]}
    made = results(count, record)
    one = look(explore(tmp_path, plan, made))
    assert {name: one.tab.input_value(f"#map-{name}") for name in menus} == menus
    last = count - 1
    one.tab.focus("#table")
    one.tab.keyboard.press("End")
    one.picked(last)
    assert one.saved("#save-csv") == (tmp_path / "statistics.csv").read_bytes().decode()
    for site, train in made[last].spikes.items():
        label = one.tab.get_attribute("#traces", "aria-label")
        assert f"{len(train)} spikes in the whole run, {site}" in label
        if len(record["spikes"]) > 1:
            intervals = one.tab.get_attribute("#isi", "aria-label")
            assert f" {max(0, len(train) - 1)} intervals in the window at {site}" in intervals
    if record["traces"]:
        shown = csv.DictReader(io.StringIO(one.saved(TRACES)))
        trace = np.array([row["v_soma"] for row in shown], float)
        assert trace.tobytes() == made[last].traces["v_soma"].tobytes()


def test_keys_step_by_the_values_of_a_table(look, tmp_path):
    one = look(explore(tmp_path, a_plan(*AT_RANDOM, kind="table", record=TWO_SITES), results(30)))
    order = np.argsort(AT_RANDOM[0]["values"])
    one.tab.fill("#find", str(order[0]))
    one.tab.keyboard.press("Enter")
    one.picked(order[0])
    one.tab.focus("#map-grid")
    for following in order[1:6]:
        one.tab.keyboard.press("ArrowRight")
        one.picked(following)


def test_points_of_a_table_are_picked_where_they_lie(look, tmp_path):
    """What is told of a place is what a click there picks; most points are found on the way."""
    one = look(explore(tmp_path, a_plan(*AT_RANDOM, kind="table", record=TWO_SITES), results(30)))
    box = one.tab.locator("#map-grid canvas").bounding_box()
    found = set()
    for x in range(70, int(box["width"]), 22):
        for y in range(30, 330, 22):
            one.tab.mouse.move(box["x"] + x, box["y"] + y)
            told = one.tab.evaluate("document.querySelector('.tip:not([hidden])')?.textContent")
            if told:
                found.add((told, x, y))
    places = {told: (x, y) for told, x, y in found}
    assert len(places) > 20
    for told in sorted(places)[:5]:
        x, y = places[told]
        one.tab.mouse.click(box["x"] + x, box["y"] + y)
        simulation = int(re.search(r"\(simulation (\d+)\)", told)[1])
        one.picked(simulation)
        for axis in AT_RANDOM:
            assert f"{axis['name']} {axis['values'][simulation]:.4g}" in told


def test_values_between_are_found_by_the_nearest(look, tmp_path):
    one = look(explore(tmp_path, a_plan(*AT_RANDOM, kind="table", record=TWO_SITES), results(30)))
    one.tab.fill("#find", "g=0.5 k=0.5")
    one.tab.keyboard.press("Enter")
    g, k = (np.array(axis["values"]) for axis in AT_RANDOM)
    one.picked(int(np.argmin(((g - 0.5) / np.ptp(g)) ** 2 + ((k - 0.5) / np.ptp(k)) ** 2)))


@pytest.mark.parametrize("traces", ["precision", "none"])
def test_the_page_says_what_it_left_out(look, tmp_path, traces):
    plan = a_plan(DOSE, tstop=50.0)
    explore(tmp_path, plan, [simulated(name, 501) for name in range(4)])
    held = content(tmp_path, {"traces": traces, "precision": 0.01})
    one = look(write_page(tmp_path, held))
    said = one.tab.inner_text("#left-out")
    if traces == "none":
        assert "Not on this page: traces, as the sweep file asks for" in said
        return
    assert "whole multiples of v_soma 0.01 mV" in said
    shown = csv.DictReader(io.StringIO(one.saved(TRACES)))
    trace = np.array([row["v_soma"] for row in shown], float)
    apart = np.abs(trace - simulated(0, 501).traces["v_soma"])
    assert 0 < apart.max() <= 0.005 * (1 + 1e-6)
