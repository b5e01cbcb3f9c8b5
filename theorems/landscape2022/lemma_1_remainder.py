r"""The O(alpha^2) of Lemma 1 at the stationary point itself: which constant it hides, and when there is none.

Collins, Mokhtari, Shakkottai 2022, end of the proof of Lemma 1 (Appendix B), and the interpretation of Theorem
1 (Section 4): ||grad f_1(w)|| <= ((1 - alpha beta_2)/(1 - alpha L_1))^2 ||grad f_2(w)|| + O(alpha^2), with
bounds on the Hessians at w alone.

Checked on cubic tasks in one dimension, drawn at their stationary point. With one constant for all tasks the
display is false: the constant is that of (34) and (35), half the third derivative times the squared gradient,
over (1 - alpha L_1)^2. For the same reason the interpretation ("any stationary point has smaller gradient norm
on the hard task as long as beta_2 > L_1") does not follow from curvatures at w. If beta_i and L_i bound the
Hessian all along the inner step from w to w_i, and alpha L_i <= 1, there is no remainder: the mean Hessian
along the step then has the same bounds. Theorem 1 has such bounds on S_1 and S_2, which w lies in, but it does
not ask that w_1 and w_2 do.

Known limits: one dimension, where beta_i = L_i = h_i at w.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from lakatos import Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.cubic_pairs_of_tasks import cubic_pairs, cubic_pairs_along_steps, h_1, h_2
from theorems.landscape2022.pairs_of_tasks import (
    L_1,
    NAMES,
    alpha,
    beta_2,
    slope_1,
    slope_2,
    slopes_at,
)

third_1, third_2 = symbols("third_1 third_2", nonnegative=True)
FIRST_TERM = (1 - alpha * h_2) ** 2 / (1 - alpha * h_1) ** 2 * slope_2
REMAINDER = (
    alpha**2
    * (third_1 * (1 - alpha * h_1) * slope_1**2 + third_2 * (1 - alpha * h_2) * slope_2**2)
    / (2 * (1 - alpha * h_1) ** 2)
)
NAMES_HERE = {**NAMES, "third_1": r"\|\nabla^3 f_1\|", "third_2": r"\|\nabla^3 f_2\|"}
# Task 1 grows steeper and task 2 flatter along the inner step: curvatures 1/4 -> 1 and 1/2 -> 0 in units of 1/alpha.
BENT = dict(alpha=1, slope=8, alpha_h_1="1/4", share="1/3", alpha_h_after=[1, 0])

end = partial(claim, PAPER, "Lemma 1, proof", Inequality("<="), entry="lem-1", names=NAMES_HERE, left=NAMES["slope_1"])
wrong = partial(end, on=cubic_pairs, expect="refuted", reason="hidden constant")


@wrong(
    name="gradient_with_an_absolute_constant",
    variant="proof-end-absolute-remainder",
    right=FIRST_TERM + alpha**2,
    because="The remainder is that of a Taylor expansion: it grows with the third derivatives and with the squared gradients, and no "
    "constant serves all tasks.",
    witness=BENT,
    corrected="gradient_with_its_remainder",
)
@wrong(
    name="hard_task_has_the_smaller_gradient_at_w",
    variant="hard-task-first-at-w",
    right=slope_2,
    because="Curvatures at the stationary point say nothing about the gradients after the step: f_1 may grow steeper along it and f_2 "
    "flatter, and then the hard task has the larger gradient.",
    witness=BENT,
    corrected="gradient_without_remainder",
)
@end(name="gradient_with_its_remainder", variant="proof-end-explicit-remainder", on=cubic_pairs, right=FIRST_TERM + REMAINDER)
@end(name="gradient_without_remainder", variant="bounds-along-the-inner-step", on=cubic_pairs_along_steps,
     right=(1 - alpha * beta_2) ** 2 / (1 - alpha * L_1) ** 2 * slope_2)  # fmt: skip
def hard_gradient(tasks: Any, w: Any, alpha: Any) -> Any:
    """The gradient of task 1 at a stationary point w, against that of task 2 there."""
    return slopes_at(tasks, w)[:, 0]
