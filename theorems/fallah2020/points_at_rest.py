"""Instance families: tasks and a point at which the expected update of a method is zero.

Balanced tasks are a bent spline and a parabola, on a line; their L, rho and sigma are exact, and the second derivative of both is one
positive number far out, so that F is bounded below. Opposed tasks have opposite second derivatives everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Rational, symbols

from exactarray import amax, namespace
from impl.balanced_tasks import largest_gradient_gap
from impl.smooth_tasks import SplineTasks
from lakatos import fix, instances, when
from lakatos.families import Family, Stratum
from theorems.fallah2020.at_rest import AtRest, balanced, with_noise

L, alpha = symbols("L alpha", nonnegative=True)
LONGEST_STEP = {"maml": 6, "fo-maml": 10, "hf-maml": 6}

STRATA = {
    "alpha at its end": fix(alpha_share=1),
    "no data noise": fix(deviation=0),
    "equal Hessians": fix(bend=0),
    "one inner sample": fix(D_in=1),
    # One instance in a hundred has one: enough where the whole budget is spent, and rare where a claim falls at once.
    "hard bend": when(lambda rho, alpha, L: rho * alpha > 10 * L, require=100),
}


def any_bend(draw: Any, size: int) -> Any:
    """What the inner knots add to the second derivative."""
    return draw.real("bend", size)


def true_bend(draw: Any, size: int) -> Any:
    """The same without zeros, for bounds that are zero where Hessians agree."""
    return draw.positive("bend", size) * draw.sign("side", size)


def _balanced(draw: Any, method: str, eta: Any, most: int = 2, bends: Callable[[Any, int], Any] = any_bend) -> dict[str, Any]:
    pieces, inner = draw.integer("pieces", 2, 1 + most), draw.integer("D_in", 1, most)
    far, bend = draw.positive("far_height")[:, None], bends(draw, pieces - 1)
    heights = namespace(far).concat([far, far + bend, far], axis=-1)
    spline = SplineTasks(
        weights=far / far,
        start=-draw.real("start", 1, 1),
        gaps=draw.positive("gaps", 1, 1, pieces),
        heights=heights[:, None, None, :],
        slope=draw.real("slope", 1, 1),
    )
    constant, rho = amax(abs(heights), axis=-1), spline.lipschitz_hessian[:, 0]
    alpha = draw.interval("alpha_share", 0, 1, closed="right") / (LONGEST_STEP[method] * constant)
    noisy = with_noise(spline, draw.nonnegative("deviation"))
    alone = AtRest(noisy, 0 * far, alpha, constant, rho, inner, eta + 0 * alpha)
    return balanced(method, spline, alone, draw.positive("root_of_odds"))


def _at_rest(method: str) -> Family:
    """Tasks and a point where a method, with the printed delta, comes to rest; alpha up to the theorem's end."""

    def at_rest(draw: Any) -> dict[str, Any]:
        return _balanced(draw, method, 1)

    return _family(at_rest, method)


def _family(build: Callable[[Any], dict[str, Any]], method: str, strata: dict[str, Stratum] = STRATA) -> Family:
    build.__name__ = f"{method.replace('-', '_')}_{build.__name__}"
    return instances(strata=strata, assume=[alpha > 0, alpha * L <= Rational(1, LONGEST_STEP[method])])(build)


def _with_one_sample(draw: Any) -> dict[str, Any]:
    return _balanced(draw, "fo-maml", 1, 1, true_bend)


def _short_differences(draw: Any) -> dict[str, Any]:
    eta = draw.interval("eta", 0, 1, closed="right")
    return {**_balanced(draw, "hf-maml", eta), "eta": eta}


MAML_AT_REST, FO_MAML_AT_REST, HF_MAML_AT_REST = (_at_rest(method) for method in LONGEST_STEP)
BENT = {name: stratum for name, stratum in STRATA.items() if name != "equal Hessians"}
BENT_FO_MAML_AT_REST = _family(_with_one_sample, "fo-maml", BENT)
HF_MAML_WITH_SHORT_DIFFERENCES = _family(_short_differences, "hf-maml")


def resting_on_a_slope_of_the_hessian(method: str) -> Family:
    """The second derivative of the spline is affine wherever the inner step leads from 0, with or without noise."""

    def build(draw: Any) -> dict[str, Any]:
        far, bend, gap = draw.positive("far_height"), draw.positive("bend"), draw.positive("gap")
        constant, xp = far + bend, namespace(far)
        alpha = draw.interval("alpha_share", 0, 1, closed="right") / (LONGEST_STEP[method] * constant)
        steepest, gaps = gap / (8 * alpha), xp.stack([gap, gap], axis=-1)[:, None, None, :]
        # The slope at 0 is that at the first knot, half a gap to the left, and what is gained from there.
        slope = draw.interval("slope", -1, 1) * steepest - gap / 2 * (far + bend / 4)
        deviation, one = draw.interval("deviation", 0, 1, closed="right") * steepest, far / far
        spline = SplineTasks(
            weights=one[:, None], start=-gap[:, None, None] / 2, gaps=gaps,
            heights=xp.stack([far, constant, far], axis=-1)[:, None, None, :], slope=slope[:, None, None],
        )  # fmt: skip
        noisy, inner = with_noise(spline, deviation), draw.option("D_in", [1, 2, 4, 16, 64])
        alone = AtRest(noisy, 0 * far[:, None], alpha, constant, bend / gap, inner, one)
        return balanced(method, spline, alone, draw.positive("root_of_odds"))

    build.__name__ = f"{method.replace('-', '_')}_resting_on_a_slope_of_the_hessian"
    return instances(assume=[alpha * L <= Rational(1, LONGEST_STEP[method])])(build)


MAML_ON_A_SLOPE, FO_MAML_ON_A_SLOPE = (resting_on_a_slope_of_the_hessian(method) for method in ("maml", "fo-maml"))


def opposed_tasks(curvature: Any, alpha: Any, slope: Any) -> dict[str, Any]:
    """Two equally likely tasks: f_1'' falls on both sides of 0 from L to -L at distance alpha G, and to 0; f_2'' = -f_1''.

    There f_1' = G = -f_2' = f_1'(-alpha G), and sigma = G (1 + alpha L / 4).
    """
    xp, half = namespace(slope), alpha * slope / 2
    heights = xp.stack([0 * curvature, -curvature, curvature, -curvature, 0 * curvature], axis=-1)
    gaps = xp.stack([half, 2 * half, 2 * half, half], axis=-1)
    first = slope + curvature * half / 2
    tasks = SplineTasks(
        weights=xp.stack([slope / slope, slope / slope], axis=-1) / 2,
        start=xp.stack([-3 * half, -3 * half], axis=-1)[..., None],
        gaps=xp.stack([gaps, gaps], axis=1)[:, :, None, :],
        heights=xp.stack([heights, -heights], axis=1)[:, :, None, :],
        slope=xp.stack([first, -first], axis=-1)[..., None],
    )
    rho = amax(tasks.lipschitz_hessian, axis=-1)
    rest = AtRest(with_noise(tasks, 0 * slope), (0 * slope)[:, None], alpha, curvature, rho, 1, slope / slope)
    return {
        "rest": rest, "alpha": alpha, "L": curvature, "rho": rho, "sigma": largest_gradient_gap(tasks) / 2,
        "D_in": 1, "sigma_tilde": 0 * slope,
    }  # fmt: skip


def _near_rest(draw: Any, curvature: Any, alpha: Any) -> dict[str, Any]:
    slope = draw.positive("slope")
    start = (draw.interval("start", -1, 1) * alpha * slope / 32)[:, None]
    return {**opposed_tasks(curvature, alpha, slope), "start": start, "w_squared": start[:, 0] ** 2}


NEAR_REST = {"at rest": fix(start=0), "L = 1": fix(curvature=1)}


@instances(strata=NEAR_REST, assume=[alpha * L <= Rational(1, 10)])
def opposed_at_any_step(draw: Any) -> dict[str, Any]:
    """Opposed tasks, any alpha that Theorem 4.15 allows, and a start within alpha G / 32 of 0."""
    curvature = draw.positive("curvature")
    return _near_rest(draw, curvature, 1 / (10 * curvature * draw.interval("shortening", 1, 1000)))


@instances(strata=NEAR_REST, assume=[12 * alpha * L <= 1])
def opposed_at_one_twelfth(draw: Any) -> dict[str, Any]:
    """Opposed tasks with alpha = 1/(12 L), where FO-MAML and HF-MAML with the printed delta both rest at 0, and a start nearby."""
    curvature = draw.positive("curvature")
    return _near_rest(draw, curvature, 1 / (12 * curvature))
