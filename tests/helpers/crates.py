"""RO-Crates, looked at by the validator of the profiles that they name."""

import json
from pathlib import Path
from unittest import mock

import rocrate
from rocrate_validator import services
from rocrate_validator.models import Severity
from rocrate_validator.utils import document_loader, http

PROFILES = ("process-run-crate-0.5", "workflow-run-crate-0.5", "provenance-run-crate-0.5")
BIOSCHEMAS = "https://bioschemas.org/"


class Context:
    """The answer to a request for the context of RO-Crate 1.1, where there is no network."""

    status_code = 200

    def __init__(self):
        self.headers = {"Content-Type": "application/ld+json"}
        text = (Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_text()
        self.contents = json.loads(text)
        # rocrate brings the context of a later version, in which Bioschemas' terms have moved.
        self.contents["@context"] |= {
            **{name: BIOSCHEMAS + name for name in ("ComputationalWorkflow", "FormalParameter")},
            **{name: f"{BIOSCHEMAS}properties/{name}" for name in ("input", "output")},
        }

    def json(self):
        return self.contents


def problems_of(crate: Path, profile: str) -> list[tuple]:
    """Return what a profile requires and a crate, an unzipped bundle, has not."""
    context = Context()
    settings = services.ValidationSettings(
        rocrate_uri=str(crate),
        profile_identifier=profile,
        requirement_severity=Severity.REQUIRED,
        skip_availability_check=True,
    )
    fetched = mock.patch.object(document_loader, "_fetch_json_ld", return_value=context.contents)
    got = mock.patch.object(http.HttpRequester, "get", return_value=context, create=True)
    with fetched, got:
        found = services.validate(settings)
    assert found.passed() == (not found.get_issues())
    return [(issue.message, issue.violatingEntity) for issue in found.get_issues()]
