"""What Theorems 1 and 2 share: ANIL on two tasks with the printed steps, and how its meta-gradients are measured.

The printed steps contain constants or polynomials that the main text does not give. Read here, the same for all mu, N, K
and B: c = 1 / (4 (1 + rho + tau)) in Theorem 1, c = 1 / (8 (1 + rho + tau)) in Theorem 2.
"""

from __future__ import annotations

from typing import Any

from exactarray import namespace, ones
from impl.anil import expected_squares, meta_loss
from impl.anil_runs import AverageRun, average_run
from theorems.ji2020.tasks import mirrored, oscillating_tasks

Array = Any
OUTER, SIZES, INNER = (8, 16, 32, 64, 128, 256), (1, 2, 4, 8, 16), (1, 2, 4, 8, 16)
NAMES = {"noise": r"\frac{1}{B}", "gap": r"L^{\mathrm{meta}}(w_0,\phi_0)"}


def strongly_convex(draw: Any, mu: Array, N: int, K: int, B: Any, power: int, at_rest: bool = False) -> dict[str, Any]:
    """An instance of Theorem 1 with ``power`` for the N in the step of w; ``at_rest`` at a minimum of the meta-loss."""
    made = oscillating_tasks(draw, mu, mu)
    made = mirrored(made) if at_rest else made
    c = ones(mu.shape, mu) / 4 / (1 + made["rho"] + made["tau"])
    return setting(made | steps_of_theorem_1(mu, c, power), N, K, B)


def steps_of_theorem_1(mu: Array, c: Array, power: int) -> dict[str, Array]:
    """Inner step alpha = mu / L^2, outer steps c mu^2 q^(-power/2) and c mu^3, with what they are made of."""
    beta_w = c * mu * mu / namespace(mu).sqrt((1 - mu * mu) ** power)
    return {"mu": mu, "c": c, "alpha": mu, "beta_w": beta_w, "beta_phi": c * mu * mu * mu}


def nonconvex(draw: Any, N: int, K: int, B: Any, slow: bool, at_rest: bool = False) -> dict[str, Any]:
    """An instance of Theorem 2 with alpha = a / N and the step c / N (``slow``) or c; ``at_rest`` as above."""
    a = draw.interval("a", 0, 1, closed="right")
    made = oscillating_tasks(draw, None, a)
    made = mirrored(made) if at_rest else made
    c = ones(a.shape, a) / 8 / (1 + made["rho"] + made["tau"])
    beta = c / N if slow else c
    return setting(made | {"c": c, "alpha": a / N, "beta_w": beta, "beta_phi": beta}, N, K, B)


def setting(made: dict[str, Any], N: int, K: int, B: Any) -> dict[str, Any]:
    """The instance with N, K, the batch size (None for "all", the limit of large batches), 1/B, and the initial gap."""
    start = meta_loss(made["tasks_"], made["w"], made["phi"], made["alpha"], N)
    size, one = None if B == "all" else B, ones(made["alpha"].shape, made["alpha"])
    gap = namespace(start).sum(start, axis=1) / start.shape[1]
    return dict(made, N=N, K=K, size=size, noise=0 if size is None else one / size, gap=gap)


def average_squares(
    tasks_: Any, w: Array, phi: Array, alpha: Array, N: int, K: int, size: int | None, beta_w: Array, beta_phi: Array
) -> tuple[Array, Array]:
    """Both expected squared meta-gradients of an average iterate, exactly: every sequence of batches is enumerated."""
    squares = expected_squares(
        tasks_, w, phi, alpha=alpha, inner_steps=N, beta_w=beta_w, beta_phi=beta_phi, batch_size=size, outer_steps=K
    )
    square_w, square_phi = (namespace(x).sum(x, axis=1) / K for x in squares)
    return square_w, square_phi


def longer_run(
    tasks_: Any, w: Array, phi: Array, alpha: Array, N: int, K: int, size: int | None, beta_w: Array, beta_phi: Array
) -> AverageRun:
    """Squared meta-gradients and meta-loss of many iterates, averaged over eight fixed sequences of batches."""
    return average_run(
        tasks_, w, phi, alpha=alpha, inner_steps=N, beta_w=beta_w, beta_phi=beta_phi, batch_size=size, outer_steps=K
    )
