"""Snakemake's report: made without a network, complete, and read by a browser."""

import html
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from project import ROOT, Project
from spikesweep.products.table import SHOWN
from spikesweep.snakefile.captions import FORMATS
from spikesweep.sweepfile.figures import FigureOptions
from tools import tool

# What the browser says of Snakemake's own libraries whatever is in a report.
KNOWN_WARNINGS = (
    "cdn.tailwindcss.com should not be used in production",
    "The input spec uses Vega-Lite",
)
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def report(committed, tmp_path_factory) -> Path:
    """The report of the sweep `small`, made where every download would fail."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NO_NETWORK.items():
            patch.setenv(name, value)
        committed.snakemake("--report", str(path))
    return path


def data(report: Path, name: str):
    """Return one of the JSON texts that a report consists of."""
    text = report.read_text()
    return json.loads(re.search(rf'<script id="{name}">\s*var \w+ = (.*?);\s*</script>', text)[1])


def words(caption: str) -> str:
    """Return the words of a caption without markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", caption))


def figure(project: Project, name: str, suffix: str) -> str:
    return f"results/small/figures/{name}_{project.first[:8]}{suffix}"


def test_categories_and_labels(committed, report):
    figures = [figure(committed, n, s) for n in ("heatmap_rate", "intervals") for s in FORMATS]
    of_others = {
        "trust.csv",
        "population.csv",
        "thresholds.csv",
    }  # which this sweep does not ask for
    shown = [f.name for f in SHOWN if f.suffix == ".csv" and f.name not in of_others]
    tables = [f"results/small/{name}" for name in shown]
    found = data(report, "categories")["small"]
    assert {name: sorted(files) for name, files in found.items()} == {
        "Figures": sorted(figures),
        "Tables": sorted(tables),
        "Explorer": ["results/small/explore.html"],
    }
    results = data(report, "results")
    labels = results[figure(committed, "intervals", ".svg")]["labels"]
    assert labels == {"figure": "intervals", "format": "image"}
    for path, result in results.items():
        content = subprocess.run(
            ["base64", "--decode"],
            input=result["data_uri"].rpartition(",")[2].encode(),
            capture_output=True,
        ).stdout
        assert content == (committed.root / path).read_bytes()


def test_captions_have_the_parameters_of_the_sweep(committed, report):
    results = data(report, "results")
    assert len(results) == 9
    for result in results.values():
        caption = words(result["caption"])
        for said in (
            "Potassium conductance of a pyramidal cell",
            "axis gkbar: 20, 36 mS/cm2 (2)",
            "protocol celsius swept, v_init -65, tstop 60, dt 0.025",
            "simulations 4 (grid)",
            f"commit {committed.first[:8]}, 20",
        ):
            assert said in caption
    for name, said, other in (
        ("intervals", "figure intervals (isi distribution: by celsius)", "heatmap"),
        ("heatmap_rate", "figure heatmap_rate (heatmap: of rate, x gkbar, y celsius", "intervals"),
    ):
        caption = words(results[figure(committed, name, ".svg")]["caption"])
        assert said in caption
        assert f"figure {other}" not in caption
    statistics = words(results["results/small/statistics.csv"]["caption"])
    assert "cv2 mean of 2 |I[i+1] - I[i]| / (I[i+1] + I[i]) (Holt et al. 1996)" in statistics
    assert "figure " not in statistics
    for said in ("Potassium conductance", "figure intervals (isi", "figure heatmap_rate (heatmap"):
        assert said in words(data(report, "workflow-desc"))


def test_every_kind_of_figure_and_table_has_a_caption():
    kinds = [
        kind.model_fields["kind"].annotation.__args__[0]
        for kind in FigureOptions.__args__[0].__args__
    ]
    for name in [*kinds, *(file.stem for file in SHOWN)]:
        assert (ROOT / f"workflow/report/{name}.rst").is_file(), name


@pytest.mark.parametrize(
    "text", ["*stars* and `ticks`", "under_ |bars|", ".. raw:: html", "a <b> & c", "x\\y", "1. one"]
)
def test_texts_of_users_are_no_markup(text):
    from docutils.core import publish_parts

    from spikesweep.snakefile.captions import _item, _plain

    for source in (_item("axis", text), f"**{_plain(text)}**"):
        body = publish_parts(source, writer="html")["body"]
        assert "system-message" not in body
        assert text in words(body)


def console(page: Path, script: str = "") -> list[str]:
    """Return what a browser says while it shows a report and runs a script of ours in it."""
    shown = page.with_name("shown.html")
    script = f"<script>setTimeout(function () {{ {script} }}, 200);</script>"
    shown.write_text(page.read_text() + script)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    # Browsers that share a profile wait for each other.
    options += [f"--user-data-dir={page.with_name('profile')}"]
    budget = ["--virtual-time-budget=5000", "--dump-dom"]
    done = subprocess.run(
        [tool("chromium", "chromium-browser", "google-chrome"), *options, *budget, shown.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **NO_NETWORK},
    )
    assert 'id="app"' in done.stdout, done.stderr
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line and shown.name in line]
    return [line for line in said if not any(known in line for known in KNOWN_WARNINGS)]


def test_a_browser_shows_it_without_errors(committed, report):
    """All that can be seen: the graph, statistics, categories, every result and every rule."""
    steps = ["app.setView({content: 'stats'})", "app.setView({content: 'rulegraph'})"]
    steps += [f"app.showCategory('{name}')" for name in data(report, "categories")]
    for path in data(report, "results"):
        steps.append(f"app.showResultInfo('{path}')")
        if path.endswith(".svg"):
            steps.append(
                f"app.setView({{content: 'img', contentPath: results['{path}'].data_uri}})"
            )
    for rule in data(report, "rules"):
        steps.append(f"app.setView({{navbarMode: 'ruleinfo', ruleinfo: '{rule}'}})")
    uris = "Object.values(results).map(result => result.data_uri)"
    drawn = f"image => {uris}.includes(image.src) && image.naturalWidth > 0"
    steps.append(f"console.log('shown: ' + [...document.images].filter({drawn}).length)")
    script = "".join(f"setTimeout(() => {{ {step} }}, {50 * i});" for i, step in enumerate(steps))
    [last] = console(report, script)
    assert '"shown: 1"' in last


def test_it_opens_with_a_gallery(committed, report):
    """Every figure once, above all else but the title; a click shows it large."""
    script = (
        "const shown = [...document.querySelectorAll('.gallery img')];"
        "console.log('loaded: ' + shown.filter(image => image.naturalWidth > 0)"
        ".map(image => image.alt).sort());"
        "const [top, graph] = ['.gallery', 'canvas, svg.marks'].map("
        "part => document.querySelector(part)?.getBoundingClientRect().top);"
        "console.log('first: ' + (0 < top && top < 200 && !(graph < top)));"
        "shown[0].click();"
        "setTimeout(() => console.log('large: ' + [...document.images].filter("
        "image => image.src === results[shown[0].alt].data_uri && image.naturalWidth > 0).length"
        " + ' ' + document.body.innerText.includes('Potassium conductance')), 500);"
    )
    figures = [figure(committed, name, ".svg") for name in ("heatmap_rate", "intervals")]
    loaded, first, large = console(report, f"setTimeout(() => {{ {script} }}, 1000);")
    assert f'"loaded: {",".join(figures)}"' in loaded
    assert '"first: true"' in first
    assert '"large: 1 true"' in large


def test_errors_in_a_browser_are_seen(report):
    [error] = console(report, "app.noSuchThing()")
    assert "Uncaught TypeError" in error
