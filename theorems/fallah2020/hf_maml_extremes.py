"""Instance families: where HF-MAML rests as far from a stationary point as its difference length eta / (6 rho alpha) leads it.

Beside the drawn tasks: a kink with data noise, and two tasks without, whose second derivatives differ by 2 L at w and move towards
each other at the rate rho as far as the differences reach; on the inner steps both are -L but for a share 1/n.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from exactarray import maximum, minimum, namespace
from impl.balanced_tasks import largest_gradient_gap
from impl.noisy_tasks import root
from lakatos.families import Family
from theorems.fallah2020.kinds import with_kinds
from theorems.fallah2020.kinks_at_rest import a_kink
from theorems.fallah2020.points_at_rest import HF_MAML_AT_REST, HF_MAML_WITH_SHORT_DIFFERENCES
from theorems.fallah2020.spiked_tasks import pair_at_rest


def _pair(draw: Any, L: Any, t: Any, eta: Any, rho: Any, gaps: list[Any], heights: tuple[list[Any], list[Any]]) -> Any:
    """Two tasks from what they do on the right of 0, up to where both second derivatives are -L, with chances that keep 0 at rest."""
    G = draw.option("n", [10, 1000, 10**6]) * sum(gaps) * L / t
    half = [*gaps, 2 * t * G / L, 2 * L / rho]
    sides = ([*values, -L, -L, L] for values in heights)
    up, down = ([*right[:0:-1], *right] for right in sides)
    pair = pair_at_rest(t / L, L, [*half[::-1], *half], (up, down), (G, -G))
    rest = replace(pair["rest"], eta=eta)
    v = rest.directions("hf-maml")[..., 0]
    # Directions have the signs of the gradients, so that some chances let them cancel.
    chances = namespace(v).stack([-v[:, 1], v[:, 0]], axis=-1) / (v[:, 0] - v[:, 1])[:, None]
    tasks = replace(rest.data.tasks, weights=chances)
    rest = replace(rest, data=replace(rest.data, tasks=tasks))
    sigma = largest_gradient_gap(tasks) * root(chances[:, 0] * chances[:, 1])
    return {**pair, "rest": rest, "sigma": sigma, "sigma_tilde": 0 * L, "D_in": 1, "eta": eta}


def near(draw: Any, floor: bool) -> dict[str, Any]:
    """The differences end before the second derivatives have changed by 2 L: eta <= 12 alpha L."""
    L, rho, share = draw.positive("curvature"), draw.positive("bend"), draw.interval("alpha_share", 0, 1, closed="right")
    t = (1 + share) / 12 if floor else share / 6
    eta = L / L if floor else minimum(12 * t, 1) * draw.interval("shorter", 1 / 1000, 1)
    rise = eta * L / (6 * t)
    gaps = [rise / rho, maximum(rise, 2 * L - rise) / rho]
    return _pair(draw, L, t, eta, rho, gaps, ([-L, rise - L], [L, L - rise]))


def far(draw: Any, floor: bool) -> dict[str, Any]:
    """The differences end after the second derivatives have changed places: eta > 12 alpha L."""
    L, rho, share = draw.positive("curvature"), draw.positive("bend"), draw.interval("alpha_share", 0, 1, closed="neither")
    t = share / 12
    eta = L / L if floor else 12 * t + (1 - 12 * t) * draw.interval("longer", 1 / 1000, 1)
    change = 2 * L / rho
    gaps = [change, eta * L / (6 * t * rho) - change, change]
    return _pair(draw, L, t, eta, rho, gaps, ([-L, L, L], [L, -L, -L]))


def kink(draw: Any, floor: bool) -> dict[str, Any]:
    """One task with data noise, for any eta."""
    D_in = draw.integer("D_in", 1, 2)
    found = a_kink(draw, D_in, "hf-maml")
    eta = found["L"] / found["L"] if floor else draw.interval("eta", 0, 1, closed="right")
    return {**found, "rest": replace(found["rest"], eta=eta), "D_in": D_in, "eta": eta}


def _of_all_kinds(drawn: Family, floor: bool) -> Family:
    kinds = {"near": near, "far": far, "kink": kink}
    return with_kinds(drawn, {name: partial(kind, floor=floor) for name, kind in kinds.items()})


HF_MAML_OF_ALL_KINDS = _of_all_kinds(HF_MAML_AT_REST, True)
WITH_SHORT_DIFFERENCES = _of_all_kinds(HF_MAML_WITH_SHORT_DIFFERENCES, False)
