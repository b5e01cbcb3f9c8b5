"""First-order ANIL in the infinite-task model learns the shared subspace, forgets the rest, and predicts zero.

Yüksel, Boursier, Flammarion 2024, Theorem 1: under bounds on B_0, w_0 and the step sizes, B_*perp^T B_t -> 0, B_t w_t
-> 0 and B_*^T B_t B_t^T B_* -> Lambda_* (equation 8) along the recursion (5)-(7). Checked by running the recursion;
the measured distance is the largest of sqrt(alpha) ||B_*perp^T B_t||, ||B_t w_t|| / sqrt(Tr Sigma_*) and ||Lambda_t
Lambda_*^-1 - I||_F, which tends to zero if and only if all three limits hold. The printed O(.) hide universal
constants. Read as one they are too large: Lambda_t can stay above its limit for ever. With alpha sigma_bar <= 1/2 and
||w_0||^2 <= alpha lambda_min / 2 the three limits are seen on every instance, with the printed bound on B_0 and also
with alpha ||B_0||^2 <= 1 alone, as Appendix A of the paper expects.

Known limits: Theorem 1 gives no rate. For width > k the complement decays like 1/sqrt(t), at a time scale that grows
with m_in^2, so that these instances have m_in <= 3 and start near the bound, with a part of B_*perp^T B_0 of
comparable size outside the row space of B_*^T B_0; large m_in is seen at width = k, where all decays are exponential.
Step sizes lie within a factor 2 of their bounds.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from exactarray import amax, eye, namespace, norm, spectral_norm
from impl.fo_anil import infinite_task_run
from lakatos import Limit, claim, fix, instances
from theorems.foanil2024 import PAPER
from theorems.foanil2024.equation_8 import relative_distance
from theorems.foanil2024.starts import NAMES, PRINTED, Conditions, largest_start, rates_and_tasks

HALF = Fraction(1, 2)
DOUBLINGS = tuple(2**i for i in range(3, 12))
LEFT = (
    r"\max\{\sqrt\alpha\|B_{\star,\perp}^\top B_t\|_2, \|B_t w_t\|_2/\sqrt{\operatorname{Tr}\Sigma_\star},"
    r" \|\Lambda_t\Lambda_\star^{-1}-I\|_F\}"
)
EXPLICIT = Conditions(step=HALF, head=HALF)
PLAIN = Conditions(step=HALF, head=HALF, plain=True)
WIDTH_K = ["1 1 2 1", "1 1 2 20", "1 1 2 1000", "2 2 3 3"]
WIDER = ["1 2 2 1", "1 2 3 2", "2 3 4 1", "1 3 3 3"]
"""Subspace dimension, width, feature dimension, inner samples."""


def fast_start(draw: Any, conditions: Conditions, cases: list[str]) -> dict[str, Any]:
    """Starts whose limits show within some thousand steps: ``B_*^T B_0`` well conditioned, rates near their bounds."""
    k, width, d, m = map(int, draw.option("case", cases).split())
    given = rates_and_tasks(draw, conditions, k, d, fast=True)
    largest, longest = largest_start(given, conditions, k, m)
    angle = draw.interval("complement", 0 if width == k else 1 / 2, 3 / 4)
    learned = largest * (1 - angle**2) / (1 + angle**2)
    forgotten = largest * 2 * angle / (1 + angle**2) * 2 / 3
    turn = draw.interval("turn", 0, 1 / 2)[:, None, None]
    axes = eye(width, largest)
    # The rows outside the subspace lie along the last heads, turned towards the first ones by less than 45 degrees.
    rows = min(d - k, width)
    outside = ((1 - turn**2) * axes[list(range(width))[::-1]][:rows] + 2 * turn * axes[:rows]) / (1 + turn**2)
    top = draw.orthogonal("left", k) * (learned[:, None] * draw.interval("spectrum", 1 / 2, 1, k))[:, None, :]
    low = draw.orthogonal("outside", d - k)[:, :, :rows] * forgotten[:, None, None]
    tasks = given["tasks"]
    B = tasks.basis @ top @ draw.orthogonal("right", k) @ axes[:k] + tasks.complement @ low @ outside
    length = longest * draw.interval("head_length", 0, 1)
    w = length[:, None] * draw.unit("head", width)
    return given | {"m_in": m, "k": k, "B": B, "w": w, "B_size": spectral_norm(B) ** 2, "w_size": length**2}


@instances(strata={"beta = alpha": fix(beta_over_alpha=1)}, assume=PRINTED.relations)
def constants_of_one(draw: Any) -> dict[str, Any]:
    """Starts within the printed conditions, every hidden constant read as one; width = k."""
    return fast_start(draw, PRINTED, WIDTH_K[:1])


@instances(
    strata={
        "m_in = 1000": fix(case="1 1 2 1000"),
        "k' = d": fix(case="1 2 2 1"),
        "k < k' < d": fix(case="2 3 4 1"),
        "alpha sigma_bar = 1/2": fix(root_step=1, beta_over_alpha=1),
    },
    assume=EXPLICIT.relations,
)
def explicit_constants(draw: Any) -> dict[str, Any]:
    """Starts within the printed conditions with ``alpha sigma_bar <= 1/2`` and ``||w_0||^2 <= alpha lambda_min / 2``."""
    return fast_start(draw, EXPLICIT, WIDTH_K + WIDER)


@instances(strata={"m_in = 1000": fix(case="1 1 2 1000"), "k' > k": fix(case="1 2 3 2")}, assume=PLAIN.relations)
def plain_bound_on_B(draw: Any) -> dict[str, Any]:
    """The same with ``alpha ||B_0||^2 <= 1`` in place of the printed minimum."""
    return fast_start(draw, PLAIN, WIDTH_K + WIDER)


limits = partial(claim, PAPER, "Theorem 1", entry="thm-1-limits", left=LEFT, names=NAMES)


@limits(
    Limit(DOUBLINGS[:7]),
    on=constants_of_one,
    expect="refuted",
    reason="hidden constant",
    because="With every hidden constant read as one, Lambda_t need not move: from alpha = beta = 1, Sigma_* = 1, "
    "sigma = 0, m_in = 1, B_0 = (1, 0), w_0 = 0 it is 1 for ever (B changes sign at every step), while Lambda_* = 1/3.",
    witness={
        "case": "1 1 2 1",
        "root_sigma_bar": 1,
        "root_signal_share": 1,
        "root_step": 1,
        "beta_over_alpha": 1,
        "complement": 0,
        "turn": 0,
        "left": [[0]],
        "spectrum": [1],
        "outside": [[0]],
        "right": [[0]],
        "head_length": 0,
        "head": [0],
    },
    corrected="three_limits_for_explicit_constants",
)
@limits(
    Limit(DOUBLINGS),
    variant="explicit-constants",
    name="three_limits_for_explicit_constants",
    on=explicit_constants,
)
@limits(Limit(DOUBLINGS), variant="without-m_in", name="three_limits_without_m_in", on=plain_bound_on_B)
def three_limits(tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, checkpoints: tuple[int, ...]) -> Any:
    """The complement of B, the prediction B w and the distance of Lambda to the printed limit all tend to zero."""
    run = infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in, steps=checkpoints[-1], hold_escaped=True)
    seen = [distance(tasks, *state, alpha, m_in) for t, state in enumerate(run) if t in checkpoints]
    return namespace(B).stack(seen, axis=-1)


def distance(tasks: Any, B: Any, w: Any, alpha: Any, m_in: int) -> Any:
    """The largest of the three distances, each relative to its natural scale, ``(batch,)``."""
    xp = namespace(B)
    forgotten = xp.sqrt(alpha) * spectral_norm(tasks.forgotten(B))
    prediction = norm((B @ w[..., None])[..., 0]) / xp.sqrt(xp.einsum("nii->n", tasks.covariance))
    return amax(xp.stack([forgotten, prediction, relative_distance(tasks, B, alpha, m_in)], axis=-1), axis=-1)
