"""ANIL: meta-learning that adapts only part of the parameters in its inner loop.

Ji, Lee, Liang and Poor, NeurIPS 2020, Algorithm 1 (after Raghu et al., 2020). The parameters are split into
task-specific ``w``, which every task adapts by gradient descent from a common start, and common ``phi``, which all
tasks reuse.

Shapes throughout: the first axis is the batch of independent instances; ``w`` is ``(batch, n_w)``, ``phi`` is
``(batch, n_phi)``, and what belongs to a task carries a task axis after the batch, as in ``(batch, tasks, n_w)``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import factorial, prod
from typing import Any, Protocol

from exactarray import array_like, is_exact, namespace, to_exact
from impl.checks import Shapes, count, nonnegative

Array = Any


class TasksAtPhi(Protocol):
    """The losses of all tasks with the common parameters held fixed; ``w`` and ``v`` are ``(batch, tasks, n_w)``."""

    def inner_gradient(self, w: Array) -> Array:
        """``grad_w L_S(w, phi)``, ``(batch, tasks, n_w)``."""

    def inner_second_order(self, w: Array, v: Array) -> tuple[Array, Array]:
        """``grad_w^2 L_S v``, ``(batch, tasks, n_w)``, and ``grad_phi grad_w L_S v``, ``(batch, tasks, n_phi)``."""

    def outer_gradients(self, w: Array) -> tuple[Array, Array]:
        """``grad_w L_D``, ``(batch, tasks, n_w)``, and ``grad_phi L_D``, ``(batch, tasks, n_phi)``."""

    def outer_loss(self, w: Array) -> Array:
        """``L_D(w, phi)``, ``(batch, tasks)``."""


class PartialTasks(Protocol):
    """Tasks with a training loss ``L_S(w, phi)`` for the inner loop and a test loss ``L_D(w, phi)`` for the outer
    one.
    """

    @property
    def tasks(self) -> int:
        """Number of tasks."""

    def at(self, phi: Array) -> TasksAtPhi:
        """The tasks with the common parameters ``phi``, ``(batch, n_phi)``, held fixed."""


def inner_loop(tasks: PartialTasks, w: Array, phi: Array, alpha: Array, steps: int) -> list[Array]:
    """Iterates ``w_0, ..., w_N`` of gradient descent on every task, each ``(batch, tasks, n_w)`` (paper, eq. (2)).

    Raises ValueError when ``w``, ``phi`` or ``alpha`` lacks its shape, a rate is negative, or ``steps`` is.
    """
    _check(w, phi, alpha, steps)
    return _inner_loop(tasks.at(phi), _for_each_task(w, tasks.tasks), alpha[:, None, None], steps)


def meta_gradients(
    tasks: PartialTasks, w: Array, phi: Array, alpha: Array, steps: int, *, first_order: bool = False
) -> tuple[Array, Array]:
    """Both partial meta-gradients of every task, ``(batch, tasks, n_w)`` and ``(batch, tasks, n_phi)`` (Proposition 1).

    The products of Proposition 1 are applied to the test gradient from the right, so that only products of second
    derivatives with vectors are formed. With ``first_order`` the inner loop counts as a shift, whose derivatives are the
    identity, and no second derivative is evaluated. Raises ValueError as :func:`inner_loop`.
    """
    _check(w, phi, alpha, steps)
    at_phi, start, rate = tasks.at(phi), _for_each_task(w, tasks.tasks), alpha[:, None, None]
    if first_order:
        return at_phi.outer_gradients(_inner_loop(at_phi, start, rate, steps)[-1])
    return _meta_gradients(at_phi, start, rate, steps)[1:]


def meta_loss(tasks: PartialTasks, w: Array, phi: Array, alpha: Array, steps: int) -> Array:
    """``L_D(w_N, phi)`` of every task, ``(batch, tasks)``; its mean over tasks is ``L^meta`` (eq. (1))."""
    _check(w, phi, alpha, steps)
    at_phi = tasks.at(phi)
    return at_phi.outer_loss(_inner_loop(at_phi, _for_each_task(w, tasks.tasks), alpha[:, None, None], steps)[-1])


@dataclass(frozen=True)
class AnilRun:
    """A run of ANIL: iterates ``0 .. K-1`` at which a gradient was taken, and the point after the last step.

    Parameters
    ----------
    loss:
        ``L^meta(w_k, phi_k)``, ``(batch, K)``; None unless it was asked for.
    square_w, square_phi:
        ``||dL^meta/dw||^2`` and ``||dL^meta/dphi||^2`` of the whole task distribution at each iterate, ``(batch, K)``.
    w, phi:
        The point after K steps.
    """

    loss: Array | None
    square_w: Array
    square_phi: Array
    w: Array
    phi: Array


def anil(
    tasks: PartialTasks,
    w: Array,
    phi: Array,
    *,
    alpha: Array,
    inner_steps: int,
    beta_w: Array,
    beta_phi: Array,
    shares: Array,
    with_loss: bool = False,
) -> AnilRun:
    """Algorithm 1 on a finite set of equally likely tasks.

    Parameters
    ----------
    tasks:
        The tasks.
    w, phi:
        Starting point, ``(batch, n_w)`` and ``(batch, n_phi)``.
    alpha, beta_w, beta_phi:
        Inner and outer step sizes, each ``(batch,)``.
    inner_steps:
        The number N of inner steps.
    shares:
        ``(batch, K, tasks)``: the share of each task in the batch of each iteration, that is its count over B.
        Equal shares are the limit of large B.
    with_loss:
        Whether to record the meta-loss as well.

    Raises
    ------
    ValueError
        when an argument lacks the shape above, a step size is negative, or ``inner_steps`` is.
    """
    shapes = _check(w, phi, alpha, inner_steps, beta_w=beta_w, beta_phi=beta_phi)
    shapes("shares", shares, f"batch K {tasks.tasks}")
    xp = namespace(w)
    alpha, beta_w, beta_phi = alpha[:, None, None], beta_w[:, None], beta_phi[:, None]
    losses, squares_w, squares_phi = [], [], []
    for k in range(shares.shape[1]):
        at_phi = tasks.at(phi)
        adapted, g_w, g_phi = _meta_gradients(at_phi, _for_each_task(w, tasks.tasks), alpha, inner_steps)
        if with_loss:
            losses.append(xp.sum(at_phi.outer_loss(adapted), axis=1) / tasks.tasks)
        mean_w, mean_phi = xp.sum(g_w, axis=1) / tasks.tasks, xp.sum(g_phi, axis=1) / tasks.tasks
        squares_w.append(xp.sum(mean_w * mean_w, axis=1))
        squares_phi.append(xp.sum(mean_phi * mean_phi, axis=1))
        share = shares[:, k, :, None]
        w = w - beta_w * xp.sum(share * g_w, axis=1)
        phi = phi - beta_phi * xp.sum(share * g_phi, axis=1)
    return AnilRun(
        xp.stack(losses, axis=1) if with_loss else None,
        xp.stack(squares_w, axis=1),
        xp.stack(squares_phi, axis=1),
        w,
        phi,
    )


def batches(tasks: int, size: int | None) -> list[tuple[tuple[Fraction, ...], Fraction]]:
    """Every batch of ``size`` i.i.d. tasks, as the shares of the tasks in it, with its probability.

    None is the large-batch limit, with equal shares.

    Raises ValueError when there is no task or no place in the batch.
    """
    if tasks < 1 or (size is not None and size < 1):
        raise ValueError(f"a batch needs at least one task and one place, got tasks={tasks}, size={size}")
    if size is None:
        return [((Fraction(1, tasks),) * tasks, Fraction(1))]
    found = []
    for chosen in combinations_with_replacement(range(tasks), size):
        counts = Counter(chosen)
        ways = factorial(size) // prod(factorial(n) for n in counts.values())
        found.append((tuple(Fraction(counts[i], size) for i in range(tasks)), Fraction(ways, tasks**size)))
    return found


def expected_squares(
    tasks: Any,
    w: Array,
    phi: Array,
    *,
    alpha: Array,
    inner_steps: int,
    beta_w: Array,
    beta_phi: Array,
    batch_size: int | None,
    outer_steps: int,
) -> tuple[Array, Array]:
    """``E||dL^meta/dw||^2`` and ``E||dL^meta/dphi||^2`` at iterates ``0 .. K-1``, each ``(batch, K)``, exactly.

    The expectation runs over every sequence of task batches, so that the work grows like (number of batches)^(K-1): for
    small K only. Arguments as :func:`anil`; ``tasks`` must have ``repeat``; ``batch_size`` None is the large-batch
    limit. Raises ValueError as :func:`anil` and :func:`batches`.
    """
    _check(w, phi, alpha, inner_steps)
    branches = batches(tasks.tasks, batch_size)
    count, start, xp = len(branches), w.shape[0], namespace(w)
    share = _numbers([list(s) for s, _ in branches], w)[None, :, :, None]
    chance, weight = _numbers([p for _, p in branches], w), _numbers([1], w)
    squares_w: list[Array] = []
    squares_phi: list[Array] = []
    for k in range(outer_steps):
        g_w, g_phi = meta_gradients(tasks, w, phi, alpha, inner_steps)
        for squares, g in ((squares_w, g_w), (squares_phi, g_phi)):
            mean = xp.sum(g, axis=1) / tasks.tasks
            squares.append(xp.sum(xp.sum(mean * mean, axis=1).reshape(start, -1) * weight, axis=1))
        if k + 1 == outer_steps:
            break
        w, phi = (
            (x[:, None, :] - step[:, None, None] * xp.sum(share * g[:, None], axis=2)).reshape(-1, x.shape[1])
            for x, g, step in ((w, g_w, beta_w), (phi, g_phi, beta_phi))
        )
        weight = (weight[:, None] * chance).reshape(-1)
        tasks = tasks.repeat(count)
        alpha, beta_w, beta_phi = (xp.repeat(x, count, axis=0) for x in (alpha, beta_w, beta_phi))
    return xp.stack(squares_w, axis=1), xp.stack(squares_phi, axis=1)


@dataclass(frozen=True)
class Evaluations:
    """Entries evaluated for one task in one outer iteration, second derivatives counted as the matrices of
    Proposition 1.
    """

    gradient: int
    second_order: int


def evaluations(n_w: int, n_phi: int, inner_steps: int) -> Evaluations:
    """Entries of gradients and of second derivatives that ANIL evaluates per task and outer iteration.

    N inner gradients in w, the two partial test gradients, and at each of the N inner iterates the Hessian
    ``n_w x n_w`` and the mixed block ``n_phi x n_w``. MAML is the case ``n_phi = 0`` with all parameters in w.
    Raises ValueError on a negative argument.
    """
    if min(n_w, n_phi, inner_steps) < 0:
        raise ValueError(f"dimensions and steps must not be negative, got {(n_w, n_phi, inner_steps)}")
    return Evaluations((inner_steps + 1) * n_w + n_phi, inner_steps * (n_w * n_w + n_w * n_phi))


class Counted:
    """Tasks that count the entries they evaluate, as :func:`evaluations` does: ``Counted(tasks)`` in place of ``tasks``.

    Parameters
    ----------
    of:
        The tasks.

    ``gradient`` and ``second_order`` are the entries per task and instance so far.
    """

    def __init__(self, of: PartialTasks) -> None:
        self.of, self.gradient, self.second_order = of, 0, 0

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return self.of.tasks

    def at(self, phi: Array) -> TasksAtPhi:
        """The tasks with ``phi`` held fixed, counting still."""
        return _CountedAtPhi(self, self.of.at(phi), phi.shape[1])


@dataclass(frozen=True)
class _CountedAtPhi:
    counter: Counted
    of: TasksAtPhi
    n_phi: int

    def inner_gradient(self, w: Array) -> Array:
        self.counter.gradient += w.shape[2]
        return self.of.inner_gradient(w)

    def inner_second_order(self, w: Array, v: Array) -> tuple[Array, Array]:
        self.counter.second_order += w.shape[2] * (w.shape[2] + self.n_phi)
        return self.of.inner_second_order(w, v)

    def outer_gradients(self, w: Array) -> tuple[Array, Array]:
        self.counter.gradient += w.shape[2] + self.n_phi
        return self.of.outer_gradients(w)

    def outer_loss(self, w: Array) -> Array:
        return self.of.outer_loss(w)


def _numbers(values: Any, like: Array) -> Array:
    if is_exact(like):
        return to_exact(values)
    return array_like([[float(x) for x in v] if isinstance(v, list) else float(v) for v in values], like)


def _for_each_task(w: Array, tasks: int) -> Array:
    return namespace(w).broadcast_to(w[:, None, :], (w.shape[0], tasks, w.shape[1]))


def _inner_loop(at_phi: TasksAtPhi, w: Array, alpha: Array, steps: int) -> list[Array]:
    iterates = [w]
    for _ in range(steps):
        iterates.append(iterates[-1] - alpha * at_phi.inner_gradient(iterates[-1]))
    return iterates


def _meta_gradients(at_phi: TasksAtPhi, w: Array, alpha: Array, steps: int) -> tuple[Array, Array, Array]:
    *visited, adapted = _inner_loop(at_phi, w, alpha, steps)
    v, g_phi = at_phi.outer_gradients(adapted)
    for iterate in reversed(visited):
        hessian_v, mixed_v = at_phi.inner_second_order(iterate, v)
        g_phi = g_phi - alpha * mixed_v
        v = v - alpha * hessian_v
    return adapted, v, g_phi


def _check(w: Array, phi: Array, alpha: Array, steps: int, **outer: Array) -> Shapes:
    shapes = Shapes()
    shapes("w", w, "batch n_w")
    shapes("phi", phi, "batch n_phi")
    for name, rate in {"alpha": alpha, **outer}.items():
        shapes(name, rate, "batch")
        nonnegative(name, rate)
    count("inner steps", steps)
    return shapes
