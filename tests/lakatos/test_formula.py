"""Formulas mean the same on floats, on exact numbers and in sympy."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exactarray import Exact, arithmetic, to_exact, to_float
from lakatos import ClaimError, Formula

x, y, n = sympy.symbols("x y n", real=True)
leaves = st.sampled_from([x, y, n, sympy.Integer(2), sympy.Rational(-1, 3), sympy.pi, sympy.Rational(7, 5)])


def grow(parts: st.SearchStrategy) -> st.SearchStrategy:
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.map(lambda p: sympy.Min(*p)),
        pairs.map(lambda p: sympy.Max(*p)),
        pairs.map(lambda p: p[0] / (1 + p[1] ** 2)),
        pairs.map(lambda p: sympy.Piecewise((p[0], x <= y), (p[1], True))),
        parts.map(lambda p: sympy.sqrt(1 + p**2)),
        parts.map(lambda p: sympy.exp(sympy.tanh(p))),
        parts.map(lambda p: sympy.sin(p) * sympy.cos(p)),
        parts.map(abs),
    )


@given(st.recursive(leaves, grow, max_leaves=8))
@settings(max_examples=60, deadline=None)
def test_random_formulas_agree_in_three_arithmetics(expression: sympy.Expr) -> None:
    formula = Formula(expression)
    exact_values = {"x": [Fraction(-3, 2), Fraction(1, 3), Fraction(2)], "y": [Fraction(0), Fraction(5, 7), Fraction(1)]}
    floats = {k: torch.tensor([float(v) for v in vs], dtype=torch.float64) for k, vs in exact_values.items()}
    exacts = {k: to_exact(vs) for k, vs in exact_values.items()}
    got = formula.evaluate({**floats, "n": 3})
    got = np.broadcast_to(got.numpy() if hasattr(got, "numpy") else np.float64(got), (3,))
    with arithmetic(128):
        sure = np.broadcast_to(np.asarray(formula.evaluate({**exacts, "n": 3}, exact=True), dtype=object), (3,))
    for i in range(3):
        where = {s: {"x": exact_values["x"][i], "y": exact_values["y"][i], "n": 3}[str(s)] for s in expression.free_symbols}
        truth = sympy.sympify(expression).subs({s: sympy.Rational(v) for s, v in where.items()}).evalf(40)
        scale = 1 + abs(float(truth))
        assert abs(got[i] - float(truth)) <= 1e-10 * scale
        assert abs(float(sure[i]) - float(truth)) <= 1e-13 * scale
        assert Exact(sure[i]).radius <= 1e-25 * scale


def test_a_formula_of_whole_numbers_is_exact_where_asked() -> None:
    assert Formula(n / 3).evaluate({"n": 2}, exact=True).fraction() == Fraction(2, 3)
    root = Formula(sympy.sqrt(n)).evaluate({"n": 2}, exact=True)
    assert not root.is_rational
    assert Formula(n / 3).evaluate({"n": 2}) == 2 / 3
    assert Formula(sympy.sqrt(n)).evaluate({"n": 4}, exact=True).fraction() == 2


def test_numbers_beyond_64_bits_and_overflow() -> None:
    one = torch.ones(2, dtype=torch.float64)
    assert Formula(x * sympy.factorial(30)).evaluate({"x": one})[0].item() == float(math.factorial(30))
    assert Formula(x * 10**400).evaluate({"x": one})[0].item() == math.inf
    assert Formula(sympy.exp(n)).evaluate({"n": 10_000}) == math.inf
    assert Formula(1 / n).evaluate({"n": 0}) == math.inf
    assert math.isnan(Formula(sympy.sqrt(n)).evaluate({"n": -1}))


def test_a_branch_that_is_not_taken_may_divide_by_zero() -> None:
    formula = Formula(sympy.Piecewise((y / x, x > 0), (1, True)))
    xs, ys = [0.0, 2.0], [3.0, 3.0]
    floats = formula.evaluate({"x": torch.tensor(xs, dtype=torch.float64), "y": torch.tensor(ys, dtype=torch.float64)})
    assert floats.tolist() == [1.0, 1.5]
    assert formula.evaluate({"x": to_exact([0]), "y": to_exact([3])}) == 1
    assert formula.evaluate({"x": to_exact([2]), "y": to_exact([3])})[0].fraction() == Fraction(3, 2)


def test_piecewise_with_arrays_of_different_depth() -> None:
    formula = Formula(sympy.Piecewise((y, x > 0), (n, True)))
    values = {"x": torch.tensor([1.0, -1.0], dtype=torch.float64), "y": torch.ones(2, 3, dtype=torch.float64), "n": 5}
    assert formula.evaluate(values).tolist() == [[1, 1, 1], [5, 5, 5]]


def test_shapes_are_aligned_from_the_batch_axis() -> None:
    batch = torch.arange(3, dtype=torch.float64)
    square = torch.ones(3, 3, dtype=torch.float64)
    product = Formula(x * y).evaluate({"x": batch, "y": square})
    assert product.tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]  # not the batch along the last axis
    exact = Formula(x * y + sympy.Min(x, y)).evaluate({"x": to_exact(batch), "y": to_exact(square)})
    assert to_float(exact)[2].tolist() == [3, 3, 3]


def test_matrices() -> None:
    d = sympy.Symbol("d", integer=True, positive=True)
    A, B = sympy.MatrixSymbol("A", d, d), sympy.MatrixSymbol("B", d, d)
    formula = Formula(sympy.Trace(2 * A.T * B.inv() + n * sympy.Identity(d)))
    rng = np.random.default_rng(0)
    a, b = rng.integers(-4, 5, (2, 3, 3)), rng.integers(-4, 5, (2, 3, 3)) + 9 * np.eye(3, dtype=int)
    truth = [np.trace(2 * a[i].T @ np.linalg.inv(b[i]) + 5 * np.eye(3)) for i in range(2)]
    values = {"A": torch.tensor(a, dtype=torch.float64), "B": torch.tensor(b, dtype=torch.float64), "n": 5, "d": 3}
    assert np.allclose(formula.evaluate(values).numpy(), truth)
    exact = formula.evaluate({"A": to_exact(a), "B": to_exact(b), "n": 5, "d": 3})
    assert np.allclose(to_float(exact), truth)
    assert all(v.is_rational for v in exact)


RELATIONS = [(x <= y, [True, True, False]), (x < y, [True, False, False]), (sympy.Eq(x, y), [False, True, False]),
             (sympy.Ne(x, y), [True, False, True]), (sympy.And(x <= y, x >= 1), [False, True, False]),
             (sympy.Or(x < y, x > 2), [True, False, True]),
             (sympy.Not(sympy.And(x <= y, x >= 1)), [True, False, True])]  # fmt: skip


@pytest.mark.parametrize(("relation", "truth"), RELATIONS, ids=str)
def test_relations(relation: sympy.Basic, truth: list[bool]) -> None:
    xs, ys = [0, 1, 3], [1, 1, 1]
    floats = {"x": torch.tensor(xs, dtype=torch.float64), "y": torch.tensor(ys, dtype=torch.float64)}
    assert Formula(relation).holds(floats, 0.0).tolist() == truth
    assert Formula(relation).holds({"x": to_exact(xs), "y": to_exact(ys)}, 0.0).tolist() == truth
    assert [bool(Formula(relation).holds({"x": a, "y": b}, 0.0)) for a, b in zip(xs, ys, strict=True)] == truth
    assert [bool(Formula(relation).holds({"x": a, "y": b}, 0.0, True)) for a, b in zip(xs, ys, strict=True)] == truth


def test_slack_forgives_rounding_but_not_more() -> None:
    just, more = (torch.tensor([1 + e], dtype=torch.float64) for e in (1e-14, 1e-9))
    assert bool(Formula(x <= 1).holds({"x": just}, 1e-12))
    assert not bool(Formula(x <= 1).holds({"x": more}, 1e-12))
    assert not bool(Formula(x < 1).holds({"x": torch.ones(1, dtype=torch.float64)}, 1e-12))


def test_latex_uses_the_printed_names() -> None:
    assert Formula(x**2 / 2, {"x": r"\|w\|"}).latex == r"\frac{\|w\|^{2}}{2}"


def test_what_cannot_be_evaluated_is_refused_at_once() -> None:
    with pytest.raises(ClaimError, match=r"zeta.*Compute it in the instance family"):
        Formula(sympy.zeta(x))
    with pytest.raises(ClaimError, match="no evaluation"):
        Formula(sympy.HadamardProduct(sympy.MatrixSymbol("A", 2, 2), sympy.MatrixSymbol("B", 2, 2)))


def test_a_formula_that_sympy_cannot_typeset_is_shown_as_text() -> None:
    b, d, K = sympy.symbols("b d K", positive=True)
    shown = Formula(2 * sympy.exp(-7 * sympy.Min(b**2 / (d * K**2), b / K) / 10)).latex
    assert "Min" in shown or r"\min" in shown


def test_a_relation_of_a_count_with_an_array_is_decided_on_exact_numbers() -> None:
    T, x = sympy.symbols("T x", positive=True)
    relation = Formula(sympy.StrictGreaterThan(T, x, evaluate=False))
    assert relation.holds({"T": 3, "x": to_exact([1, 3, 5])}, 0.0, exact=True).tolist() == [True, False, False]
