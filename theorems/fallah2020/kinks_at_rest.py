"""Instance families: points at rest at a kink of f', where the noise of the inner step matters as much as L allows.

Data move the gradient of a task by about sigma~ to either side. On a slope of the second derivative they matter as much as rho allows.
"""

from __future__ import annotations

from typing import Any

from exactarray import namespace
from impl.smooth_tasks import SplineTasks
from theorems.fallah2020.at_rest import AtRest, balanced, with_noise
from theorems.fallah2020.kinds import with_kinds
from theorems.fallah2020.points_at_rest import LONGEST_STEP, MAML_ON_A_SLOPE
from theorems.fallah2020.tasks_on_a_line import line_task, with_linear_noise


def step_of(draw: Any, method: str) -> tuple[Any, Any]:
    """``L``, and ``alpha L`` up to the theorem's end."""
    return draw.positive("curvature"), draw.interval("alpha_share", 0, 1, closed="right") / LONGEST_STEP[method]


def _one_task(L: Any, t: Any, s: Any, gap: Any, start: Any, slope: Any, w: Any, D_in: int, rare: int = 1) -> dict[str, Any]:
    """A task whose second derivative rises from -L to L between two knots, at rest at ``w``.

    Data move its gradient by ``rare`` times s to one side, and so much less often than to the other.
    """
    task, xp, odds = line_task(start=start, gap=gap, heights=(-L, L), slope=slope), namespace(L), rare**2
    chances = xp.stack([L / L, odds * L / L], axis=-1) / (1 + odds)
    noisy, rho = with_linear_noise(task, chances, xp.stack([rare * s, -s / rare], axis=-1)), 2 * L / gap
    rest = AtRest(noisy, w[:, None], t / L, L, rho, D_in, L / L)
    return {"rest": rest, "alpha": t / L, "L": L, "rho": rho, "sigma": 0 * L, "sigma_tilde": s}


def a_kink(draw: Any, D_in: int, method: str) -> dict[str, Any]:
    """The inner step leads from where f'' = -L to the middle between -L and L; both are nearer together for larger ``n``.

    Data move that end by s, or by 2 s or s/2 for batches of two, whose mean is then farther off than half of s: 16/25 s.
    """
    (L, t), s, n = step_of(draw, method), draw.positive("deviation"), draw.option("n", [1, 10, 100])
    mean = s if D_in == 1 else 16 * s / 25
    before = t**2 * mean / (L * (1 + t))
    gap = 2 * before / n
    # At rest f'(0) is the opposite of the mean rise from there.
    return _one_task(L, t, s, gap, -gap / 2, L * gap / 2 - t * mean, -before, D_in, D_in)


def a_slope(draw: Any, D_in: int, method: str) -> dict[str, Any]:
    """The second derivative is affine as far as the inner step leads, and changes by ``z`` / alpha there over alpha s."""
    (L, t), s = step_of(draw, method), draw.positive("deviation")
    z = t * draw.interval("steep", 1 / 1000, 1) / 3
    about = draw.interval("about", -1, 1) * (t - 2 * z)
    # In units of alpha s the inner step is y, and ends at 0 where rest asks alpha f'' to be h.
    y, unit = z / (2 * (1 - about)), t * s / L
    h = about + z * y / 2
    far = (t + h) / z
    slope = s * (-z / 2 - h * far + z * far**2 / 2)
    return _one_task(L, t, s, 2 * t * unit / z, -unit * far, slope, -unit * y, D_in)


def a_kink_for_any_batch(draw: Any) -> dict[str, Any]:
    """The inner step of MAML leads from 0 to a kink, and that of few batches into the bend; a parabola keeps 0 at rest."""
    (L, t), s, n = step_of(draw, "maml"), draw.positive("deviation"), draw.option("n", [1, 10, 100])
    xp, alpha, reach = namespace(L), t / L, t * s / L
    gap, end = reach / (16 * n), draw.interval("end", 1 / 16, 1) * reach
    gaps = xp.stack([gap, 2 * reach + end - gap / 2, gap], axis=-1)
    spline = SplineTasks(
        weights=(L / L)[:, None], start=(-2 * reach - gap)[:, None, None], gaps=gaps[:, None, None, :],
        heights=xp.stack([L, -L, -L, L], axis=-1)[:, None, None, :], slope=(2 * t * s - end / alpha)[:, None, None],
    )  # fmt: skip
    D_in = draw.option("D_in", [1, 2, 4, 16, 64])
    alone = AtRest(with_noise(spline, s), (0 * L)[:, None], alpha, L, 2 * L / gap, D_in, L / L)
    return balanced("maml", spline, alone, draw.positive("root_of_odds"))


MAML_ON_A_SLOPE_OR_AT_A_KINK = with_kinds(MAML_ON_A_SLOPE, {"kink": a_kink_for_any_batch})
