"""Claims about how a quantity changes along a grid of one parameter: rates and trends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lakatos.kinds.base import SECOND_SIDE, Kind

_BOUND = {"O": "O", "Omega": r"\Omega", "Theta": r"\Theta"}
SMALLEST_GRID = 4


class OnGrid(Kind):
    """A claim that is evaluated at several values of one draw, everything else kept where shapes allow."""

    over: str
    grid: Sequence[Any]
    batch: int

    def _check_grid(self) -> None:
        if len(self.grid) < 2 or list(self.grid) != sorted(set(self.grid)):
            raise ValueError(f"grid={list(self.grid)} of {self.over!r}: give at least two increasing values")


@dataclass(frozen=True)
class Rate(OnGrid):
    """``measured = O(printed)``, ``Omega(printed)`` or ``Theta(printed)`` as the draw ``over`` runs through ``grid``.

    The ratio measured/printed must stay bounded: above for O, below (away from zero) for Omega, both ways for Theta, by one
    constant for all instances. The exponent in ``over`` of the largest (smallest) ratio over the instances, taken on the upper
    half of the grid, may exceed zero in the forbidden direction by at most ``margin``; a larger exponent that does not fade along
    the grid refutes, as does that of a pinned instance by itself. The largest (smallest) ratio of all is the constant.

    Parameters
    ----------
    bound, over, grid:
        As above; the grid should span decades.
    margin:
        The exponent that counts as zero.
    batch:
        Instances per family build.
    """

    bound: str
    over: str
    grid: tuple[Any, ...]
    margin: float = 0.1
    batch: int = 64
    name = "rate"

    def __post_init__(self) -> None:
        if self.bound not in _BOUND:
            raise ValueError(f"Rate({self.bound!r}): use one of {list(_BOUND)}")
        self._check_grid()
        if len(self.grid) < SMALLEST_GRID:
            raise ValueError(f"grid={list(self.grid)}: an exponent with its local slopes needs at least {SMALLEST_GRID} values")

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        return rf"{left} = {_BOUND[self.bound]}\left({right or SECOND_SIDE}\right)"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"measured/printed stays bounded as {self.over} runs from {self.grid[0]} to {self.grid[-1]}: refuted when its exponent on "
            f"the upper half of the grid leaves the allowed side by more than {self.margin} and does not fade"
        )


@dataclass(frozen=True)
class Trend(OnGrid):
    """The measured quantity increases (decreases) as the draw ``over`` runs through ``grid``.

    Every instance is a block of Page's trend test (E. B. Page, Ordered Hypotheses for Multiple Treatments, JASA 1963). The claim
    holds when the test rejects "no trend" in its direction, and is refuted when it rejects it in the other one.

    Parameters
    ----------
    direction:
        "increasing" or "decreasing".
    over, grid:
        As in :class:`Rate`.
    error:
        The probability of a false alarm, in either direction.
    batch:
        Instances per family build.
    """

    direction: str
    over: str
    grid: tuple[Any, ...]
    error: float = 1e-9
    batch: int = 64
    name = "trend"
    needs_right = False

    def __post_init__(self) -> None:
        if self.direction not in ("increasing", "decreasing"):
            raise ValueError(f"Trend({self.direction!r}): use 'increasing' or 'decreasing'")
        self._check_grid()
        if len(self.grid) < 3:
            raise ValueError(f"grid={list(self.grid)}: Page's test needs at least three values")

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        arrow = r"\nearrow" if self.direction == "increasing" else r"\searrow"
        return rf"{left} \;{arrow}\; \text{{in {self.over.replace('_', ' ')}}}"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"measured is {self.direction} along {self.over} = {', '.join(map(str, self.grid))}: Page's trend test over instances as "
            f"blocks, error probability {self.error:g}"
        )
