"""Lambda_t = B_*^T B_t B_t^T B_* need not increase; it does when the prediction is zero and B_0 starts below the limit.

Yüksel, Boursier, Flammarion 2024, proof sketch after Theorem 1: "... and the monotonic increase of B_*^T B_t B_t^T
B_* in the Loewner order sense". Checked by running the recursion (5)-(7) from initial states that satisfy the
conditions of Theorem 1: the measured quantity is one plus the smallest eigenvalue of Lambda_{t+1} - Lambda_t over the
trace of Lambda_t, which is the ratio Lambda_{t+1} / Lambda_t for k = 1.

The sentence is false whatever the hidden constants are, for two reasons. First, the printed bound on B_0 does not
scale with Sigma_*: where Sigma_* = c I with small c, Lambda_0 lies above the limit and must come down. Second, with
the factor lambda_min(Sigma_*) put in (which changes nothing where Sigma_* = I), it still fails for k >= 2: an
eigenvalue of Lambda_t that has reached its limit is pushed back while ||B_t w_t|| grows along the others, because
||B_t w_t||^2 acts as label noise in every direction. Constants of 1/4 on B_0 and w_0 show it after five steps;
smaller ones take more steps. What holds: Lambda_t increases for any k when w_0 = 0 and ||B_0||^2 is at most the limit
(both conditions are sharp), and for k = 1 with the scaled bound.

Known limits: runs of at most 5 steps, at most 4 features. That B_*^T B_0 has full rank is not imposed on the claims
that hold; the witnesses satisfy it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

from sympy import Integer

from exactarray import amax, eigvalsh, eye, namespace
from impl.fo_anil import SubspaceTasks, infinite_task_run
from lakatos import Inequality, claim, fix, instances
from theorems.foanil2024 import PAPER
from theorems.foanil2024.starts import (
    NAMES,
    SIZES,
    B_size,
    Conditions,
    alpha,
    constants_of_one,
    constants_of_one_hundredth,
    m_in,
    root,
    start,
    times,
    total_variance,
    variance,
)

QUARTER = Fraction(1, 4)
SCALED = Conditions(width=QUARTER, head=QUARTER, homogeneous=True)
SCALED_HALF_STEP = Conditions(step=Fraction(1, 2), width=QUARTER, head=QUARTER, homogeneous=True)
LEFT = r"1 + \lambda_{\min}(\Lambda_{t+1} - \Lambda_t) / \operatorname{Tr}\Lambda_t"
sketch = partial(
    claim,
    PAPER,
    "Theorem 1, proof sketch",
    Inequality(">="),
    entry="sketch-monotone-Lambda",
    right=Integer(1),
    left=LEFT,
    names=NAMES,
)
AT_ONE = {"root_sigma_bar": 1, "root_step": 1, "beta_over_alpha": 1, "m_in": 1}
NO_HEAD = {"head_length": 0, "head": [0]}


@instances(strata={"no label noise": fix(root_signal_share=1), "w_0 = 0": fix(head_length=0)}, assume=SCALED.relations)
def scaled_bound(draw: Any) -> dict[str, Any]:
    """Starts with ``k = 2`` where the bound on B_0 carries lambda_min(Sigma_*), with constants 1/4 on B_0 and w_0."""
    return start(draw, SCALED, ["2 2 3"]) | {"steps": draw.option("steps", [1, 5])}


@instances(strata={"no label noise": fix(root_signal_share=1), "one sample": fix(m_in=1)}, assume=SCALED_HALF_STEP.relations)
def scaled_bound_on_a_line(draw: Any) -> dict[str, Any]:
    """Starts with ``k = 1`` where the bound on B_0 carries lambda_min(Sigma_*)."""
    return start(draw, SCALED_HALF_STEP, SIZES[:3]) | {"steps": draw.option("steps", [1, 4])}


@instances(
    strata={"B_0 at the limit": fix(spectrum=1), "along the axes": fix(left=0), "k' = d": fix(sizes="1 2 2")},
    assume=[2 * alpha**2 * total_variance <= 1, alpha * B_size * ((m_in + 1) * variance + total_variance) <= m_in * variance],
)
def zero_head_below_the_limit(draw: Any) -> dict[str, Any]:
    """``w_0 = 0`` and ``||B_0||^2`` at most the limit of Lambda_t, ``beta <= alpha``, ``alpha sigma_bar <= 1/sqrt 2``."""
    k, width, d = map(int, draw.option("sizes", SIZES).split())
    m = draw.option("m_in", [1, 2, 20, 1000])
    # The scaled limit x = alpha lambda(Lambda_*) is drawn by its root and determines c = sigma_bar^2 x / (m - (m + 1) x).
    root_x = times(root(Fraction(m, m + 1 + k)), draw.interval("root_limit", 1 / 32, 1))
    root_sigma_bar = draw.interval("root_sigma_bar", 1 / 4, 4)
    total = root_sigma_bar**4
    c = total * root_x**2 / (m - (m + 1) * root_x**2)
    root_alpha = times(root(root(Fraction(1, 2))), draw.interval("root_step", 1 / 4, 1)) / root_sigma_bar
    spectrum = (root_x / root_alpha)[:, None] * draw.interval("spectrum", 1 / 32, 1, width)
    B = draw.orthogonal("left", d)[:, :, :width] * spectrum[:, None, :]
    return {
        "tasks": SubspaceTasks.on_first_axes(c[:, None, None] * eye(k, c), total - k * c, d),
        "B": B,
        "w": 0 * spectrum,
        "alpha": root_alpha**2,
        "beta": root_alpha**2 * draw.interval("beta_over_alpha", 1 / 16, 1),
        "B_size": amax(spectrum, axis=-1) ** 2,
        "variance": c,
        "total_variance": total,
        "steps": draw.option("steps", [1, 4]),
    }


@sketch(
    on=constants_of_one,
    expect="refuted",
    reason="hidden constant",
    because="With every hidden constant read as one, Lambda_0 may lie above its limit: from alpha = beta = 1, Sigma_* = 1, "
    "sigma = 0, m_in = 1 the limit is 1/3, and B_0 = (4/5, 0), w_0 = 0 has Lambda_0 = 16/25, which falls.",
    witness={"sizes": "1 1 2", **AT_ONE, "root_signal_share": 1, "spectrum": ["4/5"], "left": [[0, 0], [0, 0]], **NO_HEAD},
    corrected="alignment_increases_from_a_zero_head",
)
@sketch(
    variant="constants-of-one-hundredth",
    name="alignment_increases_for_small_constants",
    on=constants_of_one_hundredth,
    expect="refuted",
    reason="missing assumption",
    because="The bound on B_0 does not scale with Sigma_* = c I, the limit does: for small c, Lambda_0 may lie above it.",
    witness={"sizes": "1 1 2", **AT_ONE, "root_signal_share": "1/32", "spectrum": [1], "left": [[0, 0], [0, 0]], **NO_HEAD},
    corrected="alignment_increases_on_a_line",
)
@sketch(
    variant="scaled-bound",
    name="alignment_increases_for_the_scaled_bound",
    on=scaled_bound,
    expect="refuted",
    reason="false",
    because="While ||B_t w_t|| grows along one direction it acts as label noise and pushes back an eigenvalue of Lambda_t "
    "that has already reached its limit.",
    witness={"sizes": "2 2 3", **AT_ONE, "root_signal_share": 1, "spectrum": ["15/16", "1/4"], "left": [[0] * 3] * 3}
    | {"head_length": 1, "head": [1, 1], "steps": 5},
    corrected="alignment_increases_from_a_zero_head",
)
@sketch(
    variant="scaled-bound-on-a-line",
    name="alignment_increases_on_a_line",
    on=scaled_bound_on_a_line,
)
@sketch(
    variant="zero-head",
    name="alignment_increases_from_a_zero_head",
    on=zero_head_below_the_limit,
)
def alignment_increases(tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, steps: int) -> Any:
    """Lambda_{t+1} - Lambda_t is positive semidefinite at every step of the run."""
    run = infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in, steps=steps)
    states = [tasks.alignment(B_t) for B_t, _ in run]
    return namespace(B).stack([1 + least_increment(*pair) for pair in pairwise(states)], axis=-1)


def least_increment(before: Any, after: Any) -> Any:
    """Smallest eigenvalue of the increment over the trace before it, ``(batch,)``."""
    xp = namespace(before)
    trace = xp.einsum("nii->n", before)
    return eigvalsh(after - before)[:, 0] / xp.where(trace == 0, xp.ones_like(trace), trace)
