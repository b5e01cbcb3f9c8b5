"""``lakatos list`` and ``lakatos replay``: both thin doors to pytest."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer

LIST_EXAMPLES = """\b
Examples:
  lakatos list
  lakatos list theorems/fallah2020
"""
REPLAY_EXAMPLES = """\b
Examples:
  lakatos replay reports/latest/report.json fallah2020/lem-4.8-smoothness/printed
"""


def _pytest(*arguments: str) -> int:
    # In a process of its own: pytest wants to be the first to import the packages of its plugins.
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


def list_claims(
    paths: Annotated[list[str] | None, typer.Argument(help="Theorem files or folders; the current folder by default.")] = None,
) -> None:
    """List the claims: id, kind, expected outcome, and the test to select."""
    code = _pytest("--collect-only", "--lakatos-list", "-p", "no:terminal", *(paths or ["."]))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        typer.echo("No claims here. Claims live in files such as theorem_1.py or lemma_2.py.", err=True)
    raise typer.Exit(code)


def replay(
    report: Annotated[Path, typer.Argument(help="The report.json of a run.")],
    claim_id: Annotated[str, typer.Argument(help="The claim's id, such as fallah2020/lem-4.8-smoothness/printed.")],
) -> None:
    """Run one claim on exactly the witness that a report recorded for it."""
    from lakatos.reports.directory import ReportError, load_report

    try:
        records = {record["id"]: record for record in load_report(report)["claims"]}
    except ReportError as error:
        typer.echo(f"lakatos replay: {error}", err=True)
        raise typer.Exit(int(pytest.ExitCode.USAGE_ERROR)) from None
    if claim_id not in records:
        known = "\n".join(f"  {name}" for name in records) or "  (none)"
        typer.echo(f"lakatos replay: {report} has no claim {claim_id!r}. It has:\n{known}", err=True)
        raise typer.Exit(int(pytest.ExitCode.USAGE_ERROR))
    test = f"{records[claim_id]['file']}::{records[claim_id]['name']}"
    if not Path(records[claim_id]["file"]).is_file():
        typer.echo(
            f"lakatos replay: there is no {records[claim_id]['file']} here. "
            "Change to the folder where the recorded run started.",
            err=True,
        )
        raise typer.Exit(int(pytest.ExitCode.USAGE_ERROR))
    command = [test, f"--replay={report}"]
    typer.echo(shlex.join(["python", "-m", "pytest", *command]))
    raise typer.Exit(_pytest(*command))
