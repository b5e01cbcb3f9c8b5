"""Multi-task representation learning by gradient flow on a shared first layer: RepLearn.

Saunshi, Zhang, Khodak, Arora 2020, Sections 5.1 and 6.2. Tasks with regressors ``v_1, ..., v_T`` share the first layer of
``w_i^T A x``; gradient flow on ``L_rep = (1/T) sum_i ||A^T w_i - v_i||^2 + sigma^2`` runs from ``(kappa I, 0, ..., 0)``.
The flow from any start, its gradients and its loss are those of :mod:`impl.two_layer_linear_flow`; from this start it splits
into one scalar flow for every singular value of the matrix of regressors.
"""

from __future__ import annotations

import torch

from exactarray import is_exact, namespace
from exactarray.arrays import Array
from impl.checks import Shapes, nonnegative, positive
from impl.two_layer_linear_flow import population_flow


def representation_gain(kappa: Array, singular_value: Array) -> Array:
    """``a_inf`` with ``a_inf^2 = (kappa^2 + sqrt(kappa^4 + 4 s^2)) / 2``: what the flow makes of ``kappa`` along a direction.

    ``s`` is the singular value of the matrix of regressors in that direction: ``sqrt(T) ||w_*||`` for ``T`` tasks ``+-w_*``
    (Section 6.2), whatever their signs. It follows from ``a c = s`` at the end and ``a^2 - c^2 = kappa^2`` all along.

    ``kappa`` positive and ``singular_value`` non-negative, of shapes that broadcast. Raises ValueError otherwise.
    """
    shapes = Shapes()
    shapes("kappa", kappa, "...")
    shapes("singular_value", singular_value, "...")
    positive("kappa", kappa)
    nonnegative("singular_value", singular_value)
    return _gain(kappa, singular_value * singular_value)


def learned_representation(kappa: Array, targets: Array) -> tuple[Array, Array]:
    """The limit ``(A_inf, W_inf)`` of RepLearn from ``(kappa I, 0)`` for tasks in any subspace, in closed form; on floats.

    Parameters
    ----------
    kappa:
        Scales of the start, ``(batch,)``, positive.
    targets:
        Regressors of the tasks as columns, ``(batch, d, T)``.

    Returns
    -------
    First layer ``(batch, d, d)``, symmetric, and second layers ``(batch, d, T)`` as columns.

    Raises
    ------
    ValueError
        when shapes do not fit, a scale is not positive, or the arrays hold exact numbers, which have no eigenvectors.
    """
    shapes = Shapes()
    shapes("kappa", kappa, "batch")
    shapes("targets", targets, "batch d T")
    positive("kappa", kappa)
    if is_exact(targets):
        raise ValueError(f"targets of shape {tuple(targets.shape)} holds exact numbers; their eigenvectors are not exact")
    squares, axes = torch.linalg.eigh(targets @ targets.mT)
    gains = _gain(kappa[:, None], squares.clamp(min=0))[:, None]
    return (axes * gains) @ axes.mT, (axes / gains) @ axes.mT @ targets


def representation_flow(kappa: Array, targets: Array) -> tuple[Array, Array]:
    """The same limit as :func:`learned_representation` by integrating the flow; arguments and errors as there."""
    shapes = Shapes()
    shapes("kappa", kappa, "batch")
    shapes("targets", targets, "batch d T")
    positive("kappa", kappa)
    identity = torch.eye(targets.shape[1], dtype=targets.dtype, device=targets.device)
    return population_flow(kappa[:, None, None] * identity, torch.zeros_like(targets), targets)


def _gain(kappa: Array, square: Array) -> Array:
    xp, start = namespace(kappa), kappa * kappa
    return xp.sqrt((start + xp.sqrt(start * start + 4 * square)) / 2)
