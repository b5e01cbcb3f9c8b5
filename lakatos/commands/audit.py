"""``lakatos audit``: a long run that can be killed and continued; ``lakatos report``: one report from several."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from lakatos.commands.common import scores_from, stop

AUDIT_EXAMPLES = """\b
Examples:
  lakatos audit theorems --jobs 2
  lakatos audit fallah2020 --budget 2            twice the profile's instances for each claim
  lakatos audit fallah2020 --budget 1h30m        as many rounds as fit in an hour and a half
  lakatos audit landscape2022/cor-2/exact --device cuda --report-dir out
"""
REPORT_EXAMPLES = """\b
Examples:
  lakatos report monday tuesday/report.json --report-dir both
  lakatos report reports/audit --report-dir reports/audit      write the site of an audit again
"""


def audit(
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Papers, claim ids, theorem files or folders; everything below the current folder by default."),
    ] = None,
    profile: Annotated[str, typer.Option(help="The budget of each claim.")] = "audit",
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto: cuda where there is one.")] = "auto",
    budget: Annotated[
        str,
        typer.Option(
            help="A number multiplies the profile's instances for each claim (0.1, 4). A time (90s, 20m, 2h) is for the whole audit: "
            "every claim gets a first shard, then a second one, until it is over."
        ),
    ] = "1",
    seed: Annotated[int, typer.Option(help="Start of the random streams; each shard derives its own.")] = 0,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
    power: Annotated[
        bool, typer.Option("--power", help="Also try the check of each claim that holds on false variants.")
    ] = False,
    power_from: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Show the scores of an earlier 'lakatos power --json FILE'.")
    ] = None,
    report_dir: Annotated[Path, typer.Option(help="Where shards, report and site go.")] = Path("reports/audit"),
) -> None:
    """Hunt claims for a long time, shard by shard, and write a site that a reviewer can read.

    Every shard is recorded as it ends. Killed at any moment, the same command continues from what is recorded; with a larger budget
    it adds to it, and with other claims it adds those. A claim that raises an error is recorded as a problem, and the audit goes on.
    """
    from lakatos.audit.folder import AuditFolder
    from lakatos.audit.plan import Budget, find
    from lakatos.plugin import choose_device
    from lakatos.power.catalogue import CatalogueError
    from lakatos.profiles import get_profile
    from lakatos.reports.directory import ReportError

    if device not in ("cpu", "cuda", "auto"):
        raise stop("audit", f"--device {device}: choose cpu, cuda or auto.")
    try:
        chosen, parsed = get_profile(profile), Budget.parse(budget)
        scores = scores_from(power_from) if power_from is not None else {}
        targets, problems = find(what or ["."])
        where, words = choose_device(device)
    except (CatalogueError, ReportError, ValueError, pytest.UsageError) as error:
        raise stop("audit", error) from None

    from rich.console import Console

    from lakatos.audit.display import Bar
    from lakatos.audit.session import Session
    from lakatos.audit.workers import in_processes
    from lakatos.reports.files import PAGE

    console = Console(stderr=True)
    claims = "claim" if len(targets) == 1 else "claims"
    console.print(f"{len(targets)} {claims}, profile {profile}, device {words}, seed {seed}", highlight=False)
    session = Session(
        AuditFolder(report_dir),
        targets,
        chosen,
        parsed,
        seed,
        where,
        jobs,
        power,
        shlex.join(["lakatos", *sys.argv[1:]]),
        Path.cwd(),
        problems,
        scores,
    )
    # A scheduler that ends the audit gets the report as well as a person who interrupts it.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        report = session.run(in_processes, Bar(console))
    except ReportError as error:
        raise stop("audit", error) from None
    _print(report)
    if session.left_out:
        typer.echo(
            f"{session.left_out} recorded shards are not counted: their claims, or what they import, have changed since. They are left "
            "where they are."
        )
    typer.echo(f"report: {report_dir / PAGE}")
    raise typer.Exit(report["run"]["exitstatus"])


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def report(
    sources: Annotated[list[Path], typer.Argument(help="Report directories, of pytest or of audits, or their report.json.")],
    report_dir: Annotated[Path, typer.Option(help="Where the merged report and its site go.")],
    power_from: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Show the scores of an earlier 'lakatos power --json FILE'.")
    ] = None,
) -> None:
    """Merge the reports of several runs into one, and write its site.

    Counts add, the worst witness wins, and the error probabilities add up. Runs of one profile and one seed have seen the same
    instances and count once.
    """
    from lakatos.audit.merge import MergeError, merge_reports, with_power
    from lakatos.records import now, report_of
    from lakatos.reports.directory import ReportDirectory, ReportError, load_report
    from lakatos.reports.files import PAGE, REPORT

    started, clock = now(), time.monotonic()
    places = [(source if source.is_dir() else source.parent).resolve() for source in sources]
    # One report may be written again where it is, with other scores; a merged one must not replace what it was made from.
    again = places == [report_dir.resolve()]
    if report_dir.resolve() in places and not again:
        raise stop(
            "report", f"--report-dir {report_dir} holds one of the reports to merge; it would be replaced. Name another."
        )
    try:
        scores = scores_from(power_from) if power_from is not None else {}
        reports = [load_report(source / REPORT if source.is_dir() else source) for source in sources]
        records = with_power(merge_reports([found["claims"] for found in reports]), scores)
        runs = [found["run"] for found in reports]
        unchecked: dict[str, Any] = {}
        for found in reports:
            unchecked |= found.get("unchecked", {})
        checked = {record["nodeid"] for record in records}
        merged = report_of(
            records,
            started=min((run["started"] for run in runs), default=started),
            seconds=sum(run["seconds"] for run in runs) or time.monotonic() - clock,
            command=shlex.join(["lakatos", *sys.argv[1:]]),
            profile=", ".join(dict.fromkeys(run["profile"] for run in runs)),
            device=", ".join(dict.fromkeys(run["device"] for run in runs)),
            seed=runs[0]["seed"] if len({run["seed"] for run in runs}) == 1 else None,
            interrupted=any(run["interrupted"] for run in runs),
            exitstatus=max(run["exitstatus"] for run in runs),
            collected=len(records),
            not_run=[name for run in runs for name in run["not_run"] if name not in checked],
            problems=[problem for run in runs for problem in run["problems"]],
            unchecked=unchecked,
        )
        directory = ReportDirectory(report_dir, audit=again)
        directory.check()
        directory.write(merged)
    except (ReportError, MergeError) as error:
        raise stop("report", error) from None
    _print(merged)
    typer.echo(f"report: {report_dir / PAGE}")
    raise typer.Exit(merged["run"]["exitstatus"])


def _print(report: dict[str, Any]) -> None:
    from lakatos.terminal import summary

    for line, markup in summary(report):
        shown = next((colour for colour in ("red", "green", "yellow") if markup.get(colour)), None)
        typer.secho(line, fg=shown, bold=markup.get("bold", False))
