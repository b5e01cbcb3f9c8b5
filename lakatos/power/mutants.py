"""False variants of a claim, derived from its formula, its relation, its limit and its assumptions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy

from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.formula import Formula
from lakatos.kinds import Inequality, Limit, Rate, Trend
from lakatos.power.assumptions import without_assumption
from lakatos.power.expressions import EXPONENTS, FACTORS, variants

_REVERSED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
# A limit that is off by these shares of its natural scale.
SHIFTS = (Fraction(1, 100), Fraction(1, 10), Fraction(1, 2))


@dataclass(frozen=True)
class Mutant:
    """A variant of a claim.

    Parameters
    ----------
    change:
        What was changed, in words.
    operator:
        The kind of change: constant, exponent, dropped term, swapped terms, transposition, exchanged symbols, direction, limit,
        dropped assumption.
    claim:
        The variant, to be run by the same check; None where there is none, for the reason ``why``.
    implied:
        Why the claim implies it by its form alone, or an empty string.
    power:
        For a rate, the power of its parameter by which the printed side was multiplied.
    """

    change: str
    operator: str
    claim: Claim | None
    implied: str = ""
    why: str = ""
    power: Any = None


def mutants_of(claim: Claim) -> list[Mutant]:
    """Every variant of the claim, each formula once."""
    return [*_formulas(claim), *_directions(claim), *_limits(claim), *_assumptions(claim)]


def spread(mutants: Sequence[Mutant], most: int) -> list[Mutant]:
    """At most so many of them, in their order: equally many of each operator where there are enough, evenly spaced among them."""
    groups: dict[str, list[int]] = {}
    for place, mutant in enumerate(mutants):
        groups.setdefault(mutant.operator, []).append(place)
    chosen: list[int] = []
    left = most
    for done, places in enumerate(sorted(groups.values(), key=len)):
        share = min(len(places), left // (len(groups) - done))
        chosen += [places[i * len(places) // share] for i in range(share)]
        left -= share
    return [mutants[place] for place in sorted(chosen)]


def _formulas(claim: Claim) -> Iterator[Mutant]:
    if claim.right is None:
        return
    if isinstance(claim.kind, Rate):
        yield from _rates(claim, claim.kind)
    elif isinstance(claim.right, Formula):
        for operator, change, expression in variants(claim.right.expression):
            try:
                yield Mutant(change, operator, claim.but(right=expression))
            except ClaimError as error:
                yield Mutant(change, operator, None, why=str(error))
    else:
        for factor in FACTORS:
            second = _after(claim.right, functools.partial(_scaled, factor=factor))
            yield Mutant(f"times {factor}", "constant", claim.but(right=second))


def _rates(claim: Claim, kind: Rate) -> Iterator[Mutant]:
    """A rate forgets constants, so only the power of its parameter can be false."""
    over = sympy.Symbol(kind.over, positive=True)
    for power in EXPONENTS:
        weaker = {"O": power > 0, "Omega": power < 0}.get(kind.bound, False)
        if isinstance(claim.right, Formula):
            own = next((s for s in claim.right.expression.free_symbols if str(s) == kind.over), over)
            changed = claim.but(right=claim.right.expression * own**power)
            yield Mutant(
                f"times {over}^({power})", "exponent", changed, "a weaker bound than the claim" if weaker else "", power=power
            )
    if kind.bound in ("O", "Omega"):
        other = "Omega" if kind.bound == "O" else "O"
        yield Mutant(f"{kind.bound} -> {other}", "direction", claim.but(kind=replace(kind, bound=other)))


def _directions(claim: Claim) -> Iterator[Mutant]:
    kind = claim.kind
    relation = getattr(kind, "relation", None)
    if isinstance(kind, Inequality):
        yield Mutant(
            f"{relation} -> {_REVERSED[kind.relation]}", "direction", claim.but(kind=Inequality(_REVERSED[kind.relation]))
        )
    elif relation is not None:
        changed: Any = replace(kind, relation=_REVERSED[relation])  # type: ignore[type-var]
        yield Mutant(f"{relation} -> {_REVERSED[relation]}", "direction", claim.but(kind=changed))
    if isinstance(kind, Trend):
        other = "decreasing" if kind.direction == "increasing" else "increasing"
        yield Mutant(f"{kind.direction} -> {other}", "direction", claim.but(kind=replace(kind, direction=other)))


def _limits(claim: Claim) -> Iterator[Mutant]:
    """The claim that the distance tends to another number than zero, which is false wherever it does tend to zero.

    A limit with a formula has mutants of that formula instead.
    """
    if not isinstance(claim.kind, Limit) or claim.right is not None:
        return
    for shift in SHIFTS:
        away = functools.partial(_distance_from, shift=shift)
        reference = None if claim.reference is None else _after(claim.reference, away)
        shifted = claim.but(function=_after(claim.function, away), reference=reference)
        yield Mutant(f"a limit at a distance of {shift}", "limit", shifted)


def _assumptions(claim: Claim) -> Iterator[Mutant]:
    for place, (text, _) in enumerate(claim.on.assumptions):
        change = f"without the assumption {text}"
        found = without_assumption(claim, place)
        if found is None:
            why = "no interval that the family draws from breaks it, when that interval alone is widened"
            yield Mutant(change, "dropped assumption", None, why=why)
        else:
            yield Mutant(f"{change} (wider {found[0]})", "dropped assumption", found[1])


def _after(function: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    """The function with its result changed; its arguments are still read off by name."""

    @functools.wraps(function)
    def changed(*arguments: Any, **named: Any) -> Any:
        return change(function(*arguments, **named))

    return changed


def _scaled(value: Any, factor: Fraction) -> Any:
    return value * factor.numerator / factor.denominator


def _distance_from(value: Any, shift: Fraction) -> Any:
    # Whole numbers alone, which tensors and exact numbers both take exactly.
    return abs(value * shift.denominator - shift.numerator) / shift.denominator
