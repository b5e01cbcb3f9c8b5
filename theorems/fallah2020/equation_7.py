"""Gradient descent on a batch of tasks drawn with replacement is unbiased.

Fallah, Mokhtari, Ozdaglar 2020, equation (7): the direction (1/B) sum_{i in B_k} (I - alpha grad^2 f_i(w)) grad f_i(w - alpha grad f_i(w))
with B independent tasks serves as a stochastic gradient of F.

Checked over every batch of tasks. The mean is compared, in every direction, with the derivative of values of F, as in equation (6); the
variance falls like 1/B.

Known limits: at most 3 tasks and 4 parameters, B up to 3, coefficients between -2 and 2.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from sympy import symbols

from exactarray import namespace
from impl.expectations import batch_law, repeated
from impl.maml import meta_gradient
from impl.polynomial_tasks import CubicTasks
from lakatos import Identity, claim, fix, instances
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equation_6 import cubic_tasks, gradient_of_the_objective

B, variance = symbols("B variance", positive=True)


STRATA = {"B = 1": fix(B=1), **cubic_tasks.strata}


@instances(strata=STRATA)
def cubic_tasks_in_batches(draw: Any) -> dict[str, Any]:
    """The tasks of equation (6), and a batch size."""
    return {**cubic_tasks.function(draw), "B": draw.integer("B", 1, 3)}


@instances(strata=STRATA)
def with_variance_of_one_task(draw: Any) -> dict[str, Any]:
    """The tasks of equation (6), a batch size, and the variance of the direction of one task."""
    values = cubic_tasks_in_batches.function(draw)
    return {**values, "variance": spread(values["task_set"], values["w"], values["alpha"], 1)}


def over_batches(task_set: CubicTasks, w: Any, alpha: Any, B: int) -> tuple[Any, Any]:
    """The direction (7) of every batch, ``(batch, outcomes, d)``, and the probabilities ``(batch, outcomes)``."""
    shares, chances = batch_law(task_set.weights, B)
    outcomes, xp = shares.shape[0], namespace(w)
    drawn = xp.broadcast_to(shares[None], (w.shape[0], *shares.shape)).reshape(-1, shares.shape[1])
    # The mean over a batch is the expectation over tasks with the shares of the batch as probabilities.
    batches = replace(repeated(task_set, outcomes), weights=drawn)
    return meta_gradient(batches, repeated(w, outcomes), repeated(alpha, outcomes)).reshape(w.shape[0], outcomes, -1), chances


def spread(task_set: CubicTasks, w: Any, alpha: Any, B: int) -> Any:
    """Mean squared distance of the direction (7) from the gradient of F, ``(batch,)``."""
    directions, chances = over_batches(task_set, w, alpha, B)
    error, xp = directions - meta_gradient(task_set, w, alpha)[:, None], namespace(w)
    return xp.sum(chances * xp.sum(error * error, axis=-1), axis=-1)


equation = partial(
    claim,
    PAPER,
    "Equation (7)",
    Identity(),
    entry="eq-7-unbiased",
    rests_on=(gradient_of_the_objective.id,),
)


@equation(
    on=cubic_tasks_in_batches,
    right=gradient_of_the_objective.function,
    left=r"\mathbb{E}_{\mathcal{B}_k}[G_{\mathcal{B}_k}(w)]\cdot v",
)
def mean_over_batches(task_set: CubicTasks, w: Any, v: Any, alpha: Any, B: int) -> Any:
    """The mean direction over batches of B tasks is the gradient of F."""
    directions, chances = over_batches(task_set, w, alpha, B)
    xp = namespace(w)
    return xp.sum(chances * xp.sum(directions * v[:, None], axis=-1), axis=-1)


@equation(
    variant="variance",
    on=with_variance_of_one_task,
    right=variance / B,
    names={"variance": r"\mathbb{E}\|G_i(w)-\nabla F(w)\|^2"},
    left=r"\mathbb{E}\|G_{\mathcal{B}_k}(w)-\nabla F(w)\|^2",
)
def variance_over_batches(task_set: CubicTasks, w: Any, alpha: Any, B: int) -> Any:
    """The variance of the direction is that of one task divided by B."""
    return spread(task_set, w, alpha, B)
