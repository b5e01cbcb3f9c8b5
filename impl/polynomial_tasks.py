"""Cubic tasks: rational values, gradients and Hessians, and a MAML objective that is a polynomial of degree six."""

from __future__ import annotations

from dataclasses import dataclass

from exactarray import namespace
from exactarray.arrays import Array
from impl.checks import has_shape


@dataclass(frozen=True)
class CubicTasks:
    """``f_i(w) = linear_i . w + w . quadratic_i w / 2 + sum_j cubic_ij (direction_ij . w)^3 / 6``.

    Parameters
    ----------
    weights:
        Task probabilities ``(batch, tasks)``.
    linear:
        ``(batch, tasks, d)``.
    quadratic:
        Symmetric matrices ``(batch, tasks, d, d)``.
    cubic:
        ``(batch, tasks, terms)``.
    directions:
        The rows are directions, ``(batch, tasks, terms, d)``.

    Raises
    ------
    ValueError
        when shapes disagree.
    """

    weights: Array
    linear: Array
    quadratic: Array
    cubic: Array
    directions: Array

    def __post_init__(self) -> None:
        if len(self.directions.shape) != 4:
            raise ValueError(f"directions has shape {tuple(self.directions.shape)}; it must be (batch, tasks, terms, d)")
        batch, tasks, terms, d = self.directions.shape
        shapes = {
            "weights": (batch, tasks),
            "linear": (batch, tasks, d),
            "quadratic": (batch, tasks, d, d),
            "cubic": (batch, tasks, terms),
        }
        for name, shape in shapes.items():
            has_shape(name, getattr(self, name), shape)

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""
        return int(self.linear.shape[-1])

    def value(self, w: Array) -> Array:
        """Losses, as :meth:`impl.maml.Tasks.value`."""
        has_shape("w", w, self.linear.shape)
        xp = namespace(w)
        upto_second = xp.sum((self.linear + _apply(self.quadratic, w) / 2) * w, axis=-1)
        return upto_second + xp.sum(self.cubic * _apply(self.directions, w) ** 3, axis=-1) / 6

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        has_shape("w", w, self.linear.shape)
        bent = self.cubic * _apply(self.directions, w) ** 2 / 2
        return self.linear + _apply(self.quadratic, w) + _apply(self.directions.mT, bent)

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        has_shape("w", w, self.linear.shape)
        has_shape("v", v, self.linear.shape)
        bent = self.cubic * _apply(self.directions, w) * _apply(self.directions, v)
        return _apply(self.quadratic, v) + _apply(self.directions.mT, bent)


def _apply(matrices: Array, vectors: Array) -> Array:
    return (matrices @ vectors[..., None])[..., 0]
