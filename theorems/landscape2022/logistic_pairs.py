"""Two logistic tasks with opposite ground truths on one line, a hard one and an easy one, and single logistic tasks.

The curvature of a logistic task is at most rho/4, so that 4/rho_E is the inverse of the largest smoothness that the paper
calls the natural step.
"""

from __future__ import annotations

from typing import Any

from exactarray import array_like, namespace, ones
from impl.logistic_tasks import LogisticTasks
from impl.stationary_points import stationary_point
from lakatos import fix, instances

POINTS = 8


def opposite(root: Any, s: Any) -> LogisticTasks:
    """Ground truths +s (hard, inputs of standard deviation ``root``) and -s (easy, of standard deviation 1)."""
    xp, half = namespace(root), ones((root.shape[0], 2), root) / 2
    scales = xp.stack([root, 0 * root + 1], axis=-1)
    return LogisticTasks(half, s[:, None] * array_like([1, -1], root), scales, POINTS)


def nal(tasks: LogisticTasks, root: Any, s: Any) -> Any:
    """NAL's solution, from a start that is close to it for all scales here."""
    return stationary_point(tasks, (s * (root - 1) / (root + 1))[:, None], None, 4)


@instances(strata={"alpha = 1": fix(alpha=1)})
def opposite_tasks(draw):
    """Optima +s and -s on a line, s from 1/2 to 3.2; the hard task has inputs of standard deviation 1/16 to 15/16, the easy one 1."""
    root, s = draw.interval("root_ratio", 0.0625, 0.9375), draw.interval("s", 0.5, 3.2)
    tasks, alpha, origin = opposite(root, s), draw.interval("alpha", 0.125, 1), 0 * root[:, None]
    return dict(tasks=tasks, origin=origin, nal=nal(tasks, root, s), alpha=alpha)


@instances()
def opposite_tasks_at_any_model(draw):
    """As opposite_tasks with steps up to 1/rho_E, and any model between the optima, so also MAML's."""
    root, s = draw.interval("root_ratio", 0.0625, 0.9375), draw.interval("s", 0.5, 3.2)
    tasks, alpha, w = opposite(root, s), draw.interval("alpha", 0.125, 1), s * draw.interval("place", -1, 1)
    return dict(tasks=tasks, w=w[:, None], nal=nal(tasks, root, s), alpha=alpha)


@instances()
def opposite_tasks_natural_step(draw):
    """Optima +s and -s, rho_H from 1/4 to 7/8, the step 4/rho_E, and a place between the middle and the hard optimum."""
    root, s = draw.interval("root_ratio", 0.5, 0.9375), draw.interval("s", 0.5, 3.2)
    w = s * draw.interval("place", 0, 1, closed="right")
    return dict(tasks=opposite(root, s), w=w[:, None], alpha=4 + 0 * s)


@instances()
def near_opposite_tasks(draw):
    """Optima +s and -s with s from 1/2 to 1, the step 4/rho_E, and any model between the middle and the hard optimum."""
    root, s = draw.interval("root_ratio", 0.25, 0.75), draw.interval("s", 0.5, 1)
    tasks, w = opposite(root, s), s * draw.interval("place", 0, 1)
    return dict(tasks=tasks, w=w[:, None], nal=nal(tasks, root, s), alpha=4 + 0 * s)


@instances()
def any_logistic_task(draw):
    """One task of any scale, and a point."""
    scale = draw.positive("scale", 1)
    tasks = LogisticTasks(ones((draw.batch, 1), scale), draw.real("truth", 1), scale, POINTS)
    return dict(tasks=tasks, w=draw.real("w", 1, 1), rho=scale[:, 0] ** 2)
