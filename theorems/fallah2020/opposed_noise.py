"""Instance families: one task on a line, whose data move gradients by +-s and second derivatives by +-h.

``s`` (sigma~) and ``s_H`` (sigma_H) are the smallest constants of the noise over all of R, ``L`` and ``rho`` those of the task.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from exactarray import maximum, namespace
from impl.noisy_tasks import NoisyTasks, Perturbations
from lakatos import fix, instances
from lakatos.families import Family
from theorems.fallah2020.kinds import with_kinds
from theorems.fallah2020.tasks_on_a_line import line_task, with_linear_noise


def noisy_line(task: Any, w: Any, noise: Any, bends: Any, width: Any) -> NoisyTasks:
    """One task with equally likely data: gradients deviate by ``noise`` and second derivatives by ``bends`` at ``w``."""
    at, linear = w[:, None, None], noise[:, None, :, None]
    return NoisyTasks(task, Perturbations(0 * noise[:, None] + 1 / noise.shape[1], linear, bends[:, None, :, None], at, width))


def measured(values: dict[str, Any], noisy: NoisyTasks) -> dict[str, Any]:
    """The instances with the constants of their noise."""
    return {**values, "noisy": noisy, "s": noisy.gradient_deviation, "s_H": noisy.hessian_deviation}


def _bent_sharply(curvature: Any, alpha: Any, gap: Any) -> Any:
    """A concave task whose inner step from ``-gap`` ends amid a bend that wide, where its slope rises to both sides."""
    slope = -gap * (curvature / 2 + 1 / alpha)
    return line_task(start=-gap / 2, gap=gap, heights=(-curvature, curvature), slope=slope)


def kink(draw: Any, longest: int = 1) -> dict[str, Any]:
    """A concave task that bends sharply where the inner step ends; large gradient noise goes with small curvature.

    The second derivative deviates ``rare`` times as far as on average to one side, and as seldom.
    """
    curvature, c, n = draw.positive("curvature"), draw.positive("c"), draw.option("n", [5, 20, 100, 1000])
    a, xp = draw.interval("alpha_L", 0, longest, closed="right"), namespace(c)
    often, rare = draw.interval("often", 0, 1 / 2), 1 + draw.nonnegative("more_rare")
    alpha, odds, seldom = a / curvature, rare**2, often * rare**2
    gap, low, high = 2 * alpha * c * (1 + a) / n, c * (1 + a - often), c * (1 + a + seldom)
    linear = xp.stack([low, -low, high, -high], axis=-1)[:, None, :, None]
    bent = xp.stack([often, often, -seldom, -seldom], axis=-1)[:, None, :, None] / alpha[:, None, None, None]
    chances = xp.stack([odds, odds, c / c, c / c], axis=-1)[:, None] / (2 + 2 * odds)[:, None, None]
    noise = Perturbations(chances, linear, bent, -gap[:, None, None], (alpha * c / n)[:, None, None])
    values = {"w": -gap[:, None], "L": curvature, "rho": 2 * curvature / gap, "alpha": alpha, "D_test": 1, "n": n}
    return measured(values, NoisyTasks(_bent_sharply(curvature, alpha, gap), noise))


def kink_for_two(draw: Any, longest: int = 1) -> dict[str, Any]:
    """The same without noise in Hessians, for batches of two, whose mean deviates by 16/25 s where one side is four times as rare."""
    curvature, s, n = draw.positive("curvature"), draw.positive("s"), draw.option("n", [5, 20, 100, 1000])
    a, one, xp = draw.interval("alpha_L", 0, longest, closed="right"), s / s, namespace(s)
    alpha, gap = a / curvature, 2 * a * s / (curvature * n)
    chances, noise = xp.stack([one, 4 * one], axis=-1) / 5, xp.stack([2 * s, -s / 2], axis=-1)
    noisy = with_linear_noise(_bent_sharply(curvature, alpha, gap), chances, noise)
    return measured({"w": -gap[:, None], "L": curvature, "rho": 2 * curvature / gap, "alpha": alpha, "D_test": 2}, noisy)


@instances(strata={"no noise in Hessians": fix(often=0), "alpha = 1/L": fix(alpha_L=1)})
def kinks(draw: Any) -> dict[str, Any]:
    """A kink with alpha in (0, 1/L]."""
    return kink(draw)


@instances(strata={"alpha = 1/L": fix(alpha_L=1)})
def affine_hessians(draw: Any) -> dict[str, Any]:
    """The tasks of :func:`rising` with any batch size."""
    return rising_with_any_batch(draw)


def rising_with_any_batch(draw: Any, longest: int = 1) -> dict[str, Any]:
    """The tasks of :func:`rising` with any noise and batch size."""
    return rising(draw, draw.positive("s"), draw.positive("h"), draw.positive("g"), draw.integer("D_test", 1, 3), longest)


def rising(draw: Any, s: Any, h: Any, g: Any, D_test: int, longest: int = 1) -> dict[str, Any]:
    """A concave task whose second derivative rises slowly from ``w = 0`` on; opposed noise +-s in gradients, -+h in Hessians."""
    step, n, xp = draw.positive("alpha"), draw.option("n", [5, 20, 100, 1000]), namespace(s)
    a = draw.interval("alpha_L", 0, longest, closed="right")
    curvature, gap = a / step, 4 * n * step * (2 * s + g)
    task = line_task(start=0 * s, gap=gap, heights=(-curvature, curvature), slope=-s - g)
    noisy = noisy_line(task, 0 * s, xp.stack([s, -s], axis=-1), xp.stack([-h, h], axis=-1), (s / (2 * n * h))[:, None, None])
    constants = {"L": curvature, "rho": 2 * curvature / gap, "alpha": step, "n": n, "D_test": D_test}
    return measured({**constants, "w": 0 * s[:, None]}, noisy)


def and_opposed(drawn: Family, longest: int = 1) -> Family:
    """The instances of a family, kinks and slowly rising Hessians, with alpha in (0, longest/L]."""
    kinds = {"kink": kink, "kink for two": kink_for_two, "rising Hessian": rising_with_any_batch}
    return with_kinds(
        drawn, {name: partial(kind, longest=longest) for name, kind in kinds.items()}, {"longest step": fix(alpha_L=longest)}
    )


@instances(strata={"alpha = 1/L": fix(alpha_L=1)})
def splines_with_any_batch(draw: Any) -> dict[str, Any]:
    """A spline on a line with any bend, and data that move gradients by +-s and second derivatives by +-h at any place."""
    s, h, low, high = draw.positive("s"), draw.positive("h"), draw.real("low"), draw.positive("high")
    task = line_task(start=draw.real("start"), gap=draw.positive("gap"), heights=(low, high), slope=draw.real("slope"))
    xp, centre, width = namespace(s), draw.real("centre"), draw.positive("width")
    noisy = noisy_line(task, centre, xp.stack([s, -s], axis=-1), xp.stack([h, -h], axis=-1), width[:, None, None])
    curvature = maximum(abs(low), high)
    values = {"w": draw.real("w", 1), "L": curvature, "alpha": draw.interval("alpha_L", 0, 1, closed="right") / curvature}
    return measured({**values, "D_test": draw.integer("D_test", 1, 64)}, noisy)


@instances(strata={"noisy Hessians": fix(h=1000, alpha=1000, alpha_L=1)})
def rising_up_to_64(draw: Any) -> dict[str, Any]:
    """The tasks of :func:`rising` with batches of up to 64 data points."""
    return rising(draw, draw.positive("s"), draw.positive("h"), draw.positive("g"), draw.integer("D_test", 1, 64))


ANY_BATCH = with_kinds(splines_with_any_batch, {"rising Hessian": rising_up_to_64})

s, s_H, rho, alpha, L = symbols("s s_H rho alpha L", nonnegative=True)


@instances(assume=[s_H <= s, s <= 1, 5 * rho * alpha <= L])
def hessian_noise_below_gradient_noise(draw: Any) -> dict[str, Any]:
    """The concave tasks of Theorem 4.11 where sigma_H <= sigma~ <= 1 and rho alpha / L <= 1/5, inside Assumption 4.7."""
    share, ratio = (draw.interval(name, 0, 1, closed="right") for name in ("share", "ratio"))
    # The hats add up to a twentieth to sigma~.
    s = 9 * share / 10
    return rising(draw, s, ratio * s, 1 + draw.nonnegative("more_g"), draw.integer("D_test", 1, 3))
