"""The spectrum of MAML's weights: beta_hat I <= Q_i <= L_hat I, when beta I <= Sigma_i <= L I.

Collins, Mokhtari, Shakkottai 2022, equation (86), with beta_hat = beta (1 - alpha L)^2 + alpha^2 beta^3 (d+1)/n_2 and
L_hat = L (1 - alpha beta)^2 + alpha^2 L^3 (d+1)/n_2. Checked on the Hessian of a task's loss after one SGD step.

Stated for any step size, neither bound holds: an eigenvalue lambda contributes lambda (1 - alpha lambda)^2, which vanishes
inside [beta, L] once alpha L > 1, and at lambda = L exceeds L (1 - alpha beta)^2 once alpha (beta + L) > 2. Up to these
step sizes the bounds hold and are attained, by one task with Sigma_i = beta I or L I and beta = L.

Known limits: d at most 2; eigenvalues fill [beta, L], which need not be tight for a single task.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from exactarray import eigvalsh, namespace
from impl.meta_regression import RegressionTasks, loss_after_step_hessian
from lakatos import Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.task_sets import number_of_samples

alpha, beta, L, d, n_2 = symbols("alpha beta L d n_2", nonnegative=True)
BETA_HAT = beta * (1 - alpha * L) ** 2 + alpha**2 * beta**3 * (d + 1) / n_2
L_HAT = L * (1 - alpha * beta) ** 2 + alpha**2 * L**3 * (d + 1) / n_2


def _spectra(draw: Any, most: int, scale: Any) -> dict[str, Any]:
    d = draw.integer("d", 1, 2)
    root = draw.positive("root_beta")
    # Roots of the eigenvalues, so that A = R diag(roots) is rational.
    excess, shares = draw.nonnegative("excess"), draw.interval("shares", 0, 1, d)
    roots = root[:, None] * (1 + excess[:, None] * shares)
    beta, L = root**2, (root * (1 + excess)) ** 2
    A = draw.orthogonal("rotation", d) * roots[:, None, :]
    xp = namespace(root)
    tasks = RegressionTasks(0 * roots[:, None, None], A[:, None], xp.ones_like(root)[:, None], 0 * root)
    alpha = draw.interval("step", 0, most, closed="right") / scale(beta, L)
    return dict(tasks=tasks, alpha=alpha, beta=beta, L=L, n_2=number_of_samples(draw, "n_2"))


SPECTRA = {"all eigenvalues equal": fix(excess=0), "two-point spectrum": fix(d=2, shares=[0, 1])}
BETWEEN = [beta <= L]


@instances(strata=SPECTRA, assume=BETWEEN)
def any_step(draw):
    """One task and a step size up to 4/L."""
    return _spectra(draw, 4, lambda beta, L: L)


@instances(strata={**SPECTRA, "alpha = 1/L": fix(step=1)}, assume=[*BETWEEN, alpha * L <= 1])
def step_at_most_1_over_L(draw):
    """One task and a step size up to 1/L."""
    return _spectra(draw, 1, lambda beta, L: L)


@instances(strata={**SPECTRA, "alpha = 2/(beta + L)": fix(step=2)}, assume=[*BETWEEN, alpha * (beta + L) <= 2])
def step_at_most_2_over_sum(draw):
    """One task and a step size up to 2/(beta + L)."""
    return _spectra(draw, 2, lambda beta, L: beta + L)


bound = partial(claim, PAPER, "equation (86)", entry="eq-86")
lower = partial(bound, Inequality(">="), left=r"\lambda(Q_i)", right=BETA_HAT)
upper = partial(bound, Inequality("<="), left=r"\lambda(Q_i)", right=L_HAT)


@lower(
    name="lower_bound_for_any_step",
    variant="lower-printed",
    on=any_step,
    expect="refuted",
    reason="missing assumption",
    because="Once alpha L > 1 an eigenvalue 1/alpha between beta and L leaves Q_i only its stochastic part, while (1 - alpha L)^2 grows.",
    witness=dict(d=1, one_over_n_2="1/1000", root_beta=1, excess=1, shares=[0], rotation=[[0]], step=4),
    corrected="lower_bound",
)
@lower(name="lower_bound", variant="lower-step-at-most-1-over-L", on=step_at_most_1_over_L)
@upper(
    name="upper_bound_for_any_step",
    variant="upper-printed",
    on=any_step,
    expect="refuted",
    reason="missing assumption",
    because="Once alpha (beta + L) > 2 the eigenvalue L has the larger |1 - alpha lambda|.",
    witness=dict(d=1, one_over_n_2="1/1000", root_beta=1, excess=1, shares=[1], rotation=[[0]], step=4),
    corrected="upper_bound",
)
@upper(name="upper_bound", variant="upper-step-at-most-2-over-beta-plus-L", on=step_at_most_2_over_sum)
def spectrum_of_weights(tasks: RegressionTasks, alpha: Any, n_2: Any) -> Any:
    """The eigenvalues of Q_i, the Hessian of one task's loss after an SGD step on n_2 samples."""
    return eigvalsh(loss_after_step_hessian(tasks, alpha, n_2))
