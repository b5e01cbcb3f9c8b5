r"""ANIL with a nonconvex inner loop, as trained: more inner steps cost more, though they need fewer outer ones.

Ji, Lee, Liang and Poor 2020, Figure 2 and Section 4.2: as Figure 1, but w is the last two layers with ReLU
activation. No hyper-parameter and no number is printed in the main text. Neither data set was run.

The stand-in is that of Figure 1 with a hidden ReLU layer of 8 units in w; alpha is fixed while N varies. Cost counts
entries of gradients and second derivatives in place of running time; counted in gradients alone, N = 1 is often not
the cheapest.

Known limits: the range of alpha at which runs diverge was chosen after trial runs, and the p-values are not corrected for
that. Divergence needs a large alpha: with tanh features none of 32 runs diverges at alpha <= 0.3, and at alpha = 3 none
does for N = 1, but 84 % do from N = 3 on. These numbers come from a variant with four tasks and 30 outer steps that is not
kept here.
"""

from __future__ import annotations

from functools import partial

from exactarray import zeros
from impl.anil_runs import steps_to_reach
from impl.partial_adaptation_tasks import ReluHeadTasks
from lakatos import Trend, claim, instances
from theorems.ji2020 import PAPER
from theorems.ji2020.few_shot import FEATURES, cost_to_reach, few_shot_data, start, training


def relu_heads(low: float, high: float, activations: tuple[str, ...] = ("tanh", "relu")):
    """Two ReLU layers in w on a feature layer, alpha between ``low`` and ``high``."""

    @instances()
    def two_layer_heads(draw):
        N, activation = draw.integer("N", 1, 30), draw.option("activation", list(activations))
        alpha = draw.interval("alpha", low, high)
        tasks_ = ReluHeadTasks(**few_shot_data(draw), features=FEATURES, activation=activation, ridge=zeros(alpha.shape, alpha))
        return dict(start(draw, tasks_.n_w, tasks_.n_phi, 1.0, [1.4, 1.2, 1.0]), tasks_=tasks_, alpha=alpha, N=N)

    return two_layer_heads


moderate_steps, large_steps = relu_heads(0.1, 1), relu_heads(2.5, 4, ("tanh",))
figure = partial(claim, PAPER, "Figure 2", entry="fig-2-ji")


@figure(Trend("increasing", over="N", grid=(1, 3, 7, 15, 30), batch=8), variant="a-slower", on=moderate_steps)
def cost_over_N(tasks_, w, phi, alpha, N, beta, level):
    """The cost to reach a loss increases with N."""
    return cost_to_reach(tasks_, w, phi, alpha, N, beta, level, second_order=True)


@figure(Trend("increasing", over="N", grid=(1, 3, 7), batch=16), variant="a-one-is-fastest", on=moderate_steps)
def cost_of_few_steps(tasks_, w, phi, alpha, N, beta, level):
    """The cost to reach a loss increases from N = 1 on."""
    return cost_to_reach(tasks_, w, phi, alpha, N, beta, level, second_order=True)


@figure(Trend("increasing", over="N", grid=(1, 3, 7, 30), batch=8), variant="a-diverges", on=large_steps)
def loss_of_diverging_runs(tasks_, w, phi, alpha, N, beta):
    """With a large inner step the loss at the end of the run increases with N, to the point of divergence."""
    return training(tasks_, w, phi, alpha, N, beta).final_loss()


@figure(Trend("decreasing", over="N", grid=(1, 3, 7), batch=16), variant="b-outer-steps", on=moderate_steps)
def outer_steps_over_N(tasks_, w, phi, alpha, N, beta, level):
    """N = 1 is not the fastest in outer steps: fewer of them reach a loss as N grows from 1 to 7."""
    return steps_to_reach(training(tasks_, w, phi, alpha, N, beta).loss, level)
