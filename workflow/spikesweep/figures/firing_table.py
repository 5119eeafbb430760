"""The table of how cells fire: the classes that firing maps colour, a row a simulation and site."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spikesweep.figures.data import FigureData
from spikesweep.figures.firing import classes, held_potentials
from spikesweep.products.atomic import written
from spikesweep.tables.firing_columns import COLUMNS


def write_classes(data: FigureData, sites: Sequence[str | None], output: Path) -> None:
    """Write the class of each simulation at each site, in the order of the simulations.

    Args:
        sites: that firing maps ask for, None for the first of the sweep; of copies the first.
    """
    named = dict.fromkeys(data.copies(site)[0] for site in sites)
    table = pd.concat([_of_site(data, site) for site in named])
    table = table.sort_values("index", kind="stable")
    first, second, *others = COLUMNS
    with written(output) as temporary:
        table[[first, *data.axes, second, *others]].to_csv(
            temporary, index=False, lineterminator="\n"
        )


def _of_site(data: FigureData, site: str) -> pd.DataFrame:
    rows = data.simulations
    statuses = data.statistics.drop_duplicates("index").set_index("index")["status"]
    held = held_potentials(data, site, rows)
    return rows.assign(
        status=rows["index"].map(statuses),
        site=site,
        firing_class=classes(data, site, rows).reindex(rows.index),
        firing_class_lower=classes(data, site, rows, lower=True).reindex(rows.index),
        held_potential=held.reindex(rows.index).astype(np.float64),
    )
