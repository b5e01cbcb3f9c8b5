r"""Where the two solutions lie between a hard and an easy task, and what they cost, as rho_H runs from 0 to 1.

Collins, Mokhtari, Shakkottai 2022, Figure 2 and Section 3.1: hard optimum 1_d, easy optimum -1_d, d = 10,
sigma^2 = 0.01, rho_E = alpha = 1. The text prints m = 2000 and m = 500, the caption and the panels m = 2000 and
m = 100. Checked on the exact solutions; risks are above the noise floor, on which sigma^2 has no influence. The
heights of the plotted curves fit the axes (0 to 1).

MAML lies closer to the hard optimum where a_H > a_E, which for c = 11/m is (1 + c) x^2 - (1 - c) x + c < 0 at x
= rho_H/rho_E: from 0.006 to 0.983 for m = 2000, 0.024 to 0.933 for m = 500, 0.153 to 0.649 for m = 100, and
nowhere for m < 72. So the third column of Figure 8 (m = 50) contradicts "as long as rho_H/rho_E is not close to
zero or one". "Significantly smaller excess risk" (a factor 2) holds from 0.006 to 0.83 for m = 2000 and from
0.026 to 0.64 for m = 500; at m = 100 the factor is nowhere above 1.56. "Especially for large m" is true on
average, and for each x from m = (d + 1)(1 + x)/(1 - x) on, where both solutions coincide. Before, the gain falls
with m: at x = 0.9 it is 1.0061 for m = 50 and 1.0027 for m = 100.

Known limits: see figures for how one coordinate stands for ten.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace
from impl.meta_regression import nal_solution
from lakatos import Inequality, Limit, Trend, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.figures import gain_without_noise, maml, risk
from theorems.landscape2022.two_points import (
    two_numbers_of_samples,
    two_numbers_past_the_crossing,
    two_point_tasks,
    two_points,
    two_points_half,
    two_points_inside,
)

figure = partial(claim, PAPER, "Figure 2", entry="fig-2")


@figure(Inequality("<"), variant="nal-on-the-easy-side", on=two_points, right=0)
def coordinate_of_nal(ratio: Any) -> Any:
    """NAL initialises closer to the easy optimum, at every rho_H below rho_E."""
    return nal_solution(two_point_tasks(ratio))[:, 0] - 1


@figure(
    Inequality(">"),
    name="coordinate_of_maml",
    variant="maml-on-the-hard-side",
    on=two_points_half,
    right=0,
    expect="refuted",
    reason="missing assumption",
    because="For m < 72 samples in ten dimensions a_E exceeds a_H at every rho_H/rho_E; the third column of Figure 8 has m = 50.",
    witness=dict(ratio="1/3", m=50),
    corrected="coordinate_of_maml_inside",
)
@figure(Inequality(">"), name="coordinate_of_maml_inside", variant="maml-on-the-hard-side-by-m", on=two_points_inside, right=0)
def coordinate_of_maml_measured(ratio: Any, m: int) -> Any:
    """MAML initialises closer to the hard optimum if rho_H/rho_E is not close to 0 or 1 (between 1/4 and 1/2, or as m allows)."""
    return maml(two_point_tasks(ratio), m)[:, 0] - 1


@figure(Trend("increasing", over="m", grid=(50, 100, 500, 2000), batch=16), variant="gain-grows-with-m", on=two_points)
def gain_of_two_points(ratio: Any, m: Any) -> Any:
    """MAML's advantage is larger for large m, as a trend over the four printed numbers."""
    return gain_without_noise(two_point_tasks(ratio), m)


def beyond_one(ratio: Any, m: Any) -> Any:
    """What the gain has beyond 1, which is next to 1 for many ratios and numbers of samples."""
    return gain_without_noise(two_point_tasks(ratio), m) - 1


grows = partial(figure, Inequality(">="), right=beyond_one, left=r"\text{gain}(m')-1,\; m'\ge m")


@grows(name="gain_with_more_samples", variant="gain-never-falls-with-m", on=two_numbers_of_samples, expect="refuted",
       reason="missing assumption", witness=dict(ratio="9/10", m=50, added=50), corrected="gain_with_more_samples_past_the_crossing",
       because="For m < (d + 1)(1 + x)/(1 - x) MAML lies on the easy side of NAL; with more samples both meet there, and the gain "
       "falls to 1 first.")  # fmt: skip
@grows(name="gain_with_more_samples_past_the_crossing", variant="gain-never-falls-past-the-crossing",
       on=two_numbers_past_the_crossing)  # fmt: skip
def gain_with_more(ratio: Any, more: Any) -> Any:
    """MAML's advantage never gets smaller with more samples."""
    return beyond_one(ratio, more)


def both_risks(ratio: Any, m: int) -> Any:
    """Risks of NAL and of MAML, ``(batch, 2)``."""
    tasks = two_point_tasks(ratio)
    return namespace(ratio).stack([risk(tasks, w, m) for w in (nal_solution(tasks), maml(tasks, m))], axis=-1)


@figure(
    Limit(checkpoints=tuple(2**k for k in range(8, 22)), batch=8), variant="risks-vanish-with-rho_H", on=two_points, right=0
)
def risks_as_hardness_vanishes(ratio: Any, m: int, checkpoints: tuple[int, ...]) -> Any:
    """Both risks go to zero with rho_H (here their sum, at rho_H/t for growing t)."""
    return namespace(ratio).stack([namespace(ratio).sum(both_risks(ratio / t, m), axis=-1) for t in checkpoints], axis=-1)


@figure(Inequality("<="), variant="height-of-the-axis", on=two_points_inside, right=1)
def plotted_risks(ratio: Any, m: int) -> Any:
    """Both risks stay on the plotted axis, 0 to 1."""
    return both_risks(ratio, m)
