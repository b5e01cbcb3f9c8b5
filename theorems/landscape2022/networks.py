"""Pairs of network regression tasks and the stationary points of MAML on them, for Theorem 1.

Ground truths ``W_i`` are ``(batch, 2, neurons, d)``, inputs ``N(0, scale_i^2 I)``. The stationary point is
Newton's, started between both ground truths and accepted when its gradient is below 1e-10 and both Hessians
there are positive definite.
"""

from __future__ import annotations

from typing import Any

from sympy import symbols

from exactarray import array_like, eigvalsh, maximum, namespace, norm, ones
from impl.maml import meta_gradient
from impl.stationary_points import hessians, stationary_point
from impl.two_layer_networks import SMOOTH, ReluTasks, SmoothNetworkTasks
from lakatos import fix, instances

alpha, beta_1, beta_2, L_1, L_2, slope_2 = symbols("alpha beta_1 beta_2 L_1 L_2 slope_2", nonnegative=True)

STEEPEST = {"softplus": 1.0, "sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}
"""The largest slope of each activation."""
ACTIVATIONS = [*SMOOTH, "relu"]


def network_tasks(truths: Any, scales: Any, activation: str) -> SmoothNetworkTasks | ReluTasks:
    """Two equally likely tasks."""
    half = 0 * scales + array_like([1, 1], scales) / 2
    return ReluTasks(half, truths, scales) if activation == "relu" else SmoothNetworkTasks(half, truths, scales, activation, 8)


def at_stationary_point(tasks: Any, alpha: Any, start: Any, steps: int) -> dict[str, Any]:
    """The stationary point, its residual, and gradients and curvatures of both tasks there, by name."""
    w = stationary_point(tasks, start, alpha, steps, reach=0.5)
    at = namespace(w).broadcast_to(w[:, None, :], (*tasks.weights.shape, tasks.dimension))
    curvature, xp = hessians(tasks, at), namespace(w)
    # Where Newton's method has run away there is no spectrum; such instances are not stationary, and rejected.
    spectra = eigvalsh(xp.where(xp.isfinite(curvature), curvature, xp.zeros_like(curvature)))
    slopes = norm(tasks.gradient(at))
    return dict(
        w=w, residual=norm(meta_gradient(tasks, w, alpha)), slope_1=slopes[:, 0], slope_2=slopes[:, 1], beta_1=spectra[:, 0, 0],
        L_1=spectra[:, 0, -1], beta_2=spectra[:, 1, 0], L_2=spectra[:, 1, -1],
    )  # fmt: skip


FOUND = {"the point is stationary": lambda residual: residual < 1e-10}
CONVEX = {"both Hessians there are positive definite": lambda beta_1, beta_2: (beta_1 > 0) & (beta_2 > 0)}
ORDERED = {"beta_1 < beta_2 and L_1 < L_2": (lambda beta_1, beta_2, L_1, L_2: (beta_1 < beta_2) & (L_1 < L_2))}
STEP = {"the step is at most 1/L_2": alpha * L_2 <= 1}


def near_truths(draw: Any, d: int, neurons: int) -> Any:
    """Two ground truths around a common centre, ``(batch, 2, neurons, d)``."""
    centre = draw.interval("centre", -1.5, 1.5, 1, neurons, d)
    return centre + draw.interval("apart", -0.5, 0.5, 2, neurons, d)


def smallest_share(draw: Any, activation: str, neurons: int, scales: Any) -> Any:
    """Steps 1/(k L) for twice the largest curvature L of a fitted network."""
    most = 2 * neurons * STEEPEST[activation] ** 2 * maximum(scales[:, 0], scales[:, 1]) ** 2
    return 1 / (draw.interval("k", 1, 64) * most)


@instances(strata={name: fix(activation=name) for name in ACTIVATIONS}, assume={**FOUND, **CONVEX, **ORDERED, **STEP})
def fitted_networks(draw):
    """As many neurons as inputs, or one less; the inputs of the first task vary less; curvatures are measured."""
    activation, d = draw.option("activation", ACTIVATIONS), draw.integer("d", 1, 2)
    neurons = draw.integer("neurons", 1, d)
    scales = draw.interval("scale", 0.25, 1, 2) * array_like([1, 0], draw.constant([1])) + array_like(
        [0, 1], draw.constant([1])
    )
    truths = near_truths(draw, d, neurons)
    tasks, alpha = network_tasks(truths, scales, activation), smallest_share(draw, activation, neurons, scales)
    start = truths.reshape(draw.batch, 2, -1)
    return dict(alpha=alpha, **at_stationary_point(tasks, alpha, (start[:, 0] + start[:, 1]) / 2, 9))


def printed_parameters(draw: Any, truths: Any, c: Any) -> dict[str, Any]:
    """beta_i, L_i and the radius of S_i as Theorem 1 defines them, for constants c, c_1, c_2 <= c_3; each ``(batch,)``."""
    xp, neurons = namespace(truths), truths.shape[2]
    s = xp.sqrt(maximum(eigvalsh(truths @ truths.mT), 0 * truths[..., 0]))
    smallest, largest = s[..., 0], s[..., -1]
    kappa, lambda_ = largest / smallest, xp.prod(s / smallest[..., None], axis=-1)
    c_1, c_3 = draw.positive("c_1"), draw.positive("c_3")
    c_2 = draw.interval("share_of_c_3", 0, 1, closed="right") * c_3
    power = xp.exp(c[:, None] * xp.log(largest))
    beta, L = c_2[:, None] / (lambda_ * kappa**2), c_3[:, None] * neurons * power**2
    radius = c_1[:, None] / (power * lambda_ * kappa**2 * neurons**2)
    pairs = {"beta": beta, "L": L, "radius": radius}
    return {"c_2": c_2, "c_3": c_3} | {f"{name}_{k + 1}": pair[:, k] for name, pair in pairs.items() for k in (0, 1)}


def excess(slope_1: Any, slope_2: Any, alpha: Any, beta_2: Any, L_1: Any) -> Any:
    """What the left side of (13) has beyond the first term on the right, zero where it has nothing."""
    beyond = slope_1 - (1 - 2 * alpha * beta_2) / (1 - alpha * L_1) ** 2 * slope_2
    return maximum(beyond, 0 * beyond)


def printed_pair(draw: Any, neurons: int, c: Any) -> dict[str, Any]:
    """Two networks on standard normal inputs, and the parameters that Theorem 1 defines for them."""
    activation, truths = draw.option("activation", ACTIVATIONS), near_truths(draw, 2, neurons)
    scales = ones((draw.batch, 2), truths)
    tasks, alpha = network_tasks(truths, scales, activation), smallest_share(draw, activation, neurons, scales)
    start = truths.reshape(draw.batch, 2, -1)
    found = at_stationary_point(tasks, alpha, (start[:, 0] + start[:, 1]) / 2, 5)
    printed = printed_parameters(draw, truths, c)
    distance = norm(found["w"][:, None, :] - start)  # not below the spectral norm, so that S_i is not made larger
    return {**found, **printed, "alpha": alpha, "distance_1": distance[:, 0], "distance_2": distance[:, 1]}


HYPOTHESES = {
    **FOUND,
    "beta_1 < beta_2": beta_1 < beta_2,
    "L_1 < L_2": L_1 < L_2,
    **STEP,
    "W lies in both regions": lambda distance_1, distance_2, radius_1, radius_2: (
        (distance_1 <= radius_1) & (distance_2 <= radius_2)
    ),
}


@instances(assume=HYPOTHESES)
def networks_as_printed(draw):
    """One or two neurons; c is the exponent of the appendix, which is 0 for every activation of the theorem."""
    neurons = draw.integer("neurons", 1, 2)
    return printed_pair(draw, neurons, 0 * draw.positive("c"))


@instances(assume=HYPOTHESES)
def single_neurons(draw):
    """One neuron; c is any positive constant."""
    return printed_pair(draw, 1, draw.positive("c"))


@instances(strata={"one neuron": fix(neurons=1)}, assume={"c_2 is at most c_3": lambda c_2, c_3: c_2 <= c_3})
def printed_curvatures(draw):
    """Ground truths of one or two neurons with any singular values, c = 0, and constants that one neuron allows."""
    neurons = draw.integer("neurons", 1, 2)
    truths = draw.orthogonal("axes", neurons)[:, None] * draw.positive("s", 2, 1, neurons)
    return printed_parameters(draw, truths, 0 * truths[:, 0, 0, 0])


@instances(strata={"one neuron": fix(neurons=1)})
def relu_networks(draw):
    """Any two ReLU networks on standard normal inputs, and any point W."""
    neurons = draw.integer("neurons", 1, 2)
    rows = [draw.positive(f"length_{k}")[:, None] * draw.unit(f"direction_{k}", 2) for k in range(3 * neurons)]
    vectors = namespace(rows[0]).stack(rows, axis=1).reshape(draw.batch, 3, neurons, 2)
    truths, w = vectors[:, 1:], vectors[:, :1].reshape(draw.batch, 1, -1)
    half = ones((draw.batch, 2), w) / 2
    return dict(tasks=ReluTasks(half, truths, 2 * half), w=w + 0 * truths.reshape(draw.batch, 2, -1))
