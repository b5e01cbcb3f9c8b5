"""Which of the conditions on its batches a step of MAML needs.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.12: D_h >= ceil(2 alpha^2 sigma_H^2) and B >= 20. The condition on D_h is needed: where
Hessians of single data points are wild, a step ends far away. (FO-MAML does without, see theorem_4_15_descent.py.) B >= 20 is not needed
for a step to descend: with one task a batch the terms of theorem_4_12_descent.py, which are 20 times as large then, still serve, with
half of its share of ||grad F||^2 and constants that are larger: 1/30, 1/49 and 1/200, derived in the same way.

Known limits: those of theorem_4_12_descent.py; one data point a batch.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import NAMES
from theorems.fallah2020.least_favourable_steps import concave
from theorems.fallah2020.one_step import OneStep, one_step
from theorems.fallah2020.theorem_4_12_descent import SHORT_BY, B, D_in, D_o, noise_squared, sigma_squared

any_D_h = one_step("maml", beyond=100, most=1)
any_B = one_step("maml", fewest=1, most=1, more_strata={"noise of tasks alone": concave(data_linear=0, task_bent=0)})

FOR_ANY_B = sigma_squared / (30 * B) + noise_squared / (49 * B * D_o) + noise_squared / (200 * D_in)

a_step = partial(claim, PAPER, "Theorem 4.12", Inequality("<="), entry="thm-4.12-maml", names=NAMES)
PROGRESS = r"L(w_k)\,(F(w_k) - \mathbb{E}F(w_{k+1}))"


@a_step(
    variant="without-D_h", on=any_D_h, left=rf"\|\nabla F\|^2/32 - {PROGRESS}",
    right=SHORT_BY, expect="refuted", reason="missing assumption",
    corrected="a_step_of_maml_descends",
    because="Without the condition on D_h the noise of a Hessian, times v, is a step in itself, of any length, whatever B and D_in.",
    witness={
        "pieces": 1, "D_in": 1, "D_o": 1, "centre": [[0]], "width": [[1]], "start": [[0]], "gaps": [[[1]]], "heights": [[[0, 0]]],
        "slope": [[-1]], "p": [1, 1], "task_linear": [[[0], [0]]], "task_bent": [[[0], [0]]], "alpha_share": 1,
        "data_linear": [[[0]]], "data_bent": [[[10]]], "more_tasks": 0, "more_inner": 0, "more_outer": 0, "w": [0],
    },
)  # fmt: skip
def a_step_of_maml_with_any_hessian_batch(step: OneStep) -> Any:
    """A step of MAML descends as in theorem_4_12_descent.py, however noisy its Hessians are."""
    return step.shortfall(32)


@a_step(variant="any-B", on=any_B, right=FOR_ANY_B, left=rf"\|\nabla F\|^2/64 - {PROGRESS}")
def a_step_of_maml_with_few_tasks(step: OneStep) -> Any:
    """With any number of tasks a step of MAML falls short of ||grad F||^2 / 64 by the same terms, with constants for any B, at most."""
    return step.shortfall(64)
