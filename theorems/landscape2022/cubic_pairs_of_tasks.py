"""Pairs of equally likely cubic tasks, drawn at a stationary point of MAML with a full inner step, the origin, for Lemma 1.

In one dimension they are drawn by their curvatures before and after the inner step, between which the curvature is linear; in
up to two, the third derivatives of the second task are chosen so that the origin is stationary. Everything is rational, save
the norms of vectors.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import symbols

from exactarray import amax, amin, array_like, maximum, namespace
from impl.polynomial_tasks import CubicTasks
from lakatos import fix, instances
from theorems.landscape2022.pairs_of_tasks import L_2, ORDERED, SMALL_STEP, alpha, curvatures_of, slopes

h_1, h_2 = symbols("h_1 h_2", nonnegative=True)


def cubic_pair(draw: Any, curvatures: Any) -> dict[str, Any]:
    """Two cubic tasks in one dimension, stationary at the origin; curvatures ``(batch, 2, 2)``: task, before or after the step."""
    alpha, slope, xp = draw.positive("alpha"), draw.positive("slope"), namespace(curvatures)
    before, secant = curvatures[..., 0], (curvatures[..., 0] + curvatures[..., 1]) / 2
    shrunk = (1 - before) * (1 - secant)
    gradients = xp.stack([slope, -slope * shrunk[:, 0] / shrunk[:, 1]], axis=-1)
    # The curvature changes from the first to the second value along the step -alpha f'.
    third = (before - curvatures[..., 1]) / (alpha[:, None] ** 2 * gradients)
    half, one = 0 * gradients + array_like([1, 1], alpha) / 2, xp.ones_like(gradients)
    tasks = CubicTasks(
        half, gradients[..., None], (before / alpha[:, None])[..., None, None], third[..., None], one[..., None, None]
    )
    w, curved = 0 * alpha[:, None], curvatures / alpha[:, None, None]
    known = dict(tasks=tasks, w=w, alpha=alpha, h_1=curved[:, 0, 0], h_2=curved[:, 1, 0], third_1=abs(third[:, 0]),
                 third_2=abs(third[:, 1]))  # fmt: skip
    low, high = amin(curved, axis=-1), amax(curved, axis=-1)
    along = dict(beta_1=low[:, 0], beta_2=low[:, 1], L_1=high[:, 0], L_2=high[:, 1])
    return {**known, **along, **slopes(tasks, w, alpha)}


@instances(
    strata={"alpha is tiny": fix(alpha=Fraction(1, 1000))},
    assume={"the second task is the more convex": h_1 < h_2, "the step is below 1/max(h_1, h_2)": alpha * h_2 < 1},
)
def cubic_pairs(draw):
    """Two cubic tasks of which the second is the more convex at the stationary point; alpha = 1/1000 is a stratum."""
    xp = namespace(draw.constant([0]))
    first = draw.interval("alpha_h_1", 0, 1, closed="neither")
    second = first + (1 - first) * draw.interval("share", 0, 1, closed="neither")
    after = draw.interval("alpha_h_after", 0, 1, 2)
    return cubic_pair(draw, xp.stack([xp.stack([first, second], axis=-1), after], axis=-1))


@instances(strata={"one dimension": fix(d=1)}, assume={**SMALL_STEP, **ORDERED})
def bent_pairs(draw):
    """Two cubic tasks in up to two dimensions, stationary at the origin, with the hypotheses of Lemma 1 there."""
    d = draw.integer("d", 1, 2)
    spectra, axes = curvatures_of(draw, d, amin)
    beta, L, xp = amin(spectra, axis=-1), amax(spectra, axis=-1), namespace(spectra)
    alpha = draw.interval("alpha_L", 0, 1, closed="neither") / maximum(L[:, 0], L[:, 1])
    shrinking = 1 - alpha[:, None, None] * spectra
    first, second = ((axes[:, k] * shrinking[:, k, None, :]) @ axes[:, k].mT for k in (0, 1))
    inverse = (axes[:, 1] / shrinking[:, 1, None, :]) @ axes[:, 1].mT
    # Third derivatives along the rows of one orthogonal matrix; both gradients in its coordinates.
    bends, square = draw.orthogonal("bends", d), alpha[:, None] ** 2 / 2
    slope, other, third = draw.real("slope", d), draw.positive("other_slope", d), draw.real("third", d)
    g_1, g_2 = ((bends.mT @ v[..., None])[..., 0] for v in (slope, other))
    adapted = (first @ g_1[..., None]) + bends.mT @ (third * square * slope**2)[..., None]
    missing = bends @ (-(inverse @ first @ adapted) - second @ g_2[..., None])
    cubic = xp.stack([third, missing[..., 0] / (square * other**2)], axis=1)
    half, twice = cubic[..., 0] * 0 + array_like([1, 1], alpha) / 2, xp.stack([bends, bends], axis=1)
    tasks = CubicTasks(half, xp.stack([g_1, g_2], axis=1), (axes * spectra[:, :, None, :]) @ axes.mT, cubic, twice)
    known = dict(tasks=tasks, w=0 * g_1, alpha=alpha, beta_1=beta[:, 0], beta_2=beta[:, 1], L_1=L[:, 0], L_2=L[:, 1])
    return {**known, **slopes(tasks, 0 * g_1, alpha)}


@instances(assume={"every curvature along the inner steps lies in [beta_i, L_i], and alpha L_i <= 1": alpha * L_2 <= 1})
def cubic_pairs_along_steps(draw):
    """Two cubic tasks, any curvatures between 0 and 1/alpha before and after the inner step."""
    return cubic_pair(draw, draw.interval("curvatures", 0, 1, 2, 2, closed="left"))
