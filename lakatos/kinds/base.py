"""What every kind of claim has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from lakatos.claims import Claim
    from lakatos.hunting.context import Context
    from lakatos.verdicts import Verdict


class Kind:
    """A kind of claim: how its statement reads, and the rule that decides it."""

    name: ClassVar[str]
    needs_right: ClassVar[bool] = True

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX, from the LaTeX of both sides."""
        raise NotImplementedError

    def describe(self) -> str:
        """The decision rule in one sentence."""
        raise NotImplementedError

    def replay(self, claim: Claim, context: Context, witness: Mapping[str, Any]) -> Verdict:
        """Evaluate exactly one instance, given by draw name, and conclude from it alone."""
        raise NotImplementedError

    def decide(self, claim: Claim, context: Context) -> Verdict:
        """Hunt, and conclude."""
        raise NotImplementedError
