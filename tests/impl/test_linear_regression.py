import itertools

import numpy as np
import pytest
import torch

from exactarray import to_exact, to_float
from impl.gradient_descent import gradient_descent, regularized_gradient_flow
from impl.linear_regression import (
    compressed_gaussian_designs,
    expected_excess_risk,
    gaussian_designs,
    isotropic_excess_risk,
    population_risk,
    sample_complexity,
    smallest_mean,
    two_level_array,
)
from tests.reference.gradient_descent import enumerated_excess_risk

RADEMACHER = [(1.0, 0.5), (-1.0, 0.5)]
SKEWED = [(2.0, 0.2), (-0.5, 0.8)]
GAUSS_HERMITE = [(0.0, 2 / 3), (3**0.5, 1 / 6), (-(3**0.5), 1 / 6)]


def float64(*values):
    return tuple(torch.as_tensor(v, dtype=torch.float64) for v in values)


def learners(d, seed=0):
    (start,) = float64(np.random.default_rng(seed).standard_normal((1, d, 1)))
    step, penalty = float64([0.2], [0.7])
    return {
        "descent": lambda X, y: gradient_descent(X, y, start, step, 3),
        "flow": lambda X, y: regularized_gradient_flow(X, y, start, penalty),
        "unpenalised flow": lambda X, y: regularized_gradient_flow(X, y, start, 0 * penalty),
    }


def alone(learner):
    """The learner on one data set of numpy arrays."""

    def run(X, y):
        X, y = float64(X[None], y[None, :, None])
        return learner(X, y)[0, :, 0].numpy()

    return run


@pytest.mark.parametrize("factors", range(1, 18))
def test_the_signs_are_balanced_and_orthogonal(factors):
    signs = two_level_array(factors)
    assert signs.shape[1] == factors
    assert (signs.sum(0) == 0).all()
    assert (signs.T @ signs == signs.shape[0] * np.eye(factors)).all()


@pytest.mark.parametrize("name", ["descent", "flow", "unpenalised flow"])
@pytest.mark.parametrize("noise", [RADEMACHER, SKEWED, GAUSS_HERMITE], ids=["rademacher", "skewed", "gaussian"])
@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (2, 2), (3, 2), (4, 1)])
@pytest.mark.parametrize("sigma", [0.0, 1.3])
def test_the_orthogonal_array_gives_the_full_expectation_whatever_the_law_of_the_noise(name, noise, n, d, sigma):
    rng = np.random.default_rng(10 * n + d)
    X, regressor = rng.standard_normal((n, d)), rng.standard_normal(d)
    learner = learners(d)[name]
    found = expected_excess_risk(learner, *float64(X[None], regressor[None], [sigma]))
    assert found[0].item() == pytest.approx(enumerated_excess_risk(alone(learner), X, regressor, sigma, noise), rel=1e-10)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 3), (5, 2)])
def test_the_isotropic_mean_is_that_over_an_orthonormal_basis(n, d):
    X, sigma = float64(np.random.default_rng(n).standard_normal((1, n, d)), [0.8])
    learner = learners(d)["descent"]
    basis = [expected_excess_risk(learner, X, 1.5 * torch.eye(d, dtype=torch.float64)[None, i], sigma) for i in range(d)]
    found = isotropic_excess_risk(learner, X, torch.tensor([1.5], dtype=torch.float64), sigma)
    assert found.item() == pytest.approx(torch.stack(basis).mean().item(), rel=1e-10)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("sigma", [0.0, 0.6])
def test_the_population_risk_is_the_mean_squared_error(d, sigma):
    rng = np.random.default_rng(d)
    w, regressor = rng.standard_normal((2, d))
    mean = 0.0
    for outcome in itertools.product(GAUSS_HERMITE, repeat=d + 1):
        values, probabilities = np.array(outcome).T
        label = regressor @ values[:d] + sigma * values[d]
        mean += probabilities.prod() * (w @ values[:d] - label) ** 2
    assert population_risk(*float64(w[None], regressor[None], [sigma])).item() == pytest.approx(mean, rel=1e-10)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (1, 4)])
def test_gaussian_designs_have_the_wishart_moments(n, d):
    X, weights = gaussian_designs(n, d, to_exact([1]))
    gram = X.mT @ X
    assert weights.sum() == 1
    mean, square = ((weights[:, None, None] * m).sum(axis=0) for m in (gram, gram @ gram))
    assert (mean == n * np.eye(d, dtype=int)).all()
    assert (square == n * (n + d + 1) * np.eye(d, dtype=int)).all()


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (2, 1), (2, 2)])
def test_the_mean_risk_of_one_step_follows_from_the_wishart_moments(n, d):
    """From zero: ``r^2 ((1 - 2 eta)^2 + 4 eta^2 (d+1)/n) + 4 eta^2 sigma^2 d/n``, at integers in exact arithmetic."""
    X, weights = gaussian_designs(n, d, to_exact([1]))
    start, regressor = to_exact(np.zeros((1, d, 1))), to_exact([[2] + [0] * (d - 1)])
    step, sigma = to_exact([3]), to_exact([5])
    risk = expected_excess_risk(lambda X, y: gradient_descent(X, y, start, step, 1), X, regressor, sigma)
    assert (weights * risk).sum() * n == 4 * (25 * n + 36 * (d + 1)) + 36 * 25 * d


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_compression_changes_no_learner(n):
    d = 3
    rng = np.random.default_rng(n)
    X, y, start = float64(*(rng.standard_normal(shape) for shape in [(1, n, d), (1, n, 2), (1, d, 1)]))
    q, r = torch.linalg.qr(X)
    padding = max(d - n, 0)
    scale = (d / n) ** 0.5
    R = scale * torch.cat([r, torch.zeros(1, padding, d, dtype=torch.float64)], -2)
    z = scale * torch.cat([q.mT @ y, torch.ones(1, padding, 2, dtype=torch.float64)], -2)
    step, penalty = float64([0.2], [0.5])
    for learner in (
        lambda X, y: gradient_descent(X, y, start, step, 4),
        lambda X, y: regularized_gradient_flow(X, y, start, penalty),
    ):
        torch.testing.assert_close(learner(R, z), learner(X, y), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 3), (4, 3), (9, 2)])
def test_compressed_designs_have_the_law_of_gaussian_designs(n, d):
    samples = 40_000
    X, scale = compressed_gaussian_designs(torch.tensor([float(n)]), d, samples, seed=0)
    assert X.shape == (1, samples, d, d)
    assert scale.item() == pytest.approx((d / n) ** 0.5)
    gram = X[0].mT @ X[0] / d
    close = {"rtol": 0, "atol": 6 * d * ((n + d + 10) / n) ** 2 / samples**0.5}
    torch.testing.assert_close(gram.mean(0), torch.eye(d, dtype=torch.float64), **close)
    torch.testing.assert_close((gram @ gram).mean(0), (n + d + 1) / n * torch.eye(d, dtype=torch.float64), **close)


def harmonic(n):
    return 1 / n, 0.01 / n


@pytest.mark.parametrize("epsilon", [0.5, 0.11, 0.1, 0.09, 0.001, 1.0])
def test_the_sample_complexity_is_the_first_count_that_is_enough(epsilon):
    found, error = sample_complexity(harmonic, *float64([epsilon, 1.0]), limit=10_000)
    scanned = next(n for n in range(1, 10_000) if 1 / n <= epsilon)
    assert found.tolist() == [scanned, 1.0]
    assert error.tolist() == pytest.approx([0.01 * scanned, 0.01])


def test_a_limit_that_is_too_small_gives_infinity():
    found, _ = sample_complexity(harmonic, *float64([0.01, 0.1]), limit=50)
    assert found.tolist() == [float("inf"), 10.0]


def test_the_smallest_mean_carries_its_own_error():
    (risks,) = float64([[[1.0, 3.0]], [[0.0, 2.0]], [[5.0, 5.0]]])
    mean, error = smallest_mean(risks)
    assert (mean.tolist(), error.tolist()) == ([1.0], pytest.approx([1.0]))


def test_the_risks_are_the_same_on_floats_and_on_exact_numbers():
    def run(convert):
        start, step = convert(np.ones((1, 2, 1), dtype=int)), convert(np.array([1])) / 10
        X, regressor, sigma = convert(np.arange(6).reshape(1, 3, 2)), convert(np.array([[1, -2]])), convert(np.array([2]))
        return expected_excess_risk(lambda X, y: gradient_descent(X, y, start, step, 3), X, regressor, sigma)

    exact, floats = run(to_exact), run(lambda a: torch.tensor(a, dtype=torch.float64))
    assert exact[0].is_rational
    np.testing.assert_allclose(to_float(floats), to_float(exact), rtol=1e-10)


def test_misfits_are_named():
    X, regressor, sigma = float64(np.ones((1, 2, 3)), np.ones((1, 2)), [1.0])
    with pytest.raises(ValueError, match="regressor must be"):
        expected_excess_risk(lambda X, y: y, X, regressor, sigma)
    with pytest.raises(ValueError, match="must have the same last axis"):
        population_risk(regressor, X[:, 0], sigma)
    with pytest.raises(ValueError, match="n \\* d must be"):
        gaussian_designs(3, 2, X)
    with pytest.raises(ValueError, match="factors must be"):
        two_level_array(0)
    with pytest.raises(ValueError, match="n must be at least 1"):
        compressed_gaussian_designs(torch.zeros(1), 2, 1, 0)
    with pytest.raises(ValueError, match="limit must be"):
        sample_complexity(harmonic, sigma, 0)
