"""A claim without one of its assumptions: the draw that encodes it reaches further, all others stay as they are."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
import torch

from lakatos.claims import Claim
from lakatos.domains import Interval
from lakatos.errors import ClaimError
from lakatos.families import Draw, Family
from lakatos.formula import Formula
from lakatos.hunting.context import Context
from lakatos.hunting.sources import RandomSource
from lakatos.kinds.grid import OnGrid
from lakatos.profiles import get_profile

PROBED_BUILDS = 6
PROBED_ROWS = 64


def without_assumption(claim: Claim, place: int) -> tuple[str, Claim] | None:
    """The claim on instances that break one assumption and satisfy all others, and the name of the interval that was widened.

    A family satisfies its assumptions by construction, most often through a draw from an interval. Each interval is widened by
    itself, and the one that breaks the assumption most often is taken: so a refutation is owed to this assumption, not to
    another constraint that the family also encodes. None where no single interval can break it.
    """
    text, check = claim.on.assumptions[place]
    others = claim.on.assumptions[:place] + claim.on.assumptions[place + 1 :]
    negated = _negated(check)
    if negated is None:
        return None
    best, found = 0, None
    for name in sorted(_intervals(claim)):
        family = Family(_widened(claim.on.function, name), {}, (*others, (f"not: {text}", negated)))
        hits = sum(int(valid.sum()) for valid in _probe(claim, family))
        if hits > best:
            best, found = hits, (name, claim.but(on=family))
    return found


def wider(domain: Interval) -> Interval:
    """The interval with its length added at each end; an end that is not negative stays so, and zero stays where it is."""
    low, high = domain.ends
    below = low - (high - low) if low < 0 else low / 2
    return Interval(below, high + (high - low), domain.closed)


class _Wider(Draw):
    """A draw of which one interval is wider."""

    def __init__(self, draw: Draw, name: str) -> None:
        super().__init__(draw._source)
        self.sample, self._name = draw.sample, name

    def interval(self, name: str, low: Any, high: Any, *shape: int, closed: str = "both") -> Any:
        """Numbers from the interval, or from the wider one."""
        domain = Interval(low, high, closed)
        return self._primitive(name, shape, wider(domain) if name == self._name else domain)


def _widened(function: Callable[[Draw], Any], name: str) -> Callable[[Draw], Any]:
    def widened(draw: Draw) -> Any:
        return function(_Wider(draw, name))

    widened.__name__ = f"{function.__name__} with a wider {name}"
    return widened


def _negated(check: Any) -> Any:
    """The opposite of an assumption, or None where its symbols alone rule that out."""
    if isinstance(check, Formula):
        opposite = sympy.Not(check.expression)
        return None if opposite in (sympy.true, sympy.false) else Formula(opposite)

    @functools.wraps(check)
    def broken(*arguments: Any, **named: Any) -> Any:
        truth = check(*arguments, **named)
        if isinstance(truth, torch.Tensor):
            return ~truth.reshape(truth.shape[0], -1).all(dim=-1)
        if isinstance(truth, np.ndarray):
            return ~truth.astype(bool).reshape(truth.shape[0], -1).all(axis=-1)
        return not truth

    return broken


def _sources(claim: Claim) -> list[RandomSource]:
    context = Context(claim, get_profile("quick"), 0, torch.device("cpu"))
    generator, chooser = context.generator("assumptions"), context.chooser("assumptions")
    pinned = {claim.kind.over: claim.kind.grid[0]} if isinstance(claim.kind, OnGrid) else {}
    return [RandomSource(PROBED_ROWS, generator, chooser, pinned) for _ in range(PROBED_BUILDS)]


def _intervals(claim: Claim) -> set[str]:
    found: set[str] = set()
    for source in _sources(claim):
        with torch.no_grad():
            _, sample = claim.on.build(source)
        found |= {name for name, domain in sample.domains.items() if isinstance(domain, Interval)}
    return found


def _probe(claim: Claim, family: Family) -> list[torch.Tensor]:
    """Which instances of each build satisfy the family's assumptions; none where it cannot be built."""
    rows = []
    for source in _sources(claim):
        try:
            with torch.no_grad():
                values, _ = family.build(source)
                truth = family.valid(values, exact=False)
        except (ClaimError, ArithmeticError, RuntimeError, ValueError, IndexError):
            continue
        rows.append(truth.cpu() if isinstance(truth, torch.Tensor) else torch.full((source.batch,), bool(truth)))
    return rows
