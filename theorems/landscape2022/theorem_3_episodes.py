"""How many episodes Theorem 3 asks for.

Collins, Mokhtari, Shakkottai 2022, Theorem 3 and the end of its proof. The condition on tau is to give
1 / (beta_hat - gamma / sqrt(tau)) <= 2 / beta_hat, which needs tau >= 64 d^2 alpha^4 L^6 log^6(100Td) / (c beta_hat^2) at the proof's
gamma. The theorem prints 32 d^3 alpha^4 L^6 log^6(100Td) / (c beta_hat), the proof the same with d^2: both have other units than a
number, and are too small for small beta_hat. The theorem rests on what follows from them, so that this is more than a misprint.
Every number is evaluated as printed; nothing is sampled.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace
from lakatos import Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.theorem_3_failure_probability import UNITS, gamma_of, logarithm, scales


def room(tau: Any, beta_hat: Any, alpha: Any, L: Any, c: Any, T: int, d: int) -> Any:
    """Twice gamma / sqrt(tau) over beta_hat: 1 / (beta_hat - gamma / sqrt(tau)) <= 2 / beta_hat where it is at most one."""
    return 2 * gamma_of(4, alpha, L, c, T, d) / (beta_hat * namespace(L).sqrt(tau))


condition = partial(claim, PAPER, "Theorem 3", Inequality("<="), entry="thm-3", on=scales, right=1,
                    left=r"2\gamma / (\hat\beta \sqrt{\tau})")  # fmt: skip
short = partial(condition, expect="refuted", reason="false", corrected="enough_episodes", witness=dict(**UNITS, T=1, d=1),
                because="gamma / sqrt(tau) <= beta_hat / 2 needs 64 d^2 alpha^4 L^6 log^6 / (c beta_hat^2).")  # fmt: skip


@short(variant="episodes-theorem")
def episodes_of_theorem(beta_hat: Any, alpha: Any, L: Any, c: Any, T: int, d: int, excess: Any) -> Any:
    """The theorem's condition on tau gives 1 / (beta_hat - gamma / sqrt(tau)) <= 2 / beta_hat."""
    threshold = 32 * d**3 * alpha**4 * L**6 * logarithm(T, d, L) ** 6 / (c * beta_hat)
    return room(threshold * (1 + excess), beta_hat, alpha, L, c, T, d)


@short(variant="episodes-proof")
def episodes_of_proof(beta_hat: Any, alpha: Any, L: Any, c: Any, T: int, d: int, excess: Any) -> Any:
    """The proof's condition on tau gives 1 / (beta_hat - gamma / sqrt(tau)) <= 2 / beta_hat."""
    threshold = 32 * d**2 * alpha**4 * L**6 * logarithm(T, d, L) ** 6 / (c * beta_hat)
    return room(threshold * (1 + excess), beta_hat, alpha, L, c, T, d)


@condition(variant="episodes-corrected")
def enough_episodes(beta_hat: Any, alpha: Any, L: Any, c: Any, T: int, d: int, excess: Any) -> Any:
    """With tau >= 64 d^2 alpha^4 L^6 log^6(100Td) / (c beta_hat^2) it does."""
    threshold = 64 * d**2 * alpha**4 * L**6 * logarithm(T, d, L) ** 6 / (c * beta_hat**2)
    return room(threshold * (1 + excess), beta_hat, alpha, L, c, T, d)
