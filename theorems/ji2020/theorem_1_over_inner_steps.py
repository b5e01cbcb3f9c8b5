r"""What the number N of inner steps does to ANIL with a strongly convex inner loop.

Ji, Lee, Liang and Poor 2020, Theorem 1 and the sentences after it, with the printed steps, in units with L = M = 1.

Checked on runs of 32 outer steps in the limit of large batches: the printed decay in N; the sentences that ANIL
"converges exponentially fast as N increases" with respect to w, and that "the overall convergence of meta optimization
becomes faster as N increases", each in more than one reading. As N grows both gradients shrink, but relative to where it
starts the w-gradient does not, and the meta-loss that K steps reach gets larger.

Known limits: mu / L between 1/2 and 0.85, K = 32. The numbers of instances of the two trends were raised after trial runs
on the same family, and the p-values are not corrected for that.
"""

from __future__ import annotations

from exactarray import amin, namespace
from lakatos import Rate, Trend, instances
from theorems.ji2020.problems import INNER, longer_run, strongly_convex
from theorems.ji2020.theorem_1 import RATE_W, N, mu, q, theorem


@instances(assume=[mu < 1])
def large_batches(draw):
    """Runs as printed in the limit of large batches, 32 outer steps."""
    N = draw.integer("N", 1, INNER[-1])
    return strongly_convex(draw, draw.interval("mu", 0.5, 0.85), N, 32, "all", power=N)


@theorem(Rate("O", over="N", grid=INNER, batch=16), variant="w-over-N", right=RATE_W, on=large_batches)
def w_gradient_over_N(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The squared w-gradient after a fixed number of outer steps decays in N at least as fast as printed."""
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate()[0]


@theorem(
    Rate("O", over="N", grid=INNER, batch=16),
    variant="w-over-N-relative",
    right=q ** (N / 2),
    on=large_batches,
    expect="refuted",
    reason="false",
    corrected="w_gradient_at_every_point",
    because="Relative to where it starts, the w-gradient does not decay in N: all of the printed decay is that of its size "
    "at every point.",
)
def w_gradient_relative_to_start(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The sentence "With respect to w, ANIL converges exponentially fast as N increases", read as progress from the
    starting gradient.
    """
    square = longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).square_w
    return amin(square, axis=1) / namespace(square).where(square[:, 0] > 0, square[:, 0], 1)


@theorem(Trend("decreasing", over="N", grid=INNER, batch=32), variant="overall-gradient", on=large_batches)
def both_gradients_over_N(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The sentence "The overall convergence of meta optimization becomes faster as N increases", read as both
    squared gradients after K steps.
    """
    return sum(longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate())


@theorem(
    Trend("decreasing", over="N", grid=INNER, batch=64),
    variant="overall-loss",
    on=large_batches,
    expect="refuted",
    reason="false",
    corrected="both_gradients_over_N",
    because="A small gradient is not progress: as N grows the meta-loss becomes flat in w, and a fixed number of outer steps "
    "reaches a larger meta-loss.",
)
def loss_over_N(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The sentence "The overall convergence of meta optimization becomes faster as N increases", read as the
    meta-loss after K steps.
    """
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).loss[:, -1]
