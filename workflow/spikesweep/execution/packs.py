"""All simulations of a job: pack by pack, each pack in a forked child of its own."""

import gc
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from spikesweep.execution.child import Child, Outcome, in_child, wait
from spikesweep.execution.sharing import Member, models_of, share_out
from spikesweep.execution.together import run_alone, run_together
from spikesweep.language import document as doc
from spikesweep.language.movie_grid import frame_range
from spikesweep.recording.results import Result, digest
from spikesweep.recording.traces import count_samples
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.simulator import Simulator

log = logging.getLogger(__name__)

# A pack holds at most so much. More members or segments gain nothing, since by then the time goes
# into the integration itself; and what is not done yet when a job is killed is lost.
PACK_MEMBERS = 256
PACK_SEGMENTS = 2048
PACK_BYTES = 2**27  # of traces and waveforms
# A pack spares each member NEURON's own work at a time step, which is that of some segments; the
# proof of its model takes a simulation more. So it pays where members are more than this part of
# the segments that one has.
LEAST_MEMBERS = 1 / 5

Save = Callable[[list[Result]], Any]
# What a pack, or a simulation alone, comes to, through children that run one after the other.
Steps = Generator[Callable[[], Any], Outcome, "PackDone | None"]


@dataclass(frozen=True)
class Summary:
    """What one simulation came to, without its data.

    status: that of its Result, or the machine's: "timeout", "memory", "crashed"; or "error" where
        its own code ended the process.
    failures: of items, as its Result has them. stored: whether there is a Result.
    """

    key: str
    status: str
    message: str
    failures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stored: bool = True


@dataclass(frozen=True)
class PackDone:
    """A pack's summaries, and what `save` returned for it; None where there is nothing saved."""

    summaries: list[Summary]
    token: Any


@dataclass(frozen=True)
class _Answer:
    """What a child tells of the results that it saved.

    digests: place of a witness in the pack -> digest of its result.
    """

    done: PackDone
    digests: dict[int, str]


def run(
    members: Sequence[Member],
    simulator: Simulator,
    save: Save,
    *,
    packable: bool = True,
    pack_size: int | None = None,
    timeout: float | None = None,
    memory: int | None = None,
    cores: int = 1,
    pulse: float | None = None,
) -> Iterator[PackDone]:
    """Run simulations in packs, the longest first, and yield each pack when it is done.

    A pack whose child does not come to an end, or in which a simulation cannot be built, is run
    again one by one. Of the first pack of each model, the last member also runs alone; if one bit
    differs, or if packs of it exceed a limit, that model is run one by one from there on.

    Args:
        members: key and document of each simulation.
        save: called in the child with a pack's results; what it returns travels to the caller of
            `run`, who keeps it: the results, or the path of a temporary file that holds them. A
            refused pack's file is removed here.
        packable: whether these simulations may share a NEURON instance at all.
        pack_size: simulations of a pack; default: as many as gain anything.
        timeout: seconds that a simulation may take; a pack gets no more.
        memory: bytes that a simulation may take; a pack gets no more.
        cores: children that run side by side; where a pack is proven, nothing runs beside it.
        pulse: seconds after which a PackDone of nothing is yielded while nothing is done, for a
            caller with something else to do.

    Raises:
        RuntimeError: results cannot be saved.
    """
    read_morphologies((document for _, document in members), simulator)
    if any(_asks_efel(document["record"]) for _, document in members):
        import spikesweep.recording.features  # here, and not again in every child  # noqa: F401
    # All that the children begin with is needed to the end: none of them is to look through it for
    # garbage, which costs a tenth of its time and copies the pages that it touches.
    gc.freeze()
    runner = _Runner(members, simulator, save, timeout, memory)
    if not packable or len(members) == 1:  # a pack of one needs no measure: that builds a cell
        pack_size = 1
    share = runner.share if pack_size is None else lambda member: 1 / pack_size
    by_model = sorted(members, key=lambda member: runner.models[member[0]])
    yield from runner.run(share_out(by_model, share), cores, pulse)


def read_morphologies(documents: Iterable[doc.Document], simulator: Simulator) -> None:
    """Read all morphologies of documents ahead, in children: Import3d can crash.

    One that cannot be read is left to the simulation that wants it, and to its status.
    """
    cells = [cell for document in documents for cell in document["cells"].values()]
    wanted = {c["morphology"]["sha256"]: c for c in cells if "morphology" in c}
    for name in wanted.keys() - simulator.geometries.keys():
        outcome = in_child(lambda cell=wanted[name]: simulator.traced(cell))
        if outcome.status == "ok":
            simulator.geometries[name] = outcome.value


class _Runner:
    """Runs packs, and remembers which models may be packed."""

    def __init__(
        self,
        members: Sequence[Member],
        simulator: Simulator,
        save: Save,
        timeout: float | None,
        memory: int | None,
    ):
        self.models = models_of(members)
        self._alike = Counter(self.models.values())
        self._simulator = simulator
        self._save = save
        self._limits = {"timeout": timeout, "memory": memory}
        self._shares: dict[str, float] = {}
        self._proven: set[str] = set()
        self._unpacked: set[str] = set()

    def share(self, member: Member) -> float:
        """Return the part of a pack that a member takes, as the first of its model tells."""
        key, document = member
        model = self.models[key]
        if model not in self._shares:
            alike = self._alike[model]
            outcome = in_child(
                lambda: _pack_share(document, self._simulator, alike), **self._limits
            )
            self._shares[model] = outcome.value if outcome.status == "ok" else 1 / PACK_MEMBERS
        return self._shares[model]

    def run(
        self, packs: Iterable[list[Member]], cores: int, pulse: float | None
    ) -> Iterator[PackDone]:
        """Yield each pack as one when it is done, or where that is not to be, its members."""
        waiting = deque(packs)
        running: dict[Child, tuple[list[Member], Steps]] = {}
        try:
            while waiting or running:
                while waiting and len(running) < cores and self._may_start(waiting[0], running):
                    pack = waiting.popleft()
                    if len(pack) > 1 and self._models(pack) & self._unpacked:
                        waiting.extendleft([member] for member in reversed(pack))
                    else:
                        steps = self._run_pack(pack) if len(pack) > 1 else self._run_one(*pack)
                        running[Child(next(steps), **self._limits)] = pack, steps
                ended = wait(list(running), pulse and time.monotonic() + pulse)
                if not ended:
                    yield PackDone([], None)
                for child in ended:
                    pack, steps = running[child]
                    with child:
                        outcome = child.outcome()
                    del running[child]
                    try:
                        running[Child(steps.send(outcome), **self._limits)] = pack, steps
                    except StopIteration as end:
                        if end.value is None:
                            waiting.extendleft([member] for member in reversed(pack))
                        else:
                            yield end.value
        finally:  # also on KeyboardInterrupt
            for child in running:
                child.__exit__()

    def _may_start(
        self, pack: list[Member], running: Mapping[Child, tuple[list[Member], Steps]]
    ) -> bool:
        """Return whether a pack may start beside others: not where one of them is being proven."""
        beside = [others for others, _ in running.values()]
        return not beside or not any(map(self._is_to_be_proven, [pack, *beside]))

    def _is_to_be_proven(self, pack: list[Member]) -> bool:
        models = self._models(pack)
        return len(pack) > 1 and not models & self._unpacked and not models <= self._proven

    def _models(self, pack: list[Member]) -> set[str]:
        return {self.models[key] for key, _ in pack}

    def _run_pack(self, pack: list[Member]) -> Steps:
        """Return what a pack came to; None where its members are to run one by one."""
        models, witnesses = self._models(pack), self._witnesses(pack)
        outcome = yield from _twice_if_killed(
            lambda: self._finish(run_together(pack, self._simulator), witnesses.values())
        )
        if outcome.status in ("timeout", "memory"):
            self._unpack(models, f"a pack of {len(pack)} exceeded a limit ({outcome.message})")
        if outcome.status != "ok":
            return None
        answer: _Answer = outcome.value
        for model, place in witnesses.items():
            alone = yield from _twice_if_killed(
                lambda p=place: digest(run_alone(pack[p], self._simulator))
            )
            if alone.value != answer.digests[place]:
                came_to = alone.message or "gave another result"
                self._unpack(models, f"simulation {pack[place][0][:12]} alone: {came_to}")
                if isinstance(answer.done.token, str | Path):
                    Path(answer.done.token).unlink(missing_ok=True)
                return None
            self._proven.add(model)
        return answer.done

    def _run_one(self, member: Member) -> Steps:
        outcome = yield from _twice_if_killed(
            lambda: self._finish([run_alone(member, self._simulator)])
        )
        if outcome.status == "ok":
            return outcome.value.done
        if outcome.status == "error":  # run_alone raises nothing, so it was `save`
            raise RuntimeError(f"results cannot be saved: {outcome.message}")
        message = self._simulator.relative(outcome.message)
        status = "error" if outcome.status == "ended" else outcome.status
        return PackDone([Summary(member[0], status, message, stored=False)], None)

    def _finish(self, results: list[Result], witnesses: Iterable[int] = ()) -> _Answer:
        """Save results, in the child, and tell of them."""
        summaries = [Summary(r.key, r.status, r.message, r.failures) for r in results]
        digests = {place: digest(results[place]) for place in witnesses}
        return _Answer(PackDone(summaries, self._save(results)), digests)

    def _witnesses(self, pack: list[Member]) -> dict[str, int]:
        """Return the places of the members that are to give the same bits alone, by model.

        That is the last of each model not proven yet, since the first could well be right where a
        mechanism counts its instances.
        """
        last = {self.models[key]: place for place, (key, _) in enumerate(pack)}
        return {model: place for model, place in last.items() if model not in self._proven}

    def _unpack(self, models: set[str], reason: str) -> None:
        self._unpacked |= models
        log.warning("Simulations of this model do not share NEURON any more: %s.", reason)


def _twice_if_killed(
    function: Callable[[], Any],
) -> Generator[Callable[[], Any], Outcome, Outcome]:
    """Have a function run in a child; once more if that was killed, which was not its doing."""
    outcome = yield function
    return (yield function) if outcome.killed else outcome


def _asks_efel(record: doc.Record) -> bool:
    return any("threshold" in wanted for wanted in record.get("features", {}).values())


def _pack_share(document: doc.Document, simulator: Simulator, alike: int) -> float:
    """Return the part of a pack that a simulation takes, by its segments, traces and waveforms.

    Args:
        alike: simulations of its model; where they are few and their cells large, each goes alone.
    """
    protocol, record = document["protocol"], document["record"]
    samples = sum(count_samples(trace, protocol) for trace in record["traces"].values())
    features = [one for one in record.get("features", {}).values() if "every" in one]
    measured = sum(count_samples(one, protocol) for one in features)
    simulation = Simulation(document, simulator)
    segments = simulation.segment_count
    if alike < LEAST_MEMBERS * segments:
        return 1.0
    movies = record.get("movies", {}).values()
    samples += segments * sum(len(frame_range(movie, protocol["tstop"])) for movie in movies)
    trace_bytes = samples * np.dtype(record["precision"]).itemsize + 8 * measured
    played_bytes = 8 * sum(len(vector) for vector in simulation.waveforms)
    return max(
        1 / PACK_MEMBERS, segments / PACK_SEGMENTS, (trace_bytes + played_bytes) / PACK_BYTES
    )
