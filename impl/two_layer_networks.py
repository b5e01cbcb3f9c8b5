"""Two-layer networks with a fixed second layer, fitted to networks of the same size.

Collins, Mokhtari, Shakkottai 2022, Section 4: ``h_W(x) = sum_k sigma(<w^k, x>)``, labels from the task's own
ground truth, inputs ``x ~ N(0, Sigma_i)`` and the population loss ``f_i(W) = E (h_W(x) - y)^2 / 2``.

For the smooth activations the Gaussian law is replaced by Gauss-Hermite points, which have its moments up to
twice their number per axis; for ReLU the expectation is in closed form (the arc-cosine kernel). A model ``W``
is a vector: neuron after neuron.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod

import numpy as np

from exactarray import array_like, eye, is_exact, namespace, norm, zeros
from exactarray.arrays import Array
from exactarray.number import constant

Function = Callable[[Array], Array]


def _tanh(z: Array) -> Array:
    return namespace(z).tanh(z)


def _sigmoid(z: Array) -> Array:
    return (1 + _tanh(z / 2)) / 2


def _softplus(z: Array) -> Array:
    xp = namespace(z)
    return z / 2 + abs(z) / 2 + xp.log1p(xp.exp(-abs(z)))


def _sigmoid_slope(z: Array) -> Array:
    return (1 - _tanh(z / 2) ** 2) / 4


SMOOTH: dict[str, tuple[Function, Function, Function]] = {
    "softplus": (_softplus, _sigmoid, _sigmoid_slope),
    "sigmoid": (_sigmoid, _sigmoid_slope, lambda z: -_sigmoid_slope(z) * _tanh(z / 2)),
    "tanh": (_tanh, lambda z: 1 - _tanh(z) ** 2, lambda z: -2 * _tanh(z) * (1 - _tanh(z) ** 2)),
}
"""Smooth activations: value, first and second derivative."""


@cache
def gauss_hermite(per_axis: int, d: int) -> tuple[list[list[float]], list[float]]:
    """Points and weights for the mean over ``N(0, I_d)``: exact for degree up to ``2 per_axis - 1`` in every coordinate."""
    points, weights = np.polynomial.hermite_e.hermegauss(per_axis)
    weights = weights / weights.sum()
    grid = list(product(range(per_axis), repeat=d))
    return [[float(points[k]) for k in g] for g in grid], [prod(float(weights[k]) for k in g) for g in grid]


@dataclass(frozen=True)
class SmoothNetworkTasks:
    """Task sets for networks with a smooth activation.

    Parameters
    ----------
    weights:
        Task probabilities ``(batch, tasks)``.
    truths:
        Ground truths ``(batch, tasks, neurons, d)``.
    scales:
        Square roots of the input variances, ``Sigma_i = scale^2 I``, ``(batch, tasks)``.
    activation:
        A name in :data:`SMOOTH`.
    per_axis:
        Quadrature points per axis.
    activated_sum:
        The learner as the loss is printed, ``sigma(sum_k <w^k, x>)``, instead of ``sum_k sigma(<w^k, x>)``; labels stay as they are.

    Raises
    ------
    ValueError
        when shapes disagree, or for an unknown activation.
    """

    weights: Array
    truths: Array
    scales: Array
    activation: str
    per_axis: int = 16
    activated_sum: bool = False

    def __post_init__(self) -> None:
        if self.activation not in SMOOTH:
            raise ValueError(f"activation {self.activation!r} is unknown; there are {', '.join(SMOOTH)}")
        _check_tasks(self.weights, self.truths, self.scales)

    @property
    def dimension(self) -> int:
        """Number of parameters."""
        return int(self.truths.shape[2] * self.truths.shape[3])

    def value(self, w: Array) -> Array:
        """Population losses, as :meth:`impl.maml.Tasks.value`."""
        forward = self._forward(w)
        return namespace(w).sum(forward.weights * forward.residual * forward.residual, axis=-1) / 2

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        forward = self._forward(w)
        return self._pulled_back(forward, forward.residual[..., None, :] * forward.slope)

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        forward, xp = self._forward(w), namespace(w)
        moved = self._neurons(v) @ forward.inputs.mT
        along = xp.sum(forward.slope * moved, axis=-2)[..., None, :]
        turned = xp.sum(moved, axis=-2)[..., None, :] if self.activated_sum else moved
        return self._pulled_back(forward, along * forward.slope + forward.residual[..., None, :] * forward.bend * turned)

    def _neurons(self, w: Array) -> Array:
        if tuple(w.shape) != (*self.truths.shape[:2], self.dimension):
            raise ValueError(f"w has shape {tuple(w.shape)}; {(*self.truths.shape[:2], self.dimension)} is needed")
        return w.reshape(tuple(self.truths.shape))

    def _forward(self, w: Array) -> _Forward:
        value, slope, bend = SMOOTH[self.activation]
        points, weights = gauss_hermite(self.per_axis, int(self.truths.shape[-1]))
        inputs = self.scales[..., None, None] * array_like(points, w)
        xp, arguments = namespace(w), self._neurons(w) @ inputs.mT
        labels = xp.sum(value(self.truths @ inputs.mT), axis=-2)
        if self.activated_sum:
            arguments = xp.sum(arguments, axis=-2)[..., None, :] + 0 * arguments
            predicted = value(arguments[..., 0, :])
        else:
            predicted = xp.sum(value(arguments), axis=-2)
        return _Forward(inputs, array_like(weights, w), predicted - labels, slope(arguments), bend(arguments))

    def _pulled_back(self, forward: _Forward, slopes: Array) -> Array:
        # From derivatives in the arguments (batch, tasks, neurons, points) to derivatives in W.
        return ((slopes * forward.weights) @ forward.inputs).reshape((*self.truths.shape[:2], self.dimension))


@dataclass(frozen=True)
class _Forward:
    inputs: Array
    weights: Array
    residual: Array
    slope: Array
    bend: Array


@dataclass(frozen=True)
class ReluTasks:
    """Task sets for ReLU networks, in closed form; fields and errors as :class:`SmoothNetworkTasks`.

    The loss is a sum of kernels ``E relu(<u, x>) relu(<v, x>) = ||u|| ||v|| (sin t + (pi - t) cos t) / (2 pi)`` at the angle t
    between u and v. It is smooth where no neuron is zero and no two vectors of a kernel are parallel or opposite; there the
    derivatives are those of the limit.
    """

    weights: Array
    truths: Array
    scales: Array

    def __post_init__(self) -> None:
        _check_tasks(self.weights, self.truths, self.scales)

    @property
    def dimension(self) -> int:
        """Number of parameters."""
        return int(self.truths.shape[2] * self.truths.shape[3])

    def value(self, w: Array) -> Array:
        """Population losses, as :meth:`impl.maml.Tasks.value`."""
        neurons, xp = self._neurons(w), namespace(w)
        flips = xp.concat([xp.ones_like(neurons[..., 0]), -xp.ones_like(self.truths[..., 0])], axis=2)
        everything = xp.concat([neurons, self.truths], axis=2)
        kernels = _Angles(everything, everything).kernel() * flips[..., :, None] * flips[..., None, :]
        return self._variance(w)[..., 0] * xp.sum(xp.sum(kernels, axis=-1), axis=-1) / 2

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        neurons = self._neurons(w)
        slopes = _Angles(neurons, neurons).gradient() - _Angles(neurons, self.truths).gradient()
        return self._variance(w) * slopes.reshape(tuple(w.shape))

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        neurons, moved = self._neurons(w), self._neurons(v)
        own, other = _Angles(neurons, neurons), _Angles(neurons, self.truths)
        bent = own.own_second(moved) + own.cross_second(moved) - other.own_second(moved)
        return self._variance(w) * bent.reshape(tuple(w.shape))

    def _variance(self, w: Array) -> Array:
        return (self.scales * self.scales)[..., None] + 0 * w[..., :1]

    def _neurons(self, w: Array) -> Array:
        if tuple(w.shape) != (*self.truths.shape[:2], self.dimension):
            raise ValueError(f"w has shape {tuple(w.shape)}; {(*self.truths.shape[:2], self.dimension)} is needed")
        return w.reshape(tuple(self.truths.shape))


class _Angles:
    """All pairs of vectors ``u: (..., m, d)`` and ``v: (..., n, d)``: their kernel and its derivatives, times ``1 / (2 pi)``."""

    def __init__(self, u: Array, v: Array) -> None:
        xp = namespace(u)
        self._xp, self._v = xp, v
        self._length_u, self._length_v = norm(u)[..., :, None], norm(v)[..., None, :]
        self._unit_u, self._unit_v = u / norm(u)[..., None], v / norm(v)[..., None]
        apart = norm(self._unit_u[..., :, None, :] - self._unit_v[..., None, :, :])
        if u is v:  # A vector's angle with itself is zero, which no rounding, and no ball, may hide.
            apart = xp.where(eye(u.shape[-2], u) == 1, zeros(tuple(apart.shape), u), apart)
        together = norm(self._unit_u[..., :, None, :] + self._unit_v[..., None, :, :])
        # sin t = 2 sin(t/2) cos(t/2), with half chords that lose nothing near 0 and pi.
        self._sine, self._cosine = apart * together / 2, (together**2 - apart**2) / 4
        opposite = together == 0
        angle = 2 * xp.atan(apart / xp.where(opposite, xp.ones_like(together), together))
        pi = constant("pi") if is_exact(u) else np.pi
        self._rest = xp.where(opposite, 0 * angle, pi - angle)
        self._full = 2 * pi

    def kernel(self) -> Array:
        """``E relu(<u, x>) relu(<v, x>)``, ``(..., m, n)``."""
        return self._length_u * self._length_v * (self._sine + self._rest * self._cosine) / self._full

    def gradient(self) -> Array:
        """Derivative in ``u`` of the sum over the second vectors, ``(..., m, d)``."""
        along = self._xp.sum(self._length_v * self._sine, axis=-1)[..., None] * self._unit_u
        return (along + self._rest @ self._v) / self._full

    def own_second(self, moved: Array) -> Array:
        """Second derivative in ``u`` alone of the sum over the second vectors, applied to ``moved``, ``(..., m, d)``."""
        across = moved - self._xp.sum(moved * self._unit_u, axis=-1)[..., None] * self._unit_u
        sideways = self._sideways_v()
        inner = self._xp.sum(sideways * moved[..., :, None, :], axis=-1)
        turned = across[..., :, None, :] + inner[..., None] * sideways
        factor = self._length_v * self._sine / self._length_u
        return self._xp.sum(factor[..., None] * turned, axis=-2) / self._full

    def cross_second(self, moved: Array) -> Array:
        """Mixed second derivative, applied to what moves the second vectors, summed over them, ``(..., m, d)``."""
        xp, m = self._xp, moved[..., None, :, :]
        along = xp.sum(m * self._unit_v[..., None, :, :], axis=-1)
        sideways = xp.sum(m * self._sideways_u(), axis=-1)
        mixed = along[..., None] * self._unit_u[..., :, None, :] + sideways[..., None] * self._sideways_v()
        return (self._rest @ moved + xp.sum(self._sine[..., None] * mixed, axis=-2)) / self._full

    def _sideways_v(self) -> Array:
        # The unit vector of v orthogonal to u, zero where there is none.
        return self._unit(self._unit_v[..., None, :, :] - self._cosine[..., None] * self._unit_u[..., :, None, :])

    def _sideways_u(self) -> Array:
        return self._unit(self._unit_u[..., :, None, :] - self._cosine[..., None] * self._unit_v[..., None, :, :])

    def _unit(self, vectors: Array) -> Array:
        none = self._sine == 0
        length = self._xp.where(none, self._xp.ones_like(self._sine), self._sine)
        return self._xp.where(none[..., None], 0 * vectors, vectors / length[..., None])


def _check_tasks(weights: Array, truths: Array, scales: Array) -> None:
    if truths.ndim != 4:
        raise ValueError(f"truths has shape {tuple(truths.shape)}; it must be (batch, tasks, neurons, d)")
    for name, array in (("weights", weights), ("scales", scales)):
        if tuple(array.shape) != tuple(truths.shape[:2]):
            raise ValueError(
                f"{name} has shape {tuple(array.shape)}; with truths {tuple(truths.shape)} it must be (batch, tasks)"
            )
