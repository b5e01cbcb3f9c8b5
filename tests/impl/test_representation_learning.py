from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exactarray import arithmetic, to_exact, to_float
from impl.representation_learning import learned_representation, representation_flow, representation_gain
from tests.reference.two_layer_linear import gains_by_bisection


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 5), st.integers(0, 1000))
def test_the_closed_form_is_where_the_flow_ends(batch, d, tasks, seed):
    g = torch.Generator().manual_seed(seed)
    targets = torch.randn(batch, d, tasks, generator=g, dtype=torch.float64)
    kappa = torch.rand(batch, generator=g, dtype=torch.float64) + 0.3
    for closed, settled in zip(learned_representation(kappa, targets), representation_flow(kappa, targets), strict=True):
        torch.testing.assert_close(closed, settled, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kappa", [1e-3, 0.5, 20.0])
@pytest.mark.parametrize("singular_value", [0.0, 0.1, 3.0, 1e4])
def test_the_gain_solves_its_equation(kappa, singular_value):
    gain = representation_gain(*(torch.tensor([v], dtype=torch.float64) for v in (kappa, singular_value)))
    assert float(gain) == pytest.approx(gains_by_bisection(kappa, singular_value), rel=1e-13)
    with arithmetic(128):
        ball = representation_gain(to_exact([kappa]), to_exact([singular_value]))
    assert float(to_float(ball)[0]) == pytest.approx(float(gain), rel=1e-14)


@pytest.mark.parametrize("tasks", [1, 4])
def test_for_signs_of_one_regressor_the_gain_forgets_the_signs(tasks):
    kappa = torch.tensor([0.25, 0.25], dtype=torch.float64)
    u = torch.tensor([3.0, 4.0, 0.0], dtype=torch.float64) / 5
    signs = torch.tensor([[1.0] * tasks, [(-1.0) ** i for i in range(tasks)]], dtype=torch.float64)
    A, _ = learned_representation(kappa, 2 * u[:, None] * signs[:, None])
    gain = representation_gain(kappa, torch.full_like(kappa, 2 * tasks**0.5))
    expected = torch.eye(3, dtype=torch.float64) / 4 + (gain[:, None, None] - 0.25) * torch.outer(u, u)
    torch.testing.assert_close(A, expected, rtol=1e-12, atol=1e-12)


def test_misfits_are_named():
    one, targets = torch.ones(2, dtype=torch.float64), torch.zeros(2, 3, 1, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"kappa of shape \(2,\) must be positive"):
        learned_representation(0 * one, targets)
    with pytest.raises(ValueError, match=r"targets has shape \(2, 3\)"):
        representation_flow(one, targets[..., 0])
    with pytest.raises(ValueError, match=r"targets of shape .* holds exact numbers"):
        learned_representation(to_exact(one), to_exact(targets))
    with pytest.raises(ValueError, match=r"singular_value of shape \(2,\) must not be negative"):
        representation_gain(one, -one)
