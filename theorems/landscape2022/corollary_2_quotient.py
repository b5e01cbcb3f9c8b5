"""The last display of the proof of Corollary 2: the ratio of the excess risks, with r_H^2 where r_H belongs.

Collins, Mokhtari, Shakkottai 2022, Appendix A.3, equation (27). Dividing (26) by (25) gives
1 + (rho_E/(rho_H+rho_E))^2 R^2/r_H, and the main text prints 1 + R^2/r_H; (27) has r_H^2 in both of its last expressions.
No rescaling of the optima allows that: w -> s w leaves the ratio of the risks alone and divides R^2/r_H^2 by s^2.

Checked on the risks of the trained models above the noise floor: as a limit (m grows, all else is fixed), and as a factor 4
on clouds so comparable that the factor holds with r_H (corollary_2_text).

Known limits: d at most 3; m up to 3 * 10^13.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks
from lakatos import Inequality, Limit, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.corollary_2 import SCALES
from theorems.landscape2022.mixtures import R, along_samples, comparable_clouds, fixed_mixtures, gain, r_H, rho_E, rho_H

quotient = partial(
    claim,
    PAPER,
    "Equation (27)",
    entry="cor-2",
    left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)",
    expect="refuted",
    reason="misprint",
    because="r_H^2 should read r_H: risks scale with the square of the optima, so no ratio of them depends on R^2/r_H^2.",
)
KAPPA = rho_E**2 / (rho_H + rho_E) ** 2
UNIT = dict(d=1, root_E=1, root_ratio="1/2", R=1, spread_H="1/2", spread_E=0)


@quotient(Limit(checkpoints=SCALES), name="gain_tends_to_the_value_before_the_last", variant="eq-27-before-last-limit",
          on=fixed_mixtures, right=1 + KAPPA * R**2 / r_H**2, witness=UNIT, corrected="gain_tends_to_the_exact_limit")  # fmt: skip
@quotient(Limit(checkpoints=SCALES), name="gain_tends_to_the_last_value", variant="eq-27-limit",
          on=fixed_mixtures, right=1 + R**2 / r_H**2, witness=UNIT, corrected="gain_tends_to_the_exact_limit")  # fmt: skip
def gain_along_samples(tasks: RegressionTasks, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """The ratio tends to the last expression, or to the last but one, of (27) as m = t^3 grows and all else is fixed."""
    return along_samples(gain, tasks, alpha, checkpoints)


@quotient(
    Inequality(">="),
    variant="eq-27-within-factor-4",
    on=comparable_clouds,
    right=(1 + R**2 / r_H**2) / 4,
    witness=dict(d=1, margin=100, m_over_margin=7, root_E=2, root_ratio="9/16", spread_H="1/10", share_of_R=1,
                 share_of_spread=0),
    corrected="gain_is_at_least_a_quarter_for_comparable_clouds",
)  # fmt: skip
def gain_against_the_last_value(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The ratio of the risks is at least a quarter of the last expression of (27), even for comparable clouds."""
    return gain(tasks, alpha, m)
