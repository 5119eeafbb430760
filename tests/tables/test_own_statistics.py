"""Statistics by the user's own functions: what they get, what they may not do, what is told."""

import re
from datetime import date
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from elephant import statistics as elephant
from neo import SpikeTrain
from pydantic import ValidationError
from test_statistics import CRASHED, OK, write_dataset

from project import ROOT
from spikesweep.errors import UserError
from spikesweep.jobs.own_statistics import _measured as measured
from spikesweep.jobs.statistics import own_columns
from spikesweep.plan.own_code import definition, statistic_code
from spikesweep.sweepfile.figures import PythonFigure
from spikesweep.sweepfile.sweep import OwnStatistic, Statistics
from spikesweep.tables.own_statistics import read_own_statistics, write_own_statistics
from spikesweep.tables.simulations import write_simulations
from spikesweep.tables.statistics import write_tables

PAGE = (ROOT / "docs/measuring.md").read_text()
FANO = dedent(re.search(r"\n( {4}import numpy as np\n\n    def fano.*?)\n\n\S", PAGE, re.S)[1])
HEAD = "import random, time, os\nimport numpy as np\nSEEN = []\n\ndef own(simulation):\n    "
TRAINS = {
    "soma": [[10.0, 20.0, 120.0], [], [30.0, 60.0, 90.0, 400.0], [5.0]],
    "axon": [[11.0], [200.0, 210.0], [70.0], []],
}


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    """A project with a dataset of four simulations, the last of which crashed, at two sites."""
    monkeypatch.chdir(tmp_path)
    trains = {site: [np.array(train) for train in of] for site, of in TRAINS.items()}
    trains = {site: [*of[:3], np.array([])] for site, of in trains.items()}
    status = [OK, OK, OK, CRASHED]
    write_dataset(Path("dataset.nc"), {"dose": [1.0, 2.0, 3.0, 4.0]}, trains, status=status)
    write_simulations(Path("dataset.nc"), Path("simulations.csv"), {})
    (tmp_path / "measures").mkdir()
    (tmp_path / "secret.csv").write_text("1\n")

    def called(text, name="own", window=None, **more):
        path = f"measures/{name}.py"
        Path(path).write_text(text)
        one = OwnStatistic(python=f"{path}:{name}", **more)
        code = statistic_code(tmp_path, one, "statistics.own")
        recipe = {"python": one.python, "options": one.options, "each": one.each,
                  "sources": code.files, "imported": code.imported}  # fmt: skip
        reads = {"dataset": Path("dataset.nc"), "simulations": Path("simulations.csv")}
        task = SimpleNamespace(window=window, reads=reads)
        return measured(task, name, recipe)

    return called


def test_fano_factor_is_that_of_elephant(sweep):
    """Over trains there is Elephant's fanofactor, over windows of a train too: each is a train."""
    found = sweep(FANO, "fano", options={"width": 100.0}).reshape(4, 2)
    for place, site in enumerate(TRAINS):
        for simulation in range(3):
            times = np.array(TRAINS[site][simulation])
            windows = [
                SpikeTrain(times[(times >= a) & (times < a + 100)], units="ms", t_start=a,
                           t_stop=a + 100)
                for a in range(0, 500, 100)
            ]  # fmt: skip
            expected = elephant.fanofactor(windows) if times.size else np.nan
            assert found[simulation, place] == pytest.approx(expected, rel=1e-12, nan_ok=True)
    assert np.isnan(found[3]).all()  # it crashed


def test_a_function_gets_trains_in_the_window_and_what_it_is_asked_for(sweep):
    window = (20.0, 100.0)
    body = HEAD + "return 1e6 * simulation.index + 1e3 * len(simulation.trains['axon']) + {}"
    here = sweep(body.format("len(simulation.train)"), window=window)
    assert here[:6].tolist() == [1e3 * 0 + 1, 0, 1e6, 1e6, 2e6 + 1e3 + 3, 2e6 + 1e3 + 1]
    ends = sweep(HEAD + "return simulation.window[1] - simulation.window[0]", window=(20.0, 900.0))
    assert ends[0] == 480.0  # the simulated part
    doses = sweep(HEAD + "return simulation.axes['dose']")
    assert doses[:6:2].tolist() == [1.0, 2.0, 3.0]
    once = HEAD + "SEEN.append(1); return simulation.index"
    assert sweep(once, each="simulation")[:6].tolist() == [0, 0, 1, 1, 2, 2]
    past = sweep(HEAD + "return 1.0", window=(600.0, 900.0))
    assert np.isnan(past).all()


@pytest.mark.parametrize(("returned", "value"), [
    ("None", np.nan), ("float('inf')", np.nan), ("np.ma.masked", np.nan), ("True", 1.0),
    ("np.float32(0.1)", float(np.float32(0.1))), ("np.array(3)", 3.0), ("2**60 + 1", 2.0**60),
])  # fmt: skip
def test_what_is_a_number(sweep, returned, value):
    assert sweep(HEAD + f"return {returned}")[0] == pytest.approx(value, abs=0, nan_ok=True)


@pytest.mark.parametrize(("body", "said"), [
    ("return 1 / 0", "statistics.own: measures/own.py, line 6: ZeroDivisionError"),
    ("raise OSError(2, 'none')", "[Errno 2] none (simulation 0 at soma)"),
    ("return [1, 2]", "returned [1, 2]; expected one number, or None"),
    ("return 'a'", "returned 'a'; expected one number"),
    ("return 1j", "expected one number"),
    ("simulation.train[0] = 1.0", "read-only"),
    ("simulation.train.setflags(write=True)", "cannot set WRITEABLE flag"),
    ("simulation.trains['soma'] = 1", "TypeError"),
    ("simulation.trace('w')", 'no trace is named "w"'),
    ("simulation.trace('n_spikes_soma')", 'no trace is named "n_spikes_soma"'),
    ("return random.random()", "and then"),
    ("return np.random.rand()", "and then"),
    ("return np.random.default_rng().random()", "and then"),
    ("return time.perf_counter()", "and then"),
    ("return os.getpid()", "and then"),
    ("SEEN.append(1); return len(SEEN)", "and then"),
    ("SEEN.append(simulation.train.sum()); return sum(SEEN[-2:])", "and then"),
    ("open('secret.csv').read()", "FileNotFoundError"),
    ("open(ROOT + '/secret.csv').read()", "secret.csv is read, which the sweep file does not say"),
    ("open(ROOT + '/../state', 'a').write('x')", "is written; expected a function that returns"),
    ("os.unlink(ROOT + '/secret.csv')", "secret.csv is changed, which is the project's"),
    ("os.rename(ROOT + '/secret.csv', ROOT + '/s')", "secret.csv is changed"),
    ("os.mkdir(ROOT + '/new')", "new is changed"),
    ("import subprocess; subprocess.run(['cat', ROOT + '/secret.csv'])", "another program"),
    ("os.system('true')", "another program is started"),
    ("os._exit(3)", "statistics.own: "),
    ("raise SystemExit", "measures/own.py, line 6: SystemExit"),
])  # fmt: skip
def test_what_a_function_may_not_do_is_one_message(sweep, tmp_path, body, said):
    with pytest.raises(UserError, match=re.escape(said)) as raised:
        sweep(HEAD + body.replace("ROOT", repr(str(tmp_path))))
    assert "\n" not in str(raised.value)


def test_a_file_that_an_earlier_call_left_is_not_there(sweep):
    with pytest.raises(UserError):
        sweep(HEAD + "there = os.path.exists('mark'); open('mark', 'a').close(); return there * 1.0"
              + " + simulation.index * 0")  # fmt: skip


def test_declared_files_are_read_and_others_are_not_there(sweep):
    text = HEAD + "return float(open('measures/../secret.csv').read())"
    assert sweep(text, files=["secret.csv"])[0] == 1.0


def test_traces_are_those_of_the_dataset(tmp_path, monkeypatch):
    """Shorter runs end where they do; each trace has its own times, or those of every step."""
    from synthetic_sweep import CELSIUS, DOSE, Sweep

    monkeypatch.chdir(tmp_path)
    Sweep([DOSE, CELSIUS], failed={2: 1}).write(tmp_path)
    with xr.open_dataset("dataset_0.nc", engine="h5netcdf") as dataset:
        traces = dataset["v_soma"].load()
        expected, times = traces.values.reshape(18, -1), dataset["time"].values
        expected[5, 1000:] = np.nan  # its run was shorter
        dataset = dataset.load().assign(message=dataset["status"].astype(str).astype(object))
    dataset.to_netcdf("dataset_1.nc", engine="h5netcdf")
    write_simulations(Path("dataset_1.nc"), Path("simulations.csv"), {})
    from spikesweep.tables.own_statistics import measure

    Path("m.py").write_text(
        "def m(s): v, t = s.trace('v_soma'), s.time('v_soma'); "
        "return float(v[100].astype('f8') * 1000 + t[-1] + len(v) + len(t))"
    )
    statistic = {"python": "m.py:m", "options": {}, "each": "site"}
    found = measure(Path("dataset_1.nc"), Path("simulations.csv"), None, statistic, tmp_path)
    wanted = expected[:, 100].astype(float) * 1000 + times[-1] + 2 * len(times)
    wanted[5] = expected[5, 100].astype(float) * 1000 + times[999] + 2 * 1000
    wanted[2] = np.nan
    np.testing.assert_array_equal(found, wanted)


def test_columns_stand_in_the_table_and_formulas_know_them(sweep):
    own = {"fano": sweep(FANO, "fano"), "place": sweep(HEAD + "return simulation.index")}
    reads = Path("dataset.nc"), Path("simulations.csv")
    write_own_statistics(*reads, own, Path("own.csv"))
    back = read_own_statistics(Path("own.csv"))
    for name, column in own.items():
        np.testing.assert_array_equal(back[name], column)
    derived = {"twice": "2 * place", "of_axon": "fano_axon", "both": "fano_soma - fano"}
    write_tables(*reads, Path("s.csv"), Path("isi.csv"), None, derived=derived, own=back)
    table = pd.read_csv("s.csv")
    assert [*table.columns[-5:]] == ["fano", "place", *derived]
    np.testing.assert_array_equal(table["fano"], own["fano"])
    np.testing.assert_array_equal(table["twice"], 2 * own["place"])
    axon = table[table["site"] == "axon"]["fano"].to_numpy()
    np.testing.assert_array_equal(table["of_axon"], np.repeat(axon, 2))
    assert (table[table["site"] == "soma"]["both"].dropna() == 0).all()


def test_definition_is_the_first_paragraph(tmp_path):
    (tmp_path / "fano.py").write_text(FANO)
    one = OwnStatistic(python="fano.py:fano", unit="1")
    said = definition(tmp_path, one, "fano")
    assert said == (
        "Variance over mean of the spike counts in neighbouring windows of a width (ms)"
    )
    column = own_columns({"fano": {"unit": "1", "label": "", "definition": said}})["fano"]
    assert column == ("1", "fano", said)
    (tmp_path / "fano.py").write_text("fano = len\n\ndef other(simulation): return 1\n")
    with pytest.raises(UserError, match='has no function "fano"; expected one of: other'):
        definition(tmp_path, one, "fano")


@pytest.mark.parametrize(("options", "said"), [
    ({"widht": 3}, r'takes no option "widht", did you mean "width"\?'),
    ({"simulation": 3}, 'takes no option "simulation"'),
])  # fmt: skip
def test_options_are_those_that_the_function_takes(tmp_path, options, said):
    (tmp_path / "fano.py").write_text(FANO)
    one = OwnStatistic(python="fano.py:fano", options=options)
    with pytest.raises(UserError, match=said):
        statistic_code(tmp_path, one, "statistics.fano")


@pytest.mark.parametrize(
    "value", [float("inf"), float("nan"), [1, float("inf")], {2: 1}, {"a": date(2020, 1, 1)}]
)
def test_options_are_plain_or_a_mistake(value):
    for kind in (OwnStatistic, PythonFigure):
        what = (
            {"python": "a.py:b"} if kind is OwnStatistic else {"kind": "python", "draw": "a.py:b"}
        )
        assert kind.model_validate(what | {"options": {"a": [1, None, {"b": "c"}]}}).options
        with pytest.raises(ValidationError, match=r"a: .*expected text, finite numbers"):
            kind.model_validate(what | {"options": {"a": value}})


def test_a_name_in_statistics_is_an_own_one_or_a_mistake():
    own = Statistics.model_validate({"window": [0, 5], "fano": {"python": "a.py:b"}}).own
    assert own["fano"].each == "site"
    for wrong, said in (
        ({"windw": [0, 5]}, 'unknown key "windw"'),
        ({"fano": {"pyton": "a.py:b"}}, 'unknown key "fano"'),
        ({"fano": {"python": "a.py:b", "units": "ms"}}, 'unknown key "units"'),
        ({"fano": {"python": "a.py"}}, "pattern"),
        ({"a-b": {"python": "a.py:b"}}, "expected a name"),
    ):
        with pytest.raises(ValueError, match=re.escape(said)):
            Statistics.model_validate(wrong)
