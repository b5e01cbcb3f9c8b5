"""One run of ``lakatos audit``: shard after shard until the budget is spent, then the report on everything recorded so far."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lakatos.audit.folder import AuditFolder
from lakatos.audit.merge import with_power
from lakatos.audit.plan import Budget, Target, shards
from lakatos.audit.task import Task
from lakatos.audit.workers import Failed, Runner
from lakatos.profiles import Profile
from lakatos.records import Record, now, report_of, shown_path
from lakatos.reports.directory import ReportDirectory, ReportError
from lakatos.reports.files import REPORT
from lakatos.reports.unchecked import unchecked_of

# A long run's site is written now and then, for those who read it meanwhile.
SITE_EVERY_SECONDS = 300.0


class Display(Protocol):
    """Shows a run to the person who waits for it."""

    def begin(self, already: int, total: int | None, seconds: float | None) -> None:
        """So many shards are recorded already, of so many in all; or the run takes so many seconds."""

    def tell(self, claim_id: str, instances: int, worst: float | None, phase: str) -> None:
        """What a running hunt has seen."""

    def finished(self, task: Task, result: dict[str, Any] | Failed) -> None:
        """A shard or a score is recorded, or failed."""

    def end(self) -> None:
        """The run is over."""


@dataclass
class Session:
    """What was asked for.

    Parameters
    ----------
    folder, targets:
        Where the audit writes, and the claims.
    profile, budget, seed, device, jobs:
        How hard to look, from which seed, where, in how many processes.
    power:
        Whether the checks of the claims that hold are tried on false variants.
    command:
        What was typed.
    start:
        The folder that it was typed in.
    problems:
        What kept claims from being found, and later from being judged: ``{"where": ..., "message": ...}``.
    scores:
        Scores of an earlier run, by claim id, for the claims that have none here.
    left_out:
        Recorded shards that do not count, because the claim or what it imports has changed since.
    """

    folder: AuditFolder
    targets: Sequence[Target]
    profile: Profile
    budget: Budget
    seed: int
    device: str
    jobs: int
    power: bool
    command: str
    start: Path
    problems: list[dict[str, str]] = field(default_factory=list)
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: int = 0
    _failed: set[str] = field(default_factory=set, repr=False)

    def run(self, runner: Runner, display: Display) -> dict[str, Any]:
        """Runs what is not recorded yet, and returns the report, which is also written.

        Raises
        ------
        ReportError
            when the folder cannot be read or written, holds another run's report, or another audit holds it.
        """
        with self.folder.lock():
            runs = self.folder.runs()
            if not runs and (self.folder.path / REPORT).exists():
                raise ReportError(
                    f"{self.folder.path} holds the report of another run, which the audit would replace. Pass another --report-dir. "
                    "Nothing was changed."
                )
            done = self.folder.done()
            self.folder.clean()
            site = ReportDirectory(self.folder.path, audit=True)
            site.check()
            started, clock = now(), time.monotonic()
            asked = {
                "profile": self.profile.name,
                "device": self.device,
                "budget": self.budget.seconds if self.budget.seconds is not None else self.budget.factor,
                "unit": "seconds" if self.budget.seconds is not None else "times the profile",
                "seed": self.seed,
                "jobs": self.jobs,
            }
            runs.append({"started": started, "command": self.command, **asked, "seconds": None, "interrupted": True})
            self.folder.write_runs(runs)
            interrupted = False
            try:
                self._spend(runner, display, done, started, clock, site)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                display.end()
            seconds = time.monotonic() - clock
            runs[-1] |= {"seconds": round(seconds, 3), "interrupted": interrupted}
            self.folder.write_runs(runs)
            report = self._report(started, seconds, interrupted)
            site.write(report)
            return report

    def _spend(
        self,
        runner: Runner,
        display: Display,
        done: set[tuple[str, str, str]],
        started: str,
        clock: float,
        site: ReportDirectory,
    ) -> None:
        end = clock + self.budget.seconds if self.budget.seconds is not None else None
        report = shown_path(self.folder.path / REPORT, self.start)

        def task(target: Target, shard: Any) -> Task:
            return Task(target, shard, self.device, self.start, report)

        def hunts() -> Iterator[Task]:
            for shard in shards(self.targets, self.profile, self.budget, self.seed):
                if end is not None and time.monotonic() >= end:
                    return
                if (shard.target.id, shard.target.fingerprint, shard.key) not in done:
                    yield task(shard.target, shard)

        total = already = None
        if end is None:
            everything = list(shards(self.targets, self.profile, self.budget, self.seed))
            total = len(everything)
            already = sum((s.target.id, s.target.fingerprint, s.key) in done for s in everything)
        display.begin(already or 0, total, self.budget.seconds)
        written = time.monotonic()
        for finished, result in runner(hunts(), self.jobs, display.tell):
            display.finished(finished, result)
            if isinstance(result, Failed):
                self._problem(finished, result)
            else:
                assert finished.shard is not None
                self.folder.write(finished.shard, result)
            if time.monotonic() - written > SITE_EVERY_SECONDS:
                site.write(self._report(started, time.monotonic() - clock, interrupted=True))
                written = time.monotonic()
        if self.power:
            self._score(runner, display, done, task)

    def _score(self, runner: Runner, display: Display, done: set[tuple[str, str, str]], task: Any) -> None:
        by_id = {record["id"]: record for record in self.folder.records(self.targets)[0]}

        def scores() -> Iterator[Task]:
            for target in self.targets:
                record = by_id.get(target.id)
                if record is None or record["outcome"] != "holds" or not record["as_expected"]:
                    continue
                if (target.id, target.fingerprint, "power") not in done:
                    yield task(target, None)

        for finished, result in runner(scores(), self.jobs, display.tell):
            display.finished(finished, result)
            if isinstance(result, Failed):
                self._problem(finished, result)
            else:
                self.folder.write_power(finished.target, result)

    def _problem(self, task: Task, failed: Failed) -> None:
        self._failed.add(task.target.id)
        where = f"{shown_path(task.target.file, self.start)}::{task.target.name}"
        what = f"shard {task.shard.index} (seed {task.shard.seed})" if task.shard is not None else "the score of its check"
        self.problems.append({"where": where, "message": f"{what}: {failed.why}. The same command tries it again."})

    def _report(self, started: str, seconds: float, interrupted: bool) -> dict[str, Any]:
        records, self.left_out = self.folder.records(self.targets)
        records = with_power(records, self.scores)
        checked = {record["id"] for record in records}
        missing = [t for t in self.targets if t.id not in checked]
        # A time that was over before every claim had its first shard is no whole audit either.
        short = self.budget.seconds is not None and any(t.id not in self._failed for t in missing)
        interrupted = interrupted or short
        return report_of(
            sorted(records, key=lambda record: (record["file"], record["line"], record["id"])),
            started=started,
            seconds=seconds,
            command=self.command,
            profile=self.profile.name,
            device=self.device,
            seed=self.seed,
            interrupted=interrupted,
            exitstatus=exit_code(records, self.problems, interrupted),
            collected=len(self.targets),
            not_run=[f"{shown_path(t.file, self.start)}::{t.name}" for t in missing],
            problems=self.problems,
            unchecked=unchecked_of(records, self.start),
        )


def exit_code(records: Sequence[Record], problems: Sequence[Any], interrupted: bool) -> int:
    """As pytest's: 0 where every claim is as expected, 1 where one is not, 2 after an interruption, 5 where nothing was checked."""
    if interrupted:
        return 2
    if not records:
        return 5
    return int(any(not record["as_expected"] for record in records) or bool(problems))
