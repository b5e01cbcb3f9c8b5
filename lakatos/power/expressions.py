"""False variants of a formula: one constant, exponent, term, factor or symbol changed at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions import Identity, Inverse, MatAdd, MatMul, MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

FACTORS = tuple(f for c in (Fraction(101, 100), Fraction(11, 10), Fraction(3, 2)) for f in (c, 1 / c))
EXPONENTS = (sympy.Integer(1), sympy.Integer(-1), sympy.Rational(1, 2), sympy.Rational(-1, 2))

Place = tuple[int, ...]
Variant = tuple[str, str, Any]
"""The operator, the change in words, and the changed expression."""

# What sympy raises where a changed matrix formula has no shape.
_UNSHAPED = (ValueError, TypeError, AttributeError, NotImplementedError)


def variants(expression: Any) -> Iterator[Variant]:
    """Every variant of a scalar or matrix expression, each expression once."""
    seen = {expression}
    for operator, change, changed in _all(expression):
        if changed not in seen and not changed.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            seen.add(changed)
            yield operator, change, changed


def _all(expression: Any) -> Iterator[Variant]:
    for factor in FACTORS:
        yield "constant", f"times {factor}", scaled(expression, factor)
    for place, node in _nodes(expression):
        for operator, change, new in _changes(expression, place, node):
            try:
                changed = _put(expression, place, new)
            except _UNSHAPED:
                continue
            if getattr(changed, "shape", None) == getattr(expression, "shape", None):
                yield operator, change, changed
    for a, b in _exchangeable(expression):
        yield "exchanged symbols", f"{a} and {b} exchanged", expression.xreplace({a: b, b: a})


def scaled(expression: Any, factor: Fraction) -> Any:
    """A multiple of the expression, left unexpanded, so that each constant of the formula keeps its place."""
    return sympy.Rational(factor.numerator, factor.denominator) * expression


def _changes(expression: Any, place: Place, node: Any) -> Iterator[Variant]:
    """New nodes in the place of one node, with operator and words."""
    if isinstance(node, MatrixExpr):
        yield from _matrix_changes(expression, place, node)
        return
    constant = isinstance(node, (sympy.Rational, sympy.Float, sympy.NumberSymbol))
    if constant and node not in (0, 1, -1) and not _below(expression, place, sympy.Pow, 1):
        for changed in _multiples(node):
            yield "constant", f"{node} -> {changed}", changed
    if isinstance(node, sympy.Add):
        for term in node.args:
            yield "dropped term", f"without {term} in {node}", node - term
            yield "dropped term", f"{term} with its sign changed in {node}", node - 2 * term
            if term.as_coeff_Mul()[0] == 1 or term == 1:
                for factor in FACTORS:
                    yield "constant", f"{term} times {factor} in {node}", node - term + scaled(term, factor)
        for a, b in itertools.pairwise(node.args):
            (p, x), (q, y) = a.as_coeff_Mul(), b.as_coeff_Mul()
            if p != q:
                yield "swapped terms", f"coefficients of {x} and {y} exchanged in {node}", node - a - b + q * x + p * y
    if isinstance(node, (sympy.Min, sympy.Max)):
        other = sympy.Max if isinstance(node, sympy.Min) else sympy.Min
        yield "swapped terms", f"{other.__name__} in place of {node}", other(*node.args)
        for argument in node.args:
            yield "dropped term", f"{argument} in place of {node}", argument
    if isinstance(node, sympy.Pow):
        for power in EXPONENTS:
            changed = node.base ** (node.exp + power)
            yield "exponent", f"{node} -> {changed}", changed
    if node.is_Symbol and not _below(expression, place, sympy.Pow, 0):
        for power in EXPONENTS:
            yield "exponent", f"{node} -> {node ** (1 + power)}", node ** (1 + power)


def _multiples(node: Any) -> Iterator[Any]:
    for factor in FACTORS:
        yield scaled(node, factor)


def _matrix_changes(expression: Any, place: Place, node: Any) -> Iterator[Variant]:
    if isinstance(node, Identity):
        for factor in FACTORS:
            yield "constant", f"{node} -> {factor} {node}", scaled(node, factor)
    if isinstance(node, MatAdd):
        for i, term in enumerate(node.args):
            rest = [t for j, t in enumerate(node.args) if j != i]
            yield "dropped term", f"without {term} in {node}", MatAdd(*rest).doit(deep=False) if len(rest) > 1 else rest[0]
            yield "dropped term", f"{term} with its sign changed in {node}", MatAdd(*rest, -1 * term)
    if isinstance(node, MatMul):
        matrices = [i for i, a in enumerate(node.args) if isinstance(a, MatrixExpr)]
        for i in matrices if len(matrices) > 1 else ():
            rest = [a for j, a in enumerate(node.args) if j != i]
            if node.args[i].shape[0] == node.args[i].shape[1]:
                yield (
                    "dropped term",
                    f"without the factor {node.args[i]} in {node}",
                    MatMul(*rest) if len(rest) > 1 else rest[0],
                )
        for i, j in itertools.pairwise(matrices):
            swapped = list(node.args)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            if node.args[i].shape == node.args[j].shape[::-1] == node.args[j].shape:
                yield "swapped terms", f"{node.args[i]} and {node.args[j]} exchanged in {node}", MatMul(*swapped)
    if isinstance(node, Inverse):
        yield "exponent", f"{node} -> {node.arg}", node.arg
    if isinstance(node, Transpose):
        yield "transposition", f"{node} -> {node.arg}", node.arg
    elif node.shape[0] == node.shape[1] and isinstance(node, MatrixSymbol) and not _below(expression, place, Transpose, 0):
        yield "transposition", f"{node} -> {node.T}", node.T


def _nodes(expression: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every node with its place; neither the sizes of matrices nor the conditions of branches are part of what is printed."""
    if isinstance(expression, Boolean) and not expression.is_Symbol:
        return
    yield place, expression
    if isinstance(expression, (MatrixSymbol, Identity)):
        return
    # An inverse is a power whose exponent is no number of the formula.
    arguments = expression.args[:1] if isinstance(expression, Inverse) else expression.args
    for i, argument in enumerate(arguments):
        yield from _nodes(argument, (*place, i))


def _put(expression: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    arguments = list(expression.args)
    arguments[place[0]] = _put(arguments[place[0]], place[1:], new)
    if isinstance(expression, Inverse):
        return Inverse(arguments[0])
    return expression.func(*arguments)


def _below(expression: Any, place: Place, kind: type, argument: int) -> bool:
    """Whether the place is that argument of a node of that kind."""
    for i in place[:-1]:
        expression = expression.args[i]
    return bool(place) and isinstance(expression, kind) and place[-1] == argument


def _exchangeable(expression: Any) -> Iterator[tuple[Any, Any]]:
    matrices = sorted(expression.atoms(MatrixSymbol), key=str)
    sizes = {s for m in matrices for size in m.shape for s in getattr(size, "free_symbols", ())}
    scalars = sorted((s for s in expression.atoms(sympy.Symbol) if s not in sizes), key=str)
    yield from itertools.combinations(scalars, 2)
    for a, b in itertools.combinations(matrices, 2):
        if a.shape == b.shape:
            yield a, b
