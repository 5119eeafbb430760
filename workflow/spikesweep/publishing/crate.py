"""The description of a bundle as an RO-Crate: `ro-crate-metadata.json`.

It follows the Provenance Run Crate profile: the workflow's run, and each stage's run with what it
read and made. The engine's own times are left out: the same results have the same description.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from spikesweep.products.table import stage_words

METADATA = "ro-crate-metadata.json"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
# A term of https://w3id.org/ro/terms/workflow-run, here so that readers need no network for it.
_TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
_SPDX = "https://spdx.org/licenses/"
_OWN_LICENCE = "BSD-3-Clause"  # of spikesweep, not of what is made with it
_NO_LICENCE = "No licence was chosen: ask the authors."  # a crate must say something
_FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".nc": "application/x-netcdf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}
WORKFLOWS = ("workflow/Snakefile", "Snakefile")  # of this repository; of a project of one's own

Places = Mapping[str, str]  # file name of a product -> where it lies in the bundle


def crate_metadata(
    lineage: Mapping[str, Any],
    sweeps: Sequence[tuple[Mapping[str, Any], Places]],
    figures: Places,
    hashes: Mapping[str, str],
    about: Mapping[str, Any],
) -> bytes:
    """Return the text of `ro-crate-metadata.json`.

    Args:
        lineage: of the sweep, as `lineage.lineage` returns it, or of the figure set.
        sweeps: the lineage of each sweep, and where its products lie in the bundle.
        figures: where those of the figure set lie; none of a sweep.
        hashes: SHA-256 of the files that are to be described, by their names in the bundle.
        about: authors, licence and subject, as the sweep file says them.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")  # that of the profiles
    crate.metadata.extra_terms.update(_TERMS)
    crate.name = lineage["title"]
    crate.description = f"The {_what(lineage)} at commit {lineage['commit']}"
    crate.datePublished = datetime.fromisoformat(lineage["date"])
    crate.root_dataset["conformsTo"] = [
        _add(crate, url, "CreativeWork", name=name, version=version)
        for url, (name, version) in _PROFILES.items()
    ]
    files = {name: _file(crate, name, sha256) for name, sha256 in sorted(hashes.items())}
    _add_about(crate, about)
    _add_runs(crate, lineage, sweeps, figures, files)
    text = json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()


def _what(lineage: Mapping[str, Any]) -> str:
    is_set = "figure_set" in lineage
    return f"figure set {lineage['figure_set']}" if is_set else f"sweep {lineage['sweep']}"


def _file(crate, name: str, sha256: str):
    suffix = name[name.rfind(".") :]
    properties = {
        "name": name.rpartition("/")[2],
        "sha256": sha256,
        "encodingFormat": _FORMATS.get(suffix, "text/plain"),
    }
    if name in WORKFLOWS:
        kinds = ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
        properties |= {"@type": kinds, "name": "spikesweep"}
        workflow = crate.add_workflow(
            dest_path=name, main=True, lang="snakemake", properties=properties
        )
        workflow["license"] = _licence(crate, _OWN_LICENCE)
        return workflow
    return crate.add_file(dest_path=name, properties=properties)


def _add_about(crate, about: Mapping[str, Any]) -> None:
    """Say whose the results are, what of, and under which licence, if one was chosen."""
    licence = about.get("licence")
    crate.license = _licence(crate, licence) if licence else _NO_LICENCE
    authors = [
        _author(crate, author, f"#author-{i}") for i, author in enumerate(about.get("authors", ()))
    ]
    if authors:
        crate.root_dataset["author"] = authors
    if "doi" in about:
        crate.root_dataset["identifier"] = f"https://doi.org/{about['doi']}"
    subjects = [
        _add(crate, f"#{what}", "DefinedTerm", name=about[what], termCode=what)
        for what in ("species", "region", "cell_type")
        if what in about
    ]
    if subjects:
        crate.root_dataset["about"] = subjects


def _licence(crate, licence: str):
    """Return a licence, an identifier of spdx.org or an address."""
    url = licence if "://" in licence else f"{_SPDX}{licence}"
    return crate.dereference(url) or _add(crate, url, "CreativeWork", name=licence)


def _author(crate, author: Mapping[str, str], number: str):
    orcid = author.get("orcid")
    identifier = f"https://orcid.org/{orcid}" if orcid else number
    named = {"name": author["name"]}
    if affiliation := author.get("affiliation"):
        named["affiliation"] = affiliation
    return _add(crate, identifier, "Person", **named)


def _add(crate, identifier: str, kind: str, **properties: Any):
    from rocrate.model.contextentity import ContextEntity

    return crate.add(ContextEntity(crate, identifier, {"@type": kind, **properties}))


def _add_runs(crate, lineage: Mapping[str, Any], sweeps, figures: Places, files) -> None:
    """Add the run of the workflow and that of each of its stages."""
    workflow = crate.mainEntity
    sources = [files[name] for name in lineage["sources"]]
    runs = [run for sweep, places in sweeps for run in _runs_of_sweep(crate, sweep, places, files)]
    runs += _runs_of_figures(crate, lineage, sweeps, figures, files)
    steps, controls, actions = zip(*runs, strict=True)
    workflow["step"] = list(steps)
    workflow["hasPart"] = list(
        {action["instrument"].id: action["instrument"] for action in actions}.values()
    )
    every = [place for places in (*(p for _, p in sweeps), figures) for place in places.values()]
    results = [files[place] for place in dict.fromkeys(every)]
    parameters = [
        _parameter(crate, workflow, name, entity, kind)
        for kind, entities in (("input", sources), ("output", results))
        for name, entity in ((e.id, e) for e in entities)
    ]
    workflow["input"] = parameters[: len(sources)]
    workflow["output"] = parameters[len(sources) :]
    run = _add(
        crate, "#run", "CreateAction", name=lineage["command"], description=lineage["command"],
        instrument=workflow, object=sources, result=results,
    )  # fmt: skip
    engine = _add(
        crate, "#snakemake", "SoftwareApplication", name="Snakemake",
        url="https://snakemake.github.io", softwareVersion=lineage["versions"]["snakemake"],
    )  # fmt: skip
    organized = _add(
        crate, "#organization", "OrganizeAction", name="Snakemake ran the stages",
        instrument=engine, object=list(controls), result=run,
    )  # fmt: skip
    crate.root_dataset["mentions"] = [run, organized, *actions]


def _runs_of_sweep(crate, lineage: Mapping[str, Any], places: Places, files) -> Iterator[tuple]:
    """Add and yield the runs of the stages of a sweep."""
    sweep = lineage["sweep"]
    sources = [files[name] for name in lineage["sources"]]
    keys = _add(
        crate, f"#keys-{sweep}", "PropertyValue", name="keys of the simulations",
        value=lineage["simulations"]["keys"],
    )  # fmt: skip
    yield _stage(crate, lineage, "simulate", sources, [keys], f"{sweep}-simulate")
    for name, product in lineage["products"].items():
        if product["stage"] == "mechanisms" or not product.get("files"):
            continue
        read = [
            files[places[file]]
            for other in product["from"]
            for file in lineage["products"][other].get("files", {})
            if file in places
        ]
        made = [files[places[file]] for file in product["files"] if file in places]
        start = [keys] if product["stage"] == "collect" else sources
        yield _stage(crate, lineage, product["stage"], read or start, made, f"{sweep}-{name}")


def _runs_of_figures(crate, lineage, sweeps, figures: Places, files) -> Iterator[tuple]:
    """Add and yield the runs that drew the figures of a figure set."""
    tables = {
        (sweep["sweep"], product["fingerprint"]): [
            files[places[file]] for file in product.get("files", {}) if file in places
        ]
        for sweep, places in sweeps
        for product in sweep["products"].values()
    }
    for name, figure in lineage.get("figures", {}).items() if figures else ():
        read = {}
        for panel in figure["panels"].values():
            own = [panel["image"]] if "image" in panel else [*panel.get("sources", ())]
            read |= {path: files[path] for path in own}
            for digest in panel.get("reads", {}).values():
                read |= {file.id: file for file in tables[panel["sweep"], digest]}
            for digest in panel.get("reads_minus", {}).values():
                read |= {file.id: file for file in tables[panel["minus"], digest]}
        made = [files[figures[file]] for file in figure["files"] if file in figures]
        yield _stage(crate, lineage, "panels", [*read.values()], made, f"panels-{name}")


def _stage(crate, lineage, stage: str, read: list, made: list, name: str):
    """Add the run of one stage; return its step, who controlled it, and what was done."""
    kind = stage.partition(".")[0]
    words = "the simulations" if stage == "simulate" else stage_words(stage)
    tool = crate.dereference(f"#spikesweep-{kind}") or _add(
        crate, f"#spikesweep-{kind}", "SoftwareApplication", name=f"spikesweep make ({kind})",
        url="https://nrn.readthedocs.io" if stage == "simulate" else "https://snakemake.github.io",
        softwareVersion=lineage["label"],
    )  # fmt: skip
    step = _add(
        crate, f"#step-{name}", "HowToStep", name=words, 
        workExample=tool,
    )  # fmt: skip
    action = _add(
        crate, f"#run-{name}", "CreateAction", name=f"made {words}", instrument=tool, object=read,
        result=made,
    )  # fmt: skip
    control = _add(
        crate, f"#control-{name}", "ControlAction", name=f"started {words}", instrument=step,
        object=action,
    )  # fmt: skip
    return step, control, action


def _parameter(crate, workflow, name: str, entity, kind: str):
    profile = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
    parameter = _add(
        crate, f"#{kind}-{name}", "FormalParameter", name=name, additionalType="File",
        conformsTo={"@id": profile}, workExample=entity,
    )  # fmt: skip
    entity["exampleOfWork"] = parameter
    return parameter
