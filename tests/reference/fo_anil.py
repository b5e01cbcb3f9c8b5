"""First-order ANIL by loops over tasks with differentiated losses, and its expectation by enumeration and by pairings."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod, sqrt

import torch
from torch import Tensor

NODES = ((-sqrt(3.0), 1 / 6), (0.0, 2 / 3), (sqrt(3.0), 1 / 6))
"""Gauss-Hermite nodes and weights of a standard Gaussian, exact for polynomials of degree five."""
SIGNS = ((-1.0, 0.5), (1.0, 0.5))
"""Mean zero, variance one, third moment zero: exact for polynomials of degree three."""


def loss(B: Tensor, w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """The empirical loss of one task: ``||y - X B w||^2 / (2 n)``."""
    residual = y - X @ B @ w
    return residual @ residual / (2 * len(y))


def adapted(B: Tensor, w: Tensor, X: Tensor, y: Tensor, alpha: float) -> Tensor:
    """The inner step (2) on one task, by differentiating the loss in w."""
    w = w.detach().requires_grad_()
    (slope,) = torch.autograd.grad(loss(B, w, X, y), w)
    return (w - alpha * slope).detach()


def step(
    B: Tensor, w: Tensor, inner: list, outer: list, *, alpha: float, beta: float, weights: list[float]
) -> tuple[Tensor, Tensor]:
    """The outer step (3) with the Jacobian of the inner step replaced by the identity."""
    slope_B, slope_w = torch.zeros_like(B), torch.zeros_like(w)
    for (X_in, y_in), (X_out, y_out), weight in zip(inner, outer, weights, strict=True):
        moving_B = B.detach().requires_grad_()
        head = adapted(B, w, X_in, y_in, alpha).requires_grad_()
        by_B, by_head = torch.autograd.grad(loss(moving_B, head, X_out, y_out), (moving_B, head))
        slope_B, slope_w = slope_B + weight * by_B, slope_w + weight * by_head
    return B - beta * slope_B, w - beta * slope_w


def _grid(points: tuple, *shape: int) -> Iterator[tuple[Tensor, float]]:
    for choice in product(points, repeat=prod(shape)):
        values = torch.tensor([v for v, _ in choice], dtype=torch.float64)
        yield values.reshape(shape), prod(p for _, p in choice)


def quadrature(basis: Tensor, root: Tensor, noise: float, m_in: int, m_out: int) -> tuple[Tensor, ...]:
    """Tasks and weights whose average is the expectation of one step of first-order ANIL.

    The adapted head is quadratic in the inner inputs, so that its second moment has degree four in each of them; everything
    else enters at most squared. ``root @ root.T`` is the covariance of the task heads. Returns ``X_in, y_in, X_out, y_out``
    with a leading task axis, and the weights.
    """
    d, k = basis.shape
    rows = []
    for X_in, p in _grid(NODES, m_in, d):
        for X_out, q in _grid(SIGNS, m_out, d):
            for head, r in _grid(SIGNS, k):
                for noises, s in _grid(SIGNS, m_in + m_out):
                    theta, z = basis @ root @ head, sqrt(noise) * noises
                    rows.append(
                        (
                            X_in,
                            X_in @ theta + z[:m_in],
                            X_out,
                            X_out @ theta + z[m_in:],
                            torch.tensor(p * q * r * s, dtype=torch.float64),
                        )
                    )
    return tuple(torch.stack(column) for column in zip(*rows, strict=True))


def expected_sandwich(A: list[list[Fraction]], m: int) -> list[list[Fraction]]:
    """``E[S A S]`` for ``S = X^T X / m`` with ``m`` standard Gaussian rows, by Isserlis' pairings of four factors."""
    d = len(A)

    def four(a: int, b: int, c: int, e: int) -> int:
        return (a == b) * (c == e) + (a == c) * (b == e) + (a == e) * (b == c)

    total = [[Fraction(0)] * d for _ in range(d)]
    for row, other in product(range(m), repeat=2):
        for a, b, c, e in product(range(d), repeat=4):
            moment = four(a, c, e, b) if row == other else (a == c) * (e == b)
            total[a][b] += Fraction(moment, m * m) * A[c][e]
    return total
