"""Archives that spikesweep did not write: refused in one sentence, quickly, with nothing outside of
the folder touched; and links among the files of a commit."""

import io
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesweep.commands.verify import verify
from spikesweep.comparing.sides import sides
from spikesweep.errors import UserError
from spikesweep.lineage.work_tree import Entry
from spikesweep.publishing.archive import extract, write_archive
from spikesweep.publishing.bundle import _followed

SUMS = b"%s  a/one.txt\n" % (b"0" * 64)


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_STORED, mode: int = 0) -> bytes:
    """Return an archive of files as any program may write it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as made:
        for name, data in files:
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = method, mode << 16
            made.writestr(entry, data)
    return content.getvalue()


def claims_more(content: bytes) -> bytes:
    """The size of the first file, in the list of files, raised to 4 GB."""
    place = content.index(b"PK\1\2") + 20
    return content[:place] + struct.pack("<II", 2**32 - 2, 2**32 - 2) + content[place + 8 :]


ODD = {
    "empty": (b"", "not a zip"),
    "no archive": (b"PK\3\4" + bytes(99), "not a zip"),
    "of many files": (archive(*((f"{i}", b"") for i in range(20_001))), "20001 files; expected"),
    "a bomb": (archive(("a", bytes(10**7)), method=zipfile.ZIP_DEFLATED), "larger than itself"),
    "compressed": (archive(("a", b"one"), method=zipfile.ZIP_BZIP2), "no plain file"),
    "claims to be large": (claims_more(archive(("a", b"one"))), "larger than itself"),
    "twice the same name": (archive(("a", b"1"), ("a", b"2")), "'a' twice"),
    "a file and a folder": (archive(("a", b"1"), ("a/b", b"2")), "as a file and as a folder"),
    "a folder": (archive(("a/", b"")), "no plain file"),
    "a link": (archive(("a", b"/etc/passwd"), mode=0o120777), "no plain file"),
    "a device": (archive(("a", b""), mode=0o060777), "no plain file"),
    "absolute": (archive(("/tmp/a", b"1")), "a file named '/tmp/a'"),
    "upwards": (archive(("a/../../b", b"1")), "a file named"),
    "upwards on Windows": (archive(("..\\b", b"1")), "a file named"),
    "no name": (archive(("", b"1")), "a file named"),
    "a line break in a name": (archive(("a\nb", b"1")), "a file named"),
    "a long name": (archive(("a" * 300, b"1")), "a file named"),
    "a control sequence": (archive(("\x1b[31m", b"1")), "a file named"),
}


@pytest.mark.parametrize(("content", "said"), ODD.values(), ids=ODD)
def test_odd_archives(tmp_path, content, said, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    path = Path("odd.zip")
    path.write_bytes(content)
    (tmp_path / "scratch").mkdir()
    began = time.monotonic()
    [finding] = verify(path)
    with pytest.raises(UserError, match=r"odd\.zip: cannot be read as a bundle") as refused:
        sides("odd.zip", tmp_path / "scratch", [])
    assert time.monotonic() - began < 5
    assert said in finding.problem
    assert said in str(refused.value)
    assert "\x1b" not in finding.problem
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize("files", [[], [("a", b"one")]], ids=["none", "another"])
def test_without_its_list_of_files(tmp_path, files):
    """It is named as its user names it, not where it was unzipped."""
    path, scratch = tmp_path / "odd.zip", tmp_path / "scratch"
    path.write_bytes(archive(*files))
    scratch.mkdir()
    [finding] = verify(path)
    assert finding.problem == "cannot be read as a bundle: it holds no SHA256SUMS"
    with pytest.raises(UserError) as refused:
        sides(str(path), scratch, [])
    assert str(refused.value).startswith(f"{path}: holds no lineage")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x"])
def test_its_list_of_files_speaks_of_no_others(tmp_path, name):
    path = tmp_path / "odd.zip"
    path.write_bytes(archive(("SHA256SUMS", b"%s  %s\n" % (b"0" * 64, name.encode()))))
    [finding] = verify(path)
    assert "expected lines of a SHA-256" in finding.problem


def test_truncated_anywhere(tmp_path):
    content = archive(("SHA256SUMS", SUMS), ("a/one.txt", b"one"))
    for end in range(len(content)):
        path = tmp_path / "cut.zip"
        path.write_bytes(content[:end])
        assert any(finding.problem for finding in verify(path)), end


@settings(max_examples=300)
@given(data=st.data())
def test_any_bytes(tmp_path_factory, data):
    """Any part of an archive in any other's place: extracted, or refused as what it is."""
    content = bytearray(archive(("SHA256SUMS", SUMS), ("a/one.txt", b"one"), ("b", b"")))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    folder = tmp_path_factory.mktemp("any")
    (folder / "inner").mkdir()
    (folder / "any.zip").write_bytes(content)
    with suppress(ValueError):
        list(extract(folder / "any.zip", folder / "inner"))
    assert {path.name for path in folder.iterdir()} == {"any.zip", "inner"}


def test_what_is_written_is_what_can_be_read(tmp_path):
    with pytest.raises(UserError, match=r"no bundle can hold a file named"):
        write_archive(tmp_path / "a.zip", {"a\nb": b""})
    with pytest.raises(UserError, match=r"20001 files; expected"):
        write_archive(tmp_path / "a.zip", {f"{i}": b"" for i in range(20_001)})
    write_archive(tmp_path / "a.zip", {"µ/b c": b"1", "d": b"2"})
    assert [*extract(tmp_path / "a.zip", tmp_path)] == ["d", "µ/b c"]


def tree(**links: str) -> dict[str, Entry]:
    files = {name: Entry("100644", name.encode()) for name in ("a/one", "a/deep/two", "b")}
    return files | {
        name.replace("__", "/"): Entry("120000", to.encode()) for name, to in links.items()
    }


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({"c": "b"}, {"c": b"b"}),
        ({"a__c": "../b"}, {"a/c": b"b"}),
        ({"c": "a/../a/one"}, {"c": b"a/one"}),
        ({"c": "d", "d": "b"}, {"c": b"b", "d": b"b"}),
        ({"c": "a"}, {"c/one": b"a/one", "c/deep/two": b"a/deep/two"}),
    ],
)
def test_links_of_a_commit_are_followed(links, expected):
    files = dict(_followed(tree(**links)))
    assert files == {name: name.encode() for name in ("a/one", "a/deep/two", "b")} | expected


@pytest.mark.parametrize(
    "links",
    [
        {"c": "/etc/passwd"},
        {"c": "../b"},
        {"c": "nowhere"},
        {"c": "c"},
        {"c": "d", "d": "c"},
        {"c": "."},
        {"a__c": ".."},
        {"c": "a", "a__d": "one"},
        {"c": "a/c", "a__c": "../c"},
        {"c": ""},
    ],
)
def test_links_that_lead_out_of_a_commit_are_refused(links):
    with pytest.raises(UserError, match=r"^\S+: leads to .+ Nothing was published; commit"):
        dict(_followed(tree(**links)))
