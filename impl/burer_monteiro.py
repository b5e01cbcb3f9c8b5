"""Burer-Monteiro factorisation: a representation and all heads fitted to the samples of many tasks, with no adaptation.

Yüksel, Boursier, Flammarion 2024, Section 4, equation (12): the minimum over ``B`` and ``W`` of ``(1/(2N)) sum_i L_i(B W^(i))``
with ``L_i(theta) = (1/(2m)) ||y_i - X_i theta||^2``, both factors one half as printed. In the infinite samples model ``L_i``
is the expected loss ``(1/2) ||theta - theta_i||^2`` (and a constant, which is left out).

Shapes: ``B (batch, d, width)``; heads ``W (batch, tasks, width)``, one row for each task; samples ``X (batch, tasks, n, d)`` and
``y (batch, tasks, n)``; task parameters ``theta (batch, tasks, d)``.
"""

from __future__ import annotations

from typing import Any

from exactarray import namespace
from exactarray.arrays import Array
from impl.checks import Shapes, count, positive
from impl.ridge_regression import ridge


def objective(B: Array, W: Array, X: Array, y: Array) -> Array:
    """Equation (12), ``(batch,)``. Raises ValueError when the shapes do not fit together."""
    _check_samples(B, W, X, y)
    residual, xp = _residual(B, W, X, y), namespace(B)
    return xp.sum(residual * residual, axis=(-2, -1)) / (4 * X.shape[1] * X.shape[2])


def gradients(B: Array, W: Array, X: Array, y: Array) -> tuple[Array, Array]:
    """Gradients of :func:`objective` in ``B`` and in ``W``, shaped as these; errors as there."""
    _check_samples(B, W, X, y)
    return _gradients(B, W, (X, y))


def descent(B: Array, W: Array, X: Array, y: Array, *, step: Array, steps: int) -> tuple[Array, Array]:
    """``steps`` steps of gradient descent on both factors with step sizes ``(batch,)``; returns ``(B, W)``.

    Raises ValueError when the shapes do not fit together, a step is not positive, or ``steps`` is negative.
    """
    _check_samples(B, W, X, y, step=step)
    return _descent(B, W, (X, y), step, steps)


def population_objective(B: Array, W: Array, theta: Array) -> Array:
    """``(1/(4N)) sum_i ||B W^(i) - theta_i||^2``, ``(batch,)``: equation (12) in the infinite samples model, without noise.

    Raises ValueError when the shapes do not fit together.
    """
    _check_parameters(B, W, theta)
    residual, xp = W @ B.mT - theta, namespace(B)
    return xp.sum(residual * residual, axis=(-2, -1)) / (4 * theta.shape[1])


def population_descent(B: Array, W: Array, theta: Array, *, step: Array, steps: int) -> tuple[Array, Array]:
    """Gradient descent on :func:`population_objective`; returns ``(B, W)``. Arguments and errors as in :func:`descent`."""
    _check_parameters(B, W, theta, step=step)
    return _descent(B, W, (theta,), step, steps)


def fitted_heads(B: Array, X: Array, y: Array, penalty: Array) -> Array:
    """For a fixed ``B``, the heads that minimise every task's loss plus ``(penalty/2) ||w||^2``, ``(batch, tasks, width)``.

    ``penalty (batch,)`` is not negative; where it is zero the features ``X B`` must have full rank, and the heads are the
    smallest ones. Raises ValueError when the shapes do not fit or a penalty is negative, :class:`impl.checks.Singular` where
    there is no unique solution.
    """
    shapes = Shapes()
    shapes("B", B, "batch d width", least=1)
    shapes("X", X, "batch tasks n d", least=1)
    shapes("y", y, "batch tasks n")
    shapes("penalty", penalty, "batch")
    return ridge(X @ B[:, None], y[..., None], penalty[:, None])[..., 0]


def _residual(B: Array, W: Array, X: Array, y: Array) -> Array:
    return (X @ (W @ B.mT)[..., None])[..., 0] - y


def _gradients(B: Array, W: Array, data: tuple[Array, ...]) -> tuple[Array, Array]:
    if len(data) == 1:
        correlation = (W @ B.mT - data[0]) / (2 * W.shape[1])
    else:
        X, y = data
        correlation = (X.mT @ _residual(B, W, X, y)[..., None])[..., 0] / (2 * X.shape[1] * X.shape[2])
    return correlation.mT @ W, correlation @ B


def _descent(B: Array, W: Array, data: tuple[Array, ...], step: Array, steps: int) -> tuple[Array, Array]:
    positive("step", step)
    count("steps", steps)
    rate = step[:, None, None]
    for _ in range(steps):
        slope_B, slope_W = _gradients(B, W, data)
        B, W = B - rate * slope_B, W - rate * slope_W
    return B, W


def _factors(B: Array, W: Array, further: dict[str, Any]) -> Shapes:
    shapes = Shapes()
    shapes("B", B, "batch d width")
    shapes("W", W, "batch tasks width")
    for name, array in further.items():
        shapes(name, array, "batch")
    return shapes


def _check_samples(B: Array, W: Array, X: Array, y: Array, **per_instance: Array) -> None:
    shapes = _factors(B, W, per_instance)
    shapes("X", X, "batch tasks n d", least=1)
    shapes("y", y, "batch tasks n")


def _check_parameters(B: Array, W: Array, theta: Array, **per_instance: Array) -> None:
    _factors(B, W, per_instance)("theta", theta, "batch tasks d")
