r"""The printed rates of Theorem 1 over the number K of outer steps and the batch size B.

Ji, Lee, Liang and Poor 2020, Theorem 1, with the printed steps, in units with L = M = 1. Stand-in: synthetic tasks with
explicit constants; a batch draws from two equally likely tasks.

Checked: the rate in K for the best iterate of longer runs, averaged over fixed sequences of batches that all K share; the
rate in B exactly, by enumeration, from a minimum of the meta-loss, where only noise acts.

Known limits: mu / L between 1/2 and 0.85 over K, and between 0.1 and 0.85 over B; these ranges keep clear of mu close to L,
where the printed step fails. The rates over B see three outer steps from a minimum: what noise does at once, not the floor
at which a long run from elsewhere settles. The rates over K include the printed term in 1/B, which does not shrink with K.
"""

from __future__ import annotations

from lakatos import Rate, instances
from theorems.ji2020.problems import OUTER, SIZES, average_squares, longer_run, strongly_convex
from theorems.ji2020.theorem_1 import NOISE_PHI, NOISE_W, RATE_PHI, RATE_W, mu, theorem


@instances(assume=[mu < 1])
def small_batches(draw):
    """Runs as printed with batches of 1, 2 and 16 tasks."""
    N, K, B = draw.integer("N", 1, 5), draw.integer("K", 1, OUTER[-1]), draw.option("B", [1, 2, 16])
    return strongly_convex(draw, draw.interval("mu", 0.5, 0.85), N, K, B, power=N)


@instances(assume=[mu < 1])
def from_a_minimum(draw):
    """Three outer steps as printed from a minimum of the meta-loss, where the gap is zero."""
    N, B = draw.integer("N", 1, 8), draw.option("B", list(SIZES))
    return dict(strongly_convex(draw, draw.interval("mu", 0.1, 0.85), N, 3, B, power=N, at_rest=True), gap=0)


@theorem(Rate("O", over="K", grid=OUTER, batch=16), variant="w-over-K", right=RATE_W, on=small_batches)
def w_gradient_over_K(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The squared w-gradient of the best iterate stays within the printed rate as K grows."""
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate()[0]


@theorem(Rate("O", over="K", grid=OUTER, batch=16), variant="phi-over-K", right=RATE_PHI, on=small_batches)
def phi_gradient_over_K(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The squared phi-gradient of the best iterate stays within the printed rate as K grows."""
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate()[1]


@theorem(Rate("O", over="B", grid=SIZES, batch=8), variant="w-over-B", right=NOISE_W, on=from_a_minimum)
def w_gradient_over_B(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """From a minimum of the meta-loss the squared w-gradient stays within the printed term in 1/B."""
    return average_squares(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi)[0]


@theorem(Rate("O", over="B", grid=SIZES, batch=8), variant="phi-over-B", right=NOISE_PHI, on=from_a_minimum)
def phi_gradient_over_B(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """From a minimum of the meta-loss the squared phi-gradient stays within the printed term in 1/B."""
    return average_squares(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi)[1]
