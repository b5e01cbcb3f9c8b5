"""NAL's trained model is close to that of the environment, with probability at least 0.96: false as printed.

Collins, Mokhtari, Shakkottai 2022, Theorem 2, (44). All constants c, c', c'' stand in terms that vanish as n grows, so that in the
limit the theorem says: with probability 0.96 the model of the T sampled tasks is within
sqrt(Var(Sigma_i w_i) log(200d)) / (beta sqrt(T)) + L B sqrt(Var(Sigma_i) log(200d)) / (beta^2 sqrt(T)) of that of the environment.
With one feature and two kinds of tasks this has an exact binomial probability. It fails under the theorem's condition
T > L^2 B^2 (Var + Var) / 9, which one task can meet (the units of its sides differ), and, less far, under the proof's,
T > L^2 B^2 log(200d) / (9 (Var + Var)). The proof claims more than matrix Bernstein gives, see theorem_2_failure_probability. Read
with the spectral norm of a covariance for Var(Sigma_i w_i), the T-terms are too small by sqrt(d / log(200d)) as well.

The T-terms are enough once T >= 16 L^2 B^2 log(200d) / (9 Var(Sigma_i w_i)) and T >= 4 L^2 log(200d) / (9 Var(Sigma_i)), each unless
its variance is zero, with Var(Sigma_i w_i) = E ||.||^2. The first term alone reaches 0.9906 of the bound, at 13 tasks of one
covariance, so that log(182) would do for log(200); the second alone reaches 0.53 at 150 tasks of one Sigma_i w_i and tends to 0.89
with T and beta -> L. (44) also lacks a factor L^2 B in its first term (equation_66) and t/sqrt(n) for t/n (equation_52).

Known limits: exact claims in d = 1 in the limit n -> infinity, the conditions on T just met (13, 40 or 150 tasks); for a whole
corrected statement see theorem_2_corrected.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import log, sqrt

from lakatos import Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.two_kinds_of_tasks import (
    B,
    L,
    T,
    TwoKinds,
    V_Sigma,
    V_w,
    beta,
    d,
    less_rare_optima,
    many_sampled_tasks,
    rare_optima,
)

TASK_TERMS = sqrt(V_w * log(200 * d)) / (beta * sqrt(T)) + L * B * sqrt(V_Sigma * log(200 * d)) / (beta**2 * sqrt(T))

limit = partial(
    claim, PAPER, "Theorem 2", Inequality("<="), entry="thm-2",
    left=r"\inf \{r: P(\|w_{NAL} - w_{NAL}^*\| \le r) \ge 0.96\}, n \to \infty",
)  # fmt: skip
false = partial(limit, right=TASK_TERMS, expect="refuted", reason="false", corrected="error_with_many_tasks")


@limit(name="error_with_many_tasks", variant="limit-corrected", on=many_sampled_tasks, right=TASK_TERMS)
@false(
    name="error_above_the_threshold_of_the_proof",
    variant="limit-threshold-of-the-proof",
    on=less_rare_optima,
    because="Above the proof's own threshold the T-terms are too small as well: ten tasks with optima 0 or 1, the latter with "
    "probability 17/200, hold three or more of the latter with probability 0.0468.",
    witness=dict(T=10, p="17/200", root=1, w=1),
)
@false(
    name="error_above_the_threshold_of_the_theorem",
    variant="limit-printed",
    on=rare_optima,
    because="The condition T > L^2 B^2 (Var + Var) / 9 admits one task; it lacks what the proof has, and its units differ from "
    "those of a number. With optima 0 or 1, the latter of probability 1/20, one task is off by 19/20 too often.",
    witness=dict(T=1, p="1/20", root=1, LB=1),
)
def error_of_sampled_tasks(kinds: TwoKinds) -> Any:
    """With probability 0.96 the error of NAL's model is at most the right side of (44), in the limit of many samples."""
    return kinds.quantile(abs(kinds.sampled_models - kinds.model[:, None]), 96)
