"""Files that appear whole: their content is on the disk before their name is."""

import errno
import os

import pytest

from spikesweep.products import atomic
from spikesweep.products.atomic import removed, renamed, written


@pytest.fixture
def order(monkeypatch):
    """What was asked of the system, in order: paths that were flushed, and renamed."""
    asked = []
    real = os.fsync, os.replace

    def fsync(descriptor):
        asked.append(("flush", os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))))
        real[0](descriptor)

    def replace(old, new):
        asked.append(("rename", os.path.basename(new)))
        real[1](old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    return asked


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="asks Linux what is flushed")
def test_content_then_name(tmp_path, order):
    (tmp_path / "made").mkdir()
    with written(tmp_path / "made/table.csv") as temporary:
        temporary.write_text("a\n")
    assert order == [("flush", temporary.name), ("rename", "table.csv")]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="asks Linux what is flushed")
def test_a_folder_with_all_its_files(tmp_path, order):
    (tmp_path / "new").mkdir()
    (tmp_path / "new/library.so").write_text("a")
    renamed(tmp_path / "new", tmp_path / "made")
    assert {("flush", "new"), ("flush", "library.so")} == {*order[:2]}
    assert order[2:] == [("rename", "made")]


def test_two_nodes_write_one_file(tmp_path, monkeypatch):
    """Whatever their processes' numbers are: two nodes count alike, as containers do."""
    monkeypatch.setattr(os, "getpid", lambda: 7)
    with written(tmp_path / "table.csv") as ours:
        ours.write_text("begun here")
        with written(tmp_path / "table.csv") as theirs:
            theirs.write_text("whole there\n")
        assert (tmp_path / "table.csv").read_text() == "whole there\n"
        assert ours.read_text() == "begun here"
        ours.write_text("whole here\n")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
    assert (tmp_path / "table.csv").read_text() == "whole here\n"


def test_a_link_needs_no_target(tmp_path):
    with written(tmp_path / "link") as temporary:
        temporary.symlink_to("nowhere")
    assert os.readlink(tmp_path / "link") == "nowhere"
    removed(tmp_path / "link")
    removed(tmp_path / "link")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "is_raised"), [(errno.EINVAL, False), (errno.ENOSPC, True), (errno.EIO, True)]
)
def test_what_the_disk_says_of_flushing(tmp_path, monkeypatch, number, is_raised):
    """A file system that cannot flush is none the worse; one that is full says so here."""

    def fsync(descriptor):
        raise OSError(number, "no")

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    if not is_raised:
        with written(tmp_path / "a") as temporary:
            temporary.write_text("a")
        assert (tmp_path / "a").read_text() == "a"
        return
    with pytest.raises(OSError, match="no"), written(tmp_path / "a") as temporary:
        temporary.write_text("a")
    assert not list(tmp_path.iterdir())
