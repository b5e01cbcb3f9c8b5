"""The prediction B_t w_t need not shrink: it grows with B while B is small; what shrinks at every step is w_t.

Yüksel, Boursier, Flammarion 2024, proof sketch after Theorem 1: "The proof is based on the monotonic decay of ...
||B_t w_t||_2 ...", and "the decay of ||B_t w_t|| after ||B_*perp^T B_t|| decays". Checked by running the recursion
(5)-(7) from initial states that satisfy the conditions of Theorem 1 and comparing the norm after every step with the
one before it.

The first sentence is false whatever the hidden constants are: the conditions bound B_0 and w_0 from above only, and
where both are small one step multiplies B w by nearly 1 + alpha beta c with Sigma_* = c I. The witnesses have
B_*perp^T B_0 = 0, so that they also refute the second sentence. Beside them stand what does hold: w_t shrinks at
every step; the prediction grows by at most 1 + alpha beta c; and once B has no part outside the subspace and 2 alpha
c I <= Lambda_t <= I / (2 alpha), the prediction shrinks (as long as ||w_t||^2 <= alpha c, which the shrinking of w_t
keeps).

Known limits: runs of at most 4 steps, at most 4 features. That B_*^T B_0 has full rank is not imposed on the claims
that hold; the witnesses satisfy it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from sympy import Integer, symbols

from exactarray import amax, amin, eye, norm
from impl.fo_anil import infinite_task_run
from lakatos import Inequality, claim, fix, instances
from theorems.foanil2024 import PAPER
from theorems.foanil2024.starts import (
    NAMES,
    Conditions,
    alpha,
    beta,
    constants_of_one,
    constants_of_one_hundredth,
    growth,
    half_the_step,
    rates_and_tasks,
    root,
    times,
    variance,
    w_size,
)

QUARTER_STEP = Conditions(step=Fraction(1, 4))
PREDICTION = r"\|B_{t+1} w_{t+1}\|_2 / \|B_t w_t\|_2"
sketch = partial(
    claim,
    PAPER,
    "Theorem 1, proof sketch",
    Inequality("<="),
    entry="sketch-monotone-Bw",
    right=Integer(1),
    left=PREDICTION,
    names=NAMES,
)
least, largest = symbols("least largest", positive=True)
SMALL_START = {
    "sizes": "1 1 2",
    "m_in": 1,
    "root_sigma_bar": 1,
    "root_signal_share": 1,
    "root_step": 1,
    "beta_over_alpha": 1,
    "spectrum": ["1/8"],
    "left": [[0, 0], [0, 0]],
    "head_length": "1/8",
    "head": [0],
}


@instances(
    strata={
        "k' > k": fix(extra_width=1),
        "Lambda_t = 2 alpha c I": fix(spectrum=0),
        "Lambda_t = I / (2 alpha)": fix(spectrum=1),
    },
    assume=[least >= 2 * alpha * variance, 2 * alpha * largest <= 1, w_size <= alpha * variance],
)
def near_the_limit(draw: Any) -> dict[str, Any]:
    """States without a part outside the subspace whose Lambda_t lies between 2 alpha c I and I / (2 alpha)."""
    k = draw.integer("k", 1, 2)
    width = k + draw.integer("extra_width", 0, 1)
    given = rates_and_tasks(draw, QUARTER_STEP, k, k + 1)
    low = times(1 / root(Fraction(k, 2)), given["root_alpha"] * given["sigma_bar"] * given["share_root"])
    high = times(root(Fraction(1, 2)), 1 / given["root_alpha"])
    spectrum = low[:, None] + (high - low)[:, None] * draw.interval("spectrum", 0, 1, k)
    learned = draw.orthogonal("left", k) * spectrum[:, None, :]
    longest = times(root(Fraction(1, k)), given["root_alpha"] * given["sigma_bar"] * given["share_root"])
    length = longest * draw.interval("head_length", 0, 1)
    return given | {
        "B": given["tasks"].basis @ learned @ eye(width, low)[:k],
        "w": length[:, None] * draw.unit("head", width),
        "w_size": length**2,
        "least": amin(spectrum, axis=-1) ** 2,
        "largest": amax(spectrum, axis=-1) ** 2,
        "m_in": draw.option("m_in", [1, 2, 20, 1000]),
        "steps": 1,
    }


@sketch(
    on=constants_of_one,
    expect="refuted",
    reason="false",
    because="The conditions allow B_0 and w_0 to be small, and there B w grows with B: from alpha = beta = 1, Sigma_* = 1, "
    "sigma = 0, m_in = 1, B_0 = (1/8, 0), w_0 = 1/8 the first step nearly doubles it.",
    witness=SMALL_START,
    corrected="prediction_grows_by_at_most_one_plus_alpha_beta_c",
)
@sketch(
    variant="constants-of-one-hundredth",
    name="prediction_shrinks_for_small_constants",
    on=constants_of_one_hundredth,
    expect="refuted",
    reason="false",
    because="No choice of the hidden constants helps, because they bound B_0 and w_0 from above only.",
    witness=SMALL_START,
    corrected="prediction_grows_by_at_most_one_plus_alpha_beta_c",
)
@sketch(
    variant="growth-bound",
    name="prediction_grows_by_at_most_one_plus_alpha_beta_c",
    on=half_the_step,
    right=1 + alpha * beta * variance,
)
@sketch(
    variant="near-the-limit",
    name="prediction_shrinks_near_the_limit",
    on=near_the_limit,
)
def prediction_shrinks(tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, steps: int) -> Any:
    """The network's prediction B w never grows, at any step of the run."""
    run = infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in, steps=steps)
    return growth([norm((B_t @ w_t[..., None])[..., 0]) for B_t, w_t in run])


@sketch(
    variant="head",
    on=half_the_step,
    left=r"\|w_{t+1}\|_2 / \|w_t\|_2",
)
def head_shrinks(tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, steps: int) -> Any:
    """The head w never grows, at any step of the run."""
    run = infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in, steps=steps)
    return growth([norm(w_t) for _, w_t in run])
