"""The contact sheet of a sweep, `results/<sweep>/index.html`: figures, tables, what failed.

One small page without scripts, which needs no network. It leads to the files beside it by names
that stay, so the folder `results/<sweep>` can be moved or zipped with it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from spikesweep.products.fingerprint import sha256
from spikesweep.products.plan_file import PlanFile
from spikesweep.products.table import (
    CURRENT_FIGURES,
    FIGURES,
    LINKED,
    PLAN,
    kind_of_file,
    stage_words,
)
from spikesweep.tables import flagged
from spikesweep.tables.failures import by_reason, read_failures

MOST_REASONS = 20
# Of products that have several files; the others are told by the product.
OF_FILES = {
    "simulations.csv": "what each simulation came to",
    "failures.csv": "the simulations that failed, and the command that runs each alone",
    "flags.csv": "what is odd about simulations that ended well",
    "statistics.csv": "statistics of spike trains, a row a simulation and site",
    "isi.csv": "interspike intervals, a row each",
    "structure.csv": "the cells as they were built, a row a segment",
    "psection.json": "the same, as NEURON's psection() tells of every section",
    "sensitivity.csv": "sensitivity indices with their intervals",
    "uncertainty.csv": "mean, SD and percentiles over the sample",
    "population.csv": "which candidates meet which criteria",
    "acceptance.csv": "how many candidates meet each criterion",
    "correlations.csv": "how quantities of candidates go together",
}
_SEAL = "<!-- SHA-256 of the lines above: {} -->\n"
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.about { color: GrayText; margin: .2rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1rem; }
figure { margin: 0; border: 1px solid #8884; border-radius: 6px; overflow: hidden; }
figure img { display: block; width: 100%; height: 16rem; object-fit: contain; background: #fff; }
figcaption { padding: .4rem .7rem; } figcaption a, .small { font-size: .85rem; }
table { border-collapse: collapse; } td { padding: .15rem 1.2rem .15rem 0; vertical-align: top; }
.failed { color: #b3261e; } code { font-size: .85rem; }
@media (prefers-color-scheme: dark) { .failed { color: #ff8a80; } }
"""


def contact_sheet(plan: PlanFile, lineage: Mapping[str, Any], earlier: Iterable[str]) -> str:
    """Return the page.

    Args:
        plan: whose products are all there.
        lineage: what the figures share.
        earlier: labels of figures that were made before.
    """
    parts = [
        *_head(plan, lineage),
        *_figures(plan),
        *_tables(plan),
        *_failures(plan),
        *_earlier(earlier),
    ]
    title = escape(str(plan["title"]))
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )
    return page + _SEAL.format(sha256(page.encode()))


def is_as_written(content: bytes) -> bool:
    """Return whether every byte of a page is as it was written: its last line says its SHA-256."""
    page = content[: -len(_SEAL.format("0" * 64))]
    return content == page + _SEAL.format(sha256(page)).encode()


def is_of(content: bytes, sweep: str, label: str) -> bool:
    """Return whether a page is of a sweep at a git label."""
    return _where(sweep, label if label != "nogit" else "").encode() in content


def _where(sweep: str, label: str) -> str:
    at = f"commit {label}," if label else "made from files that are in no git commit"
    return f"Sweep <b>{escape(sweep)}</b>, {at}"


def _head(plan: PlanFile, lineage: Mapping[str, Any]) -> Iterator[str]:
    date = f" {lineage['date']}" if lineage["commit"] else ""
    where = _where(plan["sweep"], lineage["label"] if lineage["commit"] else "")
    changed = lineage["changed_files"]
    yield f"<h1>{escape(str(plan['title']))}</h1>"
    yield f'<p class="about">{where}{escape(date)}</p>'
    if changed:
        yield f'<p class="about">Not committed: {escape(", ".join(changed))}</p>'
    failed = Counter(failure.status for failure in read_failures(plan.file("failures")))
    number = plan["simulations"]
    told = f"{number} simulation{'' if number == 1 else 's'}: {number - failed.total()} ok"
    if failed:
        how = ", ".join(f"{n} {escape(status)}" for status, n in sorted(failed.items()))
        told += f', <a class="failed" href="#failures">{how}</a>'
    yield f"<p>{told}</p>"
    for sentence in flagged.told(plan.file("flags"), number):
        words = escape(sentence.removesuffix(" (flags.csv)"))
        yield f'<p>{words}: <a href="flags.csv">flags.csv</a></p>'


def _figures(plan: PlanFile) -> Iterator[str]:
    if not plan["figures"]:
        return
    yield "<h2>Figures</h2>"
    yield '<div class="figures">'
    for name, file in plan["figures"].items():
        place = f"{FIGURES}/{CURRENT_FIGURES}/{escape(name)}"
        words = stage_words(plan.stage(plan.folder / file))
        formats = " ".join(f'<a href="{place}.{form}">{form}</a>' for form in ("pdf", "png", "svg"))
        yield (
            f'<figure><a href="{place}.svg"><img src="{place}.png" loading="lazy" '
            f'alt="{escape(words)}: {escape(name)}"></a>'
            f"<figcaption><b>{escape(name)}</b> {formats}</figcaption></figure>"
        )
    yield "</div>"


def _tables(plan: PlanFile) -> Iterator[str]:
    yield "<h2>Tables and data</h2>"
    yield "<table>"
    for file in LINKED:
        if file.name in plan.links:
            kind = PLAN if file.stem == PLAN.name else kind_of_file(file.stem)
            leads = f'<a href="{file.name}">{file.name}</a>'
            words = OF_FILES.get(file.name, kind.words)
            yield f"<tr><td>{leads}</td><td>{escape(words)}</td></tr>"
    yield "</table>"


def _failures(plan: PlanFile) -> Iterator[str]:
    groups = by_reason(list(read_failures(plan.file("failures"))))
    if not groups:
        return
    yield '<h2 id="failures">Failures</h2>'
    yield "<table>"
    for reason, group in list(groups.items())[:MOST_REASONS]:
        alone = f"spikesweep run {plan['sweep']} --index {group[0].index}"
        yield (
            f'<tr><td class="failed">{len(group)}</td><td>{escape(reason)}<br>'
            f"<code>{escape(alone)}</code></td></tr>"
        )
    yield "</table>"
    yield '<p class="small">All of them: <a href="failures.csv">failures.csv</a></p>'


def _earlier(labels: Iterable[str]) -> Iterator[str]:
    links = [f'<a href="figures/earlier/{label}/">{label}</a>' for label in labels]
    if links:
        yield f'<h2>Earlier figures</h2>\n<p class="small">{", ".join(links)}</p>'
