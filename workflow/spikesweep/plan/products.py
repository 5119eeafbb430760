"""The products of a sweep: names that follow from content, and what is made from what.

A product's name holds the fingerprint of its recipe, and the recipe holds the fingerprints of
what it is made from. So a product exists or must be made, and nothing can be stale.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from typing import Any

from spikesweep.document.axes.design import Combination
from spikesweep.document.axes.template import Template
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.plan.depicting import first_simulation
from spikesweep.plan.sharing import share_out
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.stages import code, library_recipe, recipe, short
from spikesweep.sweepfile.figures import Morphology, options
from spikesweep.sweepfile.model import CodeCell
from spikesweep.sweepfile.sweep import Sweep

MADE = Path("results/made")
BYTES_PER_GB = 1_000_000_000
FIGURE_FORMATS = (".pdf", ".png", ".svg")


@dataclass(frozen=True)
class Product:
    """What a stage makes, and all that made it.

    path: the file, the first where there are more. A mechanism set is a folder.
    """

    path: Path
    recipe: dict[str, Any]
    more: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that others read."""
        return (self.path, *self.more)

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of the recipe, as 64 hex digits."""
        return fingerprint(self.recipe)


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
    sources: tuple[Path, ...]  # the files that it was read from

    def _product(self, stem: str, suffix: str, made: dict[str, Any], *more: str) -> Product:
        """Return a product; `more` are the suffixes of its further files."""
        path = MADE / self.name / f"{stem}_{short(made)}{suffix}"
        return Product(path, made, tuple(path.with_suffix(other) for other in more))

    @cached_property
    def batches(self) -> list[list[int]]:
        """The simulations of each job, as indices; those that can share a pack stand together."""
        per_job = self.sweep.simulations_per_job
        return share_out(self.template, self.columns, len(self.keys), per_job)

    @cached_property
    def library(self) -> Product | None:
        """The compiled mechanisms; None where the sweep needs only NEURON's own."""
        if self.catalogue.set_name is None:
            return None
        made = library_recipe(self.catalogue.set_sources)
        return Product(MADE / "mechanisms" / f"{self.catalogue.set_name}_{short(made)}", made)

    @cached_property
    def simulations(self) -> list[Product]:
        """One file a batch: what each of its simulations came to."""
        made = [
            recipe(
                "simulate",
                keys=fingerprint(sorted(self.keys[i] for i in batch)),
                n=len(batch),
                **self.failing,
            )
            for batch in self.batches
        ]
        return [self._product("simulations", ".csv", one) for one in made]

    @property
    def limits(self) -> dict[str, Any]:
        """What one simulation may take: timeout (s), memory (bytes); None is no limit."""
        limits = self.sweep.limits
        return {
            "timeout": limits.timeout,
            "memory": limits.memory and round(limits.memory * BYTES_PER_GB),
        }

    @property
    def failing(self) -> dict[str, Any]:
        """What decides which simulations fail although their keys do not say so.

        Batches and dataset hold timeouts and the like, so that these belong to their recipes.
        """
        return {**self.limits, "on_failure": self.sweep.on_failure}

    @property
    def bounds(self) -> dict[str, list[float]]:
        """The bounds of each trace of a membrane potential (mV)."""
        traces = self.template.document["record"]["traces"]
        potentials = [name for name, t in traces.items() if "at" in t and t["variable"] == "v"]
        return {name: list(self.sweep.bounds) for name in potentials}

    @cached_property
    def structure(self) -> Product:
        """The segments of the cells and their parameters, in the sweep's first simulation; beside
        it, what NEURON's psection() says of their sections."""
        first = self.template.fill([column[0] for column in self.columns])
        document = {name: first[name] for name in ("cells", "mechanisms", "engine")}
        document["parameters"] = first.get("parameters", {})
        document["globals"] = first["protocol"]["globals"]
        table = self._product(
            "structure", ".csv", recipe("structure", document=document, **self.limits)
        )
        sections = table.path.with_name(table.path.name.replace("structure", "psection"))
        return replace(table, more=(sections.with_suffix(".json"),))

    @property
    def psection(self) -> Path:
        """What NEURON's psection() says of the cells."""
        return self.structure.more[0]

    @cached_property
    def dataset(self) -> Product:
        """The labelled dataset."""
        made = recipe(
            "collect",
            sweep=self.name,
            title=self.sweep.title,
            axes=self.axes,
            design=self.design,
            document=self.template.document,
            quantities=self.quantities,
            keys=fingerprint(list(self.keys)),
            **self.failing,
        )
        return self._product("dataset", ".nc", made)

    @cached_property
    def statistics(self) -> Product:
        """The table of spike statistics; beside it, the intervals are written."""
        window = self.sweep.statistics.window
        made = recipe(
            "statistics",
            dataset=self.dataset.fingerprint,
            window=list(window) if window else None,
            refractory=self.sweep.statistics.refractory,
            bounds=self.bounds,
        )
        table = self._product("statistics", ".csv", made)
        intervals = table.path.with_name(table.path.name.replace("statistics", "isi"))
        return replace(table, more=(intervals,))

    @property
    def isi(self) -> Path:
        """The table of intervals."""
        return self.statistics.more[0]

    @cached_property
    def failures(self) -> Product:
        """The table of the simulations that failed."""
        made = recipe(
            "failures", dataset=self.dataset.fingerprint, sweep=self.name, bounds=self.bounds
        )
        return self._product("failures", ".csv", made)

    @cached_property
    def figures(self) -> dict[str, Product]:
        """The figures by name; the product is the PDF, beside which PNG and SVG are made."""
        figures = {}
        first, *others = FIGURE_FORMATS
        for figure in self.sweep.figures:
            made = recipe(
                f"figure.{figure.kind}",
                options=options(figure),
                reads={name: self._readable[name].fingerprint for name in figure.reads},
                **self._depicted(figure),
            )
            figures[figure.file_name] = self._product(figure.file_name, first, made, *others)
        return figures

    def _depicted(self, figure: Any) -> dict[str, Any]:
        """What a figure of the cells says of the simulation that it shows; nothing of others."""
        if not isinstance(figure, Morphology):
            return {}
        return {"simulation": first_simulation(figure, self.template, self.combination)}

    @property
    def tables(self) -> list[Product]:
        """What people read under stable names, besides the plan."""
        return [self.structure, self.dataset, self.statistics, self.failures]

    @property
    def _readable(self) -> dict[str, Product]:
        """What figures can read."""
        return {
            "dataset": self.dataset,
            "statistics": self.statistics,
            "isi": Product(self.isi, self.statistics.recipe),
            "structure": self.structure,
            "failures": self.failures,
        }

    @cached_property
    def plan(self) -> Product:
        """The plan file, from which every job reads what it is to do."""
        return self._product("plan", ".json", self.contents, ".csv")

    @cached_property
    def contents(self) -> dict[str, Any]:
        """All that a plan file says, as plain JSON; its fingerprint is the plan's."""
        products = [*self._library, *self.products.values()]
        return {
            "stage": "plan",
            "sweep": self.name,
            "title": self.sweep.title,
            "axes": self.axes,
            "design": self.design,
            "simulations": len(self.keys),
            "document": self.template.document,
            "slots": [list(slot.path) for slot in self.template.slots],
            "columns": fingerprint(self.columns),
            "quantities": self.quantities,
            "parameter_units": self.catalogue.parameter_units(self._insertable),
            "morphologies": self.template.files.morphologies,
            "waveforms": {
                sha256: {"times": waveform.times, "values": waveform.values}
                for sha256, (_, waveform) in self.template.files.waveforms.items()
            },
            "models": self.template.files.models,
            "imported": self.template.files.imported,
            "notes": self.template.files.notes,
            "mechanisms": self._sources_used,
            "library": str(self.library.path) if self.library else None,
            "packing": self.packing,
            "sources": [str(path) for path in self.sources],
            "batches": [product.path.name for product in self.simulations],
            "structure": self.structure.path.name,
            "psection": self.psection.name,
            "dataset": self.dataset.path.name,
            "statistics": self.statistics.path.name,
            "isi": self.isi.name,
            "failures": self.failures.path.name,
            "figures": {name: product.path.name for name, product in self.figures.items()},
            "products": {product.path.name: product.recipe for product in products},
            "code": {stage: code(stage) for stage in sorted({p.recipe["stage"] for p in products})},
        }

    @property
    def mechanisms(self) -> set[str]:
        """The mechanisms and point processes that any simulation uses."""
        variants = (a for a in self.combination.axes if a.name in self.template.variant_axes)
        return self.template.mechanisms.union(*(map(str, axis.values) for axis in variants))

    @property
    def _sources_used(self) -> dict[str, str]:
        """The hash of each source that any simulation uses, of the mechanism set."""
        used = dict(self.template.document["mechanisms"])
        for slot, column in zip(self.template.slots, self.columns, strict=True):
            if slot.path == ("mechanisms",):
                used = reduce(or_, column, used)
        return used

    @property
    def packing(self) -> str:
        """Why simulations must not share a pack; '' where they may."""
        code = {name: c for name, c in self.sweep.model.cells.items() if isinstance(c, CodeCell)}
        alone = [
            f"{name}: its code does not say packable" for name in code if not code[name].packable
        ]
        if self.sweep.protocol.cvode:
            alone.append("cvode: other cells would change its time steps")
        used = self.mechanisms | ({*self.catalogue.own_names} if code else set())
        return ", ".join(filter(None, [*alone, self.catalogue.unsafe_to_pack(used)]))

    @property
    def _insertable(self) -> set[str]:
        """The mechanisms that the cells have, or where code builds one, that they may have."""
        if any(isinstance(cell, CodeCell) for cell in self.sweep.model.cells.values()):
            return set(self.catalogue.known)
        return self.mechanisms

    @cached_property
    def products(self) -> dict[str, Product]:
        """Every product of the sweep's own folder but the plan, by file name."""
        every = [*self.simulations, *self.tables, *self.figures.values()]
        return {product.path.name: product for product in every}

    @property
    def every(self) -> list[Product]:
        """Every product in the order of the stages, with the plan and the library."""
        return [self.plan, *self._library, *self.products.values()]

    @property
    def _library(self) -> list[Product]:
        return [self.library] if self.library else []

    @cached_property
    def inputs(self) -> dict[str, list[Path]]:
        """What each product is made from, by file name."""
        plan = self.plan.path
        sources = [plan, self.library.path] if self.library else [plan]
        inputs = {product.path.name: sources for product in (*self.simulations, self.structure)}
        inputs[self.dataset.path.name] = [plan, *(batch.path for batch in self.simulations)]
        inputs[self.statistics.path.name] = [plan, self.dataset.path]
        inputs[self.failures.path.name] = [plan, self.dataset.path]
        for figure in self.sweep.figures:
            read = [self._readable[name].path for name in figure.reads]
            inputs[self.figures[figure.file_name].path.name] = [plan, *read]
        return inputs

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
    def quantities(self) -> dict[str, dict[str, str]]:
        """What each trace holds, as plain JSON."""
        return {
            name: {"unit": quantity.unit, "long_name": quantity.long_name}
            for name, quantity in self.template.quantities.items()
        }
