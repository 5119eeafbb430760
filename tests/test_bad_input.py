"""A mistake in a sweep file is one message: file, key, value, expectation, the name meant."""

from pathlib import Path

import pytest

from spikesweep.errors import UserError
from spikesweep.plan import make_plan

SWEEP = """\
title: A stick
model:
  mechanisms: default
  cells:
    cell:
      sections:
        soma: {L: 20 um, diam: 20 um}
        dend: {L: 100 um, diam: 1 um, region: basal, parent: soma(1)}
      biophysics:
        - {in: all, Ra: 100 ohm*cm, cm: 1 uF/cm2, insert: {pas: {g: 1e-4 S/cm2}}}
        - {in: soma, insert: {hh: {gnabar: 0.12 S/cm2}}, ions: {ena: 50 mV}}
        - {in: dend, insert: {kdr: {gkbar: "0.01 * exp(-distance / 50)"}}}
protocol:
  celsius: 6.3
  tstop: 10 ms
  dt: 0.025 ms
  globals: {usetable_hh: 0}
  processes:
    step: {type: IClamp, at: cell.soma(0.5), delay: 1 ms, dur: 5 ms, amp: 0.3 nA}
    syn: {type: ExpSyn, at: cell.dend(0.5), tau: 2 ms}
  connections:
    loop: {from: cell.soma(0.5), to: syn, weight: 0.001}
record:
  traces: {v: {of: cell.soma(0.5).v, every: 0.1 ms}}
  spikes: {soma: {at: cell.soma(0.5), threshold: 0 mV}}
axes:
  dose: {values: [0, 1, 10], unit: uM, drug: {scales: cell.all.kdr.gkbar, ic50: 3 uM}}
  celsius: {values: [6.3, 16], sets: protocol.celsius}
design: {grid: [dose, celsius]}
statistics: {window: [0 ms, 10 ms]}
figures:
  - {kind: heatmap, of: rate, x: dose, y: celsius}
  - {kind: traces, at: {celsius: 6.3}}
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project folder, entered, with the project's mechanisms."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    shipped = Path(__file__).resolve().parent.parent
    for name in ("mod", "morphologies"):
        (tmp_path / name).symlink_to(shipped / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(root, text):
    (root / "config/sweeps/s.yaml").write_text(text)
    return make_plan(Path(), "s")


def test_the_sweep_itself_is_right(root):
    assert len(plan(root, SWEEP).keys) == 6


# what is replaced, by what, and what the message must say besides the file
ROWS = [
    ("title: A stick", "titel: A stick", 'unknown key "titel", did you mean "title"'),
    ("title: A stick", "title: ''", "title: '': "),
    ("title: A stick\n", "", "title: this key is required"),
    ("title: A stick", "title: A stick\ntitle: B", 'line 2, column 1: the key "title" stands'),
    ("title: A stick", "title: [A", "expected YAML"),
    ("mechanisms: default", "mechanisms: defualt", 'model.mechanisms: there is no mechanism set'),
    ("cells:", "cell:", 'model: unknown key "cell", did you mean "cells"'),
    ("L: 20 um", "L: 20 mV", 'sections.soma.L: "20 mV" has the wrong kind of unit'),
    ("L: 20 um", "L: 0", "sections.soma.L: 0.0: should be greater than 0"),
    ("L: 20 um", "L: twenty", 'sections.soma.L: "twenty" is not a quantity'),
    ("L: 20 um", "length: 20 um", 'sections.soma: unknown key "length"'),
    ("parent: soma(1)", "parent: soam(1)", 'dend.parent: no section above it is named "soam"'),
    ("parent: soma(1)", "parent: soma", 'dend.parent: "soma"; expected a section and a point'),
    (", parent: soma(1)", "", "have no parent"),
    ("region: basal", "region: basl", "dend.region: 'basl': should be"),
    ("      sections:\n", "      morphology: x.swc\n      sections:\n",
     "expected either morphology or sections"),
    ("in: dend", "in: dendrite", 'biophysics[2].in: the cell has no region or section "dendrite"'),
    ("{pas: {g", "{pass: {g", 'no density mechanism is named "pass", did you mean "pas"'),
    ("{hh: {gnabar", "{IClamp: {gnabar", '"IClamp" is no density mechanism'),
    ("gnabar: 0.12", "gnabr: 0.12", '"gnabr" is no parameter of hh, did you mean "gnabar"'),
    ("0.12 S/cm2", "0.12 S", '"0.12 S" has the wrong kind of unit; expected one that converts to'),
    ("exp(-distance", "exp(-distnce", "biophysics[2].insert.kdr.gkbar"),
    ("exp(-distance / 50)", "__import__('os').getcwd()", "biophysics[2].insert.kdr.gkbar"),
    ("ena: 50 mV", "ema: 50 mV", '"ema", did you mean'),
    ("celsius: 6.3\n", "celcius: 6.3\n", 'protocol: unknown key "celcius", did you mean "celsius"'),
    ("tstop: 10 ms", "tstop: -10 ms", "protocol.tstop: -10.0: should be greater than 0"),
    ("celsius: 6.3\n", "celsius: 279\n", "protocol.celsius: 279.0: should be less than"),
    ("values: [6.3, 16]", "values: [6.3, 300]", "axes.celsius.values: celsius 300: should be less"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [0.025, 0], sets: protocol.dt}", "axes.celsius.values: dt 0: should be"),
    ("tstop: 10 ms", "tstop: .inf", "protocol.tstop: inf is not finite"),
    ("tstop: 10 ms", "tstop: true", "protocol.tstop: True is not a quantity"),
    ("usetable_hh", "usetabel_hh", 'GLOBAL named "usetabel_hh", did you mean "usetable_hh"'),
    ("type: IClamp", "type: Iclamp", 'no point process is named "Iclamp", did you mean "IClamp"'),
    ("type: IClamp", "type: hh", '"hh" is no point process'),
    ("type: IClamp, ", "", "protocol.processes.step.type: this key is required"),
    ("amp: 0.3 nA", "amp: 0.3 mV", 'step.amp: "0.3 mV" has the wrong kind of unit'),
    ("amp: 0.3 nA", "amplitude: 1", '"amplitude" is no parameter of IClamp'),
    ("at: cell.soma(0.5), delay", "at: cel.soma(0.5), delay", 'no cell is named "cel"'),
    ("at: cell.soma(0.5), delay", "at: 'cell.soma[1](0.5)', delay", 'no section "soma[1]"'),
    ("at: cell.soma(0.5), delay", "at: cell.soma(5), delay", "lies outside its section"),
    ("at: cell.soma(0.5), delay", "at: cell.soma, delay", "is not a place in a cell"),
    ("to: syn", "to: sin", 'connections.loop.to: no process is named "sin", did you mean "syn"'),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5)", "names no variable"),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).hh.q", 'hh has no variable "q"'),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).nat.m", '"nat" is not inserted in this cell'),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).ica", 'the cell has no variable "ica"'),
    ("of: cell.soma(0.5).v", "of: step.j", 'IClamp has no variable "j"'),
    ("every: 0.1 ms", "every: 0.03 ms", "0.03 ms is no multiple of the time step 0.025 ms"),
    ("record:\n  traces: {v: {of: cell.soma(0.5).v, every: 0.1 ms}}\n"
     "  spikes: {soma: {at: cell.soma(0.5), threshold: 0 mV}}",
     "record: {}", "record: nothing is recorded"),
    ("values: [0, 1, 10]", "values: [0, 1, 1]", "axes.dose.values: the value 1.0 stands twice"),
    ("values: [0, 1, 10]", "values: []", "axes.dose.values"),
    ("values: [0, 1, 10]", "values: [0, 1, -10]", "expected doses of 0 and above"),
    ("values: [0, 1, 10]", "values: [0, 1, .nan]", "nan is not finite"),
    ("values: [0, 1, 10]", "values: {logspace: [0, 1, 3]}", "expected first and last above 0"),
    ("values: [0, 1, 10]", "values: {linspac: [0, 1, 3]}", "axes.dose.values"),
    ("ic50: 3 uM", "ic50: 3 mV", 'axes.dose.drug.ic50: "3 mV" has the wrong kind of unit'),
    ("ic50: 3 uM", "ic50: 0", "axes.dose.drug.ic50: 0; expected a dose above 0"),
    ("scales: cell.all.kdr.gkbar", "scales: cell.soma.kdr.gkbar", "the axis would set nothing"),
    ("scales: cell.all.kdr.gkbar", "scales: cell.all.kdr.gbar", '"gbar" is no parameter of kdr'),
    ("sets: protocol.celsius", "sets: protocol.celcius", 'did you mean "celsius"'),
    ("sets: protocol.celsius", "sets: cell", '"cell" is no quantity'),
    (", sets: protocol.celsius", "", "expected either sets or drug"),
    ("celsius: {values: [6.3, 16]", "celsius: {unit: mV, values: [6.3, 16]", "wrong kind of unit"),
    ("grid: [dose, celsius]", "grid: [dose, temperature]", 'no axis is named "temperature"'),
    ("grid: [dose, celsius]", "grid: [dose]", "the axis celsius is left out"),
    ("grid: [dose, celsius]", "zip: [dose, celsius]", "dose has 3, celsius has 2 values"),
    ("grid: [dose, celsius]", "table: ../t.csv", "leads out of the project"),
    ("grid: [dose, celsius]", "table: t.csv", "no such file"),
    ("kind: heatmap", "kind: heetmap", '"heetmap" is no kind of figure, did you mean "heatmap"'),
    ("of: rate", "of: rat", 'figures[0].of: no quantity is named "rat", did you mean "rate"'),
    ("x: dose", "x: doses", 'figures[0].x: no axis is named "doses", did you mean "dose"'),
    ("x: dose, y: celsius", "x: dose, y: dose", "figures[0].y: dose is x already"),
    ("at: {celsius: 6.3}", "at: {celsius: 7}", "at.celsius: 7.0 is no value of the axis"),
    ("at: {celsius: 6.3}", "rows: 3", "figures[1]"),
    ("window: [0 ms, 10 ms]", "window: [10 ms, 0 ms]", "statistics.window"),
    ("window: [0 ms, 10 ms]", "window: [10 ms, 20 ms]", "when every simulation has ended"),
    ("of: cell.soma(0.5).v, every", "of: cell.soma[0](0.5).v, every", "write quotes around a place"),
    ("title: A stick", "title:\tA stick\n\tx: y", "indent with spaces"),
    ("window: [0 ms, 10 ms]", "window: 10 ms", "statistics.window"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), ROWS, ids=[row[1][:40] for row in ROWS])
def test_refused_with_one_message(root, old, new, said):
    assert SWEEP.count(old) == 1
    with pytest.raises(UserError) as caught:
        plan(root, SWEEP.replace(old, new))
    message = str(caught.value)
    assert said in message
    assert message.startswith("config/sweeps/s.yaml")
    assert str(root) not in message
