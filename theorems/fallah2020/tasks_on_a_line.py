"""Instance families: one task on a line with linear noise, on which the bias of a stochastic inner step is as large as it can be."""

from __future__ import annotations

from typing import Any

from sympy import symbols

from exactarray import namespace, norm
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import SplineTasks
from lakatos import fix, instances

L, alpha = symbols("L alpha", nonnegative=True)


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


@instances(strata={"n = 100": fix(n=100)})
def kinks(draw: Any) -> dict[str, Any]:
    """Tasks that bend sharply where the inner step ends; data move the gradient by plus or minus s."""
    s = draw.positive("s")
    return kink(draw, draw.interval("alpha_L", 0, 1, closed="neither"), 2 * s, s)


@instances(strata={"one data point a batch": fix(D_in=1), "alpha = 1/L": fix(alpha_L=1)})
def affine_hessians(draw: Any) -> dict[str, Any]:
    """Tasks whose second derivative is affine wherever the inner step leads from w = 0."""
    chances, size, D_in = draw.simplex("chances", 2), draw.positive("noise"), draw.integer("D_in", 1, 3)
    xp, alpha, g = namespace(size), draw.positive("alpha"), draw.real("g")
    noise = size[:, None] * xp.stack([chances[:, 1], -chances[:, 0]], axis=-1)
    reach = alpha * (abs(g) + xp.sum(abs(noise), axis=-1)) + draw.positive("margin")
    bend = draw.interval("alpha_L", 0, 1, closed="right") / (alpha * reach)
    task = line_task(start=-reach, gap=2 * reach, heights=(-bend * reach, bend * reach), slope=g + bend * reach**2 / 2)
    return {
        "noisy": with_linear_noise(task, chances, noise),
        "w": 0 * g[:, None],
        "D_in": D_in,
        "L": bend * reach,
        "rho": bend,
        "alpha": alpha,
        "s": norm(xp.sqrt(chances) * noise),
    }
