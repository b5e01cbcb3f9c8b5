"""``lakatos show``: one claim as its theorem file states it."""

from __future__ import annotations

from typing import Annotated

import typer

from lakatos.commands.common import claims_of, shown

EXAMPLES = """\b
Examples:
  lakatos show lemma_3.py
  lakatos show theorems/fallah2020/lemma_4_8.py::gradient_is_lipschitz
  lakatos show fallah2020/lem-4.8-smoothness/printed
"""


def show(
    what: Annotated[str, typer.Argument(help="A claim's id, a theorem file, or FILE::NAME.")],
) -> None:
    """Show a claim without running it: statement, assumptions, decision rule, strata, expected outcome, pinned witness."""
    from lakatos.commands.words import described

    for i, claim in enumerate(claims_of("show", what)[0]):
        typer.echo("\n" * bool(i) + "\n".join(described(claim, shown(claim.file))))
