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

Known limits: Gauss-Hermite points (8 on a line, 6 per axis in the plane) stand for Gaussian inputs. Colours and
axes of the plots are not read.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import norm
from impl.maml import meta_gradient
from lakatos import Identity, Trend, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.four_neurons import equally_hard_neurons, one_hard_neuron

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
