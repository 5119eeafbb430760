"""Pages of sweeps that nobody ran, and a browser that looks at them."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collecting import collect_named, stored
from spikesweep.explorer.content import BUDGET, Content, gather
from spikesweep.explorer.page import page
from spikesweep.tables import columns
from spikesweep.tables.simulations import read_simulations, write_simulations
from spikesweep.tables.statistics import write_tables

OPTIONS = {"traces": "auto", "precision": 0.01}
FINGERPRINT = "0123456789abcdef" * 4
STRUCTURE = """\
cell,section,index,region,x,diam,distance,area,hh.gkbar,x0,y0,z0,x1,y1,z1
cell,soma,0,soma,0.5,20.0,0.0,1256.6,0.036,-10.0,0.0,0.0,10.0,0.0,0.0
cell,dend,0,basal,0.25,2.0,60.0,314.0,,10.0,0.0,0.0,60.0,0.0,0.0
cell,dend,1,basal,0.75,1.0,110.0,157.0,0.01,60.0,0.0,0.0,60.0,50.0,30.0
"""
PATIENCE = 120_000  # ms, of a busy machine and a page of a hundred megabytes
# The flags with which CI starts a browser: nothing is asked of a network.
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def explore(
    folder: Path,
    plan: dict,
    results: list,
    outcomes: dict | None = None,
    segment: int = 2,
    flags: dict[int, dict[str, str]] | None = None,
) -> Path:
    """Write dataset, tables and page of a sweep into a folder; return the page's path.

    flags: of each simulation that has some, flag -> message.
    segment: simulations in one segment of the store; each is flushed to the disk, which takes time.
    """
    dataset = folder / "dataset.nc"
    store = stored(folder / "store", results, [segment])
    collect_named(plan, range(len(results)), store, dataset, outcomes, FINGERPRINT)
    bounds = {name: [-200.0, 200.0] for name in plan["record"]["traces"]}
    write_simulations(dataset, folder / "simulations.csv", bounds)
    axes, rows = read_simulations(folder / "simulations.csv")
    with (folder / "flags.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["index", *axes, *list(columns.FLAGS)[1:]])
        for index, messages in (flags or {}).items():
            for flag, message in messages.items():
                table.writerow([*rows[index].point, flag, "v_soma", 1.5, message])
    tables = folder / "statistics.csv", folder / "isi.csv"
    write_tables(dataset, folder / "simulations.csv", *tables, window=None)
    (folder / "structure.csv").write_text(STRUCTURE)
    return write_page(folder, content(folder))


def content(folder: Path, options: dict = OPTIONS, budget: int = BUDGET) -> Content:
    """Return what the page of a folder's sweep holds."""
    files = [
        folder / name for name in ("dataset.nc", "simulations.csv", "flags.csv", "statistics.csv")
    ]
    found = gather(*files, folder / "structure.csv", options, {"diam": "um"}, budget)
    found.about["windows"] = None
    return found


def write_page(folder: Path, held: Content) -> Path:
    """Write a page; return its path."""
    path = folder / "explore.html"
    path.write_text(page(held, {"fingerprint": FINGERPRINT, "recipe": {}}), encoding="utf-8")
    return path


@contextmanager
def chromium() -> Iterator:
    """Give a headless Chromium."""
    from playwright.sync_api import sync_playwright

    from tools import tool

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tool("chromium"), args=FLAGS)
        yield browser
        browser.close()


class Looking:
    """A page in a tab of a browser, with all that it said and asked for."""

    def __init__(self, browser, path: Path, address: str = "", **options):
        options = {"viewport": {"width": 1280, "height": 900}, "accept_downloads": True, **options}
        self.context = browser.new_context(**options)
        self.tab = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.visits = 1  # of the page itself
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.goto(f"{path.as_uri()}{address}", timeout=PATIENCE)
        self.ready()

    def ready(self) -> None:
        """Wait until the page has read what it holds."""
        self.tab.wait_for_selector("html[data-ready]", timeout=PATIENCE)

    def picked(self, simulation: int) -> None:
        """Wait until a simulation is shown with its traces."""
        self.tab.wait_for_selector(f'html[data-shown="{simulation}"]', timeout=60_000)

    def saved(self, selector: str) -> str:
        """Click what saves a file; return the file's text."""
        with self.tab.expect_download() as download:
            self.tab.click(selector)
        return Path(download.value.path()).read_bytes().decode()

    @property
    def about(self) -> dict:
        """What the page says of its sweep."""
        return json.loads(self.tab.text_content("#about"))

    def close(self) -> None:
        self.context.close()
