"""The synthetic stand-in for Figures 1 and 2: small few-shot classification, ANIL on it, and the cost to reach a loss.

Three tasks of five fresh random clusters each, five shots, a tanh or ReLU feature layer phi (24 inputs, 8 features), a head
w, the limit of large batches. Cost counts evaluations in place of running time: entries of gradients, or entries of
gradients and second derivatives (Table 2). Every N gets the same budget, that of 40 outer steps with N = 1.
"""

from __future__ import annotations

from typing import Any

from exactarray import eye, namespace
from impl.anil_runs import AverageRun, average_run, outer_step_cost, steps_to_reach
from impl.partial_adaptation_tasks import LinearHeadTasks
from lakatos import instances

Array = Any
TASKS, WAYS, SHOTS, INPUTS, FEATURES, LATENT = 3, 5, 5, 24, 8, 4


def clusters(draw: Any, name: str) -> Array:
    """Samples ``(batch, tasks, ways * shots, inputs)`` around the class means that ``name`` and other samples share."""
    noise = draw.interval(name, -1, 1, TASKS, WAYS, SHOTS, INPUTS)
    return noise.reshape(noise.shape[0], TASKS, WAYS * SHOTS, INPUTS)


def few_shot_data(draw: Any) -> dict[str, Any]:
    """Support and query samples of fresh classes in every task, and their labels."""
    means = 2 * draw.interval("means", -1, 1, TASKS, WAYS, LATENT) @ draw.interval("mixing", -1, 1, 1, LATENT, INPUTS)
    xp, batch = namespace(means), draw.batch
    means = xp.repeat(means, SHOTS, axis=2)
    labels = xp.repeat(eye(WAYS, means), SHOTS, axis=0)
    labels = xp.broadcast_to(labels, (batch, TASKS, WAYS * SHOTS, WAYS))
    return {
        "support": means + clusters(draw, "support"),
        "query": means + clusters(draw, "query"),
        "support_labels": labels,
        "query_labels": labels,
    }


def start(draw: Any, n_w: int, n_phi: int, scale_w: float, levels: list[float]) -> dict[str, Any]:
    """Random parameters, an outer step size, and a loss to reach (guessing has 1.61)."""
    w, phi = draw.interval("w", -1, 1, n_w), draw.interval("phi", -1, 1, n_phi)
    return {
        "w": scale_w * w,
        "phi": phi * 3 / 8,
        "beta": draw.interval("beta", 0.05, 0.3),
        "level": draw.option("level", levels),
    }


@instances()
def linear_heads(draw):
    """A linear head with an L^2 term on a feature layer."""
    N, activation = draw.integer("N", 1, 30), draw.option("activation", ["tanh", "relu"])
    ridge = 10 ** (-2 * draw.interval("smallness", 0, 1))
    tasks_ = LinearHeadTasks(**few_shot_data(draw), features=FEATURES, activation=activation, ridge=ridge)
    alpha = draw.interval("alpha_L", 0.1, 1) / (ridge + FEATURES / 2)
    return dict(start(draw, tasks_.n_w, tasks_.n_phi, 0.35, [1.4, 1.3, 1.2]), tasks_=tasks_, alpha=alpha, N=N)


def training(tasks_: Any, w: Array, phi: Array, alpha: Array, N: int, beta: Array, outer_steps: int = 15) -> AverageRun:
    """ANIL on all tasks at once."""
    return average_run(tasks_, w, phi, alpha=alpha, inner_steps=N, outer_steps=outer_steps, beta_w=beta, beta_phi=beta)


def cost_to_reach(
    tasks_: Any, w: Array, phi: Array, alpha: Array, N: int, beta: Array, level: float, second_order: bool
) -> Array:
    """Entries that are evaluated until the meta-loss is at most ``level``; infinite beyond the cost of 40 steps with
    N = 1.
    """
    one, step = (outer_step_cost(tasks_.n_w, tasks_.n_phi, n, second_order=second_order) for n in (1, N))
    run = training(tasks_, w, phi, alpha, N, beta, outer_steps=max(40 * one // step, 1))
    return steps_to_reach(run.loss, level) * step
