"""Adaptation of the second layer alone, on a few samples of a new task, by regularised gradient flow: GD2_reg.

Saunshi, Zhang, Khodak, Arora 2020, Section 5.1, equation (9): ``w' = -grad_w l(w; A_0)`` with ``l(w; A_0) = (1/n) sum (w^T A_0
x - y)^2 + (lambda/2) ||w||^2``. With ``A_0`` fixed this is the flow of a linear regressor on the features ``A_0 x``, so that
the routes of :mod:`impl.gradient_descent` serve.
"""

from __future__ import annotations

from exactarray.arrays import Array
from impl.checks import Shapes
from impl.gradient_descent import regularized_gradient_descent, regularized_gradient_flow


def second_layer_flow(X: Array, y: Array, A: Array, start: Array, penalty: Array) -> tuple[Array, Array]:
    """The limit ``(A_0, w_inf)`` of GD2_reg.

    Parameters
    ----------
    X, y:
        Inputs ``(..., n, d)`` and labels ``(..., n, k)``, as in :func:`impl.gradient_descent.regularized_gradient_flow`.
    A:
        First layers ``(..., p, d)``.
    start:
        Second layers ``(..., p, k)`` or ``(..., p, 1)``; the paper's are zero.
    penalty:
        ``lambda >= 0``, ``(...)``. Where it is zero, ``X A^T`` must have full rank ``min(n, p)``.

    Returns
    -------
    ``A`` as given, and second layers ``(..., p, k)``. The regressor that they stand for is ``A^T w``.

    Raises
    ------
    ValueError
        when the shapes do not fit, or a penalty is negative.
    impl.checks.Singular
        where a penalty is zero and ``X A^T`` is rank deficient.
    """
    return A, regularized_gradient_flow(_features(X, A), y, start, penalty)


def second_layer_descent(
    X: Array, y: Array, A: Array, start: Array, penalty: Array, *, step: Array, steps: int
) -> tuple[Array, Array]:
    """``steps`` explicit Euler steps of size ``step`` along that flow; arguments as in :func:`second_layer_flow`.

    Raises ValueError also when a step is not positive or ``steps`` is negative.
    """
    return A, regularized_gradient_descent(_features(X, A), y, start, penalty, step=step, steps=steps)


def _features(X: Array, A: Array) -> Array:
    shapes = Shapes()
    shapes("X", X, "... n d", least=1)
    shapes("A", A, "... p d", least=1)
    return X @ A.mT
