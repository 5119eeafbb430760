"""Late plans: plans whose points are known only when results are there.

One mechanism for designs that grow by their own results (refinement, search), round by round, and
for those that are results of another sweep (an accepted population). Not known before is *which*
simulations; known from the start is every name. A late plan is named by how its points will be
found: the specification, and the fingerprints of what is read for it. Its jobs are *slots*, fixed
in number and named by that recipe and their place; some may have nothing to do. Simulations are
keyed as everywhere, so that the store finds them whichever plan asks.

What another design gives is a `Finding`:

    Finding(
        words="round 1 of 5",  # for people
        options={...},         # plain JSON: all of the specification that decides it
        maker=("module", ...), # modules whose code decides the points as well
        reads={"statistics": product},  # products, of this sweep's earlier round or another's
        new=1000,              # points that it may find, at most
        most=3000,             # with those of the rounds before
        points=function,       # pure: plan of the round before, {"statistics": Path} -> Combination
        fills=None,            # pure: {"statistics": Path} -> times of events, by process, where
                               #   these are found as well
    )

and `late_plan(plan, finding, earlier)` makes of an ordinary plan a late one. Of `plan` the points
stand for those that are not known: what is checked, and what its recipes say of axes and windows,
is of these. `earlier` is the plan of the round before, whose points come first in `points`'
answer, in their order; None where nothing goes before.

The job `plan` finds the points, when Snakemake has made what is read; `find` is what it calls. What
it wrote is believed from then on: `make_plan` returns late plans as far as they are known on this
disk (`is_known`), under the same names in any case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from spikesweep.document.axes.design import AxisValues, Combination, Label
from spikesweep.document.axes.template import Template
from spikesweep.errors import UserError
from spikesweep.plan.batches import slots, spread
from spikesweep.plan.product import Product
from spikesweep.plan.products import Plan, keyed
from spikesweep.products.code import code_hash
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.plan_file import FOUND, PlanFile, read_plan, with_times
from spikesweep.products.sidecar import check_origin, sidecars
from spikesweep.products.stages import recipe
from spikesweep.products.table import BATCH, PLAN

Points = Callable[[Plan | None, Mapping[str, Path]], Combination]


@dataclass(frozen=True)
class Finding:
    """How the points of a late plan are found; see above."""

    words: str
    options: Mapping[str, Any]
    maker: tuple[str, ...]
    reads: Mapping[str, Product]
    new: int
    most: int
    points: Points
    fills: Callable[[Mapping[str, Path]], dict[str, list[list[float]]]] | None = None


@dataclass(frozen=True)
class LatePlan(Plan):
    """A plan whose points are found by results.

    As long as they are not known, its simulations are those of the round before, as far as these
    are known; without one, none.

    stand_in: the plan as it was before anything was found; all names follow from it.
    """

    finding: Finding | None = None
    earlier: Plan | None = None
    stand_in: "LatePlan | None" = None
    is_known: bool = False
    trains: Mapping[str, list[list[float]]] = field(default_factory=dict)

    @property
    def rounds(self) -> list[Plan]:
        return [*self.earlier.rounds, self.earlier] if self.earlier else []

    @property
    def companions(self) -> list[Plan]:
        return [*self.rounds, *super().companions]

    @property
    def unknown(self) -> str:
        """What is not known yet, in words; "" where all is."""
        if self.is_known or self.finding is None:
            return ""
        before = self.earlier.unknown if self.earlier else ""
        return before or f"{self.finding.words} is not known yet"

    @property
    def most(self) -> int:
        """How many simulations it may come to."""
        return len(self.keys) if self.is_known else self._finding.most

    # ---- names, which follow from the stand-in alone ---------------------------------------------

    @property
    def _finding(self) -> Finding:
        if self.finding is None:
            raise ValueError("a late plan without a finding")
        return self.finding

    @cached_property
    def late(self) -> dict[str, Any]:
        """The recipe of the points: everything that can change which they are."""
        if self.stand_in:
            return self.stand_in.late
        finding = self._finding
        return {
            "options": dict(finding.options),
            "code": code_hash(*finding.maker),
            "reads": {name: product.fingerprint for name, product in finding.reads.items()},
            "axes": self.axes,
            "effects": {name: axis.effects(name) for name, axis in self.sweep.axes.items()},
            "stand_in": fingerprint([*self.keys, self._asked(range(len(self.keys)))]),
            "slots": self._number_of_slots,
        }

    @cached_property
    def _number_of_slots(self) -> int:
        first = self.stand_in or self
        return slots(first.template, first.columns, len(first.keys), self._finding.new,
                     self.per_job)  # fmt: skip

    @cached_property
    def options(self) -> dict[str, Any]:
        if self.stand_in:
            return self.stand_in.options
        found_later = {"keys": fingerprint(self.late), "design": {"kind": self.combination.kind}}
        return super().options | found_later

    @cached_property
    def slots(self) -> list[Product]:
        """One file a slot of this round: what each of its simulations came to."""
        if self.stand_in:
            return self.stand_in.slots
        late = fingerprint(self.late)
        return [
            self._product(BATCH, recipe(BATCH.stage, late=late, slot=i, **self._taken(BATCH)))
            for i in range(self._number_of_slots)
        ]

    @cached_property
    def simulations(self) -> list[Product]:
        return [*(self.earlier.simulations if self.earlier else ()), *self.slots]

    @cached_property
    def batches(self) -> list[list[int]]:
        before = self.earlier.batches if self.earlier else []
        first = len(self.earlier.keys) if self.earlier else 0
        new = range(first, len(self.keys)) if self.is_known else range(0)
        found = spread(
            *(self.template, self.columns, self.keys, new),
            *(self._number_of_slots, self._is_shuffled),
        )
        return [*before, *found]

    @cached_property
    def _sizes(self) -> dict[str, int]:
        if self.is_known:
            return super()._sizes
        # As many as it may find, shared out evenly.
        most = -(-self._finding.new // self._number_of_slots)
        before = self.earlier._sizes if self.earlier else {}
        return {**before, **{slot.path.name: most for slot in self.slots}}

    @cached_property
    def tables(self) -> list[Product]:
        return self.stand_in.tables if self.stand_in else super().tables

    @cached_property
    def figures(self) -> dict[str, Product]:
        return self.stand_in.figures if self.stand_in else super().figures

    @cached_property
    def plan(self) -> Product:
        if self.stand_in:
            return self.stand_in.plan
        contents = self._contents() | {"late": self.late}
        named = {name: value for name, value in contents.items() if name not in FOUND}
        return self._product(PLAN, named)

    def _contents(self) -> dict[str, Any]:
        if self.is_companion or not self.rounds:
            return super()._contents()
        read = sorted(
            path.name for product in self._finding.reads.values() for path in product.files
        )
        asked = dict(self._finding.options)
        rounds = {"asked": asked, "count": len(self.rounds) + 1, "read": read}
        before = {
            table.path.name: number
            for number, one in enumerate(self.rounds, 1)
            for table in one.tables
        }
        return super()._contents() | {"rounds": rounds, "round_of": before}

    @cached_property
    def contents(self) -> dict[str, Any]:
        axes, labels = self.combination.axes, self.combination.labels
        return self.plan.recipe | {
            "axes": self.axes,
            "design": self.design,
            "labels": self.labels,
            "simulations": len(self.keys),
            "columns": fingerprint(self.columns),
            "windows": self.windows,
            **({"unknown": self.unknown} if self.unknown else {}),
            **({"ran": self._ran} if self.rounds and not self.unknown else {}),
            "points": {
                "axes": [[axis.name, axis.unit, axis.long_name, axis.values] for axis in axes],
                "rows": [list(row) for row in self.combination.rows],
                "labels": [[label.name, label.values] for label in labels],
                **({"trains": self.trains} if self.trains else {}),
            },
        }

    @property
    def _ran(self) -> int:
        """How many of the rounds simulated anything: the last ones may have found nothing new."""
        known = [0, *(len(one.keys) for one in (*self.rounds, self))]
        return sum(after > before for before, after in pairwise(known))

    @cached_property
    def inputs(self) -> dict[str, list[Path]]:
        before = [self.earlier.plan.path] if self.earlier else []
        read = [path for product in self._finding.reads.values() for path in product.files]
        return super().inputs | {self.plan.path.name: [*before, *read]}

    # ---- what is found ---------------------------------------------------------------------------

    def find(self) -> "LatePlan":
        """Return the plan with its points, from what is read for them.

        Raises:
            UserError: what is read is missing, or not what its name promises; or values that were
                found cannot be.
        """
        files = {name: _checked(product) for name, product in self._finding.reads.items()}
        fills = self._finding.fills
        trains = fills(files) if fills else {}
        return self.with_points(self._finding.points(self.earlier, files), trains)

    def with_points(
        self, combination: Combination, trains: Mapping[str, list[list[float]]] | None = None
    ) -> "LatePlan":
        """Return the plan, now that its points, and times of events, are known."""
        trains = trains or {}
        template = filled(self.template, trains)
        return replace(
            self,
            template=template,
            combination=combination,
            trains=trains,
            stand_in=self.stand_in or self,
            is_known=True,
            **keyed(template, combination),
        )

    def as_known(self, root: Path) -> "LatePlan":
        """Return the plan with its points, where the job that finds them has written these."""
        earlier = self.earlier.as_known(root) if isinstance(self.earlier, LatePlan) else None
        plan = replace(self, earlier=earlier or self.earlier, stand_in=self.stand_in or self)
        before = plan.earlier
        if before is None or not before.unknown:
            try:
                written = read_plan(root / plan.plan.path)
                return plan.with_points(_points(written), written["points"].get("trains", {}))
            except UserError:  # missing, or damaged, as the jobs that read it say
                pass
        if before:
            return replace(plan, **{name: getattr(before, name) for name in _SIMULATIONS})
        none = replace(plan.combination, rows=[], labels=())
        columns: list[list[Any]] = [[] for _ in plan.columns]
        return replace(plan, combination=none, columns=columns, keys=[], items=[])


_SIMULATIONS = ("combination", "columns", "keys", "items")


def late_plan(plan: Plan, finding: Finding, earlier: Plan | None = None) -> LatePlan:
    """Return a plan as a late one, whose points are not known."""
    own = {field.name: getattr(plan, field.name) for field in fields(Plan)}
    return LatePlan(**own, finding=finding, earlier=earlier)


def _checked(product: Product) -> Path:
    """Return the first file of a product, which is what its name promises."""
    for sidecar, files in sidecars(product.files).items():
        for file in files:
            check_origin(file, product.fingerprint, sidecar)
    return product.path


def filled(template: Template, trains: Mapping[str, list[list[float]]]) -> Template:
    """Return a template whose processes have these times of events."""
    document = with_times(template.document, trains)
    return replace(template, document=document) if trains else template


def _points(plan: PlanFile) -> Combination:
    """Return the points that a plan file holds."""
    found = plan["points"]
    axes = (AxisValues(n, u, long, tuple(values)) for n, u, long, values in found["axes"])
    labels = (Label(name, tuple(values)) for name, values in found["labels"])
    rows = [tuple(row) for row in found["rows"]]
    return Combination(plan["design"]["kind"], tuple(axes), rows, tuple(labels))
