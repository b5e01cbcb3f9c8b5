"""Pairs of equally likely tasks at a stationary point of MAML with a full inner step, for Lemma 1 and Theorem 1.

Quadratic pairs are drawn by their Hessians and minimisers, and the stationary point is solved for. Everything is rational, save
the norms of vectors. Cubic pairs have a file of their own.
"""

from __future__ import annotations

from typing import Any

from sympy import symbols

from exactarray import amax, amin, array_like, maximum, namespace, norm
from impl.maml import inner_step
from impl.polynomial_tasks import CubicTasks
from impl.stationary_points import stationary_point_of_quadratics
from lakatos import fix, instances, when

alpha, beta_1, beta_2, L_1, L_2 = symbols("alpha beta_1 beta_2 L_1 L_2", nonnegative=True)
slope_1, slope_2, after_1, after_2 = symbols("slope_1 slope_2 after_1 after_2", nonnegative=True)

NAMES = {
    "slope_1": r"\|\nabla f_1(w_{MAML})\|",
    "slope_2": r"\|\nabla f_2(w_{MAML})\|",
    "after_1": r"\|\nabla f_1(w_1)\|",
    "after_2": r"\|\nabla f_2(w_2)\|",
}
SMALL_STEP = {"the step is below 1/max(L_1, L_2)": lambda alpha, L_1, L_2: alpha * maximum(L_1, L_2) < 1}
ORDERED = {"the second task is the more convex": beta_1 < beta_2}


def slopes_at(tasks: Any, w: Any) -> Any:
    """Lengths of both gradients at a common point, ``(batch, 2)``."""
    return norm(tasks.gradient(namespace(w).broadcast_to(w[:, None, :], tuple(tasks.linear.shape))))


def adapted_slopes(tasks: Any, w: Any, alpha: Any) -> Any:
    """Lengths of both gradients after one inner step from a common point, ``(batch, 2)``."""
    return norm(tasks.gradient(inner_step(tasks, w, alpha)))


def slopes(tasks: Any, w: Any, alpha: Any) -> dict[str, Any]:
    """Lengths of both gradients at a common point and after one inner step, by name."""
    before, after = slopes_at(tasks, w), adapted_slopes(tasks, w, alpha)
    return dict(slope_1=before[:, 0], slope_2=before[:, 1], after_1=after[:, 0], after_2=after[:, 1])


def curvatures_of(draw: Any, d: int, above: Any) -> tuple[Any, Any]:
    """Spectra ``(batch, 2, d)`` and axes ``(batch, 2, d, d)``; the second spectrum lies above ``above(first)``, if given."""
    first = draw.positive("beta_1")[:, None] + draw.nonnegative("spread_1", d)
    low = draw.positive("beta_2") if above is None else above(first, axis=-1) + draw.positive("gap")
    xp = namespace(first)
    spectra = xp.stack([first, low[:, None] + draw.nonnegative("spread_2", d)], axis=1)
    return spectra, xp.stack([draw.orthogonal("axes_1", d), draw.orthogonal("axes_2", d)], axis=1)


def quadratic_pair(draw: Any, d: int, above: Any) -> dict[str, Any]:
    """Two quadratic tasks and the stationary point of MAML; spectra as in :func:`curvatures_of`."""
    spectra, axes = curvatures_of(draw, d, above)
    tasks = quadratic_tasks((axes * spectra[:, :, None, :]) @ axes.mT, draw.real("optima", 2, d))
    beta, L = amin(spectra, axis=-1), amax(spectra, axis=-1)
    alpha = draw.interval("alpha_L", 0, 1, closed="left") / maximum(L[:, 0], L[:, 1])
    w = stationary_point_of_quadratics(tasks, alpha)
    known = dict(tasks=tasks, w=w, alpha=alpha, beta_1=beta[:, 0], beta_2=beta[:, 1], L_1=L[:, 0], L_2=L[:, 1])
    return {**known, **slopes(tasks, w, alpha)}


def quadratic_tasks(hessians: Any, optima: Any) -> CubicTasks:
    """``f_i(w) = (w - w_i)^T H_i (w - w_i) / 2`` up to a constant, from ``(batch, 2, d, d)`` and ``(batch, 2, d)``."""
    none = 0 * optima[..., :1]
    half = none[..., 0] + array_like([1, 1], optima) / 2
    return CubicTasks(half, -(hessians @ optima[..., None])[..., 0], hessians, none, optima[:, :, None, :])


CORNERS = {"alpha = 0": fix(alpha_L=0), "one dimension": fix(d=1)}


@instances(strata={**CORNERS, "beta_2 > L_1": when(lambda beta_2, L_1: beta_2 > L_1)}, assume={**SMALL_STEP, **ORDERED})
def quadratic_pairs(draw):
    """Two quadratic tasks with the hypotheses of Lemma 1."""
    return quadratic_pair(draw, draw.integer("d", 1, 2), amin)


@instances(strata={**CORNERS, "beta_2 < beta_1": when(lambda beta_1, beta_2: beta_2 < beta_1)}, assume=SMALL_STEP)
def unordered_pairs(draw):
    """Two quadratic tasks, either of which may be the more convex, and the stationary point of NAL for each of them."""
    known = quadratic_pair(draw, draw.integer("d", 1, 2), None)
    nal = stationary_point_of_quadratics(known["tasks"], 0 * known["alpha"])[:, None, :]
    return {**known, "nal": nal + 0 * known["tasks"].linear}


@instances(strata=CORNERS, assume={**SMALL_STEP, "the second task is steeper in every direction": beta_2 > L_1})
def separated_pairs(draw):
    """Two quadratic tasks with beta_2 > L_1."""
    return quadratic_pair(draw, draw.integer("d", 1, 2), amax)
