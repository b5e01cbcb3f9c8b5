from __future__ import annotations

import itertools

import pytest
import torch

from impl.noisy_tasks import NoisyTasks, Perturbations, RelatedTasks, enumerate_batches
from tests.impl.test_smooth_tasks import random_splines

SHAPES = [(1, 1, 1, 2), (3, 2, 2, 3), (2, 3, 4, 1)]  # batch, tasks, d, points


def random_perturbations(batch: int, sets: int, d: int, points: int, seed: int = 0) -> Perturbations:
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=g)

    return Perturbations.centred(
        chances=torch.softmax(normal(batch, sets, points), -1),
        linear=normal(batch, sets, points, d),
        bent=normal(batch, sets, points, d),
        centre=normal(batch, sets, d),
        width=torch.exp(normal(batch, sets, d)),
    )


def random_noisy(batch: int, tasks: int, d: int, points: int) -> NoisyTasks:
    return NoisyTasks(random_splines(batch, tasks, d), random_perturbations(batch, tasks, d, points))


def points_at(tasks: NoisyTasks | RelatedTasks, seed: int = 1) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(*tasks.weights.shape, tasks.dimension, dtype=torch.float64, generator=g).requires_grad_()


@pytest.mark.parametrize("shape", SHAPES)
def test_hats_by_integration(shape: tuple[int, int, int, int]) -> None:
    """The second derivative is a triangle of height one, and the slope is odd about the centre."""
    batch, sets, d, _ = shape
    model = random_perturbations(*shape)
    bump = model.mixed(model.chances * 0)
    bump = type(bump)(bump.linear, torch.ones_like(bump.bent), bump.centre, bump.width)
    w = (bump.centre + bump.width * 3 * (torch.rand(batch, sets, d, dtype=torch.float64) - 0.5)).requires_grad_()
    triangle = (1 - (w - bump.centre).abs() / bump.width).clamp(min=0)
    torch.testing.assert_close(bump.hessian_vector(w, torch.ones_like(w)), triangle, rtol=1e-12, atol=1e-12)
    (slope,) = torch.autograd.grad(bump.gradient(w).sum(), w)
    torch.testing.assert_close(slope, triangle, rtol=1e-10, atol=1e-12)
    (first,) = torch.autograd.grad(bump.value(w).sum(), w)
    torch.testing.assert_close(bump.gradient(w), first, rtol=1e-10, atol=1e-12)
    assert torch.equal(bump.gradient(bump.centre), 0 * w)


@pytest.mark.parametrize("shape", SHAPES)
def test_stochastic_derivatives(shape: tuple[int, int, int, int]) -> None:
    model = random_noisy(*shape)
    w = points_at(model)
    shares = torch.softmax(torch.arange(shape[3], dtype=torch.float64), -1).expand(*shape[:2], shape[3])
    (gradient,) = torch.autograd.grad(model.value(w, shares).sum(), w)
    torch.testing.assert_close(model.gradient(w, shares), gradient, rtol=1e-10, atol=1e-11)
    v = torch.linspace(-1, 2, shape[2], dtype=torch.float64).expand_as(w)
    (curved,) = torch.autograd.grad((model.gradient(w, shares) * v).sum(), w)
    torch.testing.assert_close(model.hessian_vector(w, v, shares), curved, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("shape", SHAPES)
def test_noise_has_mean_zero(shape: tuple[int, int, int, int]) -> None:
    model = random_noisy(*shape)
    w = points_at(model)
    torch.testing.assert_close(model.gradient(w, model.chances), model.tasks.gradient(w), rtol=1e-12, atol=1e-12)
    v = torch.ones_like(w)
    exact = model.tasks.hessian_vector(w, v)
    torch.testing.assert_close(model.hessian_vector(w, v, model.chances), exact, rtol=1e-12, atol=1e-12)


def one_hot(model: NoisyTasks, k: int) -> torch.Tensor:
    return torch.eye(model.chances.shape[-1], dtype=torch.float64)[k].expand_as(model.chances)


@pytest.mark.parametrize("shape", SHAPES)
def test_variances_are_suprema_that_are_attained(shape: tuple[int, int, int, int]) -> None:
    model = random_noisy(*shape)
    noise, d = model.noise, shape[2]
    largest_gradient = torch.zeros(shape[:2], dtype=torch.float64)
    for corner in itertools.product((-1, 1, 0.3, -2), repeat=d):
        w = noise.centre + noise.width * torch.tensor(corner, dtype=torch.float64)
        squares = sum(
            model.chances[..., k] * (model.gradient(w, one_hot(model, k)) - model.tasks.gradient(w)).square().sum(-1)
            for k in range(shape[3])
        )
        largest_gradient = torch.maximum(largest_gradient, squares)
    torch.testing.assert_close(largest_gradient, noise.gradient_variance, rtol=1e-10, atol=1e-20)
    spectral, frobenius = torch.zeros(shape[:2], dtype=torch.float64), torch.zeros(shape[:2], dtype=torch.float64)
    for k in range(shape[3]):
        columns = []
        for e in torch.eye(d, dtype=torch.float64):
            v = e.expand_as(noise.centre)
            at = noise.centre
            columns.append(model.hessian_vector(at, v, one_hot(model, k)) - model.tasks.hessian_vector(at, v))
        matrix = torch.stack(columns, -1)
        spectral = spectral + model.chances[..., k] * torch.linalg.matrix_norm(matrix, 2) ** 2
        frobenius = frobenius + model.chances[..., k] * torch.linalg.matrix_norm(matrix) ** 2
    torch.testing.assert_close(spectral, noise.hessian_variance, rtol=1e-10, atol=1e-20)
    torch.testing.assert_close(frobenius, noise.hessian_variance_frobenius, rtol=1e-10, atol=1e-20)


@pytest.mark.parametrize("shape", [(1, 2, 1), (3, 3, 2), (2, 1, 3)])
def test_related_tasks(shape: tuple[int, int, int]) -> None:
    batch, tasks, d = shape
    model = RelatedTasks(random_splines(batch, 1, d), random_perturbations(batch, 1, d, tasks))
    w = points_at(model)
    (gradient,) = torch.autograd.grad(model.value(w).sum(), w)
    torch.testing.assert_close(model.gradient(w), gradient, rtol=1e-10, atol=1e-11)
    v = torch.ones_like(w)
    (curved,) = torch.autograd.grad((model.gradient(w) * v).sum(), w)
    torch.testing.assert_close(model.hessian_vector(w, v), curved, rtol=1e-10, atol=1e-11)
    assert bool((model.hessian_vector(w, v).abs() <= model.lipschitz_gradient[..., None] + 1e-12).all())
    common = model.differences
    largest = torch.zeros(batch, dtype=torch.float64)
    for corner in itertools.product((-1, 1, 0.3), repeat=d):
        at = (common.centre + common.width * torch.tensor(corner, dtype=torch.float64)).expand(batch, tasks, d)
        gradient = model.gradient(at)
        mean = (model.weights[..., None] * gradient).sum(1, keepdim=True)
        largest = torch.maximum(largest, (model.weights * (gradient - mean).square().sum(-1)).sum(1))
    torch.testing.assert_close(largest, model.task_variance, rtol=1e-10, atol=1e-20)


@pytest.mark.parametrize("sizes", [(1,), (3,), (2, 1), (2, None)])
def test_enumerated_batches_have_the_mean_over_all_sequences(sizes: tuple[int | None, ...]) -> None:
    model = random_noisy(2, 2, 2, 2)
    w = points_at(model).detach()
    data = enumerate_batches(model, *sizes)
    at = data.repeat(w)
    cubes = sum((j + 1) * data.tasks.gradient(at, s) ** 3 for j, s in enumerate(data.shares))
    found = data.mean(cubes)
    expected = torch.zeros_like(w)
    for j, size in enumerate(sizes):
        if size is None:
            expected += (j + 1) * model.tasks.gradient(w) ** 3
            continue
        for drawn in itertools.product(range(2), repeat=size):
            shares = sum(one_hot(model, k) for k in drawn) / size
            chance = torch.stack([model.chances[..., k] for k in drawn]).prod(0)
            expected += (j + 1) * chance[..., None] * model.gradient(w, shares) ** 3
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-11)


def test_what_does_not_fit_is_refused() -> None:
    model = random_noisy(2, 2, 2, 2)
    with pytest.raises(ValueError, match="bent has shape"):
        Perturbations.centred(**{**vars(random_perturbations(2, 2, 2, 2)), "bent": model.noise.centre})
    with pytest.raises(ValueError, match="noise has centres"):
        NoisyTasks(random_splines(2, 3, 2), model.noise)
    with pytest.raises(ValueError, match="one task, and centres"):
        RelatedTasks(random_splines(2, 2, 2), model.noise)
    with pytest.raises(ValueError, match="shares has shape"):
        model.gradient(model.noise.centre, model.chances[:1])
    with pytest.raises(ValueError, match="at least one batch"):
        enumerate_batches(model)
