"""Claims about every single instance: how far an instance is from the edge, on floats and on exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from exactarray import Undecidable
from lakatos.kinds.base import SECOND_SIDE, Kind


class Pointwise(Kind):
    """A claim that one instance can refute.

    An instance's *score* orders instances by how close they come to refuting: zero is the edge, above zero is a violation,
    minus infinity says nothing (both sides are zero). The *ratio* is the score as a person reads it.
    """

    ascends = True

    def score(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Scores ``(batch, components)``, differentiable, from both sides ``(batch, components)``."""
        raise NotImplementedError

    def ratio(self, score: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """What the report prints for a score ``(batch, components)``."""
        raise NotImplementedError

    def excess(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By how much each component violates, in the units of the sides."""
        raise NotImplementedError

    def discounted(self, left: torch.Tensor, right: torch.Tensor, budget: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both sides with the error budget ``(batch, components)`` conceded to the claim."""
        raise NotImplementedError

    def violated(self, left: np.ndarray, right: np.ndarray) -> bool:
        """Whether exact sides ``(components,)`` certainly violate; raises ``Undecidable`` where balls overlap."""
        raise NotImplementedError

    def sign(self) -> str:
        """The sign between both sides, in text."""
        raise NotImplementedError

    @property
    def strict(self) -> bool:
        """Whether equality already violates."""
        return False


FAR = 60.0
"""What puts a smaller side of zero or less behind every positive one: its difference alone would rank above a ratio of 1/3."""
LATEX = {"<=": r"\le", ">=": r"\ge", "<": "<", ">": ">"}


@dataclass(frozen=True)
class Inequality(Pointwise):
    """``measured relation printed`` on every instance; relation is one of ``<=  >=  <  >``.

    The worst ratio (smaller side over larger side, so that 1 is the edge) is sought; a violation counts only beyond the error
    budget and only once exact arithmetic confirms it.
    """

    relation: str
    name = "inequality"

    def __post_init__(self) -> None:
        if self.relation not in LATEX:
            raise ValueError(f"Inequality({self.relation!r}): use one of {list(LATEX)}")

    @property
    def strict(self) -> bool:
        """Whether equality already violates."""
        return self.relation in ("<", ">")

    def sign(self) -> str:
        """The sign between both sides, in text."""
        return self.relation

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        return rf"{left} {LATEX[self.relation]} {right or SECOND_SIDE}"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"measured {self.relation} printed on every instance: refuted by one instance whose violation exceeds the error "
            "budget and is confirmed in exact arithmetic"
        )

    def _sides(self, left: Any, right: Any) -> tuple[Any, Any]:
        return (left, right) if self.relation in ("<=", "<") else (right, left)

    def score(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Log ratio where both sides are positive, else the difference over the larger magnitude."""
        small, large = self._sides(left, right)
        positive = (small > 0) & (large > 0)
        one = torch.ones_like(small)
        log = torch.log(torch.where(positive, small, one)) - torch.log(torch.where(positive, large, one))
        size = torch.maximum(small.abs(), large.abs())
        nothing = size == 0
        difference = (small - large) / torch.where(nothing, one, size)
        difference = torch.where((small <= 0) & (large > 0), difference - FAR, difference)
        if not self.strict:
            difference = torch.where(nothing, torch.full_like(difference, -torch.inf), difference)
        return torch.where(positive, log, difference)

    def ratio(self, score: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Smaller side over larger side; one plus the scaled difference where they are not both positive."""
        small, large = self._sides(left, right)
        positive = (small > 0) & (large > 0)
        apart = 1 + torch.where((small <= 0) & (large > 0), score + FAR, score)
        return torch.where(positive, torch.exp(score), apart)

    def excess(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Smaller side minus larger side."""
        small, large = self._sides(left, right)
        return small - large

    def discounted(self, left: torch.Tensor, right: torch.Tensor, budget: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both sides with the error budget taken from the smaller one."""
        return (left - budget, right) if self.relation in ("<=", "<") else (left, right - budget)

    def violated(self, left: np.ndarray, right: np.ndarray) -> bool:
        """Whether some component certainly violates."""
        small, large = self._sides(left, right)
        if self.strict:
            return _any_certain(small, large, lambda a, b: not a < b)
        return _any_certain(small, large, lambda a, b: a > b)


@dataclass(frozen=True)
class Identity(Pointwise):
    """Both sides are equal on every instance: two independent computations of one quantity.

    A difference counts only beyond the error budget of that instance and only once exact arithmetic confirms it.
    """

    name = "identity"
    ascends = False

    def sign(self) -> str:
        """The sign between both sides, in text."""
        return "="

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        return f"{left} = {right or SECOND_SIDE}"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            "measured = printed on every instance: refuted by one instance whose difference exceeds its error budget and is "
            "confirmed in exact arithmetic"
        )

    def score(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Difference relative to the largest magnitude among the instance's components."""
        size = torch.maximum(left.abs(), right.abs()).amax(-1, keepdim=True)
        return (left - right).abs() / torch.where(size == 0, torch.ones_like(size), size)

    def ratio(self, score: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """The relative difference itself."""
        return score

    def excess(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Absolute difference."""
        return (left - right).abs()

    def discounted(self, left: torch.Tensor, right: torch.Tensor, budget: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both sides moved together by the error budget, at most until they meet."""
        gap = (left - right).abs()
        return right + (left - right).sign() * (gap - budget).clamp(min=0), right

    def violated(self, left: np.ndarray, right: np.ndarray) -> bool:
        """Whether some component certainly differs."""
        return _any_certain(left, right, lambda a, b: a != b)


def _any_certain(left: Iterable[Any], right: Iterable[Any], test: Callable[[Any, Any], Any]) -> bool:
    """Whether the test certainly succeeds on some pair; Undecidable when it does on none and one cannot be decided."""
    doubt: Undecidable | None = None
    for a, b in zip(left, right, strict=True):
        try:
            if test(a, b):
                return True
        except Undecidable as undecided:
            doubt = undecided
    if doubt is not None:
        raise doubt
    return False
