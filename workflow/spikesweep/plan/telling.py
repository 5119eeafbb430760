"""What a plan says to a person: `spikesweep plan <sweep>`."""

from spikesweep.plan.products import Plan, Product
from spikesweep.store import Store

STORE = "results/store"


def tell(plan: Plan) -> str:
    """Return what a sweep is and what would run now."""
    document = plan.template.document
    known = Store(STORE).index()
    missing = sum(bytes.fromhex(key) not in known for key in set(plan.keys))
    n = len(plan.keys)
    lines = [
        f"{plan.name}: {plan.sweep.title}",
        f"  cells        {', '.join(document['cells'])}",
        f"  mechanisms   {', '.join(sorted(plan.template.mechanisms)) or 'none'}",
        *(f"  axis         {_axis(axis)}" for axis in plan.axes),
        f"  simulations  {n} ({plan.combination.kind}) in {len(plan.batches)} jobs, "
        f"{n - missing} of them in the store",
    ]
    if plan.packing:
        lines.append(f"  not packed   {plan.packing}")
    lines += [f"  note         {note}" for note in plan.template.files.notes]
    lines.append("  would run    " + (", ".join(_would_run(plan, missing)) or "nothing"))
    return "\n".join(lines)


def _axis(axis: dict) -> str:
    values = axis["values"]
    shown = [f"{v:g}" if isinstance(v, float) else v for v in values]
    if len(shown) > 8:
        shown = [*shown[:4], "...", shown[-1]]
    return f"{axis['name']}: {', '.join(shown)} {axis['unit']}".rstrip() + f" ({len(values)})"


def _would_run(plan: Plan, missing: int) -> list[str]:
    def absent(products: list[Product]) -> list[Product]:
        return [product for product in products if not product.path.exists()]

    stages = []
    if missing and plan.library and absent([plan.library]):
        stages.append(f"mechanisms ({plan.catalogue.set_name})")
    if missing:
        stages.append(f"simulate ({missing} simulations)")
    if absent([plan.dataset]):
        stages.append("collect")
    if absent([plan.statistics]):
        stages.append("statistics")
    figures = absent(list(plan.figures.values()))
    stages += [f"figure {figure.path.stem.rpartition('_')[0]}" for figure in figures]
    return stages
