"""Checks of the times that figures show against the run: what has ended, no figure shows."""

from typing import Any

from spikesweep.errors import UserError
from spikesweep.plan.products import Plan
from spikesweep.plan.times import longest_run

ROUNDING = 1e-9  # of a bin: 100 ms hold ten of 10 ms


def check_shown_times(plan: Plan, figure: Any, where: str) -> None:
    """Refuse a figure of times when every simulation has ended, and bins longer than what they
    divide.

    Raises:
        UserError: naming the option, and what was expected.
    """
    longest = longest_run(plan)
    window = getattr(figure, "window", None) or (0.0, longest)
    if window[0] >= longest:
        raise UserError(
            f"{where}.window: begins at {window[0]:g} ms, when every simulation has ended; "
            f"expected one that begins before tstop, {longest:g} ms"
        )
    span = min(window[1], longest) - window[0]
    if (width := getattr(figure, "bin", 0.0)) > span * (1 + ROUNDING):
        of = "the window within the run" if figure.window else "the run"
        raise UserError(
            f"{where}.bin: {width:g} ms is longer than {of}, {span:g} ms, which has no whole bin; "
            "expected a shorter one"
        )
    for option, time in _moments(figure):
        if not 0 <= time <= longest:
            raise UserError(
                f"{where}.{option}: {time:g} ms; expected a time within the run, 0 to "
                f"{longest:g} ms"
            )


def _moments(figure: Any) -> list[tuple[str, float]]:
    """Return the single times that a figure shows, each with its option."""
    if figure.kind == "movie":
        return [(f"times[{i}]", time) for i, time in enumerate(figure.times or ())]
    show = getattr(figure, "show", None)
    return [("show", show)] if isinstance(show, float) else []
