"""The page in a real browser: what is picked, changed, saved and read back."""

import base64
import csv
import io
import os
import re

import h5py
import numpy as np
import pytest

from collecting import a_plan
from exploring import Looking, chromium, explore
from project import ROOT
from synthetic import simulated

MARKUP = "<img src=x onerror=document.title='gone'> & \"Kaliumkanäle\" </script> 温度"
DOSE = {"name": "dose", "unit": "uM", "long_name": "dose of 4-AP", "values": [0.1, 30.0, 1000.0]}
CELSIUS = {"name": "celsius", "unit": "degC", "long_name": "temperature", "values": [26, 36]}
CELL = {
    "name": "cell",
    "unit": "",
    "long_name": "",
    "values": ["<b>bold</b>", 'it\'s 2, "quoted"', "細胞"],
}
SAMPLES = 41
FAILED = 7
FLAGS = {
    3: {"not_at_rest": "v_soma moves by <i>5</i> mV", "spike_at_end": "v_soma is at 20 mV"},
    5: {"spike_at_end": "v_soma is at 10 mV"},
}
TRACES = '[aria-label="Save the traces shown as CSV"]'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A grid of three axes, of 18 simulations, of which one crashed."""
    plan = a_plan(DOSE, CELSIUS, CELL, title=MARKUP, tstop=4.0)
    results = [simulated(name, SAMPLES) for name in range(18)]
    outcomes = {results[FAILED].key: ("crashed", "SIGSEGV <script>alert(1)</script>")}
    return explore(tmp_path_factory.mktemp("explored"), plan, results, outcomes, flags=FLAGS)


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def look(browser, made):
    """Opens the page; whatever is done there, it complains of nothing and asks for nothing."""
    opened = []

    def looking(address="", path=made, **options):
        opened.append(Looking(browser, path, address, **options))
        return opened[-1]

    yield looking
    for one in opened:
        foreign = [url for url in one.asked if not url.startswith(("file:", "blob:", "data:"))]
        assert (one.said, foreign) == ([], [])
        assert sum(url.startswith("file:") for url in one.asked) == one.visits
        one.close()


@pytest.fixture
def page(look):
    return look()


def opened_again(page):
    page.visits += 1
    page.tab.reload()
    page.ready()


def test_titles_and_values_with_markup_stay_text(page):
    assert page.tab.title() == MARKUP
    assert page.tab.inner_text("h1") == MARKUP
    assert page.tab.locator("img, b").count() == 0
    page.tab.click(f"#row-{FAILED}")
    page.picked(FAILED)
    assert "SIGSEGV <script>alert(1)</script>" in page.tab.inner_text("#picked .message")
    assert page.tab.locator("main script").count() == 0


def test_flags_are_told_and_coloured_by(look):
    one = look("#picked=3&colour=flags")
    one.picked(3)
    said = one.tab.inner_text("#picked .message")
    assert said == "v_soma moves by <i>5</i> mV\nv_soma is at 20 mV"
    assert "flags not at rest, spike at end, ok" in one.tab.text_content("#map-cell")
    for index, flags in ((3, "not at rest, spike at end"), (4, "none"), (FAILED, "crashed")):
        assert flags in one.tab.inner_text(f"#row-{index}").split("\t")
    one.tab.click("#row-4")
    one.picked(4)
    assert one.tab.locator("#picked .message").is_hidden()


@pytest.mark.parametrize(("silent", "opened"), [((), 0), ((0, 1), 2), ((0, 1, 2), 0)])
def test_it_opens_at_the_first_simulation_that_fires(look, tmp_path, silent, opened):
    results = [simulated(name, SAMPLES) for name in range(3)]
    for index in range(3):
        results[index].spikes["soma"] = np.array([] if index in silent else [1.0])
    plan = a_plan(DOSE, title="Silent ones", tstop=4.0)
    look(path=explore(tmp_path, plan, results)).picked(opened)


def test_a_click_on_the_map_picks(page):
    """The map has a cell for each dose and temperature, at the first cell; the corner is last."""
    box = page.tab.locator("#map-grid canvas").bounding_box()
    page.tab.mouse.click(box["x"] + box["width"] - 30, box["y"] + 40)
    page.picked(15)
    assert page.tab.inner_text("#picked-title") == "Simulation 15"
    said = page.tab.text_content("#map-cell")
    assert "dose of 4-AP 1000 µM, temperature 36 °C, cell <b>bold</b>" in said


def test_keys_step_to_neighbours_and_pin(page):
    page.tab.focus("#map-grid")
    for key, shown in (("ArrowRight", 6), ("ArrowUp", 9), ("ArrowLeft", 3), ("ArrowLeft", 3)):
        page.tab.keyboard.press(key)
        page.picked(shown)
    assert "ok" in page.tab.text_content("#map-cell")
    page.tab.keyboard.press("p")
    assert "3: dose" in page.tab.inner_text(".pins")
    page.tab.click("#step-cell-1")
    page.picked(4)
    assert page.tab.locator("#picked .other").count() > 0  # the pin's values beside the pick's


def test_a_tenth_pin_is_refused_in_words(look):
    one = look("#picked=11&pins=0,1,2,3,4,5,6,7,8")
    one.picked(11)
    full = "9 are pinned: unpin one first"
    assert one.tab.inner_text("#pin") == full
    one.tab.keyboard.press("p")
    assert one.tab.inner_text("#said") == full
    assert one.tab.locator(".pins li").count() == 9
    one.tab.click('[aria-label="Unpin simulation 3"]')
    one.tab.click("#pin")
    assert "11: dose" in one.tab.inner_text(".pins")


def test_the_keyboard_reaches_every_control(page):
    """From one Tab to the next, until it begins again."""
    reached = set()
    for _ in range(120):
        page.tab.keyboard.press("Tab")
        found = page.tab.evaluate(
            "() => { const e = document.activeElement; return e === document.body ? '' :"
            " e.id || e.textContent || e.getAttribute('aria-label'); }"
        )
        if not found and reached:
            break
        reached.add(found)
    controls = page.tab.evaluate(
        "() => [...document.querySelectorAll('a, button, select, input, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility() && !e.closest('details:not([open]) pre'))"
        ".map(e => e.id || e.textContent || e.getAttribute('aria-label'))"
    )
    assert set(controls) - reached == set()


def test_axes_and_statistic_change_and_the_address_keeps_all(page):
    page.tab.select_option("#map-colour", "latency")
    page.tab.select_option("#map-x", "celsius")
    page.tab.select_option("#map-y", "cell")
    page.tab.select_option("#map-across", "dose")
    page.tab.check("#map-log")
    page.tab.click("#row-5")
    page.picked(5)
    page.tab.click("#pin")
    page.tab.select_option("#filter-add", "n_spikes")
    page.tab.fill("[data-filter=n_spikes] .least", "2")
    page.tab.keyboard.press("Enter")
    page.tab.click("th[data-column=latency] button")
    page.tab.focus("#traces")
    page.tab.keyboard.press("+")
    before = page.tab.evaluate("location.hash"), page.tab.inner_text("#all")
    opened_again(page)
    page.picked(5)
    assert (page.tab.evaluate("location.hash"), page.tab.inner_text("#all")) == before
    chosen = [page.tab.input_value(f"#map-{menu}") for menu in ("colour", "x", "y", "across")]
    assert chosen == ["latency", "celsius", "cell", "dose"]
    assert page.tab.is_checked("#map-log")
    assert page.tab.get_attribute("#pin", "aria-pressed") == "true"
    assert "zoom=" in before[0]


def test_an_address_that_fits_no_sweep_is_taken_as_far_as_it_goes(look):
    one = look("#picked=999&pins=1,1,77,x&colour=nothing&x=%3Cb%3E&across=dose&in.rate=b,a&zoom=3")
    assert one.tab.inner_text("#picked-title") == "Simulation 0"
    assert one.tab.locator(".pins li").count() == 1


def test_statistics_saved_are_those_of_the_table(page, made):
    """To the letter; and of what is filtered, those rows."""
    whole = (made.parent / "statistics.csv").read_bytes().decode()
    assert page.saved("#save-csv") == whole
    page.tab.select_option("#filter-add", "n_spikes")
    page.tab.fill("[data-filter=n_spikes] .least", "2")
    page.tab.keyboard.press("Enter")
    page.tab.fill("[data-filter=n_spikes] .greatest", "3")
    page.tab.keyboard.press("Enter")
    rows = list(csv.DictReader(io.StringIO(whole)))
    meant = [row for row in rows if row["n_spikes"] and 2 <= int(row["n_spikes"]) <= 3]
    assert 0 < len(meant) < len(rows)
    assert list(csv.DictReader(io.StringIO(page.saved("#save-csv")))) == meant
    axes = ("dose", "celsius", "cell")
    design = list(csv.DictReader(io.StringIO(page.saved("#save-design"))))
    assert design == [{name: row[name] for name in axes} for row in meant]
    assert f"{len(meant)} of 18 simulations" in page.tab.inner_text("#table-count")


def test_a_range_brushed_on_a_histogram_filters(page):
    page.tab.select_option("#filter-add", "latency")
    box = page.tab.locator("[data-filter=latency] canvas").bounding_box()
    page.tab.mouse.move(box["x"] + 10, box["y"] + 20)
    page.tab.mouse.down()
    page.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20, steps=4)
    page.tab.mouse.up()
    least, greatest = (
        float(page.tab.input_value(f"[data-filter=latency] .{end}"))
        for end in ("least", "greatest")
    )
    shown = page.tab.inner_text("#table-count")
    rows = list(csv.DictReader(io.StringIO(page.saved("#save-csv"))))
    assert f"{len(rows)} of 18" in shown
    assert 0 < len(rows) < 18
    assert all(least <= float(row["latency"]) <= greatest for row in rows)


@pytest.mark.parametrize(("least", "greatest"), [("3", "1"), ("1", ""), ("", "1"), ("1", "1")])
def test_a_filter_stands_in_the_address_as_it_was_typed(page, least, greatest):
    page.tab.select_option("#filter-add", "dose")
    page.tab.fill("[data-filter=dose] .least", least)
    page.tab.fill("[data-filter=dose] .greatest", greatest)
    page.tab.keyboard.press("Enter")
    page.tab.wait_for_function("location.hash.includes('in.dose')")

    def shown():
        ends = (page.tab.input_value(f"[data-filter=dose] .{e}") for e in ("least", "greatest"))
        return page.tab.inner_text("#table-count"), *ends

    before = shown()
    assert before[1:] == (least, greatest)
    opened_again(page)
    assert shown() == before


def test_a_click_on_a_column_sorts_and_undefined_values_come_last(page):
    def shown():
        return page.tab.eval_on_selector_all(
            "tr[data-simulation]", "rows => rows.map(row => Number(row.dataset.simulation))"
        )

    rows = csv.DictReader(io.StringIO(page.saved("#save-csv")))
    latency = [float(row["latency"] or "nan") for row in rows]
    defined = [i for i in range(18) if not np.isnan(latency[i])]
    undefined = [i for i in range(18) if np.isnan(latency[i])]
    assert undefined
    page.tab.click("th[data-column=latency] button")
    assert shown() == sorted(defined, key=lambda i: latency[i]) + undefined
    page.tab.click("th[data-column=latency] button")
    assert shown() == sorted(defined, key=lambda i: -latency[i]) + undefined
    assert page.tab.get_attribute("th[data-column=latency]", "aria-sort") == "descending"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("12", 12),
        ("dose=900 celsius=35", 15),
        ("cell=細胞 dose=20", 8),
        ("dose=1,celsius=26", 0),
        ("dose = 900 uM, celsius=35degC", None),
        ("dose = 900 uM, celsius=35 degC", 15),
    ],
)
def test_simulations_are_found_by_values(page, words, found):
    page.tab.click("#row-4")
    page.picked(4)
    page.tab.fill("#find", words)
    page.tab.keyboard.press("Enter")
    if found is None:
        page.tab.wait_for_selector("#find[aria-invalid=true]")
    page.picked(4 if found is None else found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("dose=1 nonsense", "there is no column nonsense"),
        ("DOSE=1", "there is no column DOSE"),
        ("rate@soma[1]=25 dose=1", "there is no column rate@soma[1]"),
        ("dose=1;celsius=26", "dose is never 1;celsius=26"),
        ("dose=1 dose=30", "dose is asked for twice"),
        ("cell=none", "cell is never none"),
        ("dose=", "there is no column dose="),
        ("", "nothing is asked for"),
        ("18", "no index or key begins with 18"),
        ("1e9", "no index or key begins with 1e9"),
    ],
)
def test_what_cannot_be_found_is_said(page, words, said):
    """To those who see it and to those who hear it; and no word of it is left out in silence."""
    page.tab.fill("#find", words)
    page.tab.keyboard.press("Enter")
    page.tab.wait_for_selector("#find[aria-invalid=true]")
    for told in (
        page.tab.inner_text("#said"),
        page.tab.evaluate("document.getElementById('find').validationMessage"),
    ):
        assert told.startswith(f"{said}; expected an index")
    page.tab.fill("#find", "3")
    page.tab.keyboard.press("Enter")
    page.picked(3)
    assert page.tab.get_attribute("#find", "aria-invalid") == "false"


def test_a_key_is_shown_and_finds_its_simulation(page):
    keys = [simulated(name, SAMPLES).key for name in range(18)]
    beginnings = [keys[11][:length] for length in range(1, 65)]
    one, *more = (one for one in beginnings if sum(key.startswith(one) for key in keys) == 1)
    for words in (one, one.upper(), more[0], keys[11]):
        page.tab.click("#row-4")
        page.picked(4)
        page.tab.fill("#find", words)
        page.tab.keyboard.press("Enter")
        page.picked(11)
    assert keys[11] in page.tab.inner_text("#picked")
    firsts = [key[0] for key in keys if not key[0].isdigit()]
    twice = next(first for first in firsts if firsts.count(first) > 1)
    page.tab.fill("#find", twice)
    page.tab.keyboard.press("Enter")
    page.tab.wait_for_selector("#find[aria-invalid=true]")
    assert "several keys begin with" in page.tab.inner_text("#said")


def test_commands_are_copied(look):
    one = look(permissions=["clipboard-read", "clipboard-write"])
    one.tab.click("#row-1")
    one.picked(1)
    one.tab.click('[aria-label="Copy: run it alone"]')
    assert one.tab.evaluate("navigator.clipboard.readText()") == "spikesweep run block --index 1"
    one.tab.click('[aria-label="Copy: what made it"]')
    assert one.tab.evaluate("navigator.clipboard.readText()") == (
        "spikesweep explain results/block/statistics.csv --at dose=0.1 celsius=26 "
        "'cell=it'\\''s 2, \"quoted\"'"
    )


def test_a_copied_command_gives_the_simulation_that_is_shown(look, committed):
    """Run alone: as many spikes, and a potential whose extremes over every step of integration are
    those of the trace shown, to what passes between two samples."""
    one = look(
        path=committed.root / "results/small/explore.html",
        permissions=["clipboard-read", "clipboard-write"],
    )
    one.tab.click("#row-2")
    one.picked(2)
    trace = np.array(list(csv.reader(io.StringIO(one.saved(TRACES))))[1:], float)[:, 1]
    one.tab.click('[aria-label="Copy: run it alone"]')
    command = one.tab.evaluate("navigator.clipboard.readText()").split()
    assert command[0] == "spikesweep"
    said = committed.spikesweep(*command[1:]).stdout
    low, high = map(float, re.search(r"v: (\S+) to (\S+)", said).groups())
    assert low - 1e-3 <= trace.min() <= low + 1
    assert high - 3 <= trace.max() <= high + 1e-3
    [spikes] = re.findall(r"soma: (\d+) spikes", said)
    assert int(spikes) == ((trace[1:] >= -20) & (trace[:-1] < -20)).sum() > 1


def test_colours_by_logarithm_say_so(page):
    page.tab.select_option("#map-colour", "isi_mean")
    plain = page.saved("#map [data-save=svg]")
    page.tab.check("#map-log")
    shown = page.saved("#map [data-save=svg]")
    assert "mean ISI (ms), log" in shown
    assert "mean ISI (ms), log" not in plain
    page.tab.select_option("#map-colour", "status")  # which has no logarithm
    assert page.tab.locator("#map-log").count() == 0
    assert ", log" not in page.saved("#map [data-save=svg]")


def test_intervals_are_those_of_the_pick_and_of_its_pins(page, made):
    """Bars of the pick; of each pin an outline; as many intervals as the table says spikes."""
    rows = list(csv.DictReader(io.StringIO((made.parent / "statistics.csv").read_text())))
    spiking = [i for i, row in enumerate(rows) if row["n_spikes"] and int(row["n_spikes"]) > 2]
    pin, pick = spiking[:2]
    for simulation in (pin, pick):
        page.tab.click(f"#row-{simulation}")
        page.picked(simulation)
        if simulation == pin:
            page.tab.click("#pin")
    expected = int(rows[pick]["n_spikes"]) - 1
    assert page.tab.get_attribute("#isi", "aria-label") == (
        f"histogram of interspike intervals of simulation {pick}: "
        f"{expected} intervals in the window"
    )
    whole = page.tab.get_attribute('[aria-label^="traces and spikes over time"]', "aria-label")
    assert re.search(rf"of simulation {pick}: \d+ spikes in the whole run, ", whole)
    svg = page.saved('[aria-label*="_isi_"][data-save=svg]')
    outlines = re.findall(r'<path [^>]*stroke="#de8f05"', svg)
    assert len(outlines) == 1


def test_what_is_seen_is_saved(page):
    svg = page.saved("#map [data-save=svg]")
    assert svg.startswith("<svg ")
    rows = list(
        csv.DictReader(io.StringIO(page.saved('[aria-label="Save the traces shown as CSV"]')))
    )
    assert len(rows) == SAMPLES
    shown = np.array([row["v_soma"] for row in rows], float).astype("float32")
    assert shown.tobytes() == simulated(0, SAMPLES).traces["v_soma"].tobytes()
    with page.tab.expect_download() as download:
        page.tab.click("#picked [data-save=png]")
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_traces_read_back_are_the_datasets_to_the_last_bit(page, made):
    """As the page itself saves them: the shortest text of a number has all its bits."""
    with h5py.File(made.parent / "dataset.nc") as file:
        traces = file["v_soma"][()].reshape(18, -1)
        times = file["time"][()]
    for simulation in range(18):
        page.tab.fill("#find", str(simulation))
        page.tab.keyboard.press("Enter")
        page.picked(simulation)
        rows = list(csv.reader(io.StringIO(page.saved(TRACES))))[1:]
        shown = np.array(rows, float)
        assert shown[:, 0].tobytes() == times.tobytes()
        trace = shown[:, 1].astype("float32")
        assert np.array_equal(trace, traces[simulation], equal_nan=True)


def test_within_another_page_it_works_as_well(browser, made, tmp_path):
    """As Snakemake's report shows it: in a frame that has no address of its own."""
    data = base64.b64encode(made.read_bytes()).decode()
    (tmp_path / "report.html").write_text(
        f'<html data-ready><iframe src="data:text/html;base64,{data}" width=900></iframe>'
    )
    one = Looking(browser, tmp_path / "report.html")
    frame = one.tab.frames[1]
    frame.wait_for_selector("html[data-ready]", timeout=60_000)
    frame.click("#row-4")
    frame.wait_for_selector('html[data-shown="4"]', timeout=60_000)
    assert frame.inner_text("#picked-title") == "Simulation 4"
    assert one.said == []
    one.close()


def test_axe_finds_nothing_serious(look):
    axe = ROOT / "node_modules/axe-core/axe.min.js"
    if not axe.exists() and not os.environ.get("CI"):
        pytest.skip("axe-core is not installed; npm ci installs it")
    source = axe.read_text()
    for theme in ("light", "dark"):
        one = look("#pins=3,4&in.n_spikes=0,3&across=cell", color_scheme=theme, bypass_csp=True)
        one.tab.evaluate(source)
        found = one.tab.evaluate("axe.run()")["violations"]
        serious = {
            violation["id"]: [node["html"] for node in violation["nodes"]]
            for violation in found
            if violation["impact"] in ("serious", "critical")
        }
        assert serious == {}


@pytest.mark.parametrize("pins", ["", "1,2", "0,1,2,3,4,5,6,7,8"])
@pytest.mark.parametrize("width", [320, 360, 800, 1440, 3840])
def test_nothing_is_cut_off_at_any_width(look, width, pins):
    address = f"#picked=9&pins={pins}&in.rate=0,1e9"
    one = look(address, viewport={"width": width, "height": 900})
    one.tab.evaluate(  # a sweep whose names are long
        "for (const menu of document.querySelectorAll('.menus select'))"
        " menu.add(new Option('revised local variation LvR of intervals at '.repeat(3)))"
    )
    assert one.tab.evaluate("document.documentElement.scrollWidth") <= width
    outside = one.tab.evaluate(
        "width => [...document.querySelectorAll('section > *, .menus > *, .stepper, .buttons')]"
        ".filter(e => e.getBoundingClientRect().right > width + 1).length",
        width,
    )
    assert outside == 0
