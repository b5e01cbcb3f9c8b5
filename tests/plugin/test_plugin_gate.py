"""A run is compared with the accepted state: the gate fails on change, names it, and looks only at what was selected."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest
from typer.testing import CliRunner

from lakatos.cli import app

pytest_plugins = ["pytester"]

ONE = 'one = claim(holds, "lem-1", name="one")\n'
TWO = 'two = claim(holds, "lem-2", name="two")\n'
KNOWN = 'known = claim(refuted, "lem-3", name="known", expect="refuted", reason="misprint", because="A root is missing.")\n'
OTHER = 'PAPER = Paper("jones2001", "More")\nfar = claim(holds, "thm-1", name="far", paper=PAPER)\n'


@pytest.fixture
def catalogue(pytester, theorem, lakatos, monkeypatch):
    """Two papers of claims whose state is accepted."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    pytester.makeini("[pytest]\nlakatos_baseline = reports/baseline.json\n")
    theorem(ONE + TWO + KNOWN, "smith/lemma_1.py")
    theorem(OTHER, "jones/theorem_1.py")
    assert lakatos().ret == 0
    accept(pytester)
    return pytester.path


def accept(pytester):
    """Accepts the latest report as it would be accepted on the command line."""
    done = CliRunner().invoke(app, ["accept", "--yes"])
    assert done.exit_code == 0, done.output


def changes(report):
    return {(change["claim"], change["what"]) for change in report()["gate"]["changes"] if change["fails"]}


def test_without_a_baseline_a_run_says_so(pytester, theorem, lakatos):
    pytester.makeini("[pytest]\nlakatos_baseline = reports/baseline.json\n")
    theorem(ONE)
    result = lakatos()
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "gate: there is no baseline reports/baseline.json, so that nothing was compared.",
            "To accept this run as the first one: lakatos accept",
        ]
    )


def test_a_baseline_that_is_asked_for_must_be_there(theorem, lakatos, pytester):
    theorem(ONE)
    result = lakatos("--baseline", "old.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no baseline old.json. Nothing was run.*"])
    assert not (pytester.path / "reports").exists()


def test_what_was_accepted_passes(catalogue, lakatos):
    result = lakatos()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["gate: 4 claims as accepted in reports/baseline.json"])


def test_a_claim_that_vanished_fails_a_run_whose_tests_pass(catalogue, lakatos, theorem, report):
    theorem(ONE + KNOWN, "smith/lemma_1.py")
    result = lakatos()
    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert report()["run"]["exitstatus"] == 1
    assert changes(report) == {("smith1999/lem-2/printed", "vanished")}
    schema = json.loads(resources.files("lakatos").joinpath("schema/report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report())
    result.stdout.fnmatch_lines(
        [
            "gate: 1 change against reports/baseline.json",
            "! smith1999/lem-2/printed: vanished; accepted: holds (two in smith/lemma_1.py)",
            "If the changes are meant: lakatos accept",
        ]
    )


def test_an_expectation_that_was_changed_with_its_outcome_fails(catalogue, lakatos, theorem, report, pytester):
    theorem(ONE + TWO + 'known = claim(holds, "lem-3", name="known")\n', "smith/lemma_1.py")
    assert lakatos().ret == 1
    assert changes(report) == {("smith1999/lem-3/printed", "outcome")}
    accept(pytester)
    assert lakatos().ret == 0


def test_a_worse_ratio_and_a_lost_stratum_fail(catalogue, lakatos, theorem, report):
    worse = 'one = claim(lambda c, **kw: verdict(worst=0.52), "lem-1", name="one")\n'
    theorem(worse + TWO + KNOWN, "smith/lemma_1.py")
    assert lakatos().ret == 1
    assert changes(report) == {("smith1999/lem-1/printed", "ratio")}


def test_a_renamed_file_is_no_change(catalogue, lakatos):
    (catalogue / "smith/lemma_1.py").rename(catalogue / "smith/lemma_2.py")
    assert lakatos().ret == 0


@pytest.mark.parametrize(
    "selection",
    [
        ["jones"],
        ["-k", "one"],
        ["-m", "jones2001"],
        ["smith/lemma_1.py::one"],
        ["--ignore", "smith"],
        ["--deselect", "smith/lemma_1.py::two"],
    ],
)
def test_what_is_not_selected_has_not_vanished(catalogue, lakatos, selection, theorem):
    result = lakatos(*selection)
    assert result.ret == 0, result.stdout.str()
    assert " as accepted in " in result.stdout.str()


def test_a_part_that_is_selected_is_compared(catalogue, lakatos, theorem, report):
    theorem(ONE + KNOWN, "smith/lemma_1.py")
    assert lakatos("jones").ret == 0
    assert lakatos("-k", "one").ret == 1
    assert lakatos("smith").ret == 1
    assert changes(report) == {("smith1999/lem-2/printed", "vanished")}


def test_under_xdist(catalogue, lakatos, theorem, report):
    pytest.importorskip("xdist")
    assert lakatos("-n1", "-k", "one or far", subprocess=True).ret == 0
    theorem(TWO + KNOWN, "smith/lemma_1.py")
    assert lakatos("-n2", "-k", "two", subprocess=True).ret == 1
    assert changes(report) == {("smith1999/lem-1/printed", "vanished")}


def test_nothing_checked_fails(catalogue, lakatos, theorem):
    assert lakatos("-k", "nothing_of_that_name").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    (catalogue / "smith/lemma_1.py").unlink()
    (catalogue / "jones/theorem_1.py").unlink()
    result = lakatos("--profile", "quick")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["*nothing was checked", "*smith1999/lem-1/printed: vanished*"])


def test_another_catalogue(catalogue, lakatos, theorem):
    for name in ("smith/lemma_1.py", "jones/theorem_1.py"):
        (catalogue / name).unlink()
    theorem('far = claim(holds, "thm-9", name="far")\n')
    result = lakatos()
    assert result.ret == 1
    assert "it belongs to another catalogue" in " ".join(result.stdout.str().split())


def test_a_syntax_error_among_good_files_costs_nothing(catalogue, lakatos, theorem, report):
    theorem("def (", "smith/lemma_9.py")
    before = report()["claims"]
    for _ in range(2):
        result = lakatos()
        assert result.ret == pytest.ExitCode.INTERRUPTED
        result.stdout.fnmatch_lines(["*! smith/lemma_9.py: *SyntaxError*"])
    # The last report that says something is still there.
    assert json.loads((catalogue / "reports/latest/.earlier/report.json").read_text())["claims"] == before
    # And the good files can be run without the bad one.
    result = lakatos("--continue-on-collection-errors")
    result.assert_outcomes(passed=4, errors=1)


def test_a_damaged_baseline_stops_the_run_before_anything_is_lost(catalogue, lakatos, report):
    (catalogue / "reports/baseline.json").write_text("{")
    before = report()
    result = lakatos()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *baseline.json is damaged: it is not JSON*Nothing was run."])
    assert report() == before
    # A run without claims has no business with it.
    catalogue.joinpath("test_other.py").write_text("def test_it():\n    pass\n")
    assert lakatos("test_other.py").ret == 0


def test_power_scores_beside_the_baseline_are_compared(catalogue, lakatos, report, pytester):
    def scores(killed):
        claims = [{"id": "smith1999/lem-1/printed", "killed": killed, "counted": 10}]
        (catalogue / "reports/power.json").write_text(json.dumps({"schema": "urn:lakatos:power:1", "claims": claims}))

    scores(9)
    accept(pytester)
    assert lakatos().ret == 0
    scores(8)
    assert lakatos().ret == 1
    assert changes(report) == {("smith1999/lem-1/printed", "power")}


def test_a_replay_is_not_compared(catalogue, lakatos):
    result = lakatos("-k", "known", "--replay", "reports/latest/report.json")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("gate:*")
    result = lakatos("--replay", "reports/latest/report.json", "--baseline", "reports/baseline.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_the_reports_of_the_last_run_survive_a_full_disk(catalogue, lakatos, theorem, report, monkeypatch):
    import errno

    from lakatos.reports import directory

    before = report()["claims"]

    def full(path, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(directory, "write_atomically", full)
    result = lakatos()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = " ".join(result.stdout.str().split())
    assert "No space left on device" in said
    assert "The reports of the run before are kept in" in said
    assert json.loads((catalogue / "reports/latest/.earlier/report.json").read_text())["claims"] == before


def test_a_job_summary_is_written_where_github_asks_for_one(catalogue, lakatos, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    lakatos("jones")
    assert "1 claim (holds 1): 1 as expected" in (tmp_path / "summary.md").read_text()
