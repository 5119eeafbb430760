"""Figures of several populations: rasters in colours, and rates over time."""

import json

import numpy as np
import pandas as pd
import pytest
import quantities as pq
import xarray as xr
from elephant.statistics import mean_firing_rate, time_histogram
from matplotlib.colors import to_hex
from neo import SpikeTrain

from drawing import DEFAULTS, assert_tidy, draw, words
from spikesweep.errors import UserError
from spikesweep.figures.data import FigureData
from spikesweep.figures.population_rates_table import write_rates
from spikesweep.figures.populations import bin_edges, colours, population_rate
from spikesweep.figures.results import Numbers
from synthetic_sweep import STATUSES

END = 200.0  # ms
SIZES = {"exc": 6, "inh": 2}
SITES = [f"{name}[{i}]" for name, size in SIZES.items() for i in range(size)]
AXES = [
    {"name": "weight", "unit": "nS", "long_name": "weight of inhibition", "values": [0.0, 5.0]},
    {"name": "seed", "unit": "1", "long_name": "seed", "values": [1, 2, 3]},
]
FAILED = 5  # weight 5, seed 3


def train(simulation: int, site: str) -> np.ndarray:
    rng = np.random.default_rng([simulation, SITES.index(site)])
    times = np.cumsum(rng.exponential(20.0 if site.startswith("exc") else 10.0, 60))
    return np.empty(0) if simulation == FAILED else times[times < END]


@pytest.fixture
def network(tmp_path) -> FigureData:
    """The dataset of two populations over a weight and seeds, of which one simulation failed."""
    dims, shape = ("weight", "seed"), (2, 3)

    def over_design(values, **attrs):
        return (dims, np.reshape(values, shape), attrs)

    variables = {
        "status": over_design([0] * FAILED + [2], **STATUSES),
        "index": over_design(range(6)),
        "tstop": over_design([END] * 6),
    }
    for site in SITES:
        trains = [train(i, site) for i in range(6)]
        attrs = {"units": "ms", "at": f"{site}.soma(0.5)"}
        variables[f"n_spikes_{site}"] = over_design(
            [len(times) for times in trains], sample_dimension=f"spike_{site}"
        )
        variables[f"spike_times_{site}"] = (f"spike_{site}", np.concatenate(trains), attrs)
    xr.Dataset(
        variables,
        {axis["name"]: axis["values"] for axis in AXES},
        {"spikesweep_axes": json.dumps(AXES), "spikesweep_sites": json.dumps(SITES)},
    ).to_netcdf(tmp_path / "dataset.nc", engine="h5netcdf")
    return FigureData(tmp_path / "dataset.nc")


def test_a_population_rate_is_that_of_elephant():
    trains = [train(0, site) for site in SITES[:6]]
    expected = time_histogram(
        [SpikeTrain(times, units="ms", t_stop=END) for times in trains], 10 * pq.ms, output="rate"
    )
    rates = population_rate(trains, bin_edges((0.0, END), 10.0), END)
    np.testing.assert_allclose(rates, expected.rescale("Hz").magnitude.ravel())


@pytest.mark.parametrize(
    ("window", "width", "edges"),
    [  # whole bins alone
        ((0.0, 1.0), 0.1, np.linspace(0, 1, 11)),
        ((5.0, 26.0), 10.0, [5, 15, 25]),
        ((0.0, 4.0), 5.0, [0]),
    ],
)
def test_bins_are_whole(window, width, edges):
    np.testing.assert_allclose(bin_edges(window, width), edges)


def test_a_spike_is_in_the_bin_that_it_begins_and_none_is_after_the_end():
    # By hand: two cells; 3 spikes in 2 cells and 10 ms are 150 Hz.
    rates = population_rate([np.array([0.0, 10.0]), np.array([1.0, 2.0])], np.arange(0, 31, 10), 25)
    np.testing.assert_array_equal(rates, [150, 50, np.nan])


def test_a_raster_of_populations_has_each_in_its_colour(network):
    fig = draw("raster", network, site=["exc", "inh"], at={"weight": 5, "seed": 1})
    ticks = [one for one in fig.axes[0].collections if len(one.get_paths())]
    drawn = {
        to_hex(one.get_color()[0]): {round(p.vertices[:, 1].mean()) for p in one.get_paths()}
        for one in ticks
    }
    palette = colours([*SIZES])
    assert drawn == {palette["exc"]: {*range(6)}, palette["inh"]: {6, 7}}  # rows, upwards
    assert "exc (6 cells)" in words(fig)
    assert "inh (2 cells)" in words(fig)
    assert_tidy(fig)


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("raster", {"site": ["exc", "inh"], "by": "weight", "at": {"seed": 1}},
         ["within each weight of inhibition, upwards: exc 0 to 5, inh 0 to 1", "seed 1"]),
        ("raster", {"site": ["exc", "inh[1]"]}, ["failed simulation", "inh[1] (1 cell)"]),
        ("raster", {"site": "inh", "at": {"seed": 1}}, ["site inh[0] to inh[1]"]),
        ("population_rate", {}, ["rate (Hz)", "bins of 5 ms", "without 1 of 6 simulations",
                                 "mean ± SD over weight of inhibition and seed (n = 5",
                                 "(n = 5 simulations)"]),
        ("population_rate", {"by": "weight"}, ["weight of inhibition 0 nS", "n = 2 to 3"]),
        ("population_rate", {"at": {"weight": 0, "seed": 2}}, ["inhibition 0 nS, seed 2"]),
        ("population_rate", {"by": "weight", "at": {"seed": 3}}, ["no simulation finished"]),
        ("population_rate", {"bin": 500.0}, ["no bin of 500 ms in this window"]),
    ],
)  # fmt: skip
def test_what_figures_of_populations_say(network, kind, options, said):
    fig = draw(kind, network, **options)
    read = words(fig).replace("\n", " ")
    for text in said:
        assert text in read
    assert_tidy(fig)


def test_the_mean_of_rates_is_over_simulations_that_finished(network):
    fig = draw("population_rate", network, site="inh", by="weight", bin=20.0)
    below = next(one for one in fig.axes[1].patches if not one.get_fill())
    edges = np.arange(0, 201, 20)
    counts = [np.histogram(np.concatenate([train(i, s) for s in SITES[6:]]), edges)[0]
              for i in (3, 4)]  # fmt: skip
    np.testing.assert_allclose(below.get_data().values, np.mean(counts, 0) / 2 / 20 * 1000)


def test_an_unknown_population_is_refused(network):
    with pytest.raises(UserError, match="ink"):
        draw("raster", network, site=["exc", "ink"])


def test_trains_of_a_population_have_a_dimension_of_cells(network):
    results = Numbers("net", "", [axis | {"values": axis["values"]} for axis in AXES], network, {})
    trains = results.trains("exc")
    assert trains.dims == ("weight", "seed", "cell")
    assert trains.shape == (2, 3, 6)
    assert trains.attrs["at"] == "exc.soma(0.5)"
    np.testing.assert_array_equal(trains.sel(weight=5, seed=1, cell=4).item(), train(3, "exc[4]"))
    some = results.select(weight=5).trains("inh")
    assert some.dims == ("seed", "cell")
    np.testing.assert_array_equal(some[1, 1].item(), train(4, "inh[1]"))
    assert results.trains("exc[2]").dims == results.trains().dims == ("weight", "seed")
    with pytest.raises(UserError, match="ecx"):
        results.trains("ecx")


def table_of(network, folder, **options):
    output = folder / "population_rates.csv"
    asked = {"figure": "rates", **DEFAULTS["population_rate"], **options}
    write_rates(network, [asked], output)
    return pd.read_csv(output)


def rate_by_elephant(simulation, site):
    spikes = SpikeTrain(train(simulation, site), units="ms", t_stop=END)
    return mean_firing_rate(spikes).rescale("Hz").item()


def test_the_table_has_the_rates_of_the_window_as_elephant_has_them(network, tmp_path):
    """At each weight: two finished simulations of the second, three of the first."""
    table = table_of(network, tmp_path, by="weight", bin=10.0)
    whole = table[table["span"] == "window"].set_index(["value", "population"])
    assert (whole["start"] == 0).all()
    assert (whole["end"] == END).all()
    for (weight, population), row in whole.iterrows():
        sites = [site for site in SITES if site.startswith(population)]
        simulations = range(3) if weight == 0 else range(3, FAILED)
        rates = np.array([[rate_by_elephant(i, site) for site in sites] for i in simulations])
        assert (row["n"], row["cells"]) == (len(simulations), len(sites))
        np.testing.assert_allclose(row["rate_mean"], rates.mean())
        np.testing.assert_allclose(row["rate_sd"], rates.mean(axis=1).std(ddof=1))
        np.testing.assert_allclose(row["rate_sd_cells"], rates.std(axis=1, ddof=1).mean())


def test_bins_of_the_table_are_those_of_elephant(network, tmp_path):
    table = table_of(network, tmp_path, site="exc", at={"weight": 0}, bin=10.0)
    bins = table[table["span"] == "bin"]
    assert len(bins) == END / 10
    each = np.array([
        time_histogram([SpikeTrain(train(i, site), units="ms", t_stop=END) for site in SITES[:6]],
                       10 * pq.ms, output="rate").rescale("Hz").magnitude.ravel()
        for i in range(3)
    ])  # fmt: skip
    np.testing.assert_allclose(bins["rate_mean"], each.mean(axis=0))
    np.testing.assert_allclose(bins["rate_sd"], each.std(axis=0, ddof=1), atol=1e-9)
    assert (bins["n"] == 3).all()


def test_of_one_simulation_and_of_none_there_is_no_sd(network, tmp_path):
    one = table_of(network, tmp_path, site="inh[1]", at={"weight": 0, "seed": 2}, bin=500.0)
    assert one[["rate_sd", "rate_sd_cells"]].isna().all(axis=None)
    assert one["n"].tolist() == [1]  # of the window alone: no bin of 500 ms is in it
    none = table_of(network, tmp_path, at={"weight": 5, "seed": 3})
    assert none["rate_mean"].isna().all()
    assert (none["n"] == 0).all()


def test_rates_of_simulations_that_end_at_several_times_say_how_many_there_are(network):
    """Two of the five that finished last 100 ms: then three are left."""
    path = network._paths["dataset"]
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        dataset = opened.load()
    dataset["tstop"][0, :2] = 100.0
    dataset.to_netcdf(path, engine="h5netcdf")
    read = words(draw("population_rate", FigureData(path))).replace("\n", " ")
    assert "(n = 3 to 5 simulations, each until it ends)" in read
    early = draw("population_rate", FigureData(path), window=(0.0, 100.0))
    assert "(n = 5 simulations" in words(early).replace("\n", " ")


def test_figures_say_of_how_many_cells_a_mean_is(network, tmp_path):
    """Of simulation i the first i + 1 cells of six have a CV, at most three; all have a count."""
    dataset = network._paths["dataset"]
    rows = [
        {"index": i, "site": f"exc[{cell}]", "n_spikes": 3, "n_spikes_lower": 3}
        | ({"cv": 0.5} if cell <= min(i, 2) else {})
        for i in range(6)
        for cell in range(6)
    ]
    table = pd.DataFrame(rows)
    table[["n_spikes", "cv"]] = table[["n_spikes", "cv"]].mask(table["index"] == FAILED)
    table.to_csv(tmp_path / "statistics.csv", index=False)
    data = FigureData(dataset, tmp_path / "statistics.csv")
    for kind, options in (
        ("curve", {"x": "weight", "by": None}),
        ("curve", {"x": "weight", "by": None, "band": "sd"}),
        ("heatmap", {"x": "weight", "y": "seed"}),
        ("scatter", {"x": "weight", "by": None}),
    ):
        read = words(draw(kind, data, **{"of": "cv"} | options)).replace("\n", " ")
        assert "mean over the 1 to 3 of 6 cells that have a value" in read
        read = words(draw(kind, data, **{"of": "n_spikes"} | options)).replace("\n", " ")
        assert "mean over 6 cells" in read
    read = words(draw("pairs", data, of=["cv", "n_spikes"])).replace("\n", " ")
    assert "mean over the 1 to 6 of 6 cells that have a value" in read
