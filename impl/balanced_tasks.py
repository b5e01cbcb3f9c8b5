"""Two smooth tasks on a line whose updates cancel at a given point, so that a run of expected updates stays there.

The first task is a spline whose second derivative has one value far out on both sides; the second a parabola with that second
derivative everywhere. Their gradients differ by a bounded amount, whose supremum is rational.
"""

from __future__ import annotations

from exactarray import amax, maximum, namespace
from exactarray.arrays import Array
from impl.checks import Shapes
from impl.smooth_tasks import SplineTasks


def with_parabola(spline: SplineTasks, odds: Array, at: Array, gradient: Array) -> SplineTasks:
    """The spline and a parabola with a given gradient at a given point.

    Parameters
    ----------
    spline:
        One task with one parameter; its first and last heights agree.
    odds:
        Probability of the spline over that of the parabola, ``(batch,)``.
    at, gradient:
        Where the parabola has which gradient, ``(batch,)``.

    Raises
    ------
    ValueError
        when a shape does not fit.
    """
    shapes, xp = Shapes(), namespace(odds)
    shapes("heights", spline.heights, "batch 1 1 knots")
    shapes("odds", odds, "batch")
    shapes("at", at, "batch")
    shapes("gradient", gradient, "batch")
    far = spline.heights[..., :1]
    slope = gradient - far[:, 0, 0, 0] * (at - spline.start[:, 0, 0])
    return SplineTasks(
        weights=xp.stack([odds / (1 + odds), 1 / (1 + odds)], axis=1),
        start=xp.concat([spline.start, spline.start], axis=1),
        gaps=xp.concat([spline.gaps, spline.gaps], axis=1),
        heights=xp.concat([spline.heights, far + 0 * spline.heights], axis=1),
        slope=xp.concat([spline.slope, slope[:, None, None]], axis=1),
    )


def largest_gradient_gap(tasks: SplineTasks) -> Array:
    """``sup |f_1' - f_2'|`` over the whole line, ``(batch,)``.

    Parameters
    ----------
    tasks:
        Two tasks with one parameter, the same knots, and the same second derivative far out.

    Raises
    ------
    ValueError
        when there are not two tasks with one parameter.
    """
    Shapes()("heights", tasks.heights, "batch 2 1 knots")
    xp = namespace(tasks.heights)
    bend = (tasks.heights[:, 0] - tasks.heights[:, 1])[:, 0]
    gaps = tasks.gaps[:, 0, 0]
    first = tasks.slope[:, 0] - tasks.slope[:, 1]
    low, high = bend[:, :-1], bend[:, 1:]
    knots = xp.concat([first, first + xp.cumulative_sum((low + high) * gaps / 2, axis=-1)], axis=-1)
    # Between two knots the difference is extreme where its derivative, linear there, changes sign.
    crossed = low * high < 0
    rise = xp.where(crossed, low - high, xp.ones_like(low))
    peaks = xp.where(crossed, knots[:, :-1] + low**2 * gaps / (2 * rise), knots[:, :-1])
    return maximum(amax(abs(knots), axis=-1), amax(abs(peaks), axis=-1))
