"""The proof of Corollary 2: approximations (25), (26) of the two excess risks, and their quotient as (27) prints it.

Collins, Mokhtari, Shakkottai 2022, Appendix A.3, under alpha = 1/rho_E and C = (rho_H/rho_E)(1 - rho_H/rho_E)^2 m/d >> 1. Checked
on the risks of the trained models above the noise floor, each "approximately" as a limit (m -> infinity, all else fixed) and as
a factor 2 whenever C >= 100.

Limits (25) and (26) are right. For a given C they are off by any factor: the terms with a_E that the proof drops carry r_E and R^2,
which the assumption does not bound. With those in the error both hold, see the variants "with-error". The quotient of (26) by (25)
is 1 + (rho_E/(rho_H+rho_E))^2 R^2/r_H; (27) prints r_H^2, which no rescaling of the optima allows: w -> s w leaves the quotient
alone and divides R^2/r_H^2 by s^2. The main text has r_H.

Known limits: d at most 2; m up to 2 * 10^11.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks
from lakatos import Inequality, Limit, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.corollary_2 import AT_100, KAPPA, SAMPLES
from theorems.landscape2022.mixtures import (
    C, R, comparable_clouds, d, far_from, fixed_mixtures, gain, maml_risk, nal_risk, past_margin_1, past_margin_100, r_E, r_H, rho_E,
    rho_H,
)  # fmt: skip

MAML = d * rho_H * (1 - rho_H / rho_E) ** 2 / 4 * r_H
NAL = MAML + d * rho_H * rho_E**2 * (1 - rho_H / rho_E) ** 2 / (4 * (rho_H + rho_E) ** 2) * R**2
MAML_SLACK = (1 + 1 / d) / C * (1 + (r_E + R**2) / r_H)
NAL_SLACK = (1 + 1 / d) / C * (2 + r_E / r_H)

proof = partial(claim, PAPER, entry="cor-2")
maml = partial(proof, "Equation (25)", left=r"\mathcal{E}_m(w_{MAML}^*)")
nal = partial(proof, "Equation (26)", left=r"\mathcal{E}_m(w_{NAL}^*)")
quotient = partial(proof, "Equation (27)", left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)", expect="refuted", reason="misprint")
DROPPED = "The dropped term a_E r_E is as large as one likes: C does not bound r_E."
SQUARED = "r_H^2 should read r_H: the risks scale with the square of the optima, so their quotient cannot depend on R^2/r_H^2."
UNIT = dict(d=1, root_E=1, root_ratio="1/2", R=1, spread_H="1/2", spread_E=0)


@maml(Inequality("<="), name="maml_risk_is_at_most_twice", variant="eq-25-within-factor-2", on=past_margin_100, right=2 * MAML,
      expect="refuted", reason="missing assumption", because=DROPPED, corrected="maml_risk_is_at_most",
      witness={**AT_100, "R": 1, "spread_H": 1, "spread_E": 20})  # fmt: skip
@maml(Inequality("<="), name="maml_risk_is_at_most", variant="eq-25-with-error", on=past_margin_1, right=MAML * (1 + MAML_SLACK))
def risk_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The risk of the MAML model above the noise floor."""
    return maml_risk(tasks, alpha, m)


@nal(Inequality("<="), name="nal_risk_is_at_most_twice", variant="eq-26-within-factor-2", on=past_margin_100, right=2 * NAL,
     expect="refuted", reason="missing assumption", because=DROPPED, corrected="nal_risk_is_at_most",
     witness={**AT_100, "R": 1, "spread_H": 1, "spread_E": 20})  # fmt: skip
@nal(Inequality("<="), name="nal_risk_is_at_most", variant="eq-26-with-error", on=past_margin_1, right=NAL * (1 + NAL_SLACK))
def risk_of_nal(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The risk of the NAL model above the noise floor."""
    return nal_risk(tasks, alpha, m)


@maml(Limit(checkpoints=SAMPLES), variant="eq-25-limit", on=fixed_mixtures)
def maml_risk_tends_to_its_approximation(
    tasks: RegressionTasks, alpha: Any, d: int, rho_H: Any, rho_E: Any, r_H: Any, checkpoints: tuple[int, ...]
) -> Any:
    """(25) is the limit of the MAML risk as m grows and all else is fixed."""
    limit = d * rho_H * (1 - rho_H / rho_E) ** 2 / 4 * r_H
    return far_from(limit, [maml_risk(tasks, alpha, m) for m in checkpoints])


@nal(Limit(checkpoints=SAMPLES), variant="eq-26-limit", on=fixed_mixtures)
def nal_risk_tends_to_its_approximation(
    tasks: RegressionTasks, alpha: Any, d: int, rho_H: Any, rho_E: Any, R: Any, r_H: Any, checkpoints: tuple[int, ...]
) -> Any:
    """(26) is the limit of the NAL risk as m grows and all else is fixed."""
    limit = d * rho_H * (1 - rho_H / rho_E) ** 2 / 4 * (r_H + (rho_E / (rho_H + rho_E)) ** 2 * R**2)
    return far_from(limit, [nal_risk(tasks, alpha, m) for m in checkpoints])


@quotient(Limit(checkpoints=SAMPLES), variant="eq-27-before-last-limit", on=fixed_mixtures, because=SQUARED, witness=UNIT,
          corrected="gain_tends_to_the_exact_limit")  # fmt: skip
def gain_tends_to_the_value_before_the_last(
    tasks: RegressionTasks, alpha: Any, rho_H: Any, rho_E: Any, R: Any, r_H: Any, checkpoints: tuple[int, ...]
) -> Any:
    """The ratio tends to 1 + (rho_E/(rho_H+rho_E))^2 R^2/r_H^2, the last but one expression of (27)."""
    limit = 1 + (rho_E / (rho_H + rho_E)) ** 2 * R**2 / r_H**2
    return far_from(limit, [gain(tasks, alpha, m) for m in checkpoints])


@quotient(Limit(checkpoints=SAMPLES), variant="eq-27-limit", on=fixed_mixtures, because=SQUARED, witness=UNIT,
          corrected="gain_tends_to_the_exact_limit")  # fmt: skip
def gain_tends_to_the_last_value(tasks: RegressionTasks, alpha: Any, R: Any, r_H: Any, checkpoints: tuple[int, ...]) -> Any:
    """The ratio tends to 1 + R^2/r_H^2, the last expression of (27)."""
    return far_from(1 + R**2 / r_H**2, [gain(tasks, alpha, m) for m in checkpoints])


@quotient(Inequality(">="), name="gain_is_at_least_a_quarter_of_27", variant="eq-27-within-factor-4", on=comparable_clouds,
          right=(1 + R**2 / r_H**2) / 4, because=SQUARED, corrected="gain_is_at_least_a_quarter_for_comparable_clouds",
          witness=dict(d=1, margin=100, m_over_margin=7, root_E=2, root_ratio="9/16", spread_H="1/10", share_of_R=1,
                       share_of_spread=0))  # fmt: skip
def gain_against_the_last_value(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The ratio of the risks lies within a factor 4 of the last expression of (27), even for comparable clouds."""
    return gain(tasks, alpha, m)
