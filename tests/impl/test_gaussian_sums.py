import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from exactarray import to_exact, to_float
from impl.gaussian_sums import (
    chi_square_exponent,
    chi_square_lower_tail,
    chi_square_tail,
    product_exponent,
    product_tail,
    vector_tail,
)

POINTS = np.array([0.0, 1e-6, 0.5, 1.0, 3.0, 20.0, 60.0])


@pytest.mark.parametrize("terms", [2, 4, 10, 60])
def test_the_chi_square_tail_is_that_of_scipy(terms):
    ours = chi_square_tail(torch.tensor(POINTS), terms)
    np.testing.assert_allclose(ours, stats.chi2.sf(POINTS, terms), rtol=1e-12)


@pytest.mark.parametrize("terms", [2, 4, 10, 60])
def test_the_lower_chi_square_tail_is_that_of_scipy_where_it_is_tiny_too(terms):
    ours = chi_square_lower_tail(torch.tensor(POINTS), terms)
    np.testing.assert_allclose(ours, stats.chi2.cdf(POINTS, terms), rtol=1e-10)


@pytest.mark.parametrize("terms", [2, 6, 20])
def test_the_product_tail_is_that_of_a_difference_of_gamma_variables(terms):
    k = terms // 2
    for x, ours in zip(POINTS[:5], product_tail(torch.tensor(POINTS[:5]), terms), strict=True):
        tail, _ = integrate.quad(lambda h, x=x: stats.gamma.pdf(h, k) * stats.gamma.sf(x + h, k), 0, math.inf, epsabs=1e-12)
        assert float(ours) == pytest.approx(2 * tail, rel=1e-8)


@pytest.mark.parametrize("dimension", [1, 3, 9])
def test_the_vector_tail_is_a_mean_over_the_length_of_the_noise(dimension):
    # Given ||z||^2 = 2 e the squared length is 2 e times a chi-square variable.
    for x, ours in zip(POINTS[2:5], vector_tail(torch.tensor(POINTS[2:5]), dimension), strict=True):
        tail, _ = integrate.quad(lambda e, x=x: math.exp(-e) * stats.chi2.sf(x * x / (2 * e), dimension), 0, math.inf)
        assert float(ours) == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize(("tail", "n"), [(chi_square_tail, 8), (chi_square_lower_tail, 8), (product_tail, 8), (vector_tail, 7)])
def test_exact_numbers_agree_with_floats(tail, n):
    np.testing.assert_allclose(tail(torch.tensor(POINTS), n), to_float(tail(to_exact(POINTS), n)), rtol=1e-12, atol=1e-15)


def test_tails_of_many_terms_stay_between_zero_and_one():
    x = torch.tensor([0.0, 1.0, 1e3, 1e8], dtype=torch.float64)
    for values in (chi_square_tail(x, 400), product_tail(x, 128), vector_tail(x, 243)):
        assert values[0] == pytest.approx(1)
        assert ((values >= 0) & (values <= 1 + 1e-12)).all()
        assert values[-1] == 0


@pytest.mark.parametrize(
    ("exponent", "tail"),
    [(chi_square_exponent, chi_square_tail), (product_exponent, product_tail)],
    ids=["chi square", "product"],
)
def test_an_exponent_is_minus_the_logarithm_of_its_tail(exponent, tail):
    x = torch.tensor(POINTS)
    np.testing.assert_allclose(exponent(x, 16), -tail(x, 16).log(), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(exponent(x, 16), to_float(exponent(to_exact(POINTS), 16)), rtol=1e-10, atol=1e-14)


def test_exponents_go_on_where_tails_vanish():
    # One gamma variable of shape one, and Laplace's law: exp(-x / 2) and exp(-x).
    x = torch.tensor([1e4], dtype=torch.float64)
    assert float(chi_square_exponent(x, 2)) == 5e3
    assert float(product_exponent(x, 2)) == 1e4
    assert float(product_exponent(x, 1024)) < 1e4


def test_three_halves_bounds_the_sub_exponential_norm_of_a_product():
    # E exp(|g h| / c) <= 2 at c = 3/2: given h, exp(|h| |g| / c) has mean 2 Phi(|h| / c) exp(h^2 / (2 c^2)).
    def mean(c):
        inside = lambda h: 2 * stats.norm.cdf(h / c) * math.exp(h * h / (2 * c * c) - h * h / 2) * math.sqrt(2 / math.pi)  # noqa: E731
        return integrate.quad(inside, 0, math.inf)[0]

    assert mean(1.5) < 2 < mean(1.47)


@pytest.mark.parametrize(("tail", "n"), [(chi_square_tail, 3), (product_tail, 0), (vector_tail, 4)])
def test_counts_without_a_closed_form_are_refused(tail, n):
    with pytest.raises(ValueError, match=str(n)):
        tail(torch.ones(1, dtype=torch.float64), n)
