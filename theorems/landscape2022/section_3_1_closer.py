"""Two tasks: for many samples MAML leans to the hard task's optimum, while NAL leans to the easy one's.

Collins, Mokhtari, Shakkottai 2022, Section 3.1 after (8): with alpha = 1/rho_E and n_2 = m, "for sufficiently large values of
m, we have a_H > a_E. This observation shows that the solution of MAML is closer to the solution of the harder task [...]. On
the other hand, w_NAL is closer to w_2^*, the solution to the easy task, since rho_H < rho_E". Checked by minimising both
objectives; a_H and a_E are the curvatures of the test loss of each task alone.

How large m must be depends on x = rho_H/rho_E: a_H > a_E exactly for m > (d+1)(1+x+x^2)/(x(1-x)), which no single m satisfies
for all x; for d = 10 and m = 2000 as in Figure 2 it holds for about 0.0056 < x < 0.983. MAML is closer to the hard optimum
than NAL is from m = (d+1)(1+x)/(1-x) on. Section 3 says the same of any step size, where it fails: at alpha = 0 both models
agree. For many samples the weight relative to NAL's is larger on the hard task for 0 < alpha <= 1/rho_E.

Known limits: d at most 3.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any

from impl.meta_regression import RegressionTasks, loss_after_step_hessian, maml_solution, nal_solution
from lakatos import Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.two_tasks import (
    NAMES,
    enough_samples,
    many_samples,
    natural_step,
    only,
    rho_E,
    rho_H,
    small_steps,
    squared,
    too_few_samples,
    two_tasks,
)  # fmt: skip


def ratio_of_weights(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """``a_H / a_E``, ``(batch,)``."""
    hard, easy = (loss_after_step_hessian(only(tasks, k), alpha, m)[:, 0, 0] for k in (0, 1))
    return hard / easy


text = partial(claim, PAPER, "Section 3.1, after (8)", entry="sec3.1-aH-gt-aE", names=NAMES)
weights = partial(text, left="a_H/a_E")
PINNED = dict(d=1, root_E=1, w_1=[0], apart=[1], noise=0)


@weights(Inequality(">"), name="hard_weight_is_larger", variant="enough-samples-for-x", on=many_samples, right=1)
@weights(Inequality("<"), name="hard_weight_is_smaller", variant="only-for-so-many-samples", on=too_few_samples, right=1)
@weights(
    Inequality(">"),
    name="hard_weight_is_larger_from_one_m_on",
    variant="one-m-for-every-hardness",
    on=natural_step,
    right=1,
    expect="refuted",
    reason="hidden constant",
    because="The m that suffices depends on x = rho_H/rho_E and grows without bound as x tends to 0 or to 1.",
    witness=dict(PINNED, one_over_m="1/1000000", root_ratio="1/1000"),
    corrected="hard_weight_is_larger",
)
@weights(
    Inequality(">="),
    name="hard_weight_is_larger_than_in_nal",
    variant="relative-to-nal-up-to-1-over-rho_E",
    on=small_steps,
    right=rho_H / rho_E,
)
def weights_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The weight of the hard optimum in MAML's solution over that of the easy one: the ratio of the curvatures."""
    return ratio_of_weights(tasks, alpha, m)


@weights(
    Inequality(">"),
    variant="any-step",
    on=two_tasks,
    right=1,
    expect="refuted",
    reason="missing assumption",
    because="Section 3 fixes no step size; at alpha = 0 MAML and NAL are the same and lean to the easy task.",
    witness=dict(PINNED, one_over_m=1, root_ratio="1/2", alpha_rho_E=0),
    corrected="hard_weight_is_larger",
)
def hard_weight_is_larger_for_any_step(tasks: RegressionTasks, alpha: Any) -> Any:
    """The same ratio for infinitely many samples and any step size, as Section 3 says before it chooses one."""
    return ratio_of_weights(tasks, alpha, inf)


def maml_to_easy(tasks: RegressionTasks, alpha: Any, m: Any, easy: Any) -> Any:
    """Squared distance of the MAML model from the easy optimum."""
    return squared(maml_solution(tasks, alpha, m) - easy)


def nal_to_hard(tasks: RegressionTasks, hard: Any) -> Any:
    """Squared distance of the NAL model from the hard optimum."""
    return squared(nal_solution(tasks) - hard)


closer = partial(text, Inequality("<="))


@closer(name="maml_is_closer_to_hard", variant="maml-closer-to-hard", on=many_samples, right=maml_to_easy,
        left=r"\|w_{MAML}^*-w_1^*\|^2")  # fmt: skip
@closer(name="maml_is_closer_to_hard_than_nal", variant="maml-closer-to-hard-than-nal", on=enough_samples, right=nal_to_hard,
        left=r"\|w_{MAML}^*-w_1^*\|^2")  # fmt: skip
def maml_to_hard(tasks: RegressionTasks, alpha: Any, m: Any, hard: Any) -> Any:
    """Squared distance of the MAML model from the hard optimum, against that from the easy one, or that of the NAL model."""
    return squared(maml_solution(tasks, alpha, m) - hard)


@closer(variant="nal-closer-to-easy", on=natural_step, right=nal_to_hard, left=r"\|w_{NAL}^*-w_2^*\|^2")
def nal_to_easy(tasks: RegressionTasks, easy: Any) -> Any:
    """Squared distance of the NAL model from the easy optimum, against that from the hard one."""
    return squared(nal_solution(tasks) - easy)
