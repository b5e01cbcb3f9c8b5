"""Samples of linear regression tasks whose parameters share a subspace.

Yüksel, Boursier, Flammarion 2024, Section 2.1: ``y_i = X_i B_* w_{*,i} + z_i`` with standard Gaussian inputs, Gaussian heads
of covariance ``Sigma_*`` and Gaussian noise of variance ``sigma^2``. The law is an :class:`impl.fo_anil.SubspaceTasks`; the
two-task instance of Saunshi et al. 2020 is the case of one direction with signs for heads.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from exactarray import is_exact
from exactarray.arrays import Array
from impl.checks import Shapes, count
from impl.fo_anil import SubspaceTasks


@dataclass(frozen=True)
class RegressionSamples:
    """Labelled samples of ``batch`` sets of tasks.

    Parameters
    ----------
    X, y:
        Inputs ``(batch, tasks, n, d)`` and labels ``(batch, tasks, n)``.
    theta:
        The tasks' parameters ``B_* w_*``, ``(batch, tasks, d)``.
    """

    X: Array
    y: Array
    theta: Array

    def split(self, inner: int) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """The first ``inner`` samples of every task for the inner loop, and the others for the outer one.

        Raises ValueError unless some are left for either.
        """
        count("inner", inner, 1)
        if inner >= self.X.shape[2]:
            raise ValueError(f"inner is {inner}, which leaves none of the samples of X {tuple(self.X.shape)} to the outer loop")
        return (self.X[:, :, :inner], self.y[:, :, :inner]), (self.X[:, :, inner:], self.y[:, :, inner:])


def labelled(X: Array, theta: Array, noise: Array) -> RegressionSamples:
    """Samples with the labels ``X theta + noise``.

    ``X (batch, tasks, n, d)``, ``theta (batch, tasks, d)``, ``noise (batch, tasks, n)``. Raises ValueError when they do not
    fit.
    """
    shapes = Shapes()
    shapes("X", X, "batch tasks n d")
    shapes("theta", theta, "batch tasks d")
    shapes("noise", noise, "batch tasks n")
    return RegressionSamples(X, (X @ theta[..., None])[..., 0] + noise, theta)


def sample(law: SubspaceTasks, tasks: int, samples: int, generator: torch.Generator) -> RegressionSamples:
    """Independent Gaussian tasks with Gaussian samples, on floats, on the device of the law and of the generator.

    Raises
    ------
    ValueError
        when a number is not positive, the law holds exact numbers, or a covariance is not positive semidefinite.
    """
    count("tasks", tasks, 1)
    count("samples", samples, 1)
    if is_exact(law.covariance):
        raise ValueError(f"covariance of shape {tuple(law.covariance.shape)} holds exact numbers; samples are floats")
    values, axes = torch.linalg.eigh(law.covariance)
    if bool((values < -1e-12 * values.abs().amax(dim=-1, keepdim=True)).any()):
        raise ValueError(f"covariance of shape {tuple(law.covariance.shape)} is not positive semidefinite")
    batch, d, k = law.basis.shape

    def normal(*shape: int) -> Array:
        return torch.randn(batch, tasks, *shape, generator=generator, dtype=law.basis.dtype, device=law.basis.device)

    heads = (normal(k) * values.clamp(min=0).sqrt()[:, None]) @ axes.mT
    return labelled(normal(samples, d), heads @ law.basis.mT, law.noise.sqrt()[:, None, None] * normal(samples))
