"""Saunshi, Zhang, Khodak and Arora: how many samples of a new task convex and non-convex meta-learning need.

The meta-learning instance has two tasks, linear regression with Gaussian inputs and regressors ``w_*`` and ``-w_*``.
Excess risks are exact in the sign of the task and in the noise; ``impl.linear_regression`` says how.
"""

from typing import Any

import numpy as np

from lakatos import Paper

CONTENTS = (
    "eq-4", "eq-5", "alg-gdstep", "alg-gdreg", "def-4.1", "thm-4.1-reg", "thm-4.1-step", "thm-4.1-init",
    "rem-4.1-trivial", "rem-4.1-zero-mean", "rem-4.1-other", "eq-8", "thm-5.1", "thm-5.2", "step-1", "step-2",
    "step-3-monotone", "step-3-rate", "step-3-tau", "step-4", "sec-6.2-lrep", "sec-6.2", "sec-6.3", "eq-11",
    "jensen-chain", "fig-1-caption", "fig-1-run", "thm-7.1",
)  # fmt: skip

PAPER = Paper(
    key="saunshi2020",
    title="A Sample Complexity Separation between Non-Convex and Convex Meta-Learning",
    authors=("Nikunj Saunshi", "Yi Zhang", "Mikhail Khodak", "Sanjeev Arora"),
    venue="ICML",
    year=2020,
    url="https://arxiv.org/abs/2002.11172",
    contents=CONTENTS,
)


def full_rank_design(draw: Any, n: int, d: int) -> Any:
    """Well-conditioned inputs ``(batch, n, d)`` of full rank, as Gaussian inputs have: triangular times orthonormal.

    Without a penalty excess risks grow with the squared condition number, and float64 would search in rounding errors.
    """
    k = min(n, d)
    below = draw.constant(np.tril(np.ones((k, k)), -1))
    diagonal = draw.constant(np.eye(k)) * draw.interval("X_diagonal", 0.25, 4, k)[:, None, :]
    triangular = draw.interval("X_below", -1, 1, k, k) * below + diagonal
    rotation = draw.orthogonal("X_rotation", max(n, d))
    return triangular @ rotation[:, :n] if n <= d else rotation[:, :, :d] @ triangular
