"""Textbook inequalities and identities, for numbers, vectors and weights."""

# ruff: noqa: PLW0108 - the harness takes arguments by name, which a lambda gives

from __future__ import annotations

from typing import Any

import sympy

from exactarray import amax, amin, maximum, namespace, norm
from lakatos import Identity
from lakatos.claims import Claim
from tests.lakatos.made import family, made, reals, vectors
from tests.quality.planted.families import (
    GE,
    GT,
    LT,
    above_minus_one,
    inner,
    mean_of_squares,
    moderate,
    positives,
    squared_mean,
    total,
    unit_interval,
    weights,
    x,
    y,
)


@family
def counts(draw: Any) -> dict[str, Any]:
    """Three counts, 1,728 structures in all, and a share."""
    k, m, n = (draw.integer(name, 1, 12) for name in "kmn")
    return {"k": k, "m": m, "n": n, "x": draw.interval("x", 0, 1)}


FALSE: dict[str, Claim] = {
    "a product of three counts up to 12 is at most 1,700 (subtle)": made(lambda x, k, m, n: x * (k * m * n), 1700, on=counts),
    # Where both vectors are equal, rounding leaves something of the left side and nothing of the right one.
    "a difference of two sums, 1 % too small (subtle)": made(
        lambda x, y: inner(x, x) + 3 * inner(x, y) / 7 - inner(x, y) - 3 * inner(y, y) / 7,
        lambda x, y: (inner(x, x - y) + 3 * inner(y, x - y) / 7) * 99 / 100,
        Identity(),
        vectors,
    ),
    "a difference of squares, half as large": made(
        lambda x, y: (inner(x, x) - inner(y, y)) / 3, lambda x, y: inner(x - y, x + y) / 6, Identity(), vectors
    ),
    "some distance to one structure among 1,728 (subtle)": made(
        lambda x, k, m, n: x / (1 + abs(k - 7) + abs(m - 9) + abs(n - 4)), sympy.Rational(99, 100), on=counts
    ),
    "|x|_1 <= 0.95 sqrt(d) |x|_2 (subtle)": made(
        lambda x: total(abs(x)), lambda x, d: norm(x) * namespace(x).sqrt(d + 0 * x[:, 0]) * 95 / 100, on=vectors
    ),
    "Cauchy-Schwarz with 0.99 (subtle)": made(
        lambda x, y: abs(inner(x, y)), lambda x, y: norm(x) * norm(y) * 99 / 100, on=vectors
    ),
    "AM-GM with 0.98 (subtle)": made(lambda x, y: x * y, sympy.Rational(98, 100) * ((x + y) / 2) ** 2, on=positives),
    "x(1-x) <= 0.24 (subtle)": made(lambda x: x * (1 - x), sympy.Rational(24, 100), on=unit_interval),
    "sin x <= 0.99 |x| (subtle)": made(lambda x: abs(namespace(x).sin(x)), lambda x: abs(x) * 99 / 100),
    "x < 1 on [0, 1] (subtle)": made(lambda x: x, sympy.Integer(1), LT, unit_interval),
    "x^2 > 0 (subtle)": made(lambda x: x * x, sympy.Integer(0), GT),
    "sqrt(1 - x^2) > 0 on [0, 1] (subtle)": made(lambda x: namespace(x).sqrt(1 - x * x), sympy.Integer(0), GT, unit_interval),
    "strict Cauchy-Schwarz for distinct vectors (subtle)": made(
        lambda x, y: inner(x, y) ** 2, lambda x, y: inner(x, x) * inner(y, y), LT, vectors
    ),
    "equal entries never maximise: max > mean (subtle)": made(
        lambda x: amax(x, axis=-1), lambda x, d: total(x) / d, GT, vectors
    ),
    "triangle inequality reversed": made(lambda x, y: norm(x + y), lambda x, y: norm(x) + norm(y), GE, vectors),
    "Jensen reversed": made(squared_mean, mean_of_squares, GE, weights),
    "x^3 <= x^2": made(lambda x: x**3, x**2, on=positives),
    "exp x <= 1 + x + x^2": made(lambda x: namespace(x).exp(x), 1 + x + x**2, on=positives),
    "log is subadditive": made(lambda x, y: namespace(x).log(x + y), sympy.log(x) + sympy.log(y), on=positives),
    "|x|_2 <= max |x|": made(lambda x: norm(x), lambda x: amax(abs(x), axis=-1), on=vectors),
    "(x + y)^3 = x^3 + y^3": made(lambda x, y: (x + y) ** 3, x**3 + y**3, Identity(), positives),
    "log x <= x - 1.01 (subtle)": made(lambda x: namespace(x).log(x), x - sympy.Rational(101, 100), on=positives),
    "Hoelder with 0.97 (subtle)": made(
        lambda x, y: abs(inner(x, y)), lambda x, y: total(abs(x)) * amax(abs(y), axis=-1) * 97 / 100, on=vectors
    ),
    "cos x >= 1 - x^2/2.1 (subtle)": made(lambda x: namespace(x).cos(x), 1 - x**2 * 10 / 21, GE, moderate),
    "log(1 + exp x) <= log 2 + x/2 + x^2/8.8 (subtle)": made(
        lambda x: namespace(x).log(1 + namespace(x).exp(x)), sympy.log(2) + x / 2 + x**2 * 10 / 88, on=moderate
    ),
    "x^2 + 1 > 2x (subtle)": made(lambda x: x * x + 1, 2 * x, GT),
    "Bernoulli's inequality is strict (subtle)": made(lambda x, n: (1 + x) ** n, lambda x, n: 1 + n * x, GT, above_minus_one),
    "the largest weight exceeds 1/n (subtle)": made(lambda p: amax(p, axis=-1), lambda p, n: total(p) / n, GT, weights),
    "Young with exponents that are not conjugate": made(lambda x, y: x * y, x**3 / 3 + y**2 / 2, on=positives),
    "Bernoulli's inequality reversed": made(lambda x, n: (1 + x) ** n, lambda x, n: 1 + n * x, on=above_minus_one),
    "the harmonic mean exceeds the geometric": made(lambda x, y: 2 * x * y / (x + y), sympy.sqrt(x * y), GE, positives),
    "power means reversed": made(lambda x, y: ((x**3 + y**3) / 2) ** 2, ((x**2 + y**2) / 2) ** 3, on=positives),
}

TRUE: dict[str, Claim] = {
    "a product of three counts up to 12 is at most 1,728 (tight)": made(lambda x, k, m, n: x * (k * m * n), 1728, on=counts),
    "Cauchy-Schwarz (tight)": made(lambda x, y: abs(inner(x, y)), lambda x, y: norm(x) * norm(y), on=vectors),
    "triangle inequality (tight)": made(lambda x, y: norm(x + y), lambda x, y: norm(x) + norm(y), on=vectors),
    "AM-GM (tight)": made(lambda x, y: x * y, ((x + y) / 2) ** 2, on=positives),
    "|x|_1 <= sqrt(d) |x|_2 (tight)": made(
        lambda x: total(abs(x)), lambda x, d: norm(x) * namespace(x).sqrt(d + 0 * x[:, 0]), on=vectors
    ),
    "Jensen (tight)": made(squared_mean, mean_of_squares, on=weights),
    "x(1-x) <= 1/4 (tight)": made(lambda x: x * (1 - x), sympy.Rational(1, 4), on=unit_interval),
    "x^2 >= 0 (tight)": made(lambda x: x * x, sympy.Integer(0), GE),
    "|sin x| <= |x| (tight)": made(lambda x: abs(namespace(x).sin(x)), lambda x: abs(x)),
    "exp x >= 1 + x (tight)": made(lambda x: namespace(x).exp(x / 10), lambda x: 1 + x / 10, GE),
    "max >= mean (tight)": made(lambda x: amax(x, axis=-1), lambda x, d: total(x) / d, GE, vectors),
    "min <= max (tight)": made(lambda x: amin(x, axis=-1), lambda x: amax(x, axis=-1), on=vectors),
    "binomial formula": made(lambda x, y: (x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3, Identity(), positives),
    "sin^2 + cos^2 = 1": made(lambda x: namespace(x).sin(x) ** 2 + namespace(x).cos(x) ** 2, sympy.Integer(1), Identity()),
    "tanh x < 1": made(lambda x: namespace(x).tanh(x), sympy.Integer(1), LT, reals),
    "max(x, 0) - max(-x, 0) = x": made(lambda x: maximum(x, 0) - maximum(-x, 0), lambda x: x, Identity()),
    "log x <= x - 1 (tight)": made(lambda x: namespace(x).log(x), x - 1, on=positives),
    "Hoelder (tight)": made(lambda x, y: abs(inner(x, y)), lambda x, y: total(abs(x)) * amax(abs(y), axis=-1), on=vectors),
    "cos x >= 1 - x^2/2 (tight)": made(lambda x: namespace(x).cos(x), 1 - x**2 / 2, GE, moderate),
    "Bernoulli's inequality (tight)": made(lambda x, n: (1 + x) ** n, lambda x, n: 1 + n * x, GE, above_minus_one),
    "Young (tight)": made(lambda x, y: x * y, x**2 / 2 + y**2 / 2, on=positives),
    "the harmonic mean is at most the geometric (tight)": made(
        lambda x, y: 2 * x * y / (x + y), lambda x, y: namespace(x).sqrt(x * y), on=positives
    ),
}
