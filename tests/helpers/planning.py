"""What the tests of plans share: a sweep, and changes merged into it."""

import copy

import yaml

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


def merged(tree, changes):
    tree = copy.deepcopy(tree)
    for key, value in changes.items():
        inner = isinstance(value, dict) and isinstance(tree.get(key), dict)
        tree[key] = merged(tree[key], value) if inner else value
    return tree


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
