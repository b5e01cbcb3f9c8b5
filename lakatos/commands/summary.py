"""``lakatos summary``: the committed page on the whole catalogue, and whether it is still right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakatos.commands.common import scores_from, stop

EXAMPLES = """\b
Examples:
  pytest theorems && lakatos summary             write reports/AUDIT.md from this run
  lakatos summary --check                        is it what the last run found?
"""
_SHOWN = 40


def summary(
    report: Annotated[Path, typer.Argument(help="The report.json of a run of the whole catalogue.")] = Path(
        "reports/latest/report.json"
    ),
    out: Annotated[Path, typer.Option(help="The page.")] = Path("reports/AUDIT.md"),
    power_from: Annotated[
        Path, typer.Option(metavar="FILE", help="What 'lakatos power --json FILE' wrote; nothing is said of power without it.")
    ] = Path("reports/power.json"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where the page is not what the run found, ratios aside.")
    ] = False,
) -> None:
    """Write the audit's summary: for each paper, in its order, what was found for each statement.

    The page holds no times and nothing of the machine, so that it changes only when a finding does.
    """
    from lakatos.audit.merge import with_power
    from lakatos.audit.summary import differences, summary_page
    from lakatos.reports.directory import ReportError, load_report
    from lakatos.reports.files import write_atomically

    try:
        found = load_report(report)
        found["claims"] = with_power(found["claims"], scores_from(power_from) if power_from.exists() else {})
    except ReportError as error:
        raise stop("summary", error) from None
    run = found["run"]
    if run["interrupted"] or run["not_run"] or run["replay_of"] or not found["claims"]:
        raise stop("summary", f"{report} is not of a whole run: it was interrupted, is a replay, or holds no claim.")
    page = summary_page(found)
    if not check:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(out, page)
        except OSError as error:
            raise stop("summary", f"cannot write {out}: {error.strerror or error}.") from None
        typer.echo(f"{out}: {len(found['claims'])} claims")
        return
    try:
        committed = out.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise stop("summary", f"cannot read {out}: {error}. Write it: lakatos summary") from None
    lines = differences(committed, page)
    if lines:
        typer.echo("\n".join(lines[:_SHOWN]))
        if len(lines) > _SHOWN:
            typer.echo(f"... and {len(lines) - _SHOWN} more lines")
        typer.echo(
            f"{out} is not what {report} found. After a run of the whole catalogue write it again: lakatos summary", err=True
        )
        raise typer.Exit(1)
    typer.echo(f"{out} is what {report} found")
