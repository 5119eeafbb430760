"""The names of variables and dimensions of a dataset."""

from collections.abc import Mapping
from typing import Any

STEP_TIMES, STEPS, KEY_DIGITS = "time_step", "integration_step", "key_digit"


def feature_names(record: Mapping[str, Any]) -> list[str]:
    """Return the names of the features of waveforms that the document of a sweep records."""
    return [
        f"{name}_{feature}"
        for name, wanted in record.get("features", {}).items()
        for feature in wanted["names"]
    ]


def dataset_names(record: Mapping[str, Any]) -> list[str]:
    """Return the names of the variables and dimensions of a dataset, but for its axes.

    They are those of all designs and intervals: what a sweep may call its axes does not change
    with these.
    """
    traces, spikes = record["traces"], record["spikes"]
    return [
        *("status", "message", "index", "key", "simulation", "time", STEP_TIMES, STEPS, KEY_DIGITS),
        *traces,
        *(f"time_{name}" for name in traces if f"time_{name}" != STEP_TIMES),
        *(f"{name}_{end}" for name in traces for end in ("min", "max")),
        *feature_names(record),
        *(
            f"{of}_{site}"
            for site in spikes
            for of in ("n_spikes", "spike_times", "spike", "n_lower", "lower_times", "lower")
        ),
    ]
