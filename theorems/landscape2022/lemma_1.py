r"""Where MAML is stationary, the less convex of two tasks has the smaller gradient after the inner step.

Collins, Mokhtari, Shakkottai 2022, Lemma 1, equation (29), and its proof in Appendix B, equations (31) to (36):
two equally likely tasks whose Hessians at a stationary point w of MAML with a full inner step have spectra in
[beta_i, L_i], and alpha < 1/max(L_1, L_2).

Checked on quadratic tasks, whose stationary point Newton's method finds at once, and (29) on cubic tasks as well.
(29) holds as it stands, without its O(alpha^2), with "<=" for its rounded sign and with equality in one dimension; (33) is the
same inequality, divided. It holds for any tasks, since (31) is exact; beta_2 > beta_1 is not needed. At w itself the
ratio enters squared, and the claims about that are here for quadratic tasks, where (34) and (35) have no
remainder; see lemma_1_remainder for the others.

The middle of (36) has one factor sigma_min(I - alpha H_1) too many for the gradient that it names: its second
step asks for ||grad f_1(w_1)|| >= ||grad f_1(w)||, while the inner step shrinks this gradient. Both ends of
(36) are right, and so is the first step to its middle, which is loose by the same factor: without it there is equality
in one dimension.

Known limits: d at most 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from lakatos import Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.cubic_pairs_of_tasks import bent_pairs
from theorems.landscape2022.pairs_of_tasks import (
    L_1,
    NAMES,
    adapted_slopes,
    after_1,
    after_2,
    alpha,
    beta_2,
    quadratic_pairs,
    separated_pairs,
    slope_1,
    slope_2,
    slopes_at,
)

RATIO = (1 - alpha * beta_2) / (1 - alpha * L_1)

lemma = partial(claim, PAPER, "Lemma 1", entry="lem-1", names=NAMES)
proof = partial(claim, PAPER, "Lemma 1, proof", entry="lem-1", names=NAMES)


@lemma(Inequality("<="), variant="printed-without-remainder", on=quadratic_pairs, right=RATIO * after_2, left=NAMES["after_1"])
@lemma(Inequality("<="), name="adapted_gradient_of_cubic_tasks", variant="cubic-without-remainder", on=bent_pairs,
       right=RATIO * after_2, left=NAMES["after_1"])  # fmt: skip
def adapted_gradient(tasks: Any, w: Any, alpha: Any) -> Any:
    """After the inner step the gradient of task 1 is at most (1 - alpha beta_2)/(1 - alpha L_1) times that of task 2."""
    return adapted_slopes(tasks, w, alpha)[:, 0]


@proof(
    Inequality(">="),
    variant="eq-36-second-step",
    on=quadratic_pairs,
    right=slope_1 / RATIO**2,
    left=r"\frac{(1-\alpha L_1)^2}{(1-\alpha\beta_2)^2}\|\nabla f_1(w_1)\|",
    expect="refuted",
    reason="misprint",
    because="The step asks that the inner step does not shrink the gradient of task 1, but it multiplies it by I - alpha H_1. "
    "With the gradient at w in the middle both steps are right.",
    witness=dict(
        d=1, beta_1=1, gap=1, alpha_L="1/2", spread_1=[0], spread_2=[0], axes_1=[[0]], axes_2=[[0]], optima=[[1], [0]]
    ),
    corrected="flat_gradient_against_flat",
)
def middle_of_36(tasks: Any, w: Any, alpha: Any, L_1: Any, beta_2: Any) -> Any:
    """(36), second step: its middle, with the adapted gradient of task 1, is at least its end."""
    ratio = (1 - alpha * beta_2) / (1 - alpha * L_1)
    return adapted_slopes(tasks, w, alpha)[:, 0] / ratio**2


@proof(Inequality(">="), name="flat_gradient_against_adapted", variant="eq-36-first-step", on=quadratic_pairs, right=after_1 / RATIO**2,
       left=NAMES["slope_2"])  # fmt: skip
@proof(Inequality(">="), name="flat_gradient_against_adapted_sharply", variant="eq-36-first-step-sharp", on=quadratic_pairs,
       right=after_1 * (1 - alpha * L_1) / (1 - alpha * beta_2) ** 2, left=NAMES["slope_2"])  # fmt: skip
@proof(
    Inequality(">="),
    name="flat_gradient_against_flat",
    variant="eq-36-quadratic",
    on=quadratic_pairs,
    right=slope_1 / RATIO**2,
    left=NAMES["slope_2"],
)
def flat_gradient(tasks: Any, w: Any, alpha: Any) -> Any:
    """The gradient of task 2 at w itself, for quadratic tasks, without remainder: against the middle and the end of (36)."""
    return slopes_at(tasks, w)[:, 1]


@claim(PAPER, "Section 4", Inequality("<="), entry="lem-1", variant="hard-task-first-quadratic", on=separated_pairs, right=slope_2,
       names=NAMES, left=NAMES["slope_1"])  # fmt: skip
def hard_task_has_the_smaller_gradient(tasks: Any, w: Any, alpha: Any) -> Any:
    """The interpretation, for quadratic tasks: if beta_2 > L_1, the gradient of task 1 is the smaller one."""
    return slopes_at(tasks, w)[:, 0]
