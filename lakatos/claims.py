"""A claim: a printed statement, the family it speaks of, and the algorithm that is measured against it."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lakatos.errors import ClaimError
from lakatos.families import Family
from lakatos.formula import Formula
from lakatos.papers import Paper
from lakatos.verdicts import Outcome

if TYPE_CHECKING:
    from lakatos.kinds import Kind

__all__ = ["Claim", "ClaimError", "claim", "claims_in"]

REASONS = ("misprint", "hidden constant", "missing assumption", "false")
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_order = itertools.count()


@dataclass(frozen=True, eq=False)
class Claim:
    """A checkable statement. Made by the decorator :func:`claim`; see there for the fields."""

    function: Callable[..., Any]
    paper: Paper
    label: str
    kind: Kind
    entry: str
    variant: str
    name: str
    on: Family
    right: Formula | Callable[..., Any] | None
    left: str
    expect: Outcome
    reason: str | None
    because: str | None
    witness: Mapping[str, Any] | None
    corrected: str | None
    rests_on: tuple[str, ...]
    reference: Callable[..., Any] | None = None
    order: int = field(default_factory=_order.__next__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The measured side itself."""
        return self.function(*args, **kwargs)

    @property
    def id(self) -> str:
        """``<paper>/<entry>/<variant>``."""
        return f"{self.paper.key}/{self.entry}/{self.variant}"

    @property
    def doc(self) -> str:
        """The first paragraph of the docstring, which says in plain words what is claimed."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())

    @property
    def statement(self) -> str:
        """The statement in LaTeX."""
        return self.kind.statement(self.left, self.right.latex if isinstance(self.right, Formula) else None)

    @property
    def file(self) -> Path:
        """The theorem file."""
        return Path(inspect.getsourcefile(self.function) or "<unknown>")

    @property
    def line(self) -> int:
        """Where the claim begins in its file."""
        return self.function.__code__.co_firstlineno

    def but(self, *, right: Any = None, **changes: Any) -> Claim:
        """A copy with some fields replaced: a false variant to try the check on."""
        if right is not None:
            names = self.right.names if isinstance(self.right, Formula) else {}
            changes["right"] = right if callable(right) and not hasattr(right, "free_symbols") else Formula(right, names)
        changes.setdefault("witness", None)
        return replace(self, order=next(_order), **changes)


def claim(
    paper: Paper,
    label: str,
    kind: Kind,
    *,
    entry: str,
    on: Family,
    right: Any = None,
    left: str | None = None,
    names: Mapping[str, str] | None = None,
    variant: str = "printed",
    name: str | None = None,
    expect: str = "holds",
    reason: str | None = None,
    because: str | None = None,
    witness: Mapping[str, Any] | None = None,
    corrected: str | None = None,
    rests_on: tuple[str, ...] = (),
    reference: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Claim]:
    """Turn the measured side into a claim.

    The decorated function is the measured side: it runs the algorithm on a batch of instances and returns an array whose first
    axis is the batch. Its arguments are taken by name from what the family provides.

    Parameters
    ----------
    paper, label:
        Where the statement is printed, such as ``PAPER, "Lemma 4.8"``.
    kind:
        What is claimed, such as ``Inequality("<=")`` or ``Rate("O", over="T", grid=(...))``; see ``lakatos.kinds``.
    entry, variant:
        The claim's id is ``<paper>/<entry>/<variant>``; the variant names the reading, such as "printed".
    on:
        The family of instances.
    right:
        The printed side: a sympy expression over the family's names (or a function of them, for a second computation).
    left, names:
        LaTeX of the measured side, and of symbols whose printed form differs from their name.
    name:
        The claim's name where it must differ from the function's (several claims on one measured side).
    expect:
        The outcome that the gate accepts: holds, refuted, undecided or vacuous.
    reason, because, witness, corrected:
        For a refuted claim: the named reason (misprint, hidden constant, missing assumption, false), a sentence, a small exact
        witness by draw name that is tried first in every run, and the name of the claim that does hold.
    rests_on:
        Ids of claims that this one uses.
    reference:
        A slow second text of the measured side, with the same arguments, for instances on which the first cannot run in exact
        arithmetic (an ODE, a long stochastic run); it decides in 60 digits, and the warrant says so.

    Raises
    ------
    ClaimError
        when the fields contradict each other.
    """

    def decorate(function: Callable[..., Any]) -> Claim:
        measured = function.function if isinstance(function, Claim) else function
        own_name = name or measured.__name__
        if not isinstance(paper, Paper) or isinstance(kind, type):
            wrong = (
                f"{paper!r} is not a Paper" if not isinstance(paper, Paper) else f"write {kind.__name__}(...), not the class"
            )
            raise ClaimError(f"claim {own_name!r} ({label}): {wrong}.")
        where = f"claim {own_name!r} ({paper.key}, {label})"
        for part in (entry, variant):
            if not _PART.fullmatch(part):
                raise ClaimError(f"{where}: {part!r} cannot stand in a claim id; use letters, digits, '.', '_' and '-'.")
        if expect not in tuple(Outcome):
            raise ClaimError(f"{where}: expect={expect!r} is not an outcome; use one of {[str(o) for o in Outcome]}.")
        if expect == Outcome.REFUTED and not kind.refutable:
            raise ClaimError(
                f"{where}: a claim of kind {kind.name} is never refuted, for a search that finds nothing shows nothing. State the "
                "inequality that contradicts it."
            )
        if expect == Outcome.REFUTED and (reason not in REASONS or not because):
            raise ClaimError(
                f"{where} is expected to be refuted. Say why: reason= one of {list(REASONS)}, and because= a sentence that a "
                "reader of the audit understands."
            )
        if not isinstance(on, Family):
            raise ClaimError(f"{where}: on= must be a family made by @instances, not {type(on).__name__}.")
        if kind.needs_right and right is None:
            raise ClaimError(
                f"{where}: a claim of kind {kind.name} compares with a printed side; give right= a sympy expression."
            )
        second = callable(right) and not hasattr(right, "free_symbols")
        made = Claim(
            function=measured,
            paper=paper,
            label=label,
            kind=kind,
            entry=entry,
            variant=variant,
            name=own_name,
            on=on,
            right=right if second or right is None else Formula(right, names),
            left=left or rf"\text{{{own_name.replace('_', ' ')}}}",
            expect=Outcome(expect),
            reason=reason,
            because=because,
            witness=witness,
            corrected=corrected,
            rests_on=rests_on,
            reference=reference,
        )
        if isinstance(function, Claim) and function.name == measured.__name__ and function.name != own_name:
            raise ClaimError(
                f"{where}: of several claims on one function all but the outermost need a name=, or they are lost."
            )
        taken = measured.__globals__.get(own_name)
        if taken is not None and taken is not measured and getattr(taken, "id", None) != made.id:
            raise ClaimError(
                f"{where}: {own_name!r} already names something else in {measured.__module__}; choose another name."
            )
        # A second claim on the same function would otherwise be lost: the def statement binds only the outermost one.
        measured.__globals__[own_name] = made
        return made

    return decorate


def claims_in(module: ModuleType) -> list[Claim]:
    """The claims that a module defines, in the order of the file."""
    found = {id(v): v for v in vars(module).values() if isinstance(v, Claim) and v.function.__module__ == module.__name__}
    # Decorators stacked on one function apply from the bottom up, but the file is read from the top down.
    first: dict[int, int] = {}
    for made in sorted(found.values(), key=lambda c: c.order):
        first.setdefault(id(made.function), made.order)
    return sorted(found.values(), key=lambda c: (first[id(c.function)], -c.order))
