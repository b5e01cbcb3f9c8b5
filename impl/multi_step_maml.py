"""MAML with any number of inner steps, and its first-order approximation.

The objective ``E_i f_i(w_N)`` with ``w_{k+1} = w_k - alpha grad f_i(w_k)`` from the common ``w_0 = w`` (Finn, Abbeel, Levine
2017; Fallah, Mokhtari, Ozdaglar 2020, Section 2; Ji et al. 2020, Section 3.3, where MAML is ANIL without common parameters).
One step is :mod:`impl.maml`. Hessians enter by products with vectors alone.
"""

from __future__ import annotations

from exactarray import namespace
from exactarray.arrays import Array
from impl.checks import Shapes, count, nonnegative
from impl.maml import Tasks


def inner_loop(tasks: Tasks, w: Array, alpha: Array, steps: int) -> list[Array]:
    """Iterates ``w_0, ..., w_N`` of every task, each ``(batch, tasks, d)``.

    Parameters
    ----------
    tasks:
        ``batch`` task sets.
    w:
        Common initial points ``(batch, d)``.
    alpha:
        Inner step sizes ``(batch,)``, not negative.
    steps:
        The number ``N`` of inner steps; zero leaves the start.

    Raises
    ------
    ValueError
        when ``w`` or ``alpha`` does not fit the task sets, a step size is negative, or ``steps`` is.
    """
    shapes = Shapes(d=tasks.dimension)
    shapes("weights", tasks.weights, "batch tasks")
    shapes("w", w, "batch d")
    shapes("alpha", alpha, "batch")
    nonnegative("alpha", alpha)
    count("steps", steps)
    iterates = [namespace(w).broadcast_to(w[:, None, :], (*tasks.weights.shape, tasks.dimension))]
    for _ in range(steps):
        iterates.append(iterates[-1] - alpha[:, None, None] * tasks.gradient(iterates[-1]))
    return iterates


def meta_objective(tasks: Tasks, w: Array, alpha: Array, steps: int) -> Array:
    """``E_i f_i(w_N)``, ``(batch,)``; arguments and errors as in :func:`inner_loop`."""
    return namespace(w).sum(tasks.weights * tasks.value(inner_loop(tasks, w, alpha, steps)[-1]), axis=-1)


def meta_gradient(tasks: Tasks, w: Array, alpha: Array, steps: int, *, first_order: bool = False) -> Array:
    """``E_i prod_k (I - alpha grad^2 f_i(w_k)) grad f_i(w_N)``, ``(batch, d)``: the gradient of :func:`meta_objective`.

    With ``first_order`` the product counts as the identity, which is FO-MAML. Arguments and errors as in
    :func:`inner_loop`.
    """
    *visited, adapted = inner_loop(tasks, w, alpha, steps)
    direction = tasks.gradient(adapted)
    for at in [] if first_order else reversed(visited):
        direction = direction - alpha[:, None, None] * tasks.hessian_vector(at, direction)
    return namespace(w).sum(tasks.weights[..., None] * direction, axis=-2)
