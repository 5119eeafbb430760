"""What the tests of the dataset share: plans of sweeps, and made-up results of them in a store."""

import itertools
from contextlib import contextmanager

import xarray

from spikesweep.products.items import Items
from spikesweep.store.store import Store
from spikesweep.tables.collect import collect
from spikesweep.tables.names import feature_names
from synthetic import key

SOMA = ["pyramidal", "soma", 0, 0.5]
DOSE = {"name": "dose", "unit": "uM", "long_name": "dose of 4-AP", "values": [0.1, 30.0, 1000.0]}
CELSIUS = {"name": "celsius", "unit": "degC", "long_name": "temperature", "values": [26, 36]}
CELL = {"name": "cell", "unit": "", "long_name": "", "values": ["Zelle_1.swc", "細胞.swc"]}


def a_plan(*axes, kind="grid", **changes):
    """Return the plan of a sweep that records v at 5 samples and the spikes of one site."""
    shape = [len(axis["values"]) for axis in axes]
    return {
        "sweep": "block",
        "title": "Kaliumkanäle über die Temperatur — 温度",
        "specification": {"title": "Kaliumkanäle"},
        "axes": list(axes),
        "design": {"kind": kind, "shape": shape if kind == "grid" else shape[:1]},
        "record": {
            "precision": "float32",
            "traces": {"v_soma": {"at": SOMA, "variable": "v", "every": 0.1}},
            "spikes": {"soma": {"at": SOMA, "threshold": 0, "times": "netcon"}},
        },
        "quantities": {"v_soma": {"unit": "mV", "long_name": "membrane potential"}},
        "tstop": 0.4,
        **changes,
    }


def rows_of(plan, names):
    """Return index, key and values of the axes of simulations with these names."""
    columns = [axis["values"] for axis in plan["axes"]]
    grid = plan["design"]["kind"] == "grid"
    values = itertools.product(*columns) if grid else zip(*columns, strict=True)
    return [
        (index, key(name), point)
        for index, (name, point) in enumerate(zip(names, values, strict=True))
    ]


def stored(folder, results, sizes=(2,)):
    """Return a store of the results, in segments of these sizes in turn."""
    store, results, sizes = Store(folder), list(results), itertools.cycle(sizes)
    while results:
        size = next(sizes)
        store.commit(store.write(results[:size]))
        results = results[size:]
    return store


class Named(Items):
    """What a sweep records, where the store has it under the sweep's own names."""

    addresses = None  # found by key alone

    def __init__(self, record):
        self.names = {}
        self.traces = {trace: trace for trace in record["traces"]}
        self.movies = {movie: movie for movie in record.get("movies", {})}
        self.spikes = {site: site for site in record["spikes"]}
        self.features = {name: name for name in feature_names(record)}


def collect_named(plan, names, store, output, outcomes=None, fingerprint=""):
    """Collect the results of simulations with these names, see `collect`."""
    rows = rows_of(plan, names)
    items = [Named(plan["record"])] * len(rows)
    collect(plan, rows, items, outcomes or {}, store, output, fingerprint)


@contextmanager
def collecting(folder):
    """Give a function that collects results in a folder and opens the dataset; close them all."""
    opened = []

    def collected(plan, results, outcomes=None, names=None, sizes=(2,)):
        names = range(len(results)) if names is None else names
        store = stored(folder / "store", results, sizes)
        output = folder / "dataset.nc"
        collect_named(plan, names, store, output, outcomes, "f" * 64)
        assert sorted(path.name for path in folder.iterdir()) == ["dataset.nc", "store"]
        opened.append(xarray.open_dataset(output))
        return opened[-1]

    yield collected
    for ds in opened:
        ds.close()
