"""The baseline file: read as it was written, refused in words when it is damaged or not one, never lost."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakatos.cli import app
from lakatos.gate.baseline import BaselineError, load_baseline, load_power
from lakatos.gate.changes import Selection
from lakatos.gate.run import Gate
from tests.gate.conftest import KNOWN, REFUTED

FILE = Path("reports/baseline.json")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("reports/latest").mkdir(parents=True)


@pytest.fixture
def accept(run):
    """Runs ``lakatos accept`` on the report of these records."""

    def do(records, *arguments, answer=None, **changes):
        selection = changes.pop("selection", None)
        report = run(records, **changes)
        if selection is not None:
            report["selection"] = selection.as_data()
        Path("reports/latest/report.json").write_text(json.dumps(report))
        return CliRunner().invoke(app, ["accept", *arguments], input=answer)

    return do


def scores(**killed):
    claims = [{"id": f"fallah2020/lem-4.8-smoothness/{name}", "killed": k, "counted": 10} for name, k in killed.items()]
    Path("reports/power.json").write_text(json.dumps({"schema": "urn:lakatos:power:1", "claims": claims}))


def test_a_baseline_reads_as_it_was_written(record, accepted):
    baseline = accepted([record("one"), record("two", **KNOWN)], {record("one")["id"]: (3, 4)}, tolerance=0.02)
    FILE.write_text(baseline.text())
    assert load_baseline(FILE) == baseline
    lines = FILE.read_text().splitlines()
    # A line per claim: version control shows which changed.
    assert sum("fallah2020" in line for line in lines) == 2


def test_accept_shows_the_difference_and_asks(record, accept):
    scores(one=9)
    first = accept([record("one"), record("two", **KNOWN)], answer="y\n")
    assert first.exit_code == 0, first.output
    assert "+ fallah2020/lem-4.8-smoothness/one: holds (corroborated), worst 0.9851, 9 of" in first.output
    assert "2 new, 0 gone, 0 changed, 0 as before" in first.output
    before = FILE.read_text()

    scores(one=8)
    changed = [record("one", margin={"worst": 0.5, "budget": 0.0, "words": ""}), record("three")]
    declined = accept(changed, answer="n\n")
    assert declined.exit_code == 1
    assert FILE.read_text() == before
    for said in (
        "- fallah2020/lem-4.8-smoothness/two: refuted",
        "+ fallah2020/lem-4.8-smoothness/three: holds",
        "~ fallah2020/lem-4.8-smoothness/one: worst 0.9851 -> 0.5; power 9 of 10 -> 8",
        "1 new, 1 gone, 1 changed, 0 as before",
        "Nothing was written.",
    ):
        assert said in declined.output
    assert max(map(len, declined.output.splitlines())) < 80

    assert accept(changed, "--yes").exit_code == 0
    assert set(load_baseline(FILE).claims) == {f"fallah2020/lem-4.8-smoothness/{name}" for name in ("one", "three")}
    again = accept(changed, "--yes")
    assert "says this already: 2 claims" in again.output


def test_accept_without_an_answer_writes_nothing(record, accept):
    result = accept([record("one")])
    assert result.exit_code == 1
    assert "--yes" in result.output
    assert not FILE.exists()


def test_accepting_a_part_keeps_the_rest(record, accept):
    other = record("far", "theorems/ji2020/theorem_1.py")
    accept([record("one"), record("two"), other], "--yes")
    part = Selection(paths=("theorems/fallah2020",), others=(record("two")["id"],))
    accept([record("one", outcome="undecided", expected="undecided")], "--yes", selection=part)
    claims = load_baseline(FILE).claims
    assert [claims[r["id"]].outcome for r in (record("one"), record("two"), other)] == ["undecided", "holds", "holds"]


def test_last_digits_do_not_move_the_file(record, accept):
    accept([record("one")], "--yes")
    nearly = {**record("one")["margin"], "worst": 0.98514, "budget": 2.9e-12}
    assert "says this already" in accept([record("one", margin=nearly)], "--yes").output


@pytest.mark.parametrize(
    ("records", "changes", "words"),
    [
        ([], {}, "nothing was checked"),
        ([{}], {"replay_of": "old.json"}, "a replay of old.json"),
        ([{}], {"interrupted": True, "not_run": ["a.py::b"]}, "did not reach its end"),
        ([{}], {"problems": [{"where": "theorem_2.py", "message": "SyntaxError: oh"}]}, "SyntaxError: oh"),
        ([REFUTED], {}, "one (refuted)"),
        ([{"outcome": "undecided", "error": "ClaimError"}], {}, "one (an error)"),
    ],
)
def test_a_run_that_is_no_state_to_accept(record, accept, records, changes, words):
    result = accept([record(**fields) for fields in records], "--yes", **changes)
    assert result.exit_code == pytest.ExitCode.USAGE_ERROR
    said = " ".join(result.output.split())
    assert words in said
    assert "Nothing was written." in said
    assert not FILE.exists()


def damaged(baseline):
    whole = json.loads(baseline.text())
    (name,) = whole["claims"]
    entry = whole["claims"][name]
    return {
        "not JSON": (baseline.text()[:100], "is damaged: it is not JSON"),
        "a merge": ("<<<<<<< ours\n" + baseline.text(), "marks of an unfinished merge"),
        "binary": (b"\xff\xfe\x00", "it is not text"),
        "a report": (json.dumps({"schema": "urn:lakatos:report:1", "claims": []}), "is not a baseline: its schema is"),
        "a list": ("[]", "it names no schema"),
        "older": (json.dumps(whole | {"schema": "urn:lakatos:baseline:0"}), "written by another version of lakatos"),
        "no tolerance": (json.dumps(whole | {"tolerance": None}), "needs a tolerance"),
        "a field gone": (
            json.dumps(whole | {"claims": {name: {k: v for k, v in entry.items() if k != "worst"}}}),
            "needs exactly",
        ),
        "an outcome": (json.dumps(whole | {"claims": {name: entry | {"outcome": "fine"}}}), "outcome of the claim"),
        "a score": (json.dumps(whole | {"claims": {name: entry | {"power": [3, 2]}}}), "power of the claim"),
        "a stratum": (json.dumps(whole | {"claims": {name: entry | {"strata": [1]}}}), "strata of the claim"),
    }


def test_what_is_no_baseline_is_refused_and_stays_as_it_is(record, accept, accepted):
    for text, words in damaged(accepted([record("one")])).values():
        content = text if isinstance(text, bytes) else text.encode()
        FILE.write_bytes(content)
        with pytest.raises(BaselineError) as caught:
            Gate.read(FILE, str(FILE))
        assert words in str(caught.value)
        assert str(FILE) in str(caught.value)
        # What to do is always said.
        assert "lakatos accept" in str(caught.value)
        result = accept([record("one")], "--yes")
        assert result.exit_code == pytest.ExitCode.USAGE_ERROR
        assert FILE.read_bytes() == content


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "is damaged"), ("{}", "holds no power scores"), ('{"schema": "urn:lakatos:power:1", "claims": [{}]}', "KeyError")],
)
def test_power_scores_that_cannot_be_read(text, words):
    path = Path("reports/power.json")
    path.write_text(text)
    with pytest.raises(BaselineError, match=words):
        load_power(path)


def test_a_full_disk_costs_nothing(record, accept, monkeypatch):
    accept([record("one")], "--yes")
    before = FILE.read_text()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
    result = accept([record("one"), record("two")], "--yes")
    assert result.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "No space left on device" in result.output
    assert FILE.read_text() == before
    assert sorted(path.name for path in FILE.parent.iterdir()) == ["baseline.json", "latest"]
