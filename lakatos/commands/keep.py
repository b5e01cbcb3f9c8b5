"""``lakatos keep``: the witnesses of a run, kept as data beside their theorem files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
import typer

EXAMPLES = """\b
Examples:
  lakatos keep reports/latest/report.json
  lakatos keep reports/latest/report.json ji2020/thm-1/printed --closest
"""


def keep(
    report: Annotated[Path, typer.Argument(help="The report.json of a run.")],
    claims: Annotated[list[str] | None, typer.Argument(help="Ids of the claims; all of the report by default.")] = None,
    closest: Annotated[
        bool, typer.Option("--closest", help="Keep the closest instance of each claim that holds, too.")
    ] = False,
) -> None:
    """Keep what a run found as data beside the theorem files, so that every later run tries it first.

    A claim that was refuted without a pinned witness leaves its smallest one in FILE.witnesses.json, next to FILE.py.
    """
    from lakatos.reports.directory import ReportError, load_report
    from lakatos.witnesses import WitnessError
    from lakatos.witnesses import keep as keep_all

    def stop(message: object) -> typer.Exit:
        typer.echo(f"lakatos keep: {message}", err=True)
        return typer.Exit(int(pytest.ExitCode.USAGE_ERROR))

    try:
        records = {record["id"]: record for record in load_report(report)["claims"]}
    except ReportError as error:
        raise stop(error) from None
    for name in claims or ():
        if name not in records:
            raise stop(f"{report} has no claim {name!r}. It has:\n" + "\n".join(f"  {known}" for known in records))
    wanted = claims or [name for name, record in records.items() if closest or record["outcome"] == "refuted"]
    try:
        said = keep_all([records[name] for name in wanted], Path(), closest=closest)
    except WitnessError as error:
        raise stop(error) from None
    for name, what in said.items():
        typer.echo(f"{name}: {what}")
    if not said:
        typer.echo("No claim of this report was refuted: nothing to keep.")
