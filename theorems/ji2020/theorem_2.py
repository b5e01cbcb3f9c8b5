r"""ANIL with a nonconvex inner loop: the printed rates N/K + N/B over the outer steps and the batch size.

Ji, Lee, Liang and Poor 2020, Theorem 2, in units with L = M = 1. The paper prints alpha < O(1/N), read as alpha = a /
N with a in (0, 1], and ``beta_w = beta_phi = poly(rho, tau, M, alpha, L) / N`` without the polynomial, read as c / N
with c = 1 / (8 (1 + rho + tau)), the same for all N, K and B. Stand-in: synthetic tasks with explicit constants; a batch
draws from two equally likely tasks.

Checked: the printed rate in K for the best iterate of longer runs, averaged over fixed sequences of batches that
all K share, and without noise in units of the initial gap; the printed rate in B exactly, by enumeration, from a minimum
of the meta-loss, where only noise acts. The rates with their constants, and over N, stand beside.

Known limits: the rate over B sees three outer steps from a minimum: what noise does at once, not the floor at which a long
run from elsewhere settles. The rates over K with small batches include the printed term N/B, which does not shrink with K.
The complexities printed with the theorem and in Table 1 were not run.
"""

from __future__ import annotations

from functools import partial

from sympy import symbols

from lakatos import Rate, claim, instances
from theorems.ji2020 import PAPER
from theorems.ji2020.problems import NAMES, OUTER, SIZES, average_squares, longer_run, nonconvex

N, K, c = symbols("N K c", positive=True)
alpha, gap, noise = symbols("alpha gap noise", nonnegative=True)
PRINTED = N / K + N * noise


@instances(assume=[alpha <= 1 / N])
def small_batches(draw):
    """Runs as printed with batches of 1, 2 and 16 tasks."""
    N, K, B = draw.integer("N", 1, 8), draw.integer("K", 1, OUTER[-1]), draw.option("B", [1, 2, 16])
    return nonconvex(draw, N, K, B, slow=True)


@instances(assume=[alpha <= 1 / N])
def without_noise(draw):
    """Runs as printed in the limit of large batches, with few inner steps so that the runs get somewhere."""
    N, K = draw.integer("N", 1, 2), draw.integer("K", 1, OUTER[-1])
    return nonconvex(draw, N, K, "all", slow=True)


@instances(assume=[alpha <= 1 / N])
def from_a_minimum(draw):
    """Three outer steps as printed from a minimum of the meta-loss, where the gap is zero."""
    N, B = draw.integer("N", 1, 8), draw.option("B", list(SIZES))
    return dict(nonconvex(draw, N, 3, B, slow=True, at_rest=True), gap=0)


theorem = partial(claim, PAPER, "Theorem 2", entry="thm-2", names=NAMES)


@theorem(Rate("O", over="K", grid=OUTER, batch=16), variant="w-over-K", right=PRINTED, on=small_batches)
def w_gradient_over_K(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The squared w-gradient of the best iterate stays within N/K + N/B as K grows."""
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate()[0]


@theorem(Rate("O", over="K", grid=OUTER, batch=16), variant="phi-over-K", right=PRINTED, on=small_batches)
def phi_gradient_over_K(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The squared phi-gradient of the best iterate stays within N/K + N/B as K grows."""
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate()[1]


@theorem(Rate("O", over="K", grid=OUTER, batch=32), variant="over-K-without-noise", right=gap * N / (c * K), on=without_noise)
def gradient_over_K_without_noise(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """In the limit of large batches both squared gradients of the best iterate stay within N/K, in units of the
    initial gap.
    """
    return sum(longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate())


@theorem(Rate("O", over="B", grid=SIZES, batch=8), variant="over-B", right=N * noise, on=from_a_minimum)
def gradient_over_B(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """From a minimum of the meta-loss both squared gradients together stay within the printed N/B as B grows."""
    return sum(average_squares(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi))
