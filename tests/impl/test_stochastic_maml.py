from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
import torch

from exactarray import to_exact
from impl.maml import meta_gradient
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import (
    adapted_gradient,
    adapted_objective,
    central_difference,
    estimated_smoothness,
    fo_maml_directions,
    hf_maml_directions,
    maml_directions,
    mean_direction,
    printed_delta,
    step_size_moments,
    stochastic_hessian,
)
from tests.impl.test_noisy_tasks import random_noisy
from tests.reference import stochastic_maml as reference

SHAPES = [(1, 1, 1, 2), (3, 2, 2, 3), (2, 3, 4, 1)]  # batch, tasks, d, points


def start(model: NoisyTasks) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    g = torch.Generator().manual_seed(3)
    batch = model.chances.shape[0]
    alpha = torch.rand(batch, dtype=torch.float64, generator=g)
    shares = [torch.softmax(torch.randn(model.chances.shape, dtype=torch.float64, generator=g), -1) for _ in range(3)]
    return torch.randn(batch, model.dimension, dtype=torch.float64, generator=g), alpha, shares


@pytest.mark.parametrize("shape", SHAPES)
def test_directions_agree_with_differentiated_losses(shape: tuple[int, int, int, int]) -> None:
    model = random_noisy(*shape)
    w, alpha, (inner, outer, hessian) = start(model)
    rho = torch.linspace(0.5, 2, shape[0], dtype=torch.float64)
    first = fo_maml_directions(model, w, alpha, inner=inner, outer=outer)
    second = maml_directions(model, w, alpha, inner=inner, outer=outer, hessian=hessian)
    explicit = maml_directions(model, w, alpha, inner=inner, outer=outer, hessian=hessian, explicit_hessian=True)
    free = hf_maml_directions(
        model, w, alpha, inner=inner, outer=outer, hessian=hessian, delta=lambda v: printed_delta(rho, alpha, v)
    )
    for b in range(shape[0]):
        expected = reference.directions(model, b, w[b], float(alpha[b]), float(rho[b]), (inner, outer, hessian))
        for found, by_loop in zip((first, second, free), expected, strict=True):
            torch.testing.assert_close(found[b], by_loop, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(explicit, second, rtol=1e-12, atol=1e-12)


def test_without_noise_the_mean_direction_of_maml_is_the_meta_gradient() -> None:
    model = random_noisy(3, 2, 2, 2)
    w, alpha, _ = start(model)
    exact = model.chances
    found = maml_directions(model, w, alpha, inner=exact, outer=exact, hessian=exact)
    torch.testing.assert_close(
        mean_direction(found, model.weights), meta_gradient(model.tasks, w, alpha), rtol=1e-12, atol=1e-12
    )


def test_hessian_of_a_spline_is_diagonal() -> None:
    model = random_noisy(2, 2, 3, 2)
    at = torch.zeros(2, 2, 3, dtype=torch.float64)
    matrix = stochastic_hessian(model, at, model.chances)
    diagonal = model.tasks.hessian_vector(at, torch.ones_like(at))
    torch.testing.assert_close(matrix, torch.diag_embed(diagonal), rtol=1e-12, atol=1e-14)


def test_the_length_of_the_difference_where_the_printed_quotient_is_undefined() -> None:
    v = torch.tensor([[[3.0, 4.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]], dtype=torch.float64)
    rho, alpha = torch.tensor([2.0, 0.0], dtype=torch.float64), torch.tensor([0.5, 1.0], dtype=torch.float64)
    assert printed_delta(rho, alpha, v).tolist() == [[1 / 30, 1.0], [1.0, 1.0]]


def test_hessian_free_direction_in_fractions() -> None:
    """f(w) = (w)_+^3 / 6 cut off at 1, noise -+1 on the gradient, w = 0, alpha = 1/2: v = 1/8, d = delta v |v| / 4."""
    one = to_exact([[1]])
    tasks = SplineTasks(one, one[..., None] * 0, one[..., None, None], to_exact([[[[0, 1]]]]), one[..., None] * 0)
    sides = to_exact([[[[1], [-1]]]])
    noise = Perturbations(one[..., None] / 2 + to_exact([[[0, 0]]]), sides, 0 * sides, one[..., None], one[..., None])
    model = NoisyTasks(tasks, noise)
    shares = {"inner": to_exact([[[0, 1]]]), "outer": to_exact([[[1, 1]]]) / 2, "hessian": to_exact([[[1, 1]]]) / 2}
    found = hf_maml_directions(model, to_exact([[0]]), one[0] / 2, **shares, delta=lambda v: to_exact([[1]]))
    v = Fraction(1, 8)
    assert found[0, 0, 0].fraction() == v - Fraction(1, 2) * v**2 / 2 / 2


@pytest.mark.parametrize("sizes", [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
def test_moments_of_the_step_size_average_over_all_draws(sizes: tuple[int, int]) -> None:
    model = random_noisy(2, 2, 2, 2)
    w, alpha, _ = start(model)
    L, rho = torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([3.0, 0.5], dtype=torch.float64)
    first, second = step_size_moments(model, w, L=L, rho=rho, alpha=alpha, batch_size=sizes[0], data_size=sizes[1])
    for b in range(2):
        chance_and_step = reference.step_sizes(model, b, w[b], (float(L[b]), float(rho[b] * alpha[b])), *sizes)
        for found, power in ((first, 1), (second, 2)):
            torch.testing.assert_close(found[b], sum(p * s**power for p, s in chance_and_step), rtol=1e-10, atol=0)


def test_smoothness_is_estimated_from_mean_norms() -> None:
    norms, shares = torch.tensor([[1.0, 4.0]]), torch.tensor([[0.5, 0.5], [0.0, 1.0]])
    ones = torch.ones(1)
    assert estimated_smoothness(norms, shares, L=ones, rho=2 * ones, alpha=ones / 2).tolist() == [[9.0, 12.0]]


def test_what_does_not_fit_is_refused() -> None:
    model = random_noisy(2, 2, 2, 2)
    w, alpha, (inner, outer, _) = start(model)
    with pytest.raises(ValueError, match="w has shape"):
        fo_maml_directions(model, w[:, :1], alpha, inner=inner, outer=outer)
    with pytest.raises(ValueError, match="alpha has shape"):
        fo_maml_directions(model, w, alpha[:1], inner=inner, outer=outer)
    with pytest.raises(ValueError, match="shares has shape"):
        fo_maml_directions(model, w, alpha, inner=inner[:1], outer=outer)
    with pytest.raises(ValueError, match="delta has shape"):
        central_difference(lambda x: x, w, w, w)
    with pytest.raises(ValueError, match="v has shape"):
        printed_delta(alpha, alpha, w)
    with pytest.raises(ValueError, match="task_shares has shape"):
        mean_direction(inner, model.weights[:1])
    with pytest.raises(ValueError, match="rho has shape"):
        estimated_smoothness(w, w, L=alpha, rho=w, alpha=alpha)


def test_all_sequences_of_task_batches_are_unbiased() -> None:
    """Equation (7): the mean over all pairs of tasks is the gradient of F."""
    model = random_noisy(2, 2, 2, 2)
    w, alpha, _ = start(model)
    exact = model.chances
    directions = maml_directions(model, w, alpha, inner=exact, outer=exact, hessian=exact)
    total = torch.zeros_like(w)
    for pair in itertools.product(range(2), repeat=2):
        shares = sum(torch.eye(2, dtype=torch.float64)[i] for i in pair).expand(2, 2) / 2
        chance = model.weights[:, pair[0]] * model.weights[:, pair[1]]
        total += chance[:, None] * mean_direction(directions, shares)
    torch.testing.assert_close(total, meta_gradient(model.tasks, w, alpha), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_gradient_of_the_objective_with_sampled_adaptation_is_its_derivative(size: int) -> None:
    model = random_noisy(2, 2, 3, 2)
    w, alpha, _ = start(model)
    w.requires_grad_()
    (slope,) = torch.autograd.grad(adapted_objective(model, w, alpha, size).sum(), w)
    torch.testing.assert_close(adapted_gradient(model, w, alpha, size), slope, rtol=1e-10, atol=1e-11)
