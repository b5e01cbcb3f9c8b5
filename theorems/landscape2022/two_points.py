"""The two tasks of Figures 2 and 8: hard optimum 1, easy optimum -1 in every coordinate, rho_E = alpha = 1, rho_H = ratio."""

from __future__ import annotations

from typing import Any

from impl.meta_regression import RegressionTasks
from lakatos import instances
from theorems.landscape2022.figures import D, ten_coordinates


def two_point_tasks(ratio: Any) -> RegressionTasks:
    """Both tasks of Figure 2, shifted by one so that the easy optimum lies at 0 and the hard one at 2."""
    tasks = ten_coordinates(ratio, 2 + 0 * ratio, 0 * ratio, 0 * ratio)
    return RegressionTasks(tasks.optima[:, :, :1], tasks.roots, tasks.weights, tasks.noise)


@instances()
def two_points(draw):
    """Any rho_H between 0 and rho_E."""
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


@instances()
def two_numbers_of_samples(draw):
    """Any rho_H, a number of samples between the two smaller ones of the figures, and a larger one."""
    ratio, m = draw.interval("ratio", 0, 1, closed="neither"), draw.interval("m", 50, 100)
    return dict(ratio=ratio, m=m, more=m + draw.interval("added", 0, 2000))


@instances()
def two_numbers_past_the_crossing(draw):
    """Any rho_H, and two numbers of samples from (d + 1)(1 + x)/(1 - x) on, where MAML and NAL coincide, for x = rho_H/rho_E."""
    ratio = draw.interval("ratio", 0, 1, closed="neither")
    m = (D + 1) * (1 + ratio) / (1 - ratio) * (1 + draw.nonnegative("excess"))
    return dict(ratio=ratio, m=m, more=m * (1 + draw.nonnegative("added")))
