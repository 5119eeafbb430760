"""The lineage of a sweep's products: everything that they were made from, as plain JSON.

    sweep, title, command           what it is, and how to make it
    label, commit, date             the git label; the full commit; when it was committed
    patch, changed_files            where the tree was dirty: the SHA-256 of the patch
    plan                            file name and fingerprint of the plan
    specification                   axes, design, the document that all simulations share, and the
                                    places in it that the axes fill
    spikesweep                      version of the package that ran, and the hash of its files
    engine                          NEURON's version, the architecture, the code that simulates
    simulations                     how many, and the fingerprint of their keys
    sources                         SHA-256 of the sweep file, mechanisms, morphologies, tables
    mechanisms                      the set; the hash of each used mechanism's normalised source
    morphologies                    path -> the hash of what counts of it
    products                        file name -> stage, fingerprint, what it was made from, the
                                    criteria of a population, the earlier
                                    round that it is of where the design grows,
                                    SHA-256 of the files, Python and platform that made it
    versions                        of the packages that made them

It names no user and no machine, and no path but those inside the project. The date is the
commit's: the same results at the same commit have the same lineage on any day.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spikesweep.lineage.git_label import PROVENANCE, GitState
from spikesweep.products import engine
from spikesweep.products.fingerprint import file_hash, fingerprint, versions
from spikesweep.products.plan_file import PlanFile
from spikesweep.products.sidecar import read_origin, sidecars
from spikesweep.products.table import BATCH, MECHANISMS, REFINED, file_names


def lineage(plan: PlanFile, state: GitState) -> dict[str, Any]:
    """Return the lineage that all products of a sweep share; reads what lies beside them.

    Raises:
        UserError: what lies beside a product is damaged.
    """
    document = plan["document"]
    statistics = plan["products"][plan.file("statistics").name]
    return {
        "sweep": plan["sweep"],
        "title": plan["title"],
        "command": f"snakemake --cores 8 {plan['sweep']}",
        "label": state.label,
        "commit": state.commit,
        "date": state.date,
        "patch": state.patch_hash,
        "changed_files": list(state.dirty_files),
        "plan": {"file": plan.path.name, "fingerprint": plan["fingerprint"]},
        "specification": {
            **plan.specification,
            "effects": plan["effects"],
            "statistics": {name: statistics[name] for name in ("window", "refractory")},
        },
        "spikesweep": engine.identity(),
        "engine": document["engine"],
        "simulations": {
            "count": plan["simulations"],
            "keys": plan["products"][plan.file("dataset").name]["keys"],
        },
        "sources": {path: file_hash(Path(path)) for path in plan["sources"]},
        "mechanisms": {"set": _set_name(plan), "used": plan["mechanisms"]},
        "morphologies": {path: sha256 for sha256, path in plan["morphologies"].items()},
        "products": dict(_products(plan)),
        "versions": _versions(plan),
    }


def figure_lineage(shared: Mapping[str, Any], plan: PlanFile, figure: str) -> dict[str, Any]:
    """Return the lineage of one figure, without the sweep's other figures."""
    product = plan["figures"][figure]
    recipe = plan["products"][product]
    others = {name for name in plan["figures"].values() if name != product}
    return {
        **shared,
        "figure": figure,
        "fingerprint": fingerprint(recipe),
        "options": recipe["options"],
        "products": {n: entry for n, entry in shared["products"].items() if n not in others},
    }


def record_path(sweep: str, label: str) -> Path:
    """Return where the lineage of a sweep's products is kept, also of those without a commit."""
    return PROVENANCE / f"{sweep}_{label}.json"


def patch_path(patch_hash: str) -> Path:
    """Return where a patch is kept, by its SHA-256."""
    return PROVENANCE / f"{patch_hash}.patch"


def _set_name(plan: PlanFile) -> str | None:
    return Path(plan["library"]).name.rpartition("_")[0] if plan["library"] else None


def _versions(plan: PlanFile) -> dict[str, str]:
    every = versions(["snakemake"])
    for recipe in plan["products"].values():
        every |= recipe["versions"]
    return dict(sorted(every.items()))


def _products(plan: PlanFile) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield file name and entry of each product but those of the simulations' many jobs."""
    names_of = {fingerprint(recipe): name for name, recipe in plan["products"].items()}
    refined, rounds = _refined(plan, names_of), plan.contents.get("round_of", {})
    for name, recipe in plan["products"].items():
        if recipe["stage"] == BATCH.stage:
            continue
        yield (
            Path(name).name,
            {
                "stage": recipe["stage"],
                "fingerprint": fingerprint(recipe),
                "from": sorted({names_of[read] for read in recipe.get("reads", {}).values()}),
                **({"refined": True} if name in refined else {}),
                **({"round": rounds[name]} if name in rounds else {}),
                **({"criteria": recipe["accept"]["criteria"]} if recipe.get("accept") else {}),
                **_made(plan, name, recipe["stage"]),
            },
        )


def _refined(plan: PlanFile, names_of: Mapping[str, str]) -> set[str]:
    """Return the file names of what is made of the simulations that run again for trust."""
    products = plan["products"]
    reads = [recipe.get("reads", {}) for recipe in products.values()]
    waiting = [names_of[read[REFINED]] for read in reads if REFINED in read]
    found: set[str] = set()
    while waiting:
        found.add(name := waiting.pop())
        waiting += [names_of[read] for read in products[name].get("reads", {}).values()]
    return found


def _made(plan: PlanFile, name: str, stage: str) -> dict[str, Any]:
    """Return the hashes of a product's files and what they were made on; nothing where it is gone.

    The library may be: where the store has all results, nobody needs it.
    """
    is_library = stage == MECHANISMS.stage
    library = Path(plan["library"] or "") / "mechanisms.json"
    files = [plan.folder / file for file in file_names(stage, name)]
    described = [library] if is_library else sidecars(files)
    product = library.parent if is_library else plan.folder / name
    origins = [read_origin(path, product) for path in described if path.is_file()]
    if not origins:
        return {}
    files = {file: sha256 for origin in origins for file, sha256 in origin["files"].items()}
    # A compiler writes its folder into a library: its bytes are others wherever it is compiled.
    return {"files": {} if is_library else files, "made_on": origins[0]["made_on"]}
