"""Which conditions the bounds on the stochastic step size need.

Fallah, Mokhtari, Ozdaglar 2020, Lemma 4.9. Each condition of (18) is dropped in turn, up to 20 times the deviation that it allows. The
bound on the mean needs enough data but no number of tasks: E beta~ >= 1 / E L~ and E L~ <= L(w) + L hold for any B'. The bound on
the second moment needs both: half of the tasks, or of the data, with gradient zero make the step long half of the time. The
assumption alpha <= 1/L is not used.

Known limits: those of lemma_4_9.py; steps up to 3/L.
"""

from __future__ import annotations

from typing import Any

from lakatos import Inequality
from theorems.fallah2020.lemma_4_9 import CLOSEST, MEAN, SECOND, L, L_w, mean, mean_step, second, second_moment_of_the_step
from theorems.fallah2020.step_sizes import StepSize, estimates

tasks_apart, much_noise, long_steps = estimates(task_share=20), estimates(data_share=20), estimates(longest=3)

ONE_TASK = {**CLOSEST, "tasks": 1, "p": [1], "apart": [[[0]]], "odds": [[1, 1]], "noise": [[[1], [-1]]]}
NO_NOISE = {**CLOSEST, "p": ["1/2", "1/2"], "noise": [[[0], [0]], [[0], [0]]]}


@mean(Inequality(">="), variant="mean-for-any-B", on=tasks_apart, right=1 / (L_w + L))
def mean_step_for_any_number_of_tasks(step: StepSize) -> Any:
    """The mean step is at least 1 / (L(w) + L), and so 0.8 / L(w), without the condition on B'."""
    return mean_step(step)


@second(Inequality("<="), variant="second-moment-for-longer-steps", on=long_steps, right=SECOND)
def second_moment_for_longer_steps(step: StepSize) -> Any:
    """The bound on the second moment with alpha up to 3/L."""
    return second_moment_of_the_step(step)


@mean(
    Inequality(">="),
    variant="mean-for-any-D",
    on=much_noise,
    right=MEAN,
    expect="refuted",
    reason="missing assumption",
    because="Without the condition on D_beta noise alone makes the estimate of L(w) as large as one likes.",
    witness={**ONE_TASK, "slope": [[0]], "data_share": [2]},
    corrected="mean_step",
)
def mean_step_for_any_data(step: StepSize) -> Any:
    """The bound on the mean where the condition on D_beta is dropped."""
    return mean_step(step)


@second(
    Inequality("<="),
    variant="second-moment-for-any-B",
    on=tasks_apart,
    right=SECOND,
    expect="refuted",
    reason="missing assumption",
    because="Without the condition on B' a task with gradient zero, drawn alone half of the time, makes the step long.",
    witness={**NO_NOISE, "slope": [[14]], "task_share": 10},
    corrected="second_moment_of_the_step",
)
def second_moment_for_any_number_of_tasks(step: StepSize) -> Any:
    """The bound on the second moment where the condition on B' is dropped."""
    return second_moment_of_the_step(step)


@second(
    Inequality("<="),
    variant="second-moment-for-any-D",
    on=much_noise,
    right=SECOND,
    expect="refuted",
    reason="missing assumption",
    because="Without the condition on D_beta a data point with gradient zero, drawn half of the time, makes the step long.",
    witness={**ONE_TASK, "slope": [[6]], "data_share": [12]},
    corrected="second_moment_of_the_step",
)
def second_moment_for_any_data(step: StepSize) -> Any:
    """The bound on the second moment where the condition on D_beta is dropped."""
    return second_moment_of_the_step(step)
