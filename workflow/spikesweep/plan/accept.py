"""The criteria of a population as recipes have them: in the units of what they are of, those of
files among them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spikesweep.document.axes.design import AxisValues, Combination
from spikesweep.document.axes.template import Template
from spikesweep.document.files import inside
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language.names import NAME, base
from spikesweep.language.units import to_number
from spikesweep.plan.levels import level
from spikesweep.sweepfile.accept import CriteriaFile, Criterion
from spikesweep.sweepfile.design import SAMPLERS
from spikesweep.sweepfile.sensitivity import OF_DESIGN
from spikesweep.sweepfile.sweep import Sweep
from spikesweep.tables.columns import COLUMNS
from spikesweep.tables.names import feature_names

# What a criterion is, as plain JSON: of, site, unit, at, low, high (None where there is no such
# end), mean, sd, z (None where a range is given), source; of the class of firing, classes; of a
# number that is the mean over the copies of a cell, cells, how many these are.
Resolved = dict[str, Any]
_NO_NAME = re.compile(r"\W+")
_FEATURE_KEYS = ("efel_feature_name", "feature")  # of BluePyEfe, the better one first


def criteria_of(
    sweep: Sweep, template: Template, combination: Combination, place: str
) -> dict[str, Resolved]:
    """Return all criteria of a sweep by name; those of a file have the file's name before theirs.

    Raises:
        UserError: no such quantity, axis, value or file, or a wrong unit.
    """
    units, root = _units(sweep, template), template.files.root
    features = template.document["record"].get("features", {})
    axes = {axis.name: axis for axis in combination.axes}
    sites = list(template.document["record"]["spikes"])
    found: dict[str, Resolved] = {}
    for name, given in (sweep.accept or {}).items():
        where = f"{place}.{name}"
        written = (
            _of_file(name, given, features, root, where)
            if isinstance(given, CriteriaFile)
            else iter([(name, given)])
        )
        for one, criterion in written:
            if one in found:
                raise UserError(f"{where}: two criteria would be named {one}; expected other names")
            resolved = _resolved(criterion, units, axes, where)
            found[one] = resolved | _of_copies(resolved, sites)
    return found


def _of_copies(one: Resolved, sites: list[str]) -> Resolved:
    """Return what a criterion looks at where its site has copies: of classes of firing the first of
    them, of numbers the mean over all."""
    name = one["site"] or (base(sites[0]) if sites else "")
    copies = [site for site in sites if site.startswith(f"{name}[")]
    if not copies or (one["of"] not in COLUMNS and "classes" not in one):
        return {}
    return {"site": copies[0]} if "classes" in one else {"cells": len(copies)}


def files_of(sweep: Sweep) -> list[str]:
    """Return the files of criteria that a sweep names."""
    given = (sweep.accept or {}).values()
    return [one.file for one in given if isinstance(one, CriteriaFile)]


def is_random(sweep: Sweep) -> bool:
    """Return whether candidates are independent points of distributions, or more even ones."""
    parts = sweep.design.every if sweep.design else ()
    return any(part.kind in SAMPLERS and part.kind not in OF_DESIGN for part in parts)


def protocol_axes(criteria: Mapping[str, Resolved], replicates: list[str]) -> list[str]:
    """Return the axes that do not tell candidates apart: those at whose values criteria look, and
    those of replicates."""
    named = [axis for criterion in criteria.values() for axis in criterion["at"]]
    return list(dict.fromkeys([*named, *replicates]))


def _units(sweep: Sweep, template: Template) -> dict[str, str]:
    """Return the unit of each quantity of which a simulation has one number, or one a site."""
    record, quantities = template.document["record"], template.quantities
    ends = {f"{trace}_{end}": trace for trace in record["traces"] for end in ("min", "max")}
    return {
        **({name: column.unit for name, column in COLUMNS.items()} if record["spikes"] else {}),
        **{name: quantities[trace].unit for name, trace in ends.items()},
        **{name: quantities[name].unit for name in feature_names(record)},
        **{name: one.unit for name, one in sweep.statistics.own.items()},
        **{name: one.unit for name, one in sweep.derived.items()},
    }


def _resolved(
    given: Criterion, units: Mapping[str, str], axes: Mapping[str, AxisValues], place: str
) -> Resolved:
    at = {axis: level(axis, value, axes, f"{place}.at") for axis, value in given.at.items()}
    if given.among is not None:
        return _of_classes(given, units, at, place)
    of = given.of if given.of in units else given.of.replace(".", "_", 1)
    if of not in units:
        raise UserError(
            f'{place}.of: no quantity is named "{given.of}"{suggest(given.of, units)}; '
            f"expected one of: {listing(units, 20)}"
        )
    unit = "" if units[of] == "1" else units[of]
    numbers = {
        key: None if value is None else to_number(value, unit, f"{place}.{key}")
        for key, value in (
            *(("at_least", given.at_least), ("at_most", given.at_most)),
            *(("mean", given.mean), ("sd", given.sd)),
        )
    }
    low, high, mean, sd = numbers.values()
    if given.range is not None:
        low, high = (to_number(value, unit, f"{place}.range") for value in given.range)
    if mean is not None and sd is not None and given.z is not None:
        if sd <= 0:
            raise UserError(f"{place}.sd: {sd:g}; expected a standard deviation above 0")
        low, high = mean - given.z * sd, mean + given.z * sd
    if low is not None and high is not None and low > high:
        raise UserError(f"{place}: {low:g} is above {high:g}; expected [lowest, highest]")
    return {
        **{"of": of, "site": given.site, "unit": unit, "at": at, "low": low, "high": high},
        **{"mean": mean, "sd": sd, "z": given.z, "source": given.source},
    }


def _of_classes(
    given: Criterion, units: Mapping[str, str], at: Mapping[str, Any], place: str
) -> Resolved:
    if "n_spikes" not in units:
        raise UserError(
            f"{place}.of: the sweep records no spikes; expected a site in record.spikes"
        )
    nothing = dict.fromkeys(("low", "high", "mean", "sd", "z"))
    return {
        **{"of": given.of, "site": given.site, "unit": "", "at": dict(at), **nothing},
        **{"source": given.source, "classes": sorted(set(given.among or ()))},
    }


def _of_file(
    name: str, given: CriteriaFile, features: Mapping[str, Any], root: Path, place: str
) -> Iterator[tuple[str, Criterion]]:
    """Yield the criteria of a file, named <name>_<protocol>_<place>_<feature>."""
    path = inside(root, given.file, f"{place}.file")
    data = _read(path, f"{place}.file")
    protocols = given.protocols if given.protocols is not None else {_only(data, place, path): {}}
    for protocol, at in protocols.items():
        _known(protocol, data, "protocol", f"{place}.protocols")
        of_protocol = _table(data[protocol], f"{path}: {protocol}")
        for written, targets in of_protocol.items():
            recorded = _recorded(written, given, of_protocol, features, place)
            if recorded is None:
                continue
            for feature, mean, sd in _targets(targets, f"{path}: {protocol}.{written}"):
                if feature not in features[recorded]["names"]:
                    raise UserError(
                        f"{place}.file: {protocol}.{written} has a target for {feature}, which is "
                        f"not recorded; expected it in record.features.{recorded}.names, or no "
                        "such target in the file"
                    )
                parts = [name, protocol, *([written] if len(of_protocol) > 1 else []), feature]
                called = _NO_NAME.sub("_", "_".join(parts))
                if not re.fullmatch(NAME, called):
                    raise UserError(f"{place}.file: {protocol}.{written}: no name of a protocol")
                target = {"mean": mean, "sd": sd, "z": given.z, "at": at, "source": given.source}
                of = f"{recorded}_{feature}"
                yield called, Criterion.model_validate({"of": of, **target})


def _recorded(
    written: str,
    given: CriteriaFile,
    of_protocol: Mapping[str, Any],
    features: Mapping[str, Any],
    place: str,
) -> str | None:
    """Return the name in record.features that a place of the file means; None of one left out."""
    if given.places is None:
        if len(of_protocol) > 1 or len(features) != 1:
            raise UserError(
                f"{place}.places: the file has {listing(of_protocol)}, and the sweep records the "
                f"features {listing(features) or 'none'}; expected which is which, such as "
                f"{{{written}: {next(iter(features), 'f')}}}"
            )
        return next(iter(features))
    recorded = given.places.get(written)
    if recorded is not None:
        _known(recorded, features, "name in record.features", f"{place}.places.{written}")
    return recorded


def _targets(targets: Any, place: str) -> Iterator[tuple[str, float, float]]:
    """Yield feature, mean and SD: of {feature: [mean, sd]}, or of [{feature, val: [mean, sd]}]."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(targets, dict):
        pairs = list(targets.items())
    elif isinstance(targets, list) and all(isinstance(one, dict) for one in targets):
        keys = [next((one[k] for k in _FEATURE_KEYS if k in one), None) for one in targets]
        pairs = [(key, one.get("val")) for key, one in zip(keys, targets, strict=True)]
    for feature, numbers in pairs:
        is_pair = isinstance(numbers, list) and len(numbers) == 2
        if not (isinstance(feature, str) and is_pair and all(map(_is_number, numbers))):
            raise UserError(f"{place}: {feature}: expected [mean, sd], both finite numbers")
        yield feature, *numbers
    if not pairs:
        raise UserError(
            f"{place}: expected {{feature: [mean, sd]}}, or [{{feature: ..., val: [mean, sd]}}]"
        )


def _read(path: Path, place: str) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: {path}: not JSON ({error})") from None
    return _table(data, str(path))


def _table(data: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(data, dict) or not data:
        raise UserError(f"{place}: expected {{protocol: {{place: {{feature: [mean, sd]}}}}}}")
    return data


def _only(data: Mapping[str, Any], place: str, path: Path) -> str:
    if len(data) > 1:
        raise UserError(
            f"{place}.protocols: {path} has {listing(data)}; expected those that are meant, each "
            "with the values of axes at which it is run, such as {Step1: {amp: 0.3 nA}}"
        )
    return next(iter(data))


def _known(name: str, known: Mapping[str, Any], kind: str, place: str) -> None:
    if name not in known:
        raise UserError(
            f'{place}: no {kind} is named "{name}"{suggest(name, known)} '
            f"(there are: {listing(known) or 'none'})"
        )


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < float("inf")
