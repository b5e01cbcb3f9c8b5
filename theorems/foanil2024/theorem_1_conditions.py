"""No condition of Theorem 1 can be left out: with any one of them relaxed and small constants in the others, the limits
fail.

Yüksel, Boursier, Flammarion 2024, Theorem 1 and "Initialization regime" in Appendix A. Each claim here is the three
limits of Theorem 1 with one condition relaxed and the others kept with small constants, on tasks with k = 1; all of
them are false.

- alpha sigma_bar <= 1.21 instead of a constant below one: without label noise and for k = 1 the limit is unstable as
  soon as alpha beta c > 1, since near it one step multiplies the error of Lambda_t by 1 - 2 alpha beta c.
- beta <= 16 alpha: one step multiplies w near the limit by 1 - (beta/alpha) x (1 - x) with x = alpha Lambda_*, which
  lies below -1 once (beta/alpha) x (1 - x) > 2.
- ||w_0||^2 <= 4 alpha lambda_min: where B_0 is small and width = k = 1, one step multiplies B by nearly 1 + beta
  (alpha c - w^2), so that B decays, and w stays where it is. One is the largest constant.
- alpha ||B_0||^2 <= 4: I - alpha B^T B has an eigenvalue of -3, and the first steps throw B to zero or to infinity.

That B_*^T B_0 has full rank is needed because the left null space of B_*^T B_t never shrinks where Sigma_* = c I.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from lakatos import Limit, claim, fix, instances
from theorems.foanil2024 import PAPER
from theorems.foanil2024.starts import NAMES, Conditions
from theorems.foanil2024.theorem_1 import DOUBLINGS, LEFT, fast_start, three_limits

LINE = ["1 1 2 1"]
QUARTER = Fraction(1, 4)
LONG_STEP = Conditions(step=Fraction(121, 100), width=QUARTER, head=QUARTER)
UNEVEN_STEPS = Conditions(step=Fraction(1, 16), width=QUARTER, head=QUARTER, ratio=Fraction(16))
LONG_HEAD = Conditions(step=QUARTER, width=Fraction(1, 100), head=Fraction(4))
WIDE_START = Conditions(step=QUARTER, width=Fraction(4), head=QUARTER, plain=True)
STRATA = {"beta at its bound": fix(beta_over_alpha=1)}

limits = partial(
    claim,
    PAPER,
    "Theorem 1",
    Limit(DOUBLINGS[:7]),
    entry="thm-1-limits",
    left=LEFT,
    names=NAMES,
    expect="refuted",
    reason="missing assumption",
)
WITNESS = {
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
    "head_length": 1,
    "head": [0],
}


@instances(strata=STRATA, assume=LONG_STEP.relations)
def long_step(draw: Any) -> dict[str, Any]:
    """Steps up to alpha sigma_bar = 1.21, the other constants 1/4."""
    return fast_start(draw, LONG_STEP, LINE)


@instances(strata=STRATA, assume=UNEVEN_STEPS.relations)
def uneven_steps(draw: Any) -> dict[str, Any]:
    """Outer steps up to sixteen times the inner step, the other constants small."""
    return fast_start(draw, UNEVEN_STEPS, LINE)


@instances(strata=STRATA, assume=LONG_HEAD.relations)
def long_head(draw: Any) -> dict[str, Any]:
    """Heads up to ||w_0||^2 = 4 alpha lambda_min, the other constants small."""
    return fast_start(draw, LONG_HEAD, LINE)


@instances(strata=STRATA, assume=WIDE_START.relations)
def wide_start(draw: Any) -> dict[str, Any]:
    """Representations up to alpha ||B_0||^2 = 4, the other constants 1/4."""
    return fast_start(draw, WIDE_START, LINE)


@limits(
    variant="without-step-size",
    on=long_step,
    because="Without label noise and for k = 1 the limit is unstable once alpha beta c > 1.",
    witness=WITNESS | {"root_signal_share": "7/8", "head_length": 0},
)
@limits(
    variant="without-beta-below-alpha",
    name="limits_for_uneven_steps",
    on=uneven_steps,
    because="Near the limit one step multiplies w by 1 - (beta/alpha) x (1 - x), x = alpha Lambda_*, which lies below -1.",
    witness=WITNESS,
)
@limits(
    variant="without-bound-on-w",
    name="limits_for_long_heads",
    on=long_head,
    because="A head with ||w_0||^2 > alpha c makes a small B_0 decay, and stays where it is.",
    witness=WITNESS,
)
@limits(
    variant="without-bound-on-B",
    name="limits_for_wide_starts",
    on=wide_start,
    because="Where alpha ||B_0||^2 > 1 the first steps can throw B to zero or to infinity.",
    witness=WITNESS,
)
def limits_for_long_steps(tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, checkpoints: tuple[int, ...]) -> Any:
    """The three limits of Theorem 1 with one of its conditions relaxed."""
    return three_limits(tasks, B, w, alpha=alpha, beta=beta, m_in=m_in, checkpoints=checkpoints)
