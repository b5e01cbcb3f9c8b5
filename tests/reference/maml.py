"""Slow and obvious: one instance at a time, loops over tasks and axes, gradients by automatic differentiation or quadrature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import torch

Loss = Callable[[torch.Tensor], torch.Tensor]


def objective(losses: Sequence[Loss], p: torch.Tensor, w: torch.Tensor, alpha: float) -> torch.Tensor:
    """``sum_i p_i f_i(w - alpha grad f_i(w))`` of one task set at ``w: (d,)``; differentiable in ``w``."""
    total = torch.zeros((), dtype=w.dtype)
    for loss, weight in zip(losses, p, strict=True):
        (gradient,) = torch.autograd.grad(loss(w), w, create_graph=True)
        total = total + weight * loss(w - alpha * gradient)
    return total


def objective_gradient(losses: Sequence[Loss], p: torch.Tensor, w: torch.Tensor, alpha: float) -> torch.Tensor:
    """The gradient of :func:`objective`, by differentiating it."""
    w = w.detach().clone().requires_grad_()
    return torch.autograd.grad(objective(losses, p, w, alpha), w)[0]


_RIDGES: dict[str, Loss] = {
    "sin": torch.sin,
    "log cosh": lambda t: torch.logaddexp(t, -t) - torch.log(torch.tensor(2.0, dtype=t.dtype)),
    "softplus": lambda t: torch.logaddexp(t, torch.zeros_like(t)),
}


def ridge_loss(model: Any, instance: int, task: int) -> Loss:
    """One loss of a :class:`impl.smooth_tasks.RidgeTasks`, ridge after ridge."""

    def loss(w: torch.Tensor) -> torch.Tensor:
        total = torch.zeros((), dtype=w.dtype)
        for j in range(w.shape[0]):
            t = torch.dot(model.axes[instance, task, :, j], w)
            at = (instance, task, j)
            total = total + model.slope[at] * t + model.curvature[at] * t**2 / 2
            total = total + model.amplitude[at] * _RIDGES[model.profile](model.frequency[at] * t + model.phase[at])
        return total

    return loss


Number = Any


def _second(knots: Sequence[Number], heights: Sequence[Number], x: Number) -> Number:
    if x <= knots[0]:
        return heights[0]
    for (left, right), (low, high) in zip(pairwise(knots), pairwise(heights), strict=True):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return heights[-1]


def _integral(f: Callable[[Number], Number], breaks: Sequence[Number], a: Number, b: Number) -> Number:
    """Simpson's rule between the breaks: exact for pieces of degree three or less."""
    sign = 1 if a <= b else -1
    a, b = min(a, b), max(a, b)
    points = [a, *sorted(k for k in breaks if a < k < b), b]
    return sign * sum((v - u) * (f(u) + 4 * f((u + v) / 2) + f(v)) / 6 for u, v in pairwise(points))


def spline(
    knots: Sequence[Fraction], heights: Sequence[Fraction], slope: Fraction, x: Fraction
) -> tuple[Fraction, Fraction, Fraction]:
    """Value, first and second derivative of the spline at ``x``, by integrating ``heights`` twice from the first knot."""

    def first(t: Fraction) -> Fraction:
        return slope + _integral(lambda s: _second(knots, heights, s), knots, knots[0], t)

    return _integral(first, knots, knots[0], x), first(x), _second(knots, heights, x)
