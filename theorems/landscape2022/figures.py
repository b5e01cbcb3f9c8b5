"""The settings of Figures 1 to 3: ten inputs, isotropic covariances, the step alpha = 1/rho_E.

With isotropic covariances no coordinate sees another: d enters the risks through (d + 1)/m and as a factor
(Corollary 1). So that the exact solutions stay cheap, one coordinate stands for ten, adapted on 2 m/11 samples,
and risks are multiplied by ten.
"""

from __future__ import annotations

from typing import Any

from exactarray import array_like, namespace, ones
from impl.meta_regression import RegressionTasks
from lakatos import instances, when
from theorems.landscape2022.mixtures import gain, hard_and_easy

D = 10


def ten_coordinates(ratio: Any, R: Any, r_H: Any, r_E: Any) -> RegressionTasks:
    """One coordinate of a mixture with rho_E = 1 and rho_H = ratio; all ``(batch,)``."""
    xp = namespace(R)
    return hard_and_easy(1, xp.sqrt(ratio), xp.ones_like(R), R, xp.sqrt(r_H), xp.sqrt(r_E), 0 * R)


def samples(m: int, like: Any) -> Any:
    """The samples on which one coordinate has the gradient noise that ten have on m."""
    return ones((like.shape[0],), like) * 2 * m / (D + 1)


def gain_of(ratio: Any, R: Any, r_H: Any, r_E: Any, m: int) -> Any:
    """Risk of NAL over that of MAML at step 1/rho_E, ``(batch,)``."""
    return gain(ten_coordinates(ratio, R, r_H, r_E), ones((R.shape[0],), R), samples(m, R))


RATIOS = {"Section 3.2: 0.1/0.9": (1, 9), "Section 1: 0.2": (1, 5)}


def printed_ratio(draw: Any) -> Any:
    """rho_H/rho_E as Section 3.2 or Section 1 prints it for Figure 1, ``(batch,)``."""
    numerator, denominator = RATIOS[draw.option("printed_in", list(RATIOS))]
    return ones((draw.batch,), draw.constant([1])) * numerator / denominator


def spreads(draw: Any) -> dict[str, Any]:
    """R, and the standard deviations of the hard and the easy optima, squared."""
    return dict(R=draw.positive("R"), r_H=draw.positive("spread_H") ** 2, r_E=draw.nonnegative("spread_E") ** 2)


@instances()
def figure_1(draw):
    """M = 500, either printed ratio of hardness, any geography."""
    ratio, geography = printed_ratio(draw), spreads(draw)
    return dict(geography, ratio=ratio, m=500)


@instances(strata={"rho_H/rho_E above 3/4": when(lambda ratio: 4 * ratio > 3)})
def any_hardness(draw):
    """rho_H/rho_E at least 1/2, any geography and number of samples."""
    ratio = draw.interval("ratio", 0.5, 1, closed="left")
    return dict(spreads(draw), ratio=ratio, m=draw.option("m", [50, 500, 10**4, 10**6, 10**8]))


@instances()
def equally_hard(draw):
    """rho_H = rho_E, panel (a)."""
    return dict(spreads(draw), ratio=ones((draw.batch,), draw.constant([1])), m=500)


@instances()
def panels(draw):
    """A smaller and a larger R and r_H, with the same r_E: panels (b), (c) and (d)."""
    small = spreads(draw)
    large = dict(
        R_large=small["R"] * (1 + draw.nonnegative("R_more")), r_H_large=small["r_H"] * (1 + draw.nonnegative("r_H_more"))
    )
    return dict(small, **large, ratio=printed_ratio(draw), m=500)


@instances()
def two_points(draw):
    """Figure 2: hard optimum 1, easy optimum -1 in every coordinate, rho_E = 1, rho_H between 0 and 1."""
    return dict(ratio=draw.interval("ratio", 0, 1, closed="neither"), m=draw.option("m", [2000, 500, 100, 50]))


INSIDE = {2000: (0.006, 0.983), 500: (0.024, 0.933), 100: (0.153, 0.649)}
"""Where a_H > a_E, by m, rounded inwards: between the roots of (1 + c) x^2 - (1 - c) x + c at c = 11/m (none below m = 71.2)."""


@instances()
def two_points_inside(draw):
    """Figure 2 with rho_H/rho_E neither close to 0 nor to 1: where a_H exceeds a_E."""
    m = draw.option("m", list(INSIDE))
    return dict(ratio=draw.interval("ratio", *INSIDE[m]), m=m)


@instances()
def two_points_half(draw):
    """Figure 2 with rho_H/rho_E between 1/4 and 1/2."""
    return dict(ratio=draw.interval("ratio", 0.25, 0.5), m=draw.option("m", [2000, 500, 100, 50]))


def two_point_tasks(ratio: Any) -> RegressionTasks:
    """Both tasks of Figure 2, shifted by one so that the easy optimum lies at 0 and the hard one at 2."""
    return ten_coordinates(ratio, 2 + 0 * ratio, 0 * ratio, 0 * ratio)


def _figure_3(draw: Any) -> dict[str, Any]:
    R, tenth = draw.interval("R", 1, 5), array_like([1], draw.constant([1])) / 10
    # r_H/R^2 and r_E/R^2 in panels (a), (b) and in (c), (d).
    return dict(R=R, ratio=printed_ratio(draw), shares=[(2, tenth), (tenth, 2)])


@instances()
def figure_3(draw):
    """M = 500, either printed ratio of hardness, R from 1 to 5."""
    return dict(_figure_3(draw), m=500)


@instances()
def figure_3_any_m(draw):
    """As figure_3, with other numbers of samples."""
    return dict(_figure_3(draw), m=draw.option("m", [50, 100, 500, 2000]))
