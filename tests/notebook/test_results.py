"""`spikesweep.open`: a sweep's results in Python, from a project and from its bundle."""

import os
import warnings
import zipfile

import pandas as pd
import pytest

import spikesweep
from spikesweep.errors import UserError
from spikesweep.notebook.results import OldResultsWarning


def opened(project, **options):
    [sweep] = [path.stem for path in (project.root / "config/sweeps").glob("*.yaml")]
    with warnings.catch_warnings():
        warnings.simplefilter("error", OldResultsWarning)
        return spikesweep.open(sweep, project=project.root, **options)


def test_results_are_those_of_the_files(committed):
    results = opened(committed)
    folder = committed.root / "results" / results.sweep
    table = pd.read_csv(folder / "statistics.csv")
    assert len(results.statistics) == len(table)
    assert results.statistics.attrs["units"]["rate"] == "Hz"
    assert list(results.statistics.index.names) == list(results.axes)
    trains = results.trains()
    counts = [len(train) for train in trains.values.ravel()]
    assert (
        counts
        == results.dataset[trains.name.replace("spike_times", "n_spikes")].values.ravel().tolist()
    )
    assert results.dataset.attrs["sweep"] == results.sweep
    assert results.title in repr(results)
    assert "<h4>" in results._repr_html_()
    assert results.explain().startswith(str(folder.parent.parent))
    assert results.title in results.citation


def test_selected_results_are_of_these_simulations_alone(committed):
    results = opened(committed)
    name, axis = next(iter(results.axes.items()))
    value = axis["values"][-1]
    some = results.select(**{name: value})
    assert set(some.parameters[name]) == {value}
    assert len(some.simulations) == len(results.simulations) // len(axis["values"])
    assert some.dataset["status"].size == len(some.simulations) == some.trains().size
    with pytest.raises(UserError, match=f"the values of {name} are"):
        results.select(**{name: 1e99})


def test_figures_are_drawn_as_a_sweep_file_asks(committed):
    results = opened(committed)
    name = next(iter(results.axes))
    fig = results.draw("curve", of="n_spikes", x=name)
    assert fig.axes[0].lines
    with pytest.raises(UserError, match="did you mean"):
        results.draw("curve", of="n_spike", x=name)
    with pytest.raises(UserError, match="error"):
        results.draw("curve", of="n_spikes", x=name, error="sigma")


def test_a_bundle_opens_as_the_project_does(published, committed):
    bundle = spikesweep.open(published.bundle)
    pd.testing.assert_frame_equal(bundle.statistics, opened(committed).statistics)


@pytest.mark.parametrize("name", ["statistics.csv", "dataset.nc", "isi.csv"])
def test_what_was_edited_is_refused(committed, published, tmp_path, name):
    """Of a project and of a bundle, under the same size and time."""
    from project import Project

    project = Project(tmp_path / "project", of=committed)
    with zipfile.ZipFile(published.bundle) as bundle:
        bundle.extractall(tmp_path / "bundle")
    for root in (project.root, tmp_path / "bundle"):
        path = (root / "results/small" / name).resolve()
        content, times = bytearray(path.read_bytes()), path.stat()
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        results = opened(project) if root == project.root else spikesweep.open(root)
        with pytest.raises(UserError, match=f"{path.name}.* was changed after it was made"):
            getattr(results, path.name.partition(".")[0].partition("_")[0])
    if name != "isi.csv":
        with pytest.raises(UserError, match="was changed after it was made"):
            results.draw("curve", of="n_spikes", x=next(iter(results.axes)))


def test_what_is_not_there_is_said(committed):
    with pytest.raises(UserError, match="expected one of"):
        spikesweep.open("no_such_sweep", project=committed.root)
    with pytest.raises(UserError, match="are kept at"):
        opened(committed, label="00000000")
    with pytest.raises(AttributeError):
        spikesweep.nothing  # noqa: B018


def test_old_results_are_said_loudly(committed, tmp_path):
    from project import Project

    project = Project(tmp_path / "project", of=committed)
    [path] = (project.root / "config/sweeps").glob("*.yaml")
    path.write_text(path.read_text() + "\nbounds: [-300, 300]\n")
    with pytest.warns(OldResultsWarning, match="older than its sweep file"):
        spikesweep.open(path.stem, project=project.root)
