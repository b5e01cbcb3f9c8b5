"""Building blocks of instance families: one task on a line, with linear noise; a task that bends where the inner step ends."""

from __future__ import annotations

from typing import Any

from exactarray import namespace
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import SplineTasks


def line_task(*, start: Any, gap: Any, heights: tuple[Any, Any], slope: Any) -> SplineTasks:
    """One spline of one piece on a line, from its knots, second derivatives and first slope, ``(batch,)`` each."""
    place = (slice(None), None, None)
    return SplineTasks(
        weights=(gap / gap)[:, None],
        start=start[place],
        gaps=gap[place][..., None],
        heights=namespace(gap).stack(heights, axis=-1)[:, None, None, :],
        slope=slope[place],
    )


def with_linear_noise(task: SplineTasks, chances: Any, noise: Any) -> NoisyTasks:
    """One task on a line whose gradients deviate by ``noise``, of mean zero, with the given chances ``(batch, points)``."""
    linear, zero = noise[:, None, :, None], 0 * task.start
    return NoisyTasks(task, Perturbations(chances[:, None], linear, 0 * linear, zero, zero + 1))


def kink(draw: Any, alpha_L: Any, slope_at_bend: Any, deviation: Any) -> dict[str, Any]:
    """A task whose slope rises from a bend to both sides, as |x| L does but for the share 1/n; data move it by +-s.

    The inner step without noise ends at the bend, and one with a data point lands to its right or left, beyond the bent part.
    """
    curvature, s, n = draw.positive("curvature"), deviation, draw.option("n", [2, 10, 100])
    step = alpha_L / curvature
    gap = 4 * step * s / n
    task = line_task(start=-gap / 2, gap=gap, heights=(-curvature, curvature), slope=slope_at_bend + curvature * gap / 4)
    sides = namespace(s).stack([s, -s], axis=-1)
    before = step * (slope_at_bend - curvature * gap / 4) / (1 - alpha_L)
    return {
        "noisy": with_linear_noise(task, 0 * sides + 1 / 2, sides),
        "w": before[:, None],
        "L": curvature,
        "alpha": step,
        "s": s,
        "D_in": 1,
        "slope": slope_at_bend,
    }
