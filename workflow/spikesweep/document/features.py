"""The features of waveforms that eFEL knows, found without importing it: that takes a second."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from spikesweep.errors import UserError, listing, suggest

# Those that take several traces, or extracellular ones; AP_Amplitude has no value of its own.
_NOT_OF_ONE_TRACE = frozenset(
    {
        *("AP_Amplitude", "adaptation_index_2", "bpap_attenuation", "check_ais_initiation"),
        *("halfwidth", "neg_image", "neg_peak_diff", "neg_peak_relative", "peak_to_valley"),
        *("peak_trough_ratio", "pos_image", "pos_peak_diff", "pos_peak_relative"),
        *("recovery_slope", "repolarization_slope"),
    }
)
_UNITS = {"constant": "", "MΩ": "Mohm", "1/(ms)": "1/ms"}  # where eFEL writes another word


@cache
def feature_units() -> dict[str, str]:
    """Return the unit of each feature of a trace."""
    [package] = find_spec("efel").submodule_search_locations
    units = json.loads((Path(package) / "units/units.json").read_text(encoding="utf-8"))
    return {
        name: _UNITS.get(unit, unit)
        for name, unit in units.items()
        if name not in _NOT_OF_ONE_TRACE
    }


def feature_unit(name: str, place: str) -> str:
    """Return the unit of a feature.

    Raises:
        UserError: eFEL has no such feature.
    """
    known = feature_units()
    if name not in known:
        raise UserError(
            f'{place}: eFEL has no feature "{name}"{suggest(name, known)} '
            f"(it has: {listing(known, 30)})"
        )
    return known[name]
