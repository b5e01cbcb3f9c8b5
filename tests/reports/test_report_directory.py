"""The report directory: other programs' files stay, pages of claims that are gone go, and nothing is lost on the way."""

from __future__ import annotations

import pytest

from lakatos.reports.directory import ReportDirectory, ReportError, load_report


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["index.html", "report.json", "junit.xml"])
def test_files_of_another_program_are_not_replaced(folder, name):
    folder.mkdir()
    (folder / name).write_text("<p>mine</p>")
    with pytest.raises(ReportError, match=f"holds files of another program where the report would be written: {name}"):
        ReportDirectory(folder).check()
    assert files(folder) == {name: "<p>mine</p>"}


def test_a_page_of_another_program_stays(folder, report, record):
    mine = folder / "claims/fallah2020/lem-4.8-smoothness/printed.html"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(ReportError, match="is a file of another program"):
        ReportDirectory(folder).write(report([record()]))
    assert mine.read_text() == "mine"
    assert load_report(folder / "report.json")["claims"]


def test_pages_of_claims_that_are_gone_go_and_other_files_stay(folder, report, record):
    ReportDirectory(folder).write(report([record(), record(variant="gone"), record(entry="gone")]))
    (folder / "claims/fallah2020/notes.html").write_text("mine")
    ReportDirectory(folder).write(report([record()]))
    pages = sorted(name for name in files(folder) if name.endswith(".html"))
    assert pages == [
        "claims/fallah2020/lem-4.8-smoothness/printed.html",
        "claims/fallah2020/notes.html",
        "index.html",
        "papers/fallah2020.html",
    ]
    assert not (folder / "claims/fallah2020/gone").exists()


def test_an_audits_files_are_replaced_one_by_one(folder, report, record):
    ReportDirectory(folder, audit=True).write(report([record()]))
    before = files(folder)
    ReportDirectory(folder, audit=True).write(report([record()]))
    assert files(folder) == before
    assert "records.jsonl" not in before


def test_a_run_of_pytest_does_not_replace_the_report_of_an_audit(folder):
    folder.mkdir()
    (folder / "audit.json").write_text("{}")
    with pytest.raises(ReportError, match="holds the report of an audit"):
        ReportDirectory(folder).check()
    ReportDirectory(folder, audit=True).check()
