"""Exact numbers: balls enclose, rationals stay rational, comparisons are never guessed."""

from __future__ import annotations

from fractions import Fraction

import flint
import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactarray import Exact, Undecidable, arithmetic, operations, to_exact

rationals = st.fractions(min_value=-50, max_value=50, max_denominator=1000)
positive = st.fractions(min_value=Fraction(1, 1000), max_value=50, max_denominator=1000)


def digits(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def encloses(ball: Exact, truth: mpmath.mpf) -> bool:
    """Whether a ball of 128 bits contains a number known to 60 digits."""
    value = flint.arb(ball.value)
    reference = flint.arb(mpmath.nstr(truth, 65, strip_zeros=False), float(abs(truth)) * 1e-58 + 1e-300)
    return bool(value.overlaps(reference)) and float(value.rad()) < 1e-25 * max(1.0, abs(float(truth)))


UNARY = {
    "exp": mpmath.exp, "expm1": mpmath.expm1, "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "sinh": mpmath.sinh,
    "cosh": mpmath.cosh, "tanh": mpmath.tanh, "arctan": mpmath.atan,
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
@given(x=st.fractions(min_value=-9, max_value=9, max_denominator=50))
@settings(max_examples=30, deadline=None)
def test_functions_enclose_the_truth(name: str, x: Fraction) -> None:
    with arithmetic(128), mpmath.workdps(80):
        truth = UNARY[name](digits(x))
        ball = getattr(Exact(x), name)()
        assert encloses(ball, truth) or abs(truth) > 1e3  # near a pole of tan the radius grows with the slope


@given(x=positive)
@settings(max_examples=50, deadline=None)
def test_roots_and_logarithms_enclose_the_truth(x: Fraction) -> None:
    with arithmetic(128), mpmath.workdps(80):
        assert encloses(Exact(x).sqrt(), mpmath.sqrt(digits(x)))
        assert encloses(Exact(x).log(), mpmath.log(digits(x)))
        assert encloses(Exact(x).log1p(), mpmath.log1p(digits(x)))
        assert encloses(Exact(x) ** Fraction(2, 3), digits(x) ** (mpmath.mpf(2) / 3))


@given(a=rationals, b=rationals)
def test_rational_arithmetic_is_that_of_fractions(a: Fraction, b: Fraction) -> None:
    x, y = Exact(a), Exact(b)
    assert (x + y).fraction() == a + b
    assert (x - y).fraction() == a - b
    assert (x * y).fraction() == a * b
    assert (x**3).fraction() == a**3
    assert abs(x).fraction() == abs(a)
    assert x.maximum(y).fraction() == max(a, b)
    assert x.minimum(y).fraction() == min(a, b)
    assert (x < y, x <= y, x == y, x != y, x > y, x >= y) == (a < b, a <= b, a == b, a != b, a > b, a >= b)
    if b:
        assert (x / y).fraction() == a / b
        assert (1 / y).fraction() == 1 / b
    assert (3 - x).fraction() == 3 - a


@given(x=positive)
def test_roots_of_squares_stay_rational(x: Fraction) -> None:
    assert (Exact(x) * x).sqrt().fraction() == x
    assert (Exact(x * x) ** Fraction(3, 2)).fraction() == x**3


def test_values_at_simple_points_stay_rational() -> None:
    for name in ("exp", "cos", "cosh"):
        assert getattr(Exact(0), name)().fraction() == 1
    for name in ("sin", "tan", "tanh", "log1p", "expm1", "arctan"):
        assert getattr(Exact(0), name)().fraction() == 0
    assert Exact(1).log().fraction() == 0
    assert (Exact(0) * Exact(2).sqrt()).fraction() == 0


def test_overlapping_balls_are_never_compared_on_a_guess() -> None:
    root = Exact(2).sqrt()
    for compare in (
        lambda: root * root == 2,
        lambda: root * root != 2,
        lambda: root * root < 2,
        lambda: root * root <= 2,
        lambda: root * root > 2,
        lambda: root * root >= 2,
        lambda: bool(root - root),
    ):
        with pytest.raises(Undecidable, match="overlap"):
            compare()
    assert root < 2
    assert root != 2
    assert root >= Fraction(14142, 10000)


def test_what_is_not_a_number_compares_as_undecided() -> None:
    with pytest.raises(Undecidable):
        bool(Exact(flint.arb("nan")) < 1)
    with pytest.raises(TypeError, match="not a real number"):
        Exact(float("nan"))
    with pytest.raises(TypeError, match="not a real number"):
        Exact("three")
    with pytest.raises(ValueError, match="negative"):
        Exact(-1).sqrt()
    with pytest.raises(ZeroDivisionError):
        Exact(1) / 0


def test_floats_are_taken_at_their_binary_value() -> None:
    assert Exact(0.1).fraction() == Fraction(0.1) != Fraction(1, 10)


def test_strict_arithmetic_lets_no_rounded_constant_pass_for_exact() -> None:
    with arithmetic(128, strict=True):
        for exact in (0.5, 3.0, 1e6, 0.0, -2.25):
            assert Exact(exact).fraction() == Fraction(exact)
        for rounded, truth in ((0.1, Fraction(1, 10)), (1 / 3, Fraction(1, 3)), (0.1 + 0.2, Fraction(3, 10))):
            ball = Exact(rounded)
            assert not ball.is_rational
            with pytest.raises(Undecidable):
                bool(ball < truth)
        with pytest.raises(TypeError, match="into a float"):
            float(Exact(1))
    assert float(Exact(1)) == 1.0


def test_tall_rationals_become_balls_that_still_enclose() -> None:
    x = Exact(Fraction(10**3000 + 1, 3**3000))
    y = x * x * x
    assert not y.is_rational
    assert y > x
    assert y / (x * x) > Fraction(10**3000, 3**3000) * Fraction(999, 1000)


def test_rounded_arithmetic_keeps_midpoints_only() -> None:
    with arithmetic(200, rounded=True):
        assert Exact(2).sqrt().radius == 0
    with arithmetic(200):
        assert 0 < Exact(2).sqrt().radius < 1e-55


@given(a=positive, b=positive)
@settings(max_examples=30, deadline=None)
def test_extrema_of_balls_enclose(a: Fraction, b: Fraction) -> None:
    with arithmetic(128), mpmath.workdps(80):
        x, y = Exact(a).sqrt(), Exact(b).sqrt()
        assert encloses(x.maximum(y), mpmath.sqrt(digits(max(a, b))))
        assert encloses(x.minimum(y), mpmath.sqrt(digits(min(a, b))))


def test_operations_are_counted_and_nothing_else() -> None:
    x = Exact(3)
    before = operations()
    _ = x * x + 1
    assert operations() == before + 2
    _ = x < 4
    assert operations() == before + 2


@pytest.mark.parametrize(("exponent", "low", "high"), [(2, -1e-60, 1e-60), (3, -1e-90, 1e-90), (0, 1, 1), (1, -1e-30, 1e-30)])
def test_a_ball_around_zero_has_integer_powers(exponent: int, low: float, high: float) -> None:
    power = Exact(flint.arb(0, 1e-31)) ** exponent
    assert low <= float(power) <= high
    assert not (power > high)
    assert not (power < low)


def test_negative_powers_of_balls() -> None:
    with arithmetic(128):
        root = Exact(2).sqrt()
        assert abs(root**-3 * root**3 - 1) < 1e-30
        assert abs(root**7 - 8 * root) < 1e-30


def test_comparison_with_an_array_is_elementwise() -> None:
    values = to_exact([1, 2, 3])
    two = Exact(2)
    assert (two > values).tolist() == [True, False, False]
    assert (two >= values).tolist() == [True, True, False]
    assert (two < values).tolist() == [False, False, True]
    assert (two <= values).tolist() == [False, True, True]
    assert (two == values).tolist() == [False, True, False]
    assert (two != values).tolist() == [True, False, True]
