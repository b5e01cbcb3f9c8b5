"""The proof of Corollary 1: the risks in one dimension, as its displays print them.

Collins, Mokhtari, Shakkottai 2022, Appendix A.2, and the last lines of A.1 on which it builds. Checked on the risks of the
trained models above the noise floor, divided by d, for any step size and number of samples.

The MAML displays agree with (11): the bracket over 16 E_i[q_i]^2 and (23) over 4 (a_E + a_H)^2 are one, since E_i[q_i] is
the mean of a_E and a_H. The NAL display has two misprints: its denominator, 4 (a_E + a_H)^2 instead of
4 (rho_E + rho_H)^2, and a missing r_E in its last term; each alone is enough to break it. The line before has a_H and a_E
for rho_H and rho_E in the cross term of the easy tasks. A.1 ends without the factor 1/2 that Proposition 1 prints.

Known limits: d at most 3.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks
from lakatos import Identity, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022 import corollary_1 as main
from theorems.landscape2022.corollary_1 import a_E, a_H
from theorems.landscape2022.mixtures import R, d, maml_risk, mixtures, nal_risk, r_E, r_H, rho_E, rho_H

MAML_BRACKET = (
    a_H**3 * r_H + a_H * a_E**2 * (r_H + R**2) + 2 * a_H**2 * a_E * r_H
    + a_E * a_H**2 * (r_E + R**2) + a_E**3 * r_E + 2 * a_E**2 * a_H * r_E
)  # fmt: skip
MEAN_Q = (a_E + a_H) / 2

HARD_PART = a_H * rho_H**2 * r_H + a_H * rho_E**2 * (r_H + R**2) + 2 * a_H * rho_H * rho_E * r_H
EASY_PART = a_E * rho_H**2 * (r_E + R**2) + a_E * rho_E**2 * r_E
NAL_BRACKET = HARD_PART + EASY_PART + 2 * a_E * rho_H * rho_E
NAL_BRACKET_WITH_R_E = HARD_PART + EASY_PART + 2 * a_E * rho_H * rho_E * r_E
NAL_BRACKET_OF_EXPANSION = HARD_PART + EASY_PART + 2 * a_E * a_H * a_E * r_E

display = partial(claim, PAPER, "Corollary 1, proof", Identity(), entry="cor-1", on=mixtures)
nal = partial(display, left=r"\mathcal{E}_m^{(l)}(w_{NAL})")
wrong = partial(nal, expect="refuted", reason="misprint", corrected="nal_in_one_dimension")
maml = partial(display, left=r"\mathcal{E}_m^{(l)}(w_{MAML})")
EASY_CLOUD = dict(d=1, m=1, root_E=2, root_ratio="1/2", spread_H=0, spread_E=2, R=0, noise=0, alpha_rho_E=1)


@maml(name="maml_over_mean_q", variant="maml-display-over-16-q", right=MAML_BRACKET / (16 * MEAN_Q**2))
@maml(name="maml_display_23", variant="maml-display-23", right=MAML_BRACKET / (4 * (a_E + a_H) ** 2))
@maml(
    name="maml_without_the_half",
    variant="maml-without-the-half",
    right=2 * main.MAML / d,
    expect="refuted",
    reason="misprint",
    because="(20), the last line of A.1, lacks the factor 1/2 of Proposition 1 and gives twice the risk.",
    witness=EASY_CLOUD,
    corrected="maml_display_23",
)
def maml_in_one_dimension_measured(tasks: RegressionTasks, alpha: Any, m: Any, d: int) -> Any:
    """The risk of the MAML model in one dimension."""
    return maml_risk(tasks, alpha, m) / d


@wrong(
    name="nal_display",
    variant="nal-display",
    right=NAL_BRACKET / (4 * (a_E + a_H) ** 2),
    because="The denominator should be 4 (rho_E + rho_H)^2, and the last term of the bracket lacks its factor r_E.",
    witness=EASY_CLOUD,
)
@wrong(
    name="nal_display_with_r_E",
    variant="nal-display-with-r_E",
    right=NAL_BRACKET_WITH_R_E / (4 * (a_E + a_H) ** 2),
    because="With r_E restored the denominator is still wrong: it should be 4 (rho_E + rho_H)^2.",
    witness=EASY_CLOUD,
)
@wrong(
    name="nal_display_with_denominator",
    variant="nal-display-with-denominator",
    right=NAL_BRACKET / (4 * (rho_E + rho_H) ** 2),
    because="With the denominator restored the last term still lacks its factor r_E.",
    witness=EASY_CLOUD,
)
@wrong(
    name="nal_expansion",
    variant="nal-expansion",
    right=NAL_BRACKET_OF_EXPANSION / (4 * (rho_E + rho_H) ** 2),
    because="The cross term of the easy tasks is printed with a_H and a_E where rho_H and rho_E belong.",
    witness=EASY_CLOUD,
)
@wrong(
    name="nal_without_the_half",
    variant="nal-without-the-half",
    right=2 * main.NAL / d,
    because="(18), the last line of A.1, lacks the factor 1/2 of Proposition 1 and gives twice the risk.",
    witness=EASY_CLOUD,
)
@nal(
    name="nal_in_one_dimension",
    variant="nal-display-corrected",
    right=NAL_BRACKET_WITH_R_E / (4 * (rho_E + rho_H) ** 2),
)
def nal_in_one_dimension_measured(tasks: RegressionTasks, alpha: Any, m: Any, d: int) -> Any:
    """The risk of the NAL model in one dimension."""
    return nal_risk(tasks, alpha, m) / d
