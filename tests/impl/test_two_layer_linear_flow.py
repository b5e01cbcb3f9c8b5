from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from exactarray import arithmetic, to_exact, to_float
from impl.two_layer_linear_flow import (
    aligned_flow_limit,
    coefficient_flow_limit,
    population_descent,
    population_flow,
    population_flow_in_digits,
    population_gradients,
    population_loss,
)
from tests.reference import two_layer_linear as reference

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))


def drawn(shape: tuple[int, int, int, int], seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    g = torch.Generator().manual_seed(seed)
    batch, p, d, tasks = shape
    return tuple(torch.randn(batch, *s, generator=g, dtype=torch.float64) for s in ((p, d), (p, tasks), (d, tasks)))


def close(a: object, b: object, relative: float = 1e-10) -> None:
    a, b = to_float(a), to_float(b)
    np.testing.assert_allclose(a, b, rtol=relative, atol=relative * max(1.0, np.abs(b).max(initial=0)))


@settings(max_examples=15, deadline=None)
@given(SHAPES, st.integers(0, 1000), st.floats(0, 2))
def test_loss_is_that_of_enumerated_inputs_and_gradients_those_of_autograd(shape, seed, sigma):
    A, W, targets = drawn(shape, seed)
    losses = population_loss(A, W, targets, torch.full((shape[0],), sigma, dtype=torch.float64))
    slopes = population_gradients(A, W, targets)
    for b in range(shape[0]):
        close(losses[b], reference.expected_loss(A[b], W[b], targets[b], sigma))
        at = A[b].clone().requires_grad_(), W[b].clone().requires_grad_()
        for slope, expected in zip(slopes, torch.autograd.grad(reference.objective(*at, targets[b]), at), strict=True):
            close(slope[b], expected)


@settings(max_examples=10, deadline=None)
@given(SHAPES, st.integers(0, 1000), st.integers(0, 4))
def test_descent_is_that_of_autograd(shape, seed, steps):
    A, W, targets = drawn(shape, seed)
    step = torch.linspace(0.01, 0.05, shape[0], dtype=torch.float64)
    ends = population_descent(A, W, targets, step=step, steps=steps)
    for b in range(shape[0]):
        for end, expected in zip(ends, reference.descent(A[b], W[b], targets[b], float(step[b]), steps), strict=True):
            close(end[b], expected)


@settings(max_examples=10, deadline=None)
@given(SHAPES, st.integers(0, 1000))
def test_the_flow_ends_at_a_minimum_and_keeps_what_it_must(shape, seed):
    A, W, targets = drawn(shape, seed)
    end_A, end_W = population_flow(A, W, targets)
    close(end_A @ end_A.mT - end_W @ end_W.mT, A @ A.mT - W @ W.mT)
    for slope in population_gradients(end_A, end_W, targets):
        close(slope, torch.zeros_like(slope), 1e-9)


def test_the_flow_is_the_limit_of_descent_with_ever_smaller_steps():
    A, W, targets = drawn((1, 2, 3, 2), 4)
    end, errors = population_flow(A, W, targets)[0], []
    for halvings in range(3):
        step = torch.full((1,), 0.02 / 2**halvings, dtype=torch.float64)
        errors.append(float((population_descent(A, W, targets, step=step, steps=4000 * 2**halvings)[0] - end).norm()))
    # Euler's method is of first order: halving the step halves the error.
    assert 1.8 < errors[0] / errors[1] < 2.2
    assert 1.8 < errors[1] / errors[2] < 2.2


def test_the_flow_agrees_with_its_reference_in_thirty_digits():
    A, W, targets = drawn((1, 2, 2, 1), 1)
    with arithmetic(120, rounded=True):
        digits = population_flow_in_digits(*map(to_exact, (A, W, targets)), digits=30)
    for float_end, end in zip(population_flow(A, W, targets), digits, strict=True):
        close(float_end, end, 1e-12)


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 3, 1)])
def test_the_closed_form_is_where_the_flow_ends(shape):
    batch, d, _ = shape
    g = torch.Generator().manual_seed(2)
    u = torch.nn.functional.normalize(torch.randn(batch, d, generator=g, dtype=torch.float64), dim=-1)
    a, c, size, rest = torch.randn(4, batch, generator=g, dtype=torch.float64)
    size = size.abs() + 0.5
    A = rest[:, None, None] * torch.eye(d, dtype=torch.float64) + (a - rest)[:, None, None] * u[..., None] * u[:, None]
    w, target = c[:, None] * u, size[:, None] * u
    closed, settled = aligned_flow_limit(A, w, target), population_flow(A, w[..., None], target[..., None])
    close(closed[0], settled[0])
    close(closed[1], settled[1][..., 0])


@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize(
    ("a", "b", "sign"), [(2, 0.5, 1), (2, 0.5, -1), (0.1, 0, 1), (-1.5, 0.25, 1), (0.25, 1.5, -1), (0.5, -2, 1)]
)
def test_the_coefficients_end_where_the_integrated_flow_does(a, b, sign, length):
    ends = coefficient_flow_limit(*(torch.tensor([v], dtype=torch.float64) for v in (a, b, sign)), length)
    start = (torch.tensor([[[v]]], dtype=torch.float64) for v in (a, b * length, sign * length))
    close(
        torch.cat(ends),
        [float(layer[0, 0, 0]) / scale for layer, scale in zip(population_flow(*start), (1, length), strict=True)],
    )


@pytest.mark.parametrize(("a", "b", "sign", "length"), [(2, 0.5, -1, 2), (0.25, 1.5, -1, 1)])
def test_the_coefficients_end_where_the_flow_in_many_digits_does(a, b, sign, length):
    ends = coefficient_flow_limit(*(torch.tensor([v], dtype=torch.float64) for v in (a, b, sign)), length)
    expected = reference.scalar_flow(a, b * sign * length, length, 8)
    close(torch.cat(ends), [expected[0], expected[1] * sign / length])


@pytest.mark.parametrize("kappa", [1e-3, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("b", [0.0, 0.5])
def test_the_coefficients_are_the_printed_ones_without_cancellation(kappa, b):
    import mpmath

    a = kappa + b
    for sign in (1, -1):
        ends = coefficient_flow_limit(*(torch.tensor([v], dtype=torch.float64) for v in (a, b, sign)))
        with mpmath.workdps(60):
            printed = reference.printed_maps(mpmath.mpf(a), mpmath.mpf(b), sign)
        close(torch.cat(ends), [float(v) for v in printed], 1e-13)


def test_between_the_two_sides_the_sign_decides():
    a, b, sign = (torch.tensor(v, dtype=torch.float64) for v in ([1, 1, 0, -2], [1, 1, 0, 2], [1, -1, 1, -1]))
    ends = coefficient_flow_limit(a, b, sign)
    assert torch.stack(ends).tolist() == [[1, 0, 0, -1], [1, 0, 0, 1]]


def test_a_flow_that_does_not_settle_is_reported_with_its_instances():
    # With nothing to learn, equal layers fade like one over the root of time.
    one = torch.ones(2, 1, 1, dtype=torch.float64)
    with pytest.raises(RuntimeError, match=r"A of shape \(2, 1, 1\) has not settled for instances \[1\]"):
        population_flow(one, one, torch.tensor([[[1.0]], [[0.0]]], dtype=torch.float64))


def test_misfits_are_named():
    A, W, targets = drawn((2, 2, 3, 1))
    one = torch.ones(2, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"W has shape \(2, 1, 1\)"):
        population_loss(A, W[:, :1], targets, one)
    with pytest.raises(ValueError, match=r"step of shape \(2,\) must be positive"):
        population_descent(A, W, targets, step=-one, steps=1)
    with pytest.raises(ValueError, match=r"A of shape .* holds exact numbers"):
        population_flow(*map(to_exact, (A, W, targets)))
    with pytest.raises(ValueError, match=r"A of shape .* holds floats"):
        population_flow_in_digits(A, W, targets)
    with pytest.raises(ValueError, match=r"length of shape \(1,\) must be positive"):
        coefficient_flow_limit(one, one, one, 0)
