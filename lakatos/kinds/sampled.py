"""Claims about chance that have to be sampled: a probability, an expectation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakatos.kinds.base import SECOND_SIDE, Kind

_LATEX = {">=": r"\ge", "<=": r"\le"}


class Sampled(Kind):
    """A claim whose measured side takes ``trials`` (an int) and ``generator`` and returns independent outcomes ``(batch, trials)``.

    Sampling goes on until every instance is decided or the profile's trials are spent. Both errors are controlled: a true claim is
    refuted, and a claim that is false by more than ``margin`` is said to hold, with probability at most ``error`` each, over all
    instances and all looks together.
    """

    relation: str
    margin: float
    error: float
    batch: int

    def _check(self, name: str) -> None:
        if self.relation not in _LATEX:
            raise ValueError(f"{name}({self.relation!r}): use '>=' or '<='")
        if not 0 < self.margin < 1:
            raise ValueError(f"{name}(margin={self.margin}): the margin lies between 0 and 1")
        if not 0 < self.error < 1:
            raise ValueError(f"{name}(error={self.error}): an error probability lies between 0 and 1")


@dataclass(frozen=True)
class Probability(Sampled):
    """An event has probability at least (at most) the printed side, as in "with probability at least 1 - delta".

    The measured side returns 1.0 for a success and 0.0 for a failure.

    Parameters
    ----------
    relation:
        ">=" or "<=".
    margin:
        How far below (above) the printed probability still counts as holding; what lies outside of [0, 1] never holds.
    error:
        The probability of a false verdict, in either direction.
    batch:
        Instances per family build.
    """

    relation: str
    margin: float = 0.01
    error: float = 1e-9
    batch: int = 8
    name = "probability"

    def __post_init__(self) -> None:
        self._check("Probability")

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        return rf"\Pr\left[{left}\right] {_LATEX[self.relation]} {right or SECOND_SIDE}"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"the event's probability {self.relation} printed: mixture e-processes on independent trials, to within {self.margin:g}, "
            f"error probability {self.error:g} each way"
        )


@dataclass(frozen=True)
class Expectation(Sampled):
    """The mean of a bounded quantity is at least (at most) the printed side.

    An expectation that can be enumerated or written in closed form is exact: use ``Inequality`` or ``Identity`` on it instead.

    Parameters
    ----------
    relation:
        ">=" or "<=".
    bounds:
        Numbers, or names of family quantities, between which every outcome lies.
    margin:
        How far beyond the printed side still counts as holding, as a share of the range of the outcomes.
    error, batch:
        As in :class:`Probability`.
    """

    relation: str
    bounds: tuple[Any, Any]
    margin: float = 0.02
    error: float = 1e-9
    batch: int = 8
    name = "expectation"

    def __post_init__(self) -> None:
        self._check("Expectation")

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        return rf"\mathbb{{E}}\left[{left}\right] {_LATEX[self.relation]} {right or SECOND_SIDE}"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"the mean {self.relation} printed: empirical Bernstein confidence sequences on independent samples, to within "
            f"{self.margin:g} of their range, error probability {self.error:g} each way"
        )
