"""Every operator changes a formula in one place, and each changed formula comes once."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import Identity, Inverse, MatrixSymbol, Max, Min, Rational, Trace, exp, pi, sqrt, symbols

from lakatos.formula import Formula
from lakatos.power.expressions import EXPONENTS, FACTORS, variants

x, y, z = symbols("x y z", positive=True)
d = symbols("d", integer=True, positive=True)
A, B = MatrixSymbol("A", d, d), MatrixSymbol("B", d, d)
X = MatrixSymbol("X", d, 3)


def made(expression, operator):
    return [changed for kind, _, changed in variants(expression) if kind == operator]


def test_factors_and_exponents_are_those_of_the_rule():
    assert sorted(FACTORS) == sorted(f for c in ("1.01", "1.1", "1.5") for f in (Fraction(c), 1 / Fraction(c)))
    assert set(EXPONENTS) == {1, -1, Rational(1, 2), -Rational(1, 2)}


def test_constants():
    changed = made(3 * x**2 + y, "constant")
    for factor in map(sympy.Rational, map(str, FACTORS)):
        assert factor * (3 * x**2 + y) in changed
        assert 3 * factor * x**2 + y in changed
        assert 3 * x**2 + factor * y in changed  # a term without a constant has the constant one
    assert len(changed) == 3 * len(FACTORS)


def test_constants_in_functions_and_denominators():
    assert exp(x * Rational(11, 5)) / 7 in made(exp(2 * x) / 7, "constant")
    assert exp(2 * x) * Rational(11, 70) in made(exp(2 * x) / 7, "constant")
    assert Rational(11, 10) * pi + x in made(pi + x, "constant")
    assert 1 + Rational(11, 10) * x in made(1 + x, "constant")
    assert Rational(11, 10) + x in made(1 + x, "constant")


def test_exponents():
    changed = made(x * y**2, "exponent")
    assert {x**2 * y**2, y**2, x ** Rational(3, 2) * y**2, sqrt(x) * y**2} <= set(changed)
    assert {x * y**3, x * y, x * y ** Rational(5, 2), x * y ** Rational(3, 2)} <= set(changed)
    assert len(changed) == 8
    assert 1 / (1 + x) ** 2 in made(1 / (1 + x), "exponent")


def test_dropped_and_swapped_terms():
    assert {x, 2 * y, x - 2 * y, 2 * y - x} == set(made(x + 2 * y, "dropped term"))
    assert made(x + 2 * y, "swapped terms") == [2 * x + y]
    assert {x, y} == set(made(Min(x, y), "dropped term"))
    assert made(Min(x, y), "swapped terms") == [Max(x, y)]


def test_exchanged_symbols():
    assert set(made(x * y**2 * z**3, "exchanged symbols")) == {y * x**2 * z**3, z * y**2 * x**3, x * z**2 * y**3}
    assert made(x * y, "exchanged symbols") == []


def test_matrices():
    formula = 2 * A * B + Inverse(A) - Identity(d)
    terms = made(formula, "dropped term")
    assert 2 * A * B + Inverse(A) in terms
    assert 2 * A + Inverse(A) - Identity(d) in terms
    assert 2 * A * B + A - Identity(d) in made(formula, "exponent")
    assert 2 * B * A + Inverse(A) - Identity(d) in made(formula, "swapped terms")
    assert 2 * A.T * B + Inverse(A) - Identity(d) in made(formula, "transposition")
    assert A.T in made(A, "transposition")
    assert A in made(A.T, "transposition")
    assert Rational(11, 5) * A * B + Inverse(A) - Identity(d) in made(formula, "constant")
    assert {c.shape for _, _, c in variants(formula)} == {(d, d)}


def test_the_sizes_of_matrices_are_no_part_of_the_formula():
    formula = x**2 / (1 + Trace(X.T * X) / d**2)
    changed = [c for _, _, c in variants(formula)]
    assert all(m.shape == (d, 3) for c in changed for m in c.atoms(MatrixSymbol))
    assert x**2 / (1 + Trace(X.T * X)) in made(formula, "exponent") or x**2 / (1 + Trace(X.T * X) / d) in changed


@pytest.mark.parametrize("formula", [x, 3 * x + y, sqrt(x) + Min(x, 2 * y) / z, A * B + A, Trace(A) * x, (1 - x) ** (y / 2)])
def test_every_variant_is_another_formula_that_can_be_evaluated(formula):
    changed = [c for _, _, c in variants(formula)]
    assert formula not in changed
    assert len(set(changed)) == len(changed) > 0
    for c in changed:
        Formula(c)
