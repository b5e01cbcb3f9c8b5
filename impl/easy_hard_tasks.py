"""Mixtures of easy and hard linear regression tasks.

Collins, Mokhtari, Shakkottai 2022, Section 3.2: hard tasks have inputs ``N(0, rho_H I)`` and optima ``N(R 1, r_H I)``, easy
tasks inputs ``N(0, rho_E I)`` and optima ``N(0, r_E I)``. Optima are either drawn, or replaced by points with the same mean
and covariance, through which alone they enter every risk of a linear model.
"""

from __future__ import annotations

import torch

from exactarray import array_like, eye, is_exact, namespace
from exactarray.arrays import Array
from impl.checks import Shapes, count, nonnegative
from impl.meta_regression import RegressionTasks


def easy_hard_law(
    d: int, *, root_H: Array, root_E: Array, R: Array, spread_H: Array, spread_E: Array, noise: Array
) -> RegressionTasks:
    """The mixture, half and half, with ``2 d`` optima at ``+-spread`` along the axes for either cloud; hard tasks first.

    Parameters
    ----------
    d:
        Number of inputs.
    root_H, root_E:
        ``sqrt(rho_H)`` and ``sqrt(rho_E)``, ``(batch,)``.
    R:
        Entries of the hard tasks' mean optimum, ``(batch,)``.
    spread_H, spread_E:
        ``sqrt(d r_H)`` and ``sqrt(d r_E)``, ``(batch,)``, not negative.
    noise:
        Standard deviation of the label noise, ``(batch,)``.

    Raises
    ------
    ValueError
        when ``d`` is not positive, shapes do not fit, or a spread is negative.
    """
    _check(d, root_H=root_H, root_E=root_E, R=R, spread_H=spread_H, spread_E=spread_E, noise=noise)
    xp = namespace(R)
    axes = xp.concat([eye(d, R), -eye(d, R)], axis=0)
    hard = R[:, None, None] + spread_H[:, None, None] * axes
    return _mixture(hard, spread_E[:, None, None] * axes, root_H, root_E, noise)


def sampled_easy_hard_law(
    d: int,
    *,
    tasks: int,
    root_H: Array,
    root_E: Array,
    R: Array,
    spread_H: Array,
    spread_E: Array,
    noise: Array,
    generator: torch.Generator,
) -> RegressionTasks:
    """The mixture with ``tasks`` optima drawn for either cloud; other arguments and errors as in :func:`easy_hard_law`."""
    _check(d, root_H=root_H, root_E=root_E, R=R, spread_H=spread_H, spread_E=spread_E, noise=noise)
    count("tasks", tasks, 1)
    if is_exact(R):
        raise ValueError(f"R of shape {tuple(R.shape)} holds exact numbers; drawn optima are floats")
    drawn = torch.randn(R.shape[0], 2, tasks, d, generator=generator, dtype=R.dtype, device=R.device) / d**0.5
    hard = R[:, None, None] + spread_H[:, None, None] * drawn[:, 0]
    return _mixture(hard, spread_E[:, None, None] * drawn[:, 1], root_H, root_E, noise)


def _mixture(hard: Array, easy: Array, root_H: Array, root_E: Array, noise: Array) -> RegressionTasks:
    xp, d = namespace(hard), hard.shape[-1]
    roots = xp.stack([root_H, root_E], axis=-1)
    half = 0 * roots + array_like([1, 1], roots) / 2
    return RegressionTasks(xp.stack([hard, easy], axis=1), roots[..., None, None] * eye(d, hard), half, noise)


def _check(d: int, **given: Array) -> None:
    count("d", d, 1)
    shapes = Shapes()
    for name, array in given.items():
        shapes(name, array, "batch")
        if name.startswith("spread"):
            nonnegative(name, array)
