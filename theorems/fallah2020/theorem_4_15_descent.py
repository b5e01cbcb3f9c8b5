"""One step of FO-MAML on nonlinear tasks with noise: the descent on which Theorem 4.15 rests, with constants.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.15. As in theorem_4_12_descent.py, with beta = beta~/18 and t = alpha L <= 1/10. The mean m
of the directions v = grad f_i(w') misses grad F by E alpha H_i v, at most t (E||v||^2)^(1/2), and the bias, at most
t sigma~/sqrt(D_in); as in theorem_4_12_one_source.py, E||v||^2 <= (1 + t)^2 sigma^2 + 10/9 ||m||^2 without noise of the data. So a step
makes the progress

    (||grad F||^2 / 58 - (alpha L sigma)^2 / 20 - sigma^2 / (165 B) - sigma~^2 / (207 B D_o) - sigma~^2 / (800 D_in)) / L(w)

at least, for B >= 20. These are the terms of (26). Without the first one the claim is false; it is needed even for B to infinity. The
theorem also asks for D_h >= ceil(2 alpha^2 sigma_H^2), which is not needed: FO-MAML takes no Hessian of the data, and the claim is checked
with sigma_H up to twice what D_h = 1 would allow.

Known limits: those of theorem_4_12_descent.py.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import NAMES
from theorems.fallah2020.least_favourable_steps import concave, kink
from theorems.fallah2020.one_step import OneStep, one_step

sigma_squared, noise_squared, B, D_in, D_o = symbols("sigma_squared noise_squared B D_in D_o", nonnegative=True)
L, alpha = symbols("L alpha", nonnegative=True)
OF_THE_BATCHES = sigma_squared / (165 * B) + noise_squared / (207 * B * D_o) + noise_squared / (800 * D_in)
STEP = one_step(
    "fo-maml",
    beyond=2,
    more_strata={
        "noise of tasks alone": concave(data_linear=0, task_bent=0),
        "kink": kink(1, longest=10, noise=16.8, task_linear=0, task_bent=0),
    },
)

theorem = partial(
    claim, PAPER, "Theorem 4.15", Inequality("<="), entry="thm-4.15-fomaml", on=STEP, names=NAMES,
    left=r"\|\nabla F\|^2/58 - L(w_k)\,(F(w_k) - \mathbb{E}F(w_{k+1}))",
)  # fmt: skip


@theorem(
    variant="explicit-constant-one-step", right=(alpha * L) ** 2 * sigma_squared / 20 + OF_THE_BATCHES,
    rests_on=("fallah2020/lem-4.8-smoothness/printed", "fallah2020/lem-4.9-stepsize/printed-mean"),
)  # fmt: skip
def a_step_of_fo_maml_descends(step: OneStep) -> Any:
    """A step falls short of ||grad F||^2 / 58, over L(w), by the terms of (26) with constants at most."""
    return step.shortfall(58)
