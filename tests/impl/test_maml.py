from __future__ import annotations

import pytest
import torch

from impl.maml import expected_gradient_norm, inner_step, meta_gradient, meta_objective
from impl.smooth_tasks import PROFILES, Mirrored
from tests.impl.test_smooth_tasks import SHAPES, random_ridges, random_splines
from tests.reference import maml as reference


def start(batch: int, d: int) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(7)
    alpha = 2 * torch.rand(batch, dtype=torch.float64, generator=g)
    alpha[0] = 0
    return torch.randn(batch, d, dtype=torch.float64, generator=g), alpha


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("profile", PROFILES)
def test_objective_and_gradient_agree_with_differentiated_loops(profile: str, shape: tuple[int, int, int]) -> None:
    batch, tasks, d = shape
    model = random_ridges(*shape, profile)
    w, alpha = start(batch, d)
    value, gradient = meta_objective(model, w, alpha), meta_gradient(model, w, alpha)
    for b in range(batch):
        losses = [reference.ridge_loss(model, b, i) for i in range(tasks)]
        expected = reference.objective(losses, model.weights[b], w[b].clone().requires_grad_(), float(alpha[b]))
        torch.testing.assert_close(value[b], expected.detach(), rtol=1e-10, atol=1e-11)
        slope = reference.objective_gradient(losses, model.weights[b], w[b], float(alpha[b]))
        torch.testing.assert_close(gradient[b], slope, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_is_the_derivative_of_the_objective_on_splines(shape: tuple[int, int, int], mirrored: bool) -> None:
    model = random_splines(*shape)
    tasks = Mirrored(model) if mirrored else model
    w, alpha = start(shape[0], shape[2])
    w.requires_grad_()
    (slope,) = torch.autograd.grad(meta_objective(tasks, w, alpha).sum(), w)
    torch.testing.assert_close(meta_gradient(tasks, w, alpha), slope, rtol=1e-10, atol=1e-10)


def test_without_an_inner_step_the_objective_is_the_mean_loss() -> None:
    model = random_ridges(3, 2, 2, "sin")
    w, alpha = start(3, 2)
    at = w[:, None, :].expand(3, 2, 2)
    assert torch.equal(inner_step(model, w, 0 * alpha), at)
    torch.testing.assert_close(meta_gradient(model, w, 0 * alpha), (model.weights[..., None] * model.gradient(at)).sum(1))


def test_expected_gradient_norm_by_a_loop() -> None:
    model = random_ridges(3, 2, 4, "softplus")
    w, _ = start(3, 4)
    gradient = model.gradient(w[:, None, :].expand(3, 2, 4))
    for b in range(3):
        expected = sum(model.weights[b, i] * torch.sqrt(torch.dot(gradient[b, i], gradient[b, i])) for i in range(2))
        torch.testing.assert_close(expected_gradient_norm(model, w)[b], expected, rtol=1e-12, atol=0)


def test_arguments_of_a_wrong_shape_are_refused_by_name() -> None:
    model = random_ridges(3, 2, 2, "sin")
    w, alpha = start(3, 2)
    with pytest.raises(ValueError, match=r"w has shape \(3, 1\)"):
        meta_gradient(model, w[:, :1], alpha)
    with pytest.raises(ValueError, match=r"alpha has shape \(\)"):
        meta_objective(model, w, alpha[0])
