r"""Four environments and the gain of MAML in them: none in (a), little in (b) and (c), "approximately 3" in (d).

Collins, Mokhtari, Shakkottai 2022, Figure 1, Sections 1 and 3.2. d = 10 and m = 500 are printed, R, r_H and r_E
are not, and of rho_H/rho_E two values: 0.1/0.9 in Section 3.2, 0.2 in Section 1. Checked on the exact solutions
of the mixtures; gain is the ratio of the risks above the noise floor. That 100 optima are sampled for the
figure is not repeated.

The value 3 is within reach of either ratio (r_H + r_E/4 of about R^2/10 does it): the gain at m = 500 can be
anything from 1 to 4.06 at 0.1/0.9, and to 4.77 at 0.2. The order of the panels holds whatever the unprinted
numbers, if the panels share r_E.

Observation (I), that significant gain needs rho_H/rho_E << 1, is not what the analysis says: with enough
samples any ratio below 1 will do. What it needs is a_H >> a_E. Observation (II) holds from m = d + 1 samples on,
and "significant" has a number there: the gain exceeds 1 by at most R^2/r_H. At m = 1 it can be 1.12 times that,
where a_E is so far above a_H that MAML gains on the easy tasks. All numbers scale with the optima, so that a
large R means nothing by itself: it is large against r_H and r_E.

Known limits: see figures for how one coordinate stands for ten.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, symbols

from exactarray import namespace
from lakatos import Existence, Identity, Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.figures import (
    any_hardness,
    any_number_of_samples,
    equally_hard,
    figure_1,
    gain_of,
    more_samples_than_inputs,
    panels,
)

ratio, m, R, r_H = symbols("ratio m R r_H", positive=True)
a_E = 11 / m
a_H = ratio * (1 - ratio) ** 2 + 11 / m * ratio**3
# The gain as r_H and r_E vanish against R^2: at most 1 + a_H/a_E.
HIGHEST = 1 + (1 - ratio * a_E / a_H) ** 2 / (1 + ratio) ** 2 * a_H / a_E

figure = partial(claim, PAPER, "Figure 1", entry="fig-1")
GAIN = r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)"


@figure(Identity(), name="gain_of_equally_hard_tasks", variant="a-no-gain", on=equally_hard, right=1, left=GAIN)
@figure(Inequality("<="), name="gain_is_limited", variant="attainable-gain", on=figure_1, right=HIGHEST, left=GAIN)
@figure(
    Inequality("<="),
    name="gain_needs_hardness_discrepancy",
    variant="observation-I",
    on=any_hardness,
    right=3,
    left=GAIN,
    expect="refuted",
    reason="missing assumption",
    because="With enough samples a_H exceeds a_E at any rho_H/rho_E below 1, and then R^2/r_H alone decides: no discrepancy of a "
    "given size is needed.",
    witness=dict(ratio="9/16", m=10**6, R=10, spread_H=1, spread_E=0),
    corrected="gain_needs_a_dominant_hard_task",
)
@figure(Inequality("<="), name="gain_needs_a_dominant_hard_task", variant="observation-I-corrected", on=any_hardness, right=HIGHEST,
        left=GAIN)  # fmt: skip
def gain_measured(ratio: Any, R: Any, r_H: Any, r_E: Any, m: int) -> Any:
    """The gain of MAML over NAL."""
    return gain_of(ratio, R, r_H, r_E, m)


@figure(
    Inequality("<="),
    name="gain_needs_benign_geography",
    variant="observation-II",
    on=any_number_of_samples,
    right=R**2 / r_H,
    left=GAIN + "-1",
    expect="refuted",
    reason="missing assumption",
    because="With very few samples a_E exceeds a_H by far; MAML then gains on the easy tasks, whatever the spread of the hard ones.",
    witness=dict(ratio="1/5", m=1, R=1, spread_H=3, spread_E=0),
    corrected="gain_needs_benign_geography_and_samples",
)
@figure(Inequality("<="), name="gain_needs_benign_geography_and_samples", variant="observation-II-corrected",
        on=more_samples_than_inputs, right=R**2 / r_H, left=GAIN + "-1")  # fmt: skip
def gain_beyond_one(ratio: Any, R: Any, r_H: Any, r_E: Any, m: int) -> Any:
    """Observation (II) with the number that (12) gives it: the gain exceeds 1 by no more than R^2/r_H."""
    return gain_of(ratio, R, r_H, r_E, m) - 1


@figure(Existence("<="), name="gain_of_three_at_section_3", variant="d-gain-3-at-0.1-over-0.9", on=figure_1, right=Rational(1, 100),
        witness=dict(printed_in="Section 3.2: 0.1/0.9", R=1, spread_H="3/10", spread_E="1/4"))  # fmt: skip
@figure(Existence("<="), name="gain_of_three_at_section_1", variant="d-gain-3-at-0.2", on=figure_1, right=Rational(1, 100),
        witness=dict(printed_in="Section 1: 0.2", R=1, spread_H="3/10", spread_E="12/25"))  # fmt: skip
def distance_from_three(ratio: Any, R: Any, r_H: Any, r_E: Any, m: int) -> Any:
    """In some geography the gain is 3, as printed for panel (d)."""
    return abs(gain_of(ratio, R, r_H, r_E, m) - 3)


@figure(Inequality(">="), variant="d-largest-gain", on=panels, right=1, left=r"gain(d)/gain(b),\; gain(d)/gain(c)")
def gain_against_the_other_panels(ratio: Any, R: Any, R_large: Any, r_H: Any, r_H_large: Any, r_E: Any, m: int) -> Any:
    """Large R and small r_H (d) gain at least as much as large R and large r_H (b), and as small R and small r_H (c)."""
    best = gain_of(ratio, R_large, r_H, r_E, m)
    others = [gain_of(ratio, R_large, r_H_large, r_E, m), gain_of(ratio, R, r_H, r_E, m)]
    return namespace(best).stack([best / other for other in others], axis=-1)
