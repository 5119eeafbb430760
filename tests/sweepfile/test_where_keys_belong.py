"""A key at the wrong place is told the right one."""

import pytest
import yaml

from spikesweep.errors import UserError
from spikesweep.sweepfile.belonging import _places, belongs
from spikesweep.sweepfile.reading import read_sweep
from spikesweep.sweepfile.schema import schema

SWEEP = yaml.safe_load("""
title: A
model:
  cells:
    cell:
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: soma, insert: {hh: {}}}]
protocol: {tstop: 5}
record: {spikes: {soma: {at: cell.soma(0.5)}}}
axes: {amp: {values: [1], sets: protocol.celsius}}
figures: [{kind: heatmap, of: rate, x: amp, y: amp}]
""")


@pytest.mark.parametrize(("place", "key", "said"), [
    ("", "tstop", 'unknown key "tstop", which belongs at protocol.tstop; known here: title'),
    ("protocol", "window", 'protocol: unknown key "window", which belongs at statistics.window;'),
    ("protocol", "axes", '"axes", which is a key of its own at the beginning of a line;'),
    ("model", "dt", 'model: unknown key "dt", which belongs at protocol.dt or trust.dt;'),
    ("figures.0", "rows", 'figures[0]: unknown key "rows", which belongs to figures of kind'),
    ("axes.amp", "insert", '"insert", which belongs at model.cells.NAME.biophysics[].insert;'),
    # Near a key of that place, and nowhere else a key: what was meant.
    ("protocol", "tstpo", 'protocol: unknown key "tstpo", did you mean "tstop"?; known:'),
    ("protocol", "nothing", 'protocol: unknown key "nothing"; known:'),
])  # fmt: skip
def test_a_key_at_a_wrong_place(tmp_path, place, key, said):
    part = sweep = yaml.safe_load(yaml.safe_dump(SWEEP))
    for step in filter(None, place.split(".")):
        part = part[int(step) if step.isdigit() else step]
    part[key] = 1
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(sweep))
    with pytest.raises(UserError) as error:
        read_sweep(path)
    assert said in str(error.value)


def test_every_key_of_the_schema_has_a_place():
    names = {name for part in schema()["$defs"].values() for name in part.get("properties", ())}
    assert names <= {*_places()}
    assert all(path.endswith(key) for key, paths in _places().items() for path in paths)


def test_no_key_is_sent_to_where_it_stands():
    for key, places in _places().items():
        for place in places:
            here = place.replace("[]", "[0]").replace("NAME", "cell").rpartition(".")[0]
            said = belongs(key, here).removeprefix(", which belongs at ")
            assert place not in said.split(" or ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("amp: 0.3 nA", "amp: 0,3 nA"),
        ("delay: 5 ms", "delay: 5,5"),
        ("L: 20 um", "L: 20,5 um"),
    ],
)
def test_a_decimal_comma_is_told(tmp_path, old, new):
    text = """\
title: A soma
model: {cells: {cell: {sections: {soma: {L: 20 um, diam: 20 um}}}}}
protocol:
  tstop: 10
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 5 ms, dur: 10 ms, amp: 0.3 nA}}
record: {spikes: {soma: {at: cell.soma(0.5)}}}
"""
    path = tmp_path / "a.yaml"
    path.write_text(text)
    read_sweep(path)
    path.write_text(text.replace(old, new))
    with pytest.raises(UserError, match="expected a decimal point where a comma stands"):
        read_sweep(path)
