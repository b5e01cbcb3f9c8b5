"""``lakatos new``: writes a theorem file that runs at once."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from lakatos.commands.common import stop
from lakatos.reports.files import write_atomically
from lakatos.theorem_files import PATTERNS, matches

EXAMPLES = """\b
Examples:
  lakatos new "Lemma 3" --paper draft2026
  lakatos new "Theorem 4.1" --paper draft2026 --kind rate --folder theorems/draft2026
  lakatos new "Table 2" --paper draft2026 --kind reproduction
"""

_SUFFIX = ".py.txt"


def kinds() -> list[str]:
    """The kinds that have a template."""
    names = (entry.name for entry in resources.files("lakatos").joinpath("templates").iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


def new(
    label: Annotated[str, typer.Argument(help="How the paper calls the statement, such as 'Lemma 3'.")],
    paper: Annotated[str, typer.Option(help="A short key for the paper: letters, digits and underscores.")],
    kind: Annotated[str, typer.Option(help="What is claimed; see the page on the kinds of claim.")] = "inequality",
    folder: Annotated[Path, typer.Option(help="Where to write the file.")] = Path(),
) -> None:
    """Write a theorem file that runs at once: a small example that holds, with the places for your statement numbered.

    Kinds: existence, expectation, identity, inequality, limit, probability, rate, reproduction, trend.
    """
    if kind not in kinds():
        raise stop("new", f"there is no kind {kind!r}. Choose one of: {', '.join(kinds())}.")
    if not paper.isidentifier():
        raise stop(
            "new",
            f"--paper {paper!r} cannot be a paper's key: it becomes part of claim ids and a pytest keyword. Use letters, digits and "
            "underscores, such as draft2026.",
        )
    words = re.findall(r"[a-z0-9]+", label.lower())
    if not words or '"' in label or "\\" in label or not label.isprintable():
        raise stop("new", f"the label {label!r} names no file. Write it as the paper does, such as 'Lemma 3'.")
    name = Path("_".join(words) + ".py")
    # A file of another name would not be collected.
    path = folder / (name if matches(name, PATTERNS) else f"theorem_{name}")
    text = resources.files("lakatos").joinpath("templates", f"{kind}{_SUFFIX}").read_text(encoding="utf-8")
    year = int(found.group()) if (found := re.search(r"(19|20)\d\d", paper)) else datetime.now(UTC).year
    text = Template(text).substitute(label=label, entry="-".join(words), key=paper, year=year, file=path.as_posix())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # "x": what is there already is an author's work.
        with path.open("x", encoding="utf-8"):
            pass
        write_atomically(path, text)
    except FileExistsError:
        raise stop(
            "new", f"{path} exists already; nothing was written. Name another label or --folder, or edit that file."
        ) from None
    except OSError as error:
        # Half a file, or an empty one, would be in the way of the next try.
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise stop("new", f"cannot write {path}: {error.strerror or error}.") from None
    typer.echo(f"{path} is written, with a running example. To attack it: lakatos check {path}")
