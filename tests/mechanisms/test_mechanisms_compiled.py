"""Compiled mechanisms: NEURON itself says what there is, and the compiler what is wrong."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nmodl_sources import CELL, CHANNEL, STATIC, STORAGE, SYNAPSE, TABULATED, write
from spikesweep.errors import UserError
from spikesweep.mechanisms.builtin import BUILTIN, RESERVED, ion
from spikesweep.mechanisms.compile import compile_set
from spikesweep.mechanisms.mechanism import Mechanism
from spikesweep.mechanisms.sets import read_set, set_hash, source_hash

# Sources of the 1990s that come with NEURON: kinetic schemes, tables, GLOBALs of all kinds.
DEMO = Path(importlib.util.find_spec("neuron").origin).parent / ".data/share/nrn/demo/release"
DEMO_FILES = ("cabpump", "capump", "cachan1", "khhchan", "invlfire")

# Where NEURON's own names of range variables have no suffix, or differ from Python's.
UNSUFFIXED = {"na_ion", "k_ion", "ca_ion", "zz_ion"}
RENAMED = {("IClamp", "del"): "delay"}
INTERNAL = {"sav_g", "sav_rhs"}  # of extracellular: not for users

# Prints what NEURON has of each mechanism: {name: {"variables": {name: [size, unit, value]},
# "globals": {name: [size, unit, value]}, "weights": of a NetCon}}, values being those of a new
# instance.
DESCRIBE = """
import json, sys
from neuron import n
n.load_file("stdlib.hoc")
library, names = sys.argv[1], json.loads(sys.argv[2])
if library:
    assert n.nrn_load_dll(library) == 1
text, soma = n.ref(""), n.Section("soma")

def standard(name, *kinds):
    found = []
    for of_kind in (n.MechanismStandard(name, kind) for kind in kinds):
        for i in range(int(of_kind.count())):
            size = int(of_kind.name(text, i))
            found.append((text[0], size))
    return found

def variables(name, is_density, listed):
    if is_density:
        soma.insert(name)
    instance = soma(0.5) if is_density else getattr(n, name)(soma(0.5))
    described = {}
    for variable, size in listed:
        value = first(getattr(instance, {"del": "delay"}.get(variable, variable)), size)
        full = variable if is_density else f"{name}.{variable}"
        described[variable] = [size, n.units(full), value]
    return described

def weights():
    counts, points = {}, n.MechanismType(1)
    for i in range(int(points.count())):
        points.select(i)
        points.selected(text)
        if points.is_netcon_target(i):
            target = getattr(n, text[0])(soma(0.5))
            counts[text[0]] = int(n.NetCon(None, target).wcnt())
    return counts

def first(value, size):
    return value if size == 1 else value[0]

# PARAMETER, ASSIGNED, STATE; of ions all at once, since what uses an ion changes which is which.
# (All at once would list pointers, which cannot be read.)
kinds = {name: (0,) if name.endswith("_ion") else (1, 2, 3) for name in names}
counts = weights()
print(json.dumps({
    name: {
        "variables": variables(name, density, standard(name, *kinds[name])),
        "globals": {
            full: [size, n.units(full), first(getattr(n, full), size)]
            for full, size in standard(name, -1)
        },
        "weights": counts.get(name, 0),
    }
    for name, density in names.items()
}))
"""


def in_neuron(code, *arguments, cwd):
    """Run code that imports neuron in a process of its own; return the JSON that it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def describe(mechanisms, library, cwd):
    names = {m.name: m.kind == "density" for m in mechanisms}
    return in_neuron(DESCRIBE, library, json.dumps(names), cwd=cwd)


def assert_as_neuron_has_it(mechanism: Mechanism, found: dict) -> None:
    """Compare names, sizes, units and defaults of all variables."""
    suffix = "" if mechanism.kind != "density" or mechanism.name in UNSUFFIXED else mechanism.name
    known = {**mechanism.parameters, **mechanism.recordable}
    seen = set()
    for full, (size, unit, value) in found["variables"].items():
        plain = full.removesuffix(f"_{suffix}") if suffix else full
        name = RENAMED.get((mechanism.name, plain), plain)
        if name in INTERNAL:
            continue
        seen.add(name)
        assert known[name].size == size, full
        assert known[name].unit == unit, full
        if name in mechanism.parameters:
            assert mechanism.parameters[name].default == pytest.approx(value, rel=1e-12), full
    assert seen == known.keys() - set(mechanism.pointers)
    assert len(mechanism.weights) == found["weights"]

    of_neuron = found["globals"]
    assert mechanism.globals.keys() <= of_neuron.keys()
    for full in of_neuron.keys() - mechanism.globals.keys():
        # NEURON shows GLOBALs that the code assigns; setting them would be of no use.
        assert full.removesuffix(f"_{mechanism.name}") in mechanism.writes_global
    for full, variable in mechanism.globals.items():
        size, unit, value = of_neuron[full]
        assert variable.size == size, full
        assert variable.default == pytest.approx(value, rel=1e-12), full
        # Where a PARAMETER has limits and no unit, NEURON shows a limit as its unit.
        assert variable.unit == unit or (variable.unit == "" and float(unit)), full


# --- NEURON's own ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_neuron(tmp_path_factory):
    return describe(BUILTIN.values(), "", tmp_path_factory.mktemp("neuron"))


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_builtin_table(of_neuron, name):
    assert_as_neuron_has_it(BUILTIN[name], of_neuron[name])


def test_builtin_table_is_complete(tmp_path):
    code = """
import json
from neuron import n
text, found = n.ref(""), {}
for kind in (0, 1):
    types = n.MechanismType(kind)
    for i in range(int(types.count())):
        types.select(i)
        types.selected(text)
        artificial = kind and types.is_artificial(i)
        found[text[0]] = [
            "artificial" if artificial else "point" if kind else "density",
            bool(kind and types.is_netcon_target(i)),
        ]
print(json.dumps(found))
"""
    found = in_neuron(code, cwd=tmp_path)
    assert found.keys() - BUILTIN.keys() == RESERVED - {"ca_ion"}  # which comes with its first user
    for name, mechanism in BUILTIN.items():
        assert [mechanism.kind, mechanism.receives] == found[name]


# --- compiled -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """All sources of these tests as one library; its folder of sources, and the output."""
    root = tmp_path_factory.mktemp("a project")  # spaces and all
    folder = write(
        root / "mod" / "set",
        chan=CHANNEL, syn=SYNAPSE, cell=CELL, storage=STORAGE, tabulated=TABULATED, statics=STATIC,
    )  # fmt: skip
    (folder / "cell.inc").write_text("NEURON { ARTIFICIAL_CELL Cell RANGE m }")
    (root / "mod" / "above.inc").write_text("ASSIGNED { m }\nPARAMETER { shared = 7 (ms) }")
    (folder / "constants.h").write_text("#define ONE 1.0\n")
    for name in DEMO_FILES:
        (folder / f"{name}.mod").write_bytes((DEMO / f"{name}.mod").read_bytes())
    before = {path: path.stat().st_mtime_ns for path in (root / "mod").rglob("*")}
    library = compile_set(folder, root / "made" / "set_0123")
    assert {path: path.stat().st_mtime_ns for path in (root / "mod").rglob("*")} == before
    return folder, library


@pytest.fixture(scope="module")
def of_library(compiled, tmp_path_factory):
    folder, library = compiled
    mechanisms = [*read_set(folder).mechanisms.values(), ion("na"), ion("ca"), ion("zz")]
    return describe(mechanisms, library, tmp_path_factory.mktemp("elsewhere"))


def test_output_is_the_library_and_its_description(compiled):
    folder, library = compiled
    output = library.parent
    assert sorted(p.name for p in output.iterdir()) == ["libnrnmech.so", "mechanisms.json"]
    assert list(output.parent.iterdir()) == [output]  # nothing of the build is left
    read = read_set(folder)
    described = json.loads((output / "mechanisms.json").read_text())
    assert described["sources_sha256"] == set_hash(read)
    assert described["neuron"] == "9.0.2" or described["neuron"] > "9"
    assert described["compiler"]
    assert described["mechanisms"].keys() == read.mechanisms.keys()
    chan = described["mechanisms"]["chan"]
    assert chan["source_sha256"] == source_hash(read.mechanisms["chan"])
    assert chan["parameters"]["gbar"] == {"default": 0.12, "unit": "S/cm2"}
    assert chan["file"] == "chan.mod"


def test_what_is_read_is_what_neuron_has(compiled, of_library):
    mechanisms = read_set(compiled[0]).mechanisms
    assert len(mechanisms) == 6 + len(DEMO_FILES)
    for mechanism in mechanisms.values():
        assert_as_neuron_has_it(mechanism, of_library[mechanism.name])


@pytest.mark.parametrize("name", ["na", "ca", "zz"])
def test_ions(of_library, name):
    assert_as_neuron_has_it(ion(name), of_library[f"{name}_ion"])


def test_what_instances_share(compiled, tmp_path):
    """Three instances count: in 1, 2, 3 where they share the variable, each to 1 otherwise."""
    code = """
import json, sys
from neuron import n
assert n.nrn_load_dll(sys.argv[1]) == 1
soma = n.Section("soma")
soma.nseg = 3
for name in ("storage", "statics"):
    soma.insert(name)
n.finitialize(-65)
names = [v for v in dir(soma(0.5).storage) if v.endswith("_seen")]
seen = {name: [getattr(s.storage, name) for s in soma] for name in names}
print(json.dumps({**seen, "static": [s.statics.seen for s in soma]}))
"""
    seen = in_neuron(code, compiled[1], cwd=tmp_path)
    shared = {name for name, counts in seen.items() if counts != [1, 1, 1]}
    assert shared == {"global_seen", "assigned_seen", "local_seen", "static"}
    mechanisms = read_set(compiled[0]).mechanisms
    assert mechanisms["storage"].writes_global == (
        "assigned_global", "file_local", "parameter_global",
    )  # fmt: skip
    assert mechanisms["storage"].pack_hazards
    assert mechanisms["statics"].pack_hazards


def test_a_table_is_filled_by_one_instance_for_all(compiled, tmp_path):
    code = """
import json, sys
from neuron import n
assert n.nrn_load_dll(sys.argv[1]) == 1
soma = n.Section("soma")
soma.nseg = 3
soma.insert("tabulated")
for i, segment in enumerate(soma):
    segment.tabulated.shift = i
seen = []
for use in (1, 0):
    n.usetable_tabulated = use
    n.finitialize(-60)
    seen.append([segment.tabulated.seen for segment in soma])
print(json.dumps(seen))
"""
    with_table, without = in_neuron(code, compiled[1], cwd=tmp_path)
    assert without == [-120, -119, -118]  # slope*v + shift
    assert with_table != without
    assert read_set(compiled[0]).mechanisms["tabulated"].pack_hazards


@pytest.mark.workflow
def test_an_output_that_is_there_is_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # paths as a rule of the workflow gives them
    folder = write(Path("mod"), syn=SYNAPSE)
    output = Path("results", "made")
    output.mkdir(parents=True)
    (output / "left over").touch()
    assert compile_set(folder, output) == output / "libnrnmech.so"
    assert not (output / "left over").exists()


# --- what cannot be compiled ----------------------------------------------------------------

BROKEN = """NEURON { SUFFIX broken RANGE g NONSPECIFIC_CURRENT i }
PARAMETER { g = 1 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT {
    i = g*(v + 1)
}
"""


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # nocmodl finds it
        ("g*(v + 1)", "g * * v", ["Illegal expression", "at line 5 in file {file}", "i = g * * v"]),
        ("RANGE g", "USEION ca READ cao", ["cao", "{file}"]),
        # the C++ compiler finds it
        (
            "    i = g",
            "VERBATIM\n    int k = nowhere(3);\nENDVERBATIM\n    i = g",
            ["{file}, line 6: error: 'nowhere' was not declared in this scope"],
        ),
        ("g*(v + 1)", "g*v*lost", ["{file}, line 5: error: 'lost' was not declared"]),
        # nobody finds it before the library is loaded
        (
            "BREAKPOINT {\n",
            "VERBATIM\nextern double nowhere(double);\nENDVERBATIM\n"
            "BREAKPOINT {\nVERBATIM\n    i = nowhere(1);\nENDVERBATIM\n",
            ["cannot be loaded", "nowhere"],
        ),
    ],
)
def test_errors_are_the_compilers_words_about_the_users_file(tmp_path, old, new, says):
    assert old in BROKEN
    folder = write(tmp_path / "mod", broken=BROKEN.replace(old, new))
    with pytest.raises(UserError) as error:
        compile_set(folder, tmp_path / "made" / "set")
    message = str(error.value)
    for words in says:
        assert words.format(file=folder / "broken.mod") in message
    assert "\x1b" not in message  # no colours
    assert str(tmp_path / "made") not in message  # no copies
    assert len(message.splitlines()) < 12
    assert list((tmp_path / "made").iterdir()) == []


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"no \.mod file"):
        compile_set(tmp_path, tmp_path / "made")


@pytest.mark.parametrize("missing", ["g++", "make", "perl"])
def test_a_missing_tool_is_named_with_what_to_install(tmp_path, monkeypatch, missing):
    folder = write(tmp_path / "mod", broken=BROKEN)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in {"g++", "make", "perl"} - {missing}:
        (tools / tool).symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("CXX", "g++")
    what = "a C++ compiler" if missing == "g++" else missing
    with pytest.raises(
        UserError, match=rf"without {what.replace('+', '.')}; install .*apt install"
    ):
        compile_set(folder, tmp_path / "made")


@pytest.mark.workflow
def test_flags_of_an_outer_make_do_not_reach_the_build(tmp_path, monkeypatch):
    """`make test` would hand on its job server, or `-n`, with which nothing would be built."""
    monkeypatch.setenv("MAKEFLAGS", "n")
    folder = write(tmp_path / "mod", syn=SYNAPSE)
    assert os.path.getsize(compile_set(folder, tmp_path / "made")) > 0
