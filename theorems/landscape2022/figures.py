"""The settings of Figures 1 to 3: ten inputs, isotropic covariances, the step alpha = 1/rho_E.

With isotropic covariances no coordinate sees another: d enters the risks through (d + 1)/m and as a factor
(Corollary 1). So that the exact solutions stay cheap, one coordinate stands for ten, adapted on 2 m/11 samples,
and risks are multiplied by ten.
"""

from __future__ import annotations

from typing import Any

from exactarray import array_like, namespace, ones
from impl.meta_regression import RegressionTasks, loss_after_step, maml_solution, nal_solution
from lakatos import instances, when
from theorems.landscape2022.mixtures import hard_and_easy

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
    return gain_without_noise(ten_coordinates(ratio, R, r_H, r_E), m)


def risk(tasks: RegressionTasks, w: Any, m: Any) -> Any:
    """Loss of a model after the step 1/rho_E = 1, one coordinate for ten, ``(batch,)``; without label noise it has no floor."""
    one = ones((w.shape[0],), w)
    return D * loss_after_step(tasks, w, one, samples(m, one))


def maml(tasks: RegressionTasks, m: Any) -> Any:
    """MAML's solution at the step 1/rho_E = 1, trained on as many samples as it is adapted on."""
    one = ones(tasks.noise.shape, tasks.noise)
    return maml_solution(tasks, one, samples(m, one))


def gain_without_noise(tasks: RegressionTasks, m: Any) -> Any:
    """Risk of NAL over that of MAML, ``(batch,)``."""
    return risk(tasks, nal_solution(tasks), m) / risk(tasks, maml(tasks, m), m)


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
def any_number_of_samples(draw):
    """Any hardness and geography, from a single sample on."""
    ratio = draw.interval("ratio", 0, 1, closed="neither")
    return dict(spreads(draw), ratio=ratio, m=draw.option("m", [1, 2, 5, 50, 500, 10**6]))


@instances()
def more_samples_than_inputs(draw):
    """Any hardness and geography, at least d + 1 samples."""
    ratio = draw.interval("ratio", 0, 1, closed="neither")
    return dict(spreads(draw), ratio=ratio, m=draw.option("m", [11, 20, 50, 500, 10**4, 10**6]))


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
