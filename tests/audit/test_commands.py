"""The commands ``lakatos audit`` and ``lakatos report``: what they say to wrong input, and what they write."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lakatos.cli import app
from lakatos.reports.directory import ReportDirectory, load_report


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--budget", "lots"], "is neither a multiple of the profile's budget"),
        (["--budget", "0"], "without a positive budget nothing would be checked"),
        (["--profile", "huge"], "There is no profile 'huge'"),
        (["--device", "tpu"], "choose cpu, cuda or auto"),
        (["nothing"], "is no file or folder with claims"),
        (["--power-from", "none.json"], "cannot be read"),
    ],
)
def test_wrong_input_is_said_before_anything_is_written(run, tmp_path, arguments, words):
    result = run("audit", *arguments)
    assert result.exit_code == 4
    assert words in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_the_help_says_what_a_budget_scales(run):
    words = " ".join(run("audit", "--help").stdout.replace("│", " ").split())
    assert "A number multiplies the profile's instances for each claim" in words
    assert "A time (90s, 20m, 2h) is for the whole audit" in words


def test_reports_of_several_runs_merge(run, tmp_path, record, report):
    ReportDirectory(tmp_path / "a").write(report([record(), record(variant="only-here")]))
    ReportDirectory(tmp_path / "b").write(report([record(seed=1)], seed=1, unchecked={"fallah2020": []}))
    result = run("report", "a", "b/report.json", "--report-dir", "both")
    assert result.exit_code == 0, result.stderr
    merged = load_report(tmp_path / "both/report.json")
    assert [record["instances"]["total"] for record in merged["claims"]] == [278_528, 139_264]
    assert merged["run"]["seed"] is None
    assert (tmp_path / "both/claims/fallah2020/lem-4.8-smoothness/only-here.html").exists()
    assert "report: both/index.html" in result.stdout


def test_the_scores_of_an_earlier_run_are_shown(run, tmp_path, record, report):
    power = {
        "killed": 7, "counted": 9, "equivalent": 2, "invalid": 1, "timeout": 0, "derived": 12, "tightness": None, "bracket": None,
        "breaks": None, "note": "", "survivors": [],
    }  # fmt: skip
    table = {"schema": "urn:lakatos:power:1", "claims": [{"id": record()["id"], **power}]}
    (tmp_path / "power.json").write_text(json.dumps(table))
    ReportDirectory(tmp_path / "a").write(report([record(), record(variant="b")]))
    run("report", "a", "--report-dir", "b", "--power-from", "power.json")
    assert [claim["power"] for claim in load_report(tmp_path / "b/report.json")["claims"]] == [power, None]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a lakatos report"),
        ('{"schema": "urn:lakatos:report:0", "claims": []}', "follows the schema"),
    ],
)
def test_a_report_that_cannot_be_read(run, tmp_path, text, words):
    (tmp_path / "report.json").write_text(text)
    result = run("report", "report.json", "--report-dir", "out")
    assert result.exit_code == 4
    assert words in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_runs_of_different_texts_do_not_merge(run, tmp_path, record, report):
    changed = record(seed=1)
    changed["context"] = changed["context"] | {"fingerprint": "f" * 16}
    ReportDirectory(tmp_path / "a").write(report([record()]))
    ReportDirectory(tmp_path / "b").write(report([changed]))
    result = run("report", "a", "b", "--report-dir", "out")
    assert result.exit_code == 4
    assert "has changed between its runs" in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_a_merged_report_does_not_replace_what_it_was_made_from(run, tmp_path, record, report):
    ReportDirectory(tmp_path / "a").write(report([record()]))
    ReportDirectory(tmp_path / "b").write(report([record(seed=1)]))
    before = (tmp_path / "a/report.json").read_text()
    result = run("report", "a", "b", "--report-dir", "a")
    assert (result.exit_code, "it would be replaced" in " ".join(result.stderr.split())) == (4, True)
    assert (tmp_path / "a/report.json").read_text() == before
    assert run("report", "a", "--report-dir", "a").exit_code == 0
    assert load_report(tmp_path / "a/report.json")["claims"] == [record()]
