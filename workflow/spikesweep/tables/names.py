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


def many_valued(record: Mapping[str, Any]) -> list[str]:
    """Return the names of those features of which all values are kept."""
    features = record.get("features", {})
    return feature_names({"features": {n: one for n, one in features.items() if one.get("values")}})


MOVIE_PARTS = ("section", "region", "x", "distance", "diam", "x0", "y0", "z0", "x1", "y1", "z1")


def movie_names(movie: str) -> dict[str, str]:
    """Return the names of the dimensions of a movie, and of what is said of its segments."""
    return {part: f"{part}_{movie}" for part in ("time", "segment", *MOVIE_PARTS)}


def value_names(feature: str) -> tuple[str, str, str]:
    """Return the names of the variables that have numbers and values of a feature of which all
    values are kept, and of the dimension of these."""
    return f"n_values_{feature}", f"values_{feature}", f"value_{feature}"


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
        *(
            name
            for movie in record.get("movies", {})
            for name in (movie, *movie_names(movie).values())
        ),
        *feature_names(record),
        *(name for feature in many_valued(record) for name in value_names(feature)),
        *(
            f"{of}_{site}"
            for site in spikes
            for of in ("n_spikes", "spike_times", "spike", "n_lower", "lower_times", "lower")
        ),
    ]
