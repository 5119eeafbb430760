"""What made the products of one plan others than those of an earlier one, in words.

Plans are given as their files say them (`Plan.contents`).
"""

from spikesweep.comparing.changes import (
    NOT_KNOWN,
    Json,
    axis_changes,
    code_changes,
    design_changes,
    difference,
    differences,
    document_changes,
    recipe_changes,
    slot_changes,
)
from spikesweep.products.code import import_closure
from spikesweep.products.stages import SIMULATION_CODE
from spikesweep.products.table import BATCH, REFINED, product_name

# In words.
RECORDED = {"traces": "trace", "movies": "movie", "spikes": "detector", "features": "features"}


def model_changes(old: Json, new: Json) -> list[str]:
    """Return what can have made keys new: axes without their labels, document, engine."""
    lines = _axes_changes(old, new) + design_changes(old["design"], new["design"])
    lines += slot_changes(old, new)
    documents = (_with_known_times(plan) for plan in (old, new))
    return lines + document_changes(*documents, engine_changes(old, new))


def _with_known_times(plan: Json) -> Json:
    """Return a plan's document, in which times that follow from another sweep are not known while
    that has not run; there they are none."""
    read = plan.get("late", {}).get("options", {}).get("spikes", {}) if "unknown" in plan else {}
    document = plan["document"]
    if not read:
        return document
    processes = {
        name: {**process, "times": NOT_KNOWN} if name in read else process
        for name, process in document["protocol"]["processes"].items()
    }
    return {**document, "protocol": {**document["protocol"], "processes": processes}}


def _axes_changes(old: Json, new: Json) -> list[str]:
    """Return how the axes differ, without their labels.

    Where the points of one plan are not known yet, of both what the files ask for is compared: its
    values are those of the rounds before.
    """
    found = [[{**axis, "long_name": ""} for axis in one["axes"]] for one in (old, new)]
    if not any("unknown" in one for one in (old, new)):
        return axis_changes(*found)
    asked = [
        [{**axis, "long_name": ""} for axis in one.get("late", one)["axes"]] for one in (old, new)
    ]
    before, after = ({axis["name"]: axis["values"] for axis in axes} for axes in found)
    unlike = [name for name in before if name in after and before[name] != after[name]]
    return axis_changes(*asked) + [f"axis {name}: values not known yet" for name in unlike]


def late_changes(old: Json, new: Json) -> list[str]:
    """Return why other simulations may follow from results: by two plans whose designs do."""
    before, after = (plan.get("late", {}) for plan in (old, new))
    if not before or not after or before == after:
        return []
    options = (plan["options"] for plan in (before, after))
    lines = [difference(("design", *path), *ends) for path, *ends in differences(*options)]
    if before["code"] != after["code"]:
        lines.append("the code that finds simulations")
    criteria = ({n: p["criteria"] for n, p in plan.get("populations", {}).items()}
                for plan in (old, new))  # fmt: skip
    changed = dict.fromkeys(path[0] for path, *_ in differences(*criteria))
    lines += [f"the criteria of {name}" for name in changed]
    return lines or ["what its simulations are found from"]


def record_changes(old: Json, new: Json) -> list[str]:
    """Return how what is recorded differs, by two documents: "trace ca is new"."""
    lines = []
    for part, word in RECORDED.items():
        parts = (one["record"].get(part, {}) for one in (old, new))
        named = [(path[0], *ends) for path, *ends in differences(*parts)]
        before, after = (one["record"].get(part, {}) for one in (old, new))
        renamed = _renamed(before, after)
        lines += [f"{word} {name} is named {now} now" for name, now in renamed.items()]
        told = {*renamed, *renamed.values()}
        for name in dict.fromkeys(name for name, *_ in named if name not in told):
            fate = "new" if name not in before else "gone" if name not in after else "another"
            lines.append(f"{word} {name} is {fate}")
    precisions = [one["record"]["precision"] for one in (old, new)]
    if len(set(precisions)) > 1:
        lines.append("precision {} -> {}".format(*precisions))
    for path, *ends in differences(old.get("recording", {}), new.get("recording", {})):
        lines.append(difference(("recording", *path), *ends))
    return lines


def _renamed(before: Json, after: Json) -> dict[str, str]:
    """Return the new names, by the old ones, of what is recorded alike under another name."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    pairs = {}
    for name in gone:
        if same := [other for other in new if after[other] == before[name]]:
            pairs[name] = same[0]
            new.remove(same[0])
    return pairs


def engine_changes(old: Json, new: Json) -> list[str]:
    """Return how the code that simulates differs, which is a part of every key.

    Which of a batch's modules it is, is told by those of today.
    """
    simulation = import_closure(SIMULATION_CODE)
    maps = (
        {m: h for m, h in one["code"][BATCH.stage].items() if m in simulation} for one in (old, new)
    )
    return code_changes(*maps) or ["code of the simulation: changed"]


def stage_code_changes(old: Json, new: Json, stage: str) -> list[str]:
    """Return how the code of a stage differs; all of it is new where there was no such stage."""
    return code_changes(old["code"].get(stage, {}), new["code"][stage])


def product_changes(old: Json, new: Json, product: str) -> list[str]:
    """Return what made a product of the new plan another than the one that the old plan names.

    Args:
        product: its file name in the new plan.
    """
    before = same_product(old, new, product)
    if before is None:
        return ["new"]
    recipes = old["products"][before], new["products"][product]
    stage = recipes[1]["stage"]
    reasons = []
    if all("document" in recipe for recipe in recipes):
        reasons += model_changes(old, new)
    if all("built" in recipe for recipe in recipes):
        documents = (recipe["built"] for recipe in recipes)
        reasons += document_changes(*documents, engine_changes(old, new))
    if all("keys" in recipe for recipe in recipes):
        reasons += late_changes(old, new)
    reasons += recipe_changes(*recipes)
    if recipes[0]["stage"] == stage:
        reasons += stage_code_changes(old, new, stage)
    return list(dict.fromkeys(reasons))


def same_product(old: Json, new: Json, product: str) -> str | None:
    """Return the file name that the old plan gives to a product of the new one; None without it."""
    if product in old["products"]:
        return product
    stem = product_name(product)
    # Rounds and refined simulations have tables of the same names as the sweep itself.
    own, own_before = (
        {file for name, file in plan["files"].items() if name != REFINED} for plan in (new, old)
    )
    stage = new["products"][product]["stage"].partition(".")[0]
    for name, recipe in old["products"].items():
        is_alike = (name in own_before) == (product in own)
        if is_alike and recipe["stage"].partition(".")[0] == stage and product_name(name) == stem:
            return name
    return None
