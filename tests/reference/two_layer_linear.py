"""Two-layer linear networks the slow way: enumerated inputs, automatic differentiation, mpmath in 60 digits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import mpmath
import torch
from torch import Tensor

NODES = ((0, Fraction(2, 3)), (1, Fraction(1, 6)), (-1, Fraction(1, 6)))
"""In units of sqrt(3): the Gauss-Hermite rule that is exact to degree five."""


def expected_loss(A: Tensor, W: Tensor, targets: Tensor, sigma: float) -> float:
    """Mean over tasks of ``E (w^T A x - y)^2`` by enumerating inputs and noise of either sign."""
    d, tasks = targets.shape
    total = 0.0
    for i in range(tasks):
        for choice in product(NODES, repeat=d):
            x = torch.tensor([float(node) for node, _ in choice], dtype=torch.float64) * 3**0.5
            weight = float(torch.tensor([float(p) for _, p in choice], dtype=torch.float64).prod())
            for noise in (sigma, -sigma):
                total += weight / 2 * float(W[:, i] @ A @ x - targets[:, i] @ x - noise) ** 2
    return total / tasks


def objective(A: Tensor, W: Tensor, targets: Tensor) -> Tensor:
    """The mean of ``||A^T w_i - v_i||^2``, task by task."""
    losses = [((A.T @ W[:, i] - targets[:, i]) ** 2).sum() for i in range(targets.shape[1])]
    return sum(losses) / len(losses)


def descent(A: Tensor, W: Tensor, targets: Tensor, step: float, steps: int) -> tuple[Tensor, Tensor]:
    """Gradient descent by automatic differentiation."""
    for _ in range(steps):
        A, W = A.detach().requires_grad_(), W.detach().requires_grad_()
        slopes = torch.autograd.grad(objective(A, W, targets), (A, W))
        A, W = A - step * slopes[0], W - step * slopes[1]
    return A.detach(), W.detach()


def scalar_flow(a: float, c: float, product: float, time: float) -> tuple[float, float]:
    """``a' = -2 c (a c - product)``, ``c' = -2 a (a c - product)`` at a late time, by mpmath's Taylor method in 20 digits."""
    with mpmath.workdps(20):
        target = mpmath.mpf(product)
        solution = mpmath.odefun(
            lambda _, z: [-2 * z[1] * (z[0] * z[1] - target), -2 * z[0] * (z[0] * z[1] - target)],
            0,
            [mpmath.mpf(a), mpmath.mpf(c)],
        )
        end = solution(time)
        return float(end[0]), float(end[1])


def printed_maps(a: mpmath.mpf, b: mpmath.mpf, sign: int) -> tuple[mpmath.mpf, mpmath.mpf]:
    """``f`` and ``g`` as Step 2 of Section 6.1 prints them, in mpmath's working precision."""
    kept = a**2 - b**2
    root = mpmath.sqrt(4 + kept**2)
    return mpmath.sqrt((kept + root) / 2), sign * mpmath.sqrt((-kept + root) / 2)


def printed_reptile(a: float, b: float, signs: Sequence[int], tau: float) -> tuple[float, float]:
    """Equation (10) in 60 digits."""
    with mpmath.workdps(60):
        x, y, rate = mpmath.mpf(a), mpmath.mpf(b), mpmath.mpf(tau)
        for sign in signs:
            f, g = printed_maps(x, y, sign)
            x, y = x + rate * (f - x), y + rate * (g - y)
        return float(x), float(y)


def gains_by_bisection(kappa: float, singular_value: float) -> float:
    """The ``a >= kappa`` with ``a sqrt(a^2 - kappa^2) = s``, by bisection in 60 digits."""
    with mpmath.workdps(60):
        low, high = mpmath.mpf(kappa), mpmath.mpf(kappa) + mpmath.sqrt(mpmath.mpf(singular_value)) + 1
        for _ in range(220):
            middle = (low + high) / 2
            if middle * mpmath.sqrt(max(middle**2 - mpmath.mpf(kappa) ** 2, 0)) < singular_value:
                low = middle
            else:
                high = middle
        return float(low)
