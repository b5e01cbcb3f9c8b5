"""Two tasks: which excess risks vanish as the number of samples grows.

Collins, Mokhtari, Shakkottai 2022, Section 3.1 after (9), with alpha = 1/rho_E and n_2 = m. Checked on the risks above the
noise floor of the trained models. With x = rho_H/rho_E:
"MAML achieves near-zero excess risk in the case of large m": it does, at rate 1/m for any x, and needs no condition on rho_H
for it: its risk is at most (d+1) rho_E ||w_1 - w_2||^2 / (4 m). "For NAL we have a_H rho_E^2/(rho_E+rho_H)^2": that lacks the
factor ||w_1 - w_2||^2 / 4 of (9). Which hardness discrepancy MAML's gain needs is the matter of section_3_1_gain.

Known limits: d at most 3; m up to 7 * 10^10 in limits, whose other parameters are of moderate size.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks, nal_solution
from lakatos import Inequality, Limit, claim, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import above_noise_floor, along_samples, maml_risk, nal_risk
from theorems.landscape2022.two_tasks import (
    ASSUMED,
    NAMES,
    d,
    drawn,
    fixed_pairs,
    gap,
    m,
    natural_step,
    only,
    rho_E,
    rho_H,
    x,
)

SCALES = tuple(2**k for k in range(1, 13))
AT_M_INFINITE = rho_H * (1 - x) ** 2 * rho_E**2 / (rho_E + rho_H) ** 2

text = partial(claim, PAPER, "Section 3.1, after (9)", entry="sec3.1-limits", names=NAMES)
maml = partial(text, left=r"\mathcal{E}_m(w_{MAML}^*)")
nal = partial(text, left=r"\mathcal{E}_m(w_{NAL}^*)")
PINNED = dict(d=1, root_E=1, w_1=[0], apart=[1], noise=0)


@maml(Limit(checkpoints=SCALES), variant="maml-risk-vanishes", on=fixed_pairs)
def maml_risk_along_samples(tasks: RegressionTasks, alpha: Any, rho_E: Any, gap: Any, checkpoints: tuple[int, ...]) -> Any:
    """MAML's risk, relative to rho_E ||w_1 - w_2||^2, as m = t^3 grows and all else is fixed."""
    return along_samples(maml_risk, tasks, alpha, checkpoints) / (rho_E * gap)[:, None]


@instances(assume=ASSUMED)
def nearly_no_hard_data(draw):
    """So small a rho_H that x (1-x)^2 <= d/m: the condition of the text fails."""
    root = draw.option("root_m", [10, 100, 1000])
    return dict(
        drawn(draw, 1, root_ratio=draw.interval("share", 0, 1, closed="right") / root),
        m=root**2,
    )


@maml(
    Inequality(">="),
    name="maml_risk_without_the_condition",
    variant="maml-risk-needs-the-condition",
    on=nearly_no_hard_data,
    right=gap * rho_E / 10**4,
    expect="refuted",
    reason="false",
    because="MAML's risk is small for m >> d whatever rho_H is; where rho_H(1-rho_H/rho_E)^2 <= d rho_E/m it is as small as rho_H.",
    witness=dict(PINNED, root_m=1000, share=1),
    corrected="maml_risk_is_small_for_many_samples",
)
@maml(Inequality("<="), name="maml_risk_is_small_for_many_samples", variant="maml-risk-at-most", on=natural_step,
      right=gap * rho_E * (d + 1) / (4 * m))  # fmt: skip
def risk_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """MAML's risk above the noise floor."""
    return maml_risk(tasks, alpha, m)


@nal(
    Limit(checkpoints=SCALES),
    name="nal_risk_tends_to_the_printed_value",
    variant="nal-limit-printed",
    on=fixed_pairs,
    right=AT_M_INFINITE,
    expect="refuted",
    reason="misprint",
    because="(9) lacks the factor ||w_1 - w_2||^2 / 4, and so does this limit of it.",
    witness=dict(d=1, root_E=1, root_ratio="1/2", w_1=[0], distance=1, noise=0, m=1),
    corrected="nal_risk_tends_to_a_value",
)
@nal(Limit(checkpoints=SCALES), name="nal_risk_tends_to_a_value", variant="nal-limit", on=fixed_pairs,
     right=gap / 4 * AT_M_INFINITE)  # fmt: skip
def nal_risk_along_samples(tasks: RegressionTasks, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """NAL's risk as m = t^3 grows and all else is fixed, a_E being negligible."""
    return along_samples(nal_risk, tasks, alpha, checkpoints)


def _share_of_easy(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    model, easy = nal_solution(tasks), only(tasks, 1)
    return above_noise_floor(easy, model, alpha, m) / (2 * above_noise_floor(tasks, model, alpha, m))


@text(Limit(checkpoints=SCALES), variant="hard-task-dominates-nal", on=fixed_pairs, left="1 - p_H")
def share_of_the_easy_task(tasks: RegressionTasks, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """The error of NAL is dominated by the hard task: the easy task's share of the risk vanishes as m = t^3 grows."""
    return along_samples(_share_of_easy, tasks, alpha, checkpoints)
