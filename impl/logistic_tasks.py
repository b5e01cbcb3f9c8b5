"""Logistic regression tasks on one line through the origin, where they are problems in one variable.

Collins, Mokhtari, Shakkottai 2022, Figure 7: inputs ``N(0, rho_i I_d)``, labels 1 with probability
``sigmoid(<w_i, x>)``. If all ``w_i`` are multiples of one unit vector, so are all gradients of the population
losses at multiples of it, and only the input along it matters.
"""

from __future__ import annotations

from dataclasses import dataclass

from exactarray import array_like, namespace
from exactarray.arrays import Array
from impl.two_layer_networks import SMOOTH, gauss_hermite


@dataclass(frozen=True)
class LogisticTasks:
    """Task sets with the mean logistic loss.

    Parameters
    ----------
    weights:
        Task probabilities ``(batch, tasks)``.
    truths:
        Ground truths, as multiples of the common unit vector, ``(batch, tasks)``.
    scales:
        Standard deviations of the inputs, ``(batch, tasks)``.
    points:
        Gauss-Hermite points.

    Raises
    ------
    ValueError
        when shapes disagree.
    """

    weights: Array
    truths: Array
    scales: Array
    points: int = 24

    def __post_init__(self) -> None:
        for name in ("truths", "scales"):
            shape = tuple(getattr(self, name).shape)
            if shape != tuple(self.weights.shape):
                raise ValueError(
                    f"{name} has shape {shape}; with weights {tuple(self.weights.shape)} it must be (batch, tasks)"
                )

    @property
    def dimension(self) -> int:
        """One: the multiple of the common unit vector."""
        return 1

    def value(self, w: Array) -> Array:
        """Population losses, as :meth:`impl.maml.Tasks.value`."""
        softplus, sigmoid, _ = SMOOTH["softplus"]
        inputs, weights = self._inputs(w)
        argument = w * inputs
        return namespace(w).sum(weights * (softplus(argument) - sigmoid(self.truths[..., None] * inputs) * argument), axis=-1)

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        sigmoid = SMOOTH["sigmoid"][0]
        inputs, weights = self._inputs(w)
        residual = sigmoid(w * inputs) - sigmoid(self.truths[..., None] * inputs)
        return namespace(w).sum(weights * residual * inputs, axis=-1)[..., None]

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        inputs, weights = self._inputs(w)
        curvature = namespace(w).sum(weights * SMOOTH["sigmoid"][1](w * inputs) * inputs**2, axis=-1)
        return curvature[..., None] * v

    def _inputs(self, w: Array) -> tuple[Array, Array]:
        if tuple(w.shape) != (*self.weights.shape, 1):
            raise ValueError(f"w has shape {tuple(w.shape)}; {(*self.weights.shape, 1)} is needed")
        points, weights = gauss_hermite(self.points, 1)
        return self.scales[..., None] * array_like(points, w)[:, 0], array_like(weights, w)
