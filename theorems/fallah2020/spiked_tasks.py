"""Instance families: pairs of tasks whose second derivatives differ as much, and change as fast, as their constants allow.

FO-MAML, or HF-MAML with the printed delta, rests at 0 and is drawn back to it. All quantities are rational.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, symbols

from exactarray import amax, namespace
from impl.balanced_tasks import largest_gradient_gap
from impl.smooth_tasks import SplineTasks
from lakatos import fix, instances
from theorems.fallah2020.at_rest import AtRest, balanced, with_noise

L, alpha = symbols("L alpha", nonnegative=True)


def pair_at_rest(alpha: Any, L: Any, gaps: list[Any], heights: tuple[list[Any], list[Any]], slopes: tuple[Any, Any]) -> Any:
    """Two equally likely tasks from the gaps and heights of their knots, of which the middle one is 0, and their slopes there."""
    xp, middle = namespace(alpha), len(gaps) // 2
    apart, tall = xp.stack(gaps, axis=-1)[:, None, :], xp.stack([xp.stack(h, axis=-1) for h in heights], axis=1)
    # The slope at the first knot is the one at 0 less what is gained on the way.
    gained = ((tall[..., :-1] + tall[..., 1:]) * apart / 2)[..., :middle]
    apart = xp.concat([apart, apart], axis=1)
    tasks = SplineTasks(
        weights=xp.stack([L / L, L / L], axis=-1) / 2, start=-xp.sum(apart[..., :middle], axis=-1)[..., None],
        gaps=apart[:, :, None, :], heights=tall[:, :, None, :],
        slope=(xp.stack(slopes, axis=-1) - xp.sum(gained, axis=-1))[..., None],
    )  # fmt: skip
    rho = amax(tasks.lipschitz_hessian, axis=-1)
    rest = AtRest(with_noise(tasks, 0 * L), (0 * L)[:, None], alpha, L, rho, 1, L / L)
    return {"rest": rest, "alpha": alpha, "L": L, "rho": rho, "sigma": largest_gradient_gap(tasks) / 2}


@instances(strata={"alpha at its end": fix(alpha_share=1), "n = 100": fix(n=100)}, assume=[alpha * L <= Rational(1, 10)])
def spikes(draw: Any) -> dict[str, Any]:
    """Two tasks with f'' = -L on every inner step from 0, but for a spike of f_1'' at 0, and one where each inner step ends.

    The spikes reach L and are narrower for larger n. The one at 0 opposes the Hessians, those at the ends draw FO-MAML back; the
    one of f_2 is half as wide again, so that the outer gradients of both tasks cancel.
    """
    L, G, n = draw.positive("curvature"), draw.positive("slope"), draw.option("n", [5, 20, 100])
    alpha = draw.interval("alpha_share", 0, 1, closed="right") / (10 * L)
    end = alpha * G
    w = end / n
    gaps = [2 * end, end - w, w, w, end - 2 * w, w, w, end - 3 * w, 2 * w, w, end - w, 2 * end]
    signs = [1, -1, -1, 1, -1, -1, 1, -1, -1, -1, -1, -1, 1], [1, -1, -1, -1, -1, -1, -1, -1, -1, 1, -1, -1, 1]
    first, second = ([sign * L for sign in heights] for heights in signs)
    return {**pair_at_rest(alpha, L, gaps, (first, second), (G, -G)), "n": n}


@instances(strata={"n = 100": fix(n=100)}, assume=[12 * alpha * L < 1])
def spikes_between_the_differences(draw: Any) -> dict[str, Any]:
    """For any L, rho and alpha < 1/(12 L): f_1'' = L at 0 and -L as soon as rho allows, as far as HF-MAML looks, f_2'' = -f_1''.

    Beyond that both are L/2, so that the inner steps end where HF-MAML is drawn back. A linear term puts the point of rest at 0.
    """
    L, bend, n = draw.positive("curvature"), draw.positive("bend"), draw.option("n", [1, 10, 100])
    t = 1 / (12 * draw.interval("shortening", 1, 1000, closed="right"))
    alpha, G = t / L, n / (bend * t)
    rho, c = bend * L / alpha, L / 2
    spike, reach, rise = 2 * L / rho, 1 / (6 * rho * alpha), 3 * L / (2 * rho)
    # Outer gradients are x + V - turn and x - V - turn, up to the factor 1 - c alpha of x; HF-MAML sees the curvature k at 0.
    turn, k = -L * (reach - spike + rise / 2), -L * (1 - spike / reach)
    V = G * (1 - c * alpha) + c * (reach + rise / 2)
    x = (turn + alpha * k * V) / (1 - c * alpha)
    gaps = [rise, reach - spike, spike, spike, reach - spike, rise]
    return pair_at_rest(alpha, L, gaps, ([c, -L, -L, L, -L, -L, c], [c, L, L, -L, L, L, c]), (x + G, x - G))


@instances(strata={"alpha at its end": fix(alpha_share=1)}, assume=[alpha * L <= Rational(1, 10)])
def hats_of_one_slope(draw: Any) -> dict[str, Any]:
    """A parabola, and a task whose second derivative rises to L at 0 at the rate rho: nearer, and with a smaller sigma, for larger
    ``shrinking``, which leaves L, rho and alpha as they are.
    """
    L, rho = draw.positive("curvature"), draw.positive("bend")
    alpha = draw.interval("alpha_share", 0, 1, closed="right") / (10 * L)
    width = L / (2 * rho * draw.interval("shrinking", 1, 1000))
    xp, far = namespace(L), L - rho * width
    gaps, heights = xp.stack([width, width], axis=-1), xp.stack([far, L, far], axis=-1)
    # The slope at 0 is rho width^2 / 2, half of what the hat adds to it.
    spline = SplineTasks(
        weights=(L / L)[:, None], start=-width[:, None, None], gaps=gaps[:, None, None, :], heights=heights[:, None, None, :],
        slope=(-far * width)[:, None, None],
    )  # fmt: skip
    alone = AtRest(with_noise(spline, 0 * L), (0 * L)[:, None], alpha, L, rho, 1, L / L)
    return balanced("fo-maml", spline, alone, L / L)
