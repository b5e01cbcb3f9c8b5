"""Instance families: smooth nonconvex tasks, an inner step size, and two points ``w`` and ``u``.

``L`` and ``rho`` are the smallest constants of the drawn tasks. ``L`` is kept at 2^-20 or more, so that 1/L exists for affine
tasks. Many of the structures put the two points close together, near 1e-5, or scale the linear terms by 1e4.
"""

from __future__ import annotations

from typing import Any

from sympy import Eq, symbols

from exactarray import amax, amin, maximum, minimum, namespace, norm
from impl.maml import expected_gradient_norm
from impl.smooth_tasks import PROFILES, Mirrored, RidgeTasks, SmoothTasks, SplineTasks
from lakatos import fix, instances, when

L, alpha = symbols("L alpha", nonnegative=True)
SMALLEST_L = 2.0**-20

STRATA = {
    "one task": fix(tasks=1, mirrored=False),
    "mirrored tasks": fix(mirrored=True),
    "uniform p": fix(tasks=3, p=1),
    "skewed p": when(lambda p: amax(p, axis=-1) >= 10 * amin(p, axis=-1)),
    "close pair": fix(closeness=100000),
    "gradients near 1e4": fix(gradient_scale=10000),
}
SPLINE_STRATA = {**STRATA, "concave": fix(sign="concave"), "stationary at u": fix(u=0, start=0, slope=0)}
PRINTED_STEPS = {"alpha = 0": fix(alpha_L=0), "alpha = 1/L": fix(alpha_L=1)}
LONGER_STEPS = {"alpha = 2/L": fix(alpha_L=2)}


def pair_on(draw: Any, tasks: SmoothTasks, alpha_L: Any) -> dict[str, Any]:
    """A pair of points for the tasks, and every quantity of a bound on what happens between them."""
    if draw.option("mirrored", [False, True]):
        tasks = Mirrored(tasks)
    u = draw.real("u", tasks.dimension)
    w = u + draw.real("step", tasks.dimension) / draw.option("closeness", [1, 100000])
    return between(tasks, u, w, alpha_L)


def between(tasks: SmoothTasks, u: Any, w: Any, alpha_L: Any) -> dict[str, Any]:
    """The tasks, the points, and every quantity of the bounds."""
    constant = maximum(amax(tasks.lipschitz_gradient, axis=-1), SMALLEST_L)
    return {
        "task_set": tasks,
        "w": w,
        "u": u,
        "L": constant,
        "rho": amax(tasks.lipschitz_hessian, axis=-1),
        "alpha": alpha_L / constant,
        "G_w": expected_gradient_norm(tasks, w),
        "G_u": expected_gradient_norm(tasks, u),
        "distance": norm(w - u),
    }


def splines(draw: Any, signs: tuple[str, ...] = ("any", "concave", "convex")) -> SplineTasks:
    """One-dimensional splines with any knots, and second derivatives of the given signs: rational, and merely C^2."""
    tasks, pieces = draw.integer("tasks", 1, 3), draw.integer("pieces", 1, 3)
    heights = draw.real("heights", tasks, 1, pieces + 1)
    return SplineTasks(
        weights=draw.simplex("p", tasks),
        start=draw.real("start", tasks, 1),
        gaps=draw.positive("gaps", tasks, 1, pieces),
        heights={"any": heights, "concave": -abs(heights), "convex": abs(heights)}[draw.option("sign", signs)],
        slope=draw.real("slope", tasks, 1) * draw.option("gradient_scale", [1, 10000]),
    )


@instances(strata={**SPLINE_STRATA, **PRINTED_STEPS}, assume=[alpha * L <= 1])
def spline_pairs(draw: Any) -> dict[str, Any]:
    """Splines with alpha in [0, 1/L]."""
    return pair_on(draw, splines(draw), draw.interval("alpha_L", 0, 1))


@instances(strata={**SPLINE_STRATA, **LONGER_STEPS}, assume=[alpha * L > 1, alpha * L <= 2])
def spline_pairs_beyond(draw: Any) -> dict[str, Any]:
    """Splines with alpha in (1/L, 2/L]."""
    return pair_on(draw, splines(draw), draw.interval("alpha_L", 1, 2, closed="right"))


@instances(strata={**SPLINE_STRATA, **PRINTED_STEPS, **LONGER_STEPS}, assume=[alpha * L <= 2])
def spline_pairs_throughout(draw: Any) -> dict[str, Any]:
    """Splines with alpha in [0, 2/L]."""
    return pair_on(draw, splines(draw), draw.interval("alpha_L", 0, 2))


@instances(strata={**STRATA, **PRINTED_STEPS, **LONGER_STEPS}, assume=[alpha * L <= 2])
def convex_spline_pairs(draw: Any) -> dict[str, Any]:
    """Convex splines with alpha in [0, 2/L]."""
    return pair_on(draw, splines(draw, ("convex",)), draw.interval("alpha_L", 0, 2))


@instances(strata={**STRATA, **PRINTED_STEPS, **{name: fix(profile=name) for name in PROFILES}}, assume=[alpha * L <= 1])
def ridge_pairs(draw: Any) -> dict[str, Any]:
    """Along each rotated axis a quadratic, a linear term and a sine, log cosh or softplus; alpha in [0, 1/L]."""
    tasks, d = draw.integer("tasks", 1, 3), draw.integer("d", 1, 4)
    axes = [draw.orthogonal(f"axes_{i}", d) for i in range(tasks)]
    ridges = RidgeTasks(
        weights=draw.simplex("p", tasks),
        axes=namespace(axes[0]).stack(axes, axis=1),
        slope=draw.real("slope", tasks, d) * draw.option("gradient_scale", [1, 10000]),
        curvature=draw.real("curvature", tasks, d),
        amplitude=draw.real("amplitude", tasks, d),
        frequency=draw.real("frequency", tasks, d),
        phase=draw.real("phase", tasks, d),
        profile=draw.option("profile", list(PROFILES)),
    )
    return pair_on(draw, ridges, draw.interval("alpha_L", 0, 1))


@instances(strata={"one task": fix(tasks=1), "skewed p": STRATA["skewed p"]}, assume=[Eq(alpha * L, 1)])
def concave_parabolas(draw: Any) -> dict[str, Any]:
    """Tasks -L x^2 / 2 + g_i x with alpha = 1/L and any two points."""
    tasks, curvature = draw.integer("tasks", 1, 3), draw.positive("curvature")
    g = draw.real("g", tasks)[:, :, None]
    flat = 0 * g + curvature[:, None, None]
    parabolas = SplineTasks(
        weights=draw.simplex("p", tasks),
        start=0 * g,
        gaps=(flat / flat)[..., None],
        heights=namespace(g).stack([-flat, -flat], axis=-1),
        slope=g,
    )
    return between(parabolas, draw.real("u", 1), draw.real("w", 1), curvature / curvature)


@instances(strata={"alpha = 1/L": fix(alpha_L=1), "n = 1000": fix(n=1000)}, assume=[alpha * L <= 1])
def bent_parabolas(draw: Any) -> dict[str, Any]:
    """For any L, rho, alpha > 0 and slope g: -L x^2 / 2 + g x, whose second derivative rises at rate rho right of zero.

    ``u`` is the bend and ``w`` lies to its right, closer for larger ``n``: its inner step ends on the parabola.
    """
    curvature, bend, g = draw.positive("curvature"), draw.positive("bend"), draw.positive("g")
    alpha_L, n = draw.interval("alpha_L", 0, 1, closed="right"), draw.option("n", [2, 10, 100, 1000])
    heights = namespace(g).stack([-curvature, curvature], axis=-1)[:, None, None, :]
    tasks = SplineTasks(
        weights=g[:, None] / g[:, None],
        start=0 * g[:, None, None],
        gaps=(2 * curvature / bend)[:, None, None, None],
        heights=heights,
        slope=g[:, None, None],
    )
    reach = minimum(alpha_L * g / (curvature * (1 + alpha_L)), 2 * curvature / bend)
    w = (2 * reach / (3 * n))[:, None]
    return between(tasks, 0 * w, w, alpha_L)
