"""The contact sheet of a sweep, and the names of its figures that stay."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spikesweep.commands.figure_checks import current_figure
from spikesweep.commands.place import moved
from spikesweep.jobs.stamp import lead, set_aside
from spikesweep.products.plan_file import PlanFile
from spikesweep.publishing.contact_sheet import contact_sheet, is_as_written, is_of

LINEAGE = {
    "label": "1a2b3c4d+12ab",
    "commit": "1a2b3c4d",
    "date": "2026-01-02T03:04:05Z",
    "changed_files": ["mod/<leak>.mod"],
}
FLAGGED = "index,flag,flag_of,flag_value,message\n0,spike_at_end,v,20.5,a < b\n"
FAILED = "index,status,message\n3,timeout,more than 1 s\n4,timeout,more than 1 s\n7,error,a < b\n"


class Page(HTMLParser):
    """What a page leads to and says; refuses one whose elements do not close in their order."""

    def __init__(self, text: str):
        super().__init__()
        self.leads: list[str] = []
        self.text, self._open = "", []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.leads += [value for name, value in attributes if name in ("href", "src")]
        assert tag != "script"
        if tag not in ("meta", "img", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] != ["style"]:
            self.text += data


@pytest.fixture
def planned(plan):
    """A plan with one figure, of which some simulations failed."""

    def planned(title="A title", failed=FAILED, flagged=FLAGGED):
        made = plan({"title": title, "figures": [{"kind": "morphology"}]})
        file = PlanFile(made.plan.path, made.contents)
        table = file.file("failures")
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(failed)
        file.file("flags").write_text(flagged)
        return file

    return planned


def test_it_leads_to_names_that_stay_and_to_nothing_else(planned):
    file = planned()
    page = Page(contact_sheet(file, LINEAGE, ["0a0a0a0a"]))
    [name] = file["figures"]
    figures = {f"figures/current/{name}.{form}" for form in ("pdf", "png", "svg")}
    assert set(page.leads) == {
        *figures,
        *file.links,
        "flags.csv",
        "#failures",
        "figures/earlier/0a0a0a0a/",
    }


def test_it_says_label_status_and_what_failed(planned):
    text = Page(contact_sheet(planned(), LINEAGE, [])).text
    assert "commit 1a2b3c4d+12ab, 2026-01-02T03:04:05Z" in text
    assert "Not committed: mod/<leak>.mod" in text
    assert "1 error, 2 timeout" in text
    assert "spikesweep run s --index 3" in text
    assert "a < b" in text
    flagged = "1 above the threshold of spikes at the end"
    assert f"1 of 1 simulations are flagged: {flagged}: flags.csv" in text
    nothing = planned(failed="index,status,message\n", flagged="index,flag\n")
    whole = Page(contact_sheet(nothing, LINEAGE, [])).text
    assert "Failures" not in whole
    assert "are flagged" not in whole
    assert ": 1 ok" in whole


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1))
def test_no_text_of_a_sweep_is_markup(planned, title):
    title = f"x{title}"
    assert title in Page(contact_sheet(planned(title), LINEAGE, [])).text


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_is_seen(planned, data):
    content = contact_sheet(planned(), LINEAGE, []).encode()
    assert is_as_written(content)
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    assert not is_as_written(content[:place] + bytes([other]) + content[place + 1 :])
    assert not is_as_written(content[:place])


def test_a_page_is_of_its_sweep_and_its_label(planned):
    page = contact_sheet(planned(), LINEAGE, []).encode()
    sweep, label = planned()["sweep"], LINEAGE["label"]
    assert is_of(page, sweep, label)
    assert not is_of(page, sweep, "33333333")
    assert not is_of(page, f"{sweep}2", label)
    assert not is_of(page, sweep, "nogit")
    outside = {**LINEAGE, "label": "nogit", "commit": None, "date": None}
    page = contact_sheet(planned(), outside, [])
    assert is_of(page.encode(), sweep, "nogit")
    assert f"Sweep {sweep}, made from files that are in no git commit" in Page(page).text


def figures_of(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(name)


def found(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_earlier_labels_make_room_and_come_back_anew(tmp_path):
    figures_of(
        tmp_path, "rate_11111111.pdf", "my_rate_nogit.svg", "notes.txt", "a_22222222+1a2b.png"
    )
    figures_of(tmp_path / "earlier/33333333", "rate_33333333.pdf")
    set_aside(tmp_path, "33333333")
    assert found(tmp_path) == {
        "earlier/11111111/rate_11111111.pdf": "rate_11111111.pdf",
        "earlier/nogit/my_rate_nogit.svg": "my_rate_nogit.svg",
        "earlier/22222222+1a2b/a_22222222+1a2b.png": "a_22222222+1a2b.png",
        "notes.txt": "notes.txt",
    }
    set_aside(tmp_path, "33333333")  # again, as after a kill
    assert len(found(tmp_path)) == 4


def test_names_that_stay_lead_to_the_label_and_to_no_figure_that_is_gone(tmp_path):
    forms = ("pdf", "png", "svg")
    figures_of(tmp_path, *(f"{n}_{label}.{f}" for n in "ab" for label in "12" for f in forms))
    lead(tmp_path, "1", ["a", "b"])
    lead(tmp_path, "2", ["b"])
    current = tmp_path / "current"
    assert found(current) == {f"b.{form}": f"b_2.{form}" for form in forms}
    assert re.fullmatch(r"\.\./b_2\.pdf", str((current / "b.pdf").readlink()))


def test_a_name_that_leads_elsewhere_is_named(tmp_path):
    figures_of(tmp_path, "a_1.pdf", "b_1.pdf")
    lead(tmp_path, "1", [])
    current = tmp_path / "current"
    current.mkdir()
    for name, target, problem in (
        ("a.pdf", "../a_1.pdf", ""),
        ("b.pdf", "../a_1.pdf", "leads to '../a_1.pdf'"),
        ("c.pdf", "../c_1.pdf", "leads nowhere"),
        ("d.pdf", "a.pdf", "leads to 'a.pdf'"),
    ):
        (current / name).symlink_to(target)
        assert current_figure(current / name, label="") == problem


def test_a_figure_that_made_room_is_found_under_the_name_that_it_had(tmp_path):
    name = "my_rate_22222222+1a2b.png"
    figures_of(tmp_path, name)
    assert moved(tmp_path / name) == tmp_path / name
    set_aside(tmp_path, "33333333")
    assert moved(tmp_path / name) == tmp_path / "earlier/22222222+1a2b" / name
    assert moved(tmp_path / "other_1.png") == tmp_path / "other_1.png"
