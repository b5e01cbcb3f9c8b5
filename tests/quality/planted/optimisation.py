"""Gradient descent on quadratics."""

from __future__ import annotations

from typing import Any

from exactarray import maximum
from lakatos.claims import Claim
from tests.lakatos.made import family, made
from tests.quality.planted.families import GE, LT, L, R, after, descent, distance_after, loss, mu, n, quadratics, total


def square_of_gradient(h: Any, w: Any) -> Any:
    return total(h * h * w * w)


def after_one(size: int, part: int = 1) -> Any:
    """The loss after one step of ``size / part`` over L."""

    def measured(h: Any, w: Any, L: Any) -> Any:
        return loss(h, descent(w, h, size / (part * L), 1))

    return measured


@family
def chosen_step(draw: Any) -> dict[str, Any]:
    """A quadratic with curvatures mu and L, and any step size: who chooses it is the adversary of a lower bound."""
    low, ratio, step = draw.positive("mu"), draw.interval("ratio", 0, 1, closed="right"), draw.positive("step")
    return {"mu": low, "L": low / ratio, "step": step / low * ratio}


def worst_contraction(mu: Any, L: Any, step: Any) -> Any:
    """The larger of the two contraction factors of one step."""
    return maximum(abs(1 - step * mu), abs(1 - step * L))


FALSE: dict[str, Claim] = {
    "no step size contracts more than 1.05 (L - mu)/(L + mu) (subtle)": made(
        worst_contraction, (L - mu) / (L + mu) * 21 / 20, GE, chosen_step
    ),
    "no step size contracts more than 1/L does (subtle)": made(worst_contraction, 1 - mu / L, GE, chosen_step),
    "gradient descent loses L R^2/(4n+2.2) on quadratics (subtle)": made(after, L * R**2 / 20 / (n + 1), on=quadratics),
    "descent contracts by (1 - mu/L)^2 a step": made(distance_after, (1 - mu / L) ** (2 * n) * R, on=quadratics),
    "a step of 2.05/L never increases the loss (subtle)": made(after_one(41, 20), loss, on=quadratics),
    "a step of 2/L always decreases the loss (subtle)": made(after_one(2), loss, LT, quadratics),
    "a step of 1/L gains 0.55 |g|^2/L (subtle)": made(
        after_one(1), lambda h, w, L: loss(h, w) - square_of_gradient(h, w) * 55 / (100 * L), on=quadratics
    ),
    "|g|^2 >= 2.1 mu f (subtle)": made(square_of_gradient, lambda h, w, mu: loss(h, w) * mu * 21 / 10, GE, quadratics),
    "gradients are 1/(0.95 L)-cocoercive (subtle)": made(
        lambda h, w: total(h * w * w), lambda h, w, L: square_of_gradient(h, w) * 100 / (95 * L), GE, quadratics
    ),
    "the loss contracts by (1 - mu/L)^3 a step": made(
        after, lambda h, w, L, mu, n: loss(h, w) * (1 - mu / L) ** (3 * n), on=quadratics
    ),
    "the loss is at most mu R^2/2": made(loss, mu * R**2 / 2, on=quadratics),
}

TRUE: dict[str, Claim] = {
    "no step size contracts more than (L - mu)/(L + mu) (tight)": made(worst_contraction, (L - mu) / (L + mu), GE, chosen_step),
    "descent contracts by 1 - mu/L a step (tight)": made(distance_after, (1 - mu / L) ** n * R, on=quadratics),
    "gradient descent loses L R^2/(4n+2)": made(after, L * R**2 / (4 * n + 2), on=quadratics),
    "a step of 2/L never increases the loss (tight)": made(after_one(2), loss, on=quadratics),
    "a step of 1/L gains |g|^2/(2L) (tight)": made(
        after_one(1), lambda h, w, L: loss(h, w) - square_of_gradient(h, w) / (2 * L), on=quadratics
    ),
    "|g|^2 >= 2 mu f (tight)": made(square_of_gradient, lambda h, w, mu: loss(h, w) * mu * 2, GE, quadratics),
    "the loss contracts by (1 - mu/L)^2 a step (tight)": made(
        after, lambda h, w, L, mu, n: loss(h, w) * (1 - mu / L) ** (2 * n), on=quadratics
    ),
}
