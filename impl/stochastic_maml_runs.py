"""Runs of MAML, FO-MAML and HF-MAML: expected updates, and exact moments along a whole run on quadratics.

Fallah, Mokhtari, Ozdaglar 2020, Algorithms 1-3 with equations (4), (5), (8), (10) and (11). An expected update is what remains for
infinitely many tasks and outer samples per iteration (``B = D_o = D_h = infinity``); the inner batch may stay finite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from exactarray import array_like, maximum, namespace
from exactarray.arrays import Array
from impl.checks import Shapes
from impl.noisy_tasks import NoisyTasks, enumerate_batches
from impl.stochastic_maml import fo_maml_directions, hf_maml_directions, maml_directions, mean_direction

STEP_DIVISORS = {"maml": 12, "fo-maml": 18, "hf-maml": 25}
"""``beta_k = beta~(w_k) / divisor``, from Theorems 4.12, 4.15 and 4.17."""

LONGEST_RUN = 40
"""Binary logarithm of the most iterations that are counted."""


def expected_directions(
    method: str, tasks: NoisyTasks, w: Array, alpha: Array, inner: int | None, delta: Callable[[Array], Array] | None = None
) -> Array:
    """The mean, over the data, of the descent direction that a task contributes; outer and Hessian batches are infinite.

    Parameters
    ----------
    method:
        "maml" (5), "fo-maml" (8) or "hf-maml" (10).
    tasks:
        ``batch`` task sets.
    w:
        Points ``(batch, d)``.
    alpha:
        Inner step sizes ``(batch,)``.
    inner:
        ``D_in``, the samples of the inner step; None for infinitely many.
    delta:
        For HF-MAML, the length ``(outcomes, tasks)`` of the difference (11) from the outer gradients ``(outcomes, tasks, d)``, one
        outcome of the inner batch after the other, as in :meth:`impl.noisy_tasks.DataBatches.repeat`.

    Returns
    -------
    ``(batch, tasks, d)``.

    Raises
    ------
    ValueError
        for an unknown method, a missing ``delta``, ``inner < 1`` or a shape that does not fit.
    """
    _check_method(method)
    data = enumerate_batches(tasks, inner, None, None)
    at, step = data.repeat(w), data.repeat(alpha)
    inner_shares, outer, hessian = data.shares
    if method == "fo-maml":
        found = fo_maml_directions(data.tasks, at, step, inner=inner_shares, outer=outer)
    elif method == "maml":
        found = maml_directions(data.tasks, at, step, inner=inner_shares, outer=outer, hessian=hessian)
    elif delta is None:
        raise ValueError("delta is missing; HF-MAML needs the length of its difference (11)")
    else:
        found = hf_maml_directions(data.tasks, at, step, inner=inner_shares, outer=outer, hessian=hessian, delta=delta)
    return data.mean(found)


def expected_update(
    method: str,
    tasks: NoisyTasks,
    w: Array,
    alpha: Array,
    inner: int | None,
    smoothness: Array,
    delta: Callable[[Array], Array] | None = None,
) -> Array:
    """``w_{k+1}`` of an expected update with the printed step ``beta_k = 1 / (divisor smoothness)``, as ``(batch, d)``.

    ``smoothness`` is ``1 / beta~(w_k)``, ``(batch,)``; the divisor is the method's of ``STEP_DIVISORS``. Other arguments and errors
    as :func:`expected_directions`.
    """
    mean = mean_direction(expected_directions(method, tasks, w, alpha, inner, delta), tasks.weights)
    return w - mean / (STEP_DIVISORS[method] * smoothness)[:, None]


@dataclass(frozen=True)
class EqualHessians:
    """Quadratic tasks that differ by linear terms only, with data noise in the linear terms.

    ``f_i(w, theta) = sum_j h_j w_j^2 / 2 + (b_ij + theta_j) w_j``. Here ``L(w) = 4 L`` and HF-MAML's differences are exact, so that
    HF-MAML is MAML with another step size.

    Parameters
    ----------
    spectrum:
        ``h`` of shape ``(batch, d)``.
    smoothness:
        ``L`` of shape ``(batch,)``, at least every ``|h_j|``.
    alpha:
        Inner step sizes ``(batch,)``.
    task_variance, data_variance:
        Variances ``(batch, d)`` of the linear terms over the tasks and over the data of a task.

    Raises
    ------
    ValueError
        when shapes disagree.
    """

    spectrum: Array
    smoothness: Array
    alpha: Array
    task_variance: Array
    data_variance: Array

    def __post_init__(self) -> None:
        shapes = Shapes()
        shapes("spectrum", self.spectrum, "batch d")
        shapes("smoothness", self.smoothness, "batch")
        shapes("alpha", self.alpha, "batch")
        shapes("task_variance", self.task_variance, "batch d")
        shapes("data_variance", self.data_variance, "batch d")

    @property
    def shrinkage(self) -> Array:
        """``1 - alpha h_j``: what an inner step leaves of a gradient, ``(batch, d)``."""
        return 1 - self.alpha[:, None] * self.spectrum

    def squared_gradient(self, suboptimality: Array) -> Array:
        """``(grad F)_j^2`` where the part of axis ``j`` in ``F - min F`` is given, ``(batch, d)``."""
        return 2 * self.shrinkage**2 * self.spectrum * suboptimality

    def second_moment(
        self, method: str, start: Array, B: Array, D_in: Array, D_o: Array, iterations: Array | int | None
    ) -> Array:
        """``E (grad F(w_k))_j^2`` after a number of iterations of the algorithm, or in the long run.

        Along an axis a direction has the mean ``(1 - alpha h)^m grad f`` and an independent error, so that second moments follow
        an affine recursion, whose closed form is evaluated.

        Parameters
        ----------
        method:
            "maml", "fo-maml" or "hf-maml".
        start:
            ``(grad F(w_0))_j^2`` of shape ``(batch, d)``.
        B, D_in, D_o:
            Batch sizes ``(batch,)``; the moments are those of whole numbers, continued between them.
        iterations:
            ``k``: a number, numbers ``(batch,)``, or None for the limit.

        Returns
        -------
        ``(batch, d)``.

        Raises
        ------
        ValueError
            for an unknown method, or a shape that does not fit.
        """
        _check_method(method)
        shapes = Shapes(batch=self.spectrum.shape[0], d=self.spectrum.shape[1])
        shapes("start", start, "batch d")
        for name, size in {"B": B, "D_in": D_in, "D_o": D_o}.items():
            shapes(name, size, "batch")
        h, left = self.spectrum, self.shrinkage
        meta = 1 if method == "fo-maml" else left
        beta = 1 / (4 * STEP_DIVISORS[method] * self.smoothness)[:, None]
        inner = (1 - left) ** 2 * self.data_variance / D_in[:, None] + self.data_variance / D_o[:, None]
        error = (left**2 * self.task_variance + inner) / B[:, None]
        rate = beta * meta * left * h
        # The stationary second moment of grad F = left^2 grad f: left^4 (beta h meta)^2 error over 1 - (1 - rate)^2, which cancels.
        stationary = left**3 * meta * beta * h * error / (2 - rate)
        if iterations is None:
            return stationary
        times = iterations if isinstance(iterations, int) else iterations[:, None]
        kept = (1 - rate) ** (2 * times)
        return kept * start + (1 - kept) * stationary

    def iterations_until(self, method: str, start: Array, level: Array) -> Array:
        """The smallest k with ``sum_j (grad F(w_k))_j^2 <= level`` for infinite batches, ``(batch,)``; floats only.

        The squares fall along the run, so that k is found by bisection. ``level`` is positive, ``(batch,)``; other arguments and
        errors as :meth:`second_moment`. What takes more than 2^40 iterations comes out as infinity.
        """
        xp, many = namespace(start), array_like([inf], start)
        batch = self.spectrum.shape[0]
        shapes = Shapes(batch=batch)
        shapes("level", level, "batch")
        sizes = xp.broadcast_to(many, (batch,))

        def reached(k: Array) -> Array:
            return xp.sum(self.second_moment(method, start, sizes, sizes, sizes, k), axis=-1) <= level

        low, high = 0 * level - 1, 0 * level + 2.0**LONGEST_RUN
        for _ in range(LONGEST_RUN + 1):
            middle = maximum(xp.floor((low + high) / 2), 0)
            there = reached(middle)
            low, high = xp.where(there, low, middle), xp.where(there, middle, high)
        return xp.where(reached(high), high, many)


def _check_method(method: str) -> None:
    if method not in STEP_DIVISORS:
        raise ValueError(f"method {method!r} is unknown; there are {', '.join(STEP_DIVISORS)}")
