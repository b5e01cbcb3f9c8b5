"""Two tasks: whether x (1-x)^2 >> d/m, with x = rho_H/rho_E, is also necessary for a gain.

Collins, Mokhtari, Shakkottai 2022, Section 3.1 after (9), with alpha = 1/rho_E and n_2 = m: rho_H/rho_E "must be much smaller than
1, but also larger than 0, such that x (1-x)^2 >> d/m"; "otherwise the O(d/m) terms in a_E and a_H are non-negligible". Checked on
the risks above the noise floor of the trained models, and on the curvatures of the test loss of each task alone.

The gain is exactly 1 + (a_H rho_E - a_E rho_H)^2 / (a_H a_E (rho_E + rho_H)^2) for any step. The second term is at most
6/5 m x (1-x)^2 / (d+1) from m = d + 1 samples on, so that there the condition is necessary. With fewer samples it is not: MAML then
gains, by up to 1/x, because the noise of the step alone makes it lean to the easy task. Without the condition a_E is at least as
large as 6/7 a_H, as the text says, but the d/m term of a_H can be negligible: it is x^2 (d+1)/m relative to rho_H.

Known limits: d at most 3, where the gain without the condition is at most 3/2; "without" means x (1-x)^2 m/d <= 1/6.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any

from sympy import Rational

from impl.meta_regression import RegressionTasks, loss_after_step_hessian
from lakatos import Identity, Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import gain
from theorems.landscape2022.section_3_1_closer import ratio_of_weights
from theorems.landscape2022.two_tasks import ASSUMED, NAMES, a_E, a_H, d, drawn, m, only, rho_E, rho_H, two_tasks, x

PINNED = dict(d=2, root_E=1, w_1=[0, 0], apart=[1, 1], noise=0)


@instances(strata={"one sample": fix(share=0), "one dimension": fix(d=1)},
           assume={**ASSUMED, "the margin is at most 1/6": x * (1 - x) ** 2 * m / d <= Rational(1, 6)})  # fmt: skip
def without_margin(draw):
    """Two tasks, the step 1/rho_E, and between one and d / (6 x (1-x)^2) samples: always more than one, as x (1-x)^2 <= 4/27."""
    made = drawn(draw, 1, root_ratio=draw.interval("root_ratio", 0, 1 - 2**-10, closed="right"))
    x, share = made["x"], draw.interval("share", 0, 1)
    return dict(made, m=1 + share * (made["d"] / (6 * x * (1 - x) ** 2) - 1))


@instances(strata={"m = d + 1": fix(excess=0)}, assume={**ASSUMED, "more samples than dimensions": m >= d + 1})
def more_samples_than_dimensions(draw):
    """Two tasks, the step 1/rho_E, and at least d + 1 samples."""
    made = drawn(draw, 1)
    return dict(made, m=(made["d"] + 1) * (1 + draw.nonnegative("excess")))


text = partial(claim, PAPER, "Section 3.1, after (9)", entry="sec3.1-limits", names=NAMES)
relative = partial(text, left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*) - 1")


@relative(
    Inequality("<="),
    name="no_gain_without_the_condition",
    variant="condition-is-necessary",
    on=without_margin,
    right=Rational(1, 3),
    expect="refuted",
    reason="missing assumption",
    because="With fewer samples than dimensions MAML gains without the condition: the noise of the step makes it lean to the easy task.",
    witness=dict(PINNED, root_ratio="1/2", share=0),
    corrected="no_gain_without_the_condition_past_d_samples",
)
@relative(
    Inequality("<="),
    name="no_gain_without_the_condition_past_d_samples",
    variant="condition-is-necessary-past-d-samples",
    on=more_samples_than_dimensions,
    right=Rational(6, 5) * m * x * (1 - x) ** 2 / (d + 1),
)
def relative_gain(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """By which share of MAML's risk NAL's is larger, both above the noise floor."""
    return gain(tasks, alpha, m) - 1


@text(Identity(), variant="gain-exactly", on=two_tasks, left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)",
      right=1 + (a_H * rho_E - a_E * rho_H) ** 2 / (a_H * a_E * (rho_E + rho_H) ** 2))  # fmt: skip
def gain_exactly(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """NAL's risk over MAML's, both above the noise floor, for any step."""
    return gain(tasks, alpha, m)


@text(Inequality("<="), variant="a_E-without-the-condition", on=without_margin, right=Rational(7, 6), left="a_H/a_E")
def easy_weight_is_not_negligible(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """Without the condition a_E, all of which is of the order d/m, is not negligible against a_H."""
    return ratio_of_weights(tasks, alpha, m)


@text(
    Inequality(">="),
    variant="a_H-without-the-condition",
    on=without_margin,
    right=Rational(1, 100),
    left=r"\frac{(d+1)\rho_H^3}{m\rho_E^2} / a_H",
    expect="refuted",
    reason="false",
    because="The d/m term of a_H is x^2 (d+1)/m relative to rho_H, and negligible whenever x is small, with or without the condition.",
    witness=dict(PINNED, root_ratio="1/10", share=0),
    corrected="easy_weight_is_not_negligible",
)
def noise_in_the_hard_weight(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """Without the condition, the share of a_H that the noise of the step adds: its d/m term."""
    hard = only(tasks, 0)
    return 1 - loss_after_step_hessian(hard, alpha, inf)[:, 0, 0] / loss_after_step_hessian(hard, alpha, m)[:, 0, 0]
