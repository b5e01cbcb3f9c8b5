r"""Whether more inner steps make ANIL slower when the inner loop is nonconvex: with the printed step only.

Ji, Lee, Liang and Poor 2020, Theorem 2 and the sentence "Increasing the number N of inner-loop steps yields slower
convergence", read and scaled as in theorem_2.py.

Checked on runs of 32 outer steps in the limit of large batches, with the printed step c / N and with the step c, which the
smoothness of the meta-loss allows for every N: the printed rate, and the meta-loss that the runs reach.

Known limits: K = 32, synthetic tasks, no noise of batches, alpha = a / N throughout. The p-values are not corrected for
trial runs on the same families.
"""

from __future__ import annotations

from typing import Any

from lakatos import Rate, Trend, instances
from theorems.ji2020.problems import INNER, longer_run, nonconvex
from theorems.ji2020.theorem_2 import PRINTED, N, alpha, theorem


def large_batches(slow: bool) -> Any:
    """Runs of 32 outer steps in the limit of large batches."""

    @instances(assume=[alpha <= 1 / N])
    def all_tasks(draw):
        return nonconvex(draw, draw.integer("N", 1, INNER[-1]), 32, "all", slow)

    return all_tasks


printed_steps, full_steps = large_batches(slow=True), large_batches(slow=False)


@theorem(Rate("O", over="N", grid=INNER, batch=16), variant="over-N", right=PRINTED, on=printed_steps)
def gradient_over_N(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """Both squared gradients of the best iterate together stay within N/K as N grows, K being fixed."""
    return sum(longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).at_best_iterate())


@theorem(Trend("increasing", over="N", grid=INNER, batch=16), variant="slower-with-N", on=printed_steps)
def loss_over_N(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The sentence "Increasing the number N of inner-loop steps yields slower convergence": the meta-loss after K
    printed steps increases.
    """
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).loss[:, -1]


@theorem(
    Trend("increasing", over="N", grid=INNER, batch=32),
    variant="slower-with-N-full-step",
    on=full_steps,
    expect="refuted",
    reason="false",
    corrected="gradient_with_full_step",
    because="The slowdown is that of the printed step c / N. With the step c, admissible for every N, it is gone.",
)
def loss_over_N_with_full_step(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """The sentence "Increasing the number N of inner-loop steps yields slower convergence", with the largest step
    that the smoothness allows.
    """
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).loss[:, -1]


@theorem(Rate("Theta", over="N", grid=INNER, batch=16), variant="independent-of-N", right=1 + 0 * N, on=full_steps)
def loss_with_full_step_over_N(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """With the step c the meta-loss after K steps neither grows nor shrinks with N."""
    return longer_run(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi).loss[:, -1]
