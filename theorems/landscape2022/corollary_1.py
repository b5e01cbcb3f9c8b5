"""The excess risks of NAL and of MAML on a mixture of hard and easy tasks, in closed form.

Collins, Mokhtari, Shakkottai 2022, Corollary 1, equations (10) and (11); the displays of its proof are in
corollary_1_proof. Checked by training both models on the mixture (minimising the exact objectives), running one SGD step
from each and averaging the test loss exactly, for any step size and number of samples m (= n_2).

(10) and (11) are the risks above the noise floor, which equation (16) takes for the infimum of F_m. No model reaches that
floor unless all tasks share one optimum, so as excess risks in the sense of definition (2), F_m(w) - inf F_m, both are
false: with n_2 = m the MAML model minimises F_m, F_m(w_MAML) <= F_m(w) for any model w, and its excess risk is zero. The
corrected form of (10) is d R^2 (a_H rho_E - a_E rho_H)^2 / (4 (a_E + a_H) (rho_E + rho_H)^2). The sample loss must be a mean
over samples: Section 3 prints it without 1/m.

Known limits: d at most 3; two equally likely clouds, as printed.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks, loss_after_step_by_enumeration, maml_solution, nal_solution
from lakatos import Identity, Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import (
    R,
    above_infimum,
    alpha,
    d,
    few_samples,
    loss_of_any_model,
    loss_of_maml,
    m,
    maml_risk,
    mixtures,
    mixtures_and_models,
    nal_risk,
    r_E,
    r_H,
    rho_E,
    rho_H,
)  # fmt: skip

a_E = rho_E * (1 - alpha * rho_E) ** 2 + (d + 1) / m * alpha**2 * rho_E**3
a_H = rho_H * (1 - alpha * rho_H) ** 2 + (d + 1) / m * alpha**2 * rho_H**3

NAL = d / (4 * (rho_E + rho_H) ** 2) * (
    (a_E * rho_E**2 + 2 * a_E * rho_E * rho_H) * r_E + a_E * rho_H**2 * (r_E + R**2)
    + (a_H * rho_H**2 + 2 * a_H * rho_E * rho_H) * r_H + a_H * rho_E**2 * (r_H + R**2)
)  # fmt: skip
MAML = d / (4 * (a_E + a_H) ** 2) * (
    (a_E**3 + 2 * a_E**2 * a_H) * r_E + (a_H**3 + 2 * a_E * a_H**2) * r_H
    + a_E * a_H**2 * (r_E + R**2) + a_E**2 * a_H * (r_H + R**2)
)  # fmt: skip
NAL_ABOVE_INFIMUM = d * R**2 * (a_H * rho_E - a_E * rho_H) ** 2 / (4 * (a_E + a_H) * (rho_E + rho_H) ** 2)

nal = partial(claim, PAPER, "Corollary 1", Identity(), entry="cor-1", left=r"\mathcal{E}_m(w_{NAL}^*)")
maml = partial(claim, PAPER, "Corollary 1", Identity(), entry="cor-1", left=r"\mathcal{E}_m(w_{MAML}^*)", right=MAML)
# Every hard optimum is 1 or -1, every easy one 0: no shift of the common model helps, yet no hard task is at home.
ONE_CENTRE = dict(d=1, m=1, root_E=2, root_ratio="1/2", spread_H=1, spread_E=0, R=0, noise=0, alpha_rho_E=1)


@nal(
    variant="nal-printed",
    on=mixtures,
    right=NAL,
    expect="refuted",
    reason="false",
    because="(16) takes the noise floor for inf F_m, but no model reaches it when optima differ: at R = 0 the NAL model "
    "minimises F_m already.",
    witness=ONE_CENTRE,
    corrected="nal_excess_corrected",
)
@nal(name="nal_excess_corrected", variant="nal-corrected", on=mixtures, right=NAL_ABOVE_INFIMUM)
def nal_excess(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The excess risk of the NAL model, F_m(w) - inf F_m."""
    return above_infimum(tasks, nal_solution(tasks), alpha, m)


@maml(
    variant="maml-printed",
    on=mixtures,
    expect="refuted",
    reason="false",
    because="With n_2 = m the MAML model minimises F_m: its excess risk is zero, and (11) is inf F_m minus the noise floor.",
    witness=ONE_CENTRE,
    corrected="maml_excess_corrected",
)
def maml_excess(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The excess risk of the MAML model, F_m(w) - inf F_m."""
    return above_infimum(tasks, maml_solution(tasks, alpha, m), alpha, m)


@claim(PAPER, "Corollary 1", Inequality("<="), entry="cor-1", variant="maml-corrected", on=mixtures_and_models,
       left=r"F_m(w_{MAML}^*)", right=loss_of_any_model)  # fmt: skip
def maml_excess_corrected(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The excess risk of the MAML model is zero: its test loss is at most that of any model."""
    return loss_of_maml(tasks, alpha, m)


@nal(variant="nal-above-noise", on=mixtures, right=NAL)
def nal_risk_above_noise(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """(10) is the test loss of the NAL model minus what label noise alone costs."""
    return nal_risk(tasks, alpha, m)


@maml(variant="maml-above-noise", on=mixtures)
def maml_risk_above_noise(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """(11) is the test loss of the MAML model minus what label noise alone costs."""
    return maml_risk(tasks, alpha, m)


@nal(variant="nal-every-data-set", on=few_samples, right=NAL)
def nal_risk_by_enumeration(tasks: RegressionTasks, alpha: Any, m: int) -> Any:
    """(10) with the SGD step run on every data set of an exact rule."""
    w = nal_solution(tasks)
    at_home = RegressionTasks(0 * tasks.optima[:, :, :1], tasks.roots, tasks.weights, tasks.noise)
    floor = loss_after_step_by_enumeration(at_home, 0 * w, alpha, m)
    return loss_after_step_by_enumeration(tasks, w, alpha, m) - floor


@nal(
    variant="nal-loss-of-section-3",
    on=mixtures,
    right=NAL,
    expect="refuted",
    reason="misprint",
    because="Section 3 prints the sample loss without 1/m; its gradient is m times larger, and (10) fails once m > 1.",
    witness={**ONE_CENTRE, "m": 2},
    corrected="nal_risk_above_noise",
)
def nal_risk_with_summed_loss(tasks: RegressionTasks, alpha: Any, m: int) -> Any:
    """(10) for the sample loss as Section 3 prints it, ||X w - y||^2 / 2: a step m times as long on the mean loss."""
    return nal_risk(tasks, m * alpha, m)
