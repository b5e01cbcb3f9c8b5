from fractions import Fraction
from math import factorial

import numpy as np
import pytest
import torch

from exactarray import to_exact, to_float
from impl.empirical_regression import expected_preconditioned_covariance, preconditioned_covariance
from impl.episode_moments import DEGREE_5, DEGREE_9, EpisodeRule, covariance_variance, first_entry_variance, noise_variance

SHAPES = pytest.mark.parametrize(("d", "outer", "inner"), [(1, 1, 1), (1, 2, 1), (1, 1, 2), (2, 1, 1)])


def instance(d, batch=2):
    generator = torch.Generator().manual_seed(d)
    root = torch.randn(batch, d, d, generator=generator, dtype=torch.float64)
    return root, torch.rand(batch, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("weights", "degree"), [(DEGREE_5, 5), (DEGREE_9, 9)])
def test_the_rules_have_the_moments_of_a_gaussian(weights, degree):
    for power in range(degree + 1):
        moment = sum(weights[abs(k)] * Fraction(k) ** power for k in range(1 - len(weights), len(weights)))
        wanted = 0 if power % 2 else Fraction(factorial(power), factorial(power // 2) * 2 ** (power // 2))
        assert moment == wanted


@SHAPES
def test_the_mean_is_the_expected_preconditioned_covariance(d, outer, inner):
    root, step = instance(d)
    rule = EpisodeRule(root, outer, inner)
    mean = rule.mean(preconditioned_covariance(rule.episodes, step) / outer)
    torch.testing.assert_close(mean, expected_preconditioned_covariance(root[:, None], step, inner)[:, 0], rtol=1e-9, atol=1e-9)


@SHAPES
def test_the_first_entry_is_one_of_the_matrix(d, outer, inner):
    root, step = instance(d)
    alone = first_entry_variance(root, step, outer, inner)
    torch.testing.assert_close(alone, covariance_variance(root, step, outer, inner)[:, 0, 0])


def test_data_sets_up_to_order_and_signs_are_those_of_the_whole_rule():
    # One feature, two samples: of 5^2 outer sets {0, 1, 2} leaves 6, of 9^2 inner ones 15.
    rule = EpisodeRule(torch.ones(1, 1, 1, dtype=torch.float64), 2, 2)
    assert rule.episodes.outer_inputs.shape == (1, 1, 90, 2, 1)
    squares = (rule.episodes.outer_inputs**2).sum((-1, -2)), (rule.episodes.inner_inputs**2).sum((-1, -2))
    # Moments of chi-square with two degrees of freedom.
    assert float(rule.mean(squares[0] ** 2)) == pytest.approx(8)
    assert float(rule.mean(squares[1] ** 4)) == pytest.approx(384)


def test_the_variance_of_one_feature_and_one_sample_by_hand():
    # x^2 (1 - a y^2)^2: 3 E (1 - a y^2)^4 - (E (1 - a y^2)^2)^2.
    a = np.array([0.0, 0.5, 2.0])
    by_hand = 3 * (1 - 4 * a + 18 * a**2 - 60 * a**3 + 105 * a**4) - (1 - 2 * a + 3 * a**2) ** 2
    root = torch.ones(3, 1, 1, dtype=torch.float64)
    np.testing.assert_allclose(covariance_variance(root, torch.tensor(a), 1, 1)[:, 0, 0], by_hand, rtol=1e-12)
    # z x (1 - a y^2) - a z' y x^2 (1 - a y^2): E (1 - a y^2)^2 + 3 a^2 E y^2 (1 - a y^2)^2.
    noise = 1 - 2 * a + 3 * a**2 + 3 * a**2 * (1 - 6 * a + 15 * a**2)
    sigma = torch.tensor([2.0, 2.0, 2.0], dtype=torch.float64)
    np.testing.assert_allclose(noise_variance(root, torch.tensor(a), 1, 1, sigma)[:, 0], 4 * noise, rtol=1e-12)


def test_exact_numbers_agree_with_floats():
    root, step = instance(1)
    exact = covariance_variance(to_exact(root), to_exact(step), 1, 2)
    np.testing.assert_allclose(covariance_variance(root, step, 1, 2), to_float(exact), rtol=1e-9)


@pytest.mark.parametrize(("outer", "inner"), [(0, 1), (9, 9)])
def test_rules_of_no_or_too_many_data_sets_are_refused(outer, inner):
    with pytest.raises(ValueError, match=f"outer = {outer}, inner = {inner}"):
        EpisodeRule(torch.ones(1, 1, 1, dtype=torch.float64), outer, inner)
    with pytest.raises(ValueError, match="root has shape"):
        EpisodeRule(torch.ones(1, 1, 2, dtype=torch.float64), 1, 1)
