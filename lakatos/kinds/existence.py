"""Claims that something exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakatos.kinds.base import SECOND_SIDE, Kind
from lakatos.kinds.pointwise import LATEX, Inequality

_DENIED = {"<=": ">", ">=": "<", "<": ">=", ">": "<="}


@dataclass(frozen=True)
class Existence(Kind):
    """Some instance of the family satisfies ``measured relation printed``; relation is one of ``<=  >=  <  >``.

    The hunt tries to refute the denial, that no instance does. The claim holds once exact arithmetic confirms an instance, its
    witness; a search that finds none decides nothing, so that an existence claim is never refuted. To refute one, state the
    inequality that contradicts it.
    """

    relation: str
    name = "existence"
    refutable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.relation not in _DENIED:
            raise ValueError(f"Existence({self.relation!r}): use one of {list(_DENIED)}")

    @property
    def denial(self) -> Inequality:
        """The kind of the claim that no such instance exists."""
        return Inequality(_DENIED[self.relation])

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        return rf"\exists:\; {left} {LATEX[self.relation]} {right or SECOND_SIDE}"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"measured {self.relation} printed on some instance: holds by one witness that is confirmed in exact arithmetic; a search "
            "without success decides nothing"
        )
