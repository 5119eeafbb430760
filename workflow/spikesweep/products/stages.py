"""Recipes: the code, the packages and all else that decide what a stage makes.

A stage's recipe is everything that can change its product; the fingerprint of the recipe is in
the product's name. A job compares the recipe that it was planned with to the code and packages
that it runs, so sources that are edited during a run never mix old with new.
"""

import platform
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products.code import PACKAGE, byte_hashes, code_hash, code_hashes
from spikesweep.products.fingerprint import DIGITS, file_hash, fingerprint, versions
from spikesweep.products.table import MECHANISMS, split_stage

# What can change a trajectory, and so belongs to every key; and how it is recorded.
SIMULATION_CODE = ("spikesweep.simulation.together",)
RECORDING_CODE = ("spikesweep.recording.recordings",)


def code(stage: str) -> dict[str, str]:
    """Return the hashes of a stage's modules; the recipe holds the fingerprint of them all."""
    return code_hashes(*modules(stage))


def modules(stage: str) -> tuple[str, ...]:
    """Return the modules that decide what a stage makes; `figure.heatmap` draws heat maps."""
    kind, of = split_stage(stage)
    return kind.code(of)


def recipe(stage: str, **inputs: Any) -> dict[str, Any]:
    """Return everything that can change what a stage makes, as plain JSON."""
    kind, _ = split_stage(stage)
    return {
        "stage": stage,
        "code": code_hash(*modules(stage)),
        "versions": versions(kind.packages),
        **({"data": data_hash(kind.data)} if kind.data else {}),
        **inputs,
    }


def engine() -> dict[str, str]:
    """Return what integrates a model: a part of every simulation's key."""
    return {
        **versions(["neuron"]),
        "architecture": platform.machine(),
        "code": code_hash(*SIMULATION_CODE),
    }


@cache
def data_hash(folder: str) -> str:
    """Return one hash for the files of a folder of this package: of their names and bytes."""
    files = sorted(path for path in (PACKAGE / folder).iterdir() if path.is_file())
    return fingerprint({path.name: file_hash(path) for path in files})


def library_recipe(sources: Mapping[str, str]) -> dict[str, Any]:
    """Return the recipe of a compiled mechanism set.

    Args:
        sources: hash of each mechanism's normalised source, by name.
    """
    return recipe(MECHANISMS.stage, sources=dict(sources), architecture=platform.machine())


def short(recipe: dict[str, Any]) -> str:
    """Return the digits of a recipe's fingerprint that stand in the product's name."""
    return fingerprint(recipe)[:DIGITS]


def check_recipe(
    recipe: dict[str, Any],
    product: Path,
    planned: Mapping[str, str],
    read: Mapping[str, str],
) -> None:
    """Refuse to make a product with other code or packages than it was planned with.

    Args:
        planned: the hash of each module's code when the plan was made.
        read: that of the bytes that it was read from. As long as these are the same, so is the
            code, and it need not be parsed: that takes longer than a batch that finds all it
            asks for in the store.

    Raises:
        UserError: sources or packages changed since the run began.
    """
    if short(recipe) not in product.name:
        raise UserError(
            f"{product}: its recipe has the fingerprint {short(recipe)}; expected the one in the "
            "name. The plan was damaged: delete it and run snakemake again"
        )
    changed = []
    same_bytes = fingerprint(planned) == recipe["code"] and read == _byte_hashes(planned)
    if not same_bytes and code_hash(*modules(recipe["stage"])) != recipe["code"]:
        changed.append(f"the code of the stage {recipe['stage']}")
    kind, _ = split_stage(recipe["stage"])
    if kind.data and data_hash(kind.data) != recipe["data"]:
        changed.append(f"what lies in {kind.data}")
    installed = versions(recipe["versions"])
    changed += [p for p, version in recipe["versions"].items() if installed.get(p) != version]
    if changed:
        raise UserError(
            f"{product}: {_and(changed)} changed while this run was going on; "
            "nothing was made. Run snakemake again: it makes what the new sources ask for"
        )


def _byte_hashes(modules: Iterable[str]) -> dict[str, str]:
    try:
        return byte_hashes(modules)
    except FileNotFoundError:
        return {}


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
