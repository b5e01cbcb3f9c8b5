"""One command reruns one claim on exactly the recorded witness."""

from __future__ import annotations

import json
import shlex

import pytest

pytest_plugins = ["pytester"]

PICKY = """
def picky(claim, witness, **kw):
    if witness is None:
        return refuted(claim)
    assert witness == {"d": 1, "w": ["1/2"]}, witness
    return refuted(claim) if %s else verdict("holds", "certified", 0.5)
bad = claim(picky, "lem-2", name="bad"%s)
good = claim(holds, "lem-1", name="good")
"""
EXPECTED = ', expect="refuted", reason="misprint", because="A root is missing."'


def replay_command(report, name):
    command = shlex.split(next(r["replay"] for r in report()["claims"] if r["name"] == name))
    assert command[:3] == ["python", "-m", "pytest"]
    return command[3:]


def test_the_recorded_command_runs_exactly_the_claim_on_its_witness(lakatos, theorem, report):
    theorem(PICKY % (True, EXPECTED))
    lakatos()
    result = lakatos(*replay_command(report, "bad"))
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "lakatos: 1 claim to replay from *report.json",
            "replayed from *report.json: 1 of 1 outcomes reproduced",
            "*reproduced on the same witness: refuted*",
        ]
    )


def test_an_unexpected_refutation_fails_again_and_says_that_it_was_reproduced(lakatos, theorem, report):
    theorem(PICKY % (True, ""))
    lakatos()
    result = lakatos(*replay_command(report, "bad"))
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*reproduced on the same witness: refuted as recorded*"])


def test_a_refutation_that_is_gone_is_not_reproduced(lakatos, theorem, report):
    theorem(PICKY % (False, ""))
    lakatos()
    result = lakatos(*replay_command(report, "bad"))
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*NOT reproduced: the record says refuted*", "*0 of 1 outcomes reproduced*"])


def test_a_claim_without_a_witness_is_searched_again_with_its_seed_and_profile(lakatos, theorem, report):
    theorem(
        "def proved(claim, witness, seed, profile, **kw):\n"
        '    assert (witness, seed, profile.name) == (None, 7, "quick")\n'
        '    return verdict("holds", "proved", None, seed=seed)\n'
        'x = claim(proved, "lem-1", name="x")'
    )
    assert lakatos("--lakatos-seed", "7", "--profile", "quick").ret == 0
    assert lakatos(*replay_command(report, "x")).ret == 0


def test_a_replay_leaves_the_report_as_it_was(lakatos, theorem, report, pytester):
    theorem(PICKY % (True, ""))
    lakatos()
    before = (pytester.path / "reports/latest/report.json").read_bytes()
    lakatos(*replay_command(report, "bad"))
    assert (pytester.path / "reports/latest/report.json").read_bytes() == before
    result = lakatos(*replay_command(report, "bad"), "--report-dir", "reports/latest")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --report-dir reports/latest holds the report that --replay reads*"])
    lakatos(*replay_command(report, "bad"), "--report-dir", "again")
    assert report("again")["claims"][0]["reproduced"] is True
    assert report("again")["run"]["replay_of"] == "reports/latest/report.json"


def test_a_claim_that_the_report_lacks_fails(lakatos, theorem, report):
    theorem(PICKY % (True, EXPECTED))
    lakatos("-k", "bad")
    result = lakatos("--replay", "reports/latest/report.json")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*smith1999/lem-1/printed has no record in*"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "*cannot read the report *report.json: No such file*"),
        ("{", "*report.json is not JSON*"),
        ("[]", "*is not a lakatos report*"),
        (json.dumps({"schema": "urn:lakatos:report:99", "claims": []}), "*urn:lakatos:report:99*"),
        (json.dumps({"schema": "urn:lakatos:report:1", "claims": [{}]}), "*a claim in it lacks id, file, *"),
    ],
)
def test_a_report_that_cannot_be_replayed(lakatos, theorem, pytester, text, words):
    theorem(PICKY % (True, ""))
    if text is not None:
        (pytester.path / "report.json").write_text(text)
    result = lakatos("--replay", "report.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --replay: {words}"])


def test_replay_works_from_a_subfolder(lakatos, theorem, report, pytester, monkeypatch):
    pytester.makeini("[pytest]\n")
    theorem(PICKY % (True, EXPECTED), "theorems/theorem_1.py")
    monkeypatch.chdir(pytester.path / "theorems")
    lakatos()
    assert lakatos(*replay_command(report, "bad")).ret == 0


def test_under_xdist(lakatos, theorem, report):
    pytest.importorskip("xdist")
    theorem(PICKY % (True, EXPECTED))
    lakatos()
    result = lakatos("-n1", "--replay", "reports/latest/report.json", subprocess=True)
    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines(["*2 of 2 outcomes reproduced"])


def test_a_statistical_verdict_is_replayed_on_its_whole_sample(lakatos, theorem, report):
    theorem(
        "def sampled(claim, witness, seed, **kw):\n"
        "    assert (witness, seed) == (None, 7)\n"
        '    worst = Witness({"d": 1}, {}, "float64", 2.0)\n'
        '    made = verdict("holds", "measured", 0.9, seed=seed)\n    made.worst = worst\n    return made\n'
        'x = claim(sampled, "lem-1", name="x", kind="rate")'
    )
    assert lakatos("--lakatos-seed", "7").ret == 0
    result = lakatos(*replay_command(report, "x"))
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*reproduced on the same budget and seed: holds*"])
