"""What made a file, in plain words: `spikesweep explain FILE`."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from spikesweep.commands import point
from spikesweep.commands.place import entered
from spikesweep.language.names import location_text, times_text, variable_text, waveform_texts
from spikesweep.lineage.checked import readable
from spikesweep.lineage.git_label import COMMIT_DIGITS
from spikesweep.lineage.lineage import patch_path
from spikesweep.lineage.records import find_lineage, product_of
from spikesweep.plan.telling import design_words, with_unit
from spikesweep.products.fingerprint import DIGITS
from spikesweep.products.table import BATCH, PLAN, split_stage, stage_words
from spikesweep.tables import rounds
from spikesweep.tables.verdicts import criterion_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--at", nargs="+", metavar="AXIS=VALUE", help="the one simulation there")
    parser.add_argument("--json", action="store_true", help="the lineage as JSON")


def run(options: argparse.Namespace) -> None:
    [file] = entered([options.file])
    lineage = find_lineage(file, of_sets=not options.at)
    with readable(file):
        if options.at:
            simulation = point.simulation_at(lineage, options.at)
            print(json.dumps(simulation, indent=1) if options.json else point.tell(simulation))
        else:
            print(json.dumps(lineage, indent=1) if options.json else told(lineage, file))


def told(lineage: dict[str, Any], file: Path) -> str:
    """Return the lineage of a file as text, that of a figure of several sweeps too."""
    return explain_set(lineage, file) if "figure_set" in lineage else explain(lineage, file)


class Node(NamedTuple):
    """Something, and what it was made from."""

    text: str
    parts: tuple["Node", ...] = ()


def explain(lineage: dict[str, Any], file: Path) -> str:
    """Return the lineage of a file as text: what, when, with what, and the tree below it."""
    made_on = _made_on(lineage)
    packages = [f"{name} {version}" for name, version in lineage["versions"].items()]
    lines = [
        f"{file}",
        f"  is       {_what(lineage, file)}",
        f"  sweep    {lineage['sweep']}: {lineage['title']}",
        f"  commit   {_commit(lineage)}",
        *(f"           changed: {name}" for name in lineage["changed_files"]),
        f"  command  {lineage['command']}",
        f"  made on  {made_on}",
        f"  with     {', '.join(packages)}",
        "",
        *_drawn(tree(lineage, file)),
    ]
    return "\n".join(lines)


def explain_set(lineage: dict[str, Any], file: Path) -> str:
    """Return the lineage of a figure of a figure set as text: the tree goes through its panels and
    their sweeps."""
    packages = [f"{name} {version}" for name, version in lineage["versions"].items()]
    lines = [
        f"{file}",
        f"  is       the figure {lineage['figure']} of the figure set {lineage['figure_set']}",
        f"  title    {lineage['title']}",
        f"  commit   {_commit(lineage)}",
        *(f"           changed: {name}" for name in lineage["changed_files"]),
        f"  command  {lineage['command']}",
        f"  made on  {_platform(lineage['made_on'])}",
        f"  with     {', '.join(packages)}",
        "",
        *_drawn(_panels(lineage)),
    ]
    return "\n".join(lines)


def _panels(lineage: dict[str, Any]) -> Node:
    simulations = {name: _simulations(sweep) for name, sweep in lineage["sweeps"].items()}
    parts = []
    for letter, panel in lineage["panels"].items():
        if "image" in panel:
            text = f"panel {letter}: image {panel['image']} sha256:{panel['sha256'][:DIGITS]}"
            parts.append(Node(text))
            continue
        sweep = lineage["sweeps"][panel["sweep"]]
        minus = f" minus {panel['minus']}" if "minus" in panel else ""
        read = [
            _product(lineage["sweeps"][panel[which]], name, simulations[panel[which]])
            for which, reads in (("sweep", "reads"), ("minus", "reads_minus"))
            if which in panel
            for name in _read_of(lineage["sweeps"][panel[which]], panel[reads])
        ]
        shown = ", ".join(f"{k} {v}" for k, v in panel.get("options", {}).items() if v)
        parts.append(
            Node(
                f"panel {letter}: {panel['kind']} of {sweep['sweep']}{minus} ({shown})",
                tuple(read),
            )
        )
    files = lineage["files"].items()
    hashes = [f"{name} sha256:{sha256[:DIGITS]}" for name, sha256 in sorted(files)]
    return Node(f"a figure of several panels: {', '.join(hashes)}", tuple(parts))


def _read_of(sweep: dict[str, Any], reads: dict[str, str]) -> list[str]:
    """Return the products of a sweep that a panel reads, by their fingerprints."""
    names = {product["fingerprint"]: name for name, product in sweep["products"].items()}
    return list(dict.fromkeys(names[one] for one in reads.values() if one in names))


def _what(lineage: dict[str, Any], file: Path) -> str:
    if "figure" in lineage:
        stage = lineage["products"][product_of(lineage, file)]["stage"]
        options = ", ".join(f"{k} {v}" for k, v in lineage["options"].items() if v)
        return f"the figure {lineage['figure']} ({stage.partition('.')[2]}: {options})"
    name = product_of(lineage, file)
    return stage_words(lineage["products"][name]["stage"] if name else PLAN.stage)


def _commit(lineage: dict[str, Any]) -> str:
    if not lineage["commit"]:
        return "none: made outside of a git repository, or before its first commit"
    when = f"{lineage['commit']}, {lineage['date']}"
    if not lineage["patch"]:
        return when
    return f"{when}, and what {patch_path(lineage['patch'])} changes"


def _made_on(lineage: dict[str, Any]) -> str:
    every = [product["made_on"] for product in lineage["products"].values() if "made_on" in product]
    return "; ".join(dict.fromkeys(map(_platform, every)))


def _platform(made_on: dict[str, str]) -> str:
    python, system, machine, libc = (made_on[k] for k in ("python", "system", "machine", "libc"))
    return f"Python {python}, {system} {machine}, {libc}"


def tree(lineage: dict[str, Any], file: Path) -> Node:
    """Return what a file was made from, down to parameters, mechanisms and morphologies."""
    name = product_of(lineage, file)
    simulations = _simulations(lineage)
    return _product(lineage, name, simulations) if name else simulations


def _product(lineage: dict[str, Any], name: str, simulations: Node) -> Node:
    product = lineage["products"][name]
    kind, _ = split_stage(product["stage"])
    parts = [_product(lineage, read, simulations) for read in product["from"]]
    if not parts:
        parts = [simulations] if BATCH.name in kind.needs else list(_sources(lineage))
    if product.get("refined") and not product["from"]:
        parts = [Node("some of the simulations, with smaller steps or more segments")]
    for criterion, one in product.get("criteria", {}).items():
        parts.append(Node(f"criterion {criterion}: {criterion_text(one)}"))
    files = product.get("files", {})
    hashes = [f"{file} sha256:{sha256[:DIGITS]}" for file, sha256 in sorted(files.items())]
    return Node(f"{stage_words(product['stage'])}: {', '.join(hashes or [name])}", tuple(parts))


def _simulations(lineage: dict[str, Any]) -> Node:
    specification, engine = lineage["specification"], lineage["engine"]
    count = lineage["simulations"]["count"]
    design = design_words(specification["design"]["kind"], specification["axes"])
    text = (
        f"{count} simulation{'' if count == 1 else 's'} ({design}) "
        f"by NEURON {engine['neuron']} "
        f"on {engine['architecture']}, code {engine['code'][:DIGITS]}"
    )
    effects = specification["effects"]
    axes = (
        Node(f"axis {_axis(axis)}", tuple(Node(does) for does in effects.get(axis["name"], ())))
        for axis in specification["axes"]
    )
    populations = (
        Node(
            f"the candidates that {name} accepted, in {of['table']}",
            tuple(
                Node(f"criterion {criterion}: {criterion_text(one)}")
                for criterion, one in of["criteria"].items()
            ),
        )
        for name, of in specification.get("populations", {}).items()
    )
    document = specification["document"]
    parameters = document.get("parameters", {})
    named = [Node(f"parameters: {_listed(parameters)}")] if parameters else []
    return Node(
        text,
        (
            *_grown(specification),
            *populations,
            *axes,
            *named,
            *_protocol(document),
            *_cells(document),
            *_sources(lineage),
        ),
    )


_TOLD_APART = ("in", "within", "insert", "ions", "pointers")  # of a rule, not key by key


def _grown(specification: dict[str, Any]) -> Iterator[Node]:
    """Yield how a design that grew by its own results found its simulations."""
    if grown := specification.get("rounds"):
        read = Node(f"those of the last round from {', '.join(grown['read'])}")
        yield Node(f"found: {rounds.sentence(specification)}", (read,))


def _protocol(document: dict[str, Any]) -> Iterator[Node]:
    """Yield what is done to the cells; numbers are in NEURON's units, axes fill in theirs."""
    protocol = document["protocol"]
    numbers = [f"{k} {v:g}" for k, v in protocol.items() if isinstance(v, int | float)]
    numbers += [f"cvode {k} {v:g}" for k, v in protocol.get("cvode", {}).items()]
    yield Node(f"protocol: {', '.join(numbers)}, seed {document.get('seed', 0)}")
    if own := [name for name, cell in document["cells"].items() if "initialise" in cell]:
        yield Node(f"initialised by the init() of {', '.join(own)}, which was given v_init")
    if "balance" in protocol:
        sets = ", ".join(map(".".join, protocol["balance"]["sets"]))
        yield Node(f"balance: {sets}")
    for name, process in protocol["processes"].items():
        parameters = _listed(process["parameters"])
        if "times" in process:
            parameters = f"events at {times_text(process['times'])}"
        for pointer, pointed in process.get("pointers", {}).items():
            parameters += f", {pointer} -> {variable_text(pointed)}"
        at = f" at {location_text(process['at'])}" if "at" in process else ""
        yield Node(f"process {name}: {process['type']}{at}, {parameters}")
    for name, connection in protocol["connections"].items():
        source = connection["from"]
        named = {"from": source if isinstance(source, str) else location_text(source)}
        yield Node(f"connection {name}: {_listed(connection | named)}")
    for name, junction in protocol.get("gap_junctions", {}).items():
        ends = {end: location_text(junction[end]) for end in ("from", "to")}
        yield Node(f"gap junction {name}: {_listed(junction | ends)}")
    for name, waveform in protocol.get("play", {}).items():
        yield Node(f"waveform {name}: {_listed(waveform_texts(waveform))}")


def _cells(document: dict[str, Any]) -> Iterator[Node]:
    for name, cell in document["cells"].items():
        rules = [
            Node(f"{what.replace('_', ' ')} {cell[what]}")
            for what in ("axon", "distance_from")
            if what in cell
        ]
        rules += [
            Node(f"region {region}: in {', '.join(of['in'])}" + _condition(of))
            for region, of in cell.get("regions", {}).items()
        ]
        for rule in cell["biophysics"]:
            cable = (k for k in rule if k not in _TOLD_APART)
            words = [f"{k} {rule[k]}" for k in cable]
            words += [f"ion {ion} {value}" for ion, value in rule.get("ions", {}).items()]
            inserted = rule.get("insert", {}).items()
            words += [f"{mechanism}({_listed(values)})" for mechanism, values in inserted]
            words += [
                f"{pointer} of {one['of']} -> {variable_text(pointed)}"
                for one in rule.get("pointers", ())
                for pointer, pointed in one["set"].items()
            ]
            within = "".join(f", within {name}" for name in rule.get("within", ()))
            rules.append(Node(f"in {', '.join(rule['in'])}{within}: {', '.join(words)}"))
        for kind, word in (("sets", "set"), ("scales", "scaled")):  # of code: its numbers wait
            rules += [Node(f"{what} {word} by an axis") for what in cell.get(kind, {})]
        yield Node(f"cell {name}: {_copies(cell)}{_built(cell)}", tuple(rules))


def _copies(cell: dict[str, Any]) -> str:
    """Return how many copies of a cell there are, and where they stand."""
    words = [f"{cell['count']} copies"] if "count" in cell else []
    words += [f"{part} {_listed(cell[part])}" for part in ("position", "rotation") if part in cell]
    return "".join(f"{word}, " for word in words)


def _built(cell: dict[str, Any]) -> str:
    """Return how a cell comes about: how it is divided, or by which code and with what."""
    if "python" in cell:
        code = f"built by {cell['python']['class']} of {cell['python']['file']}"
        return f"{code}({_listed(cell['parameters'])})"
    if "hoc" in cell:
        code = f"built by {cell.get('template', 'the sections')} of {', '.join(cell['hoc'])}"
        arguments = ", ".join(map(str, cell.get("arguments", ())))
        return f"{code}({arguments}), globals {_listed(cell.get('globals', {})) or 'as they are'}"
    if isinstance(cell["segments"], dict):
        return f"segments {_listed(cell['segments'])}"
    rules = ({**rule, "in": ", ".join(rule["in"])} for rule in cell["segments"])
    return f"segments {'; '.join(map(_listed, rules))}"


def _condition(region: dict[str, Any]) -> str:
    return f" where {region['where']}" if "where" in region else ""


def _listed(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _axis(axis: dict[str, Any]) -> str:
    values = [f"{value:g}" if isinstance(value, float) else str(value) for value in axis["values"]]
    if len(values) > 12:
        values = [*values[:6], "...", values[-1]]
    return f"{axis['name']} ({axis['long_name']}): {with_unit(', '.join(values), axis['unit'])}"


def _sources(lineage: dict[str, Any]) -> Iterator[Node]:
    """Yield the files that people wrote; mechanisms that are not inserted are not told."""
    for mechanism, sha256 in lineage["mechanisms"]["used"].items():
        where = lineage["mechanisms"]["set"]
        yield Node(f"mechanism {mechanism} (set {where}), source {sha256[:DIGITS]}")
    for path, sha256 in lineage["morphologies"].items():
        yield Node(f"morphology {path}, content {sha256[:DIGITS]}")
    commit = (lineage["commit"] or "no commit")[:COMMIT_DIGITS]
    if lineage["patch"]:
        commit += " with its patch"
    for path, sha256 in lineage["sources"].items():
        yield Node(f"file {path} sha256:{sha256[:DIGITS]} at {commit}")


def _drawn(node: Node, first: str = "", rest: str = "", seen: set | None = None) -> Iterator[str]:
    """Yield the lines of a tree; what has parts is taken apart where it comes first."""
    seen = set() if seen is None else seen
    if node in seen:
        yield f"{first}{node.text} (as above)"
        return
    yield first + node.text
    if node.parts:
        seen.add(node)
    for i, part in enumerate(node.parts, 1):
        last = i == len(node.parts)
        branch, stem = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield from _drawn(part, rest + branch, rest + stem, seen)
