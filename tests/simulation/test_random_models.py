"""Five random models, as sweep files and as plain NEURON: their traces are equal bit by bit.

A model is drawn once, as plain data, and then written twice: neither text is made from the other.
"""

import random
from pathlib import Path

import numpy as np
import pytest
import yaml

from simulating import plain_neuron, simulate_well
from spikesweep.plan.making import make_plan

MODELS = 5
REGIONS = ("axon", "basal", "apical")
# What a value may follow: as a sweep file writes it, and as a function of a segment.
EXPRESSIONS = {
    "distance": ("{a} * exp(-distance / lam)", "{a} * exp(-n.distance(origin, s) / lam)"),
    "diam": ("{a} * (1 + diam / (1 + diam))", "{a} * (1 + s.diam / (1 + s.diam))"),
    "L": ("{a} * min(L, fold) / 60 + {a} * x", "{a} * min(s.sec.L, fold) / 60 + {a} * s.x"),
    "if": (
        "{a} if distance > 80 and diam < 2 else 2 * {a}",
        "{a} if n.distance(origin, s) > 80 and s.diam < 2 else 2 * {a}",
    ),
    "number": ("{a}", "{a}"),
}
# Conditions of a region, as a sweep file writes them and of a section of one segment.
CONDITIONS = {
    "distance > lam / 2": "n.distance(origin, sec(0.5)) > lam / 2",
    "diam < 1.6 or L > 90": "sec.diam < 1.6 or sec.L > 90",
    "not (distance < 60)": "not n.distance(origin, sec(0.5)) < 60",
}
# What rules set besides, and between which values.
QUANTITIES = [
    *(("pas.g", 1e-4, 1e-3), ("pas.e", -75, -60), ("cm", 0.8, 2)),
    *(("hh.gkbar", 0.01, 0.05), ("hh.gnabar", 0.01, 0.1)),
]
SEGMENTS = {
    "nseg": ("{{nseg: {n}}}", "{n}"),
    "max_length": ("{{max_length: {l} um}}", "ceil(sec.L / {l}) | 1"),
    "d_lambda": (
        "{{d_lambda: {d}}}",
        "int((sec.L / ({d} * n.lambda_f(100, sec=sec)) + 0.9) / 2) * 2 + 1",
    ),
    "formula": (
        '{{nseg: "1 + 2 * floor(L / {l} + distance / 200)"}}',
        "1 + 2 * floor(sec.L / {l} + n.distance(origin, sec(0.5)) / 200)",
    ),
}


def draw_model(seed):
    """Return a model as plain data: all that is random in it."""
    r = random.Random(seed)
    number = lambda low, high: round(r.uniform(low, high), 4)  # noqa: E731
    sections = {"soma": {"L": number(10, 30), "diam": number(10, 30), "region": "soma"}}
    for i in range(r.randint(3, 7)):
        size = {"L": number(30, 160), "diam": number(0.5, 3)}
        if r.random() < 0.4:
            points = [[number(-50, 50) for _ in "xyz"] + [number(0.5, 3)] for _ in range(3)]
            size = {"points": points}
        parent = r.choice(list(sections))
        sections[f"{r.choice('ab')}{i}"] = size | {
            "region": r.choice(REGIONS),
            "parent": (parent, r.choice([0, 0.5, 1])),
        }
    used = sorted({section["region"] for section in sections.values()})
    names = [*sections, *used, "all", "some"]

    def value(low, high):
        return r.choice(list(EXPRESSIONS)), number(low, high)

    everywhere = {"Ra": number(60, 200), "cm": value(0.8, 1.5), "pas.g": value(5e-4, 2e-3)}
    rules = [
        {"in": "all", **everywhere},
        {"in": "soma", "hh.gnabar": value(0.1, 0.2), "hh.gkbar": ("number", 0.036)},
        {"in": "some", "pas.g": value(1e-3, 4e-3)},
    ]
    for _ in range(r.randint(2, 4)):
        what, low, high = r.choice(QUANTITIES)
        rules.append({"in": r.choice(names), what: value(low, high)})
    # In turn, so that five models have them all.
    kinds, conditions = list(SEGMENTS), list(CONDITIONS)
    spatial = [
        {"in": name, "kind": kinds[(seed + i) % len(kinds)], "n": r.randint(1, 7),
         "l": r.randint(8, 40), "d": number(0.02, 0.2)}
        for i, name in enumerate(("all", r.choice(names)))
    ]  # fmt: skip
    place = lambda: (r.choice(list(sections)), number(0, 1))  # noqa: E731
    return {
        "lam": number(50, 200),
        "fold": r.randint(20, 100),
        "sections": sections,
        "some": {"in": r.choice(["all", *used]), "where": conditions[seed % len(conditions)]},
        "rules": rules,
        "spatial": spatial,
        "celsius": number(6.3, 16),
        "v_init": number(-75, -60),
        "dt": r.choice([0.025, 0.0125, 0.05]),
        "step": (*place(), number(0.2, 1.5)),
        "synapse": (*place(), number(0.001, 0.01)),
        "traces": [place() for _ in range(3)],
    }


def as_sweep(model):
    """Return a model as a sweep file."""
    sections = {}
    for name, section in model["sections"].items():
        parent = section.get("parent")
        sections[name] = {k: v for k, v in section.items() if k != "parent"}
        if parent:
            sections[name]["parent"] = f"{parent[0]}({parent[1]})"
    rules = []
    for rule in model["rules"]:
        written = {"in": rule["in"]}
        for what, value in rule.items():
            if what == "Ra":
                written["Ra"] = value
            elif what != "in":
                kind, a = value
                text = EXPRESSIONS[kind][0].format(a=a)
                text = a if kind == "number" else text
                mechanism, _, parameter = what.rpartition(".")
                if mechanism:
                    inserted = written.setdefault("insert", {}).setdefault(mechanism, {})
                    inserted[parameter] = text
                else:
                    written[what] = text
        rules.append(written)
    spatial = [
        {"in": s["in"], **yaml.safe_load(SEGMENTS[s["kind"]][0].format(**s))}
        for s in model["spatial"]
    ]
    (stem, at, amp), (synapse, x, gmax) = model["step"], model["synapse"]
    return {
        "title": "A random model",
        "model": {
            "parameters": {"lam": f"{model['lam']} um", "fold": model["fold"]},
            "cells": {
                "cell": {
                    "sections": sections,
                    "regions": {"some": model["some"]},
                    "spatial": spatial,
                    "biophysics": rules,
                }
            },
        },
        "protocol": {
            **{name: model[name] for name in ("celsius", "v_init", "dt")},
            "tstop": 12,
            "processes": {
                "step": {"type": "IClamp", "at": f"cell.{stem}({at})", "delay": 1, "dur": 6,
                         "amp": amp},
                "syn": {"type": "AlphaSynapse", "at": f"cell.{synapse}({x})", "onset": 7,
                        "tau": 0.5, "gmax": gmax},
            },
        },
        "record": {
            "precision": "float64",
            "traces": {
                f"v{i}": {"of": f"cell.{name}({x}).v", "every": model["dt"]}
                for i, (name, x) in enumerate(model["traces"])
            },
        },
    }  # fmt: skip


def as_plain(model):
    """Return a model as a script of plain NEURON."""
    lines = ["from math import ceil, exp, floor", "sections, regions = {}, {}"]
    lines += [f"lam, fold = {model['lam']}, {model['fold']}"]
    for name, section in model["sections"].items():
        lines += [f'sec = sections["{name}"] = n.Section("{name}")']
        lines += [f'regions["{name}"] = {{"all", "{name}", "{section["region"]}"}}']
        if "points" in section:
            lines += [f"sec.pt3dadd({', '.join(map(str, point))})" for point in section["points"]]
        else:
            lines += [f"sec.L, sec.diam = {section['L']}, {section['diam']}"]
        if "parent" in section:
            parent, x = section["parent"]
            lines += [f'sec.connect(sections["{parent}"]({x}))']
    lines += ['origin = sections["soma"](0.5)']
    some = model["some"]
    lines += [
        "for name, sec in sections.items():",
        f'    if "{some["in"]}" in regions[name] and ({CONDITIONS[some["where"]]}):',
        '        regions[name].add("some")',
        "def within(region):",
        "    return [sec for name, sec in sections.items() if region in regions[name]]",
    ]
    cable = []
    for rule in model["rules"]:
        for what in ("Ra", "cm"):
            if what in rule:
                of = f"sec.Ra = {rule['Ra']}" if what == "Ra" else _plain_value("cm", *rule["cm"])
                cable += [f'for sec in within("{rule["in"]}"):', f"    {of}"]
    lines += [*cable, "nseg = {}"]
    for rule in model["spatial"]:
        count = SEGMENTS[rule["kind"]][1].format(**rule)
        lines += [f'for sec in within("{rule["in"]}"):', f"    nseg[sec] = {count}"]
    lines += ["for sec, count in nseg.items():", "    sec.nseg = count"]
    values = []
    for rule in model["rules"]:
        for what, value in rule.items():
            if "." in what:
                mechanism, _, parameter = what.partition(".")
                head = f'for sec in within("{rule["in"]}"):'
                lines += [head, f'    sec.insert("{mechanism}")']
                values += [head, f"    {_plain_value(f'{parameter}_{mechanism}', *value)}"]
    lines += [*cable, *values, f"n.celsius = {model['celsius']}"]
    (stem, at, amp), (synapse, x, gmax) = model["step"], model["synapse"]
    lines += [
        f'step = n.IClamp(sections["{stem}"]({at}))',
        f"step.delay, step.dur, step.amp = 1, 6, {amp}",
        f'synapse = n.AlphaSynapse(sections["{synapse}"]({x}))',
        f"synapse.onset, synapse.tau, synapse.gmax = 7, 0.5, {gmax}",
    ]
    for i, (name, x) in enumerate(model["traces"]):
        lines += [f'record("v{i}", sections["{name}"]({x})._ref_v)']
    lines += [f"run(12, dt={model['dt']}, v_init={model['v_init']})"]
    return "\n".join(lines)


def _plain_value(name, kind, a):
    return f"for s in sec: setattr(s, '{name}', {EXPRESSIONS[kind][1].format(a=a)})"


@pytest.mark.parametrize("seed", range(MODELS))
def test_random_model_is_plain_neuron(tmp_path, monkeypatch, seed):
    model = draw_model(seed)
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    text = yaml.safe_dump(as_sweep(model), sort_keys=False)
    (tmp_path / "config/sweeps/s.yaml").write_text(text)
    traces = simulate_well(make_plan(Path(), "s").template.document).traces
    oracle = plain_neuron(as_plain(model))
    for name, values in oracle.items():
        np.testing.assert_array_equal(traces[name], values)
    assert max(np.ptp(values) for values in oracle.values()) > 5  # mV: something happens
