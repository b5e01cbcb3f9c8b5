"""What a hunt concludes: outcome, warrant and margin, never a bare boolean.

This module imports neither torch nor sympy, so that reports can be read and merged without them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What was found."""

    HOLDS = "holds"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    """The margin lies within the error budget, an apparent refutation could not be certified, or a test lacked power."""
    VACUOUS = "vacuous"
    """No instance satisfied the assumptions, or a required stratum was never hit."""


class Warrant(StrEnum):
    """What the outcome rests on."""

    PROVED = "proved"
    """Symbolically, for all instances."""
    CERTIFIED = "certified"
    """In exact rationals or in balls that enclose both sides."""
    CORROBORATED = "corroborated"
    """By the instances of a budget, none of which refuted it."""
    MEASURED = "measured"
    """Statistically, with a stated error probability."""
    NONE = "none"
    """Nothing was established."""


@dataclass(frozen=True)
class Margin:
    """How close the claim came to breaking.

    Parameters
    ----------
    worst:
        The worst ratio found: the claimed smaller side over the larger one for inequalities (1 is the edge, above 1 is a
        violation); the largest relative difference for identities; the statistic that the kind names otherwise.
    budget:
        The error budget of ``worst``: how much of it rounding could explain.
    words:
        One sentence for a reader, such as "worst ratio 0.985 found under a budget of 131,072 instances".
    """

    worst: float | None
    budget: float | None
    words: str


@dataclass(frozen=True)
class Witness:
    """One instance, as data: structure and primitive values by draw name, and both sides on it.

    ``values`` holds ints, strings and nested lists; a number is an int, or a string that ``Fraction`` reads ("1/3", "0.25").
    ``operands`` holds the two sides, and every number the formula uses, as text. ``arithmetic`` says how they were computed:
    "float64", "rational", "balls of 128 bits" or "60 digits".
    """

    values: dict[str, Any]
    operands: dict[str, str]
    arithmetic: str
    ratio: float | None = None


@dataclass(frozen=True)
class Count:
    """Instances of one stratum: how many were required and how many were seen."""

    required: int
    seen: int
    worst: float | None = None


@dataclass
class Verdict:
    """The result of one hunt.

    Parameters
    ----------
    outcome, warrant, margin:
        See the classes above.
    message:
        What happened, in sentences: for a refutation the violated relation with numbers; for an error of the claim what,
        where, and what to do.
    instances:
        Evaluations per source: "pinned", "structured", "batches", "ascent".
    rejected:
        Instances that broke an assumption and were not counted.
    strata:
        Count per stratum.
    worst, smallest:
        The worst instance found, and the smallest certified refuting one.
    picture:
        Data of the claim's picture: ``{"type": "profile" | "rate" | "limit" | "trend", ...}``.
    details:
        Further facts in display order, name to text or number.
    alarm:
        The probability that chance alone makes this verdict a false one, as the claim's rule bounds it before anything is
        sampled. Zero for whatever is proved, certified or deterministic.
    """

    outcome: Outcome
    warrant: Warrant
    margin: Margin
    message: str
    instances: dict[str, int] = field(default_factory=dict)
    rejected: int = 0
    strata: dict[str, Count] = field(default_factory=dict)
    worst: Witness | None = None
    smallest: Witness | None = None
    picture: dict[str, Any] | None = None
    details: dict[str, Any] = field(default_factory=dict)
    alarm: float = 0.0
    seed: int = 0
    device: str = "cpu"
    seconds: float = 0.0

    @property
    def evaluations(self) -> int:
        """All instances that were evaluated and satisfied the assumptions."""
        return sum(self.instances.values())
