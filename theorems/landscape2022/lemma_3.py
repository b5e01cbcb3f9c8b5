"""How far an entry of the mean preconditioned covariance is from its expectation.

Collins, Mokhtari, Shakkottai 2022, Lemma 3, (89), and its use (103). (89) prints P(|Z(k, s)| <= gamma) >= e^2 exp(-x^{1/6}) with
x = tau gamma^2 / (c alpha^4 d^2 L^6): a lower bound above one wherever x < 64, so for every small gamma. Meant is (103),
P(|Z(k, s)| >= gamma) <= e^2 exp(-x^{1/6}), which no constant makes true either: as alpha -> 0 it claims that sample
covariances do not fluctuate at all. The variance in it is that of (98), with the same defect (lemma_3_variance). With
3 L^2 (1 + alpha L (105 d^2)^{1/4})^4 for alpha^4 d^2 L^6 it holds with c = e^2, by the moments of Gaussian polynomials of
degree six, so loosely (at most 0.17 of the bound is reached) that its constant says little: c = 1/2749 is enough here, and attained
without a step, which shows where the exponents are compared instead of the probabilities. The terms with alpha L are loose even so:
with gamma^2 / (2 - log P)^6 tending to alpha^4 L^6 / 45.6 far in the tail, 20 would do for 105 as alpha L grows.

Checked at d = 1 with one episode of two outer and two inner samples: the entry is L E (1 - alpha L E')^2 with independent
standard exponential E and E', so that its tail is one integral. Known limits: that integral is a quadrature, exact to about
ten digits; that (89) is "tight up to logarithmic factors" is not checked, being false where (103) is.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sympy import Rational, exp, symbols

from exactarray import array_like, maximum, namespace
from lakatos import Inequality, Rate, claim, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.single_episodes import two_by_two, two_by_two_any_step, two_by_two_moderate

d, tau = symbols("d tau", integer=True, positive=True)
alpha, L, gamma, c = symbols("alpha L gamma c", positive=True)
PRINTED = alpha**4 * d**2 * L**6
CORRECTED = 3 * L**2 * (1 + alpha * L * (105 * d**2) ** Rational(1, 4)) ** 4
NODES, WEIGHTS = np.polynomial.laguerre.laggauss(100)


def failure(x: Any) -> Any:
    """e^2 exp(-x^{1/6})."""
    return exp(2 - x ** Rational(1, 6))


@instances()
def deviations(draw):
    """Any deviation gamma, any constant c."""
    values = {name: draw.positive(name) for name in ("gamma", "c", "alpha", "L")}
    return dict(**values, d=draw.integer("d", 1, 3), tau=draw.option("tau", [1, 10, 1000]))


lemma = partial(claim, PAPER, entry="lem-3")


@lemma(
    label="Lemma 3", kind=Inequality(">="), variant="printed", on=deviations, right=failure(tau * gamma**2 / (c * PRINTED)),
    left=r"1 \ge P(|Z_i(k, s)| \le \gamma)", expect="refuted", reason="misprint", corrected="tail_of_entry",
    because="(89) prints a lower bound of e^2 exp(-x^{1/6}) on the probability of a small deviation, which exceeds one for x < 64; "
    "meant is an upper bound on that of a large one.",
    witness=dict(gamma=1, c=1, alpha=1, L=1, d=1, tau=1),
)  # fmt: skip
def certain_event(gamma: Any) -> Any:
    """(89) bounds a probability from below: its right side is at most one, the largest probability there is."""
    return 0 * gamma + 1


def tail(alpha: Any, L: Any, gamma: Any) -> Any:
    """P(|Z| >= gamma) for one episode at d = 1, n_1 = n_2 = 2, tau = 1, ``(batch,)``."""
    xp, step = namespace(L), (alpha * L)[:, None]
    shrunk = (1 - step * array_like(NODES, L)) ** 2
    mean, off = 1 - 2 * step + 2 * step**2, (gamma / L)[:, None]
    safe = xp.where(shrunk > 0, shrunk, xp.ones_like(shrunk))
    above = xp.where(shrunk > 0, xp.exp(-(mean + off) / safe), xp.zeros_like(shrunk))
    below = 1 - xp.where(shrunk > 0, xp.exp(-maximum(mean - off, 0 * mean) / safe), xp.zeros_like(shrunk))
    return (above + below) @ array_like(WEIGHTS, L)


constant = partial(
    lemma, label="Equation (103)", kind=Rate("O", over="inverse_step", grid=(1, 10, 100, 1000, 10**4), batch=16), on=two_by_two,
    left=r"\tau\gamma^2 / (2 - \log P)^6",
)  # fmt: skip


@lemma(
    name="constant_at_any_step", label="Equation (103)", kind=Inequality("<="), variant="tail-sharp", on=two_by_two_moderate,
    right=CORRECTED / 2749, left=r"\tau\gamma^2 / (2 - \log P)^6",
)  # fmt: skip
@constant(name="constant_with_lower_orders", variant="tail-corrected", right=CORRECTED)
@constant(
    name="constant_of_103", variant="tail-printed", right=PRINTED, expect="refuted", reason="missing assumption",
    corrected="constant_with_lower_orders", witness=dict(L=1, gamma_over_L=1, inverse_step=1),
    because="As alpha L -> 0 the printed bound vanishes, but X^T X / n_1 fluctuates as before.",
)  # fmt: skip
def constant_needed(alpha: Any, L: Any, gamma: Any) -> Any:
    """One constant c serves (103) for all steps: the smallest one stays bounded as alpha L -> 0."""
    return gamma**2 / (2 - namespace(L).log(tail(alpha, L, gamma))) ** 6


@lemma(label="Equation (103)", kind=Inequality("<="), variant="tail-explicit", on=two_by_two_any_step,
       right=failure(gamma**2 / (exp(2) * CORRECTED)),
       left=r"P(|Z_i(k, k)| \ge \gamma)", rests_on=("landscape2022/lem-3/variance-explicit",))  # fmt: skip
def tail_of_entry(alpha: Any, L: Any, gamma: Any) -> Any:
    """(103) with the corrected variance and c = e^2, at d = 1, n_1 = n_2 = 2, tau = 1."""
    return tail(alpha, L, gamma)
