"""First-order ANIL on infinite samples, FO-MAML, Burer-Monteiro, ridge regression, and adaptation to a new task."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from exactarray import to_exact
from impl import burer_monteiro
from impl.checks import Singular
from impl.fo_anil import (
    SubspaceTasks,
    adapted_head,
    anil_objective,
    finite_task_run,
    finite_task_step,
    infinite_task_step,
    second_moment,
)
from impl.fo_anil_infinite_samples import adapted_head_on_expected_loss, infinite_sample_run, infinite_sample_step
from impl.fo_maml import adapted_network, fo_maml_run, fo_maml_step
from impl.one_step_adaptation import expected_excess_risk, one_step_estimate
from impl.ridge_regression import excess_risk, ridge, ridge_on_representation
from impl.subspace_regression import labelled, sample
from tests.reference import fo_anil as quadrature
from tests.reference import two_layer_regression as reference

SIZES = st.tuples(*(st.integers(1, 3) for _ in range(5)))
"""Batch, tasks, samples, d, width."""


class Problem:
    def __init__(self, batch: int, tasks: int, n: int, d: int, width: int, seed: int = 0) -> None:
        g = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(batch, *shape, generator=g, dtype=torch.float64)

        self.batch, self.B, self.w, self.theta = batch, normal(d, width), normal(width), normal(tasks, d)
        self.W, self.alpha, self.beta = normal(tasks, width), normal().abs() / 4, normal().abs() / 4
        self.inner, self.outer = ((normal(tasks, m, d), normal(tasks, m)) for m in (n, n + 1))

    def lists(self, b: int) -> list:
        return [list(zip(X[b], y[b], strict=True)) for X, y in (self.inner, self.outer)]


def close(a: Tensor, b: Tensor, relative: float = 1e-10) -> None:
    torch.testing.assert_close(a, b, rtol=relative, atol=relative * max(1.0, float(b.abs().max())))


@settings(max_examples=40, deadline=None)
@given(SIZES, st.booleans(), st.integers(0, 1000))
def test_steps_on_infinite_samples_are_those_of_autograd(sizes, sampled, seed):
    problem = Problem(*sizes, seed)
    outer = problem.outer if sampled else None
    step = infinite_sample_step(problem.B, problem.w, problem.theta, alpha=problem.alpha, beta=problem.beta, outer=outer)
    for b in range(problem.batch):
        data = problem.lists(b)[1] if sampled else None
        expected = reference.infinite_sample_step(
            problem.B[b], problem.w[b], problem.theta[b], float(problem.alpha[b]), float(problem.beta[b]), data
        )
        for got, want in zip(step, expected, strict=True):
            close(got[b], want)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 1000))
def test_first_order_maml_is_that_of_autograd(sizes, seed):
    problem = Problem(*sizes, seed)
    rates = dict(alpha=problem.alpha, beta=problem.beta)
    step = fo_maml_step(problem.B, problem.w, problem.inner, problem.outer, **rates)
    for b in range(problem.batch):
        slopes = reference.meta_gradient(
            problem.B[b], problem.w[b], *problem.lists(b), float(problem.alpha[b]), 1, both_layers=True, first_order=True
        )
        for got, start, slope in zip(step, (problem.B, problem.w), slopes, strict=True):
            close(got[b], start[b] - problem.beta[b] * slope)
    B, w = adapted_network(problem.B, problem.w, *problem.inner, 0 * problem.alpha)
    assert torch.equal(B, problem.B[:, None].expand_as(B))
    assert torch.equal(w, problem.w[:, None].expand_as(w))


def test_runs_repeat_their_steps_and_begin_with_the_start():
    problem = Problem(2, 3, 2, 3, 2)
    rates = dict(alpha=problem.alpha, beta=problem.beta)
    data = problem.inner, problem.outer
    for run, step, given_ in (
        (finite_task_run, finite_task_step, data),
        (fo_maml_run, fo_maml_step, data),
        (infinite_sample_run, infinite_sample_step, (problem.theta,)),
    ):
        states = list(run(problem.B, problem.w, *given_, **rates, steps=2))
        assert len(states) == 3
        assert states[0] == (problem.B, problem.w)
        twice = step(*step(problem.B, problem.w, *given_, **rates), *given_, **rates)
        for got, want in zip(states[-1], twice, strict=True):
            assert torch.equal(got, want)
        assert len(list(run(problem.B, problem.w, *given_, **rates, steps=0))) == 1


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 1000), st.integers(0, 3))
def test_burer_monteiro_is_that_of_autograd(sizes, seed, steps):
    problem = Problem(*sizes, seed)
    B, W, (X, y) = problem.B, problem.W, problem.inner
    values, slopes = burer_monteiro.objective(B, W, X, y), burer_monteiro.gradients(B, W, X, y)
    ends = burer_monteiro.descent(B, W, X, y, step=problem.alpha, steps=steps)
    for b in range(problem.batch):
        at = [B[b].clone().requires_grad_(), W[b].clone().requires_grad_()]
        value = reference.burer_monteiro(*at, X[b], y[b])
        close(values[b], value.detach())
        for slope, want in zip(slopes, torch.autograd.grad(value, at), strict=True):
            close(slope[b], want)
        for _ in range(steps):
            moves = torch.autograd.grad(reference.burer_monteiro(*at, X[b], y[b]), at)
            at = [(part - problem.alpha[b] * move).detach().requires_grad_() for part, move in zip(at, moves, strict=True)]
        for end, want in zip(ends, at, strict=True):
            close(end[b], want.detach())


def test_burer_monteiro_on_a_complete_orthogonal_design_is_its_population_version():
    problem = Problem(2, 3, 2, 3, 2)
    X = 3**0.5 * torch.eye(3, dtype=torch.float64).expand(2, 3, 3, 3)
    y = (X @ problem.theta[..., None])[..., 0]
    factors = problem.B, problem.W
    close(burer_monteiro.population_objective(*factors, problem.theta), burer_monteiro.objective(*factors, X, y))
    both = (
        burer_monteiro.population_descent(*factors, problem.theta, step=problem.alpha, steps=3),
        burer_monteiro.descent(*factors, X, y, step=problem.alpha, steps=3),
    )
    for got, want in zip(*both, strict=True):
        close(got, want)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.sampled_from([0.0, 0.2, 30.0]), st.integers(0, 1000))
def test_ridge_is_least_squares_with_further_samples(sizes, penalty, seed):
    _, _, n, d, width = sizes
    assume(penalty > 0 or min(n, width) <= d)
    problem = Problem(*sizes, seed)
    X, y = problem.inner
    penalties = torch.full((problem.batch,), penalty, dtype=torch.float64)
    heads = burer_monteiro.fitted_heads(problem.B, X, y, penalties)
    single = ridge(X, y[..., None], penalties[:, None])[..., 0]
    learned = ridge_on_representation(X, y[..., None], problem.B[:, None], penalties[:, None])[..., 0]
    for b in range(problem.batch):
        for i in range(X.shape[1]):
            inputs, labels = X[b, i].numpy(), y[b, i].numpy()
            features = inputs @ problem.B[b].numpy()
            if min(_rank_and_slack(matrix, penalty)[0] for matrix in (inputs, features)):
                expected = torch.from_numpy(reference.ridge(features, labels, penalty))
                slack = max(_rank_and_slack(matrix, penalty)[1] for matrix in (inputs, features))
                close(single[b, i], torch.from_numpy(reference.ridge(inputs, labels, penalty)), slack)
                close(heads[b, i], expected, slack)
                close(learned[b, i], problem.B[b] @ expected, slack)


def _rank_and_slack(matrix: np.ndarray, penalty: float) -> tuple[bool, float]:
    values = np.linalg.svd(matrix, compute_uv=False)
    # The normal equations square the condition of the design; a penalty bounds it.
    condition = (values[0] ** 2 + penalty) / (values[-1] ** 2 + penalty)
    return bool(condition < 1e10), 1e-10 + 1e-14 * float(condition)


def test_ridge_in_fractions():
    x, y, penalty = [1, -2, 3], [2, 0, 1], Fraction(1, 7)
    w = ridge(to_exact([[[v] for v in x]]), to_exact([[[v] for v in y]]), to_exact([penalty]))
    assert w[0, 0, 0].fraction() == reference.scalar_ridge(x, y, penalty)


@pytest.mark.parametrize("m_in", [1, 2])
@pytest.mark.parametrize("width", [1, 2])
def test_the_objective_and_the_expected_excess_risk_are_those_of_enumerated_tasks(m_in, width):
    d, k, g = 2, 1, torch.Generator().manual_seed(9)
    B, w, root, turn = (
        torch.randn(1, *shape, generator=g, dtype=torch.float64) for shape in ((d, width), (width,), (k, k), (d, d))
    )
    axes = torch.linalg.qr(turn)[0]
    noise, alpha = torch.full((1,), 0.7, dtype=torch.float64), torch.full((1,), 0.3, dtype=torch.float64)
    law = SubspaceTasks(axes[..., :k], axes[..., k:], root @ root.mT, noise)
    *data, weights = quadrature.quadrature(law.basis[0], root[0], 0.7, m_in, 1)
    X_in, y_in, X_out, y_out = (part[None] for part in data)
    heads = adapted_head(B, w, X_in, y_in, alpha)
    losses = ((X_out @ (heads @ B.mT)[..., None])[..., 0] - y_out)[..., 0] ** 2 / 2
    close(anil_objective(B, w, law, alpha=alpha, m_in=m_in), (weights * losses).sum(1))
    # The excess risk of an estimate is its loss over that of the task's own parameters, which is the noise.
    close(expected_excess_risk(B, w, law, alpha=alpha, samples=m_in), 2 * (weights * losses).sum(1) - noise)


def test_infinite_samples_are_the_limit_of_many():
    problem = Problem(2, 1, 1, 3, 2)
    axes = torch.eye(3, dtype=torch.float64).expand(2, 3, 3)
    law = SubspaceTasks(axes[..., :1], axes[..., 1:], torch.ones(2, 1, 1, dtype=torch.float64), problem.alpha)
    rates = dict(alpha=problem.alpha, beta=problem.beta)
    limit = infinite_task_step(problem.B, problem.w, law, **rates, m_in=inf)
    for got, want in zip(infinite_task_step(problem.B, problem.w, law, **rates, m_in=10**14), limit, strict=True):
        close(got, want)
    # With infinitely many samples every task's head is known: the mean over heads of either sign is the expectation.
    theta = torch.stack([law.basis[..., 0], -law.basis[..., 0]], dim=1)
    for got, want in zip(infinite_sample_step(problem.B, problem.w, theta, **rates), limit, strict=True):
        close(got, want)
    heads = adapted_head_on_expected_loss(problem.B, problem.w, theta, problem.alpha)
    close(second_moment(problem.B, problem.w, law, alpha=problem.alpha, m_in=inf), heads.mT @ heads / 2)


def test_samples_have_the_law_they_are_drawn_from():
    axes = torch.linalg.qr(torch.randn(1, 3, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64))[0]
    covariance = torch.tensor([[[2.0, 0.5], [0.5, 1.0]]], dtype=torch.float64)
    law = SubspaceTasks(axes[..., :2], axes[..., 2:], covariance, torch.full((1,), 4.0, dtype=torch.float64))
    drawn = sample(law, 20_000, 3, torch.Generator().manual_seed(2))
    assert drawn.X.shape == (1, 20_000, 3, 3)
    assert float((drawn.theta @ law.complement).abs().max()) < 1e-13
    # Standard errors are about 0.02 for the covariances and 0.03 for the noise.
    torch.testing.assert_close(drawn.theta.mT @ drawn.theta / 20_000, law.parameter_covariance, rtol=0, atol=0.12)
    noise = drawn.y - (drawn.X @ drawn.theta[..., None])[..., 0]
    assert float(noise.var()) == pytest.approx(4, abs=0.15)
    assert float(drawn.X.var()) == pytest.approx(1, abs=0.03)
    inner, outer = drawn.split(1)
    assert inner[0].shape == (1, 20_000, 1, 3)
    assert torch.equal(outer[1], drawn.y[:, :, 1:])
    again = sample(law, 20_000, 3, torch.Generator().manual_seed(2))
    assert torch.equal(again.y, drawn.y)


def test_one_step_on_a_new_task_is_the_printed_one():
    problem = Problem(2, 3, 4, 3, 2)
    X, y = problem.inner
    estimate = one_step_estimate(problem.B, problem.w, X, y, problem.alpha)
    for b in range(2):
        for i in range(3):
            slope = problem.B[b].T @ X[b, i].T @ (X[b, i] @ problem.B[b] @ problem.w[b] - y[b, i]) / 4
            close(estimate[b, i], problem.B[b] @ (problem.w[b] - problem.alpha[b] * slope))
    close(excess_risk(estimate.mT, problem.theta.mT), ((estimate - problem.theta) ** 2).sum(-1))


def test_misfits_are_named():
    problem = Problem(2, 3, 2, 3, 2)
    rates = dict(alpha=problem.alpha, beta=problem.beta)
    X, y = problem.inner
    with pytest.raises(ValueError, match=r"theta has shape \(2, 3, 2\)"):
        infinite_sample_step(problem.B, problem.w, problem.theta[..., :2], **rates)
    with pytest.raises(ValueError, match=r"X_out has shape \(2, 2, 3, 3\)"):
        fo_maml_step(problem.B, problem.w, problem.inner, tuple(part[:, :2] for part in problem.outer), **rates)
    with pytest.raises(ValueError, match=r"beta of shape \(2,\) must not be negative"):
        finite_task_step(problem.B, problem.w, problem.inner, problem.outer, alpha=problem.alpha, beta=-problem.beta)
    with pytest.raises(ValueError, match=r"step of shape \(2,\) must be positive"):
        burer_monteiro.descent(problem.B, problem.W, X, y, step=0 * problem.alpha, steps=1)
    with pytest.raises(ValueError, match=r"W has shape \(2, 3, 1\)"):
        burer_monteiro.objective(problem.B, problem.W[..., :1], X, y)
    with pytest.raises(Singular, match=r"of shape \(2, 3, 2, 2\) is singular"):
        burer_monteiro.fitted_heads(0 * problem.B, X, y, 0 * problem.alpha)
    with pytest.raises(ValueError, match=r"noise has shape \(2, 3, 1\)"):
        labelled(X, problem.theta, y[..., :1])
    with pytest.raises(ValueError, match="inner is 2, which leaves none"):
        labelled(X, problem.theta, y).split(2)
