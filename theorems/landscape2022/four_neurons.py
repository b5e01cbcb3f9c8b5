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
    nal = stationary_point(tasks, centre, None, 5, reach=0.5)
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


def around_nal(easy: Any, alpha: Any) -> dict[str, Any]:
    """One hard softplus task (variance 1/2) besides three easy ones ``(batch, 3, d)``, placed so that NAL's solution is 0.

    At 0 the gradient of a softplus task is -variance/4 times its ground truth, so that the hard one is -2 times the sum of the others.
    """
    xp = namespace(easy)
    hard = -2 * xp.sum(easy, axis=1)
    quarter = ones((easy.shape[0], 4), easy) / 4
    scales = 4 * quarter * xp.sqrt(array_like([1, 2, 2, 2], easy) / 2)
    tasks = SmoothNetworkTasks(quarter, xp.concat([hard[:, None], easy], axis=1)[:, :, None, :], scales, "softplus", 5)
    return dict(tasks=tasks, hard=hard, w=0 * hard, alpha=alpha)


@instances()
def any_easy_tasks(draw):
    """Figure 4 (c), (d) with easy tasks anywhere in a square, NAL's solution at 0."""
    return around_nal(draw.interval("easy", -1, 1, 3, 2), draw.interval("alpha", 0.5, 2))


@instances()
def hard_task_apart(draw):
    """The easy tasks together on a line, so that the hard one lies on the other side; and any model on the line."""
    made = around_nal(-draw.interval("easy", 0.2, 0.4, 3, 1), draw.interval("alpha", 0.5, 2))
    return dict(made, model=draw.interval("place", -1, 2)[:, None] * made["hard"])


@instances()
def hard_task_apart_natural_step(draw):
    """As hard_task_apart at alpha = 4, the inverse of an easy task's curvature at 0, and a model on the way to the hard task."""
    easy = -draw.interval("easy", 0.2, 0.4, 3, 1)
    made = around_nal(easy, 4 + 0 * easy[:, 0, 0])
    return dict(made, model=2 * made["hard"] / 5)


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
