"""The proof of Corollary 2: its approximations (25) and (26) of the two excess risks. Their quotient has its own file.

Collins, Mokhtari, Shakkottai 2022, Appendix A.3, under alpha = 1/rho_E and C = (rho_H/rho_E) (1 - rho_H/rho_E)^2 m/d >> 1.
Checked on the risks of the trained models above the noise floor, each "approximately" as a limit (m grows, all else is
fixed) and as a factor 2 whenever C >= 100.

As limits (25) and (26) are right. At a given C they are off by any factor: the terms with a_E that the proof drops carry
r_E and R^2, which the assumption does not bound. With those in the error both hold, see the variants "with-error".

Known limits: d at most 3; m up to 3 * 10^9 (7 * 10^10 in limits, whose other parameters are of moderate size).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks
from lakatos import Inequality, Limit, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.corollary_2 import AT_100, SCALES
from theorems.landscape2022.mixtures import (
    C,
    R,
    along_samples,
    d,
    fixed_mixtures,
    maml_risk,
    nal_risk,
    past_margin_1,
    past_margin_100,
    r_E,
    r_H,
    rho_E,
    rho_H,
)  # fmt: skip

MAML = d * rho_H * (1 - rho_H / rho_E) ** 2 / 4 * r_H
NAL = MAML + d * rho_H * rho_E**2 * (1 - rho_H / rho_E) ** 2 / (4 * (rho_H + rho_E) ** 2) * R**2
MAML_SLACK = (1 + 1 / d) / C * (1 + (r_E + R**2) / r_H)
NAL_SLACK = (1 + 1 / d) / C * (2 + r_E / r_H)

proof = partial(claim, PAPER, entry="cor-2")
maml = partial(proof, "Equation (25)", left=r"\mathcal{E}_m(w_{MAML}^*)")
nal = partial(proof, "Equation (26)", left=r"\mathcal{E}_m(w_{NAL}^*)")
DROPPED = "The dropped term a_E r_E is as large as one likes: C does not bound r_E."


@maml(
    Inequality("<="),
    name="maml_risk_is_at_most_twice",
    variant="eq-25-within-factor-2",
    on=past_margin_100,
    right=2 * MAML,
    expect="refuted",
    reason="missing assumption",
    because=DROPPED,
    witness={**AT_100, "R": 1, "spread_H": 1, "spread_E": 20},
    corrected="maml_risk_is_at_most",
)
@maml(Inequality("<="), name="maml_risk_is_at_most", variant="eq-25-with-error", on=past_margin_1,
      right=MAML * (1 + MAML_SLACK))  # fmt: skip
def risk_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The risk of the MAML model above the noise floor."""
    return maml_risk(tasks, alpha, m)


@nal(
    Inequality("<="),
    name="nal_risk_is_at_most_twice",
    variant="eq-26-within-factor-2",
    on=past_margin_100,
    right=2 * NAL,
    expect="refuted",
    reason="missing assumption",
    because=DROPPED,
    witness={**AT_100, "R": 1, "spread_H": 1, "spread_E": 20},
    corrected="nal_risk_is_at_most",
)
@nal(Inequality("<="), name="nal_risk_is_at_most", variant="eq-26-with-error", on=past_margin_1,
     right=NAL * (1 + NAL_SLACK))  # fmt: skip
def risk_of_nal(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The risk of the NAL model above the noise floor."""
    return nal_risk(tasks, alpha, m)


@maml(
    Limit(checkpoints=SCALES), name="maml_risk_tends_to_its_approximation", variant="eq-25-limit", on=fixed_mixtures, right=MAML
)
def maml_risk_along_samples(tasks: RegressionTasks, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """(25) is the limit of the MAML risk as m = t^3 grows and all else is fixed."""
    return along_samples(maml_risk, tasks, alpha, checkpoints)


@nal(Limit(checkpoints=SCALES), name="nal_risk_tends_to_its_approximation", variant="eq-26-limit", on=fixed_mixtures, right=NAL)
def nal_risk_along_samples(tasks: RegressionTasks, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """(26) is the limit of the NAL risk as m = t^3 grows and all else is fixed."""
    return along_samples(nal_risk, tasks, alpha, checkpoints)
