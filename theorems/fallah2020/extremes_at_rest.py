"""Instance families: tasks at rest as they are drawn, and beside them those on which one term of a bound alone is approached.

Spikes and hats are two tasks without data noise; a kink and a slope of the second derivative are one task, moved by data noise +-s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from exactarray import namespace
from impl.balanced_tasks import largest_gradient_gap
from impl.noisy_tasks import root
from lakatos import fix
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.kinds import with_kinds
from theorems.fallah2020.points_at_rest import BENT_FO_MAML_AT_REST, FO_MAML_AT_REST, LONGEST_STEP
from theorems.fallah2020.spiked_tasks import pair_at_rest, spikes
from theorems.fallah2020.tasks_on_a_line import line_task, with_linear_noise

Build = Callable[[Any, int], dict[str, Any]]


def _step(draw: Any, method: str) -> tuple[Any, Any]:
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
    (L, t), s, n = _step(draw, method), draw.positive("deviation"), draw.option("n", [1, 10, 100])
    mean = s if D_in == 1 else 16 * s / 25
    before = t**2 * mean / (L * (1 + t))
    gap = 2 * before / n
    # At rest f'(0) is the opposite of the mean rise from there.
    return _one_task(L, t, s, gap, -gap / 2, L * gap / 2 - t * mean, -before, D_in, D_in)


def a_slope(draw: Any, D_in: int, method: str) -> dict[str, Any]:
    """The second derivative is affine as far as the inner step leads, and changes by ``z`` / alpha there over alpha s."""
    (L, t), s = _step(draw, method), draw.positive("deviation")
    z = t * draw.interval("steep", 1 / 1000, 1) / 3
    about = draw.interval("about", -1, 1) * (t - 2 * z)
    # In units of alpha s the inner step is y, and ends at 0 where rest asks alpha f'' to be h.
    y, unit = z / (2 * (1 - about)), t * s / L
    h = about + z * y / 2
    far = (t + h) / z
    slope = s * (-z / 2 - h * far + z * far**2 / 2)
    return _one_task(L, t, s, 2 * t * unit / z, -unit * far, slope, -unit * y, D_in)


def opposed_hats(draw: Any, D_in: int) -> dict[str, Any]:
    """Two tasks with f'' = c +- a hat of ``share`` times L at 0 and gradients +-G there; c is near -L for small shares."""
    (L, t), G = _step(draw, "fo-maml"), draw.positive("slope")
    height = draw.interval("share", 1 / 1000, 1) * L
    c, width = height - L, draw.positive("width") * G / height
    rho, reach = height / width, 2 * t * G / L
    rise = (L - c) / rho
    up, down = [L, c, c, c + height, c, c, L], [L, c, c, c - height, c, c, L]
    pair = pair_at_rest(t / L, L, [rise, reach, width, width, reach, rise], (up, down), (G, -G))
    v = pair["rest"].directions("fo-maml")[..., 0]
    # Directions have the signs of the gradients, so that some chances let them cancel.
    chances = namespace(v).stack([-v[:, 1], v[:, 0]], axis=-1) / (v[:, 0] - v[:, 1])[:, None]
    data = pair["rest"].data
    tasks = replace(data.tasks, weights=chances)
    rest = replace(pair["rest"], data=replace(data, tasks=tasks), D_in=D_in)
    return {**pair, "rest": rest, "sigma": largest_gradient_gap(tasks) * root(chances[:, 0] * chances[:, 1])}


def spikes_with(draw: Any, D_in: int) -> dict[str, Any]:
    """:func:`theorems.fallah2020.spiked_tasks.spikes` with inner batches."""
    pair = spikes.function(draw)
    return {**pair, "rest": replace(pair["rest"], D_in=D_in)}


def _up_to(most: int, build: Build) -> Callable[[Any], dict[str, Any]]:
    """Instances with inner batches of ``most`` samples at most."""

    def with_inner_batches(draw: Any) -> dict[str, Any]:
        D_in = draw.integer("D_in", 1, most)
        found = build(draw, D_in)
        return {"sigma_tilde": 0 * found["L"], **found, "D_in": D_in}

    return with_inner_batches


KINK, SLOPE = partial(a_kink, method="fo-maml"), partial(a_slope, method="fo-maml")
STRATA = {
    "alpha at its end": fix(alpha_share=1),
    "one inner sample": fix(D_in=1),
    "hard bend": FO_MAML_AT_REST.strata["hard bend"],
}
FO_MAML_OF_ALL_KINDS = with_kinds(FO_MAML_AT_REST, {"spikes": _up_to(2, spikes_with), "kink": _up_to(2, KINK)}, STRATA)
BENT_FO_MAML_OF_ALL_KINDS = with_kinds(
    BENT_FO_MAML_AT_REST,
    {
        name: _up_to(1, build)
        for name, build in {"spikes": spikes_with, "hats": opposed_hats, "kink": KINK, "slope": SLOPE}.items()
    },
    STRATA,
)
