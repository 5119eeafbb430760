"""What the tests of cells share: a cell in a sweep and in plain NEURON, and its structure table."""

from spikesweep.jobs.structure import structure
from spikesweep.simulation.simulator import Simulator

# A soma, a dendrite that bends, and one that branches off its middle.
SWEEP = """
title: A cell
model:
  parameters: {lam: 0.1 mm, g0: 2e-4}
  cells:
    cell:
      sections:
        soma: {L: 20, diam: 20}
        dend: {L: 200, diam: 2, region: basal, parent: soma(1), nseg: 5}
        tuft: {L: 100, diam: 1, region: apical, parent: dend(0.5), nseg: 3}
      biophysics:
        - {in: all, Ra: 100, insert: {pas: {g: "g0 * exp(-distance / lam)"}}}
        - {in: soma, insert: {hh: {}}}
protocol:
  tstop: 10
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 1, dur: 5, amp: 0.5}}
record: {precision: float64, traces: {v: {of: cell.tuft(1).v, every: 0.025}}}
"""


def changed_cell(*replaced, axes="{}"):
    """Return SWEEP with axes, and with some of its text replaced: pairs of old and new."""
    text = SWEEP
    for old, new in replaced:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return f"{text}axes: {axes}\n"


def more(*lines):
    """Return what is to be replaced so that the cell has more lines."""
    indented = "".join(f"      {line}\n" for line in lines)
    return "    cell:\n", f"    cell:\n{indented}"


NO_NSEG = (", nseg: 5", ""), (", nseg: 3", "")


def documents(plan):
    """Return the document of each simulation of a plan."""
    return [plan.template.fill(values) for values in zip(*plan.columns, strict=True)] or [
        plan.template.document
    ]


def column(document, name):
    """Return a column of the structure table, a value a segment, by section."""
    values = {}
    for row in structure(document, Simulator()):
        values.setdefault(f"{row['section']}[{row['index']}]", []).append(row.get(name))
    return values


PLAIN = """
soma, dend, tuft = (n.Section(name) for name in ("soma", "dend", "tuft"))
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 2, 5
tuft.L, tuft.diam, tuft.nseg = 100, 1, 3
dend.connect(soma(1))
tuft.connect(dend(0.5))
for section in n.allsec():
    section.Ra = 100
    section.insert("pas")
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
record("v", tuft(1)._ref_v)
"""
