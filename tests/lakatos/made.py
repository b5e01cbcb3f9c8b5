"""Claims made on the spot, for tests of the judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakatos import Inequality, claim, instances
from lakatos.claims import Claim
from lakatos.families import Family
from lakatos.kinds import Kind
from lakatos.papers import Paper

PAPER = Paper("made", "Made up for a test")


@instances()
def reals(draw: Any) -> dict[str, Any]:
    """One real number."""
    return {"x": draw.real("x")}


@instances()
def vectors(draw: Any) -> dict[str, Any]:
    """Two vectors of up to four dimensions."""
    d = draw.integer("d", 1, 4)
    return {"x": draw.real("x", d), "y": draw.real("y", d), "d": d}


def made(measured: Callable[..., Any], right: Any = None, kind: Kind | None = None, on: Family = reals, **fields: Any) -> Claim:
    """A claim with everything else filled in."""
    fields = {"entry": "e", "name": "made_up", **fields}
    return claim(PAPER, "a test", kind or Inequality("<="), on=on, right=right, **fields)(measured)


def family(function: Callable[[Any], Any], **options: Any) -> Family:
    """A family from a function of draw."""
    return instances(**options)(function)
