"""What `results/<sweep>/population_rates.csv` holds; read without NumPy."""

from spikesweep.products.column import Column

MS_PER_S = 1000
COLUMNS = {
    "figure": Column("", "figure", "name of the population_rate figure that draws the rates"),
    "population": Column("", "population", "the spike site whose copies its cells have"),
    "cells": Column("", "number of cells", "of the population"),
    "by": Column("", "panel axis", "the axis with a panel a value"),
    "value": Column("", "value of the panel axis", "to which the rates belong"),
    "span": Column("", "span", "window: the figure's window as a whole; bin: one bin of it"),
    "start": Column("ms", "start", "of the window or bin"),
    "end": Column("ms", "end", "of the window or bin"),
    "rate_mean": Column(
        "Hz",
        "mean rate",
        "spikes of all cells per cell and time, A(t) of Gerstner et al. (2014), mean over "
        "simulations",
    ),
    "rate_sd": Column("Hz", "SD of the rate", "over simulations, ddof 1; two or more of them"),
    "n": Column("", "number of simulations", "that finished and last to the end of the bin"),
    "rate_sd_cells": Column(
        "Hz",
        "SD over cells",
        "of a window: standard deviation over cells of their rates, ddof 1, mean over simulations",
    ),
}
