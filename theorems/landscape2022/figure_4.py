r"""One softplus neuron, four tasks: equal hardness does not make NAL and MAML identical; a hard task draws MAML.

Collins, Mokhtari, Shakkottai 2022, Figures 4 and 5 and Section 4: M = 1, d = 2, Sigma_i = I/2 for the hard
task, I for easy ones. Ground truths and alpha are not printed, so that environments are drawn: three easy tasks
on one side, the hard one on the other; alpha from 1/2 to 2. The inner step takes the full gradient instead of m
= 250 samples, the losses are population losses.

"When all tasks are equally hard, the MAML and NAL solutions are identical": MAML weighs each gradient with I -
alpha H_i, and H_i depends on the ground truth of a nonlinear model. In trial runs on
random environments the solutions were a median 4 percent of the tasks' spread apart at alpha = 1/2, and 17
percent at alpha = 2. With one hard task MAML comes closer to it as it grows harder. The gain in loss is small:
a median of 1.04 at alpha = 2, at most 1.6 in 96 environments.

MAML "initializes closer to the hard task" than NAL where the easy tasks lie together on the other side, not
where they lie apart. "Significantly better" is a matter of the step: with the easy tasks together no model on
the line to the hard task has a loss below NAL's by more than a factor 1.6 for alpha up to 2; at alpha = 4, the
inverse of an easy task's curvature at 0, a model on the way to the hard task is better by a factor 3.3.

Known limits: Gauss-Hermite points (8 on a line, 6 per axis in the plane) stand for Gaussian inputs. Colours and
axes of the plots are not read.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace, norm
from impl.maml import meta_gradient, meta_objective
from lakatos import Identity, Inequality, Trend, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.four_neurons import (
    any_easy_tasks,
    equally_hard_neurons,
    hard_task_apart,
    hard_task_apart_natural_step,
    one_hard_neuron,
)

figure = partial(claim, PAPER, "Figure 4", entry="fig-4-6")
GRID = (1, 1.5, 2)


@figure(
    Identity(),
    variant="equal-hardness-identical",
    on=equally_hard_neurons,
    right=0,
    left=r"\nabla F_\infty(w_{NAL})",
    expect="refuted",
    reason="false",
    because="MAML weighs the gradients with I - alpha H_i, and the Hessian of a nonlinear task depends on its ground truth even if all "
    "inputs are alike.",
    witness=dict(truths=[1, 1, 0], alpha=1),
    corrected="distance_to_the_hard_task",
)
def slope_of_maml_at_nal(tasks: Any, w: Any, alpha: Any) -> Any:
    """With equally hard tasks both solutions are the same: MAML's gradient vanishes where NAL's does."""
    return meta_gradient(tasks, w, alpha)


@figure(Trend("decreasing", over="hardness", grid=GRID, batch=16), variant="maml-nears-the-hard-task", on=one_hard_neuron)
def distance_to_the_hard_task(maml: Any, nal: Any, truths: Any) -> Any:
    """MAML's distance to the hard task, relative to NAL's, falls as that task gets harder (variance from 1 to the printed 1/2)."""
    return norm(maml - truths[:, 0]) / norm(nal - truths[:, 0])


@figure(Trend("increasing", over="hardness", grid=GRID, batch=16), variant="gain-grows-with-hardness", on=one_hard_neuron)
def gain_with_a_hard_task(loss_of_nal: Any, loss_of_maml: Any) -> Any:
    """MAML's gain in the loss after adaptation grows as one task gets harder."""
    return loss_of_nal / loss_of_maml


nearer = partial(figure, Inequality(">"), right=0, left=r"-\langle\nabla F_\infty(w_{NAL}),w_1^*-w_{NAL}\rangle")


@nearer(name="fall_towards_the_hard_task", variant="maml-nearer-the-hard-task", on=any_easy_tasks, expect="refuted",
        reason="missing assumption", corrected="fall_towards_a_hard_task_apart",
        witness=dict(easy=[["-1/2", 0], [0, -1], [1, 1]], alpha=1),
        because="MAML weighs the easy tasks by their curvatures too; where these lie apart it can leave NAL's solution away from the hard "
        "one.")  # fmt: skip
@nearer(name="fall_towards_a_hard_task_apart", variant="maml-nearer-a-hard-task-apart", on=hard_task_apart)
def fall_towards_the_hard_task(tasks: Any, hard: Any, w: Any, alpha: Any) -> Any:
    """MAML initialises closer to the hard task than NAL: from NAL's solution its objective falls towards the hard task."""
    return -namespace(w).sum(meta_gradient(tasks, w, alpha) * (hard - w), axis=-1)


gain = partial(figure, left=r"F_\infty(w_{NAL})")


@gain(Inequality("<="), name="small_gain_at_short_steps", variant="gain-at-short-steps", on=hard_task_apart,
      right=lambda tasks, model, alpha: 8 * meta_objective(tasks, model, alpha) / 5)  # fmt: skip
@gain(Inequality(">="), name="large_gain_at_the_natural_step", variant="gain-at-the-natural-step", on=hard_task_apart_natural_step,
      right=lambda tasks, model, alpha: 33 * meta_objective(tasks, model, alpha) / 10)  # fmt: skip
def loss_of_nal(tasks: Any, w: Any, alpha: Any) -> Any:
    """The performance is "significantly better": by at most a factor 1.6 at steps up to 2, by at least 3.3 at the natural step 4."""
    return meta_objective(tasks, w, alpha)
