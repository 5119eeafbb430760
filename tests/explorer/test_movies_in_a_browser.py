"""The movie in a real browser: played, moved through, and missing."""

import numpy as np
import pytest

from collecting import DOSE, a_plan
from exploring import OPTIONS, Looking, chromium, content, explore
from project import ROOT
from spikesweep.recording.frames import Segment, encoded
from spikesweep.recording.results import segments_of
from synthetic import simulated

FILM = {"region": ["pyr", "all"], "variable": "v", "every": 0.1, "limit": 1000}


def said(low: str, high: str) -> str:
    """What the page says of a range, with its own minus."""
    return f"from {low} to {high}".replace("-", "\N{MINUS SIGN}")


SHOWN = [
    Segment("soma", "soma", 0.5, 0, 20, -10, 0, 0, 10, 0, 0),
    Segment("dend", "basal", 0.25, 60, 2, 10, 0, 0, 60, 0, 0),
    Segment("dend", "basal", 0.75, 110, 1, 60, 0, 0, 60, 50, 30),
]
FRAMES = np.array([[-65, -70, -75], [20, -60, -75], [-40, 30.5, np.nan]])
EXPECTED = [said("-75", "-65"), said("-75", "20"), said("-40", "30.5")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three simulations: a movie, one of fewer segments and an infinity, and none."""
    folder = tmp_path_factory.mktemp("film")
    plan = a_plan(DOSE, tstop=0.2)
    plan["record"]["movies"] = {"film": FILM}
    plan["quantities"]["film"] = {"unit": "mV", "long_name": "membrane potential"}
    results = [simulated(name, 3) for name in range(3)]
    infinite = FRAMES[:, :2].copy()
    infinite[1, 1] = np.inf
    for result, frames in zip(results, (FRAMES, infinite), strict=False):
        shown = encoded(SHOWN[: frames.shape[1]])
        result.traces |= {"film": frames.astype("f4").ravel(), segments_of("film"): shown}
    explore(folder, plan, results)
    return folder


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(folder, browser):
    one = Looking(browser, folder / "explore.html", "#picked=0")
    one.picked(0)
    yield one
    assert one.said == []
    assert [url for url in one.asked if not url.startswith(("file:", "blob:", "data:"))] == []
    one.close()


def at_frame(page, frame: int) -> str:
    """What is said of the cell at a frame."""
    page.tab.evaluate(
        "frame => { const slider = document.getElementById('frame');"
        "slider.value = frame; slider.dispatchEvent(new Event('input')); }",
        frame,
    )
    return page.tab.get_attribute("#shot", "aria-label")


def test_each_frame_is_the_dataset_s(page):
    for frame, words in enumerate(EXPECTED):
        told = at_frame(page, frame)
        assert told == f"membrane potential (mV) of the cell at {frame / 10:g} ms: {words}"
        assert page.tab.get_attribute("#frame", "aria-valuetext") == f"{frame / 10:g} ms"


def test_keys_move_frame_by_frame(page):
    at_frame(page, 0)
    page.tab.focus("#frame")
    for time in ("0.1 ms", "0.2 ms", "0.2 ms"):
        page.tab.keyboard.press("ArrowRight")
        assert page.tab.inner_text(".player output") == time


def test_it_is_played_to_its_end_and_again(page):
    at_frame(page, 1)
    for _ in range(2):
        page.tab.click("#play")
        page.tab.wait_for_selector("#play:text-is('Pause')")
        page.tab.wait_for_selector("#play:text-is('Play')")
        assert page.tab.inner_text(".player output") == "0.2 ms"


def test_it_follows_what_is_picked(page):
    """Fewer segments and an infinite value; and none at all, which is said."""
    page.tab.click("#row-1")
    page.picked(1)
    assert at_frame(page, 0).endswith(said("-70", "-65"))
    page.tab.click("#row-2")
    page.picked(2)
    page.tab.wait_for_selector("#play:disabled")
    assert "no movie" in page.tab.inner_text("#movie-place")
    page.tab.click("#row-0")
    page.picked(0)
    page.tab.wait_for_selector("#play:enabled")
    assert at_frame(page, 1).endswith(EXPECTED[1])


def test_what_is_drawn_has_the_colours_of_the_values(page):
    """One colour scale for all simulations, from -75 to 30.5 mV; grey where there is no value."""
    at_frame(page, 2)
    svg = page.saved("#movie-panel [data-save=svg]")
    assert said("-75", "30.5").split()[1] in svg
    assert "30.5" in svg
    assert "membrane potential (mV)" in svg
    undefined = page.tab.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--undefined').trim()"
    )
    assert undefined in svg


def test_the_budget_leaves_movies_out_in_words(folder):
    whole = content(folder)
    less = content(folder, OPTIONS, int(whole.nbytes) - 50)
    assert less.about["movies"] == []
    assert "the movie film, which would make the page too large" in less.left_out
    assert len(whole.about["movies"]) == 1


def test_axe_finds_nothing_serious(folder, browser):
    axe = ROOT / "node_modules/axe-core/axe.min.js"
    if not axe.exists():
        pytest.skip("axe-core is not installed: npm ci")
    page = Looking(browser, folder / "explore.html", bypass_csp=True)
    page.tab.evaluate(axe.read_text(encoding="utf-8"))
    found = page.tab.evaluate("axe.run('#movie-panel')")
    assert [one for one in found["violations"] if one["impact"] in ("serious", "critical")] == []
    page.close()
