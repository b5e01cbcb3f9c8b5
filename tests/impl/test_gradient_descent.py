from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exactarray import to_exact, to_float
from impl.gradient_descent import (
    gradient_descent,
    regularized_gradient_descent,
    regularized_gradient_flow,
    squared_loss,
    squared_loss_gradient,
)
from tests.reference.gradient_descent import descent_by_autograd, flow_by_exponential, scalar_descent

sizes = st.integers(1, 4)


def random_data(seed, batch, n, d, k):
    g = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(batch, *shape, generator=g, dtype=torch.float64) for shape in [(n, d), (n, k), (d, k)])


def close(a, b, relative=1e-10):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    np.testing.assert_allclose(a, b, rtol=relative, atol=relative * max(1.0, np.abs(b).max()))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), sizes, sizes, sizes, sizes, st.integers(1, 12), st.floats(1e-3, 2.0))
def test_descent_agrees_with_autograd(seed, batch, n, d, k, steps, step):
    X, y, start = random_data(seed, batch, n, d, k)
    w = gradient_descent(X, y, start, torch.full((batch,), step, dtype=torch.float64), steps)
    for b in range(batch):
        for c in range(k):
            close(w[b, :, c], descent_by_autograd(X[b], y[b, :, c], start[b, :, c], step, steps))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), sizes, sizes, sizes, sizes)
def test_gradient_agrees_with_autograd(seed, batch, n, d, k):
    X, y, start = random_data(seed, batch, n, d, k)
    w = start.requires_grad_(True)
    (expected,) = torch.autograd.grad(squared_loss(X, y, w).sum(), w)
    close(squared_loss_gradient(X, y, start).detach(), expected)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (2, 3), (3, 3), (5, 3)])
@pytest.mark.parametrize("penalty", [0.0, 0.1, 1.0, 30.0])
def test_the_flow_converges_to_its_closed_form(n, d, penalty):
    X, y, start = random_data(3 * n + d, 2, n, d, 2)
    w = regularized_gradient_flow(X, y, start, torch.full((2,), penalty, dtype=torch.float64))
    fitted = min(np.linalg.svd(X[b].numpy())[1].min() ** 2 * 2 / n for b in range(2)) + penalty
    slowest = penalty if penalty > 0 and n < d else fitted
    for b in range(2):
        for c in range(2):
            flow = flow_by_exponential(X[b].numpy(), y[b, :, c].numpy(), start[b, :, c].numpy(), penalty, 40 / slowest)
            close(w[b, :, c], flow, 1e-8)


@pytest.mark.parametrize(("n", "d"), [(1, 3), (3, 3), (5, 3)])
@pytest.mark.parametrize("penalty", [0.0, 0.5])
def test_the_iterated_route_reaches_the_closed_form(n, d, penalty):
    X, y, start = random_data(n, 2, n, d, 2)
    penalty = torch.full((2,), penalty, dtype=torch.float64)
    step = 1 / (2 * torch.linalg.matrix_norm(X, 2) ** 2 / n + penalty)
    close(
        regularized_gradient_descent(X, y, start, penalty, step=step, steps=20_000),
        regularized_gradient_flow(X, y, start, penalty),
        1e-8,
    )


def test_both_forms_of_the_ridge_estimate_agree_when_samples_are_repeated():
    X, y, start = random_data(0, 2, 2, 3, 1)
    penalty = torch.tensor([0.3, 2.0], dtype=torch.float64)
    once = regularized_gradient_flow(X, y, start, penalty)
    close(regularized_gradient_flow(torch.cat([X, X], -2), torch.cat([y, y], -2), start, penalty), once)


def test_a_penalty_forgets_the_start_and_its_absence_does_not():
    X, y, start = random_data(1, 1, 1, 2, 1)
    for penalty, same in [(0.0, False), (0.01, True)]:
        given_penalty = torch.tensor([penalty], dtype=torch.float64)
        a, b = (regularized_gradient_flow(X, y, c * start, given_penalty) for c in (0.0, 1.0))
        assert bool(torch.allclose(a, b)) is same


@pytest.mark.parametrize("steps", [1, 2, 12])
def test_descent_is_exact_on_exact_numbers(steps):
    x, y = [1, -2, 3], [2, 0, 1]
    w = gradient_descent(
        to_exact([[[v] for v in x]]), to_exact([[[v] for v in y]]), to_exact([[[1]]]), to_exact([1]) / 7, steps
    )
    assert w[0, 0, 0].fraction() == scalar_descent(x, y, Fraction(1), Fraction(1, 7), steps)


@pytest.mark.parametrize(("n", "d", "penalty"), [(1, 2, 0), (2, 2, 1), (3, 2, 0), (3, 2, 1)])
def test_the_flow_is_the_same_on_floats_and_on_exact_numbers(n, d, penalty):
    g = np.random.default_rng(7 + n)
    X, y, start = (g.integers(-5, 6, shape) for shape in [(2, n, d), (2, n, 3), (2, d, 1)])
    exact = regularized_gradient_flow(to_exact(X), to_exact(y), to_exact(start), to_exact([penalty, 1]))
    floats = regularized_gradient_flow(*(torch.tensor(a, dtype=torch.float64) for a in (X, y, start, [penalty, 1])))
    assert all(entry.is_rational for entry in exact.flat)
    close(floats, to_float(exact))


def test_misfits_are_named():
    X, y, start = random_data(0, 1, 3, 2, 1)
    one = torch.ones(1, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"y has shape \(1, 2, 1\)"):
        gradient_descent(X, y[:, :2], start, one, 1)
    with pytest.raises(ValueError, match=r"parameters has shape \(1, 1, 1\)"):
        gradient_descent(X, y, start[:, :1], one, 1)
    with pytest.raises(ValueError, match=r"X has shape \(1, 0, 2\)"):
        squared_loss(X[:, :0], y[:, :0], start)
    with pytest.raises(ValueError, match="steps is -1"):
        gradient_descent(X, y, start, one, -1)
    with pytest.raises(ValueError, match=r"step of shape \(1,\) must be positive"):
        gradient_descent(X, y, start, 0 * one, 1)
    with pytest.raises(ValueError, match=r"steps is 1\.0"):
        regularized_gradient_descent(X, y, start, one, step=one, steps=1.0)
    with pytest.raises(ValueError, match=r"X has shape \(1, 3, 2\) and holds torch.int64"):
        squared_loss(X.long(), y, start)
    with pytest.raises(ValueError, match=r"y has shape \(1, 3, 1\) and holds torch.float32 on cpu, but X holds torch.float64"):
        squared_loss(X, y.float(), start)
    with pytest.raises(ValueError, match=r"penalty of shape \(1,\) must not be negative"):
        regularized_gradient_flow(X, y, start, -one)


@pytest.mark.parametrize("convert", [torch.tensor, to_exact])
def test_a_flow_without_a_unique_limit_is_named(convert):
    X, y, start = (convert(np.ones((1, *shape))) for shape in [(2, 2), (2, 1), (2, 1)])
    for error in (ValueError, ZeroDivisionError, torch.linalg.LinAlgError):
        with pytest.raises(error, match=r"X X\^T .* of shape \(1, 2, 2\) is singular"):
            regularized_gradient_flow(X, y, start, 0 * y[:, 0, 0])


@pytest.mark.parametrize("convert", [torch.tensor, to_exact])
def test_an_empty_batch_and_no_steps_are_welcome(convert):
    X, y, start, one = (convert(np.ones((0, *shape))) for shape in [(3, 2), (3, 1), (2, 1), ()])
    assert gradient_descent(X, y, start, one, 2).shape == (0, 2, 1)
    assert regularized_gradient_flow(X, y, start, one).shape == (0, 2, 1)
    assert regularized_gradient_flow(X, y, start, 0 * one).shape == (0, 2, 1)
    assert squared_loss(X, y, start).shape == (0, 1)
    X, y, start, one = (convert(np.ones((2, *shape))) for shape in [(3, 2), (3, 1), (2, 1), ()])
    assert gradient_descent(X, y, start, one, 0) is start
