"""What the tests of plans share: a sweep, and changes merged into it."""

import copy
from functools import reduce

import yaml

from spikesweep.plan.making import make_plan

STICK = yaml.safe_load("""
title: A stick
model:
  cells:
    cell:
      sections:
        soma: {L: 20, diam: 20}
        dend: {L: 100, diam: 1, region: basal, parent: soma(1)}
        tip: {L: 50, diam: 1, region: basal, parent: dend(1)}
      biophysics:
        - {in: all, Ra: 100, insert: {hh: {gkbar: 0.04}, pas: {}}}
        - {in: basal, insert: {hh: {gkbar: 0.01}}}
protocol:
  tstop: 10
  processes:
    step: {type: IClamp, at: cell.soma(0.5), delay: 1, dur: 5, amp: 0.3}
record: {spikes: {soma: {at: cell.soma(0.5)}}}
""")

# A soma and a pulse, for designs that search for how long or strong it must be; without axes.
PULSED = """\
title: A search
model:
  cells:
    cell:
      sections: {soma: {L: 20, diam: 20}}
      biophysics: [{in: all, insert: {hh: {}}}]
protocol:
  tstop: 20
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 5, dur: 1, amp: 0.3}}
record:
  spikes: {soma: {at: cell.soma(0.5)}}
"""


def merged(tree, changes):
    tree = copy.deepcopy(tree)
    for key, value in changes.items():
        inner = isinstance(value, dict) and isinstance(tree.get(key), dict)
        tree[key] = merged(tree[key], value) if inner else value
    return tree


def plan_stick(folder, *changes):
    """The plan of the stick with changes, one after the other, as the sweep `stick` of a folder."""
    sweeps = folder / "config/sweeps"
    sweeps.mkdir(parents=True, exist_ok=True)
    sweep = reduce(merged, changes, STICK)
    (sweeps / "stick.yaml").write_text(yaml.safe_dump(sweep, sort_keys=False))
    return make_plan(folder, "stick")


def gkbar_by_section(document, cell="cell"):
    """What gkbar comes to in each section, by the rule that later rules win."""
    regions = {"soma": "soma", "dend": "basal", "tip": "basal"}
    values = {}
    for rule in document["cells"][cell]["biophysics"]:
        for section, region in regions.items():
            known = {section, region, "all"}
            if known & set(rule["in"]) and known >= set(rule.get("within", [])):
                value = rule.get("insert", {}).get("hh", {}).get("gkbar")
                values[section] = values.get(section) if value is None else value
    return values
