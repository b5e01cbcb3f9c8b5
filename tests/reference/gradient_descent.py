"""Slow, obvious references for least squares: one instance, loops, automatic differentiation, matrix exponentials."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import scipy.linalg
import torch


def descent_by_autograd(X: torch.Tensor, y: torch.Tensor, start: torch.Tensor, step: float, steps: int) -> torch.Tensor:
    """Gradient descent on the mean squared residual of one data set ``X: (n, d)``, ``y: (n,)``."""
    w = start.clone()
    for _ in range(steps):
        w = w.detach().requires_grad_(True)
        loss = sum((X[i] @ w - y[i]) ** 2 for i in range(len(y))) / len(y)
        (gradient,) = torch.autograd.grad(loss, w)
        w = w - step * gradient
    return w.detach()


def flow_by_exponential(X: np.ndarray, y: np.ndarray, start: np.ndarray, penalty: float, time: float) -> np.ndarray:
    """The linear flow ``w' = -(2/n) X^T (X w - y) - penalty w`` at a given time, by one augmented matrix exponential."""
    n, d = X.shape
    generator = np.zeros((d + 1, d + 1))
    generator[:d, :d] = -2 / n * X.T @ X - penalty * np.eye(d)
    generator[:d, d] = 2 / n * X.T @ y
    return (scipy.linalg.expm(time * generator) @ np.append(start, 1.0))[:d]


def scalar_descent(x: list[int], y: list[int], start: Fraction, step: Fraction, steps: int) -> Fraction:
    """Gradient descent for ``d = 1`` in fractions."""
    w = start
    for _ in range(steps):
        w -= step * Fraction(2, len(x)) * sum(a * (a * w - b) for a, b in zip(x, y, strict=True))
    return w


def enumerated_excess_risk(
    learner: object, X: np.ndarray, regressor: np.ndarray, sigma: float, noise: list[tuple[float, float]]
) -> float:
    """``E ||learner(X, y) - s w_*||^2`` over both signs and every outcome of independent noise ``[(value, probability)]``."""
    total = 0.0
    for sign in (1.0, -1.0):
        for outcome in itertools.product(noise, repeat=len(X)):
            xi = sigma * np.array([value for value, _ in outcome])
            probability = float(np.prod([p for _, p in outcome])) / 2
            w = learner(X, X @ (sign * regressor) + xi)  # type: ignore[operator]
            total += probability * float(np.sum((w - sign * regressor) ** 2))
    return total
