from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from impl import maml
from impl.multi_step_maml import inner_loop, meta_gradient, meta_objective
from impl.smooth_tasks import PROFILES
from tests.impl.test_smooth_tasks import random_ridges
from tests.reference import maml as reference

sizes = st.integers(1, 3)


def after_steps(loss, w, alpha, steps, first_order):
    for _ in range(steps):
        (slope,) = torch.autograd.grad(loss(w), w, create_graph=True)
        w = w - alpha * (slope.detach() if first_order else slope)
    return w


@settings(max_examples=50, deadline=None)
@given(sizes, sizes, sizes, st.sampled_from(sorted(PROFILES)), st.integers(0, 5), st.booleans(), st.integers(0, 1000))
def test_objective_and_gradient_agree_with_differentiated_loops(batch, tasks, d, profile, steps, first_order, seed):
    model = random_ridges(batch, tasks, d, profile, seed)
    g = torch.Generator().manual_seed(seed)
    w, alpha = (torch.randn(batch, *shape, generator=g, dtype=torch.float64) for shape in ((d,), ()))
    alpha = alpha.abs() / 4
    value = meta_objective(model, w, alpha, steps)
    gradient = meta_gradient(model, w, alpha, steps, first_order=first_order)
    for b in range(batch):
        at = w[b].clone().requires_grad_()
        total = torch.zeros((), dtype=torch.float64)
        for i in range(tasks):
            loss = reference.ridge_loss(model, b, i)
            total = total + model.weights[b, i] * loss(after_steps(loss, at, float(alpha[b]), steps, first_order))
        torch.testing.assert_close(value[b], total.detach(), rtol=1e-10, atol=1e-10)
        (slope,) = torch.autograd.grad(total, at)
        torch.testing.assert_close(gradient[b], slope, rtol=1e-10, atol=1e-10 * (1 + float(slope.abs().max())))


@pytest.mark.parametrize("steps", range(6))
def test_the_gradient_is_the_central_difference(steps):
    model = random_ridges(2, 2, 2, "sin")
    w, alpha = torch.tensor([[0.3, -1.2], [0.8, 0.1]], dtype=torch.float64), torch.full((2,), 0.2, dtype=torch.float64)
    gradient, h = meta_gradient(model, w, alpha, steps), 1e-5
    for k in range(2):
        shift = torch.zeros_like(w)
        shift[:, k] = h
        slope = (meta_objective(model, w + shift, alpha, steps) - meta_objective(model, w - shift, alpha, steps)) / (2 * h)
        torch.testing.assert_close(gradient[:, k], slope, rtol=1e-6, atol=1e-6)


def test_one_step_is_the_one_of_maml_and_none_the_mean_loss():
    model = random_ridges(3, 2, 2, "log cosh")
    w, alpha = torch.ones(3, 2, dtype=torch.float64), torch.full((3,), 0.3, dtype=torch.float64)
    torch.testing.assert_close(meta_gradient(model, w, alpha, 1), maml.meta_gradient(model, w, alpha), rtol=1e-14, atol=1e-14)
    assert len(inner_loop(model, w, alpha, 0)) == 1
    torch.testing.assert_close(meta_objective(model, w, alpha, 0), maml.meta_objective(model, w, 0 * alpha), rtol=0, atol=0)


def test_misfits_are_named():
    model = random_ridges(3, 2, 2, "sin")
    w, alpha = torch.ones(3, 2, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"w has shape \(3, 1\).* d = 2"):
        inner_loop(model, w[:, :1], alpha, 1)
    with pytest.raises(ValueError, match=r"alpha of shape \(3,\) must not be negative"):
        meta_gradient(model, w, -alpha, 1)
    with pytest.raises(ValueError, match="steps is -1"):
        meta_gradient(model, w, alpha, -1)
