"""One step of MAML with one source of noise at a time: how much of each term of Theorem 4.12 a step needs.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.12. A step falls short of ||grad F||^2 / 32, over L(w), as in theorem_4_12_descent.py, by

- 0.02749 sigma^2/B + 0.0202 sigma~^2/(B D_o) at most, where inner gradients are exact (D_in infinite), and
- 0.0202 sigma~^2/(B D_o) + sigma~^2/(532 D_in) at most, where all tasks are equal (sigma = 0),

for every B >= 1 with D_h at its limit. With t = alpha L = 1/6 and q = 25/2304, Lemma 4.9's second moment over 2 * 12^2, the constants are
q C (1 + t)^2, q C and the largest value of t^2 times a quadratic, C = (1 + t)^2 + 1/2 for the noise of Hessians. None can be smaller:
the first two are attained at the top of a parabola that bends down, where the mean of the directions is zero; the last one where the
loss bends down as far as the inner step leads and up from there, so that inner noise turns the mean direction against grad F.

The first: with v = a g for the gradient g of a task, y = A v its direction without noise of Hessians, 1 - t <= a, A <= 1 + t, and E y = 0,
g = (l + p)(l + r) y with l = 1/(1 + t) and 0 <= p, r <= h, h = 1/(1 - t) - l; then sigma^2 is at least
l^4 E|y|^2 + 2 l^2 (l - h/2) E y'(p + r)y, and so E|y|^2 + E|v|^2/2 at most C (1 + t)^2 sigma^2. Where E y = grad F is not zero it adds
less than the step gains.

Known limits: those of theorem_4_12_descent.py.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, symbols

from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import NAMES
from theorems.fallah2020.least_favourable_steps import concave, kink
from theorems.fallah2020.one_step import OneStep, one_step

sigma_squared, noise_squared, B, D_in, D_o = symbols("sigma_squared noise_squared B D_in D_o", nonnegative=True)
OF_OUTER_SAMPLES = Rational("0.0202") * noise_squared / (B * D_o)

exact_inner_gradients = one_step(
    "maml", fewest=1, most=1, alone="tasks",
    more_strata={
        "noise of tasks alone": concave(data_linear=0, task_bent=0),
        "noise of outer samples alone": concave(task_linear=0, task_bent=0, D_o=2),
    },
)  # fmt: skip
equal_tasks = one_step(
    "maml", fewest=1, most=1, alone="data",
    more_strata={
        "noise of outer samples alone": concave(D_in=1, D_o=2),
        "kink, much noise": kink(1, longest=6, noise=10.36),
        "kink, little noise": kink(1e-3, longest=6, noise=10.36),
        # The mean of three of two opposite errors is half as large as each, on average.
        "kink, three inner samples": kink(1, longest=6, noise=20.72, D_in=3, D_o=1, more_tasks=10**6),
    },
)  # fmt: skip

a_step = partial(
    claim, PAPER, "Theorem 4.12", Inequality("<="), entry="thm-4.12-maml", names=NAMES,
    left=r"\|\nabla F\|^2/32 - L(w_k)\,(F(w_k) - \mathbb{E}F(w_{k+1}))",
    rests_on=("fallah2020/lem-4.8-smoothness/printed", "fallah2020/lem-4.9-stepsize/printed-mean"),
)  # fmt: skip


@a_step(
    variant="one-step-exact-inner-gradients", on=exact_inner_gradients,
    right=Rational("0.02749") * sigma_squared / B + OF_OUTER_SAMPLES,
)  # fmt: skip
def a_step_with_exact_inner_gradients(step: OneStep) -> Any:
    """With exact inner gradients a step falls short by 0.02749 sigma^2/B + 0.0202 sigma~^2/(B D_o) at most."""
    return step.shortfall(32)


@a_step(variant="one-step-equal-tasks", on=equal_tasks, right=OF_OUTER_SAMPLES + noise_squared / (532 * D_in))
def a_step_on_equal_tasks(step: OneStep) -> Any:
    """On tasks that are all equal a step falls short by 0.0202 sigma~^2/(B D_o) + sigma~^2/(532 D_in) at most."""
    return step.shortfall(32)
