"""What the commands share: how they stop, and how they find a claim."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from lakatos.terminal import wrapped

if TYPE_CHECKING:
    from lakatos.claims import Claim

BAD_INPUT = int(pytest.ExitCode.USAGE_ERROR)
"""Exit code of a command that could not do what it was asked; pytest's own."""


def stop(command: str, message: object) -> typer.Exit:
    """Says on standard error why the command stops; to be raised."""
    for line in wrapped(f"lakatos {command}: {message}"):
        typer.echo(line, err=True)
    return typer.Exit(BAD_INPUT)


def shown(file: Path) -> str:
    """A file as one would type it here."""
    from lakatos.records import shown_path

    return shown_path(file, Path.cwd())


def claims_of(command: str, wanted: str, name: str | None = None) -> tuple[list[Claim], int]:
    """The claims of a theorem file (``FILE`` or ``FILE::NAME``), of a folder, or the one of an id below the current folder.

    Returns
    -------
    claims, broken:
        What was found, and how many files were passed over because they cannot be imported; those are named on standard error.
    """
    from lakatos.power.catalogue import CatalogueError, theorem_files

    path, _, test = wanted.partition("::")
    name = name or test or None
    if path.count("/") == 2 and not Path(path).exists():
        return [_by_id(command, path)], 0
    try:
        files = theorem_files(Path(path))
    except CatalogueError as error:
        raise stop(command, f"{error} To see the claims here: lakatos list. To write one: lakatos new --help") from None
    found: list[Claim] = []
    broken = 0
    for file in files:
        claims = _loaded(command, file, alone=len(files) == 1)
        broken += claims is None
        found += claims or []
    if not found:
        raise stop(
            command,
            f"{path} holds no claim: a claim is a function under the decorator @claim(...). For a file that runs: lakatos new --help",
        )
    if name is None:
        return found, broken
    chosen = [claim for claim in found if name in (claim.name, claim.id)]
    if not chosen:
        raise stop(command, f"{path} holds no claim called {name!r}; it holds {', '.join(claim.name for claim in found)}.")
    return chosen, broken


def _by_id(command: str, wanted: str) -> Claim:
    from lakatos.power.catalogue import theorem_files

    entry = f'"{wanted.split("/")[1]}"'.encode()
    # The file that speaks of the entry first: importing a whole catalogue takes its time.
    for file in sorted(theorem_files(Path()), key=lambda file: entry not in file.read_bytes()):
        for claim in _loaded(command, file, alone=False) or ():
            if claim.id == wanted:
                return claim
    raise stop(command, f"no claim {wanted!r} below the current folder. To see the claims: lakatos list")


def _loaded(command: str, file: Path, *, alone: bool) -> list[Claim] | None:
    """The claims of a file; ``None`` for a file among others that cannot be imported, after saying so."""
    from lakatos.power.catalogue import CatalogueError, load

    try:
        return load(file)
    except CatalogueError as error:
        stopped = stop(command, f"{error}{_place(error.__cause__)}")
        if alone:
            raise stopped from None
        return None


def _place(error: BaseException | None) -> str:
    """Where an import went wrong: the innermost line that is neither Python's own nor this package's."""
    if error is None or isinstance(error, SyntaxError):
        return ""
    package = str(Path(__file__).parents[1])
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith((package, "<frozen"))]
    return f"\n{shown(Path(frames[-1].filename))}:{frames[-1].lineno}: {frames[-1].line}" if frames else ""


def scores_from(file: Path) -> dict[str, dict[str, Any]]:
    """The scores of ``lakatos power --json`` by claim id.

    Raises
    ------
    ReportError
        when the file cannot be read or is of another version.
    """
    from lakatos.power.report import PowerFileError, read
    from lakatos.reports.directory import ReportError

    try:
        claims = read(file)["claims"]
    except PowerFileError as error:
        raise ReportError(str(error)) from None
    return {claim["id"]: {name: value for name, value in claim.items() if name != "id"} for claim in claims}
