"""How far the mean preconditioned covariance is from its expectation, in spectral norm.

Collins, Mokhtari, Shakkottai 2022, Lemma 4, (99): Z_i = (1/(tau n_1)) sum_j Q-hat_{i,j} - Q_i has ||Z_i|| <= gamma with
probability at least 1 - e^2 d^2 exp(-(tau gamma^2 / (c alpha^4 d^2 L^6))^{1/6}). Its proof loses a factor d (lemma_4_proof), and (99) is
false: with one episode of one outer and one inner sample ||Z|| is about alpha^2 d^2 L^3, where (99) allows alpha^2 d L^3 up to
logarithms, which is what a median of at most gamma needs at probability 1/2. It fails as alpha -> 0 for the reason of Lemma 3, too.
With d gamma for gamma and the variance of lemma_3_variance the median keeps within the bound.

Known limits: isotropic covariances, tau = n_1 = n_2 = 1, d up to 1024, by the median of 2001 sampled episodes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sympy import Rational, log, symbols

from impl.meta_regression import adapt
from lakatos import Rate, claim, instances
from theorems.landscape2022 import PAPER

d = symbols("d", integer=True, positive=True)
alpha, L = symbols("alpha L", positive=True)
# e^2 d^2 exp(-x^{1/6}) = 1/2 at x = log(2 e^2 d^2)^6.
LOGARITHMS = (2 + log(2 * d**2)) ** 3
PRINTED = alpha**2 * d * L**3 * LOGARITHMS
CORRECTED = d * L * (1 + alpha * L * (105 * d**2) ** Rational(1, 4)) ** 2 * LOGARITHMS
TRIALS = 2001


def isotropic(draw: Any, d: int, inverse_step: Any) -> dict[str, Any]:
    """Covariance L I and alpha = 1 / (L inverse_step)."""
    L = draw.positive("L")
    return dict(d=d, L=L, alpha=1 / (L * inverse_step))


@instances()
def high_dimensions(draw):
    """Steps between 1/(2L) and 1/L; d runs."""
    return isotropic(draw, draw.option("d", [16, 64, 256, 1024]), draw.interval("inverse_step", 1, 2))


@instances()
def vanishing_steps(draw):
    """Two features; inverse_step runs."""
    return isotropic(draw, draw.option("d", [2]), draw.interval("inverse_step", 1, 10**4))


lemma = partial(claim, PAPER, entry="lem-4")
median = partial(lemma, label="Lemma 4", left=r"\text{median of } \|Z_i\|")
over_d = Rate("O", over="d", grid=(16, 64, 256, 1024), batch=1)
over_steps = Rate("O", over="inverse_step", grid=(1, 10, 100, 1000, 10**4), batch=1)


@median(
    kind=over_d, name="median_in_high_dimensions_corrected", variant="dimension-corrected", on=high_dimensions, right=CORRECTED,
    rests_on=("landscape2022/lem-3/variance-explicit", "landscape2022/lem-4/eq-104-corrected"),
)  # fmt: skip
@median(
    kind=over_d, name="median_in_high_dimensions", variant="dimension-printed", on=high_dimensions, right=PRINTED, expect="refuted",
    reason="false", because="||Z|| is of order alpha^2 d^2 L^3, not alpha^2 d L^3: (104) loses a factor d.",
    witness=dict(L=1, inverse_step=1, d=16), corrected="median_in_high_dimensions_corrected",
)  # fmt: skip
@median(
    kind=over_steps, name="median_at_vanishing_steps_corrected", variant="step-corrected", on=vanishing_steps, right=CORRECTED
)
@median(
    kind=over_steps, name="median_at_vanishing_steps", variant="step-printed", on=vanishing_steps, right=PRINTED, expect="refuted",
    reason="missing assumption", because="As alpha L -> 0 the printed bound vanishes, but X^T X / n_1 fluctuates as before.",
    witness=dict(L=1, inverse_step=1, d=2), corrected="median_at_vanishing_steps_corrected",
)  # fmt: skip
def median_deviation(d: int, L: Any, alpha: Any) -> tuple[Any, Any]:
    """The median of ||Z_i|| for tau = n_1 = n_2 = 1 stays within a constant of what (99) allows."""
    generator, scale = torch.Generator().manual_seed(d), L.sqrt()[:, None, None]
    outer, inner = (scale * torch.randn(len(L), TRIALS, d, generator=generator, dtype=L.dtype) for _ in range(2))
    # P x is one SGD step from x on inner samples labelled zero.
    flat = inner.reshape(-1, 1, d)
    rows = adapt(outer.reshape(-1, d), flat, 0 * flat[..., 0], alpha.repeat_interleave(TRIALS)).reshape(outer.shape)
    square = (rows * rows).sum(dim=-1)
    expected = (L * ((1 - alpha * L) ** 2 + (alpha * L) ** 2 * (d + 1)))[:, None]
    # Q-hat has rank one: the eigenvalues of Z are square - expected and, for d > 1, -expected.
    norms = torch.maximum((square - expected).abs(), expected.expand_as(square))
    low, middle, high = (norms.quantile(q, dim=1) for q in (0.25, 0.5, 0.75))
    return middle, (high - low) / TRIALS**0.5
