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
from theorems.fallah2020.kinds import with_kinds
from theorems.fallah2020.kinks_at_rest import a_kink, a_slope, step_of
from theorems.fallah2020.points_at_rest import BENT_FO_MAML_AT_REST, FO_MAML_AT_REST
from theorems.fallah2020.spiked_tasks import pair_at_rest, spikes

Build = Callable[[Any, int], dict[str, Any]]


def opposed_hats(draw: Any, D_in: int) -> dict[str, Any]:
    """Two tasks with f'' = c +- a hat of ``share`` times L at 0 and gradients +-G there; c is near -L for small shares."""
    (L, t), G = step_of(draw, "fo-maml"), draw.positive("slope")
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
