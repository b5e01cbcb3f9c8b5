"""Two tasks: the solutions of NAL and MAML as averages of the two optima, and the weights a_H and a_E.

Collins, Mokhtari, Shakkottai 2022, equation (8) and the lines after it, and (24) in the proof of Corollary 2. Checked by
minimising both objectives; a_H and a_E are read off as the curvature of the test loss of one task alone.

With alpha = 1/rho_E the main text prints the second term of a_H over rho_E^3, the appendix over rho_E^2. The appendix is
right; the two agree only at rho_E = 1. That the first task is the harder one is not needed for any of these formulas.

Known limits: d at most 3. Equal probabilities and n_2 = m are assumed, as in the text.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks, loss_after_step_hessian, maml_solution, nal_solution
from lakatos import Identity, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.two_tasks import (
    NAMES,
    a_E,
    a_H,
    d,
    m,
    natural_step,
    only,
    rho_E,
    rho_H,
    two_tasks,
    w_1,
    w_2,
)  # fmt: skip

MAIN_TEXT = rho_H * (1 - rho_H / rho_E) ** 2 + (d + 1) * rho_H**3 / (m * rho_E**3)
APPENDIX = rho_H * (1 - rho_H / rho_E) ** 2 + (d + 1) * rho_H**3 / (m * rho_E**2)

solution = partial(claim, PAPER, "equation (8)", Identity(), entry="eq-8", names=NAMES,
                   rests_on=("landscape2022/eq-5/nal-printed", "landscape2022/eq-5/maml-printed"))  # fmt: skip


@solution(variant="nal-printed", on=two_tasks, left="w_{NAL}^*",
          right=rho_H / (rho_H + rho_E) * w_1 + rho_E / (rho_H + rho_E) * w_2)  # fmt: skip
def nal_model(tasks: RegressionTasks) -> Any:
    """The minimiser of the average loss without adaptation."""
    return nal_solution(tasks)[..., None]


@solution(variant="maml-printed", on=two_tasks, left="w_{MAML}^*", right=a_H / (a_H + a_E) * w_1 + a_E / (a_H + a_E) * w_2)
def maml_model(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The minimiser of the average loss after one SGD step on m samples."""
    return maml_solution(tasks, alpha, m)[..., None]


hard = partial(solution, left="a_H")


@hard(name="hard_weight", variant="a_H", on=two_tasks, right=a_H)
@hard(
    name="hard_weight_of_the_main_text",
    variant="a_H-main-text",
    on=natural_step,
    right=MAIN_TEXT,
    expect="refuted",
    reason="misprint",
    because="At alpha = 1/rho_E the last term is over rho_E^2, as the appendix has it; the main text prints rho_E^3.",
    witness=dict(d=1, one_over_m=1, root_E=2, root_ratio="1/2", w_1=[0], apart=[1], noise=0),
    corrected="hard_weight_of_the_appendix",
)
@hard(name="hard_weight_of_the_appendix", variant="a_H-appendix-24", on=natural_step, right=APPENDIX)
def hard_curvature(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The curvature of the hard task's test loss."""
    return loss_after_step_hessian(only(tasks, 0), alpha, m)[:, 0, 0]


@solution(name="easy_weight", variant="a_E", on=two_tasks, left="a_E", right=a_E)
@solution(
    name="easy_weight_at_natural_step", variant="a_E-natural-step", on=natural_step, left="a_E", right=(d + 1) / m * rho_E
)
def easy_curvature(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The curvature of the easy task's test loss."""
    return loss_after_step_hessian(only(tasks, 1), alpha, m)[:, 0, 0]
