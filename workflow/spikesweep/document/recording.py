"""Recordings of a sweep file as the simulation document writes them.

The features that eFEL knows are found without importing it: that takes a second.
"""

import ast
import json
from collections.abc import Mapping, Set
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from spikesweep.document.connections import recorded_weight
from spikesweep.document.copies import each_copy
from spikesweep.document.electrodes import recorded_through
from spikesweep.document.impedances import impedances_document
from spikesweep.document.known import KnownModel
from spikesweep.document.mistakes import Mistakes, each
from spikesweep.document.quantity import Quantity
from spikesweep.document.sites import (
    check_site,
    event_source,
    process_variable,
    range_variable,
    refuse_threshold,
)
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.names import parse_site
from spikesweep.sweepfile.recording import Features, Measures, Record, SpikeDetector, Trace
from spikesweep.sweepfile.yaml_words import as_written

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

# Settings that keys of the sweep file say.
_SAID_BY = {
    "Threshold": "expected the key `threshold` of the features instead",
    "interp_step": "expected the key `every` of the features instead",
}
_MEASURES = {
    "mean": "mean {}",
    "min": "minimum of {}",
    "max": "maximum of {}",
    "start": "{} at the start of the window",
    "end": "{} at the end of the window",
    "slope": "slope of {}",
}


def record_document(
    record: Record, model: KnownModel, place: str
) -> tuple[doc.Record, dict[str, Quantity]]:
    """Return the document of what is recorded, copy by copy, and what each trace holds.

    Raises:
        UserError: an unknown place, process, variable or feature; features of what is no potential.
    """
    mistakes = Mistakes()
    with mistakes:
        traces, quantities = _traces(record.traces, model, f"{place}.traces")
    with mistakes:
        spikes = _spikes(record.spikes, model, f"{place}.spikes")
    with mistakes:
        features, of_features = _features(record.features, model, f"{place}.features")
    with mistakes:
        measures, of_measures = _measures(record.measures, model, f"{place}.measures")
    with mistakes:
        impedances, of_impedances = impedances_document(
            record.impedances, model, f"{place}.impedances"
        )
    mistakes.refuse()
    document: doc.Record = {"precision": record.precision, "traces": traces, "spikes": spikes}
    if features or measures or impedances:
        document["features"] = {**features, **measures, **impedances}
    return document, quantities | of_features | of_measures | of_impedances


def _traces(
    traces: Mapping[str, Trace], model: KnownModel, place: str
) -> tuple[dict[str, doc.Trace], dict[str, Quantity]]:
    def of_copies(name: str, trace: Trace) -> dict[str, tuple[doc.Trace, Quantity]]:
        return {
            name + index: traced(of, trace.every, model, f"{place}.{name}.of")
            for index, of in each_copy(trace.of, model.counts)
        }

    made = {
        name: one for copies in each(of_copies, traces).values() for name, one in copies.items()
    }
    return {n: trace for n, (trace, _) in made.items()}, {n: held for n, (_, held) in made.items()}


def _spikes(
    detectors: Mapping[str, SpikeDetector], model: KnownModel, place: str
) -> dict[str, doc.Spikes]:
    def of_copies(name: str, detector: SpikeDetector) -> dict[str, doc.Spikes]:
        return {
            name + index: _detector(detector, at, model, f"{place}.{name}")
            for index, at in each_copy(detector.at, model.counts)
        }

    return {
        name: one for copies in each(of_copies, detectors).values() for name, one in copies.items()
    }


def traced(
    of: str, every: doc.Interval, model: KnownModel, place: str
) -> tuple[doc.Trace, Quantity]:
    """Return the document of a trace, and what it holds.

    Raises:
        UserError: an unknown place, process or variable.
    """
    if electrode := recorded_through(of, model, place):
        quantity = Quantity("mV", f"potential at {of.partition('.')[0]}")
        return {"electrode": electrode, "variable": "v", "every": every}, quantity
    if weight := recorded_weight(of, every, model, place):
        return weight
    if source := process_variable(of, model, place):
        quantity = _process_quantity(**source, model=model, place=place)
        return {**source, "every": every}, quantity
    try:
        site = parse_site(of.strip())
    except ValueError as error:
        raise UserError(f"{place}: {error}, or of a process: {listing(model.processes)}") from None
    check_site(site, model, place)
    if site.variable is None:
        raise UserError(f'{place}: "{of}" names no variable; expected one, such as "{of}.v"')
    inserted = model.cell(site.cell).inserted
    variable = range_variable(site.variable, inserted)
    quantity = range_quantity(variable, inserted, model, place)
    return {"at": site.location, "variable": variable, "every": every}, quantity


def _process_quantity(process: str, variable: str, model: KnownModel, place: str) -> Quantity:
    mechanism = model.mechanism(process)
    if mechanism is None and _is_of_segment(variable, model):
        held = range_quantity(variable, model.catalogue.density_names, model, place)
        return Quantity(held.unit, f"{held.long_name} of {process}")
    if mechanism is None:
        unit = model.catalogue.unit_by_name(variable, place, recorded=True) or ""
    else:
        unit = model.catalogue.recordable(mechanism, variable, place)
    return Quantity(unit, f"{variable} of {process}")


def _is_of_segment(variable: str, model: KnownModel) -> bool:
    """Whether a variable of what a cell's code holds is one of segments: v, cai, hh.m."""
    if variable == "v" or "." in variable:
        return True
    try:
        model.catalogue.ion_variable(variable, model.catalogue.density_names, "")
    except UserError:
        return False
    return True


def range_quantity(text: str, inserted: Set[str], model: KnownModel, place: str) -> Quantity:
    """Return what a variable of segments holds.

    Raises:
        UserError: it has no such variable, or its mechanism is not inserted.
    """
    if text == "v":
        return Quantity("mV", "membrane potential")
    if "." not in text:
        return Quantity(model.catalogue.ion_variable(text, inserted, place), text)
    name, _, variable = text.partition(".")
    if name not in inserted:
        raise UserError(
            f'{place}: "{name}" is not inserted in this cell{suggest(name, inserted)} '
            f"(inserted: {listing(inserted)})"
        )
    mechanism = model.catalogue.density(name, place)
    unit = model.catalogue.recordable(mechanism, variable, place)
    return Quantity(unit, f"{variable} of {name}")


def _detector(detector: SpikeDetector, at: str, model: KnownModel, place: str) -> doc.Spikes:
    source = event_source(at, model, f"{place}.at")
    if isinstance(source, str):
        refuse_threshold(detector, source, place)
        return {"process": source}
    return {"at": source, "threshold": detector.threshold, "times": detector.times}


def _features(
    features: Mapping[str, Features], model: KnownModel, place: str
) -> tuple[dict[str, doc.Features], dict[str, Quantity]]:
    documents: dict[str, doc.Features] = {}
    quantities = {}
    for name, wanted in features.items():
        names: list[str] = list(dict.fromkeys(wanted.names))
        for index, of in each_copy(wanted.of, model.counts):
            source, quantity = traced(of, wanted.every, model, f"{place}.{name}.of")
            if quantity.unit != "mV":
                raise UserError(
                    f"{place}.{name}.of: {of} is in {quantity.unit or 'no unit'}; expected a "
                    "potential, in mV"
                )
            document: doc.Features = {
                "variable": source["variable"],
                "every": source["every"],
                "names": names,
                "threshold": wanted.threshold,
            }
            _say_where(document, source)
            _say_when(document, wanted.window, model, f"{place}.{name}.window")
            if wanted.values:
                document["values"] = True
            if wanted.settings:
                document["settings"] = _settings(wanted.settings, f"{place}.{name}.settings")
            documents[name + index] = document
            for feature in names:
                unit = feature_unit(feature, f"{place}.{name}.names")
                quantities[f"{name}{index}_{feature}"] = Quantity(unit, feature.replace("_", " "))
    return documents, quantities


def _measures(
    measures: Mapping[str, Measures], model: KnownModel, place: str
) -> tuple[dict[str, doc.Measures], dict[str, Quantity]]:
    documents: dict[str, doc.Measures] = {}
    quantities = {}
    for name, wanted in measures.items():
        names: list[str] = list(dict.fromkeys(wanted.names))
        for index, of in each_copy(wanted.of, model.counts):
            source, quantity = traced(of, wanted.every, model, f"{place}.{name}.of")
            document: doc.Measures = {
                "variable": source["variable"],
                "every": source["every"],
                "names": names,
            }
            _say_where(document, source)
            _say_when(document, wanted.window, model, f"{place}.{name}.window")
            documents[name + index] = document
            for one in names:
                unit = f"{quantity.unit or 1}/ms" if one == "slope" else quantity.unit
                words = _MEASURES[one].format(quantity.long_name)
                quantities[f"{name}{index}_{one}"] = Quantity(unit, words)
    return documents, quantities


def _say_where(document: doc.Features | doc.Measures, source: doc.Trace) -> None:
    if "electrode" in source:
        document["electrode"] = source["electrode"]
    elif "connection" in source:
        document["connection"], document["index"] = source["connection"], source["index"]
    elif "at" in source:
        document["at"] = source["at"]
    else:
        document["process"] = source["process"]


def _say_when(
    document: doc.Features | doc.Measures,
    window: str | tuple[float, float] | None,
    model: KnownModel,
    place: str,
) -> None:
    """Put the window into a document: its times, or the process that they are of.

    Raises:
        UserError: no such process, several copies of it, or one that has no delay and duration.
    """
    if not isinstance(window, str):
        if window:
            document["window"] = list(window)
        return
    check_lasting(window, model, place)
    document["during"] = window


def check_lasting(process: str, model: KnownModel, place: str) -> None:
    """Refuse a window of a process that is none, or several, or has no delay and duration."""
    if len(copies := model.processes_meant(process, place)) > 1:
        raise UserError(
            f"{place}: {process} has {len(copies)} copies; "
            f"expected one of them, such as {copies[0]}"
        )
    known = model.mechanism_of(process).parameters
    single = {"delay" if name == "del" else name for name, v in known.items() if v.size == 1}
    if not {"delay", "dur"} <= single:
        raise UserError(
            f"{place}: {process}, of type {model.mechanism_of(process).name}, has no delay and "
            "dur; expected a process that has, such as an IClamp, or [from, to]"
        )


def _settings(
    settings: Mapping[str, bool | float | str], place: str
) -> dict[str, bool | float | str]:
    """Return settings of eFEL as it takes them.

    Raises:
        UserError: it has no such setting, or one of another type; or a key beside says it.
    """
    known = efel_settings()
    found: dict[str, bool | float | str] = {}
    for name, value in settings.items():
        if name in _SAID_BY:
            raise UserError(f"{place}.{name}: {_SAID_BY[name]}")
        if name not in known:
            raise UserError(
                f'{place}: eFEL has no setting "{name}"{suggest(name, known)} '
                f"(it has: {listing(known, 40)})"
            )
        wanted = known[name]
        fits = isinstance(value, {"bool": bool, "str": str, "int": int}.get(wanted, int | float))
        if not fits or (isinstance(value, bool) and wanted != "bool"):
            expected = {"bool": "true or false", "str": "text", "int": "a whole number"}
            raise UserError(
                f"{place}.{name}: {as_written(value)}; expected {expected.get(wanted, 'a number')}"
            )
        found[name] = float(value) if wanted == "float" else value
    return found


@cache
def efel_settings() -> dict[str, str]:
    """Return the type of each setting of eFEL: bool, int, float or str."""
    source = _efel().with_name("settings.py").read_text("utf-8")
    body = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return {
        node.target.id: ast.unparse(node.annotation)
        for node in body.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        if node.target.id != "dependencyfile_path"  # its own
    }


@cache
def feature_units() -> dict[str, str]:
    """Return the unit of each feature of a trace."""
    units = json.loads(_efel().with_name("units").joinpath("units.json").read_bytes())
    return {
        name: _UNITS.get(unit, unit)
        for name, unit in units.items()
        if name not in _NOT_OF_ONE_TRACE
    }


def _efel() -> Path:
    package = find_spec("efel")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("efel")
    return Path(package.origin)


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
