"""What stands in a file's place: plain files are read, all else is refused at once."""

import os
import shutil
from pathlib import Path

import pytest

from spikesweep.products.fingerprint import file_hash
from spikesweep.products.plain import content


def folder(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def nothing(path: Path) -> None:
    path.symlink_to("gone")


@pytest.mark.parametrize("place", [folder, os.mkfifo, device, loop, nothing])
@pytest.mark.parametrize("read", [content, file_hash])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, place, read):
    place(tmp_path / "file")
    with pytest.raises(OSError, match="file"):
        read(tmp_path / "file")


def test_a_plain_file_and_a_link_to_one_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"one\r\n")
    (tmp_path / "link").symlink_to("file")
    assert content(tmp_path / "file") == content(tmp_path / "link") == b"one\r\n"
    shutil.copy(tmp_path / "link", tmp_path / "copy")
    assert file_hash(tmp_path / "link") == file_hash(tmp_path / "copy")
