"""Sweep files by the thousand, each damaged somewhere: a plan or one message, never a traceback."""

import copy
import os
import shutil
from functools import reduce
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from project import ROOT
from spikesweep.errors import UserError
from spikesweep.plan.making import make_plan

pytestmark = pytest.mark.workflow  # many plans
SHIPPED = sorted(ROOT.glob("config/*/*.yaml"))
SWEEPS = [yaml.safe_load(path.read_text()) for path in SHIPPED]
# What a person or an enemy might write where something else belongs.
ODD = [
    *(None, True, -1, 0, 1, 0.5, 10**400, -(10**30), 1e-300, float("nan"), float("inf")),
    *("", " ", "x", "-x", "../x", "/etc/passwd", "a b", "é", "\u202e", "a\nb", "a\x00b", "\ud800"),
    *("1 mV", "1 9**9**9", "1e999 mV", "1 m**9**9", "nan", "inf mV", "cell.soma(0.5)"),
    *("cell.soma(2)", "cell.soma[99999999999999999999](0.5)", "soma", "all", "protocol.tstop"),
    *("exp(" * 60, "9**9**9**9", "__import__('os')", "distance / 0", "=1+1", "{}", "[]"),
    *([], {}, [[]], [{}], {"x": 1}, {1: 2}, [None], {"linspace": [0, 1, 10**6]}),
    *({"logspace": [1, 0, 3]}, {"linspace": [0, 1, -1]}, ["a", "a"], [1, "1"], [10**400]),
]


def places(value, path=()):
    """Every place in a sweep, as the keys that lead there."""
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in inner:
            yield from places(part, (*path, key))


def at(sweep, path):
    """What stands at a place."""
    return reduce(lambda part, key: part[key], path, sweep)


@st.composite
def damaged(draw):
    """A shipped sweep in which one to three places hold something else, or are gone."""
    sweep = copy.deepcopy(draw(st.sampled_from(SWEEPS)))
    text = st.text(st.characters(codec=None), max_size=12)
    odd = st.one_of(st.sampled_from(ODD), text, st.floats(), st.integers())
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(sweep))[1:] or [()]))
        if not path:
            break
        parent, key = at(sweep, path[:-1]), path[-1]
        match draw(st.sampled_from(["odd", "moved", "removed", "renamed"])):
            case "odd":
                parent[key] = copy.deepcopy(draw(odd))
            case "moved":  # the right thing in the wrong place
                parent[key] = copy.deepcopy(at(sweep, draw(st.sampled_from(list(places(sweep))))))
            case "removed":
                del parent[key]
            case "renamed" if isinstance(parent, dict):
                parent[draw(st.one_of(text, st.sampled_from([*parent, "x", 1, True])))] = (
                    parent.pop(key)
                )
    return sweep


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project folder with the shipped mechanisms, morphologies and models, and nothing else."""
    root = tmp_path_factory.mktemp("fuzz")
    (root / "config/sweeps").mkdir(parents=True)
    for name in ("mod", "morphologies"):
        (root / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "config/examples/models", root / "config/examples/models")
    before = os.getcwd()
    os.chdir(root)
    yield root
    os.chdir(before)


def plan_or_message(root, content):
    (root / "config/sweeps/s.yaml").write_bytes(content)
    try:
        make_plan(Path(), "s", most=10_000)
    except UserError as error:
        message = str(error)
        assert message.strip()
        assert len(message) < 20_000
        assert str(root) not in message
        message.encode(errors="strict")
    assert sorted(p.name for p in root.iterdir()) == ["config", "mod", "morphologies"]


unhurried = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(unhurried, max_examples=600)
@given(sweep=damaged())
def test_damaged_sweeps(root, sweep):
    text = yaml.safe_dump(sweep, allow_unicode=True, sort_keys=False)
    plan_or_message(root, text.encode(errors="surrogatepass"))


@settings(unhurried, max_examples=300)
@given(data=st.data())
def test_damaged_text(root, data):
    """Bytes cut out, put in or doubled in the text itself."""
    content = data.draw(st.sampled_from(SHIPPED)).read_bytes()
    first = data.draw(st.integers(0, len(content)))
    last = data.draw(st.integers(first, min(len(content), first + 40)))
    new = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"&a [*a]", b"\t", b"]}"])))
    plan_or_message(root, content[:first] + new + content[last:])


@settings(unhurried, max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes(root, content):
    plan_or_message(root, content)
