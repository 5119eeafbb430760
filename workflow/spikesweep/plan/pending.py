"""What of a plan would be made, and simulated."""

from collections.abc import Callable, Collection
from pathlib import Path

from spikesweep.plan.product import Product
from spikesweep.plan.products import Plan


def pending(plan: Plan, exists: Callable[[Path], bool]) -> list[Product]:
    """Return the products of a plan that would be made, in the order of the stages.

    As Snakemake decides it: a product that exists needs nothing, one that is missing needs all
    that it is made from.
    """
    makes = {path: product for product in plan.every for path in product.files}
    waiting = [
        product
        for product in (*plan.tables, *plan.figures.values())
        if not all(map(exists, product.files))
    ]
    missing = set()
    while waiting:
        product = waiting.pop()
        if product.path in missing:
            continue
        missing.add(product.path)
        needed = plan.inputs.get(product.path.name, ())
        # What another sweep makes, such as its population or spikes, stands in that one's plan.
        waiting += [makes[path] for path in needed if path in makes and not exists(path)]
    return [product for product in plan.every if product.path in missing]


def new_keys(plan: Plan, products: list[Product], lacking: Collection[int]) -> list[str]:
    """Return the keys that the store lacks, or lacks items of, of the batches among products."""
    lacking = set(lacking)
    paths = {product.path for product in products}
    keys = (
        plan.keys[i]
        for batch, product in zip(plan.batches, plan.simulations, strict=True)
        if product.path in paths
        for i in batch
        if i in lacking
    )
    return list(dict.fromkeys(keys))
