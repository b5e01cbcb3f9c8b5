from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor

from exactarray import to_exact
from impl.fo_anil import (
    SubspaceTasks,
    adapted_head,
    finite_task_step,
    infinite_task_run,
    infinite_task_step,
    second_moment,
)
from tests.reference import fo_anil as reference

SIZES = [(2, 1, 1, 1, 2), (2, 1, 2, 2, 1), (3, 2, 2, 1, 1), (3, 2, 3, 1, 1), (3, 1, 2, 1, 1), (2, 2, 2, 1, 2)]
"""Features, subspace dimension, width, inner samples, outer samples."""


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def normal(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def tasks_and_start(batch: int, d: int, k: int, width: int) -> tuple[SubspaceTasks, Tensor, Tensor, Tensor]:
    """Tasks with a general basis and covariance, the root of the covariance, B and w."""
    g = generator()
    rotation, _ = torch.linalg.qr(normal(batch, d, d, g=g))
    root = normal(batch, k, k, g=g)
    noise = torch.rand(batch, dtype=torch.float64, generator=g)
    noise[0] = 0
    tasks = SubspaceTasks(rotation[:, :, :k], rotation[:, :, k:], root @ root.mT, noise)
    return tasks, root, normal(batch, d, width, g=g), normal(batch, width, g=g)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("tasks", [1, 4])
@pytest.mark.parametrize("shape", [(3, 2, 1, 2), (2, 2, 5, 1), (4, 1, 2, 3), (1, 1, 1, 1)])
def test_step_on_samples_agrees_with_differentiated_loops(batch: int, tasks: int, shape: tuple[int, int, int, int]) -> None:
    d, width, m_in, m_out = shape
    g = generator()
    B, w = normal(batch, d, width, g=g), normal(batch, width, g=g)
    inner = normal(batch, tasks, m_in, d, g=g), normal(batch, tasks, m_in, g=g)
    outer = normal(batch, tasks, m_out, d, g=g), normal(batch, tasks, m_out, g=g)
    alpha, beta = torch.rand(2, batch, dtype=torch.float64, generator=g)
    new_B, new_w = finite_task_step(B, w, inner, outer, alpha=alpha, beta=beta)
    heads = adapted_head(B, w, *inner, alpha)
    for b in range(batch):
        data = [[(X[b, i], y[b, i]) for i in range(tasks)] for X, y in (inner, outer)]
        rates = {"alpha": float(alpha[b]), "beta": float(beta[b])}
        expected = reference.step(B[b], w[b], *data, **rates, weights=[1 / tasks] * tasks)
        torch.testing.assert_close((new_B[b], new_w[b]), expected, rtol=1e-10, atol=1e-12)
        for i in range(tasks):
            expected_head = reference.adapted(B[b], w[b], *data[0][i], rates["alpha"])
            torch.testing.assert_close(heads[b, i], expected_head, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("d", "k", "width", "m_in", "m_out"), SIZES)
def test_recursion_is_the_expectation_of_the_step_on_samples(d: int, k: int, width: int, m_in: int, m_out: int) -> None:
    batch = 2
    tasks, root, B, w = tasks_and_start(batch, d, k, width)
    alpha, beta = torch.rand(2, batch, dtype=torch.float64, generator=generator())
    recursion = infinite_task_step(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in)
    for b in range(batch):
        *data, weights = reference.quadrature(tasks.basis[b], root[b], float(tasks.noise[b]), m_in, m_out)
        X_in, y_in, X_out, y_out = (x[None] for x in data)
        one = slice(b, b + 1)
        rates = {"alpha": alpha[one], "beta": beta[one], "weights": weights[None]}
        expected = finite_task_step(B[one], w[one], (X_in, y_in), (X_out, y_out), **rates)
        torch.testing.assert_close((recursion[0][one], recursion[1][one]), expected, rtol=1e-10, atol=1e-12)
        heads = adapted_head(B[one], w[one], X_in, y_in, alpha[one])
        moment = torch.einsum("t,ti,tj->ij", weights, heads[0], heads[0])
        printed = second_moment(B, w, tasks, alpha=alpha, m_in=m_in)[b]
        torch.testing.assert_close(printed, moment, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("m_in", [1, 2, 3])
def test_second_moment_equals_the_pairings_in_fractions(m_in: int) -> None:
    d, k, width = 3, 2, 2
    B = [[Fraction(1), Fraction(-2)], [Fraction(1, 2), Fraction(3)], [Fraction(0), Fraction(1, 3)]]
    w, alpha, noise = [Fraction(2), Fraction(-1, 3)], Fraction(1, 7), Fraction(5, 4)
    covariance = [[Fraction(2), Fraction(1, 2)], [Fraction(1, 2), Fraction(1)]]
    # The adapted head is w - alpha B^T S u + alpha B^T X^T z / m with u = B w - B_* w_*, and E[u u^T] = B w w^T B^T + Sigma.
    prediction = [sum(B[i][j] * w[j] for j in range(width)) for i in range(d)]
    spread = [[prediction[i] * prediction[j] + (covariance[i][j] if max(i, j) < k else 0) for j in range(d)] for i in range(d)]
    inner = reference.expected_sandwich(spread, m_in)
    for i in range(d):
        inner[i][i] += noise / m_in
    expected = [[Fraction(0)] * width for _ in range(width)]
    pull = [sum(B[i][a] * prediction[i] for i in range(d)) for a in range(width)]
    for a in range(width):
        for b in range(width):
            sandwich = sum(B[i][a] * inner[i][j] * B[j][b] for i in range(d) for j in range(d))
            expected[a][b] = w[a] * w[b] - alpha * (w[a] * pull[b] + pull[a] * w[b]) + alpha**2 * sandwich
    exact = SubspaceTasks.on_first_axes(to_exact([covariance]), to_exact([noise]), d)
    found = second_moment(to_exact([B]), to_exact([w]), exact, alpha=to_exact([alpha]), m_in=m_in)[0]
    assert [[found[a, b].fraction() for b in range(width)] for a in range(width)] == expected


def test_run_commutes_with_rotations_of_features_and_heads() -> None:
    batch, d, k, width = 2, 4, 2, 3
    tasks, _, B, w = tasks_and_start(batch, d, k, width)
    B, w = B / 8, w / 8
    rotation = torch.cat([tasks.basis, tasks.complement], dim=2)
    heads, _ = torch.linalg.qr(normal(batch, width, width, g=generator()))
    axes = SubspaceTasks.on_first_axes(tasks.covariance, tasks.noise, d)
    rates = {"alpha": torch.full((batch,), 0.2, dtype=torch.float64), "beta": torch.full((batch,), 0.1, dtype=torch.float64)}
    *_, (end_B, end_w) = infinite_task_run(B, w, tasks, **rates, m_in=3, steps=50)
    turned_w = (heads.mT @ w[..., None])[..., 0]
    *_, (end, end_head) = infinite_task_run(rotation.mT @ B @ heads, turned_w, axes, **rates, m_in=3, steps=50)
    torch.testing.assert_close(rotation.mT @ end_B @ heads, end, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close((heads.mT @ end_w[..., None])[..., 0], end_head, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(tasks.alignment(end_B), axes.alignment(end), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(tasks.forgotten(end_B) @ heads, axes.forgotten(end), rtol=1e-10, atol=1e-12)


def test_run_yields_every_state_and_agrees_with_exact_arithmetic() -> None:
    tasks, _, B, w = tasks_and_start(1, 3, 1, 2)
    B, w = B / 4, w / 4
    alpha, beta = torch.full((2, 1), 0.25, dtype=torch.float64)
    states = list(infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=2, steps=4))
    assert len(states) == 5
    assert states[0][0] is B
    parts = (tasks.basis, tasks.complement, tasks.covariance, tasks.noise)
    exact = SubspaceTasks(*map(to_exact, parts))
    rates = {"alpha": to_exact(alpha), "beta": to_exact(beta)}
    *_, (end_B, end_w) = infinite_task_run(to_exact(B), to_exact(w), exact, **rates, m_in=2, steps=4)
    np.testing.assert_allclose(states[-1][0].numpy(), end_B.astype(float), rtol=1e-12)
    np.testing.assert_allclose(states[-1][1].numpy(), end_w.astype(float), rtol=1e-12)


def test_escaped_instances_are_held_and_the_others_run_on() -> None:
    one = torch.ones(2, dtype=torch.float64)
    tasks = SubspaceTasks.on_first_axes(one[:, None, None], 0 * one, 2)
    calm = torch.tensor([[[0.1], [0.1]]] * 2, dtype=torch.float64)
    wild = torch.tensor([[[1.0], [0.0]], [[0.1], [0.1]]], dtype=torch.float64)
    w = torch.tensor([[1.0], [0.0]], dtype=torch.float64)
    rates = {"alpha": one, "beta": one, "m_in": 1, "steps": 200}
    *_, (held, _) = infinite_task_run(wild, w, tasks, **rates, hold_escaped=True)
    *_, (free, _) = infinite_task_run(calm, 0 * w, tasks, **rates)
    assert torch.isfinite(held).all()
    assert (held[0].abs() > 1e3).any()
    torch.testing.assert_close(held[1], free[1], rtol=1e-12, atol=0)


def test_full_rank_is_needed() -> None:
    one = torch.ones(1, dtype=torch.float64)
    tasks = SubspaceTasks.on_first_axes(one[:, None, None], 0 * one, 2)
    B = torch.tensor([[[0.0], [0.25]]], dtype=torch.float64)
    *_, (end, _) = infinite_task_run(B, 0 * B[:, 0], tasks, alpha=one / 2, beta=one / 2, m_in=1, steps=100)
    assert float(tasks.alignment(end)) == 0


def test_shapes_that_do_not_fit_are_refused() -> None:
    tasks, _, B, w = tasks_and_start(2, 3, 1, 2)
    rates = {"alpha": torch.ones(2, dtype=torch.float64), "beta": torch.ones(2, dtype=torch.float64)}
    with pytest.raises(ValueError, match=r"B has shape \(2, 2, 2\)"):
        infinite_task_step(B[:, :2], w, tasks, **rates, m_in=1)
    with pytest.raises(ValueError, match=r"w has shape \(2, 1\)"):
        second_moment(B, w[:, :1], tasks, alpha=rates["alpha"], m_in=1)
    with pytest.raises(ValueError, match="noise has shape"):
        SubspaceTasks(tasks.basis, tasks.complement, tasks.covariance, tasks.noise[:1])
    with pytest.raises(ValueError, match="basis has shape"):
        SubspaceTasks(tasks.basis.mT, tasks.complement, tasks.covariance, tasks.noise)
    X, y = torch.zeros(2, 4, 5, 3, dtype=torch.float64), torch.zeros(2, 4, 5, dtype=torch.float64)
    with pytest.raises(ValueError, match="X has shape"):
        adapted_head(B, w, X[0], y, rates["alpha"])
    with pytest.raises(ValueError, match="y has shape"):
        adapted_head(B, w, X, y[:, :, :2], rates["alpha"])
    with pytest.raises(ValueError, match=r"X_out has shape \(2, 2, 5, 3\); .* tasks = 4"):
        finite_task_step(B, w, (X, y), (X[:, :2], y[:, :2]), **rates)
