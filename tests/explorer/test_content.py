"""What the page holds: as much as the budget lets it, coded so that it comes back."""

import base64
import json
import re
import zlib

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from collecting import SOMA, a_plan
from exploring import FINGERPRINT, content, explore, write_page
from spikesweep.explorer import content as contents
from spikesweep.explorer import page as pages
from spikesweep.explorer.content import _first
from spikesweep.explorer.traces import (
    LOSSLESS,
    NOT_A_NUMBER,
    at_precision,
    coded,
    shuffled,
    step_of,
)
from synthetic import simulated

DOSE = {"name": "dose", "unit": "uM", "long_name": "dose", "values": [float(n) for n in range(40)]}
SAMPLES = 1001
TITLE = "</script><!--<script> & {{style}}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty simulations, of which the third crashed and the fourth goes to infinity."""
    folder = tmp_path_factory.mktemp("content")
    results = [simulated(name, SAMPLES) for name in range(40)]
    results[3].traces["v_soma"][5:] = np.inf
    crashed = {results[2].key: ("crashed", "")}
    flags = {index: {"excursion": "v_soma runs from -70 to 120 mV"} for index in (9, 30)}
    explore(folder, a_plan(DOSE, tstop=100.0, title=TITLE), results, crashed, flags=flags)
    return folder


def plain(blob: bytes, dtype: str) -> np.ndarray:
    """Numbers of which all first bytes stand together, then all second ones, and so on."""
    planes, size = np.frombuffer(zlib.decompress(blob), np.uint8), np.dtype(dtype).itemsize
    return np.ascontiguousarray(planes.reshape(size, -1).T).view(dtype).ravel()


def traces(held, n: int = 0) -> list[np.ndarray]:
    """The samples of all simulations as the page's own modules read them, after `bytes.js`."""
    coding = held.about["traces"][n]
    packed, lengths = held.blobs[f"trace_{n}"], plain(held.blobs[f"lengths_{n}"], "<u4")
    found, start = [], 0
    for length in lengths.tolist():
        size = length & (LOSSLESS - 1)
        chunk = packed[start : start + size]
        start += size + -size % 3
        if not size:
            found.append(np.full(coding["samples"], np.nan))
        elif length >= LOSSLESS:
            found.append(plain(chunk, f"<f{coding['itemsize']}"))
        else:
            whole = np.cumsum(plain(chunk, "<i4"), dtype=np.int32)
            missing = whole == NOT_A_NUMBER
            found.append(np.where(missing, np.nan, whole * coding["step"]))
    assert start == len(packed)
    return found


def datasets(folder) -> np.ndarray:
    with h5py.File(folder / "dataset.nc") as file:
        return file["v_soma"][()]


def test_lossless_traces_are_the_datasets_bit_by_bit(folder):
    held = content(folder)
    assert held.left_out == []
    found = np.array(traces(held), "float32")
    whole = datasets(folder)
    ran = np.arange(40) != 2
    assert found[ran].tobytes() == whole[ran].tobytes()
    assert np.isnan(found[2]).all()
    assert np.isnan(whole[2]).all()


def test_at_a_precision_no_sample_is_further_away_than_half_a_step(folder):
    held = content(folder, {"traces": "precision", "precision": 0.01})
    whole, found = datasets(folder), traces(held)
    assert held.left_out == [
        "digits of traces, which are shown as whole multiples of v_soma 0.01 mV"
    ]
    assert found[3].astype("float32").tobytes() == whole[3].tobytes()  # infinite: as it is
    others = [n for n in range(40) if n not in (2, 3)]
    apart = max(np.abs(found[n] - whole[n]).max() for n in others)
    assert 0 < apart <= 0.005 * (1 + 1e-9)


def test_some_simulations_are_coded_as_among_all(folder):
    with h5py.File(folder / "dataset.nc") as file:
        every = at_precision(file["v_soma"], 0.01)
        some = at_precision(file["v_soma"], 0.01, range(1, 40, 7))
    assert some.chunks == every.chunks[1::7]
    assert some.lengths.tolist() == every.lengths[1::7].tolist()


def test_that_nothing_fits_is_known_from_some_simulations(folder, monkeypatch):
    coded = []
    monkeypatch.setattr(contents, "_TRIED", 4)
    monkeypatch.setattr(
        contents, "at_precision", lambda *given: coded.append(given) or at_precision(*given)
    )
    held = content(folder, {"traces": "auto", "precision": 0.01}, budget=40_000)
    assert "traces, which would make the page too large" in held.left_out
    assert [list(given[2]) for given in coded] == [[0, 10, 20, 30]]


def test_the_budget_decides_what_is_left_out(folder):
    """Of ever less room: all, fewer digits, no traces, no spikes; the tables stay."""
    coarse = {"traces": "precision", "precision": 1.0}
    whole, less = content(folder).nbytes, content(folder, coarse).nbytes
    none = content(folder, {"traces": "none", "precision": 1.0})
    options = {"traces": "auto", "precision": 1.0}
    assert none.nbytes < less < whole
    some = 2000  # what is small
    for budget, step, said in (
        (whole, None, []),
        (whole - some, 1.0, ["digits of traces"]),
        (less + some, 1.0, ["digits of traces"]),
        (less - some, "left out", ["traces, which would make the page too large"]),
        (1, "left out", ["spike times", "traces, which would make the page too large"]),
    ):
        held = content(folder, options, budget)
        steps = [trace["step"] for trace in held.about["traces"]] or ["left out"]
        assert steps == [step]
        assert [
            one for one, s in zip(held.left_out, said, strict=True) if not one.startswith(s)
        ] == []
        assert held.nbytes <= budget or budget == 1
        assert held.blobs["statistics"] == none.blobs["statistics"]
    forced = content(folder, {"traces": "lossless", "precision": 1.0}, budget=1)
    assert forced.about["traces"][0]["step"] is None


@given(
    arrays.arrays("float32", st.integers(1, 40), elements=st.floats(width=32)),
    st.sampled_from([0.01, 0.5, 3.0, 1e-3]),
)
def test_any_samples_come_back_within_half_a_step_or_stay_as_they_are(samples, step):
    chunk = coded(samples, step)
    if chunk is None:
        assert np.nanmax(np.abs(samples)) > 2**30 * step
        return
    whole = np.cumsum(plain(chunk, "<i4"), dtype=np.int32)
    assert np.array_equal(whole == NOT_A_NUMBER, np.isnan(samples))
    there = ~np.isnan(samples)
    apart = np.abs(whole[there] * step - samples[there].astype(float))
    assert (apart <= step / 2 * (1 + 1e-6) + 1e-9).all()


@given(arrays.arrays(st.sampled_from(["<f8", "<u4"]), st.integers(0, 30)))
def test_any_numbers_come_back(values):
    assert plain(shuffled(values), values.dtype.str).tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("unit", "extremes", "step"),
    [
        ("mV", [-80.0, 40.0], 0.01),
        ("nA", [-3.0, 1.0, np.nan], 0.0004),
        ("nA", [5.0, 5.0], 1e-12),
        ("1", [np.nan, np.inf], 1e-12),
    ],
)
def test_other_quantities_have_a_ten_thousandth_of_their_range(unit, extremes, step):
    assert step_of(unit, np.array(extremes), 0.01) == step


def test_of_more_simulations_than_a_page_can_show_it_has_the_first(folder, monkeypatch):
    """Their rows of all tables and their keys, no spikes and traces; and it says so."""
    whole = content(folder)
    monkeypatch.setattr("spikesweep.explorer.content.MOST_SIMULATIONS", 25)
    held = content(folder)
    assert held.left_out == [
        "15 of 40 simulations: the page shows the first 25",
        "spikes and traces of so many simulations",
    ]
    assert held.about["simulations"] == 25
    assert (held.about["traces"], held.about["spikes"]) == ([], False)
    assert held.blobs["keys"] == whole.blobs["keys"][: 25 * 32]
    assert zlib.decompress(whole.blobs["flags"]).decode().count("\n") == 3
    assert zlib.decompress(held.blobs["flags"]).decode().count("\n") == 2  # without that of 30
    for table in ("simulations", "statistics"):
        rows = zlib.decompress(whole.blobs[table]).splitlines(keepends=True)
        assert zlib.decompress(held.blobs[table]) == b"".join(rows[:26])
    monkeypatch.setattr("spikesweep.explorer.content.MOST_SIMULATIONS", 40)
    assert content(folder).left_out == []


def test_the_same_sweep_gives_the_same_bytes(folder):
    first = write_page(folder, content(folder)).read_bytes()
    assert write_page(folder, content(folder)).read_bytes() == first


def test_what_the_page_says_ends_no_script_and_is_json(folder):
    text = write_page(folder, content(folder)).read_text()
    [about] = re.findall(r'<script type="application/json" id="about">(.*?)</script>', text, re.S)
    said = json.loads(about)
    assert said["title"] == TITLE
    assert said["lineage"]["fingerprint"] == FINGERPRINT
    assert "<title>&lt;/script&gt;&lt;!--&lt;script&gt; &amp; {{style}}</title>" in text
    [blob] = re.findall(r'id="blob-statistics">(.*?)<', text)
    table = zlib.decompress(base64.b64decode(blob))
    assert table == (folder / "statistics.csv").read_bytes()


def test_traces_of_every_step_have_times_of_their_own(tmp_path):
    places = {name: {"at": SOMA, "variable": "v"} for name in ("v_soma", "w_soma")}
    record = {
        "precision": "float64",
        "traces": {
            "v_soma": places["v_soma"] | {"every": "step"},
            "w_soma": places["w_soma"] | {"every": 0.1},
        },
        "spikes": {},
    }
    quantities = {name: {"unit": "mV", "long_name": "potential"} for name in record["traces"]}
    results = [simulated(name, 7 + name, "float64") for name in range(3)]
    for n, result in enumerate(results):
        result.traces |= {"time_step": np.linspace(0, 0.4, 7 + n), "w_soma": np.arange(5.0)}
        result.spikes = {}
    axis = DOSE | {"values": [0.0, 1.0, 2.0]}
    explore(tmp_path, a_plan(axis, record=record, quantities=quantities), results)
    held = content(tmp_path)
    assert [(trace["name"], trace["time"]) for trace in held.about["traces"]] == [
        ("v_soma", -1), ("w_soma", 0), ("time_step", -1),
    ]  # fmt: skip
    times = traces(held, 2)
    assert times[0][:7].tobytes() == np.linspace(0, 0.4, 7).tobytes()
    assert np.isnan(times[0][7:]).all()
    assert plain(held.blobs["time_0"], "<f8").tolist() == [0.0, 0.1, 0.2, 0.3, 0.4]


def test_rows_of_a_table_are_cut_between_rows():
    text = 'a,b\n1,"x\ny"\n2,z\n3,"w"\n'
    assert _first(text, 3) == 'a,b\n1,"x\ny"\n2,z\n'


# ---- the modules ---------------------------------------------------------------------------------


def with_modules(monkeypatch, folder, **modules):
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source)
    monkeypatch.setattr(pages, "WEB", folder)
    pages.assembled.cache_clear()
    return pages.assembled


@pytest.fixture
def modules(monkeypatch, tmp_path):
    yield lambda **sources: with_modules(monkeypatch, tmp_path, **sources)
    pages.assembled.cache_clear()


def test_modules_stand_after_those_that_they_import(modules):
    script = modules(
        main='import { b as c } from "./two.js";\nimport { a } from "./one.js";\nc(a);\n',
        two='import { a } from "./one.js";\nexport function b() {\n  return a;\n}\n',
        one="export const a = 1;\nconst own = 2;\n",
    )()
    assert re.findall(r"^const (module_\w+)", script, re.M) == [
        "module_one", "module_two", "module_main",
    ]  # fmt: skip
    assert "return { a };" in script
    assert "const { b: c } = module_two;" in script
    assert not re.search(r"^(import|export)\b", script, re.M)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({"main": 'import * as one from "./one.js";\n'}, "imports and exports are by name"),
        ({"main": "export default 1;\n"}, "imports and exports are by name"),
        ({"main": 'const a = "</script>";\n'}, "would end the script"),
        (
            {
                "main": 'import { a } from "./one.js";\n',
                "one": 'import { b } from "./main.js";\nexport const a = 1;\n',
            },
            "main.js -> one.js -> main.js: modules that import each other",
        ),
    ],
)
def test_modules_that_no_page_can_be_made_of_are_refused(modules, sources, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        modules(**sources)()


def test_every_file_of_the_page_is_used_and_packaged():
    script = pages.assembled()
    found = {path.name for path in pages.WEB.iterdir()}
    used = {f"{name}.js" for name in re.findall(r"^const module_(\w+) =", script, re.M)}
    assert found == used | {"page.html", "page.css"}
