"""Regression tasks for two-layer linear networks the slow way: one instance, loops over tasks, gradients by autograd."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

Samples = Sequence[tuple[Tensor, Tensor]]
"""Inputs ``(n, d)`` and labels ``(n,)`` of every task."""


def loss(B: Tensor, w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Mean over the samples of half the squared residual."""
    return sum((x @ (B @ w) - label) ** 2 / 2 for x, label in zip(X, y, strict=True)) / len(y)


def expected_loss(B: Tensor, w: Tensor, theta: Tensor) -> Tensor:
    """Half the squared distance of the parameters: the loss on infinitely many samples, up to a constant."""
    return ((B @ w - theta) ** 2).sum() / 2


def infinite_sample_step(
    B: Tensor, w: Tensor, theta: Tensor, alpha: float, beta: float, outer: Samples | None
) -> tuple[Tensor, Tensor]:
    """First-order ANIL with inner steps on expected losses."""
    slopes_B, slopes_w = [], []
    for i in range(len(theta)):
        head = w.clone().requires_grad_()
        (slope,) = torch.autograd.grad(expected_loss(B, head, theta[i]), head)
        layer, head = B.clone().requires_grad_(), (w - alpha * slope).requires_grad_()
        outer_loss = expected_loss(layer, head, theta[i]) if outer is None else loss(layer, head, *outer[i])
        both = torch.autograd.grad(outer_loss, (layer, head))
        slopes_B.append(both[0])
        slopes_w.append(both[1])
    return B - beta * sum(slopes_B) / len(theta), w - beta * sum(slopes_w) / len(theta)


def meta_gradient(
    B: Tensor, w: Tensor, inner: Samples, outer: Samples, alpha: float, steps: int, *, both_layers: bool, first_order: bool
) -> tuple[Tensor, Tensor]:
    """Mean over the tasks of the gradient of the outer loss through ``steps`` inner steps on the head or on both layers."""
    total = [torch.zeros_like(B), torch.zeros_like(w)]
    for (X_in, y_in), (X_out, y_out) in zip(inner, outer, strict=True):
        start = B.clone().requires_grad_(), w.clone().requires_grad_()
        layer, head = start
        for _ in range(steps):
            moving = (layer, head) if both_layers else (head,)
            slopes = torch.autograd.grad(loss(layer, head, X_in, y_in), moving, create_graph=not first_order)
            if both_layers:
                layer = layer - alpha * slopes[0]
            head = head - alpha * slopes[-1]
            if first_order:
                layer, head = (part.detach().requires_grad_() for part in (layer, head))
        at = (layer, head) if first_order else start
        slopes = torch.autograd.grad(loss(layer, head, X_out, y_out), at)
        total = [sum_ + slope / len(inner) for sum_, slope in zip(total, slopes, strict=True)]
    return total[0], total[1]


def meta_objective(
    B: Tensor, w: Tensor, inner: Samples, outer: Samples, alpha: float, steps: int, *, both_layers: bool
) -> float:
    """Mean over the tasks of the outer loss after the inner steps."""
    total = 0.0
    for (X_in, y_in), (X_out, y_out) in zip(inner, outer, strict=True):
        layer, head = B, w
        for _ in range(steps):
            layer, head = layer.detach().requires_grad_(), head.detach().requires_grad_()
            slopes = torch.autograd.grad(loss(layer, head, X_in, y_in), (layer, head))
            layer, head = layer - alpha * slopes[0] if both_layers else layer, head - alpha * slopes[1]
        total += float(loss(layer, head, X_out, y_out).detach()) / len(inner)
    return total


def burer_monteiro(B: Tensor, W: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Equation (12), task by task."""
    return sum(((X[i] @ B @ W[i] - y[i]) ** 2).sum() / (2 * y.shape[1]) for i in range(len(y))) / (2 * len(y))


def ridge(X: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """Least squares with the penalty as further samples, by a singular value decomposition."""
    n, d = X.shape
    rows = np.concatenate([X / np.sqrt(n), np.sqrt(penalty) * np.eye(d)])
    return np.linalg.lstsq(rows, np.concatenate([y / np.sqrt(n), np.zeros(d)]), rcond=None)[0]


def scalar_ridge(x: list[int], y: list[int], penalty: Fraction) -> Fraction:
    """The minimiser of ``sum (x w - y)^2 / (2n) + penalty w^2 / 2`` for ``d = 1`` in fractions."""
    n = len(x)
    return Fraction(sum(a * b for a, b in zip(x, y, strict=True)), n) / (Fraction(sum(a * a for a in x), n) + penalty)
