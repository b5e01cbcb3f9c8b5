"""MAML is expected never to do worse than NAL after adaptation.

Collins, Mokhtari, Shakkottai 2022: Section 1, "MAML should always perform at least as well as NAL because its meta-training
procedure aligns with the meta-test time evaluation"; Section 2, "We expect E_m(w_MAML) <= E_m(w_NAL)". Checked for the
population solutions, with n_2 samples for the inner step of training and m for that of the test: both objectives are
minimised, one SGD step is run from each minimiser, and the test loss is averaged exactly. The risks are those above the noise
floor; their difference is that of the excess risks.

With n_2 = m it holds, with equality for instance when all tasks share one covariance: the MAML model minimises the test
loss, over every model and not just that of NAL (a claim of its own). Otherwise it fails both ways, for more and for fewer
samples in training than in test: MAML then minimises another function. Section 3 keeps n_2 and m apart, Section 3.1 puts
n_2 = m.

Known limits: population solutions only; three tasks, d at most 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks, maml_solution, nal_solution
from lakatos import Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import above_noise_floor, loss_of_any_model, loss_of_maml
from theorems.landscape2022.task_sets import task_sets, trained_as_tested, trained_as_tested_and_models

# One task with Sigma = 1/alpha, whose curvature after a step is noise alone, and one with Sigma = 1/(4 alpha).
TASKS = dict(tasks_=2, d=1, unit=1, deviation=[[1]], other_deviations=[["1/2"]],
             optima=[[[0]]], apart=[[[1]]], p=[1, 1], alpha_Lambda=1, noise=0)  # fmt: skip


def nal(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The risk of the NAL model above the noise floor."""
    return above_noise_floor(tasks, nal_solution(tasks), alpha, m)


expected = partial(claim, PAPER, "Section 2, MAML", Inequality("<="), entry="maml-le-nal", right=nal,
                   left=r"\mathcal{E}_m(w_{MAML}^*)")  # fmt: skip


@expected(
    variant="printed",
    on=task_sets,
    expect="refuted",
    reason="missing assumption",
    because="With n_2 other than m MAML minimises another function than F_m, and NAL can be closer to the minimiser of F_m.",
    witness=dict(TASKS, one_over_n_2=1, one_over_m="1/1000"),
    corrected="maml_trained_as_tested",
)
def maml_trained_on_any_number(tasks: RegressionTasks, alpha: Any, n_2: Any, m: Any) -> Any:
    """The risk of the MAML model above the noise floor, trained with n_2 samples and adapted on m, against that of NAL."""
    return above_noise_floor(tasks, maml_solution(tasks, alpha, n_2), alpha, m)


@expected(variant="n_2-equals-m", on=trained_as_tested)
def maml_trained_as_tested(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The risk of the MAML model above the noise floor, trained and adapted on m samples, against that of NAL."""
    return above_noise_floor(tasks, maml_solution(tasks, alpha, m), alpha, m)


@claim(PAPER, "Section 2, MAML", Inequality("<="), entry="maml-le-nal", variant="maml-minimises-F_m", right=loss_of_any_model,
       on=trained_as_tested_and_models, left=r"F_m(w_{MAML}^*)")  # fmt: skip
def maml_minimises_the_test_loss(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The test loss of the MAML model, trained and adapted on m samples, against that of any model."""
    return loss_of_maml(tasks, alpha, m)
