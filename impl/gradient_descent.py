"""Gradient descent and regularised gradient flow on least squares, from any initialisation.

Saunshi, Zhang, Khodak, Arora 2020, Section 4.1. The loss of ``w`` on samples ``(x_i, y_i)`` is the mean of the squared
residuals, ``(1/n) sum_i (x_i^T w - y_i)^2``, without a factor 1/2; the regulariser is ``(lambda/2) ||w||^2``.

Inputs are designs ``X: (..., n, d)``, batch first. Labels are columns ``y: (..., n, k)``: ``k`` data sets that share
their inputs, each of which gets its own column of parameters ``(..., d, k)``. Leading axes broadcast. The text runs on
float64 tensors and on exact numbers.
"""

from __future__ import annotations

from exactarray import eye, namespace, zeros
from exactarray.arrays import Array
from impl.checks import Shapes, count, nonnegative, positive, solve_regular


def squared_loss(X: Array, y: Array, w: Array) -> Array:
    """Empirical risk ``(1/n) ||X w - y||^2`` of every column, ``(..., k)``; equation (2).

    Parameters
    ----------
    X, y, w:
        Inputs ``(..., n, d)``, labels ``(..., n, k)``, parameters ``(..., d, k)``.

    Raises
    ------
    ValueError
        when the shapes do not fit each other, or there are no samples.
    """
    _check(X, y, w)
    residual = X @ w - y
    return namespace(residual).sum(residual * residual, axis=-2) / X.shape[-2]


def squared_loss_gradient(X: Array, y: Array, w: Array) -> Array:
    """Gradient ``(2/n) X^T (X w - y)`` of :func:`squared_loss`, ``(..., d, k)``; arguments and errors as there."""
    _check(X, y, w)
    return _gradient(X, y, w)


def gradient_descent(X: Array, y: Array, start: Array, step: Array, steps: int) -> Array:
    """The last of ``steps`` iterates of ``w <- w - step * grad`` on the squared loss: GD_step of Section 4.1.

    Parameters
    ----------
    X, y:
        Inputs ``(..., n, d)`` and labels ``(..., n, k)``.
    start:
        Initialisation ``(..., d, k)``, or ``(..., d, 1)`` for one that all label columns share.
    step:
        Learning rates ``(...)``, one for each design; positive, stable or not.
    steps:
        Number of steps; after none the start is returned.

    Returns
    -------
    Parameters ``(..., d, k)``.

    Raises
    ------
    ValueError
        when the shapes do not fit each other, a step is not positive, or ``steps`` is negative.
    """
    _check(X, y, start, step=step, steps=steps)
    w, rate = start, step[..., None, None]
    for _ in range(steps):
        w = w - rate * _gradient(X, y, w)
    return w


def regularized_gradient_flow(X: Array, y: Array, start: Array, penalty: Array) -> Array:
    """The limit of gradient flow on ``(1/n) ||X w - y||^2 + (penalty/2) ||w||^2``: GD_reg of Section 4.1, equation (6).

    With a positive penalty the limit is the ridge estimate, whatever the start. Without one the flow leaves the
    component of the start that is orthogonal to all inputs as it is, and fits the labels with the rest.

    Parameters
    ----------
    X, y:
        Inputs ``(..., n, d)`` and labels ``(..., n, k)``.
    start:
        Initialisation ``(..., d, k)`` or ``(..., d, 1)``.
    penalty:
        The ``lambda >= 0`` of every design, ``(...)``. Where it is zero, ``X`` must have full rank ``min(n, d)``.

    Returns
    -------
    Parameters ``(..., d, k)``.

    Raises
    ------
    ValueError
        when the shapes do not fit each other, or a penalty is negative.
    impl.checks.Singular
        where a penalty is zero and ``X`` is rank deficient; on floats only if elimination meets a zero.
    """
    _check(X, y, start, penalty=penalty)
    n, d = X.shape[-2:]
    penalty = penalty[..., None, None]
    kept = namespace(start).where(penalty == 0, start, zeros(start.shape, start))
    residual = y - X @ kept
    # Both branches are the same estimate (push-through identity); each solves the smaller, regular system.
    if n <= d:
        return kept + X.mT @ solve_regular("X X^T + n penalty I / 2", X @ X.mT + n * penalty / 2 * eye(n, X), residual)
    return kept + solve_regular("X^T X + n penalty I / 2", X.mT @ X + n * penalty / 2 * eye(d, X), X.mT @ residual)


def regularized_gradient_descent(X: Array, y: Array, start: Array, penalty: Array, *, step: Array, steps: int) -> Array:
    """``steps`` explicit Euler steps of size ``step`` along the flow of :func:`regularized_gradient_flow`.

    The iterated route to the same limit; arguments and errors as there and in :func:`gradient_descent`.
    """
    _check(X, y, start, step=step, steps=steps, penalty=penalty)
    w, rate, penalty = start, step[..., None, None], penalty[..., None, None]
    for _ in range(steps):
        w = w - rate * (_gradient(X, y, w) + penalty * w)
    return w


def _gradient(X: Array, y: Array, w: Array) -> Array:
    return 2 * (X.mT @ (X @ w - y)) / X.shape[-2]


def _check(X: Array, y: Array, w: Array, *, step: Array | None = None, steps: int = 0, penalty: Array | None = None) -> None:
    shapes = Shapes()
    shapes("X", X, "... n d", least=1)
    shapes("y", y, "... n k")
    shapes("parameters", w, "... d k|1")
    if step is not None:
        shapes("step", step, "...")
        positive("step", step)
    if penalty is not None:
        shapes("penalty", penalty, "...")
        nonnegative("penalty", penalty)
    count("steps", steps)
