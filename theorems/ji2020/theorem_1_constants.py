r"""The rates of Theorem 1 with their constants, which hold once the step of w has N - 1 for the printed N.

Ji, Lee, Liang and Poor 2020, Theorem 1, in units with L = M = 1, with q = 1 - mu^2.

Checked exactly, by enumerating all sequences of batches over a few outer steps, for an average iterate (the best one lies
below it). With N - 1 in the step ``beta_w = c mu^2 q^(-(N-1)/2)`` the rates hold for every mu < L with the constants
below. They show what the O hides: the initial gap of the meta-loss.

Beside them: ``|dL^meta/dw|^2 <= M^2 q^(2N)`` at every point, so that the decay in N is there before the first step.

Known limits: two tasks, at most three inner and three outer steps, at most two parameters each.
"""

from __future__ import annotations

from exactarray import namespace
from impl.anil import meta_gradients
from lakatos import Inequality, fix, instances
from theorems.ji2020.problems import average_squares, strongly_convex
from theorems.ji2020.theorem_1 import K, N, c, gap, mu, noise, q, theorem

DERIVED_W = 2 * gap * q ** ((N - 1) / 2) / (c * mu**2 * K) + (q ** (2 * N) + mu * q ** ((N - 1) / 2) * (1 + 1 / mu**2)) * noise
DERIVED_PHI = 2 * gap / (c * mu**3 * K) + (q ** (2 * N) * q ** (-(N - 1) / 2) / mu + 1 + 1 / mu**2) * noise


@instances(
    strata={"N = 1": fix(N=1), "one task a batch": fix(B=1), "no noise": fix(B="all")},
    assume=[mu < 1],
)
def few_outer_steps(draw):
    """So few steps that the expectation over batches is a finite sum; the step of w has N - 1 in its exponent."""
    N, K, B = draw.integer("N", 1, 3), draw.integer("K", 1, 3), draw.option("B", [1, 2, "all"])
    return strongly_convex(draw, draw.interval("mu", 0, 1, closed="neither"), N, K, B, power=N - 1)


@theorem(Inequality("<="), variant="explicit-w", right=DERIVED_W, on=few_outer_steps)
def w_gradient_with_constants(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """With N - 1 for N in the step of w, the squared w-gradient of an average iterate obeys the printed form with its
    constants.
    """
    return average_squares(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi)[0]


@theorem(Inequality("<="), variant="explicit-phi", right=DERIVED_PHI, on=few_outer_steps)
def phi_gradient_with_constants(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """With N - 1 for N in the step of w, the squared phi-gradient of an average iterate obeys the printed form with
    its constants.
    """
    return average_squares(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi)[1]


@theorem(Inequality("<="), variant="w-decay-at-every-point", right=q ** (2 * N), on=few_outer_steps)
def w_gradient_at_every_point(tasks_, w, phi, alpha, N):
    """The squared w-gradient is at most M^2 q^(2N) at every point, so that its decay in N needs no outer step."""
    g_w, _ = meta_gradients(tasks_, w, phi, alpha, N)
    xp, mean = namespace(g_w), namespace(g_w).sum(g_w, axis=1) / tasks_.tasks
    return xp.sum(mean * mean, axis=1)
