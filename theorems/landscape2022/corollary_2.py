"""How much MAML gains over NAL: the ratio of the excess risks of Corollary 1 "is approximately" 1 + R^2 / r_H.

Collins, Mokhtari, Shakkottai 2022, Corollary 2, equation (12), with alpha = 1/rho_E and
C := (rho_H/rho_E) (1 - rho_H/rho_E)^2 m/d "much larger than" 1. Neither word is defined, so each reading that the text
admits is a claim of its own (more of them in corollary_2_text, the proof's in corollary_2_proof). Checked by training
both models and evaluating both risks exactly; C >= 100 stands for "much larger". The risks are those above the noise
floor: by definition (2) the excess risk of MAML is zero and there is no ratio.

What is true, with x = rho_H / rho_E, kappa = 1 / (1 + x)^2 in (1/4, 1) and eps = a_E / a_H <= (1 + 1/d) / C: the ratio is
1 + (1 - x eps)^2 kappa R^2 / ((1 + eps) (r_H + eps r_E) + eps R^2). So it is at most 1 + kappa R^2 / r_H, and close to
that only if C is large against (r_E + R^2) / r_H as well, which the corollary does not ask: for fixed C the ratio falls
to 1 as r_E grows, and stays bounded as R^2 / r_H grows. The proof drops kappa "since 1/4 <= kappa <= 1"; then
"approximately" means within a factor 4, unless also rho_H / rho_E -> 0.

Known limits: d at most 3; m up to 3 * 10^9 (7 * 10^10 in limits, whose other parameters are of moderate size).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace
from impl.meta_regression import RegressionTasks, maml_solution, nal_solution
from lakatos import Identity, Inequality, Limit, Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import (
    C,
    R,
    above_infimum,
    along_samples,
    d,
    fixed_mixtures,
    gain,
    hard_and_easy,
    m,
    past_margin_1,
    past_margin_100,
    r_E,
    r_H,
    rho_E,
    rho_H,
)  # fmt: skip

PRINTED = 1 + R**2 / r_H

KAPPA = rho_E**2 / (rho_H + rho_E) ** 2
x = rho_H / rho_E
eps = (d + 1) / m / (x * (1 - x) ** 2 + (d + 1) / m * x**3)  # a_E / a_H at alpha = 1/rho_E
EXACT_LIMIT = 1 + KAPPA * R**2 / r_H
EXACT = 1 + (1 - x * eps) ** 2 * KAPPA * R**2 / ((1 + eps) * (r_H + eps * r_E) + eps * R**2)
SLACK = (1 + 1 / d) / C * (3 + (r_E + R**2) / r_H)

SCALES = tuple(2**k for k in range(1, 13))
# C = 100 1/8: rho_H / rho_E = 1/4 and m = 712 d.
AT_100 = dict(d=1, m_over_d=712, root_E=2, root_ratio="1/2")

ratio = partial(claim, PAPER, "Corollary 2", entry="cor-2", left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)")


@ratio(
    Limit(checkpoints=SCALES),
    name="gain_tends_to_the_printed_value",
    variant="printed-limit",
    on=fixed_mixtures,
    right=PRINTED,
    expect="refuted",
    reason="hidden constant",
    because="With rho_H/rho_E fixed the limit is 1 + (rho_E/(rho_H+rho_E))^2 R^2/r_H; the proof drops the factor, "
    "which lies between 1/4 and 1.",
    witness=dict(d=1, root_E=1, root_ratio="1/2", R=1, spread_H=1, spread_E=0),
    corrected="gain_tends_to_the_exact_limit",
)
@ratio(Limit(checkpoints=SCALES), name="gain_tends_to_the_exact_limit", variant="limit-with-factor", on=fixed_mixtures,
       right=EXACT_LIMIT)  # fmt: skip
def gain_along_samples(tasks: RegressionTasks, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """The limit of the ratio as m = t^3, and with it C, grows and all else is fixed."""
    return along_samples(gain, tasks, alpha, checkpoints)


@ratio(Limit(checkpoints=SCALES), variant="printed-limit-of-vanishing-hardness", on=fixed_mixtures, right=PRINTED)
def gain_tends_to_the_printed_value_as_hardness_vanishes(
    d: int, root_E: Any, R: Any, spread_H: Any, spread_E: Any, checkpoints: tuple[int, ...]
) -> Any:
    """The printed limit is right if rho_H/rho_E -> 0 as well: rho_H = rho_E/t^2, m = d t^4, so that C grows like t^2."""
    harder = [hard_and_easy(d, root_E / t, root_E, R, spread_H, spread_E, 0 * R) for t in checkpoints]
    ratios = [gain(tasks, 1 / root_E**2, d * t**4) for tasks, t in zip(harder, checkpoints, strict=True)]
    return namespace(R).stack(ratios, axis=-1)


@ratio(
    Inequality(">="),
    name="gain_is_at_least_a_quarter",
    variant="printed-within-factor-4",
    on=past_margin_100,
    right=PRINTED / 4,
    expect="refuted",
    reason="missing assumption",
    because="C bounds neither r_E nor R^2 against r_H: at fixed C the ratio falls to 1 as r_E grows and saturates as r_H -> 0.",
    witness={**AT_100, "R": 10, "spread_H": 1, "spread_E": 100},
    corrected="gain_is_close_to_the_exact_limit",
)
@ratio(
    Rate("Theta", over="R", grid=tuple(10**k for k in range(7))),
    name="gain_grows_like_the_printed_value",
    variant="printed-growth-in-R",
    on=past_margin_100,
    right=PRINTED,
    expect="refuted",
    reason="missing assumption",
    because="All else fixed, the ratio stays below 1 + a_H/a_E as R grows; the printed value grows like R^2.",
    corrected="gain_is_close_to_the_exact_limit",
)
@ratio(Inequality("<="), name="gain_is_at_most_the_exact_limit", variant="upper-bound", on=past_margin_1,
       right=EXACT_LIMIT)  # fmt: skip
@ratio(Inequality(">="), name="gain_is_close_to_the_exact_limit", variant="lower-bound", on=past_margin_1,
       right=1 + KAPPA * R**2 / r_H * (1 - SLACK))  # fmt: skip
@ratio(Identity(), name="gain_is_exactly", variant="exact", on=past_margin_1, right=EXACT)
def gain_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The ratio of the risks of NAL and MAML, both above the noise floor, against its printed value or a bound on it."""
    return gain(tasks, alpha, m)


@ratio(
    Inequality(">="),
    variant="printed-by-definition-2",
    on=past_margin_100,
    right=1 / (4 * PRINTED),
    left=r"\mathcal{E}_m(w_{MAML}^*)/\mathcal{E}_m(w_{NAL}^*)",
    expect="refuted",
    reason="false",
    because="By definition (2) with n_2 = m the excess risk of MAML is zero and that of NAL is not: no ratio exists.",
    witness={**AT_100, "R": 1, "spread_H": 1, "spread_E": 0},
    corrected="gain_is_exactly",
)
def inverse_gain_by_definition_2(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """Excess risk of MAML over that of NAL, each F_m(w) - inf F_m, against the inverse printed value, within factor 4."""
    maml, nal = maml_solution(tasks, alpha, m), nal_solution(tasks)
    return above_infimum(tasks, maml, alpha, m) / above_infimum(tasks, nal, alpha, m)
