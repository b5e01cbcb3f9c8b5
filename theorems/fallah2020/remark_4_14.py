"""How far apart the gradients of F and of F^ are in terms of D_test, sigma~ and sigma_H.

Fallah, Mokhtari, Ozdaglar 2020, Remark 4.14 and the last sentence of Section 4.2: the difference is
O(max{sigma~ / sqrt(D_test), sigma_H sigma~ / D_test}), so that "as long as sigma_H is not significantly larger than sigma~" the norms of
both gradients are of one order.

Theorem 4.11 bounds the difference at every point, so also at those that any of the three methods returns: nothing needs to be run.
As a rate in D_test the remark holds. The constant that O hides contains alpha: the two terms do not even have the same unit, and
alpha^2 L sigma_H sigma~ <= alpha sigma_H sigma~ is as large as alpha allows. For the same reason sigma_H <= sigma~ does not make the first
term the larger one; alpha sigma_H <= sqrt(D_test) does, whatever sigma~ is.

Known limits: up to four data points; batches up to 64.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Max, sqrt, symbols

from impl.noisy_tasks import NoisyTasks
from lakatos import Inequality, Rate, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.noisy_points import noisy_points
from theorems.fallah2020.opposed_noise import (
    ANY_BATCH,
    affine_hessians,
    and_opposed,
    hessian_noise_below_gradient_noise,
)
from theorems.fallah2020.theorem_4_11 import gradients_differ_by

L, alpha, s, s_H, D_test = symbols("L alpha s s_H D_test", nonnegative=True)
PRINTED = Max(s / sqrt(D_test), s_H * s / D_test)
FIRST_TERM = s / sqrt(D_test)

few_points = and_opposed(noisy_points(D_test=2))


remark = partial(
    claim,
    PAPER,
    "Remark 4.14",
    entry="rem-4.14",
    left=r"\|\nabla\hat F(w)-\nabla F(w)\|",
    names={"s": r"\tilde\sigma", "s_H": r"\sigma_H", "D_test": r"D_{\mathrm{test}}"},
    rests_on=(gradients_differ_by.id,),
)


@remark(Rate("O", over="D_test", grid=(1, 2, 4, 8, 16, 32, 64)), on=ANY_BATCH, right=PRINTED)
def difference(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """As D_test grows the difference is of the order of the larger of sigma~ / sqrt(D_test) and sigma_H sigma~ / D_test."""
    return gradients_differ_by(noisy, w, alpha, D_test)


@remark(
    Rate("O", over="alpha", grid=(1, 10, 100, 1000, 10_000, 100_000)),
    variant="absolute-constant",
    on=affine_hessians,
    right=PRINTED,
    expect="refuted",
    reason="hidden constant",
    because="The second term of Theorem 4.11 is alpha^2 L sigma_H sigma~ / D_test: with alpha = 1/L the constant is alpha, which is as "
    "large as L is small.",
    witness={"n": 5, "D_test": 1, "alpha": 1, "alpha_L": 1, "s": 1, "h": 1, "g": 1},
    corrected="difference_with_its_constant",
)
def difference_with_one_constant(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """One constant serves for all step sizes alpha <= 1/L."""
    return gradients_differ_by(noisy, w, alpha, D_test)


@remark(Inequality("<="), variant="explicit-constant", on=few_points, right=alpha * L * sqrt(4 + alpha**2) * PRINTED)
def difference_with_its_constant(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """By the root of squares of theorem_4_11.py the constant is alpha L sqrt(4 + alpha^2)."""
    return gradients_differ_by(noisy, w, alpha, D_test)


@remark(
    Rate("O", over="alpha", grid=(1, 10, 100, 1000, 10_000)),
    variant="sigma_H-below-sigma",
    on=hessian_noise_below_gradient_noise,
    right=FIRST_TERM,
    expect="refuted",
    reason="missing assumption",
    because="sigma_H and sigma~ have different units, and which of the two is larger says nothing. What matters is alpha sigma_H against "
    "sqrt(D_test): with alpha = 1/L and alpha large the second term is the larger one by any factor, though sigma_H <= sigma~ <= 1.",
    witness={"n": 5, "D_test": 1, "alpha": 1, "alpha_L": 1, "share": 1, "ratio": 1, "more_g": 0},
    corrected="first_term_suffices",
)
def first_term_suffices_where_hessian_noise_is_smaller(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """Where sigma_H is at most sigma~, which is at most 1, the difference is of the order of sigma~ / sqrt(D_test)."""
    return gradients_differ_by(noisy, w, alpha, D_test)


@remark(
    Inequality("<="),
    variant="first-term-suffices",
    on=few_points,
    right=sqrt(4 + alpha**2 * s_H**2 / D_test) * alpha * L * FIRST_TERM,
)
def first_term_suffices(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """Where alpha sigma_H <= sqrt(D_test) the difference is at most sqrt(5) alpha L sigma~ / sqrt(D_test)."""
    return gradients_differ_by(noisy, w, alpha, D_test)
