"""The products of a sweep: names that follow from content, and what is made from what.

A product's name holds the fingerprint of its recipe, and the recipe holds the fingerprints of
what it is made from. So a product exists or must be made, and nothing can be stale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from typing import Any

from spikesweep.document.axes.design import Combination
from spikesweep.document.axes.template import Template
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.plan.accept import Resolved, is_random, protocol_axes
from spikesweep.plan.batches import lasting, share_out
from spikesweep.plan.contents import contents_of
from spikesweep.plan.depicting import depicted, read_by
from spikesweep.plan.flags import flags_recipe, watched
from spikesweep.plan.measured import Measured, read_measured
from spikesweep.plan.options import (
    bounds,
    built,
    firing_sites,
    hill_fits,
    population_rates,
    replicate_axes,
    threshold,
)
from spikesweep.plan.own_code import statistics_code, statistics_words
from spikesweep.plan.packing import reasons
from spikesweep.plan.product import MADE, Product
from spikesweep.plan.sensitivity import described, of_numbers, over_time
from spikesweep.plan.trust import described as described_trust
from spikesweep.plan.windows import Times, in_recipes, windows_of
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.items import Items
from spikesweep.products.stages import library_recipe, recipe, short
from spikesweep.products.table import (
    BATCH,
    FIGURE,
    LINKED,
    MECHANISMS,
    PLAN,
    REFINED,
    TABLES,
    Kind,
)
from spikesweep.store.store import Store
from spikesweep.sweepfile.figures import options
from spikesweep.sweepfile.sweep import Sweep

STATISTICS = "statistics"
BYTES_PER_GB = 1_000_000_000


@dataclass(frozen=True)
class Plan:
    """A sweep, ready to run: its simulations with their keys, and its products."""

    name: str
    sweep: Sweep
    template: Template
    catalogue: Catalogue
    combination: Combination
    columns: Sequence[Sequence[Any]]  # what stands in each slot, a value a simulation
    keys: Sequence[str]
    items: Sequence[Items]  # what is recorded of each simulation
    sources: tuple[Path, ...]  # the files that it was read from
    refined: "Plan | None" = None  # where it asks for trust
    is_companion: bool = False
    times_as_long: float = 1.0  # as the sweep's own its simulations take, at most
    criteria: dict[str, Resolved] = field(default_factory=dict)  # of its population
    populations: "dict[str, Plan]" = field(default_factory=dict)  # of which it takes the accepted

    @property
    def companions(self) -> "list[Plan]":
        """The plans of what is made for this one besides, in the order in which it is made."""
        return [self.refined] if self.refined else []

    @property
    def rounds(self) -> "list[Plan]":
        """The plans of the rounds that are before this one; see `plan.late`."""
        return []

    @property
    def unknown(self) -> str:
        """What of its simulations is not known yet, in words; see `plan.late`."""
        return ""

    @property
    def most(self) -> int:
        """How many simulations it may come to, where not all are known yet."""
        return len(self.keys)

    def _product(self, kind: Kind, made: dict[str, Any], name: str = "") -> Product:
        """Return a product of the sweep's own folder; `name` is a figure's."""
        digits = short(made)
        first, *more = (
            MADE / self.name / f"{file.stem.format(name)}_{digits}{file.suffix}"
            for file in kind.files
        )
        return Product(first, made, tuple(more))

    def _taken(self, kind: Kind) -> dict[str, Any]:
        return {name: self.options[name] for name in kind.takes}

    @cached_property
    def batches(self) -> list[list[int]]:
        """The simulations of each job, as indices; those that can share a pack stand together."""
        return share_out(self.template, self.columns, self.keys, self.per_job, self._is_shuffled)

    @property
    def _is_shuffled(self) -> bool:
        return self.sweep.design is not None and self.sweep.design.order == "shuffled"

    @cached_property
    def per_job(self) -> int | str:
        """How many simulations one job runs, or "auto"."""
        seconds, one = self.sweep.seconds_per_job, self.measured
        return lasting(seconds, one.seconds) if seconds and one else self.sweep.simulations_per_job

    @cached_property
    def measured(self) -> Measured | None:
        """What one simulation takes, as far as that was measured."""
        one = read_measured(self.template.files.root, self.name)
        return one and replace(one, seconds=one.seconds * self.times_as_long)

    def measured_of_job(self, batch: str) -> Measured | None:
        """Return what the simulations of a job take, as far as that was measured; None of other
        jobs.

        Args:
            batch: the name of the job's file.
        """
        if self.measured is None or batch not in self._sizes:
            return None
        return self.measured.of(self._sizes[batch])

    @cached_property
    def _sizes(self) -> dict[str, int]:
        """How many simulations each job runs, by its file's name."""
        jobs = zip(self.simulations, self.batches, strict=True)
        return {product.path.name: len(batch) for product, batch in jobs}

    @cached_property
    def library(self) -> Product | None:
        """The compiled mechanisms; None where the sweep needs only NEURON's own."""
        if self.catalogue.set_name is None:
            return None
        made = library_recipe(self.catalogue.set_sources)
        return Product(MADE / MECHANISMS.name / f"{self.catalogue.set_name}_{short(made)}", made)

    @cached_property
    def simulations(self) -> list[Product]:
        """One file a batch: what each of its simulations came to."""
        made = [
            recipe(
                BATCH.stage,
                keys=fingerprint(sorted(self.keys[i] for i in batch)),
                items=self._asked(batch),
                n=len(batch),
                **self._taken(BATCH),
            )
            for batch in self.batches
        ]
        return [self._product(BATCH, one) for one in made]

    def _asked(self, batch: Iterable[int]) -> str:
        """Return the fingerprint of all that is asked for of some simulations."""
        several = {id(items): items for items in (self.items[i] for i in batch)}
        return fingerprint(sorted(sorted(items.addresses) for items in several.values()))

    def lacking(self, store: Store) -> list[int]:
        """Return the simulations of which no segment of the store holds all that is asked for."""
        return store.lacking(
            [
                (bytes.fromhex(key), items.addresses)
                for key, items in zip(self.keys, self.items, strict=True)
            ]
        )

    @cached_property
    def options(self) -> dict[str, Any]:
        """All that recipes can take of the sweep, as plain JSON; `takes` in the table names it.

        timeout (s), memory (bytes; None is no limit) and on_failure decide which simulations fail
        although their keys do not say so.
        """
        limits, statistics = self.sweep.limits, self.sweep.statistics
        return {
            "sweep": self.name,
            "title": self.sweep.title,
            "axes": self.axes,
            "design": self.design,
            "labels": self.labels,
            "document": self.template.document,
            "built": built(self.template, self.columns),
            "quantities": self.quantities,
            "keys": fingerprint(list(self.keys)),
            "timeout": limits.timeout,
            "memory": limits.memory and round(limits.memory * BYTES_PER_GB),
            "on_failure": self.sweep.on_failure,
            "window": in_recipes(self.windows),
            "refractory": statistics.refractory,
            "own": statistics_words(self.template.files.root, self.sweep.statistics.own),
            "own_code": statistics_code(self.template.files.root, self.sweep.statistics.own),
            "derived": {name: one.model_dump() for name, one in self.sweep.derived.items()},
            "bounds": self._bounds,
            "flags": flags_recipe(self.sweep.flags, self.watched),
            "replicates": replicate_axes(self.sweep),
            "fits": hill_fits(self.sweep),
            "firing_sites": firing_sites(self.sweep),
            "population_rates": population_rates(self.sweep),
            "sensitivity": of_numbers(self._sensitivity),
            "over_time": over_time(self._sensitivity),
            "accept": self._accept,
            "threshold": threshold(self.sweep, self.template),
            "explorer": self.sweep.explorer.model_dump(mode="json", exclude={"off"}),
            **self._trust,
        }

    @cached_property
    def windows(self) -> Times | list[Times] | None:
        """The window of the statistics (ms), or one a simulation; None for the whole run."""
        window = self.sweep.statistics.window
        return windows_of(window, self.template, self.columns, self.catalogue, len(self.keys))

    @cached_property
    def _sensitivity(self) -> dict[str, Any] | None:
        return described(self.sweep, self.template, self.combination)

    @cached_property
    def _bounds(self) -> dict[str, list[float]]:
        return bounds(self.sweep, self.template)

    @cached_property
    def watched(self) -> dict[str, Any]:
        """What of the simulations is looked at for flags, see `plan.flags`."""
        potentials = list(self._bounds)
        return watched(self.sweep.flags, potentials, self.template, self.columns, self.catalogue)

    @property
    def _trust(self) -> dict[str, Any]:
        asked = self.sweep.trust
        if asked is None:
            return {"trust": None, "alone": None}
        return described_trust(asked, self.keys, self.template.document["protocol"], self._asked)

    @cached_property
    def tables(self) -> list[Product]:
        """The products of which the sweep has one, in the order of the table."""
        tables: list[Product] = []
        for kind in TABLES:
            if kind.name in self._unasked:
                continue
            known = {**_named(tables), **self._of_companion}
            reads = {name: known[name].fingerprint for name in kind.reads if name in known}
            made = recipe(kind.stage, reads=reads, **self._taken(kind))
            tables.append(self._product(kind, made))
        return tables

    @property
    def _of_companion(self) -> dict[str, Product]:
        """What is read of the companion, by name."""
        return {REFINED: _named(self.refined.tables)["statistics"]} if self.refined else {}

    @property
    def _unasked(self) -> set[str]:
        """The tables that the sweep has no use for."""
        asked = {
            "explorer": not self.sweep.explorer.off,
            "own_statistics": self.sweep.statistics.own and STATISTICS in self._read_of_rounds,
            "over_replicates": self.options["replicates"],
            "hill_fits": self.options["fits"],
            "classify_firing": self.options["firing_sites"],
            "rates_of_populations": self.options["population_rates"],
            "sensitivity_indices": self.options["sensitivity"],
            "sensitivity_over_time": self.options["over_time"],
            "statistics": not self.is_companion or STATISTICS in self._read_of_rounds,
            "structure": not self.is_companion,
            "judge_candidates": self.criteria,
            "threshold_search": not self.is_companion and self.options["threshold"],
            "run_alone": self.sweep.trust and self.sweep.trust.alone,
            "numerical_trust": self.sweep.trust,
        }
        return {name for name, is_asked in asked.items() if not is_asked}

    @property
    def _read_of_rounds(self) -> tuple[str, ...]:
        """The tables of a round from which the next one finds its points."""
        design = self.sweep.design
        return design.reads if design and design.grows else (STATISTICS,)

    @property
    def _accept(self) -> dict[str, Any] | None:
        """What recipes say of the population."""
        if not self.criteria:
            return None
        return {
            "criteria": self.criteria,
            "axes": self.candidate_axes,
            "is_sample": self._is_sample,
        }

    @property
    def _is_sample(self) -> bool:
        """Whether candidates are drawn, by this sweep or by the one whose accepted it takes."""
        return is_random(self.sweep) or any(of._is_sample for of in self.populations.values())

    @property
    def population(self) -> Product:
        """The product that says which candidates are accepted."""
        return _named(self.tables)["population"]

    @property
    def candidate_axes(self) -> list[str]:
        """The axes that tell the candidates of its population apart: all but the protocol's."""
        of_protocol = protocol_axes(self.criteria, replicate_axes(self.sweep))
        return [axis.name for axis in self.combination.axes if axis.name not in of_protocol]

    @cached_property
    def files(self) -> dict[str, Path]:
        """The files of these by the names that they are read by: dataset, isi, psection ..."""
        of_companion = {name: product.path for name, product in self._of_companion.items()}
        return of_companion | {
            file.stem: path
            for product in self.tables
            for file, path in zip(product.kind.files, product.files, strict=True)
        }

    @property
    def links(self) -> dict[str, Path]:
        """What each stable name in `results/<sweep>/` is to lead to."""
        files = {**self.files, PLAN.name: self.plan.path.with_suffix(".csv")}
        return {file.name: files[file.stem] for file in LINKED if file.stem in files}

    @cached_property
    def figures(self) -> dict[str, Product]:
        """The figures by name; the product is the PDF, beside which PNG and SVG are made."""
        figures, known = {}, _named(self.tables)
        for figure in self.sweep.figures:
            made = recipe(
                f"{FIGURE.stage}.{figure.kind}",
                options=options(figure),
                reads={name: known[name].fingerprint for name in read_by(figure, self.sweep)},
                **depicted(figure, self.sweep, self.template, self.combination),
            )
            figures[figure.file_name] = self._product(FIGURE, made, figure.file_name)
        return figures

    @cached_property
    def plan(self) -> Product:
        """The plan file, from which every job reads what it is to do."""
        return self._product(PLAN, self.contents)

    @cached_property
    def contents(self) -> dict[str, Any]:
        """All that a plan file says, as plain JSON; its fingerprint is the plan's."""
        return self._contents()

    def _contents(self) -> dict[str, Any]:
        return contents_of(self)

    @property
    def mechanisms(self) -> set[str]:
        """The mechanisms and point processes that any simulation uses."""
        variants = (a for a in self.combination.axes if a.name in self.template.variant_axes)
        return self.template.mechanisms.union(*(map(str, axis.values) for axis in variants))

    @property
    def sources_used(self) -> dict[str, str]:
        """The hash of each source that any simulation uses, of the mechanism set."""
        used = dict(self.template.document["mechanisms"])
        for slot, column in zip(self.template.slots, self.columns, strict=True):
            if slot.path == ("mechanisms",):
                used = reduce(or_, column, used)
        return used

    @property
    def packing(self) -> str:
        """Why simulations must not share a pack; '' where they may."""
        return ", ".join(self.alone)

    @property
    def alone(self) -> list[str]:
        """The reasons why simulations must not share a pack."""
        return reasons(self.sweep, self.catalogue, self.mechanisms)

    @cached_property
    def products(self) -> dict[str, Product]:
        """Every product of the sweep's own folder but the plan, by file name."""
        every = [*self.simulations, *self.tables, *self.figures.values()]
        own = {product.path.name: product for product in every}
        return reduce(or_, (companion.products for companion in self.companions), own)

    @property
    def every(self) -> list[Product]:
        """Every product in the order of the stages, with the plan and the library."""
        more = [companion.plan for companion in self.companions]
        return [self.plan, *more, *self._library, *self.products.values()]

    @property
    def every_table(self) -> list[Product]:
        """Its tables, after those of its companions: all that its lineage tells of."""
        return [table for one in (*self.companions, self) for table in one.tables]

    @property
    def every_key(self) -> set[str]:
        """The keys of all simulations, the companions' among them."""
        return {key for plan in (self, *self.companions) for key in plan.keys}

    def plan_with(self, fingerprint: str) -> "Plan":
        """Return the plan from which a product is made, by the digits in the product's name."""
        for companion in self.companions:
            names = [companion.plan.path.name, *companion.products]
            if any(Path(name).stem.endswith(f"_{fingerprint}") for name in names):
                return companion
        return self

    @property
    def _library(self) -> list[Product]:
        return [self.library] if self.library else []

    @cached_property
    def inputs(self) -> dict[str, list[Path]]:
        """What each product is made from, by file name."""
        needed = {
            MECHANISMS.name: [product.path for product in self._library],
            BATCH.name: [batch.path for batch in self.simulations],
        }
        nothing: dict[str, list[Path]] = {self.plan.path.name: []}
        more = reduce(or_, (companion.inputs for companion in self.companions), nothing)
        return more | {
            name: [
                self.plan.path,
                *(path for kind in product.kind.needs for path in needed[kind]),
                *(self.files[read] for read in product.recipe.get("reads", ())),
            ]
            for name, product in self.products.items()
            if name not in more
        }

    @property
    def axes(self) -> list[dict[str, Any]]:
        """The axes as plain JSON, in the order of the design."""
        return [
            {
                "name": axis.name,
                "unit": axis.unit,
                "long_name": axis.long_name,
                "values": list(axis.values),
            }
            for axis in self.combination.axes
        ]

    @property
    def design(self) -> dict[str, Any]:
        """How the axes combine, as plain JSON."""
        return {"kind": self.combination.kind, "shape": list(self.combination.shape)}

    @property
    def labels(self) -> list[dict[str, Any]]:
        """What tables say of the simulations beside their axes, as plain JSON."""
        return [
            {
                "name": label.name,
                "kind": label.kind,
                "values": fingerprint([*map(str, label.values)]),
            }
            for label in self.combination.labels
        ]

    @property
    def quantities(self) -> dict[str, dict[str, str]]:
        """What each trace holds, as plain JSON."""
        return {
            name: {"unit": quantity.unit, "long_name": quantity.long_name}
            for name, quantity in self.template.quantities.items()
        }


def keyed(template: Template, combination: Combination) -> dict[str, Any]:
    """Return of the simulations of a combination what a plan holds: columns, keys and items."""
    columns = template.slot_values(combination.axes, combination.rows)
    members = template.members()
    keys, items = [], []
    for values in template.written(columns, len(combination.rows)):
        keys.append(members.key(values))
        items.append(members.items(values))
    return {"columns": columns, "keys": keys, "items": items}


def _named(products: Iterable[Product]) -> dict[str, Product]:
    """Return products by the names that each of their files is read by."""
    return {file.stem: product for product in products for file in product.kind.files}
