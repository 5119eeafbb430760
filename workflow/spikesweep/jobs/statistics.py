"""The job that makes the statistics table and the table of intervals."""

from pathlib import Path

from spikesweep.products.plan_file import read_plan
from spikesweep.products.sidecar import check_dataset, write_origin
from spikesweep.tables.columns import COLUMNS, IDENTITY, ISI_COLUMNS, Column, feature_names
from spikesweep.tables.statistics import write_tables


def make_statistics(plan_path: Path, output: Path) -> None:
    """Write the statistics table, the table of intervals and, beside each, its origin."""
    plan = read_plan(plan_path)
    recipe = plan.recipe(output)
    dataset, isi = plan.folder / plan["dataset"], plan.folder / plan["isi"]
    check_dataset(dataset, plan.fingerprint(dataset))
    window = recipe["window"]
    write_tables(
        dataset,
        output,
        isi,
        window=tuple(window) if window else None,
        refractory=recipe["refractory"],
        bounds=recipe["bounds"],
    )
    axes = {axis["name"]: Column(axis["unit"], axis["long_name"], "axis") for axis in plan["axes"]}
    features = {
        name: Column(**plan["quantities"][name], definition="of the waveform, by eFEL")
        for name in feature_names(plan["document"]["record"])
    }
    columns = {**IDENTITY, **axes, **COLUMNS, **features}
    made = plan.origin(output)
    what = plan.specification
    write_origin(output, made, columns=columns, specification=what)
    identity = {name: IDENTITY[name] for name in ("index", "site")}
    write_origin(isi, made, columns={**identity, **axes, **ISI_COLUMNS}, specification=what)
