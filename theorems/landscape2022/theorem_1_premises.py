r"""Two premises of Theorem 1: how fast an activation's slope vanishes, and which loss is convex.

Collins, Mokhtari, Shakkottai 2022, Section 4 and the end of Appendix B. "c is the homogeneity constant for
which sigma satisfies Property 3.1: 0 <= sigma'(z) <= a|z|^c for all z". It holds with c = 0, and for no c > 0,
for each of the four activations.

The loss of Section 4 is printed as (sigma(sum_k <w^k, x>) - y)^2, the network as sum_k sigma(<w^k, x>). The
printed loss depends on the sum of the neurons alone: with two or more it is flat in some direction everywhere,
beta_i = 0. The proof means the other one.

Known limits: slopes at z > 0, which is enough as all four are even, or for ReLU zero, below; the loss in one
dimension, on 8 Gauss-Hermite points.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from exactarray import namespace, ones
from impl.two_layer_networks import SMOOTH, SmoothNetworkTasks
from lakatos import Inequality, Rate, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.networks import ACTIVATIONS, STEEPEST

z, c, a = symbols("z c a", positive=True)


@instances(strata={name: fix(activation=name) for name in ACTIVATIONS})
def arguments(draw):
    """A positive argument, divided by ``shrink``, and an exponent c > 0; tanh bends the other way below zero."""
    activation, shrink = draw.option("activation", ACTIVATIONS), draw.interval("shrink", 1, 64)
    z = draw.interval("argument", 0.25, 4) / shrink
    slope = SMOOTH[activation][1](z) if activation in SMOOTH else namespace(z).ones_like(z)
    return dict(z=z, slope=slope, a=STEEPEST[activation] + 0 * z, c=draw.interval("c", 0.5, 2))


slope_bound = partial(claim, PAPER, "Appendix B, Property 3.1", entry="thm-1", on=arguments, left=r"\sigma'(z)")


@slope_bound(Inequality("<="), name="slope_is_bounded", variant="property-3.1-c-0", right=a)
@slope_bound(
    Rate("O", over="shrink", grid=(1, 4, 16, 64)),
    name="slope_vanishes_at_zero",
    variant="property-3.1-c-positive",
    right=z**c,
    expect="refuted",
    reason="false",
    because="At z = 0 the slopes are 1/2, 1/4 and 1 (softplus, sigmoid, tanh), and 1 on one side (ReLU): no c > 0 is possible.",
    corrected="slope_is_bounded",
)
def slope_measured(slope: Any) -> Any:
    """The slope of each activation is at most a |z|^c."""
    return slope


@instances(strata={"two neurons": fix(neurons=2)})
def networks_with_the_printed_loss(draw):
    """The loss as printed, at any W, and a direction."""
    count = draw.integer("neurons", 1, 2)
    truths, w, v = draw.real("truths", 1, count, 1), draw.real("w", 1, count), draw.real("v", 1, count)
    weights = ones((draw.batch, 1), w)
    tasks = SmoothNetworkTasks(weights, truths, weights, draw.option("activation", list(SMOOTH)), 8, activated_sum=True)
    return dict(tasks=tasks, w=truths[..., 0] + 0 * w, v=v)


@instances()
def orthogonal_networks(draw):
    """Two orthogonal neurons of size 1/4 to 4 in the plane, at the ground truth, and a direction of length at least 1."""
    truths = (draw.interval("s", 0.25, 4, 2)[..., None] * draw.orthogonal("axes", 2))[:, None]
    first, rest = draw.sign("first", 1), draw.interval("rest", -2, 2, 3)
    v = namespace(rest).concat([first, rest], axis=-1)[:, None]
    weights = ones((draw.batch, 1), truths)
    tasks = SmoothNetworkTasks(weights, truths, weights, draw.option("activation", list(SMOOTH)), 6)
    return dict(tasks=tasks, w=truths.reshape(draw.batch, 1, -1), v=v)


@claim(
    PAPER,
    "Section 4",
    Inequality(">"),
    entry="thm-1",
    variant="printed-loss",
    on=networks_with_the_printed_loss,
    right=0,
    left=r"v^\top\nabla^2 f_i(W)v",
    expect="refuted",
    reason="misprint",
    because="The loss is printed with the activation of the sum: it does not change when one neuron gains what another loses.",
    witness=dict(neurons=2, activation="softplus", truths=[[[1], [1]]], w=[[0, 0]], v=[[1, -1]]),
    corrected="loss_of_the_network_is_convex",
)
def curvature_of_the_printed_loss(tasks: Any, w: Any, v: Any) -> Any:
    """The printed loss (sigma(sum_k <w^k, x>) - y)^2 is strongly convex at the ground truth."""
    return namespace(w).sum(v * tasks.hessian_vector(w, v), axis=-1)[:, 0]


@claim(PAPER, "Section 4", Inequality(">"), entry="thm-1", variant="loss-of-the-network", on=orthogonal_networks, right=0,
       left=r"v^\top\nabla^2 f_i(W_{i,*})v")  # fmt: skip
def loss_of_the_network_is_convex(tasks: Any, w: Any, v: Any) -> Any:
    """The loss of sum_k sigma(<w^k, x>), which the proof means, is strongly convex at a ground truth of full rank."""
    return namespace(w).sum(v * tasks.hessian_vector(w, v), axis=-1)[:, 0]
