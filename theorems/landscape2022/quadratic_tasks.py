"""Single least-squares tasks, with their eigenvalues and a step for gradient descent (Section 3, task hardness).

The covariances are diagonal: gradient descent commutes with rotations.
"""

from __future__ import annotations

from typing import Any

from sympy import symbols

from exactarray import amax, amin, eye, namespace
from impl.meta_regression import RegressionTasks, nal_descent
from lakatos import fix, instances

alpha, lambda_min, lambda_max, steps = symbols("alpha lambda_min lambda_max steps", nonnegative=True)
NAMES = {"lambda_min": r"\lambda_{\min}", "lambda_max": r"\lambda_{\max}"}


def quadratic(roots: Any) -> RegressionTasks:
    """One task without noise, optimum 0 and eigenvalues ``roots^2``, ``(batch, d)``."""
    one = namespace(roots).ones_like(roots[:, 0])
    return RegressionTasks(
        0 * roots[:, None, None], (roots[..., None] * eye(roots.shape[-1], roots))[:, None], one[:, None], 0 * one
    )


def worst_error(tasks: RegressionTasks, alpha: Any, steps: int) -> Any:
    """The largest error, relative to that of the start, after gradient descent from each eigenvector."""
    xp, d = namespace(alpha), tasks.roots.shape[-1]
    starts = [0 * alpha[:, None] + axis for axis in eye(d, alpha)]
    return amax(xp.stack([amax(abs(nal_descent(tasks, s, alpha, steps)), axis=-1) for s in starts], axis=-1), axis=-1)


def _drawn(draw: Any, most: int, scale: Any) -> dict[str, Any]:
    d = draw.integer("d", 1, 2)
    draw.integer("steps", 1, 3)
    roots = draw.positive("roots", d)
    low, high = amin(roots, axis=-1) ** 2, amax(roots, axis=-1) ** 2
    alpha = draw.interval("share", 0, most, closed="left") / scale(low, high)
    return dict(tasks=quadratic(roots), alpha=alpha, lambda_min=low, lambda_max=high)


@instances(strata={"alpha = 1/lambda_max": fix(share=1)}, assume=[alpha * lambda_max < 2])
def convergent_steps(draw):
    """One task and any step for which gradient descent converges."""
    return _drawn(draw, 2, lambda low, high: high)


@instances(strata={"d = 2": fix(d=2)}, assume=[alpha * (lambda_min + lambda_max) <= 2])
def small_steps(draw):
    """One task and a step below 2/(lambda_min + lambda_max)."""
    return _drawn(draw, 2, lambda low, high: low + high)


def _pair(draw: Any, most: int) -> dict[str, Any]:
    d = draw.integer("d", 1, 2)
    draw.integer("steps", 1, 3)
    hard, excess = draw.positive("hard_roots", d), draw.nonnegative("excess", d)
    easy = amin(hard, axis=-1)[:, None] + excess
    top = namespace(hard).concat([hard, easy], axis=1)
    alpha = draw.interval("share", 0, most, closed="left") / amax(top, axis=-1) ** 2
    return dict(hard=quadratic(hard), easy=quadratic(easy), alpha=alpha)


@instances()
def pairs_with_convergent_steps(draw):
    """Two tasks, the second with the larger smallest eigenvalue, and a step for which both converge."""
    return _pair(draw, 2)


@instances()
def pairs_with_natural_steps(draw):
    """Two tasks, the second with the larger smallest eigenvalue, and a step below 1/L."""
    return _pair(draw, 1)


def _started(draw: Any, least: float) -> dict[str, Any]:
    low, apart = draw.interval("root_min", 0.25, 0.5), draw.interval("apart", 0.125, 0.25)
    roots = namespace(low).stack([low, low + apart], axis=-1)
    along_min = draw.interval("along_min", least, 1)
    start = namespace(low).stack([along_min, 0 * low + 1], axis=-1)
    return dict(tasks=quadratic(roots), start=start, alpha=0 * low + 1, lambda_min=low**2)


@instances(strata={"aligned": fix(along_min=0)})
def any_start(draw):
    """A task with two different eigenvalues below 1, the step 1, and any start."""
    return _started(draw, 0)


@instances()
def generic_start(draw):
    """The same with a start whose error has a component along the smallest eigenvalue."""
    return _started(draw, 0.125)
