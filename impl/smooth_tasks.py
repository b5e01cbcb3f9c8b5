"""Smooth, generally nonconvex tasks whose gradient- and Hessian-Lipschitz constants are known exactly.

Two families. Ridge tasks are analytic: along each axis of a rotation, a quadratic plus a sine, log cosh or softplus. Separable
splines are only twice continuously differentiable: along each coordinate the second derivative is piecewise linear, with any
values at any knots; all their quantities are rational. :class:`Mirrored` adds to each task its mirror image.

For every family ``lipschitz_gradient`` is the ``L_i`` and ``lipschitz_hessian`` (in the spectral norm) the ``rho_i`` of Fallah,
Mokhtari, Ozdaglar 2020, Assumptions 4.3 and 4.4, and both are the smallest such constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from exactarray import amax, array_like, maximum, minimum, namespace
from exactarray.arrays import Array
from impl.checks import has_shape
from impl.maml import Tasks


class SmoothTasks(Tasks, Protocol):
    """Tasks with known Lipschitz constants of gradient and Hessian."""

    @property
    def lipschitz_gradient(self) -> Array:
        """``L_i`` of every task, ``(batch, tasks)``."""

    @property
    def lipschitz_hessian(self) -> Array:
        """``rho_i`` of every task, ``(batch, tasks)``."""


@dataclass(frozen=True)
class Profile:
    """A function of one variable with the range of its second and the supremum of its absolute third derivative.

    The range is ``(lowest, highest)``; ``third_squared`` is the square of the supremum, which is rational for all profiles
    here. Both are pairs ``(numerator, denominator)``.
    """

    value: Callable[[Array], Array]
    first: Callable[[Array], Array]
    second: Callable[[Array], Array]
    lowest: tuple[int, int]
    highest: tuple[int, int]
    third_squared: tuple[int, int]


def _sin(t: Array) -> Array:
    return namespace(t).sin(t)


def _log_cosh(t: Array) -> Array:
    xp = namespace(t)
    # log cosh t = |t| + log((1 + exp(-2|t|)) / 2), which does not overflow.
    return abs(t) + xp.log1p(xp.exp(-2 * abs(t))) - xp.log(array_like([2], t))


def _softplus(t: Array) -> Array:
    return t / 2 + abs(t) / 2 + namespace(t).log1p(namespace(t).exp(-abs(t)))


def _tanh(t: Array) -> Array:
    return namespace(t).tanh(t)


PROFILES = {
    "sin": Profile(_sin, lambda t: namespace(t).cos(t), lambda t: -_sin(t), (-1, 1), (1, 1), (1, 1)),
    "log cosh": Profile(_log_cosh, _tanh, lambda t: 1 - _tanh(t) ** 2, (0, 1), (1, 1), (16, 27)),
    "softplus": Profile(
        _softplus, lambda t: (1 + _tanh(t / 2)) / 2, lambda t: (1 - _tanh(t / 2) ** 2) / 4, (0, 1), (1, 4), (1, 108)
    ),
}


@dataclass(frozen=True)
class RidgeTasks:
    """``f_i(w) = sum_j slope_ij t_j + curvature_ij t_j^2 / 2 + amplitude_ij psi(frequency_ij t_j + phase_ij)``.

    Here ``t = Q_i^T w``.

    Parameters
    ----------
    weights:
        Task probabilities ``(batch, tasks)``.
    axes:
        Orthogonal matrices ``Q`` of shape ``(batch, tasks, d, d)``; the ridge directions are their columns.
    slope, curvature, amplitude, frequency, phase:
        Coefficients ``(batch, tasks, d)``. The slope moves gradients without changing any Lipschitz constant.
    profile:
        The name of ``psi``: "sin", "log cosh" or "softplus".

    Raises
    ------
    ValueError
        when shapes disagree, or for an unknown profile.
    """

    weights: Array
    axes: Array
    slope: Array
    curvature: Array
    amplitude: Array
    frequency: Array
    phase: Array
    profile: str

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(f"profile {self.profile!r} is unknown; there are {', '.join(PROFILES)}")
        if len(self.slope.shape) != 3:
            raise ValueError(f"slope has shape {tuple(self.slope.shape)}; it must be (batch, tasks, d)")
        batch, tasks, d = self.slope.shape
        for name in ("curvature", "amplitude", "frequency", "phase"):
            has_shape(name, getattr(self, name), (batch, tasks, d))
        has_shape("weights", self.weights, (batch, tasks))
        has_shape("axes", self.axes, (batch, tasks, d, d))

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""
        return int(self.slope.shape[-1])

    @property
    def lipschitz_gradient(self) -> Array:
        """``L_i``: the largest absolute second derivative along any axis, ``(batch, tasks)``."""
        psi, scale = PROFILES[self.profile], self.amplitude * self.frequency**2
        ends = [abs(self.curvature + scale * top / bottom) for top, bottom in (psi.lowest, psi.highest)]
        return amax(maximum(*ends), axis=-1)

    @property
    def lipschitz_hessian(self) -> Array:
        """``rho_i``: the largest absolute third derivative along any axis, ``(batch, tasks)``."""
        top, bottom = PROFILES[self.profile].third_squared
        unit = namespace(self.amplitude).sqrt(array_like([top], self.amplitude) / bottom)
        return amax(abs(self.amplitude * self.frequency**3) * unit, axis=-1)

    def value(self, w: Array) -> Array:
        """Losses, as :meth:`impl.maml.Tasks.value`."""
        t = self._along_axes(w)
        ridges = self.amplitude * PROFILES[self.profile].value(self.frequency * t + self.phase)
        return namespace(w).sum(self.slope * t + self.curvature * t**2 / 2 + ridges, axis=-1)

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        t = self._along_axes(w)
        ridges = self.amplitude * self.frequency * PROFILES[self.profile].first(self.frequency * t + self.phase)
        return self._back(self.slope + self.curvature * t + ridges)

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        t = self._along_axes(w)
        ridges = self.amplitude * self.frequency**2 * PROFILES[self.profile].second(self.frequency * t + self.phase)
        return self._back((self.curvature + ridges) * self._along_axes(v, "v"))

    def _along_axes(self, w: Array, name: str = "w") -> Array:
        has_shape(name, w, self.slope.shape)
        return (self.axes.mT @ w[..., None])[..., 0]

    def _back(self, t: Array) -> Array:
        return (self.axes @ t[..., None])[..., 0]


@dataclass(frozen=True)
class SplineTasks:
    """``f_i(w) = sum_j phi_ij(w_j)`` where ``phi''`` is piecewise linear through given heights, and constant beyond them.

    Parameters
    ----------
    weights:
        Task probabilities ``(batch, tasks)``.
    start:
        The first knot ``(batch, tasks, d)``.
    gaps:
        Positive distances ``(batch, tasks, d, pieces)`` between one knot and the next.
    heights:
        Second derivatives ``(batch, tasks, d, pieces + 1)`` at the knots.
    slope:
        First derivatives ``(batch, tasks, d)`` at the first knot. It changes no Lipschitz constant.

    Raises
    ------
    ValueError
        when shapes disagree.
    """

    weights: Array
    start: Array
    gaps: Array
    heights: Array
    slope: Array

    def __post_init__(self) -> None:
        if len(self.gaps.shape) != 4 or self.gaps.shape[-1] < 1:
            raise ValueError(f"gaps has shape {tuple(self.gaps.shape)}; it must be (batch, tasks, d, pieces), pieces >= 1")
        batch, tasks, d, pieces = self.gaps.shape
        has_shape("heights", self.heights, (batch, tasks, d, pieces + 1))
        has_shape("weights", self.weights, (batch, tasks))
        has_shape("start", self.start, (batch, tasks, d))
        has_shape("slope", self.slope, (batch, tasks, d))

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""
        return int(self.slope.shape[-1])

    @property
    def lipschitz_gradient(self) -> Array:
        """``L_i``: the largest absolute height, ``(batch, tasks)``."""
        return amax(amax(abs(self.heights), axis=-1), axis=-1)

    @property
    def lipschitz_hessian(self) -> Array:
        """``rho_i``: the steepest piece of ``phi''``, ``(batch, tasks)``."""
        return amax(amax(abs(self._steepness), axis=-1), axis=-1)

    def value(self, w: Array) -> Array:
        """Losses, as :meth:`impl.maml.Tasks.value`."""
        xp = namespace(w)
        before, inside, beyond = self._travelled(w)
        rises = (self.heights[..., :-1] + self.heights[..., 1:]) * self.gaps / 2
        first = self.slope[..., None]
        at_knots = xp.concat([first, first + xp.cumulative_sum(rises, axis=-1)], axis=-1)
        pieces = at_knots[..., :-1] * inside + self.heights[..., :-1] * inside**2 / 2 + self._steepness * inside**3 / 6
        tails = self.slope * before + self.heights[..., 0] * before**2 / 2
        tails = tails + at_knots[..., -1] * beyond + self.heights[..., -1] * beyond**2 / 2
        return xp.sum(xp.sum(pieces, axis=-1) + tails, axis=-1)

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        before, inside, beyond = self._travelled(w)
        xp, low, high = namespace(w), self.heights[..., 0], self.heights[..., -1]
        pieces = (self.heights[..., :-1] + self._steepness * inside / 2) * inside
        return self.slope + low * before + xp.sum(pieces, axis=-1) + high * beyond

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        has_shape("v", v, self.slope.shape)
        _, inside, _ = self._travelled(w)
        return (self.heights[..., 0] + namespace(w).sum(self._steepness * inside, axis=-1)) * v

    @cached_property
    def _steepness(self) -> Array:
        return (self.heights[..., 1:] - self.heights[..., :-1]) / self.gaps

    @cached_property
    def _ends(self) -> Array:
        """Distance from the first knot to the end of each piece."""
        return namespace(self.gaps).cumulative_sum(self.gaps, axis=-1)

    @cached_property
    def _begins(self) -> Array:
        return self._ends - self.gaps

    def _travelled(self, w: Array) -> tuple[Array, Array, Array]:
        """Signed way from the first knot to ``w``: before the first knot, inside each piece, beyond the last knot."""
        has_shape("w", w, self.slope.shape)
        offset = w - self.start
        inside = minimum(maximum(offset[..., None] - self._begins, 0), self.gaps)
        return minimum(offset, 0), inside, maximum(offset - self._ends[..., -1], 0)


@dataclass(frozen=True)
class Mirrored:
    """The tasks ``f_i(w)`` and ``f_i(-w)``, each with half the weight of ``f_i``: at ``w = 0`` their mean gradient is zero."""

    tasks: SmoothTasks

    @property
    def weights(self) -> Array:
        """Half of the weights of the tasks, twice: ``(batch, 2 tasks)``."""
        half = self.tasks.weights / 2
        return namespace(half).concat([half, half], axis=1)

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""
        return self.tasks.dimension

    @property
    def lipschitz_gradient(self) -> Array:
        """``L_i`` of both halves, ``(batch, 2 tasks)``."""
        return self._twice(self.tasks.lipschitz_gradient)

    @property
    def lipschitz_hessian(self) -> Array:
        """``rho_i`` of both halves, ``(batch, 2 tasks)``."""
        return self._twice(self.tasks.lipschitz_hessian)

    def value(self, w: Array) -> Array:
        """Losses, as :meth:`impl.maml.Tasks.value`."""
        plain, mirrored = self._halves(w)
        return namespace(w).concat([self.tasks.value(plain), self.tasks.value(-mirrored)], axis=1)

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        plain, mirrored = self._halves(w)
        return namespace(w).concat([self.tasks.gradient(plain), -self.tasks.gradient(-mirrored)], axis=1)

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        (plain, mirrored), (v_plain, v_mirrored) = self._halves(w), self._halves(v, "v")
        halves = [self.tasks.hessian_vector(plain, v_plain), self.tasks.hessian_vector(-mirrored, v_mirrored)]
        return namespace(w).concat(halves, axis=1)

    def _halves(self, w: Array, name: str = "w") -> tuple[Array, Array]:
        batch, count = self.tasks.weights.shape
        has_shape(name, w, (batch, 2 * count, self.dimension))
        return w[:, :count], w[:, count:]

    @staticmethod
    def _twice(constants: Array) -> Array:
        return namespace(constants).concat([constants, constants], axis=1)
