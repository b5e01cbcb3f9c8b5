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


def noisy_splines(draw: Any, most_tasks: int, *, most_points: int = 3, quadratic: bool = False) -> NoisyTasks:
    """Separable splines, or quadratics, each with a law of at least two data points."""
    tasks, d = draw.integer("tasks", 1, most_tasks), draw.integer("d", 1, 2)
    pieces, points = draw.integer("pieces", 1, 2), draw.integer("points", 2, most_points)
    heights = draw.real("heights", tasks, d, pieces + 1)
    splines = SplineTasks(
        weights=draw.simplex("p", tasks),
        start=draw.real("start", tasks, d),
        gaps=draw.positive("gaps", tasks, d, pieces),
        heights=0 * heights + heights[..., :1] if quadratic else heights,
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
    points: int = 3,
    longest: int = 1,
    also: Callable[[Any], dict[str, Any]] = lambda draw: {},
    finish: Callable[[dict[str, Any]], dict[str, Any]] = lambda values: values,
    **largest: int,
) -> Family:
    """The family with up to ``tasks`` tasks, ``alpha`` in (0, longest/L] and batches of data of one to ``largest`` points.

    A task has two to ``points`` different data points. ``also`` draws what else a bound needs, and ``finish`` adds what it needs of
    the instances.
    """
    strata = {name: stratum for name, stratum in STRATA.items() if tasks > 1 or name != "one task"}

    @instances(strata={**strata, "longest step": fix(alpha_L=longest)}, assume=[alpha * L <= 1] if longest == 1 else [])
    def noisy_splines_at_a_point(draw: Any) -> dict[str, Any]:
        sizes = {name: draw.integer(name, 1, most) for name, most in largest.items()}
        values = at_a_point(
            draw, noisy_splines(draw, tasks, most_points=points), draw.interval("alpha_L", 0, longest, closed="right")
        )
        return finish({**values, **sizes, **also(draw)})

    return noisy_splines_at_a_point
