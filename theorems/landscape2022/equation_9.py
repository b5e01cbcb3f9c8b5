"""Two tasks: the excess risks of NAL and MAML in closed form.

Collins, Mokhtari, Shakkottai 2022, equation (9), "using Proposition 1". Checked by minimising both objectives, running one
SGD step from each minimiser and averaging the test loss exactly, with n_2 = m.

As printed both formulas know nothing of the distance between the two optima. Proposition 1 gives ||w_1^* - w_2^*||^2 / 4
times them, which is 1 only for optima at a distance of 2 (Figure 2 with d = 1; there it is d). With this factor they are the
risks above the noise floor. By definition (2), F_m(w) - inf F_m, they are false: the excess risk of MAML is zero, since
F_m(w_MAML) <= F_m(w) for any model w, and that of NAL is
||w_1^* - w_2^*||^2 (a_H rho_E - a_E rho_H)^2 / (4 (a_E + a_H) (rho_E + rho_H)^2).

Known limits: d at most 3.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks, maml_solution, nal_solution
from lakatos import Identity, Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import above_infimum, above_noise_floor, loss_of_any_model, loss_of_maml
from theorems.landscape2022.two_tasks import NAMES, a_E, a_H, gap, rho_E, rho_H, two_tasks, two_tasks_and_models

NAL = (a_E * rho_H**2 + a_H * rho_E**2) / (rho_E + rho_H) ** 2
MAML = a_E * a_H / (a_E + a_H)
NAL_ABOVE_INFIMUM = gap * (a_H * rho_E - a_E * rho_H) ** 2 / (4 * (a_E + a_H) * (rho_E + rho_H) ** 2)

# Optima 0 and 1.
NEAR = dict(d=1, one_over_m=1, root_E=1, root_ratio="1/2", w_1=[0], apart=[1], noise=0, alpha_rho_E=1)
# Optima 0 and 2, where the printed formulas are right above the noise floor.
FIGURE_2 = dict(NEAR, apart=[2])

equation = partial(claim, PAPER, "equation (9)", Identity(), entry="eq-9", on=two_tasks, names=NAMES,
                   rests_on=("landscape2022/prop-1/nal-printed", "landscape2022/prop-1/maml-printed"))  # fmt: skip
nal = partial(equation, left=r"\mathcal{E}_m(w_{NAL})")
maml = partial(equation, left=r"\mathcal{E}_m(w_{MAML})")


@nal(
    variant="nal-printed",
    right=NAL,
    expect="refuted",
    reason="false",
    because="Besides the factor ||w_1 - w_2||^2 / 4, inf F_m is taken for the noise floor: optima 0 and 2 refute it by that alone.",
    witness=FIGURE_2,
    corrected="nal_excess_corrected",
)
@nal(name="nal_excess_corrected", variant="nal-corrected", right=NAL_ABOVE_INFIMUM)
def nal_excess(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The excess risk of the NAL model, F_m(w) - inf F_m."""
    return above_infimum(tasks, nal_solution(tasks), alpha, m)


@maml(
    variant="maml-printed",
    right=MAML,
    expect="refuted",
    reason="false",
    because="With n_2 = m the MAML model minimises F_m: its excess risk is zero.",
    witness=FIGURE_2,
    corrected="maml_excess_corrected",
)
def maml_excess(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The excess risk of the MAML model, F_m(w) - inf F_m."""
    return above_infimum(tasks, maml_solution(tasks, alpha, m), alpha, m)


@claim(PAPER, "equation (9)", Inequality("<="), entry="eq-9", variant="maml-corrected", on=two_tasks_and_models,
       left=r"F_m(w_{MAML})", right=loss_of_any_model)  # fmt: skip
def maml_excess_corrected(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The excess risk of the MAML model is zero: its test loss is at most that of any model."""
    return loss_of_maml(tasks, alpha, m)


@nal(
    name="nal_risk_as_printed",
    variant="nal-printed-above-noise",
    right=NAL,
    expect="refuted",
    reason="misprint",
    because="Proposition 1 gives the printed value times ||w_1 - w_2||^2 / 4, which is 1/4 at a distance of 1.",
    witness=NEAR,
    corrected="nal_risk",
)
@nal(name="nal_risk", variant="nal-above-noise", right=gap / 4 * NAL)
def nal_above_noise(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The test loss of the NAL model minus what label noise alone costs."""
    return above_noise_floor(tasks, nal_solution(tasks), alpha, m)


@maml(
    name="maml_risk_as_printed",
    variant="maml-printed-above-noise",
    right=MAML,
    expect="refuted",
    reason="misprint",
    because="Proposition 1 gives the printed value times ||w_1 - w_2||^2 / 4, which is 1/4 at a distance of 1.",
    witness=NEAR,
    corrected="maml_risk",
)
@maml(name="maml_risk", variant="maml-above-noise", right=gap / 4 * MAML)
def maml_above_noise(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The test loss of the MAML model minus what label noise alone costs."""
    return above_noise_floor(tasks, maml_solution(tasks, alpha, m), alpha, m)
