"""Figures of times when every simulation has ended are refused before any is run."""

import pytest

from planning import plan_stick
from spikesweep.errors import UserError

TRACES = {"a": {"of": "cell.soma(0.5).v"}, "b": {"of": "cell.dend(0.5).v"}}
RECORD = {
    "record": {
        "traces": TRACES,
        "movies": {"film": {"of": "cell.all.v", "every": 1}},
    }
}
LONGER = {"axes": {"stop": {"values": [10, 40], "sets": "protocol.tstop"}}}


@pytest.mark.parametrize(("figure", "said"), [
    ({"kind": "movie", "times": [0, 10]}, ""),
    ({"kind": "movie", "times": [0, 11]}, "times[1]: 11 ms; expected a time within the run, 0 to"),
    ({"kind": "profile", "show": 10}, ""),
    ({"kind": "profile", "show": 30}, "show: 30 ms; expected a time within the run, 0 to 10 ms"),
    ({"kind": "profile", "show": "max"}, ""),
    ({"kind": "traces", "window": [9, 30]}, ""),
    ({"kind": "traces", "window": [10, 30]}, "window: begins at 10 ms, when every simulation has"),
    ({"kind": "population_rate", "bin": 10}, ""),
    ({"kind": "population_rate", "bin": 0.1, "window": [9.9, 10]}, ""),  # within rounding
    ({"kind": "population_rate", "bin": 11}, "bin: 11 ms is longer than the run, 10 ms"),
])  # fmt: skip
def test_within_the_run(tmp_path, figure, said):
    """The run of the stick has 10 ms."""
    if not said:
        assert plan_stick(tmp_path, RECORD, {"figures": [figure]}).figures
        return
    with pytest.raises(UserError) as caught:
        plan_stick(tmp_path, RECORD, {"figures": [figure]})
    assert f"figures[0].{said}" in str(caught.value)


def test_the_longest_simulation_counts(tmp_path):
    figure = {"kind": "population_rate", "bin": 30}
    assert plan_stick(tmp_path, LONGER, {"figures": [figure]}).figures
