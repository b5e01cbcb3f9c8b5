"""What GitHub is shown: SARIF for code scanning, Markdown for the job's page."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from lakatos.gate.changes import Selection
from lakatos.gate.run import Gate, lines
from lakatos.reports.junit import junit_xml
from lakatos.reports.sarif import sarif
from lakatos.reports.summary import VARIABLE, markdown, publish
from lakatos.terminal import explanation
from tests.gate.conftest import KNOWN, REFUTED

SHAPE = json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_text())


@pytest.fixture
def judged(run, accepted):
    """A report with what the gate says: these records against those, of everything."""

    def make(then, now, **changes):
        report = run(now, **changes)
        gate = Gate("reports/baseline.json", accepted(then) if then is not None else None, None, "reports/power.json")
        return {**report, "gate": gate.judge(report, Selection())}

    return make


@pytest.fixture
def everything(record, judged):
    """A report in which all that can go wrong did."""
    then = [record("one"), record("two"), record("gone", "theorems/a file.py"), record("worse"), record("known", **KNOWN)]
    worse = record("worse", margin={"worst": 1.2, "budget": 0.0, "words": ""})
    now = [
        record("one", **REFUTED),
        record("two", outcome="undecided", error="ClaimError", message="Wrongly written | <so>."),
        worse,
        record("known", **KNOWN),
        record("new"),
    ]
    broken = {"where": "theorems/broken.py", "message": "SyntaxError: invalid syntax\n```"}
    return judged(then, now, problems=[broken], interrupted=True, not_run=["theorems/x.py::y"], exitstatus=1)


def results(report):
    log = json.loads(sarif(report))
    jsonschema.Draft7Validator(SHAPE).validate(log)
    (run,) = log["runs"]
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(names[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    return run["results"]


def place(result):
    physical = result["locations"][0]["physicalLocation"]
    return f"{physical['artifactLocation']['uri']}:{physical['region']['startLine']}"


def test_sarif_names_refuted_and_regressed_claims_at_their_line(everything):
    found = results(everything)
    lemma = "theorems/fallah2020/lemma_4_8.py:41"
    assert [(result["ruleId"], result["level"], place(result)) for result in found] == [
        ("refuted-claim", "error", lemma),
        ("claim-not-judged", "error", lemma),
        ("refuted-claim", "note", lemma),
        ("regressed-claim", "error", "theorems/a%20file.py:1"),
        ("regressed-claim", "error", lemma),
        ("unread-file", "error", "theorems/broken.py:1"),
    ]
    assert [result.get("suppressions") for result in found if result["level"] == "note"] == [
        [{"kind": "inSource", "justification": "misprint: A square is missing."}]
    ]
    assert "Smallest witness: d = 1." in found[0]["message"]["text"]
    assert "python -m pytest" in found[0]["message"]["text"]
    assert len({result["partialFingerprints"]["lakatosClaim/v1"] for result in found}) == len(found)


def test_sarif_of_a_run_without_findings(record, run):
    assert results(run([record("one")])) == []
    assert results(run([])) == []


def test_junit_shows_every_change_as_a_failure(everything, record, judged):
    suite = ET.fromstring(junit_xml(everything)).find("testsuite")
    assert suite is not None
    gate = [case for case in suite.iter("testcase") if case.get("classname") == "lakatos.gate"]
    assert [case.find("failure").get("type") for case in gate] == ["vanished", "outcome", "error", "ratio"]
    assert suite.get("failures") == "5"
    assert suite.get("tests") == str(len(list(suite.iter("testcase"))))
    good = ET.fromstring(junit_xml(judged([record("one")], [record("one"), record("new")]))).find("testsuite")
    assert good is not None
    assert (good.get("failures"), good.get("errors")) == ("0", "0")


def test_the_summary_says_all_that_is_wrong(everything):
    page = markdown(everything)
    for words in (
        "## lakatos: not as expected",
        "**The run did not reach its end:** 1 selected claim not checked.",
        "### 4 changes against `reports/baseline.json`",
        "| fallah2020/lem-4.8-smoothness/gone | vanished; accepted: holds (gone in theorems/a file.py) | theorems/a file.py |",
        "worst ratio 1.2; accepted: 0.9851",
        "<summary>fallah2020/lem-4.8-smoothness/two (Lemma 4.8) could not be judged: ClaimError</summary>",
        "`theorems/broken.py`",
        "| On the Convergence Theory of Gradient-Based Model-Agnostic Meta-Learning Algorithms | 5 | 2 | 2 | 1 | 0 | 2 | 1.2 |",
    ):
        assert words in page
    assert page.count("````") % 2 == 0


def test_the_summary_of_a_good_run_is_short(record, judged):
    page = markdown(judged([record("one")], [record("one")]))
    assert "## lakatos: as expected" in page
    assert "**Gate:** 1 claim as accepted in `reports/baseline.json`." in page
    assert len(page.splitlines()) < 12


def test_the_summary_of_nothing(run):
    assert "## lakatos: nothing was checked" in markdown(run([]))


def test_a_summary_stays_below_githubs_limit(record, judged):
    many = [record(f"claim{i}", **REFUTED) for i in range(400)]
    page = markdown(judged([record(f"claim{i}") for i in range(400)], many))
    assert len(page.encode()) < 2**20 / 4
    assert "... and 300 more; the report has them all." in page


def test_the_summary_goes_where_github_asks_for_it(record, run, tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert publish(run([record()])) is None
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    monkeypatch.setenv(VARIABLE, str(file))
    assert publish(run([record()])) is None
    assert file.read_text().startswith("before\n## lakatos: as expected")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert "the job summary could not be written" in (publish(run([record()])) or "")


def test_the_terminal_fits_80_columns(everything, record, judged):
    def shown(report):
        return [text for text, _ in lines(report, "reports/latest/report.json")]

    wrong = shown(everything)
    assert wrong[0] == "gate: 4 changes against reports/baseline.json"
    assert max(map(len, wrong)) <= 80
    # What is not as its file expects cannot be accepted.
    assert not any("lakatos accept" in line for line in wrong)
    assert shown(judged([record("one")], [record("one"), record("two")]))[-1] == "If the changes are meant: lakatos accept"
    assert shown(judged(None, [record("one")])) == [
        "gate: there is no baseline reports/baseline.json, so that nothing was compared.",
        "To accept this run as the first one: lakatos accept",
    ]
    nightly = shown(judged([record("one")], [record("one", profile="nightly")]))
    assert nightly[0] == "gate: 1 claim as accepted in reports/baseline.json"
    assert "another profile" in " ".join(nightly)


@pytest.mark.parametrize(
    ("exact", "shown"), [("3/2", "= 3/2"), (f"{10**40 + 1}/{3 * 10**40}", "= about 0.3333333333"), ("1" * 400 + "/7", "= 1111")]
)
def test_fractions_of_many_digits_are_shown_as_decimals(record, exact, shown):
    worst = {"values": {"d": 1}, "operands": {"measured": exact}, "arithmetic": "rational", "ratio": 1.0}
    assert shown in explanation(record("one", worst=worst))
