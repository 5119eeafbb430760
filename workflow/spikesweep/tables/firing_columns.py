"""What `results/<sweep>/firing_classes.csv` holds; read without NumPy."""

from spikesweep.products.column import Column
from spikesweep.tables.columns import IDENTITY

COLUMNS = {
    **IDENTITY,
    "firing_class": Column(
        "",
        "class of firing",
        "silent, single spike, tonic, bursting or block, as figures of kind firing_map colour it; "
        "empty where the simulation failed",
    ),
    "firing_class_lower": Column(
        "",
        "class of firing, counted lower",
        "as firing_class, of the spikes by a threshold 10 mV lower: where the two differ, the "
        "class hangs on the threshold",
    ),
    "held_potential": Column(
        "mV",
        "held potential",
        "mean potential in the last fifth of the window, by which block is told from silence; "
        "empty where there are two spikes or more, or no trace of it",
    ),
}
