"""Exact tail probabilities of sums of squares and of products of independent standard Gaussians.

With an even number of terms each tail is an exponential times a polynomial with positive rational coefficients, so that
nothing cancels and the same text runs on floats and on exact numbers.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import accumulate
from math import comb, factorial, log

import torch

from exactarray import array_like, is_exact, namespace
from exactarray.arrays import Array


def chi_square_tail(x: Array, terms: int) -> Array:
    """``P(g_1^2 + ... + g_n^2 >= x)`` for an even number ``n`` of terms, ``x >= 0`` of any shape.

    Raises
    ------
    ValueError
        when ``terms`` is odd or not positive.
    """
    half = _half(terms)
    return _exponential_polynomial(x / 2, [Fraction(1, factorial(j)) for j in range(half)])


def chi_square_lower_tail(x: Array, terms: int) -> Array:
    """``P(g_1^2 + ... + g_n^2 < x)``, also where it is tiny; arguments and ValueError as in :func:`chi_square_tail`."""
    half = _half(terms)
    upper = chi_square_tail(x, terms)
    if is_exact(x):
        return 1 - upper
    # One minus a tail close to one would be all rounding; elsewhere it is the more accurate one.
    return torch.where(upper < 0.99, 1 - upper, torch.special.gammainc(torch.full_like(x, half), x / 2))


def chi_square_exponent(x: Array, terms: int) -> Array:
    """Minus the logarithm of :func:`chi_square_tail`, also where the tail itself is below the smallest float."""
    return _exponent(x / 2, [Fraction(1, factorial(j)) for j in range(_half(terms))])


def product_tail(x: Array, terms: int) -> Array:
    """``P(|g_1 h_1 + ... + g_n h_n| >= x)`` for an even number ``n`` of terms, ``x >= 0`` of any shape.

    The sum is half the difference of two chi-square variables, because ``2 g h = ((g + h)^2 - (g - h)^2) / 2``: with two
    terms it has Laplace's law, and the tail is ``exp(-x)``.

    Raises
    ------
    ValueError
        when ``terms`` is odd or not positive.
    """
    return _exponential_polynomial(x, _product_coefficients(_half(terms)))


def product_exponent(x: Array, terms: int) -> Array:
    """Minus the logarithm of :func:`product_tail`, also where the tail itself is below the smallest float."""
    return _exponent(x, _product_coefficients(_half(terms)))


def vector_tail(x: Array, dimension: int) -> Array:
    """``P(||X^T z|| >= x)`` for two standard Gaussian rows ``X: (2, d)`` and noise ``z: (2,)``, odd ``d``, ``x >= 0``.

    Given ``z`` the vector is Gaussian with variance ``||z||^2``, which is exponential with mean 2; the mean over it is a
    Bessel function of half-integer order, an exponential times a polynomial.

    Raises
    ------
    ValueError
        when ``dimension`` is even or not positive.
    """
    if dimension < 1 or dimension % 2 == 0:
        raise ValueError(f"dimension is {dimension}; the closed form needs an odd positive one")
    m = (dimension - 1) // 2
    constant = Fraction(factorial(2 * m), factorial(m) * 2**m)
    # Coefficients of the reverse Bessel polynomial over its constant term, lowest power first.
    powers = [Fraction(factorial(2 * m - j), factorial(j) * factorial(m - j) * 2 ** (m - j)) / constant for j in range(m + 1)]
    return _exponential_polynomial(x, powers)


def _half(terms: int) -> int:
    if terms < 1 or terms % 2:
        raise ValueError(f"terms is {terms}; the closed form needs an even positive number")
    return terms // 2


@cache
def _product_coefficients(k: int) -> list[Fraction]:
    # G - H >= x for Gamma(k) variables: exp(-x) times the mean over H of exp(-H) sum_j (x + H)^j / j!; both signs. The power i of x
    # meets the means of exp(-H) H^m / m! for m < k - i.
    sums = list(accumulate(Fraction(comb(k + m - 1, m), 2 ** (k + m)) for m in range(k)))
    return [2 * sums[k - 1 - i] / factorial(i) for i in range(k)]


def _exponential_polynomial(x: Array, coefficients: list[Fraction]) -> Array:
    """``exp(-x) sum_j c_j x^j`` with positive ``c_j``, in an order that neither overflows nor cancels."""
    xp = namespace(x)
    if is_exact(x):
        total = 0 * x
        for c in reversed(coefficients):
            total = total * x + c
        return xp.exp(-x) * total
    # Each term by its logarithm: powers overflow long before the product with the exponential does.
    inside = x > 0
    series = xp.sum(xp.exp(_log_terms(xp.where(inside, x, xp.ones_like(x)), coefficients) - x[..., None]), axis=-1)
    return xp.where(inside, series, float(coefficients[0]) * xp.ones_like(x))


def _exponent(x: Array, coefficients: list[Fraction]) -> Array:
    """Minus the logarithm of :func:`_exponential_polynomial`."""
    xp = namespace(x)
    if is_exact(x):
        return -xp.log(_exponential_polynomial(x, coefficients))
    inside = x > 0
    logs = torch.logsumexp(_log_terms(xp.where(inside, x, xp.ones_like(x)), coefficients), dim=-1)
    return xp.where(inside, x - logs, -log(coefficients[0]) * xp.ones_like(x))


def _log_terms(x: Array, coefficients: list[Fraction]) -> Array:
    """Logarithms ``(..., j)`` of the terms ``c_j x^j`` of a polynomial at positive floats."""
    powers = array_like(list(range(len(coefficients))), x)
    logs = array_like([log(c.numerator) - log(c.denominator) for c in coefficients], x)
    return powers * namespace(x).log(x)[..., None] + logs
