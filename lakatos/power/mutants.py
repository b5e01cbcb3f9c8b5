"""False variants of a claim, derived from its formula, its relation and its assumptions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from sympy.matrices.expressions.matexpr import MatrixExpr

from lakatos.claims import Claim
from lakatos.domains import Interval
from lakatos.families import Draw, Family
from lakatos.formula import Formula
from lakatos.kinds import Identity, Inequality, Rate, Trend

FACTORS = tuple(f for c in (Fraction(101, 100), Fraction(11, 10), Fraction(3, 2)) for f in (c, 1 / c))
EXPONENTS = (sympy.Integer(1), sympy.Integer(-1), sympy.Rational(1, 2), sympy.Rational(-1, 2))
# Swaps of symbols grow with their square; beyond this many the formula's first ones stand for all.
MOST_SWAPS = 6

_REVERSED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


@dataclass(frozen=True)
class Mutant:
    """A variant of a claim.

    Parameters
    ----------
    change:
        What was changed, in words.
    operator:
        The kind of change: constant, exponent, dropped term, swapped symbols, direction, dropped assumption, bound.
    claim:
        The variant, to be run by the same check.
    """

    change: str
    operator: str
    claim: Claim


def mutants_of(claim: Claim) -> list[Mutant]:
    """Every variant of the claim, each formula once."""
    found: list[Mutant] = []
    if isinstance(claim.right, Formula):
        seen = {claim.right.expression}
        for operator, change, expression in _formulas(claim):
            if expression in seen or expression.has(sympy.zoo, sympy.nan, sympy.oo):
                continue
            seen.add(expression)
            found.append(Mutant(change, operator, claim.but(right=expression)))
    found += _relations(claim)
    found += _assumptions(claim)
    return found


def _formulas(claim: Claim) -> Iterator[tuple[str, str, Any]]:
    assert isinstance(claim.right, Formula)
    expression = claim.right.expression
    if isinstance(claim.kind, Rate):
        # A rate forgets constants, so only the power of its parameter can be false.
        over = next((s for s in expression.free_symbols if str(s) == claim.kind.over), sympy.Symbol(claim.kind.over, positive=True))
        for power in EXPONENTS:
            yield "exponent", f"times {over}^({power})", expression * over**power
        return
    for factor in FACTORS:
        yield "constant", f"times {factor}", _times(sympy.Rational(factor.numerator, factor.denominator), expression)
    if isinstance(expression, MatrixExpr):
        return
    for place, node in _nodes(expression):
        if isinstance(node, sympy.Rational) and node not in (0, 1, -1) and not _is_exponent(expression, place):
            for factor in FACTORS:
                changed = node * sympy.Rational(factor.numerator, factor.denominator)
                yield "constant", f"{node} -> {changed}", _put(expression, place, changed)
        if isinstance(node, sympy.Add):
            for term in node.args:
                yield "dropped term", f"without {term} in {node}", _put(expression, place, node - term)
                yield "dropped term", f"{term} with its sign changed in {node}", _put(expression, place, node - 2 * term)
        if isinstance(node, (sympy.Min, sympy.Max)):
            for argument in node.args:
                yield "dropped term", f"{argument} in place of {node}", _put(expression, place, argument)
        if isinstance(node, sympy.Pow):
            for power in EXPONENTS:
                yield "exponent", f"{node} -> {node.base ** (node.exp + power)}", _put(expression, place, node.base ** (node.exp + power))
        if node.is_Symbol and not _is_base(expression, place):
            for power in EXPONENTS:
                yield "exponent", f"{node} -> {node ** (1 + power)}", _put(expression, place, node ** (1 + power))
    ordered = sorted(expression.free_symbols, key=str)
    for a, b in itertools.islice(itertools.combinations(ordered, 2), MOST_SWAPS):
        yield "swapped symbols", f"{a} and {b} exchanged", expression.subs({a: b, b: a}, simultaneous=True)


def _times(factor: sympy.Rational, expression: Any) -> Any:
    """The product, left unexpanded, so that each constant of the formula keeps its place."""
    return sympy.Mul(factor, expression, evaluate=isinstance(expression, MatrixExpr) or None)


Place = tuple[int, ...]


def _nodes(expression: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    yield place, expression
    for i, argument in enumerate(expression.args):
        yield from _nodes(argument, (*place, i))


def _put(expression: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    arguments = list(expression.args)
    arguments[place[0]] = _put(arguments[place[0]], place[1:], new)
    return expression.func(*arguments)


def _parent(expression: Any, place: Place) -> Any:
    for i in place[:-1]:
        expression = expression.args[i]
    return expression


def _is_exponent(expression: Any, place: Place) -> bool:
    return bool(place) and isinstance(_parent(expression, place), sympy.Pow) and place[-1] == 1


def _is_base(expression: Any, place: Place) -> bool:
    return bool(place) and isinstance(_parent(expression, place), sympy.Pow) and place[-1] == 0


def _relations(claim: Claim) -> Iterator[Mutant]:
    kind = claim.kind
    if isinstance(kind, Inequality):
        other = _REVERSED[kind.relation]
        yield Mutant(f"{kind.relation} -> {other}", "direction", claim.but(kind=Inequality(other)))
    if isinstance(kind, Identity):
        yield Mutant("= -> <", "direction", claim.but(kind=Inequality("<")))
        yield Mutant("= -> >", "direction", claim.but(kind=Inequality(">")))
    if isinstance(kind, Trend):
        other = "decreasing" if kind.direction == "increasing" else "increasing"
        yield Mutant(f"{kind.direction} -> {other}", "direction", claim.but(kind=replace(kind, direction=other)))


def _assumptions(claim: Claim) -> Iterator[Mutant]:
    for i, (text, _) in enumerate(claim.on.assumptions):
        remaining = claim.on.assumptions[:i] + claim.on.assumptions[i + 1 :]
        family = Family(_widened(claim.on.function), {}, remaining)
        yield Mutant(f"without the assumption {text}", "dropped assumption", claim.but(on=family))


def _widened(function: Any) -> Any:
    """The family with every interval drawn twice as wide: the assumptions that intervals encode no longer hold by construction."""

    def widened(draw: Draw) -> Any:
        return function(_WideDraw(draw))

    widened.__name__ = f"{function.__name__}_widened"
    return widened


class _WideDraw:
    """A draw whose intervals reach one length beyond each end (a nonnegative interval stays nonnegative)."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(Draw, name, None)
        return attribute.__get__(self) if callable(attribute) and name not in ("interval", "_primitive", "_structure", "_new") else getattr(self._draw, name)

    def interval(self, name: str, low: Any, high: Any, *shape: int, closed: str = "both") -> Any:
        """The wider interval."""
        low, high = Fraction(low), Fraction(high)
        wider = Interval(low - (high - low) if low < 0 else low / 2, high + (high - low), closed)
        return self._draw._primitive(name, shape, wider)
