"""What the crate says of authors, subject and licence, by a reader of RO-Crates."""

import pytest
from rocrate.rocrate import ROCrate

from spikesweep.errors import UserError
from spikesweep.publishing import crate as own
from spikesweep.sweepfile.reading import read_sweep

SWEEP = """\
title: A cell
model: {cells: {cell: {sections: {soma: {L: 20 um, diam: 20 um}}}}}
protocol: {tstop: 1 ms}
record: {spikes: {soma: {at: cell.soma(0.5)}}}
about: ABOUT
"""


def described(about):
    crate = ROCrate(version="1.1")
    own._add_about(crate, about)
    return {entity["@id"]: entity for entity in crate.metadata.generate()["@graph"]}


def test_nothing_is_claimed_of_which_nothing_was_said():
    root = described({})["./"]
    assert not {"author", "about", "identifier"} & {*root}
    assert root["license"] == "No licence was chosen: ask the authors."


def test_all_that_can_be_said():
    entities = described(
        {
            "authors": [
                {"name": "Josiah Carberry", "orcid": "0000-0002-1825-0097"},
                {"name": "A. N. Other", "affiliation": "Some Institute"},
            ],
            "licence": "CC-BY-4.0",
            "doi": "10.5281/zenodo.1234",
            "species": "Rattus norvegicus",
        }
    )
    root = entities["./"]
    assert root["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}
    assert [author["@id"] for author in root["author"]] == [
        "https://orcid.org/0000-0002-1825-0097",
        "#author-1",
    ]
    assert entities["#author-1"]["affiliation"] == "Some Institute"
    assert root["identifier"] == "https://doi.org/10.5281/zenodo.1234"
    assert entities["#species"]["name"] == "Rattus norvegicus"


def test_a_licence_of_another_place_is_its_address():
    root = described({"licence": "https://example.org/terms"})["./"]
    assert root["license"] == {"@id": "https://example.org/terms"}


@pytest.mark.parametrize(
    ("about", "said"),
    [
        # The example of orcid.org, with its last digit wrong.
        ("{authors: [{name: J. C., orcid: 0000-0002-1825-0098}]}", "it would end in 7"),
        ("{authors: [{name: J. C., orcid: 1825-0097}]}", "expected an ORCID"),
        ("{licence: do what you like}", "about.licence"),
        ("{license: CC-BY-4.0}", "licence"),
        ("{doi: zenodo}", "about.doi"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, about, said):
    path = tmp_path / "cell.yaml"
    path.write_text(SWEEP.replace("ABOUT", about))
    with pytest.raises(UserError, match=said):
        read_sweep(path)


# orcid.org's own examples, the second with its check digit X.
@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0002-1694-233X"])
def test_orcids(tmp_path, orcid):
    path = tmp_path / "cell.yaml"
    path.write_text(
        SWEEP.replace("ABOUT", f"{{authors: [{{name: J, orcid: 'https://orcid.org/{orcid}'}}]}}")
    )
    assert read_sweep(path).about.authors[0].orcid == orcid
