"""What B learns outside the shared subspace decays at every step: true for explicit constants, false for constants of
one.

Yüksel, Boursier, Flammarion 2024, proof sketch after Theorem 1: "The proof is based on the monotonic decay of
||B_*perp^T B_t||_2, ...". Checked by running the recursion (5)-(7) from initial states that satisfy the conditions of
Theorem 1 and comparing the spectral norm after every step with the one before it.

The mechanism: B_*perp^T B_{t+1} = B_*perp^T B_t (I - beta E_t), where E_t is the second moment of the adapted head,
so that the norm can grow only where beta E_t has an eigenvalue above 2. At constants of one, beta E_t reaches 5 at
the first step (k = 1, no noise, one inner sample); alpha sigma_bar <= 1/2 brings that down to 5/4.

Known limits: runs of at most 4 steps, at most 4 features. The condition that B_*^T B_0 has full rank is not imposed
on the claim that holds; the witness of the refuted one satisfies it.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from exactarray import spectral_norm
from impl.fo_anil import infinite_task_run
from lakatos import Inequality, claim
from theorems.foanil2024 import PAPER
from theorems.foanil2024.starts import (
    NAMES,
    constants_of_one,
    growth,
    half_the_step,
)

LEFT = r"\|B_{\star,\perp}^\top B_{t+1}\|_2 / \|B_{\star,\perp}^\top B_t\|_2"


@claim(
    PAPER,
    "Theorem 1, proof sketch",
    Inequality("<="),
    entry="sketch-monotone-perp",
    on=constants_of_one,
    right=Integer(1),
    left=LEFT,
    names=NAMES,
    expect="refuted",
    reason="hidden constant",
    because="With every hidden constant read as one, beta E_t can exceed 2: from alpha = beta = 1, Sigma_* = 1, sigma = 0, "
    "m_in = 1, B_0 = (4/5, -3/5), w_0 = 0 the first step multiplies the complement by -32/25.",
    witness={
        "sizes": "1 1 2",
        "m_in": 1,
        "root_sigma_bar": 1,
        "root_signal_share": 1,
        "root_step": 1,
        "beta_over_alpha": 1,
        "spectrum": [1],
        "left": [[1, 3], [0, 0]],
        "head_length": 0,
        "head": [1],
    },
    corrected="complement_decays_for_half_the_step",
)
@claim(
    PAPER,
    "Theorem 1, proof sketch",
    Inequality("<="),
    entry="sketch-monotone-perp",
    variant="explicit-constants",
    name="complement_decays_for_half_the_step",
    on=half_the_step,
    right=Integer(1),
    left=LEFT,
    names=NAMES,
)
def complement_decays(tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, steps: int) -> Any:
    """The part of B outside the shared subspace never grows, at any step of the run."""
    run = infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in, steps=steps)
    return growth([spectral_norm(tasks.forgotten(B_t)) for B_t, _ in run])
