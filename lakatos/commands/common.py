"""What the commands share: how they stop, and how they find a claim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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


def claims_of(command: str, wanted: str, name: str | None = None) -> list[Claim]:
    """The claims of a theorem file (``FILE`` or ``FILE::NAME``), or the one of an id below the current folder."""
    from lakatos.power.catalogue import CatalogueError, find, load

    path, _, test = wanted.partition("::")
    name = name or test or None
    try:
        if Path(path).is_file():
            found = load(Path(path).resolve())
        else:
            found = [c for entry in find([wanted]) for c in load(entry.file) if c.id == entry.id]
    except (CatalogueError, OSError) as error:
        raise stop(command, error) from None
    if not found:
        raise stop(
            command, f"{path} holds no claim: a claim is a function under the decorator @claim(...). See: lakatos new --help"
        )
    if name is None:
        return found
    chosen = [claim for claim in found if name in (claim.name, claim.id)]
    if not chosen:
        known = ", ".join(claim.name for claim in found)
        raise stop(command, f"{path} holds no claim called {name!r}; it holds {known}.")
    return chosen
