"""``lakatos power``: how many false variants of each claim its own check refutes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer

EXAMPLES = """\b
Examples:
  lakatos power theorems/fallah2020
  lakatos power fallah2020/lem-4.8-smoothness/printed --most 0
  lakatos power theorems --jobs 2 --markdown reports/power.md --json reports/power.json
  lakatos power theorems/ji2020 --update --markdown reports/power.md --json reports/power.json
"""


def power(
    what: Annotated[
        list[str] | None, typer.Argument(help="Theorem files, folders or claim ids; the current folder by default.")
    ] = None,
    profile: Annotated[str, typer.Option(help="The budget of each hunt.")] = "power",
    seed: Annotated[int, typer.Option(help="Start of the random streams.")] = 0,
    most: Annotated[int, typer.Option(help="Mutants per claim, spread evenly over the operators; 0 for all.", min=0)] = 80,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the scores as data.")] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the scores as a page.")
    ] = None,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Keep the scores of other claims that the --json file already holds; it is written after each claim, so that what "
            "an interrupted run has scored stays.",
        ),
    ] = False,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
) -> None:
    """Change each claim in one place at a time, and count how many of these false variants its own check refutes.

    Claims that are expected to be refuted are not scored: their variants need no work to fail as well.
    """
    from lakatos.power import catalogue
    from lakatos.profiles import get_profile
    from lakatos.reports.files import dumps, write_atomically

    def stop(message: object) -> typer.Exit:
        typer.echo(f"lakatos power: {message}", err=True)
        return typer.Exit(int(pytest.ExitCode.USAGE_ERROR))

    from lakatos.power import report
    from lakatos.power.score import Score

    for file in (json_file, markdown_file):
        if file is not None and not file.parent.is_dir():
            raise stop(f"cannot write {file}: there is no folder {file.parent}.")
    if update and json_file is None:
        raise stop("--update continues the scores of a file; say which with --json FILE.")
    earlier = None
    try:
        get_profile(profile)
        entries = catalogue.find(what or ["."])
        if update and json_file is not None and json_file.exists():
            earlier = report.read(json_file)
            # Told now, not after the work.
            report.updated(earlier, [], profile, seed)
            there = {entry.id for entry in catalogue.find(["."])}
            earlier["claims"] = [data for data in earlier["claims"] if data["id"] in there]
    except (catalogue.CatalogueError, report.PowerFileError, ValueError) as error:
        raise stop(error) from None

    def write(scores: list[Score]) -> None:
        if json_file is not None:
            write_atomically(json_file, dumps(report.as_data(scores, profile, seed), indent=1) + "\n")
        if markdown_file is not None:
            write_atomically(markdown_file, report.markdown(scores, profile, seed))

    live, scores = sys.stderr.isatty(), list[Score]()

    def merged() -> list[Score]:
        return scores if earlier is None else report.updated(earlier, scores, profile, seed)

    def progress(claim_id: str, done: int, of: int) -> None:
        if live:
            typer.echo(
                f"\r\x1b[K{len(scores)}/{len(entries)} claims; {claim_id}: {done}/{of}"[: report.WIDTH], err=True, nl=False
            )

    try:
        for result in catalogue.scores(entries, jobs=jobs, progress=progress, profile=profile, seed=seed, most=most or None):
            scores.append(result)
            if update:
                write(merged())
            if not live:
                said = result.note or f"{result.killed}/{result.counted} killed"
                typer.echo(f"{len(scores)}/{len(entries)} {result.claim}: {said}, {result.seconds:.1f} s", err=True)
    except Exception as error:
        if live:
            typer.echo("\r\x1b[K", err=True, nl=False)
        raise stop(f"after {len(scores)} of {len(entries)} claims: {type(error).__name__}: {error}") from error
    if live:
        typer.echo("\r\x1b[K", err=True, nl=False)
    scores = merged()
    write(scores)
    typer.echo(report.table(scores))
