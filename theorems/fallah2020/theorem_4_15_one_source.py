"""One step of FO-MAML on tasks that are all equal: how much of the terms of the data Theorem 4.15 needs.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.15. Where sigma = 0, a step falls short of ||grad F||^2 / 58, over L(w), as in
theorem_4_15_descent.py, by 0.004823 sigma~^2/(B D_o) + 0.000347 sigma~^2/D_in at most, for every B >= 1. With t = alpha L = 1/10 and
q = 25/5184, Lemma 4.9's second moment over 2 * 18^2, the constants are q, for outer samples, and t^2 times the largest value of
(1 + t)^2 x^2 / 58 + (1 + t) x (1 - x) / 10 + q (1 - x)^2. Neither can be smaller: they are attained at the top of a parabola that bends
down, and where the loss bends down as far as the inner step leads and up from there, as in theorem_4_12_one_source.py.

Known limits: those of theorem_4_12_descent.py; for the terms of sigma no best constants are known.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, symbols

from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import NAMES
from theorems.fallah2020.least_favourable_steps import concave, kink
from theorems.fallah2020.one_step import OneStep, one_step

noise_squared, B, D_in, D_o = symbols("noise_squared B D_in D_o", nonnegative=True)
OF_THE_DATA = Rational("0.004823") * noise_squared / (B * D_o) + Rational("0.000347") * noise_squared / D_in

equal_tasks = one_step(
    "fo-maml", beyond=2, fewest=1, most=1, alone="data",
    more_strata={
        "noise of outer samples alone": concave(D_in=1, D_o=2),
        "kink, much noise": kink(1, longest=10, noise=16.8),
        "kink, little noise": kink(1e-3, longest=10, noise=16.8),
        "kink, large batches": kink(1, longest=10, noise=16.8, D_in=1, more_tasks=10**6),
        # The mean of three of two opposite errors is half as large as each, on average.
        "kink, three inner samples": kink(1, longest=10, noise=33.6, D_in=3, D_o=1, more_tasks=10**6),
    },
)  # fmt: skip


@claim(
    PAPER, "Theorem 4.15", Inequality("<="), entry="thm-4.15-fomaml", variant="one-step-equal-tasks", on=equal_tasks,
    right=OF_THE_DATA, left=r"\|\nabla F\|^2/58 - L(w_k)\,(F(w_k) - \mathbb{E}F(w_{k+1}))", names=NAMES,
    rests_on=("fallah2020/lem-4.8-smoothness/printed", "fallah2020/lem-4.9-stepsize/printed-mean"),
)  # fmt: skip
def a_step_of_fo_maml_on_equal_tasks(step: OneStep) -> Any:
    """On tasks that are all equal a step falls short by 0.004823 sigma~^2/(B D_o) + 0.000347 sigma~^2/D_in at most."""
    return step.shortfall(58)
