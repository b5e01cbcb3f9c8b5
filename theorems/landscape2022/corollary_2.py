"""How much MAML gains over NAL: the ratio of the excess risks of Corollary 1 "is approximately" 1 + R^2 / r_H.

Collins, Mokhtari, Shakkottai 2022, Corollary 2, equation (12), with alpha = 1/rho_E and C := (rho_H/rho_E)(1 - rho_H/rho_E)^2 m/d
"much larger than" 1. Neither word is defined, so each reading that the text admits is a claim of its own. Checked by training
both models and evaluating both risks exactly; C >= 100 stands for "much larger". The risks are those above the noise floor; by
definition (2) the excess risk of MAML is zero and the ratio does not exist.

What is true, with x = rho_H / rho_E, kappa = 1 / (1 + x)^2 in (1/4, 1) and eps = a_E / a_H <= (1 + 1/d) / C: the ratio is
1 + (1 - x eps)^2 kappa R^2 / ((1 + eps) r_H + eps (1 + eps) r_E + eps R^2). Hence it is at most 1 + kappa R^2 / r_H, and it is
close to that only if C is large against (r_E + R^2) / r_H as well, which the corollary does not ask: for fixed C the ratio falls
to 1 as r_E grows and stays bounded as R^2 / r_H grows. The proof drops kappa "since 1/4 <= kappa <= 1"; then "approximately"
means within a factor 4, unless also rho_H / rho_E -> 0. The readings of the proof's last display, (27), are in
corollary_2_proof.

Known limits: d at most 2; m up to 2 * 10^11; in the limits all other parameters of moderate size.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks, maml_solution, nal_solution
from lakatos import Identity, Inequality, Limit, Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import (
    C, R, above_infimum, comparable_clouds, d, far_from, fixed_mixtures, gain, hard_and_easy, m, past_margin_1, past_margin_100,
    r_E, r_H, rho_E, rho_H,
)  # fmt: skip

PRINTED = 1 + R**2 / r_H
KAPPA = rho_E**2 / (rho_H + rho_E) ** 2
EXACT_LIMIT = 1 + KAPPA * R**2 / r_H
x = rho_H / rho_E
eps = (d + 1) / m / (x * (1 - x) ** 2 + (d + 1) / m * x**3)  # a_E / a_H at alpha = 1/rho_E
EXACT = 1 + (1 - x * eps) ** 2 * KAPPA * R**2 / ((1 + eps) * (r_H + eps * r_E) + eps * R**2)
SLACK = (1 + 1 / d) / C * (3 + (r_E + R**2) / r_H)
SAMPLES = tuple(2**k for k in range(6, 37))
SCALES = tuple(2**k for k in range(1, 13))

corollary = partial(claim, PAPER, "Corollary 2", entry="cor-2", left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)")
# C = 100 exactly: rho_H / rho_E = 4/9 and m = 729 d.
AT_100 = dict(d=1, m_over_d=729, root_E=3, root_ratio="2/3")


@corollary(
    Limit(checkpoints=SAMPLES),
    variant="printed-limit",
    on=fixed_mixtures,
    expect="refuted",
    reason="hidden constant",
    because="With rho_H/rho_E fixed the ratio tends to 1 + (rho_E/(rho_H+rho_E))^2 R^2/r_H; the proof drops the factor, which lies in (1/4, 1).",
    witness=dict(d=1, root_E=1, root_ratio="1/2", R=1, spread_H=1, spread_E=0),
    corrected="gain_tends_to_the_exact_limit",
)
def gain_tends_to_the_printed_value(tasks: RegressionTasks, alpha: Any, R: Any, r_H: Any, checkpoints: tuple[int, ...]) -> Any:
    """The ratio tends to 1 + R^2/r_H as m, and with it C, grows and all else is fixed."""
    return far_from(1 + R**2 / r_H, [gain(tasks, alpha, m) for m in checkpoints])


@corollary(Limit(checkpoints=SAMPLES), variant="limit-with-factor", on=fixed_mixtures)
def gain_tends_to_the_exact_limit(
    tasks: RegressionTasks, alpha: Any, R: Any, r_H: Any, rho_H: Any, rho_E: Any, checkpoints: tuple[int, ...]
) -> Any:
    """With its factor (rho_E/(rho_H+rho_E))^2 the limit is right."""
    limit = 1 + (rho_E / (rho_H + rho_E)) ** 2 * R**2 / r_H
    return far_from(limit, [gain(tasks, alpha, m) for m in checkpoints])


@corollary(Limit(checkpoints=SCALES), variant="printed-limit-of-vanishing-hardness", on=fixed_mixtures)
def gain_tends_to_the_printed_value_as_hardness_vanishes(
    d: int, root_E: Any, R: Any, spread_H: Any, spread_E: Any, r_H: Any, checkpoints: tuple[int, ...]
) -> Any:
    """The printed limit is right when rho_H/rho_E -> 0 as well: rho_H = rho_E/t^2 and m = d t^4, so that C grows like t^2."""
    harder = [hard_and_easy(d, root_E / t, root_E, R, spread_H, spread_E, 0 * R) for t in checkpoints]
    return far_from(1 + R**2 / r_H, [gain(h, 1 / root_E**2, d * t**4) for h, t in zip(harder, checkpoints, strict=True)])


@corollary(
    Inequality(">="),
    name="gain_is_at_least_a_quarter",
    variant="printed-within-factor-4",
    on=past_margin_100,
    right=PRINTED / 4,
    expect="refuted",
    reason="missing assumption",
    because="C bounds neither r_E nor R^2 against r_H: for fixed C the ratio falls to 1 as r_E grows and saturates as r_H -> 0.",
    witness={**AT_100, "R": 10, "spread_H": 1, "spread_E": 100},
    corrected="gain_is_at_least_a_quarter_for_comparable_clouds",
)
@corollary(Identity(), name="gain_is_exactly", variant="exact", on=past_margin_1, right=EXACT)
@corollary(Inequality("<="), name="gain_is_at_most_the_exact_limit", variant="upper-bound", on=past_margin_1, right=EXACT_LIMIT)
@corollary(Inequality(">="), name="gain_is_close_to_the_exact_limit", variant="lower-bound", on=past_margin_1,
           right=1 + KAPPA * R**2 / r_H * (1 - SLACK))  # fmt: skip
@corollary(Inequality(">="), name="gain_is_at_least_a_quarter_for_comparable_clouds", variant="within-factor-4-of-comparable-clouds",
           on=comparable_clouds, right=PRINTED / 4)  # fmt: skip
@corollary(
    Inequality(">="),
    name="gain_is_at_least_half",
    variant="within-factor-2-of-comparable-clouds",
    on=comparable_clouds,
    right=PRINTED / 2,
    expect="refuted",
    reason="hidden constant",
    because="The dropped factor (rho_E/(rho_H+rho_E))^2 falls below 1/2 once rho_H/rho_E exceeds sqrt(2) - 1.",
    witness=dict(d=1, margin=10**4, m_over_margin=1000, root_E=4, root_ratio="3/4", spread_H=1, share_of_R=1, share_of_spread=0),
    corrected="gain_is_at_least_a_quarter_for_comparable_clouds",
)
@corollary(
    Rate("Theta", over="R", grid=tuple(10**k for k in range(7))),
    name="gain_grows_like_the_printed_value",
    variant="printed-growth-in-R",
    on=past_margin_100,
    right=PRINTED,
    expect="refuted",
    reason="missing assumption",
    because="With all else fixed the ratio stays below (1 + eps)/eps, eps = a_E/a_H, as R grows; the printed value grows like R^2.",
    corrected="gain_is_close_to_the_exact_limit",
)
def gain_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The ratio of the risks of NAL and MAML, both above the noise floor, with its printed value or a bound on it."""
    return gain(tasks, alpha, m)


@corollary(
    Inequality(">="),
    variant="printed-by-definition-2",
    on=comparable_clouds,
    right=1 / (4 * PRINTED),
    expect="refuted",
    reason="false",
    because="By definition (2) and with n_2 = m the excess risk of MAML is zero, that of NAL is not: no finite ratio describes them.",
    witness=dict(d=1, margin=10**4, m_over_margin=1000, root_E=2, root_ratio="1/2", spread_H=1, share_of_R=1, share_of_spread=0),
    corrected="gain_is_at_least_a_quarter_for_comparable_clouds",
)
def inverse_gain_by_definition_2(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """Excess risk of MAML over that of NAL, each F_m(w) - inf F_m, against the inverse of the printed value, up to a factor 4."""
    maml, nal = maml_solution(tasks, alpha, m), nal_solution(tasks)
    return above_infimum(tasks, maml, alpha, m) / above_infimum(tasks, nal, alpha, m)
