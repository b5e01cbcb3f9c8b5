"""One run of the plugin: what was asked for, what came out, and the reports written at its end."""

from __future__ import annotations

import json
import shlex
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakatos.profiles import Profile
from lakatos.theorem_files import is_theorem_file

if TYPE_CHECKING:
    from lakatos.gate.run import Gate
    from lakatos.records import Record
    from lakatos.reports.directory import ReportDirectory
    from lakatos.terminal import Line


@dataclass
class Run:
    """What this run was asked for, and what it has found so far.

    Parameters
    ----------
    profile, device, seed:
        What every hunt gets. ``seed`` is the one asked for, or the profile's, or fresh.
    device_words:
        What the header says about the choice of the device.
    directory:
        Where reports go; ``None`` where nothing is written (in a worker, a replay, a mere listing).
    asked:
        Whether an option of this plugin stands on the command line: then a run without claims is an error.
    replay, replay_of:
        Records to replay by claim id, and the report that holds them.
    places, collected:
        Where each claim id was first seen, to find an id used twice; and all ids, of every process.
    selected, finished:
        Node ids of the claims that were to be run, in order, and of those that were.
    problems:
        What kept claims from being judged: ``{"where": ..., "message": ...}``.
    power:
        Whether claims that hold are also tried on false variants of themselves.
    gate, gate_error:
        The accepted state to compare with, if there is one, or what is wrong with it.
    """

    profile: Profile
    device: str
    device_words: str
    seed: int
    directory: ReportDirectory | None
    asked: bool
    replay: dict[str, Record] | None = None
    replay_of: str | None = None
    places: dict[str, tuple[Path, int, str]] = field(default_factory=dict)
    selected: dict[str, None] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    records: dict[str, Record] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    power: bool = False
    gate: Gate | None = None
    gate_error: str | None = None
    collected: set[str] = field(default_factory=set)


RUN = pytest.StashKey[Run]()
"""Where a pytest configuration keeps its run."""


class Reporter:
    """Receives the records and writes the reports. Lives in the process that prints: never in a worker."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        from lakatos.records import now

        self._config = config
        self._run = run
        self._report: dict[str, Any] | None = None
        self._unwritten: str | None = None
        self._started, self._clock = now(), time.perf_counter()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keeps what went wrong in a theorem file: a claim that could not be collected must not be missing silently."""
        path = self._config.rootpath / report.nodeid.partition("::")[0]
        if report.failed and (self._run.asked or is_theorem_file(path, self._config, explicit=True)):
            self._problem(report.nodeid, report.longreprtext)

    def _problem(self, where: str, message: str) -> None:
        # Each worker of pytest-xdist collects every file, and reports the same mistake.
        problem = {"where": where, "message": message}
        if problem not in self._run.problems:
            self._run.problems.append(problem)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes the record and adds it to the journal at once."""
        run = self._run
        text: str | None = getattr(report, "lakatos_record", None)
        if text is not None:
            record = json.loads(text)
            run.records[record["id"]] = record
            run.finished.add(report.nodeid)
            self._append(record)
            if report.failed and record["as_expected"] and record["reproduced"] is not False:
                # Something else failed the test, such as a warning that the configuration turns into an error.
                self._problem(report.nodeid, report.longreprtext)
        elif report.nodeid in run.selected and report.when == "call":
            run.finished.add(report.nodeid)
        if text is None and report.failed and report.nodeid in run.selected:
            run.finished.add(report.nodeid)
            self._problem(report.nodeid, report.longreprtext)

    def _append(self, record: Record) -> None:
        if self._run.directory is None:
            return
        from lakatos.reports.directory import ReportError

        try:
            self._run.directory.append(record)
        except ReportError as error:
            # The records are still in memory; the hunt goes on, and the end of the run says what is missing.
            self._unwritten = str(error)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """What ``-v`` shows for a claim: its outcome, and apart from each other the refutations expected and not."""
        text: str | None = getattr(report, "lakatos_record", None)
        if text is None or hasattr(report, "wasxfail") or report.outcome == "skipped":
            return None
        from lakatos.terminal import colour

        record = json.loads(text)
        if report.failed:
            return "failed", "F", ("FAILED" if record["error"] else f"FAILED, {record['outcome']}", {"red": True})
        words = record["outcome"] if record["outcome"] == "holds" else f"{record['outcome']}, as expected"
        return "passed", ".", (words, colour(record))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
        """Writes the reports, also after an interruption, and refuses to pass a run in which nothing was checked."""
        run = self._run
        if not (run.asked or run.selected or run.problems):
            return
        from lakatos.records import report_of
        from lakatos.reports.directory import ReportError
        from lakatos.reports.unchecked import unchecked_of

        if session.exitstatus == pytest.ExitCode.OK and not run.records:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
        not_run = [nodeid for nodeid in run.selected if nodeid not in run.finished]
        stopped = bool(session.shouldfail or session.shouldstop)
        broken = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
        order = {nodeid: i for i, nodeid in enumerate(run.selected)}
        self._report = report_of(
            # Workers finish in any order; the report follows the files.
            sorted(run.records.values(), key=lambda record: order.get(record["nodeid"], len(order))),
            started=self._started,
            seconds=time.perf_counter() - self._clock,
            command=shlex.join(["python", "-m", "pytest", *map(str, self._config.invocation_params.args)]),
            profile=run.profile.name,
            device=run.device,
            seed=run.seed,
            interrupted=broken or (stopped and bool(not_run)),
            exitstatus=int(session.exitstatus),
            collected=len(run.selected),
            not_run=not_run,
            problems=run.problems,
            replay_of=run.replay_of,
            unchecked=unchecked_of(run.records.values(), self._config.invocation_params.dir),
        )
        if run.replay is None:
            self._judge(session)
        if run.directory is None:
            return
        from lakatos.reports.summary import publish

        try:
            run.directory.write(self._report)
            self._unwritten = None
        except ReportError as error:
            self._unwritten = str(error)
        self._unwritten = " ".join(filter(None, (self._unwritten, publish(self._report)))) or None
        if self._unwritten and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _judge(self, session: pytest.Session) -> None:
        """Adds to the report what was selected and how it differs from the accepted state, on which the run then fails."""
        from lakatos.gate.session import selection_of

        run, report = self._run, self._report
        assert report is not None
        selection = selection_of(self._config, run.collected, run.records)
        report["selection"] = selection.as_data()
        if run.gate is None:
            return
        report["gate"] = run.gate.judge(report, selection)
        if session.exitstatus == pytest.ExitCode.OK and any(change["fails"] for change in report["gate"]["changes"]):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            report["run"]["exitstatus"] = int(session.exitstatus)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The table of claims, the totals, and where the report is."""
        if self._report is None:
            return
        from lakatos.terminal import WIDTH, summary, wrapped

        terminalreporter.write_sep("=", "lakatos", fullwidth=WIDTH)
        for line, markup in [*summary(self._report), *self._gate_lines()]:
            terminalreporter.write_line(line, **markup)
        if self._unwritten:
            for line in wrapped(f"! {self._unwritten}"):
                terminalreporter.write_line(line, red=True, bold=True)
        elif self._run.directory is not None:
            from lakatos.reports.files import PAGE

            page = self._run.directory.path / PAGE
            try:
                shown = page.relative_to(self._config.invocation_params.dir)
            except ValueError:
                shown = page
            terminalreporter.write_line(f"report: {shown}")

    def _gate_lines(self) -> list[Line]:
        if self._report is None or "gate" not in self._report:
            return []
        from lakatos.gate.run import lines
        from lakatos.records import shown_path
        from lakatos.reports.files import REPORT

        directory = None if self._unwritten else self._run.directory
        report = shown_path(directory.path / REPORT, self._config.invocation_params.dir) if directory else None
        return list(lines(self._report, report))


class Listing:
    """Prints the claims that were collected, a line each, where pytest's own output is off."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Prints id, kind, expected outcome and test of each claim."""
        claims = [(item.nodeid, claim) for item in session.items if (claim := getattr(item, "claim", None)) is not None]
        for nodeid, claim in claims:
            print(f"{claim.id}  {claim.kind.name}  expected: {claim.expect}  {nodeid}", flush=True)
        # Tests do not count: without a claim there is nothing to list.
        session.testscollected = len(claims)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Prints what went wrong in a file."""
        if report.failed:
            print(f"{report.nodeid}: {report.longreprtext}", file=sys.stderr, flush=True)
