"""The Methods of a paper, as the plan of a sweep tells them: a draft for its authors to edit.

All but what was found follows from the specification and the versions that ran: the same plan has
the same text. What a sweep file does not say, such as why, is the authors'.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from spikesweep.language.names import (
    base,
    electrode_text,
    location_text,
    times_text,
    variable_text,
    waveform_texts,
)
from spikesweep.products.fingerprint import DIGITS
from spikesweep.publishing import analyses
from spikesweep.publishing.wording import (
    SWEPT,
    each_with_unit,
    listed,
    or_swept,
    plain,
    text,
    with_unit,
)
from spikesweep.tables import rounds
from spikesweep.tables.columns import COLUMNS
from spikesweep.tables.verdicts import criterion_text

SEED = "protocol.seed"  # as an axis sets it
_MOST_VALUES = 12
FEW = 3  # processes or connections that are alike, from which on they are told together
# Of the protocol, with words and units; the others are told by what they hold.
_STEPS = {1: "Crank-Nicolson (secondorder 1)", 2: "Crank-Nicolson (secondorder 2)"}
_PACKAGES = ("numpy", "scipy", "efel", "pandas", "xarray", "matplotlib", "seaborn")


def methods(
    plans: Iterable[Mapping[str, Any]],
    title: str,
    version: str,
    found: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """Return the Methods of some sweeps as Markdown: a part for each, and the software of all.

    Args:
        plans: what their plan files say, see `plan.products.Plan.contents`.
        title: of the sweep, or of the figure set that shows them.
        version: of spikesweep.
        found: by sweep, what its results say of population and numerical error, in sentences;
            none where there are no results yet.
    """
    plans = list(plans)
    lines = [f"# Methods: {title}", ""]
    for plan in plans:
        lines += [f"## {plan['title']}", ""] if len(plans) > 1 else []
        for paragraph in _PARAGRAPHS:
            sentences = list(paragraph(plan))
            lines += [" ".join(sentences), ""] if sentences else []
        if results := [f"{sentence}." for sentence in (found or {}).get(plan["sweep"], ())]:
            lines += [" ".join(["**Found.**", *results]), ""]
    return "\n".join([*lines, _software(plans, version), ""])


def _model(plan: Mapping[str, Any]) -> Iterator[str]:
    document, units = _with_swept(plan), plan["parameter_units"]
    yield "**Model.**"
    for name, cell in document["cells"].items():
        copies = f" ({cell['count']} copies)" if "count" in cell else ""
        yield f"The cell {name}{copies} {_built(cell, plan)}."
        if "position" in cell or "rotation" in cell:
            yield f"It stands at {', '.join(_placed(cell))}."
        rules = [_rule(rule, units) for rule in cell.get("biophysics", ())]
        if rules:
            yield f"Its biophysics, of which later parts override earlier ones: {'; '.join(rules)}."
        for kind, word in (("sets", "set"), ("scales", "scaled")):
            if kind in cell:
                yield f"{', '.join(f'{what} {word} by an axis' for what in cell[kind])}."
    if parameters := document.get("parameters"):
        named = each_with_unit(parameters, plan["units"]["parameters"])
        yield f"Parameters that expressions name: {named}."
    yield from _mechanisms(plan)


def _built(cell: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    """Return how a cell comes about: by its morphology, its sections, or code."""
    if "python" in cell:
        given = f" with {listed(cell['parameters'])}" if cell["parameters"] else ""
        return f"is built by {cell['python']['class']} of {cell['python']['file']}{given}"
    if "hoc" in cell:
        template = f"the template {cell['template']}" if "template" in cell else "the sections"
        given = f" with {text(cell['arguments'])}" if cell.get("arguments") else ""
        given += f", globals {listed(cell['globals'])}" if cell.get("globals") else ""
        return f"is built by {template} of {', '.join(cell['hoc'])}{given}"
    segments = cell["segments"]
    rules = segments if isinstance(segments, list) else [segments]
    divided = "; ".join(listed(plain(rule)) for rule in rules)
    if "morphology" in cell:
        sha256 = cell["morphology"]["sha256"]
        path = plan["morphologies"].get(sha256, "a file that an axis names")
        axon = cell.get("axon")
        kept = "" if axon is None else ", its axon removed" if axon == "remove" else (
            ", its axon replaced by a stub")  # fmt: skip
        form = f"{cell['morphology']['format'].upper()}, content {sha256[:DIGITS]}"
        return f"has the morphology {path} ({form}){kept}, divided into segments by {divided}"
    sections = (
        f"{name} ({listed({k: of[k] for k in ('L', 'diam') if k in of}) or 'by its points'})"
        for name, of in cell["sections"].items()
    )
    return f"has the sections {', '.join(sections)} (um), divided into segments by {divided}"


def _placed(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a cell stands, and how it is turned."""
    for key, unit in (("position", "um"), ("rotation", "deg")):
        if key in cell:
            yield f"{key} {each_with_unit(cell[key], dict.fromkeys(cell[key], unit))}"


def _rule(rule: Mapping[str, Any], units: Mapping[str, str]) -> str:
    """Return what one rule of the biophysics does where."""
    parts = []
    for what, unit in (("Ra", "ohm cm"), ("cm", "uF/cm2")):
        if what in rule:
            parts.append(f"{what} {with_unit(rule[what], unit)}")
    for mechanism, values in rule.get("insert", {}).items():
        of_these = {name: units.get(f"{mechanism}.{name}", "") for name in values}
        given = each_with_unit(values, of_these)
        parts.append(f"{mechanism} ({given})" if given else mechanism)
    if ions := rule.get("ions"):
        parts.append(each_with_unit(ions, _of_ions(units)))
    parts += [f"ion_style of {ion}" for ion in rule.get("ion_style", {})]
    parts += [
        f"{pointer} of {one['of']} pointing to {variable_text(pointed)}"
        for one in rule.get("pointers", ())
        for pointer, pointed in one["set"].items()
    ]
    where = ", ".join([*rule["in"], *(f"within {name}" for name in rule.get("within", ()))])
    return f"in {where}: {', '.join(parts)}"


def _mechanisms(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the mechanisms come from: those of the project, and NEURON's own."""
    files = [path for path in plan["sources"] if path.endswith(".mod")]
    own = [
        f"{name} ({next((f for f in files if f.endswith(f'/{name}.mod')), 'NMODL')}, "
        f"source {sha256[:DIGITS]})"
        for name, sha256 in plan["mechanisms"].items()
    ]
    if own:
        yield f"Mechanisms in NMODL: {', '.join(own)}."
    if builtin := sorted(_used(plan["document"]) - {*plan["mechanisms"]}):
        yield f"Mechanisms of NEURON's own: {', '.join(builtin)}."
    cells = plan["document"]["cells"].items()
    if code := [name for name, cell in cells if "hoc" in cell or "python" in cell]:
        yield f"Of {', '.join(code)}, structure.csv tells what its code inserts in each segment."


def _used(document: Mapping[str, Any]) -> set[str]:
    rules = (rule for cell in document["cells"].values() for rule in cell.get("biophysics", ()))
    inserted = {name for rule in rules for name in rule.get("insert", {})}
    return inserted | {process["type"] for process in document["protocol"]["processes"].values()}


def _protocol(plan: Mapping[str, Any]) -> Iterator[str]:
    document, units = _with_swept(plan), plan["parameter_units"]
    protocol = document["protocol"]
    potential = or_swept(protocol["v_init"], "mV", "potential")
    temperature = or_swept(protocol["celsius"], "degC", "temperature")
    time = or_swept(protocol["tstop"], "ms", "time")
    yield f"**Protocol.** Each simulation ran for {time} from {potential} at {temperature}"
    if protocol.get("settle"):
        settled = or_swept(protocol["settle"], "ms", "time")
        yield f"after {settled} that was integrated and not recorded"
    yield f"{_integration(protocol)}."
    if own := [name for name, cell in document["cells"].items() if "initialise" in cell]:
        yield (
            f"The init() of {', '.join(own)} ran in place of NEURON's own initialisation; it was "
            "given the potential named above and may have started from another one."
        )
    if "balance" in protocol:
        sets = " or ".join(map(".".join, protocol["balance"]["sets"]))
        yield f"At each segment {sets} was set so that no current flowed at the initial potential."
    of_other_sweeps = plan.get("late", {}).get("options", {}).get("spikes", {})
    of_each: dict[str, str] = {}
    for name, process in protocol["processes"].items():
        at = f" at {location_text(process['at'])}" if "at" in process else ""
        of_these = {k: units.get(f"{process['type']}.{k}", "") for k in process["parameters"]}
        given = each_with_unit(process["parameters"], of_these)
        if "times" in process:
            given = f"relays events at given times: {times_text(process['times'])}"
        if name in of_other_sweeps:
            sweep, _, sites = of_other_sweeps[name]
            given = f"relays the spikes of {', '.join(sites)} in the sweep {sweep}"
        pointers = "".join(
            f", {pointer} pointing to {variable_text(pointed)}"
            for pointer, pointed in process.get("pointers", {}).items()
        )
        of_each[name] = f"{process['type']}{at}{f' ({given})' if given else ''}{pointers}"
    yield from (f"{names}: {said}." for names, said in _told_once(of_each))
    of_each = {}
    for name, of in protocol["connections"].items():
        source = of["from"] if isinstance(of["from"], str) else location_text(of["from"])
        weight = _weight(of["weight"], plan["units"]["weights"].get(name, [""]))
        given = {"delay": with_unit(of["delay"], "ms"), "weight": weight}
        given |= {"threshold": f"{text(of['threshold'])} mV"} if "threshold" in of else {}
        given |= {"pattern": of["pattern"]} if "pattern" in of else {}
        of_each[name] = f"from {source} to {of['to']} ({listed(given)})"
    for names, said in _told_once(of_each):
        yield f"Connection{'s' * (',' in names)} {names}: {said}."
    for name, of in protocol.get("gap_junctions", {}).items():
        between = f"{location_text(of['from'])} and {location_text(of['to'])}"
        pattern = f", {of['pattern']}" if "pattern" in of else ""
        yield f"Gap junction {name}: {with_unit(of['g'], 'uS')} between {between}{pattern}."
    for name, of in protocol.get("play", {}).items():
        yield f"Waveform {name}: {_waveform(of, _played_unit(of, protocol, units))}."
    if protocol["globals"]:
        of_globals = plan["units"]["globals"]
        yield f"Global parameters: {each_with_unit(protocol['globals'], of_globals)}."
    if "seed" in document:
        is_swept = document["seed"] == SWEPT
        seed = "a seed that an axis sets" if is_swept else f"the seed {text(document['seed'])}"
        yield f"Random streams (Random123) follow from {seed}."


def _weight(weight: Any, units: list[str]) -> str:
    """Return a weight, or each of several, in its unit."""
    if not isinstance(weight, list):
        return with_unit(weight, units[0] if units else "")
    each = (
        with_unit(one, unit)
        for one, unit in zip_longest(weight, units[: len(weight)], fillvalue="")
    )
    return f"[{', '.join(each)}]"


def _played_unit(
    waveform: Mapping[str, Any], protocol: Mapping[str, Any], units: Mapping[str, str]
) -> str:
    """Return the unit of a waveform; '' where it is not known."""
    if "through" in waveform:
        return "nA"
    into = waveform["into"]
    variable = into["variable"]
    if "process" in into:
        process = protocol["processes"].get(base(into["process"]), {})
        return units.get(f"{process.get('type')}.{variable}", "")
    return units.get(variable) or _of_ions(units).get(variable, "")


def _waveform(waveform: Mapping[str, Any], unit: str) -> str:
    """Return what is played where, with the units of times and values."""
    texts = dict(waveform_texts(waveform))
    of_times = {"every": "ms", "tau": "ms"}
    if "noise" in waveform:
        texts["noise"] = (
            f"({each_with_unit(waveform['noise'], {**of_times, 'mean': unit, 'sd': unit})})"
        )
    if "expression" in waveform:
        texts["expression"] = with_unit(waveform["expression"], unit)
        texts["every"] = with_unit(waveform["every"], "ms")
    return listed(plain(texts))


def _of_ions(units: Mapping[str, str]) -> dict[str, str]:
    """Return the units of the quantities of ions by their own names: ena -> mV."""
    return {name.partition(".")[2]: unit for name, unit in units.items() if "_ion." in name}


def _told_once(of_each: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield names with what is said of them: of those that differ by numbers in names and places
    alone (syn3 at pyr[3].soma(0.5)) once, as the first has it, with where the last differs."""
    alike: dict[str, list[str]] = {}
    for name, said in of_each.items():
        form = re.sub(r"(?<=[A-Za-z_])\d+\b|\[\d+\]", "#", f"{name} {said}")
        alike.setdefault(form, []).append(name)
    for names in alike.values():
        first, last = of_each[names[0]], of_each[names[-1]]
        if len(names) < FEW:
            yield from ((name, of_each[name]) for name in names)
        elif first == last:
            yield f"{names[0]}, ..., {names[-1]} ({len(names)})", first
        else:
            yield f"{names[0]}, ..., {names[-1]} ({len(names)})", f"{first}, ..., {last}"


def _integration(protocol: Mapping[str, Any]) -> str:
    if "cvode" in protocol:
        tolerances = listed(protocol["cvode"])
        return f"with NEURON's variable time step (CVode, {tolerances})"
    method = _STEPS.get(protocol.get("secondorder", 0), "backward Euler")
    step = or_swept(protocol["dt"], "ms", "length")
    return f"with a fixed time step of {step} ({method})"


def _recording(plan: Mapping[str, Any]) -> Iterator[str]:
    record = plan["document"]["record"]
    traces = [
        f"{name} ({plan['quantities'][name]['long_name']}{_place(of)}{_every(of)})"
        for name, of in record.get("traces", {}).items()
    ]
    if traces:
        yield f"**Recordings.** Recorded were {', '.join(traces)}, stored in {record['precision']}."
    if not traces:
        yield "**Recordings.**"
    for alike in _alike(record.get("spikes", {})):
        (first, of), (last, _) = alike[0], alike[-1]
        rose = f" when v rose through {text(of['threshold'])} mV" if "threshold" in of else ""
        names = first if first == last else f"{first} to {last}"
        yield f"Spikes of {names} were detected{_place(of)}{rose}" + (
            "." if first == last else f", and so in each of the {len(alike)} copies."
        )
    for name, of in record.get("features", {}).items():
        names = ", ".join(of.get("names", [name]))
        if "gating" in of:
            state = of["when"]
            how = "by NEURON's Impedance class, all gates frozen"
            if of["gating"]:
                how = "by differences of the model's equations, gates following the potential"
            to = f", to {location_text(of['to'])}" if "to" in of else ""
            yield (
                f"Impedances {names} ({name}{_place(of)}{to}) were computed {how}, about the state "
                f"at the {state} of the run."
            )
        elif "variable" not in of:
            to = location_text(of["to"])
            yield f"The distance ({name}){_place(of)} to {to} was measured along sections."
        elif "threshold" in of:
            settings = {"threshold": f"{text(of['threshold'])} mV"} | of.get("settings", {})
            given = f"{name}; {listed(settings)}"
            yield f"Features {names} were computed by eFEL{_within(of)} ({given})."
        else:
            measured = f"{of['variable']}{_place(of)}{_within(of)}"
            yield f"Measures {names} were taken of {measured} ({name})."


def _alike(detectors: Mapping[str, Any]) -> list[list[tuple[str, Any]]]:
    """Return detectors in groups: those of copies of one cell stand together."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for name, of in detectors.items():
        form = re.sub(r"\[\d+\]", "[]", f"{name} {_place(of)} {of.get('threshold')}")
        groups.setdefault(form, []).append((name, of))
    return list(groups.values())


def _place(of: Mapping[str, Any]) -> str:
    if "electrode" in of:
        return f", {electrode_text(of['electrode'])}"
    return f" at {location_text(of['at'])}" if "at" in of else ""


def _within(of: Mapping[str, Any]) -> str:
    """Return in which window a feature or a measure was taken; '' of the whole run."""
    if "during" in of:
        return f" while {of['during']} lasts"
    return " from {:g} to {:g} ms".format(*of["window"]) if "window" in of else ""


def _every(of: Mapping[str, Any]) -> str:
    is_time = isinstance(of.get("every"), int | float)
    return f", every {text(of['every'])} ms" if is_time else ", every time step"


def _design(plan: Mapping[str, Any]) -> Iterator[str]:
    count, kind = plan["simulations"], plan["design"]["kind"]
    if plan["axes"]:
        yield f"**Design.** {count} simulations, in a {kind} design of the axes below."
    if "rounds" in plan:
        is_search = "axis" in plan["rounds"]["asked"]
        yield f"{'Sought was' if is_search else 'Simulated were'} {rounds.sentence(plan)}."
    for name, of in plan.get("populations", {}).items():
        criteria = "; ".join(criterion_text(one) for one in of["criteria"].values())
        yield f"Of the candidates of {name}, those were taken that met: {criteria}."
    yield from analyses.sampled(plan)
    yield from (_axis(plan, axis) for axis in plan["axes"])


def _axis(plan: Mapping[str, Any], axis: Mapping[str, Any]) -> str:
    """Return the values of an axis, or how a sample distributes them, and what it does."""
    values = [text(value) for value in axis["values"]]
    if len(values) > _MOST_VALUES:
        values = [*values[: _MOST_VALUES // 2], "...", values[-1]]
    told = analyses.distributed(plan, axis["name"]) or ", ".join(values)
    effects = plan["effects"].get(axis["name"], ())
    label = f" ({axis['long_name']})" if axis["long_name"] else ""
    unit = f" {axis['unit']}" if axis["unit"] else ""
    replicates = "; each is a replicate, with random streams of its own"
    more = replicates if effects == [f"sets {SEED}"] else ""
    return f"{axis['name']}{label}: {told}{unit}; it {'; '.join(effects)}{more}."


def _statistics(plan: Mapping[str, Any]) -> Iterator[str]:
    recipe = plan["products"][plan["files"]["statistics"]]
    window = recipe["window"]
    span = "the whole run" if window is None else "the time of a process"
    if isinstance(window, list):
        span = f"{window[0]:g} to {window[1]:g} ms"
    yield f"**Statistics.** Of spikes in {span}."
    for name in _shown(plan):
        column = COLUMNS[name]
        unit = f" ({column.unit})" if column.unit else ""
        yield f"{column.long_name}{unit}: {column.definition}."
    for name, one in recipe.get("own", {}).items():
        unit = f" ({one['unit']})" if one["unit"] else ""
        yield f"{one['label'] or name}{unit}: {one['definition']}."
    for name, one in recipe["derived"].items():
        label = f" ({one['label']})" if one["label"] else ""
        yield f"{name}{label}: {with_unit(one['formula'], one['unit'])}."


def _trust(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was refined; what came of it stands in the table."""
    if "trust" not in plan["files"]:
        return
    asked = plan["products"][plan["files"]["trust"]]["trust"]
    ways = ", ".join(name for name, *_ in asked["refinements"])
    chosen = asked["simulations"]
    of = "All simulations" if asked["is_all"] else f"{len(chosen or ())} simulations"
    if chosen is None:
        of = "Simulations"
    sample = "" if asked["is_all"] else f" ({asked['sample']})"
    yield (
        f"**Numerical error.** {of}{sample} were run again with {ways}. Errors of "
        f"{', '.join(asked['of'])} were estimated by Richardson's extrapolation with the safety "
        "factors of the grid convergence index (Roache 1994); values count as robust where whole "
        f"numbers stay the same and others are off by no more than {asked['tolerance']:.3g} of "
        "their limit."
    )


def _population(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield by which criteria candidates are accepted; how many were stands in the table."""
    if "population" not in plan["files"]:
        return
    asked = plan["products"][plan["files"]["population"]]["accept"]
    axes = ", ".join(asked["axes"])
    yield (
        f"**Population.** Candidates, which differ in {axes or 'nothing'}, were accepted where "
        "they met each of these criteria; those of which a simulation failed were not judged."
    )
    for name, one in asked["criteria"].items():
        yield f"{name}: {criterion_text(one)}."
    yield (
        "Where a criterion looks at several simulations of a candidate, it had to hold in each; "
        "population.csv has their mean."
    )
    if asked["is_sample"]:
        yield "The share that was accepted has a 95% interval by Wilson's score (Wilson 1927)."


_PARAGRAPHS = (
    *(_model, _protocol, _recording, _design, _statistics, analyses.fits, analyses.sensitivity),
    *(_population, _trust),
)


def _shown(plan: Mapping[str, Any]) -> list[str]:
    """Return the columns that the sweep's figures show; the rate and CV where they name none."""
    named: list[str] = []
    for figure in plan["figures"].values():
        of = plan["products"][figure]["options"].get("of") or []
        named += [of] if isinstance(of, str) else of
    return [name for name in dict.fromkeys(named) if name in COLUMNS] or ["rate", "cv"]


def _software(plans: list[Mapping[str, Any]], version: str) -> str:
    every: dict[str, str] = {}
    for plan in plans:
        for recipe in plan["products"].values():
            every |= recipe["versions"]
    neuron = plans[0]["document"]["engine"]
    packages = [f"{name} {every[name]}" for name in _PACKAGES if name in every]
    used = f", with {', '.join(packages)}" if packages else ""
    return (
        f"**Software.** NEURON {neuron['neuron']} ({neuron['architecture']}), run by spikesweep "
        f"{version}{used}."
    )


def _with_swept(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with a word in place of the numbers that axes set."""
    document = copy.deepcopy(plan["document"])
    for path in plan["slots"]:
        *way, last = path
        part: Any = document
        try:
            for key in way:
                part = part[key]
            is_leaf = not isinstance(part[last], dict | list)
        except (KeyError, IndexError, TypeError):
            continue  # an axis alone has it
        if is_leaf and "morphology" not in path:
            part[last] = SWEPT
    return dict(document)
