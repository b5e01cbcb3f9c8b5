"""An audit can be killed and continued; what is damaged, foreign, locked or full is said, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import lakatos.hunting
from lakatos import provenance
from lakatos.audit.folder import AuditFolder
from lakatos.audit.plan import Budget, find
from lakatos.audit.session import Session
from lakatos.audit.workers import in_processes, in_this_process
from lakatos.power.catalogue import CatalogueError
from lakatos.profiles import get_profile
from lakatos.reports.directory import ReportDirectory, ReportError, load_report
from lakatos.verdicts import Count, Margin, Outcome, Verdict, Warrant, Witness

ROOT = Path(__file__).resolve().parents[2]
THEOREM = '''
from sympy import symbols
from lakatos import Inequality, Paper, claim, instances

PAPER = Paper("smith1999", "On Things", contents=("lem-2", "lem-1"))
x = symbols("x")


@instances(assume=[x >= 0])
def numbers(draw):
    """Numbers between zero and one."""
    return dict(x=draw.interval("x", 0, 1))


@claim(PAPER, "Lemma 1", Inequality("<="), entry="lem-1", right=x, on=numbers)
def square_is_smaller(x):
    """The square of a number between zero and one is at most the number."""
    return x * x


@claim(PAPER, "Lemma 2", Inequality("<="), entry="lem-2", right=2 * x, on=numbers, rests_on=("smith1999/lem-1/printed",))
def number_is_at_most_twice_itself(x):
    """A number is at most twice itself."""
    return x
'''


class Silent:
    """Counts what is finished, and interrupts when it is told to."""

    def __init__(self, stop_after=None):
        self.done, self.stop_after, self.began = [], stop_after, None

    def begin(self, already, total, seconds):
        self.began = (already, total, seconds)

    def tell(self, *news):
        pass

    def finished(self, task, result):
        if len(self.done) == self.stop_after:
            raise KeyboardInterrupt
        self.done.append((task, result))

    def end(self):
        pass


def scripted(claim, *, profile, seed, device, progress):
    """A hunt whose verdict follows from the claim and the seed."""
    progress(claim, 10, 0.5, "batches")
    worst = (seed % 997) / 1000
    return Verdict(
        Outcome.HOLDS,
        Warrant.CORROBORATED,
        Margin(worst, 1e-12, f"worst ratio {worst} found under a budget of {profile.instances:,} instances"),
        f"{profile.instances:,} instances, none of which refutes it.",
        instances={"batches": profile.instances},
        strata={"half": Count(1, 5, worst)},
        worst=Witness({"x": [str(worst)]}, {"measured": "1"}, "rational", worst),
        alarm=1e-9,
        seed=seed,
        device=device,
    )


@pytest.fixture
def theorem(tmp_path, monkeypatch):
    """A theorem file in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lakatos.hunting, "hunt", scripted)
    file = tmp_path / "lemma_1.py"
    file.write_text(THEOREM)
    return file


@pytest.fixture
def audit(theorem, tmp_path):
    """Runs an audit: ``audit(budget="2", stop_after=3)`` gives its report."""

    def run(what=None, *, budget="4", stop_after=None, runner=in_this_process, folder="out", power=False, profile="quick"):
        targets, problems = find([str(theorem)] if what is None else what)
        session = Session(
            AuditFolder(tmp_path / folder), targets, get_profile(profile), Budget.parse(budget), 0, "cpu", 1, power, "lakatos audit",
            tmp_path, problems,
        )  # fmt: skip
        run.display = Silent(stop_after)
        run.session = session
        return session.run(runner, run.display)

    return run


def tree(folder):
    """Every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def essence(report):
    """What of a report does not depend on the clock."""
    timed = ("started", "seconds", "commit")
    claims = []
    for record in report["claims"]:
        shards = [{k: v for k, v in shard.items() if k not in timed} for shard in record["shards"]]
        claims.append({k: v for k, v in record.items() if k not in timed} | {"shards": shards})
    return claims


def test_an_audit_records_shards_and_writes_a_site(audit, tmp_path, validator):
    report = audit()
    validator.validate(json.loads((tmp_path / "out/report.json").read_text()))
    assert [(r["id"], r["outcome"], len(r["shards"])) for r in report["claims"]] == [
        ("smith1999/lem-1/printed", "holds", 4),
        ("smith1999/lem-2/printed", "holds", 4),
    ]
    first = report["claims"][0]
    assert first["instances"]["total"] == 4 * 4096
    assert first["alarm"] == pytest.approx(4e-9)
    assert first["margin"]["worst"] == max(shard["seed"] % 997 for shard in first["shards"]) / 1000
    assert report["run"]["exitstatus"] == 0
    assert "4 runs, merged" in (tmp_path / "out/claims/smith1999/lem-1/printed.html").read_text()
    page = (tmp_path / "out/papers/smith1999.html").read_text()
    assert page.index("lem-2-title") < page.index("lem-1-title")


@pytest.mark.parametrize("stop_after", range(8))
def test_an_interrupted_audit_continues_and_ends_as_if_it_had_not_been(audit, tmp_path, stop_after):
    whole = audit(folder="whole")
    stopped = audit(stop_after=stop_after)
    assert stopped["run"]["interrupted"]
    assert stopped["run"]["exitstatus"] == 2
    assert len(stopped["run"]["not_run"]) == max(0, 2 - stop_after)
    continued = audit()
    assert audit.display.began == (stop_after, 8, None)
    assert len(audit.display.done) == 8 - stop_after
    assert not continued["run"]["interrupted"]
    replays = [claim.pop("replay") for claim in essence(continued)]
    assert all("out/report.json" in replay for replay in replays)
    without = [
        [{k: v for k, v in claim.items() if k != "replay"} for claim in essence(report)] for report in (continued, whole)
    ]
    assert without[0] == without[1]


def test_an_audit_that_is_done_runs_nothing_and_a_larger_budget_adds(audit, tmp_path):
    before = audit(budget="1")
    again = audit(budget="1")
    assert audit.display.done == []
    assert before["claims"] == again["claims"]
    larger = audit(budget="3")
    assert [r["instances"]["total"] for r in larger["claims"]] == [3 * 4096] * 2
    assert [run["budget"] for run in json.loads((tmp_path / "out/audit.json").read_text())["runs"]] == [1, 1, 3]


def test_another_claim_is_added_to_what_is_there(audit):
    audit(["smith1999/lem-1/printed"])
    report = audit(["smith1999/lem-2/printed"])
    assert [record["entry"] for record in report["claims"]] == ["lem-1", "lem-2"]


def test_a_time_ends_the_audit(audit):
    report = audit(budget="0.2s")
    assert audit.display.began == (0, None, pytest.approx(0.2))
    assert not report["run"]["interrupted"]
    assert len(report["claims"][0]["shards"]) >= 1


def test_a_time_that_is_over_before_every_claim_had_its_turn_is_said(audit, monkeypatch):
    def slow(claim, **settings):
        time.sleep(0.2)
        return scripted(claim, **settings)

    monkeypatch.setattr(lakatos.hunting, "hunt", slow)
    report = audit(budget="0.1s")
    assert report["run"]["interrupted"]
    assert report["run"]["not_run"] == ["lemma_1.py::number_is_at_most_twice_itself"]
    assert report["run"]["exitstatus"] == 2


def test_an_error_of_a_claim_is_recorded_and_the_audit_goes_on(audit, monkeypatch):
    def breaks(claim, **settings):
        if claim.entry == "lem-1":
            raise ZeroDivisionError("by nought")
        return scripted(claim, **settings)

    monkeypatch.setattr(lakatos.hunting, "hunt", breaks)
    report = audit(budget="1")
    first, second = report["claims"]
    assert (first["error"], first["message"], first["as_expected"]) == (
        "ZeroDivisionError",
        "ZeroDivisionError: by nought",
        False,
    )
    assert second["outcome"] == "holds"
    assert report["run"]["exitstatus"] == 1
    monkeypatch.setattr(lakatos.hunting, "hunt", scripted)
    again = audit(budget="1")
    assert len(audit.display.done) == 1
    assert [record["as_expected"] for record in again["claims"]] == [True, True]


def test_a_file_that_cannot_be_imported_costs_its_own_claims_alone(audit, tmp_path):
    (tmp_path / "lemma_2.py").write_text("import lakatos\n1 / 0\n")
    report = audit(["."])
    assert len(report["claims"]) == 2
    assert "cannot be imported: ZeroDivisionError" in report["run"]["problems"][0]["message"]
    assert report["run"]["exitstatus"] == 1


def test_shards_of_an_older_text_are_left_and_do_not_count(audit, theorem, tmp_path):
    audit(budget="2")
    before = tree(tmp_path / "out/shards")
    theorem.write_text(THEOREM + "\n# A change.\n")
    provenance.fingerprint.cache_clear()
    provenance._tree.cache_clear()
    report = audit(budget="1")
    assert [len(record.get("shards", [1])) for record in report["claims"]] == [1, 1]
    assert audit.session.left_out == 4
    assert before.items() <= tree(tmp_path / "out/shards").items()


@pytest.mark.parametrize("power", [True, False])
def test_power_is_scored_once(audit, monkeypatch, power):
    data = {
        "killed": 7, "counted": 9, "equivalent": 2, "invalid": 1, "timeout": 0, "derived": 12, "tightness": None, "bracket": None,
        "breaks": None, "note": "", "survivors": [],
    }  # fmt: skip

    class Score:
        def as_data(self):
            return data

    monkeypatch.setattr(sys.modules["lakatos.power.score"], "score", lambda claim, progress: Score())
    report = audit(budget="1", power=power)
    assert [record["power"] for record in report["claims"]] == [data if power else None] * 2
    audit(budget="1", power=power)
    assert audit.display.done == []


def spoil(text):
    """Changes one recorded shard."""

    def change(folder):
        path = sorted(folder.glob("shards/*/*/*/*.json"))[0]
        path.write_text(text(path.read_text()))
        return path

    return change


def edited(**changes):
    return lambda text: json.dumps(json.loads(text) | changes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (spoil(lambda text: text[: len(text) // 2]), "is damaged"),
        (spoil(lambda text: ""), "is damaged"),
        (spoil(lambda text: "[1, 2]"), "follows the schema None"),
        (spoil(edited(schema="urn:lakatos:shard:0")), "follows the schema 'urn:lakatos:shard:0'"),
        (spoil(edited(record={"id": "smith1999/lem-1/printed"})), "is no shard of smith1999/lem-1/printed"),
        (spoil(lambda text: text.replace("smith1999/lem-1/printed", "smith1999/lem-2/printed")), "is no shard of"),
    ],
)
def test_a_damaged_or_foreign_record_is_named_and_nothing_is_changed(audit, tmp_path, change, words):
    audit(budget="1")
    path = change(tmp_path / "out")
    before = tree(tmp_path / "out")
    with pytest.raises(ReportError, match=words) as error:
        audit(budget="2")
    assert path.name in str(error.value)
    after = tree(tmp_path / "out")
    assert {name: data for name, data in after.items() if name != ".lakatos-lock"} == {
        name: data for name, data in before.items() if name != ".lakatos-lock"
    }


@pytest.mark.parametrize("text", ["{", '{"schema": "urn:lakatos:audit:0", "runs": []}', "[]"])
def test_a_damaged_or_old_list_of_runs(audit, tmp_path, text):
    audit(budget="1")
    (tmp_path / "out/audit.json").write_text(text)
    with pytest.raises(ReportError, match=r"audit\.json"):
        audit(budget="2")
    assert (tmp_path / "out/audit.json").read_text() == text


def test_other_files_in_the_folder_stay(audit, tmp_path):
    audit(budget="1")
    mine = ["notes.txt", "shards/notes.json", "shards/smith1999/lem-1/printed/mine.json", "claims/mine.html"]
    for name in mine:
        (tmp_path / "out" / name).write_text("mine")
    left_behind = tmp_path / "out/shards/smith1999/lem-1/printed/.0123456789abcdef-quick-0.json.99.tmp"
    left_behind.write_text("half")
    audit(budget="2")
    assert all((tmp_path / "out" / name).read_text() == "mine" for name in mine)
    assert not left_behind.exists()


def test_files_of_another_program_where_the_report_would_be_written(audit, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/index.html").write_text("<p>mine</p>")
    with pytest.raises(ReportError, match="files of another program"):
        audit()
    assert (tmp_path / "out/index.html").read_text() == "<p>mine</p>"


def test_the_report_of_a_run_of_pytest_is_not_replaced(audit, tmp_path, report, record):
    ReportDirectory(tmp_path / "out").write(report([record()]))
    before = tree(tmp_path / "out")
    with pytest.raises(ReportError, match="holds the report of another run"):
        audit()
    after = tree(tmp_path / "out")
    del after[".lakatos-lock"]
    assert after == before


def test_two_audits_cannot_write_to_one_place(audit, tmp_path):
    with AuditFolder(tmp_path / "out").lock(), pytest.raises(ReportError, match=f"another audit is writing .*{os.getpid()}"):
        audit()
    assert len(audit()["claims"]) == 2


@pytest.mark.parametrize("room", [1, 2, 4])
def test_a_full_disk_keeps_what_is_recorded(audit, tmp_path, monkeypatch, room):
    real, written = os.replace, []

    def fills(source, target):
        if len(written) >= room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", fills)
    with pytest.raises(ReportError, match=r"No space left on device.*Every shard that was recorded is whole"):
        audit()
    monkeypatch.setattr(os, "replace", real)
    assert len(list((tmp_path / "out/shards").rglob("*.json"))) == room - 1
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert audit()["claims"][0]["instances"]["total"] == 4 * 4096
    assert audit.display.began[0] == room - 1


def test_what_does_not_exist(audit):
    with pytest.raises(CatalogueError, match="is no file or folder with claims"):
        audit(["lem-1"])


def test_a_claim_that_ends_its_process_costs_itself_alone(theorem, tmp_path, monkeypatch):
    text = THEOREM.replace("    return x * x\n", "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n")
    theorem.write_text(text)
    targets, problems = find([str(theorem)])
    folder, display = AuditFolder(tmp_path / "out"), Silent()
    tiny = replace(get_profile("quick"), instances=64, structured_examples=1, ascent_starts=2, ascent_steps=2)
    report = Session(folder, targets, tiny, Budget(), 0, "cpu", 1, False, "", tmp_path, problems).run(in_processes, display)
    assert [record["entry"] for record in report["claims"]] == ["lem-2"]
    assert report["run"]["not_run"] == ["lemma_1.py::square_is_smaller"]
    (problem,) = report["run"]["problems"]
    assert "was ended by SIGKILL, as the system does when memory runs out" in problem["message"]
    assert report["run"]["exitstatus"] == 1
    assert load_report(tmp_path / "out/report.json")


def test_an_audit_that_is_killed_continues_where_it_was(tmp_path):
    (tmp_path / "lemma_1.py").write_text(THEOREM)
    command = [sys.executable, "-c", "from lakatos.cli import app; app()", "audit", "--profile", "quick", "--budget", "6"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
    first = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    shards = tmp_path / "reports/audit/shards"
    deadline = time.monotonic() + 120
    while not list(shards.rglob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    # The worker lives in the same process group, and goes as well.
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    there = tree(shards)
    assert there
    second = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
    recorded = len([name for name in there if not name.endswith(".tmp")])
    assert f"{recorded} of 12 shards are recorded already; continuing." in second.stderr
    assert {name: data for name, data in there.items() if name.endswith(".json")}.items() <= tree(shards).items()
    report = load_report(tmp_path / "reports/audit/report.json")
    assert Counter(len(record["shards"]) for record in report["claims"]) == {6: 2}
    assert "2 claims (holds 2)" in second.stdout
    assert "--replay=reports/audit/report.json" in report["claims"][0]["replay"]
