"""The columns of the tables: units, names, definitions."""

from spikesweep.products.column import Column

IDENTITY = {
    "index": Column("", "simulation", "number of the simulation in its sweep"),
    "status": Column("", "status", "what the simulation came to: ok, unphysical, or how it failed"),
    "site": Column("", "spike site", "where spikes were detected"),
}
COLUMNS = {
    "n_spikes": Column("", "number of spikes", "spikes in the window, both edges included"),
    "n_spikes_lower": Column(
        "",
        "number of spikes, counted lower",
        "as n_spikes, by a threshold 10 mV lower: where the two differ, the count hangs on the "
        "threshold",
    ),
    "rate": Column(
        "Hz", "firing rate", "spikes in the window over the length of its simulated part"
    ),
    "latency": Column("ms", "latency", "first spike in the window minus the window's start"),
    "isi_mean": Column("ms", "mean ISI", "mean of the intervals I in the window"),
    "isi_median": Column("ms", "median ISI", "median of the intervals"),
    "isi_sd": Column(
        "ms", "SD of ISI", "standard deviation of the intervals, ddof 0; two or more intervals"
    ),
    "isi_min": Column("ms", "shortest ISI", "shortest interval"),
    "isi_max": Column("ms", "longest ISI", "longest interval"),
    "cv": Column("", "CV of ISI", "isi_sd / isi_mean"),
    "cv2": Column(
        "", "CV2 of ISI", "mean of 2 |I[i+1] - I[i]| / (I[i+1] + I[i]) (Holt et al. 1996)"
    ),
    "lv": Column(
        "",
        "local variation LV",
        "mean of 3 (I[i] - I[i+1])^2 / (I[i] + I[i+1])^2 (Shinomoto et al. 2003)",
    ),
    "lvr": Column(
        "",
        "revised local variation LvR",
        "mean of 3 (1 - 4 I[i] I[i+1] / (I[i] + I[i+1])^2) (1 + 4 R / (I[i] + I[i+1])), "
        "R the refractoriness constant (Shinomoto et al. 2009)",
    ),
    "adaptation_index": Column(
        "",
        "adaptation index",
        "mean of (I[i+1] - I[i]) / (I[i+1] + I[i]) (ipfx, Gouwens et al. 2019)",
    ),
}
# Where the window follows a process, and so differs from simulation to simulation.
WINDOW_COLUMNS = {
    "window_start": Column("ms", "start of the window", "when the process begins"),
    "window_end": Column("ms", "end of the window", "when the process, or the run, ends"),
}
ISI_COLUMNS = {
    "interval": Column("", "interval", "number of the interval in its train: 1, 2, ..."),
    "time": Column("ms", "time", "time of the spike that ends the interval"),
    "isi": Column("ms", "ISI", "time between two neighbouring spikes, both in the window"),
}

# All columns of each table but those of the axes, and of features of waveforms.
STATISTICS = {**IDENTITY, **COLUMNS}
INTERVALS = {"index": IDENTITY["index"], "site": IDENTITY["site"], **ISI_COLUMNS}
SIMULATIONS = {
    "index": IDENTITY["index"],
    "status": IDENTITY["status"],
    "message": Column("", "message", "what went wrong"),
}
FAILURES = {
    **SIMULATIONS,
    "command": Column("", "command", "what runs the simulation alone, with all that it prints"),
}
FLAGS = {
    "index": IDENTITY["index"],
    "flag": Column(
        "",
        "flag",
        "not_at_rest: the first recorded potential moves before the first stimulus; spike_at_end: "
        "the last sample is above the threshold of spikes; excursion: a potential leaves the range"
        "; doubtful_count: a threshold 10 mV lower finds another number of spikes",
    ),
    "flag_of": Column("", "flagged trace", "the recorded potential, or the spike site"),
    "flag_value": Column(
        "mV",
        "flagged value",
        "not_at_rest: highest minus lowest sample; spike_at_end: the last sample; excursion: the "
        "extreme farthest beyond the range; empty of counts",
    ),
    "message": Column("", "message", "the same in words, with the limit"),
}

FITS = {
    "figure": Column("", "figure", "name of the dose_response figure that draws the curve"),
    "of": Column("", "quantity", "what responds"),
    "of_unit": Column("", "unit of the quantity", "of top and bottom"),
    "x": Column("", "axis", "the axis of the doses"),
    "x_unit": Column("", "unit of the axis", "of EC50 and its ends"),
    "by": Column("", "series axis", "the axis with a curve a value"),
    "value": Column("", "value of the series axis", "to which the curve belongs"),
    "n": Column("", "number of responses", "to which the curve was fitted"),
    "ec50": Column(
        "", "EC50", "bottom + (top - bottom) / (1 + (dose / ec50)^h), by least squares (Hill 1910)"
    ),
    "ec50_low": Column("", "lower end of EC50", "see ec50_ends"),
    "ec50_high": Column("", "upper end of EC50", "see ec50_ends"),
    "ec50_ends": Column(
        "",
        "what the ends are",
        "95% confidence interval by profile likelihood, where responses at equal doses differ; "
        "else the doses next to EC50",
    ),
    "ec50_extrapolated": Column(
        "",
        "extrapolated ends of EC50",
        "which ends lie beyond all doses, where nothing was tested: lower, upper, lower and upper, "
        "or none",
    ),
    "h": Column(
        "",
        "slope",
        "positive where the response falls with the dose; empty where fewer than two doses lie on "
        "the slope, 5% of top - bottom away from both: one leaves it open",
    ),
    "top": Column("", "top", "response of the upper end of the curve"),
    "bottom": Column("", "bottom", "response of the lower end of the curve"),
    "plateaus_extrapolated": Column(
        "",
        "extrapolated plateaus",
        "which of top and bottom lie beyond all mean responses, by a tenth of top - bottom: top, "
        "bottom, top and bottom, or none",
    ),
    "why": Column("", "why there is no fit", "empty where there is one"),
}
REPLICATES = {
    "site": IDENTITY["site"],
    "statistic": Column("", "statistic", "column of the statistics"),
    "replicates_n": Column("", "number of replicates", "simulations in which it has a value"),
    "replicates_mean": Column("", "mean over replicates", "in the unit of the statistic"),
    "replicates_sd": Column(
        "", "SD over replicates", "standard deviation, ddof 1; two or more replicates"
    ),
}

SENSITIVITY = {
    "quantity": Column("", "quantity", "what follows the axes"),
    "axis": Column(
        "",
        "axis",
        "an axis of the sample; (none) is a column of random numbers: what methods of any "
        "sample come to where there is no effect",
    ),
    "method": Column("", "method", "pawn, rbd_fast, delta, hdmr, sobol or morris"),
    "index": Column(
        "",
        "index",
        "S1: share of the variance that the axis explains alone; ST: with all its interactions; "
        "both are below 0 by error alone; median: of the distances of PAWN; delta: of Borgonovo; "
        "mu_star, mu, sigma: mean size, mean and SD of Morris's elementary effects, a whole range "
        "of the axis's quantiles each",
    ),
    "unit": Column("", "unit of the index", "'' for a plain number"),
    "value": Column("", "value", "the index"),
    "low": Column("", "lower end", "value - z SD of the bootstrap's values"),
    "high": Column("", "upper end", "value + z SD of the bootstrap's values"),
    "level": Column("", "level", "of the interval; z is its quantile of the normal distribution"),
    "used": Column(
        "",
        "simulations used",
        "those that ended, have a value and, in sobol and morris, stand in a whole block",
    ),
    "of": Column("", "simulations of the sample", "all that the design has"),
    "note": Column(
        "", "note", "why the index is undefined, or does not stand; which blocks are whole"
    ),
}
_TIME = {"time": Column("ms", "time", "since the start of the run")}
SENSITIVITY_OVER_TIME = {
    "quantity": Column("", "trace", "what follows the axes"),
    **_TIME,
    **{name: column for name, column in SENSITIVITY.items() if name != "quantity"},
}
UNCERTAINTY = {
    "quantity": Column("", "quantity", "what is spread"),
    "unit": Column("", "unit", "of mean, SD and percentiles"),
    "used": Column("", "simulations used", "those that ended and have a value"),
    "of": Column("", "simulations of the sample", "all that were run"),
    "mean": Column("", "mean", "over the sample"),
    "sd": Column("", "SD", "standard deviation over the sample, ddof 1"),
    "p5": Column("", "5th percentile", "between neighbours, linear"),
    "p50": Column("", "median", "50th percentile"),
    "p95": Column("", "95th percentile", "between neighbours, linear"),
    "note": Column("", "note", "why they are undefined"),
}
UNCERTAINTY_OVER_TIME = {
    "quantity": Column("", "trace", "what is spread"),
    **_TIME,
    **{name: column for name, column in UNCERTAINTY.items() if name != "quantity"},
}
