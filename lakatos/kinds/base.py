"""What every kind of claim has."""

from __future__ import annotations

from typing import ClassVar

SECOND_SIDE = r"\text{(a second computation)}"
"""How a printed side reads that a function computes."""


class Kind:
    """A kind of claim: how its statement reads, and its decision rule in words. The rule itself lives in lakatos.hunting."""

    name: ClassVar[str]
    needs_right: ClassVar[bool] = True
    refutable: ClassVar[bool] = True
    """Whether the rule can refute: a search that finds nothing refutes no claim that something exists."""

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX, from the LaTeX of both sides."""
        raise NotImplementedError

    def describe(self) -> str:
        """The decision rule in one sentence."""
        raise NotImplementedError
