"""Quadratic tasks that a few gradient steps adapt to: starting points that minimise the loss before or after adaptation.

``f_i(w) = (w - c_i) . A_i (w - c_i) / 2``. After ``n`` steps of size ``alpha`` the error ``w - c_i`` is ``(I - alpha A_i)^n`` times the
one before, so that the expected loss after adaptation is quadratic in the start, too. Fallah, Mokhtari, Ozdaglar 2020, problems (1) and
(2) and footnote 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from exactarray import eye, namespace, norm
from exactarray.arrays import Array
from impl.checks import Shapes, count, solve_regular


@dataclass(frozen=True)
class QuadraticTasks:
    """Tasks with their own symmetric Hessians and optima.

    Parameters
    ----------
    weights:
        Task probabilities ``(batch, tasks)``.
    hessians:
        ``A_i`` of shape ``(batch, tasks, d, d)``.
    optima:
        ``c_i`` of shape ``(batch, tasks, d)``.

    Raises
    ------
    ValueError
        when shapes disagree.
    """

    weights: Array
    hessians: Array
    optima: Array

    def __post_init__(self) -> None:
        shapes = Shapes()
        shapes("hessians", self.hessians, "batch tasks d d")
        shapes("weights", self.weights, "batch tasks")
        shapes("optima", self.optima, "batch tasks d")

    def adapted(self, w: Array, alpha: Array, steps: int) -> Array:
        """Every task's parameters after gradient steps from a common start.

        Parameters
        ----------
        w:
            Common starts ``(batch, d)``.
        alpha:
            Step sizes ``(batch,)``.
        steps:
            Number of steps, at least 0.

        Returns
        -------
        ``(batch, tasks, d)``.

        Raises
        ------
        ValueError
            when a shape does not fit, or for negative ``steps``.
        """
        self._check(alpha, steps)
        Shapes(batch=self.optima.shape[0], d=self.optima.shape[2])("w", w, "batch d")
        reached = namespace(w).broadcast_to(w[:, None, :], tuple(self.optima.shape))
        for _ in range(steps):
            reached = reached - alpha[:, None, None] * (self.hessians @ (reached - self.optima)[..., None])[..., 0]
        return reached

    def distances(self, w: Array, alpha: Array, steps: int) -> Array:
        """Distances to the optima after adaptation, ``(batch, tasks)``; arguments and errors as :meth:`adapted`."""
        return norm(self.adapted(w, alpha, steps) - self.optima)

    def expected_loss(self, w: Array, alpha: Array, steps: int) -> Array:
        """The mean loss over the tasks after adaptation, ``(batch,)``; arguments and errors as :meth:`adapted`."""
        xp, error = namespace(w), (self.adapted(w, alpha, steps) - self.optima)[..., None]
        losses = (error.mT @ self.hessians @ error)[..., 0, 0] / 2
        return xp.sum(self.weights * losses, axis=-1)

    def minimiser(self, alpha: Array, steps: int) -> Array:
        """The start with the smallest expected loss after adaptation, ``(batch, d)``; problem (1) for ``steps = 0``.

        Arguments as :meth:`adapted`. Raises ValueError as it does, and where more than one start is the best.
        """
        self._check(alpha, steps)
        xp, one = namespace(alpha), eye(self.optima.shape[2], self.hessians)
        curvature = self.hessians
        for _ in range(steps):
            left = one - alpha[:, None, None, None] * self.hessians
            curvature = left @ curvature @ left
        curvature = self.weights[..., None, None] * curvature
        pull = xp.sum(curvature @ self.optima[..., None], axis=1)
        return solve_regular("the expected Hessian after adaptation", xp.sum(curvature, axis=1), pull)[..., 0]

    def _check(self, alpha: Array, steps: int) -> None:
        Shapes(batch=self.optima.shape[0])("alpha", alpha, "batch")
        count("steps", steps)
