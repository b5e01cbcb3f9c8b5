r"""ANIL with a strongly convex inner loop: the printed rates of both partial meta-gradients, and two ways in which they fail.

Ji, Lee, Liang and Poor 2020, Theorem 1, with alpha = mu / L^2 and q = 1 - mu^2 / L^2, in units with L = M = 1. The
printed steps are ``beta_w = c mu^2 q^(-N/2)`` and ``beta_phi = c mu^3``. The second rate is damaged in the text at hand
and is read as in Table 1.

Checked here on two families made for it, in the limit of large batches: mu close to L, where the printed step of w is too
large, and a fixed start with mu decreasing, where the O hides a factor that grows. Where the rates do hold stands beside:
with their constants, over K and B, and over N.

Derived: ``|d^2 L^meta / dw^2| <= q^(2N) + rho q^(N-1) / mu``, with N - 1 where the printed step needs N. For N = 1
and mu near L that one power is everything: the printed step is too large by q^(-1/2), and the gradient does not
converge. The initial gap of the meta-loss grows like 1 / mu.

Known limits: both families were built for the failure; the range of starts of the second was moved after a trial run. Not
run: the complexities printed with the theorem and in Table 1, and the remarks on the best N.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from exactarray import amin, array_like, ones
from lakatos import Rate, claim, instances
from theorems.ji2020 import PAPER
from theorems.ji2020.problems import NAMES, OUTER, longer_run, setting, steps_of_theorem_1
from theorems.ji2020.tasks import in_one_dimension

mu, c, N, K = symbols("mu c N K", positive=True)
gap, noise = symbols("gap noise", nonnegative=True)
q = 1 - mu**2
NOISE_W = q ** (N / 2) / mu * noise
NOISE_PHI = (q ** (3 * N / 2) / mu + 1 / mu**2) * noise
RATE_W = q ** (N / 2) / mu**2 / K + NOISE_W
RATE_PHI = (q ** (N / 2) / mu**2 + 1 / mu**3) / K + NOISE_PHI


def almost_perfectly_conditioned(power: int) -> Any:
    """L / mu = 800 / 799, one inner step, curvature that sweeps [mu, L] as fast as rho = 1 allows, and tests of
    opposite slope in w.
    """

    @instances(assume=[mu < 1])
    def fast_waves(draw):
        K, phase = draw.integer("K", 1, OUTER[-1]), draw.interval("phase", 0.5, 2.5)
        one = ones(phase.shape, phase)
        mu, row, sign = 799 * one / 800, ones((*phase.shape, 2), phase), one[:, None] * array_like([1, -1], phase)
        wave = (1 - mu)[:, None] / 2 * row
        made = in_one_dimension(row, A=mu[:, None] + wave, a=sign * wave**3, k=1 / wave, c=phase[:, None], d=4, s=sign)
        return setting(made | steps_of_theorem_1(mu, one / 8, power), 1, K, "all")

    return fast_waves


@instances(assume=[mu < 1])
def ill_conditioned(draw):
    """A quadratic inner loss of condition number kappa, run for K = kappa^2 outer and N = kappa^2 inner steps."""
    kappa, start = draw.integer("kappa", 2, 6), draw.interval("phi", 8, 16, 1)
    one = ones(start.shape[:1], start)
    row, mu = one[:, None], one / kappa
    made = in_one_dimension(row, A=mu[:, None], C=row / 4, s=1) | steps_of_theorem_1(mu, one / 4, 0)
    return setting(made | {"phi": start, "beta_w": 0 * one}, kappa * kappa, kappa * kappa, "all")


theorem = partial(claim, PAPER, "Theorem 1", entry="thm-1-rates", names=NAMES)


@theorem(
    Rate("O", over="K", grid=OUTER, batch=8),
    right=RATE_W,
    on=almost_perfectly_conditioned(power=1),
    expect="refuted",
    reason="false",
    corrected="w_gradient_with_constants",
    because="For N = 1 the second derivative of L^meta in w is of order M rho mu / L^2, without the factor q^(1/2) that the "
    "printed step needs: whatever its constant, the step is too large when mu is close enough to L, and the gradient does "
    "not converge.",
    witness={"K": 8, "phase": "3/2"},
)
def w_gradient_near_perfect_conditioning(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The squared w-gradient follows the printed rate in K for every mu up to L; the instances have L/mu = 800/799."""
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate()[0]


@theorem(
    Rate("O", over="kappa", grid=(2, 3, 4, 6), batch=4),
    variant="phi-over-mu",
    right=RATE_PHI,
    on=ill_conditioned,
    expect="refuted",
    reason="hidden constant",
    corrected="phi_gradient_with_constants",
    because="The O hides the initial gap of the meta-loss, which is itself of order 1/mu from a fixed starting point.",
    witness={"kappa": 2, "phi": [8]},
)
def phi_gradient_over_mu(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The squared phi-gradient from a fixed start stays within the printed 1/(mu^3 K) as mu decreases."""
    return amin(longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).square_phi, axis=1)
