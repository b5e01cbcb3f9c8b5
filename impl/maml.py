"""The meta-objective of model-agnostic meta-learning (MAML) with one inner step, and its exact gradient.

Fallah, Mokhtari, Ozdaglar 2020, equations (2), (4) and (6): ``F(w) = E_i f_i(w - alpha grad f_i(w))``.

The text runs on float64 tensors and on exact numbers; the meta-gradient is written out, without automatic differentiation.
"""

from __future__ import annotations

from typing import Protocol

from exactarray import namespace, norm
from exactarray.arrays import Array
from impl.checks import Shapes, nonnegative


class Tasks(Protocol):
    """A batch of task sets: task ``i`` has probability ``weights[:, i]`` and loss ``f_i``, and is given its own point."""

    @property
    def weights(self) -> Array:
        """Task probabilities ``(batch, tasks)``, non-negative, with sum 1."""

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""

    def value(self, w: Array) -> Array:
        """``f_i(w_i)`` of shape ``(batch, tasks)`` at ``w: (batch, tasks, d)``."""

    def gradient(self, w: Array) -> Array:
        """``grad f_i(w_i)`` of shape ``(batch, tasks, d)`` at ``w: (batch, tasks, d)``."""

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """``grad^2 f_i(w_i) v_i`` of shape ``(batch, tasks, d)`` at ``w`` and ``v: (batch, tasks, d)``."""


def inner_step(tasks: Tasks, w: Array, alpha: Array) -> Array:
    """One gradient step on every task from a common point, equation (4) without noise: ``w - alpha grad f_i(w)``.

    Parameters
    ----------
    tasks:
        ``batch`` task sets.
    w:
        Common initial points ``(batch, d)``.
    alpha:
        Inner step sizes ``(batch,)``.

    Returns
    -------
    Adapted points ``(batch, tasks, d)``.

    Raises
    ------
    ValueError
        when ``w`` or ``alpha`` does not fit the task sets, or a step size is negative.
    """
    at = _at_every_task(tasks, w, alpha)
    return at - alpha[:, None, None] * tasks.gradient(at)


def meta_objective(tasks: Tasks, w: Array, alpha: Array) -> Array:
    """``F(w) = E_i f_i(w - alpha grad f_i(w))``, equation (2), as ``(batch,)``; arguments and errors as :func:`inner_step`."""
    return namespace(w).sum(tasks.weights * tasks.value(inner_step(tasks, w, alpha)), axis=-1)


def meta_gradient(tasks: Tasks, w: Array, alpha: Array) -> Array:
    """``grad F(w) = E_i (I - alpha grad^2 f_i(w)) grad f_i(w - alpha grad f_i(w))``, equation (6), as ``(batch, d)``.

    Arguments and errors as :func:`inner_step`.
    """
    at = _at_every_task(tasks, w, alpha)
    adapted = tasks.gradient(inner_step(tasks, w, alpha))
    per_task = adapted - alpha[:, None, None] * tasks.hessian_vector(at, adapted)
    return namespace(w).sum(tasks.weights[..., None] * per_task, axis=-2)


def expected_gradient_norm(tasks: Tasks, w: Array) -> Array:
    """``E_i ||grad f_i(w)||`` as ``(batch,)`` at ``w: (batch, d)``; raises ValueError when ``w`` does not fit the task sets."""
    gradient = tasks.gradient(_at_every_task(tasks, w))
    return namespace(w).sum(tasks.weights * norm(gradient), axis=-1)


def _at_every_task(tasks: Tasks, w: Array, alpha: Array | None = None) -> Array:
    shapes = Shapes(d=tasks.dimension)
    shapes("weights", tasks.weights, "batch tasks")
    shapes("w", w, "batch d")
    if alpha is not None:
        shapes("alpha", alpha, "batch")
        nonnegative("alpha", alpha)
    return namespace(w).broadcast_to(w[:, None, :], (*tasks.weights.shape, tasks.dimension))
