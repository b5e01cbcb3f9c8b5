"""The committed summary: written from a run, and compared with a later one in what does not depend on the machine."""

from __future__ import annotations

import copy

import pytest
from typer.testing import CliRunner

from lakatos.audit.summary import differences, summary_page
from lakatos.cli import app
from lakatos.reports.directory import ReportDirectory


@pytest.fixture
def made(report, claims):
    return report(claims, unchecked={"fallah2020": [{"entry": "fig-1", "what": "Figure 1", "why": "needs images"}]})


def test_what_the_page_says(made):
    page = summary_page(made)
    assert "8 claims in 2 papers: 4 hold, 2 refuted, 1 undecided, 1 vacuous." in page
    assert "1 statement was checked: 1 is refuted in part (Lemma 4.8: misprint)" in page
    assert (
        "| Lemma 4.8 (`lem-4.8-smoothness`) | [printed](../theorems/fallah2020/lemma_4_8.py) | holds | corroborated |  |  | 0.99 |"
        in page
    )
    assert "misprint; corrected: printed |  | 7.2 |" in page
    assert "- `fig-1` Figure 1: needs images" in page
    assert "**not as expected** (ClaimError)" in page


def test_the_power_of_a_check_stands_beside_it(record, report):
    assert "| 9/10 | 0.99 |" in summary_page(report([record(power={"killed": 9, "counted": 10})]))


def test_times_machines_and_ratios_make_no_difference(made):
    other = copy.deepcopy(made)
    for record in other["claims"]:
        record |= {"seconds": 99.0, "device": "cuda", "seed": 5, "started": "2027-01-02T03:04:05.678+00:00", "commit": None}
        record["margin"] = record["margin"] | {"worst": 0.123}
        record["instances"] = record["instances"] | {"total": 7}
    assert summary_page(other) != summary_page(made)
    assert differences(summary_page(made), summary_page(other)) == []


def test_a_corollary_of_a_refuted_statement_says_so(record, report):
    lemma = record(entry="lem-1", outcome="refuted", expected="refuted", reason="false")
    page = summary_page(report([lemma, record(entry="cor-1", rests_on=[lemma["id"]])]))
    assert "| holds | corroborated | rests on fallah2020/lem-1/printed, which does not hold |" in page


@pytest.mark.parametrize(
    "changes",
    [{"outcome": "undecided"}, {"warrant": "measured"}, {"variant": "other"}, {"corrected": "nothing"}],
)
def test_findings_make_one(made, changes):
    other = copy.deepcopy(made)
    other["claims"][2] |= changes
    assert differences(summary_page(made), summary_page(other))


def test_the_command_writes_and_checks(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ReportDirectory(tmp_path / "reports/latest").write(made)

    def run(*arguments):
        return CliRunner().invoke(app, ["summary", *arguments])

    missing = run("--check")
    assert (missing.exit_code, "Write it: lakatos summary" in " ".join(missing.stderr.split())) == (4, True)
    assert run().exit_code == 0
    assert run("--check").exit_code == 0
    page = tmp_path / "reports/AUDIT.md"
    page.write_text(page.read_text().replace("| refuted | certified |", "| holds | certified |"))
    changed = run("--check")
    assert changed.exit_code == 1
    assert "+| Lemma 4.8" in changed.stdout
    made["run"]["interrupted"] = True
    ReportDirectory(tmp_path / "reports/latest").write(made)
    assert run().exit_code == 4
