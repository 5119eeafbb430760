"""Values have fingerprints by their canonical JSON."""

from importlib import metadata

import pytest

from spikesweep.products import fingerprint as module
from spikesweep.products.fingerprint import canonical_json, fingerprint, versions


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 0.1}, {"a": 0.1000000000000000055}, True),
        ({"a": 1}, {"a": 1.0}, False),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
        ("µ", "\u00b5", True),
    ],
)
def test_fingerprint_of_values(one, other, same):
    assert (fingerprint(one) == fingerprint(other)) is same


def test_not_a_number_has_no_fingerprint():
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_versions_are_those_of_importlib():
    names = {found.metadata["Name"] for found in metadata.distributions()}
    assert len(names) > 20
    assert versions(names) == {name: metadata.version(name) for name in names}


@pytest.mark.parametrize("asked", ["some-name", "Some.Name", "some_name"])
@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("some_name-1.0.dist-info", "METADATA"),
        ("Some.Name-1.0.dist-info", "METADATA"),
        ("some_name.egg-info", "PKG-INFO"),
    ],
)
def test_a_version_is_what_the_first_on_the_path_says(tmp_path, monkeypatch, asked, folder, file):
    for place, said in (("one", "1.0rc1"), ("two", "2.0")):
        described = tmp_path / place / (folder if place == "one" else "some_name-2.0.dist-info")
        described.mkdir(parents=True)
        name = file if place == "one" else "METADATA"
        text = f"Metadata-Version: 2.1\nName: some-name\nVersion: {said}\n"
        described.joinpath(name).write_text(text)
    for place in ("two", "one"):
        monkeypatch.syspath_prepend(tmp_path / place)
    module._version.cache_clear(), module._installed.cache_clear()
    try:
        assert versions([asked]) == {asked: metadata.version(asked)} == {asked: "1.0rc1"}
    finally:
        module._version.cache_clear(), module._installed.cache_clear()


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(metadata.PackageNotFoundError, match="no-such-package"):
        versions(["no-such-package"])
