"""The MAML objective of smooth tasks need not be smooth.

Fallah, Mokhtari, Ozdaglar 2020, Section 4.1 (I): "The global loss function F [...] is not necessarily smooth over R^d, and its
smoothness parameter could be unbounded"; announced after Assumption 4.4.

Checked on one fixed task at a time, f(x) = c x^2 / 2 + A sin(k x + phase), strongly convex or not: the steepest secant of F'
over a period that starts at ``radius`` grows in proportion to the radius, so that no constant serves everywhere. What it takes
is a gradient without bound where the second derivative keeps changing. With a linear term in place of the quadratic one the
gradient is bounded, and so is the steepness: the contrast is the second claim, in accordance with Lemma 4.8.

Known limits: alpha between 1/(10 L) and 1/(2 L), so that the growth starts within the radii that are looked at.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sympy import Integer, symbols

from exactarray import amax, namespace
from impl.maml import meta_gradient
from impl.smooth_tasks import RidgeTasks, SmoothTasks
from lakatos import Rate, claim, fix, instances
from theorems.fallah2020 import PAPER

RADII = tuple(10 ** (k / 2) for k in range(2, 13))
SECANTS = 64  # per period
TWO_PI = 6.283185307179586

radius = symbols("radius", positive=True)


def oscillating_task(draw: Any, curvature: Any, slope: Any, oscillation: Any) -> dict[str, Any]:
    """The task with ``|A| k^2 = oscillation`` and everything that the measured side asks for."""
    k, phase = draw.interval("k", 1, 2), draw.interval("phase", -3, 3)
    ones = k / k
    task = RidgeTasks(
        weights=ones[:, None],
        axes=ones[:, None, None, None],
        slope=slope[:, None, None],
        curvature=curvature[:, None, None],
        amplitude=(oscillation / k**2)[:, None, None],
        frequency=k[:, None, None],
        phase=phase[:, None, None],
        profile="sin",
    )
    alpha = draw.interval("alpha_L", 1, 5) / 10 / amax(task.lipschitz_gradient, axis=-1)
    return {"task": task, "alpha": alpha, "k": k, "radius": draw.positive("radius")}


@instances(strata={"strongly convex": fix(convexity="strongly convex"), "nonconvex": fix(convexity="nonconvex")})
def quadratic_and_sine(draw: Any) -> dict[str, Any]:
    """A quadratic and a sine, whose second derivative changes by less, or by more, than that of the quadratic."""
    low, high = {"strongly convex": (1, 4), "nonconvex": (5, 9)}[draw.option("convexity", ["strongly convex", "nonconvex"])]
    c = draw.interval("c", 1, 2)
    return oscillating_task(draw, c, 0 * c, c * draw.interval("relative_amplitude", low, high) / 5)


@instances()
def line_and_sine(draw: Any) -> dict[str, Any]:
    """A line and a sine."""
    slope = draw.real("slope")
    return oscillating_task(draw, 0 * slope, slope, draw.interval("oscillation", 1, 2))


STEEPNESS = r"\sup_{w\ne u\in[r,r+2\pi/k]}|F'(w)-F'(u)|/|w-u|"


def steepest_secant(task: SmoothTasks, alpha: Any, k: Any, radius: Any) -> Any:
    """The steepest of the secants of grad F between neighbours on a grid of one period."""
    xp, gap = namespace(k), TWO_PI / SECANTS / k
    gradients = [meta_gradient(task, (radius + i * gap)[:, None], alpha)[:, 0] for i in range(SECANTS + 1)]
    return amax(xp.stack([abs(b - a) / gap for a, b in pairwise(gradients)], axis=-1), axis=-1)


@claim(
    PAPER,
    "Section 4.1 (I)",
    Rate("Omega", over="radius", grid=RADII),
    entry="claim-F-not-smooth",
    on=quadratic_and_sine,
    right=radius,
    left=STEEPNESS,
    names={"radius": "r"},
)
def smoothness_is_unbounded(task: SmoothTasks, alpha: Any, k: Any, radius: Any) -> Any:
    """The gradient of F is the steeper, in proportion, the farther out one looks: no constant serves everywhere."""
    return steepest_secant(task, alpha, k, radius)


@claim(
    PAPER,
    "Section 4.1 (I)",
    Rate("O", over="radius", grid=RADII),
    entry="claim-F-not-smooth",
    variant="bounded-gradients",
    on=line_and_sine,
    right=Integer(1),
    left=STEEPNESS,
)
def smoothness_is_bounded_where_gradients_are(task: SmoothTasks, alpha: Any, k: Any, radius: Any) -> Any:
    """Where the gradients of the tasks are bounded, one constant serves everywhere."""
    return steepest_secant(task, alpha, k, radius)
