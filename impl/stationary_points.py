"""Stationary points of the average loss before and after one full gradient step on every task.

Collins, Mokhtari, Shakkottai 2022, Section 4 and Appendix B: a stationary point of ``F(w) = E_i f_i(w - alpha
grad f_i(w))``, and with ``alpha = 0`` one of the loss without adaptation.
"""

from __future__ import annotations

import torch

from exactarray import eye, is_exact, maximum, namespace, norm, solve, zeros
from exactarray.arrays import Array
from impl.maml import Tasks, inner_step, meta_gradient

STEP_OF_DIFFERENCES = 2**13


def hessians(tasks: Tasks, w: Array) -> Array:
    """Hessians of all tasks at points ``w: (batch, tasks, d)``, as ``(batch, tasks, d, d)``."""
    xp, basis = namespace(w), eye(tasks.dimension, w)
    return xp.stack([tasks.hessian_vector(w, 0 * w + basis[k]) for k in range(tasks.dimension)], axis=-1)


def meta_hessian(tasks: Tasks, w: Array, alpha: Array) -> Array:
    """Hessian of the objective after one step at ``w: (batch, d)``, ``(batch, d, d)``.

    What it holds of third derivatives is a central difference of Hessians (zero for quadratic tasks).

    Raises
    ------
    ValueError
        when ``w`` or ``alpha: (batch,)`` does not fit the task sets.
    """
    xp, d = namespace(w), tasks.dimension
    adapted = inner_step(tasks, w, alpha)
    at, step = xp.broadcast_to(w[:, None, :], tuple(adapted.shape)), alpha[:, None, None, None]
    kept = eye(d, w) - step * hessians(tasks, at)
    slopes, bend = tasks.gradient(adapted), eye(d, w) / STEP_OF_DIFFERENCES
    third = [
        (tasks.hessian_vector(at + bend[k], slopes) - tasks.hessian_vector(at - bend[k], slopes)) * STEP_OF_DIFFERENCES / 2
        for k in range(d)
    ]
    per_task = kept @ hessians(tasks, adapted) @ kept - step * xp.stack(third, axis=-1)
    return xp.sum(tasks.weights[..., None, None] * per_task, axis=1)


def stationary_point_of_quadratics(tasks: Tasks, alpha: Array) -> Array:
    """The stationary point ``(batch, d)`` of the objective after one step when every ``f_i`` is quadratic: one linear system.

    Raises
    ------
    ValueError
        when ``alpha: (batch,)`` does not fit the task sets.
    """
    xp, d = namespace(alpha), tasks.dimension
    origin = zeros((*tasks.weights.shape, d), alpha)
    curvature = hessians(tasks, origin)
    kept = eye(d, alpha) - alpha[:, None, None, None] * curvature
    system = xp.sum(tasks.weights[..., None, None] * (kept @ curvature @ kept), axis=1)
    return -solve(system, meta_gradient(tasks, origin[:, 0], alpha)[..., None])[..., 0]


def stationary_point(tasks: Tasks, start: Array, alpha: Array | None, steps: int, reach: float | None = None) -> Array:
    """Newton's method on the meta-gradient, ``(batch, d)``; one step does for quadratic tasks.

    A float instance whose system is singular stays where it is, lest it stop the whole batch: look at the meta-gradient.

    Parameters
    ----------
    tasks:
        ``batch`` task sets.
    start:
        Where the search begins, ``(batch, d)``.
    alpha:
        Inner step sizes ``(batch,)``; None for the loss without adaptation, as zeros, with fewer evaluations.
    steps:
        Newton steps.
    reach:
        No single step is longer than this, if given.

    Raises
    ------
    ValueError
        when ``start`` or ``alpha`` does not fit the task sets, or ``steps`` is not positive.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; Newton's method needs at least one")
    w = start
    for _ in range(steps):
        system = (
            _without_adaptation(tasks, w) if alpha is None else (meta_hessian(tasks, w, alpha), meta_gradient(tasks, w, alpha))
        )
        move = _newton_step(*system)
        if reach is not None:
            move = move * (reach / maximum(norm(move), reach))[..., None]
        w = w - move
    return w


def _without_adaptation(tasks: Tasks, w: Array) -> tuple[Array, Array]:
    # Hessian and gradient of the average loss.
    xp = namespace(w)
    at = xp.broadcast_to(w[:, None, :], (*tasks.weights.shape, tasks.dimension))
    weights = tasks.weights[..., None]
    return xp.sum(weights[..., None] * hessians(tasks, at), axis=1), xp.sum(weights * tasks.gradient(at), axis=1)


def _newton_step(hessian: Array, gradient: Array) -> Array:
    if is_exact(hessian):
        return solve(hessian, gradient[..., None])[..., 0]
    move, info = torch.linalg.solve_ex(hessian, gradient[..., None])
    usable = (info == 0) & move[..., 0].isfinite().all(dim=-1)
    return torch.where(usable[:, None], move[..., 0], torch.zeros_like(gradient))
