"""First-order MAML on two-layer linear networks: both layers adapt, and the adapted point counts as a constant.

Yüksel, Boursier, Flammarion 2024, Section 5 (after Finn, Abbeel, Levine 2017), in the model of :mod:`impl.fo_anil` and with its
shapes: the inner loop (2) moves ``B`` and ``w``, and the outer loop (3) has the Jacobian of the inner step replaced by the
identity.
"""

from __future__ import annotations

from collections.abc import Iterator

from exactarray import namespace
from exactarray.arrays import Array
from impl.checks import count
from impl.fo_anil import check_samples


def adapted_network(B: Array, w: Array, X: Array, y: Array, alpha: Array) -> tuple[Array, Array]:
    """One gradient step on both layers for every task: ``(batch, tasks, d, width)`` and ``(batch, tasks, width)``.

    ``X (batch, tasks, n, d)``, ``y (batch, tasks, n)``. Raises ValueError when the shapes do not fit together or
    ``alpha`` is negative.
    """
    check_samples(B, w, {"": (X, y)}, alpha=alpha)
    return _adapted(B, w, X, y, alpha)


def fo_maml_step(
    B: Array, w: Array, inner: tuple[Array, Array], outer: tuple[Array, Array], *, alpha: Array, beta: Array
) -> tuple[Array, Array]:
    """Outer step of first-order MAML on tasks with samples ``inner`` and ``outer``; returns the new ``(B, w)``.

    Arguments and errors as in :func:`impl.fo_anil.finite_task_step`.
    """
    check_samples(B, w, {"_in": inner, "_out": outer}, alpha=alpha, beta=beta)
    return _step(B, w, inner, outer, alpha, beta)


def fo_maml_run(
    B: Array,
    w: Array,
    inner: tuple[Array, Array],
    outer: tuple[Array, Array],
    *,
    alpha: Array,
    beta: Array,
    steps: int,
) -> Iterator[tuple[Array, Array]]:
    """The states ``(B_0, w_0), ..., (B_steps, w_steps)`` on one fixed set of tasks, one by one; errors as in the step."""
    check_samples(B, w, {"_in": inner, "_out": outer}, alpha=alpha, beta=beta)
    count("steps", steps)
    yield B, w
    for _ in range(steps):
        B, w = _step(B, w, inner, outer, alpha, beta)
        yield B, w


def _gradients(B: Array, w: Array, X: Array, y: Array) -> tuple[Array, Array]:
    # Every task has its own layers here, (batch, tasks, d, width) and (batch, tasks, width, 1).
    residual = X @ (B @ w) - y[..., None]
    correlation = X.mT @ residual / X.shape[-2]
    return correlation @ w.mT, B.mT @ correlation


def _adapted(B: Array, w: Array, X: Array, y: Array, alpha: Array) -> tuple[Array, Array]:
    layer, head, rate = B[:, None], w[:, None, :, None], alpha[:, None, None, None]
    slope_B, slope_w = _gradients(layer, head, X, y)
    return layer - rate * slope_B, (head - rate * slope_w)[..., 0]


def _step(
    B: Array, w: Array, inner: tuple[Array, Array], outer: tuple[Array, Array], alpha: Array, beta: Array
) -> tuple[Array, Array]:
    layers, heads = _adapted(B, w, *inner, alpha)
    slope_B, slope_w = _gradients(layers, heads[..., None], *outer)
    xp, tasks = namespace(B), heads.shape[1]
    new_B = B - beta[:, None, None] * xp.sum(slope_B, axis=1) / tasks
    return new_B, w - beta[:, None] * xp.sum(slope_w[..., 0], axis=1) / tasks
