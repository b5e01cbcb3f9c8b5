"""First-order ANIL in the infinite samples model: inner steps on the expected loss of a task.

Yüksel, Boursier, Flammarion 2024, Sections 3 to 5, ``m_in = inf``. With isotropic inputs the expected loss of task ``i`` is
``(1/2) ||B w - theta_i||^2`` and a constant, whose step on the head is ``w - alpha B^T (B w - theta_i)``. For infinitely many
tasks, whose mean is then taken too, see :func:`impl.fo_anil.infinite_task_run` with ``m_in = math.inf``.

Shapes as in :mod:`impl.fo_anil`; task parameters ``theta (batch, tasks, d)``.
"""

from __future__ import annotations

from collections.abc import Iterator

from exactarray.arrays import Array
from impl.checks import Shapes, count, nonnegative
from impl.fo_anil import check_samples, outer_step


def adapted_head_on_expected_loss(B: Array, w: Array, theta: Array, alpha: Array) -> Array:
    """Inner step on the expected loss of every task, ``(batch, tasks, width)``.

    Raises ValueError when the shapes do not fit together or ``alpha`` is negative.
    """
    _check(B, w, theta, alpha=alpha)
    return _adapted_head(B, w, theta, alpha)


def infinite_sample_step(
    B: Array, w: Array, theta: Array, *, alpha: Array, beta: Array, outer: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """One step of first-order ANIL on finitely many tasks with infinitely many inner samples. Returns the new ``(B, w)``.

    The outer loss is the expected one as well, or that of samples ``outer = (X_out, y_out)``, ``(batch, tasks, n, d)`` and
    ``(batch, tasks, n)``. Raises ValueError when the shapes do not fit together or a rate is negative.
    """
    _check(B, w, theta, alpha=alpha, beta=beta)
    if outer is not None:
        check_samples(B, w, {"_out": outer})
    return _step(B, w, theta, alpha, beta, outer)


def infinite_sample_run(
    B: Array,
    w: Array,
    theta: Array,
    *,
    alpha: Array,
    beta: Array,
    steps: int,
    outer: tuple[Array, Array] | None = None,
) -> Iterator[tuple[Array, Array]]:
    """The states ``(B_0, w_0), ..., (B_steps, w_steps)`` of :func:`infinite_sample_step`, one by one; errors as there."""
    _check(B, w, theta, alpha=alpha, beta=beta)
    if outer is not None:
        check_samples(B, w, {"_out": outer})
    count("steps", steps)
    yield B, w
    for _ in range(steps):
        B, w = _step(B, w, theta, alpha, beta, outer)
        yield B, w


def _adapted_head(B: Array, w: Array, theta: Array, alpha: Array) -> Array:
    error = (B @ w[..., None]).mT - theta
    return w[:, None] - alpha[:, None, None] * (error @ B)


def _step(
    B: Array, w: Array, theta: Array, alpha: Array, beta: Array, outer: tuple[Array, Array] | None
) -> tuple[Array, Array]:
    heads = _adapted_head(B, w, theta, alpha)
    if outer is None:
        return outer_step(B, w, heads, heads @ B.mT - theta, beta)
    X, y = outer
    residual = (X @ (heads @ B.mT)[..., None])[..., 0] - y
    return outer_step(B, w, heads, (X.mT @ residual[..., None])[..., 0] / X.shape[-2], beta)


def _check(B: Array, w: Array, theta: Array, **rates: Array) -> None:
    shapes = Shapes()
    shapes("B", B, "batch d width")
    shapes("w", w, "batch width")
    shapes("theta", theta, "batch tasks d")
    for name, rate in rates.items():
        shapes(name, rate, "batch")
        nonnegative(name, rate)
