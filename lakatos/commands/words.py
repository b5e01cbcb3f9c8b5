"""A claim in plain words for the terminal, before anything is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lakatos.terminal import table, wrapped

if TYPE_CHECKING:
    from lakatos.claims import Claim
    from lakatos.families import Stratum

_PLAIN = (
    (r"\\(?:text|mathbb|mathrm|operatorname)\{([^{}]*)\}", r"\1"),
    (r"\\(?:left|right)\b", ""),
    (r"\\le\b", "<="),
    (r"\\ge\b", ">="),
    (r"\\approx\b", "~"),
    (r"\\exists:\\;", "for some instance,"),
    (r"\\lim_\{t\\to\\infty\}", "lim"),
    (r"\\nearrow\b", "increases"),
    (r"\\searrow\b", "decreases"),
    (r"\\ldots", "..."),
    (r"\\Pr\b", "Pr"),
    (r"\\Omega\b", "Omega"),
    (r"\\Theta\b", "Theta"),
    (r"\\[;,]", " "),
    (r"\s+", " "),
)


def statement(claim: Claim) -> str:
    """The statement as text: the measured side by its name, the printed one as a formula."""
    from lakatos.formula import Formula

    right = str(claim.right) if isinstance(claim.right, Formula) else None
    # The kind writes LaTeX around whatever it is given for both sides.
    text = claim.kind.statement(claim.function.__name__, right)
    for pattern, plain in _PLAIN:
        text = re.sub(pattern, plain, text)
    return text.strip()


def stratum(name: str, part: Stratum) -> str:
    """A stratum by its name, and by what it pins."""
    pinned = ", ".join(f"{key} = {value}" for key, value in part.pinned.items())
    return f"{name} ({pinned})" if pinned else name


def described(claim: Claim, file: str) -> Iterator[str]:
    """Everything that stands in the theorem file about the claim, line by line."""
    paper = claim.paper
    yield f"{claim.label}  {claim.id}"
    source = ", ".join(filter(None, (paper.title, ", ".join(paper.authors), paper.venue, str(paper.year or ""))))
    yield from wrapped(source, "  ")
    yield from wrapped(f"{file}:{claim.line}, {claim.name}", "  ")
    yield ""
    if claim.doc:
        yield from (*wrapped(claim.doc, "  "), "")
    yield from _item("statement", statement(claim))
    yield from _item("in LaTeX", claim.statement)
    yield from _item("decided by", f"{claim.kind.name}: {claim.kind.describe()}")
    yield from _item("family", claim.on.name)
    yield from _item("assumptions", *(text for text, _ in claim.on.assumptions))
    yield from _item("strata", *(stratum(name, part) for name, part in claim.on.strata.items()))
    reason = f" ({claim.reason}): {claim.because}" if claim.reason else ""
    yield from _item("expected", f"{claim.expect}{reason}")
    if claim.corrected:
        yield from _item("what holds", claim.corrected)
    if claim.rests_on:
        yield from _item("rests on", *claim.rests_on)
    if claim.witness:
        yield "  witness"
        yield from table(dict(claim.witness), "    ")


def _item(name: str, *texts: str) -> Iterator[str]:
    width = len("assumptions") + 2
    for text in texts or ("none",):
        lines = wrapped(text, " " * (width + 2))
        yield f"  {name:<{width}}{lines[0].strip()}"
        yield from lines[1:]
        name = ""
