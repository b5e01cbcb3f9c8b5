"""A Hessian-vector product as a central difference of gradients, and its error.

Fallah, Mokhtari, Ozdaglar 2020, equation (9): for any function with a rho-Lipschitz Hessian,
(grad phi(w + delta v) - grad phi(w - delta v)) / (2 delta) differs from grad^2 phi(w) v by at most rho delta ||v||^2.

Checked on splines and on rotated ridges whose rho is the smallest possible. The best constant is one half: it is attained where the
second derivative has a kink at w. The order in delta is then one. Where a fourth derivative is bounded by M the error is also at most
M delta^2 ||v||^3 / 6, of order two.

Known limits: at most 3 parameters; sines stand for analytic functions.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from exactarray import amax, namespace, norm
from impl.smooth_tasks import RidgeTasks, SmoothTasks, SplineTasks
from impl.stochastic_maml import central_difference
from lakatos import Identity, Inequality, claim, fix, instances
from theorems.fallah2020 import PAPER

rho, delta, v_norm, M = symbols("rho delta v_norm M", nonnegative=True)
PRINTED = rho * delta * v_norm**2
HALF = PRINTED / 2


def with_difference(phi: SmoothTasks, w: Any, v: Any, delta: Any) -> dict[str, Any]:
    """The function, and the constants of the bounds on the difference."""
    at, along = w[:, None, :], v[:, None, :]
    return {"phi": phi, "at": at, "along": along, "v_norm": norm(v), "delta": delta, "rho": phi.lipschitz_hessian[:, 0]}


def spline(draw: Any, start: Any, gaps: Any, heights: Any) -> SplineTasks:
    """One separable spline, from its knots and second derivatives."""
    return SplineTasks(0 * start[:, :, 0] + 1, start, gaps, heights, draw.real("slope", *start.shape[1:]))


@instances(strata={"d = 1": fix(d=1), "v = 0": fix(v=0), "constant Hessian": fix(heights=1)})
def splines(draw: Any) -> dict[str, Any]:
    """Splines with any kinks."""
    d, pieces = draw.integer("d", 1, 3), draw.integer("pieces", 1, 2)
    phi = spline(draw, draw.real("start", 1, d), draw.positive("gaps", 1, d, pieces), draw.real("heights", 1, d, pieces + 1))
    return with_difference(phi, draw.real("w", d), draw.real("v", d), draw.positive("delta"))


@instances(strata={"rho = 1": fix(rise=1)})
def kinks(draw: Any) -> dict[str, Any]:
    """A second derivative low + rise |x|, as far as the difference reaches, and ``w = 0``."""
    low, rise, v, delta = draw.real("low"), draw.positive("rise"), draw.real("v", 1), draw.positive("delta")
    reach, xp = delta * abs(v[:, 0]) + draw.positive("margin"), namespace(low)
    heights = xp.stack([low + rise * reach, low, low + rise * reach], axis=-1)[:, None, None, :]
    gaps = xp.stack([reach, reach], axis=-1)[:, None, None, :]
    return with_difference(spline(draw, -reach[:, None, None], gaps, heights), 0 * v, v, delta)


@instances(strata={"d = 1": fix(d=1)})
def sines(draw: Any) -> dict[str, Any]:
    """A quadratic and a sine along each axis of a rotation."""
    d = draw.integer("d", 1, 3)
    ridge = {name: draw.real(name, 1, d) for name in ("slope", "curvature", "amplitude", "frequency", "phase")}
    axes = draw.orthogonal("axes", d)[:, None]
    phi = RidgeTasks(weights=0 * ridge["slope"][:, :, 0] + 1, axes=axes, profile="sin", **ridge)
    fourth = amax(abs(ridge["amplitude"] * ridge["frequency"] ** 4)[:, 0], axis=-1)
    return {**with_difference(phi, draw.real("w", d), draw.real("v", d), draw.positive("delta")), "M": fourth}


equation = partial(
    claim,
    PAPER,
    "Equation (9)",
    entry="eq-9-hvp",
    left=r"\|\nabla^2\phi(w)v-\frac{\nabla\phi(w+\delta v)-\nabla\phi(w-\delta v)}{2\delta}\|",
    names={"v_norm": r"\|v\|"},
)


@equation(Inequality("<="), on=splines, right=PRINTED)
def error(phi: SmoothTasks, at: Any, along: Any, delta: Any) -> Any:
    """The central difference misses the Hessian-vector product by at most rho delta ||v||^2."""
    difference = central_difference(phi.gradient, at, along, delta[:, None])
    return norm(phi.hessian_vector(at, along) - difference)[:, 0]


@equation(Inequality("<="), variant="half", on=splines, right=HALF)
def error_with_half_the_constant(phi: SmoothTasks, at: Any, along: Any, delta: Any) -> Any:
    """Half of the printed bound serves."""
    return error(phi, at, along, delta)


@equation(Identity(), variant="half-attained", on=kinks, right=HALF)
def kinks_attain_half(phi: SmoothTasks, at: Any, along: Any, delta: Any) -> Any:
    """At a kink of the second derivative the error is half of the printed bound, for any delta, v and rho: the order is one."""
    return error(phi, at, along, delta)


@equation(Inequality("<="), variant="order-two", on=sines, right=M * delta**2 * v_norm**3 / 6)
def error_on_analytic_functions(phi: SmoothTasks, at: Any, along: Any, delta: Any) -> Any:
    """With a bounded fourth derivative the error is of order two in delta."""
    return error(phi, at, along, delta)
