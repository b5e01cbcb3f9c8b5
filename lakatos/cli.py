"""The command line: ``lakatos list`` and ``lakatos replay``, both thin doors to pytest."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Attack theorems. To run the claims: pytest theorems/")


class _Listing:
    """Prints each claim that pytest collects; the rest of pytest's output is off."""

    def __init__(self) -> None:
        self.count = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            claim: Any = getattr(item, "claim", None)
            if claim is not None:
                self.count += 1
                typer.echo(f"{claim.id}  {claim.kind.name}  expected: {claim.expect}  {item.nodeid}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            typer.echo(f"{report.nodeid}: {report.longreprtext}", err=True)


@app.command("list")
def list_claims(
    paths: Annotated[list[str] | None, typer.Argument(help="Theorem files or folders; the current folder by default.")] = None,
) -> None:
    """List the claims: id, kind, expected outcome, and the test to select."""
    listing = _Listing()
    code = pytest.main(["--collect-only", "-p", "no:terminal", *(paths or ["."])], plugins=[listing])
    if code == pytest.ExitCode.OK and not listing.count:
        code = pytest.ExitCode.NO_TESTS_COLLECTED
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        typer.echo("No claims here. Claims live in files such as theorem_1.py or lemma_2.py.", err=True)
    raise typer.Exit(int(code))


@app.command()
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
    command = [sys.executable, "-m", "pytest", test, "--replay", str(report)]
    typer.echo(shlex.join(["python", *command[1:]]))
    raise typer.Exit(subprocess.run(command, check=False).returncode)
