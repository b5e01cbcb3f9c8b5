"""Ridge regression on a new task: on a learned representation, on the true one (oracle), or on the inputs (single task).

Yüksel, Boursier, Flammarion 2024, Section 5. On ``n`` samples the estimate minimises ``(1/(2n)) ||y - X B w||^2 + (penalty/2)
||w||^2``, the paper's empirical loss with a penalty; without one, and with full column rank, it is ordinary least squares. The baselines
differ in ``B`` alone: a learned ``B``, the oracle's ``B_*``, or the identity.
"""

from __future__ import annotations

from exactarray import namespace, zeros
from exactarray.arrays import Array
from impl.checks import Shapes
from impl.gradient_descent import regularized_gradient_flow


def ridge(X: Array, y: Array, penalty: Array) -> Array:
    """Single-task ridge regression.

    Parameters
    ----------
    X, y:
        Inputs ``(..., n, d)`` and labels ``(..., n, k)``: ``k`` tasks with the same inputs.
    penalty:
        ``(...)``, not negative. Where it is zero ``X`` must have full rank ``min(n, d)``; the estimate is then the one of
        smallest norm. Axes that broadcast serve for a grid of penalties.

    Returns
    -------
    Parameters ``(..., d, k)``.

    Raises
    ------
    ValueError
        when the shapes do not fit, or a penalty is negative.
    impl.checks.Singular
        where a penalty is zero and ``X`` is rank deficient.
    """
    # Gradient flow of (1/n) ||X w - y||^2 + (lambda/2) ||w||^2 from zero ends there for lambda = 2 penalty.
    return regularized_gradient_flow(X, y, zeros((X.shape[-1], 1), X), 2 * penalty)


def ridge_on_representation(X: Array, y: Array, B: Array, penalty: Array) -> Array:
    """``B w`` for the ridge estimate ``w`` on the features ``X B``: an estimate of the task's parameters, ``(..., d, k)``.

    ``B (..., d, width)``; with the ``B_*`` of the tasks this is the oracle. Other arguments and errors as in :func:`ridge`.
    """
    shapes = Shapes()
    shapes("X", X, "... n d", least=1)
    shapes("B", B, "... d width", least=1)
    return B @ ridge(X @ B, y, penalty)


def excess_risk(estimate: Array, theta: Array) -> Array:
    """``||estimate - theta||^2``, the excess risk on a task with isotropic inputs (Section 3.1), ``(..., k)``.

    ``estimate (..., d, k)`` and ``theta (..., d, k)``, columns for tasks. Raises ValueError when they do not fit.
    """
    shapes = Shapes()
    shapes("estimate", estimate, "... d k")
    shapes("theta", theta, "... d k")
    difference = estimate - theta
    return namespace(difference).sum(difference * difference, axis=-2)
