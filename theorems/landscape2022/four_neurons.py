"""Environments of four one-neuron tasks, hard or easy, and the solutions of NAL and MAML on them."""

from __future__ import annotations

from typing import Any

from exactarray import array_like, namespace, norm, ones
from impl.maml import meta_gradient, meta_objective
from impl.stationary_points import stationary_point
from impl.two_layer_networks import SmoothNetworkTasks
from lakatos import instances

FOUND = {"both solutions are stationary": lambda residuals: residuals < 1e-8}


def solutions(truths: Any, hardness: Any, alpha: Any, activation: str, points: int) -> dict[str, Any]:
    """NAL's and MAML's solutions ``(batch, d)`` on equally likely tasks with input variances ``1 / hardness``."""
    xp = namespace(truths)
    quarter = ones((truths.shape[0], 4), truths) / 4
    tasks = SmoothNetworkTasks(quarter, truths[:, :, None, :], 1 / xp.sqrt(hardness), activation, points)
    centre = xp.sum(truths, axis=1) / 4
    nal = stationary_point(tasks, centre, 0 * alpha, 5, reach=0.5)
    maml = stationary_point(tasks, nal, alpha, 7, reach=0.5)
    residuals = norm(meta_gradient(tasks, maml, alpha)) + norm(meta_gradient(tasks, nal, 0 * alpha))
    losses = {f"loss_of_{name}": meta_objective(tasks, w, alpha) for name, w in (("nal", nal), ("maml", maml))}
    return dict(nal=nal, maml=maml, residuals=residuals, truths=truths, **losses)


@instances()
def equally_hard_neurons(draw):
    """Figure 4 (a), (b): four easy softplus tasks on a line whose ground truths have mean 0, where NAL is then stationary."""
    three, alpha = draw.interval("truths", -2, 2, 3), draw.interval("alpha", 0, 2)
    xp = namespace(three)
    truths = xp.concat([three, -xp.sum(three, axis=-1)[:, None]], axis=-1)[..., None, None]
    quarter = ones((draw.batch, 4), truths) / 4
    return dict(tasks=SmoothNetworkTasks(quarter, truths, 4 * quarter, "softplus", 8), w=0 * alpha[:, None], alpha=alpha)


@instances(assume=FOUND)
def one_hard_neuron(draw):
    """Figure 4 (c), (d): one task of input variance 1/hardness on one side of three easy ones, softplus, in the plane."""
    axis = draw.unit("axis", 2)[:, None, :]
    sides = array_like([2, -1, -1, -1], axis)[:, None] / 2
    truths = sides * axis + draw.interval("apart", -0.5, 0.5, 4, 2)
    hardness = draw.interval("hardness", 1, 2)[:, None] * array_like([1, 0, 0, 0], axis) + array_like([0, 1, 1, 1], axis)
    return solutions(truths, hardness, draw.interval("alpha", 0.5, 2), "softplus", 6)


@instances(assume=FOUND)
def two_centres(draw):
    """Figure 6: two hard tasks (variance 1/2) around R u, two easy ones around -R u, sigmoid, in the plane."""
    axis, R = draw.unit("axis", 2)[:, None, :], draw.interval("R", 0, 1.5)[:, None, None]
    sides = array_like([1, 1, -1, -1], axis)[:, None]
    truths = R * sides * axis + draw.interval("apart", -0.25, 0.25, 4, 2)
    hardness = ones((draw.batch, 4), axis) * array_like([2, 2, 1, 1], axis)
    return solutions(truths, hardness, draw.interval("alpha", 4, 8), "sigmoid", 6)
