"""The protocol that a drafted sweep begins with: steps of current, and what is seen of them."""

from collections.abc import Mapping, Sequence
from typing import Any


def steps(
    at: str, start: Mapping[str, float], amps: Sequence[float], delay: float, dur: float,
    tstop: float, others: Mapping[str, tuple[float, float, float]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return protocol, record, axes, statistics and figures of steps of current at a place.

    Args:
        start: celsius and v_init. amps: of the steps (nA). others: what flows beside them, by
            name: delay and duration (ms), amplitude (nA).
    """
    processes = {"step": {"type": "IClamp", "at": at, "delay": delay, "dur": dur, "amp": amps[0]}}
    for name, (beginning, duration, amp) in (others or {}).items():
        clamp = {"type": "IClamp", "at": at, "delay": beginning, "dur": duration, "amp": amp}
        processes[name] = clamp
    return {
        "protocol": {**start, "tstop": tstop, "processes": processes},
        "record": {
            "traces": {"v": {"of": f"{at}.v", "every": 0.1}},
            "spikes": {"soma": {"at": at}},
        },
        "axes": {"amp": {"values": list(amps), "unit": "nA", "sets": "step.amp"}},
        "statistics": {"window": [delay, delay + dur]},
        "figures": [
            {"kind": "traces", "by": "amp"},
            {"kind": "curve", "of": "rate", "x": "amp"},
            {"kind": "morphology"},
        ],
    }
