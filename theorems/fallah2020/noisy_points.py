"""Instance families: splines with data noise, an inner step size, and a point ``w``.

``L`` and ``rho`` are the smallest constants of the drawn tasks, and ``s`` (sigma~) and ``s_H`` (sigma_H, spectral norm) the
smallest of the drawn noise, over all of R^d. Noise is a linear term, which moves gradients only, plus multiples of hats, which move
Hessians too and keep the gradients bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import symbols

from exactarray import amax, amin, maximum, namespace
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import SplineTasks
from lakatos import fix, instances, when
from lakatos.families import Family

L, alpha = symbols("L alpha", nonnegative=True)
SMALLEST_L = 2.0**-20
RARE = 50  # how much likelier another data point is

STRATA = {
    "one task": fix(tasks=1),
    "d = 2": fix(d=2),
    "noise in gradients only": fix(bent=0),
    "no noise": fix(linear=0, bent=0),
    "rare data point": when(lambda odds: (amax(odds, axis=-1) >= RARE * amin(odds, axis=-1))[:, 0]),
}


def noisy_splines(draw: Any, most_tasks: int) -> NoisyTasks:
    """Separable splines, each with a law of two or three data points."""
    tasks, d = draw.integer("tasks", 1, most_tasks), draw.integer("d", 1, 2)
    pieces, points = draw.integer("pieces", 1, 2), draw.integer("points", 2, 3)
    splines = SplineTasks(
        weights=draw.simplex("p", tasks),
        start=draw.real("start", tasks, d),
        gaps=draw.positive("gaps", tasks, d, pieces),
        heights=draw.real("heights", tasks, d, pieces + 1),
        slope=draw.real("slope", tasks, d),
    )
    odds = draw.positive("odds", tasks, points)
    noise = Perturbations.centred(
        chances=odds / namespace(odds).sum(odds, axis=-1)[..., None],
        linear=draw.real("linear", tasks, points, d),
        bent=draw.real("bent", tasks, points, d),
        centre=draw.real("centre", tasks, d),
        width=draw.positive("width", tasks, d),
    )
    return NoisyTasks(splines, noise)


def at_a_point(draw: Any, noisy: NoisyTasks, alpha_L: Any) -> dict[str, Any]:
    """A point, the step size and every constant of the bounds."""
    constant = maximum(amax(noisy.tasks.lipschitz_gradient, axis=-1), SMALLEST_L)
    return {
        "noisy": noisy,
        "w": draw.real("w", noisy.dimension),
        "L": constant,
        "rho": amax(noisy.tasks.lipschitz_hessian, axis=-1),
        "alpha": alpha_L / constant,
        "s": noisy.gradient_deviation,
        "s_H": noisy.hessian_deviation,
    }


def noisy_points(
    *,
    tasks: int = 1,
    longest: int = 1,
    also: Callable[[Any], dict[str, Any]] = lambda draw: {},
    finish: Callable[[dict[str, Any]], dict[str, Any]] = lambda values: values,
    **largest: int,
) -> Family:
    """The family with up to ``tasks`` tasks, ``alpha`` in (0, longest/L] and batches of data of one to ``largest`` points.

    ``also`` draws what else a bound needs, and ``finish`` adds what it needs of the instances.
    """
    strata = {name: stratum for name, stratum in STRATA.items() if tasks > 1 or name != "one task"}

    @instances(strata={**strata, "longest step": fix(alpha_L=longest)}, assume=[alpha * L <= longest])
    def noisy_splines_at_a_point(draw: Any) -> dict[str, Any]:
        sizes = {name: draw.integer(name, 1, most) for name, most in largest.items()}
        values = at_a_point(draw, noisy_splines(draw, tasks), draw.interval("alpha_L", 0, longest, closed="right"))
        return finish({**values, **sizes, **also(draw)})

    return noisy_splines_at_a_point


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
