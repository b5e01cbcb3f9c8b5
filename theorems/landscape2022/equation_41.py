"""The model that NAL learns from finite training sets, in closed form.

Collins, Mokhtari, Shakkottai 2022, Appendix D, (40) and (41). Checked by minimising problem (3) exactly on any inputs, optima
and label noise that determine a model. (41) is right, with the sample loss of Section 3 (without 1/m) as well.

Known limits: at most 3 tasks, 3 samples, d = 3.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace, solve
from impl.empirical_regression import train_nal
from lakatos import Identity, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.training_sets import samples


def over_tasks(per_task: Any) -> Any:
    """Sum over every axis between the batch and the vector or matrix of each sample's task."""
    return namespace(per_task).sum(per_task, axis=1)


def display_41(inputs: Any, optima: Any, z: Any) -> Any:
    """The right side of (41), ``(batch, d)``."""
    gram = inputs.mT @ inputs
    right = gram @ optima[..., None] + inputs.mT @ z[..., None]
    return solve(over_tasks(gram), over_tasks(right))[..., 0]


exact = partial(claim, PAPER, kind=Identity(), entry="eq-41")


@exact(label="Equation (41)", variant="nal-printed", on=samples, right=display_41, left="w_{NAL}")
def nal_training_solution(inputs: Any, labels: Any) -> Any:
    """NAL's trained model, the minimiser of problem (3), is (41)."""
    return train_nal(inputs, labels)


@exact(label="Equation (41)", variant="nal-loss-of-section-3", on=samples, right=display_41, left="w_{NAL}")
def nal_training_solution_with_summed_loss(inputs: Any, labels: Any) -> Any:
    """(41) also for the sample loss as Section 3 prints it, ||X w - y||^2 / 2."""
    return train_nal(inputs, labels, loss="sum")
