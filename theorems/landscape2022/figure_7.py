r"""Logistic regression: which task MAML starts near depends on the step, which is not printed.

Collins, Mokhtari, Shakkottai 2022, Figure 7: "analogous setting to m = 500 column in Figure 2", T = 2, d = 10.
Optima +1_d (hard) and -1_d (easy), labels drawn from the logistic model, the full gradient instead of m = 500
samples. Everything happens on the line through both optima.

The caption calls the data variance "the strong convexity parameter", 1 for the easy task. For the logistic loss
the curvature is at most a quarter of the variance, so that the step 1 of the linear figures is a quarter of the
"natural choice", the inverse of the largest smoothness, which is 4/rho_E. "MAML again initializes closer to the
harder task" is true compared with NAL. At alpha = 1 MAML is still nearer to the easy task than to the hard one
for every rho_H up to 0.95, and its excess risk is at most 3 percent smaller. At the natural step the easy task
has no say half-way; with rho_H from 1/4 to 7/8 every point on the easy side is worse than its mirror image on
the hard side, and the gain is a factor 36 at s = 1/2 and rho_H = 0.2, 1.8 at the printed distance. For rho_H = 0.01 and
optima at the printed distance MAML starts near the easy task at that step as well.

Known limits: 8 Gauss-Hermite points stand for the input along the line.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Integer, Rational, symbols

from exactarray import namespace
from impl.maml import meta_gradient, meta_objective
from lakatos import Existence, Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.logistic_pairs import (
    any_logistic_task,
    near_opposite_tasks,
    opposite_tasks,
    opposite_tasks_at_any_model,
    opposite_tasks_natural_step,
)

rho = symbols("rho", positive=True)
figure = partial(claim, PAPER, "Figure 7", entry="fig-4-6")


@figure(Inequality(">"), variant="logistic-maml-beyond-nal", on=opposite_tasks, right=Integer(0), left=r"-F_\infty'(w_{NAL})")
def fall_from_nal(tasks: Any, nal: Any, alpha: Any) -> Any:
    """MAML initialises closer to the hard task than NAL: from NAL's solution its objective falls towards the hard task."""
    return -meta_gradient(tasks, nal, alpha)[:, 0]


@figure(
    Inequality(">"),
    variant="logistic-maml-on-the-hard-side",
    on=opposite_tasks,
    right=Integer(0),
    left=r"-F_\infty'(0)",
    expect="refuted",
    reason="missing assumption",
    because="At alpha = 1/rho_E the step is short against the curvature of the logistic loss, a quarter of rho at most; the side depends "
    "on alpha, which is not printed.",
    witness=dict(root_ratio="1/2", s=1, alpha=1),
    corrected="objective_on_the_easy_side",
)
def fall_from_the_middle(tasks: Any, origin: Any, alpha: Any) -> Any:
    """MAML initialises closer to the hard task than to the easy one: half-way its objective falls towards the hard task."""
    return -meta_gradient(tasks, origin, alpha)[:, 0]


@figure(Inequality(">="), variant="logistic-maml-on-the-hard-side-natural-step", on=opposite_tasks_natural_step,
        right=meta_objective, left=r"F_\infty(-w),\; 0<w\le w_1^*")  # fmt: skip
def objective_on_the_easy_side(tasks: Any, w: Any, alpha: Any) -> Any:
    """At the step 4/rho_E MAML initialises on the hard side: no point on the easy side is as good as its mirror image."""
    return meta_objective(tasks, -w, alpha)


def excess(tasks: Any, w: Any, alpha: Any) -> Any:
    """The objective above what the ground truths cost without adaptation."""
    floor = namespace(w).sum(tasks.weights * tasks.value(tasks.truths[..., None]), axis=-1)
    return meta_objective(tasks, w, alpha) - floor


GAIN = r"\mathcal{E}_\infty(w_{NAL})/\mathcal{E}_\infty(w)"


@figure(Inequality("<="), name="small_gain_at_short_steps", variant="logistic-gain-at-short-steps",
        on=opposite_tasks_at_any_model, right=Rational(103, 100), left=GAIN)  # fmt: skip
@figure(Existence(">="), name="large_gain_at_the_natural_step", variant="logistic-gain-natural-step",
        on=near_opposite_tasks, right=30, left=GAIN, witness=dict(root_ratio="9/20", s="1/2", place="9/10"))  # fmt: skip
def gain(tasks: Any, nal: Any, w: Any, alpha: Any) -> Any:
    """The excess risk is smaller for appropriate rho_H: at steps up to 1 by at most 3 percent, at the step 4 by a factor of up to 30."""
    return excess(tasks, nal, alpha) / excess(tasks, w, alpha)


@figure(
    Inequality(">="),
    name="curvature_is_the_variance",
    variant="logistic-strong-convexity",
    on=any_logistic_task,
    right=rho,
    expect="refuted",
    reason="false",
    because="The second derivative of the logistic loss is at most 1/4.",
    witness=dict(scale=[1], truth=[0], w=[[0]]),
    corrected="curvature_is_at_most_a_quarter",
)
@figure(
    Inequality("<="), name="curvature_is_at_most_a_quarter", variant="logistic-curvature", on=any_logistic_task, right=rho / 4
)
def curvature(tasks: Any, w: Any) -> Any:
    """The curvature of a logistic task against the variance of its inputs, which the caption calls its strong convexity parameter."""
    return tasks.hessian_vector(w, 0 * w + 1)[:, 0, 0]
