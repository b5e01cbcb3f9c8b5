"""MAML's model of T sampled tasks is close to that of the environment: Theorem 3 in the limit of many episodes.

Collins, Mokhtari, Shakkottai 2022, Theorem 3, (81). As tau -> infinity its first term vanishes, and with it what depends on the
samples: the T-terms alone, with some constant c', are to bound the error with probability 0.96. Few kinds of tasks give it an exact
multinomial law, at any step size.

No c' does where alpha L > 1: the T-terms vanish with 1/n_2 at beta = 1/alpha, and the error does not; L_hat bounds Q_i no longer
(equation_86). For alpha L <= 1 they hold with 5 for c' sqrt(log(200d)) and every T, by Chebyshev's inequality for Q_i (w_i - w*):
sharp for one task that is, with probability just over 0.04, of one of two kinds on either side of the others. Where the covariances
do not differ, c' = 1 is enough once T >= 16 L_hat^2 B^2 log(200d) / (9 Var(Q_i w_i)); 13 tasks reach 0.9906 of that, so that log(182)
would do for log(200). Var(Q_i w_i) is E ||.||^2.

Known limits: two kinds, or three for up to five tasks; diagonal covariances, d at most 3.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import log, sqrt, symbols

from lakatos import Inequality, Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.equation_86 import BETA_HAT, L_HAT
from theorems.landscape2022.kinds_of_tasks import KindsOfTasks
from theorems.landscape2022.sampled_kinds import any_kinds, balanced_kinds, long_steps

T, d = symbols("T d", integer=True, positive=True)
B, V_Q, V_w = symbols("B Var_Q Var_Q_w", nonnegative=True)
DEVIATIONS = sqrt(V_w) / (BETA_HAT * sqrt(T)) + L_HAT * B * sqrt(V_Q) / (BETA_HAT**2 * sqrt(T))
TASK_TERMS = sqrt(V_w * log(200 * d)) / (BETA_HAT * sqrt(T)) + L_HAT * B * sqrt(V_Q * log(200 * d)) / (BETA_HAT**2 * sqrt(T))

limit = partial(
    claim, PAPER, "Theorem 3", entry="thm-3", rests_on=("landscape2022/eq-86/lower-step-at-most-1-over-L",),
    left=r"\inf \{r: P(\|w_{MAML} - w_{MAML}^*\| \le r) \ge 0.96\}, \tau \to \infty",
)  # fmt: skip


@limit(kind=Inequality("<="), name="error_of_any_sampled_tasks", variant="limit-corrected", on=any_kinds, right=5 * DEVIATIONS)
@limit(kind=Inequality("<="), name="error_of_many_sampled_tasks", variant="limit-many-tasks", on=balanced_kinds,
       right=sqrt(V_w * log(200 * d)) / (BETA_HAT * sqrt(T)))  # fmt: skip
@limit(
    kind=Rate("O", over="n_2", grid=(10, 100, 1000, 10**4, 10**5), batch=4), name="error_after_long_steps", variant="limit-printed",
    on=long_steps, right=TASK_TERMS, expect="refuted", reason="missing assumption", corrected="error_of_any_sampled_tasks",
    because="With alpha beta = 1 both L_hat and the T-terms vanish as n_2 grows, but of twenty tasks with one covariance and "
    "optima -e_1 and e_1 the mean is off by 1/2: alpha L <= 1 is missing.",
    witness=dict(root=1, ratio="5/4", w=1, n_2=10),
)  # fmt: skip
def error_of_sampled_tasks(kinds: KindsOfTasks) -> Any:
    """What MAML's error does not exceed with probability 0.96, in the limit of many episodes, is within the right side."""
    return kinds.quantile(kinds.errors, 96)
