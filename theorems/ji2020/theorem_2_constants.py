r"""The rates of Theorem 2 with their constants: the N in them is put there by the printed step.

Ji, Lee, Liang and Poor 2020, Theorem 2, read and scaled as in theorem_2.py.

Checked exactly, by enumerating all sequences of batches over a few outer steps, for an average iterate (the best one lies
below it), with the printed step c / N and with the step c.

Derived: one inner step stretches (w, phi) by at most 1 + alpha L, so that N of them stretch by ``E = (1 + alpha L)^N
<= e^a``, and the meta-loss has smoothness at most ``L E^2 + M (rho + tau) E (E - 1) / L <= 1 / c``: bounded in N
under the printed rule for alpha. Both printed rates hold, and the term in 1/B is smaller by N^2 than printed. With the
step c, equally admissible, the rates are 1/K + 1/B for every N.

Known limits: two tasks, at most three inner and three outer steps, at most two parameters each.
"""

from __future__ import annotations

from typing import Any

from lakatos import Inequality, fix, instances
from theorems.ji2020.problems import average_squares, nonconvex
from theorems.ji2020.theorem_2 import K, N, alpha, c, gap, noise, theorem


def bound(beta: Any) -> Any:
    """The bound on the squared meta-gradient of an average iterate, for any step up to c."""
    stretch = (1 + alpha) ** N
    return 2 * gap / (beta * K) + stretch**2 * noise * beta / c


SLOW_STEP, FULL_STEP = bound(c / N), bound(c)


def few_outer_steps(slow: bool) -> Any:
    """So few steps that the expectation over batches is a finite sum."""

    @instances(strata={"N = 1": fix(N=1), "one task a batch": fix(B=1), "no noise": fix(B="all")}, assume=[alpha <= 1 / N])
    def few_steps(draw):
        N, K, B = draw.integer("N", 1, 3), draw.integer("K", 1, 3), draw.option("B", [1, 2, "all"])
        return nonconvex(draw, N, K, B, slow)

    return few_steps


@theorem(Inequality("<="), variant="explicit-constant", right=SLOW_STEP, on=few_outer_steps(slow=True))
def gradient_with_printed_step(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """With the printed step c / N the squared meta-gradient of an average iterate is at most 2 gap N / (c K) + E^2 /
    (N B).
    """
    return sum(average_squares(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi))


@theorem(Inequality("<="), variant="explicit-constant-without-N", right=FULL_STEP, on=few_outer_steps(slow=False))
def gradient_with_full_step(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi):
    """With the step c, for every N, the squared meta-gradient of an average iterate is at most 2 gap / (c K) + E^2 /
    B.
    """
    return sum(average_squares(tasks_, w, phi, alpha, N, K, size, beta_w, beta_phi))
