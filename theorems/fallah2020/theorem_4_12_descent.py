"""One step of MAML on nonlinear tasks with noise: the descent on which Theorem 4.12 rests, with constants.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.12 and Section 2 ("one can [...] have an exactly convergent method, while setting the batch size
D_h significantly smaller than batch sizes D_in and B"). The paper's proof is in an appendix; here the step is derived with constants.
By Lemma 4.8, F(w_k) - E F(w_{k+1}) is at least E beta grad F . E g - L(w)/2 E beta^2 E||g||^2, and Lemma 4.9 bounds the moments of
beta = beta~/12. With r the bias, ||r|| <= (1 + t) t sigma~/sqrt(D_in), t = alpha L <= 1/6, and
E||g||^2 = ||grad F + r||^2 (1 - 1/B) + E||A v||^2 / B, where E A'A <= C = (1 + t)^2 + 1/2 for D_h >= 2 alpha^2 sigma_H^2, and without
noise of gradients E||A v||^2 <= C (1 + t)^2 sigma^2 + 3.3 ||grad F||^2 (theorem_4_12_one_source.py), this is at least

    (||grad F||^2 / 32 - sigma^2 / (35 B) - sigma~^2 / (49 B D_o) - sigma~^2 / (525 D_in)) / L(w),    B >= 20.

With one source of noise 1/36.4, 1/49.5 and 1/539 are the least that serve. Summed over k, (23) and (24) follow wherever L(w) is
bounded: sum_k E||grad F(w_k)||^2 / L(w_k) is at most 32 Delta plus sum_k S^2 / L(w_k), S the root in (23). Checked on exact moments of
a step, enumerating the data, with D_h = 1 at its limit: one Hessian sample is enough whatever D_in and B, as Section 2 says.

Known limits: two data points of equal size; two tasks with one parameter; the moments of beta are those of Lemma 4.9, not of
one of its laws.
"""

from __future__ import annotations

from typing import Any

from sympy import symbols

from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import NAMES
from theorems.fallah2020.least_favourable_steps import concave, kink
from theorems.fallah2020.one_step import OneStep, one_step

sigma_squared, noise_squared, B, D_in, D_o = symbols("sigma_squared noise_squared B D_in D_o", nonnegative=True)
SHORT_BY = sigma_squared / (35 * B) + noise_squared / (49 * B * D_o) + noise_squared / (525 * D_in)
STEP = one_step(
    "maml",
    more_strata={
        "noise of tasks alone": concave(data_linear=0, task_bent=0),
        "kink, much noise": kink(1, longest=6, noise=10.1, task_linear=0, task_bent=0),
        "kink, little noise": kink(1e-3, longest=6, noise=10.1, task_linear=0, task_bent=0),
        "kink, two outer samples": kink(1, longest=6, noise=10.1, task_linear=0, task_bent=0, D_in=1, D_o=2, more_tasks=0),
        # The mean of three of two opposite errors is half as large as each, on average.
        "kink, three inner samples": kink(1, longest=6, noise=20.2, task_linear=0, task_bent=0, D_in=3, D_o=1, more_tasks=0),
    },
)


@claim(
    PAPER, "Theorem 4.12", Inequality("<="), entry="thm-4.12-maml", variant="explicit-constant-one-step", on=STEP, right=SHORT_BY,
    left=r"\|\nabla F\|^2/32 - L(w_k)\,(F(w_k) - \mathbb{E}F(w_{k+1}))", names=NAMES,
    rests_on=("fallah2020/lem-4.8-smoothness/printed", "fallah2020/lem-4.9-stepsize/printed-mean"),
)  # fmt: skip
def a_step_of_maml_descends(step: OneStep) -> Any:
    """A step falls short of ||grad F||^2 / 32, over L(w), by shares of the terms of the batch sizes at most."""
    return step.shortfall(32)
