"""Stochastic descent directions of MAML, FO-MAML and HF-MAML, and the stochastic step size.

Fallah, Mokhtari, Ozdaglar 2020, Algorithms 1 to 3 and equations (4), (5), (7) to (11), (16), (17). A direction is given task by
task, ``(batch, tasks, d)``; the methods step along its mean over a batch of tasks, :func:`mean_direction`. Batches of data enter
as the shares of the data points in them, ``(batch, tasks, points)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from exactarray import eye, namespace, norm
from exactarray.arrays import Array
from impl.checks import Shapes
from impl.expectations import batch_law
from impl.noisy_tasks import DataBatches, NoisyTasks, enumerate_batches


class StochasticTasks(Protocol):
    """Task sets whose gradients and Hessians are means over a batch of data, such as :class:`impl.noisy_tasks.NoisyTasks`."""

    @property
    def weights(self) -> Array:
        """Task probabilities ``(batch, tasks)``."""

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""

    def gradient(self, w: Array, shares: Array) -> Array:
        """``g~_i(w_i, D_i)``, ``(batch, tasks, d)`` at ``w: (batch, tasks, d)``."""

    def hessian_vector(self, w: Array, v: Array, shares: Array) -> Array:
        """``H~_i(w_i, D_i) v_i``, ``(batch, tasks, d)``."""


def stochastic_inner_step(tasks: StochasticTasks, w: Array, alpha: Array, inner: Array) -> Array:
    """Equation (4): ``w - alpha g~_i(w, D_in^i)``.

    Parameters
    ----------
    tasks:
        ``batch`` task sets.
    w:
        Common initial points ``(batch, d)``.
    alpha:
        Inner step sizes ``(batch,)``.
    inner:
        Shares of the data points in ``D_in``, ``(batch, tasks, points)``.

    Returns
    -------
    Adapted points ``(batch, tasks, d)``.

    Raises
    ------
    ValueError
        when an argument does not fit the task sets.
    """
    at = _at_every_task(tasks, w, alpha)
    return at - alpha[:, None, None] * tasks.gradient(at, inner)


def fo_maml_directions(tasks: StochasticTasks, w: Array, alpha: Array, *, inner: Array, outer: Array) -> Array:
    """Equation (8): ``g~_i(w - alpha g~_i(w, D_in), D_o)``, ``(batch, tasks, d)``; ``outer`` holds the shares of ``D_o``.

    Other arguments and errors as :func:`stochastic_inner_step`.
    """
    return tasks.gradient(stochastic_inner_step(tasks, w, alpha, inner), outer)


def maml_directions(
    tasks: StochasticTasks,
    w: Array,
    alpha: Array,
    *,
    inner: Array,
    outer: Array,
    hessian: Array,
    explicit_hessian: bool = False,
) -> Array:
    """Equation (5): ``(I - alpha H~_i(w, D_h)) g~_i(w - alpha g~_i(w, D_in), D_o)``, ``(batch, tasks, d)``.

    ``outer`` and ``hessian`` hold the shares of ``D_o`` and ``D_h``. With ``explicit_hessian`` the matrix is formed and then
    multiplied, as the method is described; otherwise only its product with the vector is.

    Other arguments and errors as :func:`stochastic_inner_step`.
    """
    v = fo_maml_directions(tasks, w, alpha, inner=inner, outer=outer)
    at = _at_every_task(tasks, w, alpha)
    if explicit_hessian:
        curved = (stochastic_hessian(tasks, at, hessian) @ v[..., None])[..., 0]
    else:
        curved = tasks.hessian_vector(at, v, hessian)
    return v - alpha[:, None, None] * curved


def hf_maml_directions(
    tasks: StochasticTasks,
    w: Array,
    alpha: Array,
    *,
    inner: Array,
    outer: Array,
    hessian: Array,
    delta: Callable[[Array], Array],
) -> Array:
    """Equations (10) and (11): ``v - alpha d`` with ``v = g~_i(w - alpha g~_i(w, D_in), D_o)``, ``(batch, tasks, d)``.

    ``d`` is the central difference (11) of gradients on ``D_h`` along ``v``. ``delta`` gives its length ``(batch, tasks)`` from
    ``v``, such as :func:`printed_delta`. Other arguments and errors as :func:`maml_directions`.
    """
    v = fo_maml_directions(tasks, w, alpha, inner=inner, outer=outer)
    at = _at_every_task(tasks, w, alpha)
    return v - alpha[:, None, None] * central_difference(lambda x: tasks.gradient(x, hessian), at, v, delta(v))


def central_difference(gradient: Callable[[Array], Array], w: Array, v: Array, delta: Array) -> Array:
    """Equation (9): ``(gradient(w + delta v) - gradient(w - delta v)) / (2 delta)``, shaped as ``w`` and ``v: (..., d)``.

    ``delta: (...)`` is positive. Raises ValueError when the shapes disagree.
    """
    shapes = Shapes()
    shapes("w", w, " ".join(f"axis{k}" for k in range(w.ndim)))
    shapes("v", v, " ".join(f"axis{k}" for k in range(w.ndim)))
    shapes("delta", delta, " ".join(f"axis{k}" for k in range(w.ndim - 1)))
    step = delta[..., None]
    return (gradient(w + step * v) - gradient(w - step * v)) / (2 * step)


def printed_delta(rho: Array, alpha: Array, v: Array) -> Array:
    """Theorem 4.17: ``delta = 1 / (6 rho alpha ||v||)``, ``(batch, tasks)``.

    Where ``rho``, ``alpha`` or ``v`` is zero the printed quotient is undefined; the difference quotient is then exact or
    multiplied by zero for every length, and the length is set to one.

    Parameters
    ----------
    rho, alpha:
        ``(batch,)``, not negative.
    v:
        ``(batch, tasks, d)``.

    Raises
    ------
    ValueError
        when the shapes disagree.
    """
    shapes = Shapes()
    shapes("v", v, "batch tasks d")
    shapes("rho", rho, "batch")
    shapes("alpha", alpha, "batch")
    inverse, xp = 6 * (rho * alpha)[:, None] * norm(v), namespace(v)
    one = xp.ones_like(inverse)
    return 1 / xp.where(inverse == 0, one, inverse)


def stochastic_hessian(tasks: StochasticTasks, w: Array, shares: Array) -> Array:
    """The matrices ``H~_i(w_i, D_i)``, ``(batch, tasks, d, d)`` at ``w: (batch, tasks, d)``, column by column."""
    xp, basis = namespace(w), eye(tasks.dimension, w)
    columns = [tasks.hessian_vector(w, xp.broadcast_to(e, tuple(w.shape)), shares) for e in basis]
    return xp.stack(columns, axis=-1)


def mean_direction(directions: Array, task_shares: Array) -> Array:
    """Mean over a batch of tasks, ``(batch, d)``, from directions ``(batch, tasks, d)`` and task shares ``(batch, tasks)``.

    The share of a task is how often it was drawn, divided by B; with the task probabilities as shares this is the expected
    direction. A task drawn twice with different data is entered twice. Raises ValueError when the shapes disagree.
    """
    shapes = Shapes()
    shapes("directions", directions, "batch tasks d")
    shapes("task_shares", task_shares, "batch tasks")
    return namespace(directions).sum(task_shares[..., None] * directions, axis=1)


def estimated_smoothness(gradient_norms: Array, shares: Array, *, L: Array, rho: Array, alpha: Array) -> Array:
    """Equation (16): ``L~(w) = 4 L + 2 rho alpha sum_j ||g~_j(w, D_j)|| / B'``, ``(batch, outcomes)``.

    The step size (17) is its inverse.

    Parameters
    ----------
    gradient_norms:
        Norms of stochastic gradients that can be drawn, ``(batch, draws)``: one for each task and batch of data.
    shares:
        How often each is among the ``B'`` drawn ones, divided by ``B'``, ``(outcomes, draws)``.
    L, rho, alpha:
        ``(batch,)``.

    Raises
    ------
    ValueError
        when the shapes disagree.
    """
    shapes = Shapes()
    shapes("gradient_norms", gradient_norms, "batch draws", least=1)
    shapes("shares", shares, "outcomes draws")
    for name, constant in (("L", L), ("rho", rho), ("alpha", alpha)):
        shapes(name, constant, "batch")
    return 4 * L[:, None] + 2 * (rho * alpha)[:, None] * (gradient_norms @ shares.mT)


def step_size_moments(
    tasks: NoisyTasks, w: Array, *, L: Array, rho: Array, alpha: Array, batch_size: int, data_size: int
) -> tuple[Array, Array]:
    """``E beta~(w)`` and ``E beta~(w)^2`` of the step size (17), ``(batch,)`` each, exactly.

    Parameters
    ----------
    tasks, w:
        Task sets and points ``(batch, d)``.
    L, rho, alpha:
        ``(batch,)``.
    batch_size, data_size:
        ``B'`` and ``D_beta``, at least 1. Batches of (task, data) pairs are enumerated, so both must be small.

    Raises
    ------
    ValueError
        when an argument does not fit.
    """
    data, xp = enumerate_batches(tasks, data_size), namespace(w)
    at = _at_every_task(data.tasks, data.repeat(w), data.repeat(alpha))
    norms = data.by_outcome(norm(data.tasks.gradient(at, data.shares[0]))).reshape(w.shape[0], -1)
    chances = (tasks.weights[:, None, :] * data.probabilities.mT).reshape(w.shape[0], -1)
    shares, probabilities = batch_law(chances, batch_size)
    step = 1 / estimated_smoothness(norms, shares, L=L, rho=rho, alpha=alpha)
    return xp.sum(probabilities * step, axis=-1), xp.sum(probabilities * step**2, axis=-1)


def adapted_objective(tasks: NoisyTasks, w: Array, alpha: Array, data_size: int) -> Array:
    """Equation (3): ``F^(w) = E_i E_D f_i(w - alpha g~_i(w, D))`` over batches ``D`` of ``data_size`` points, ``(batch,)``.

    Every batch of data is enumerated. Arguments and errors as :func:`stochastic_inner_step`; ``data_size`` is positive.
    """
    data, _, adapted = _adapted_to_every_batch(tasks, w, alpha, data_size)
    return namespace(w).sum(tasks.weights * data.mean(data.tasks.tasks.value(adapted)), axis=-1)


def adapted_gradient(tasks: NoisyTasks, w: Array, alpha: Array, data_size: int) -> Array:
    """``grad F^(w) = E_i E_D (I - alpha H~_i(w, D)) grad f_i(w - alpha g~_i(w, D))``, ``(batch, d)``.

    The same batch ``D`` is in both factors. Arguments and errors as :func:`adapted_objective`.
    """
    data, at, adapted = _adapted_to_every_batch(tasks, w, alpha, data_size)
    v = data.tasks.tasks.gradient(adapted)
    curved = data.tasks.hessian_vector(at, v, data.shares[0])
    return mean_direction(data.mean(v - data.repeat(alpha)[:, None, None] * curved), tasks.weights)


def _adapted_to_every_batch(tasks: NoisyTasks, w: Array, alpha: Array, size: int) -> tuple[DataBatches, Array, Array]:
    data = enumerate_batches(tasks, size)
    start, step = data.repeat(w), data.repeat(alpha)
    at = _at_every_task(data.tasks, start, step)
    return data, at, stochastic_inner_step(data.tasks, start, step, data.shares[0])


def _at_every_task(tasks: StochasticTasks, w: Array, alpha: Array) -> Array:
    batch, count = tasks.weights.shape
    shapes = Shapes()
    shapes("w", w, f"{batch} {tasks.dimension}")
    shapes("alpha", alpha, f"{batch}")
    return namespace(w).broadcast_to(w[:, None, :], (batch, count, tasks.dimension))
