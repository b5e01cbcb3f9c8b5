"""The proof of Theorem 2 chooses t, b and delta so that "each negative term in the high probability bound is at most 0.01".

Collins, Mokhtari, Shakkottai 2022, Appendix D.1, (76) and the lines after it. Two terms are: 2T exp(-t^2) with t = sqrt(log(200T))
is 0.01 exactly, and the noise term is at most that. The two of matrix Bernstein are not, in neither reading of delta, as
(Var + Var)^{-1} sqrt(log(200d)) or with roots over both variances: even with T -> infinity their exponent is at most
log(200d) / 2, where log(200d) is needed. The first reading depends on units as well. With delta = 2 sqrt(log(200d) / Var) for
each term by itself, and T >= 4 L^2 log(200d) / (9 Var), both are at most 0.01.

Every number here is evaluated as printed, for variances and bounds that an environment can have and T above the proof's threshold.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, log, symbols

from exactarray import minimum, namespace
from lakatos import Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER

T, d = symbols("T d", integer=True, positive=True)
L, B, V_Sigma, V_w = symbols("L B Var_Sigma Var_Sigma_w", positive=True)


@instances(strata={"one task": fix(T=1), "one feature": fix(d=1), "many features": fix(d=1000)})
def samples(draw):
    """Numbers of tasks, samples and features, and the sub-exponential norm K and constant c'' of the noise term."""
    return dict(
        T=draw.option("T", [1, 10, 10**6]), n=draw.option("n", [1, 10, 10**6]), d=draw.option("d", [1, 2, 10, 1000]),
        K=draw.positive("K"), c=draw.positive("c"),
    )  # fmt: skip


@instances(
    strata={"one feature": fix(d=1), "many features": fix(d=1000), "many tasks": fix(T=10**6)},
    assume={"T is above the threshold of the proof": L**2 * B**2 * log(200 * d) / (9 * (V_Sigma + V_w)) < T},
)
def variances(draw):
    """Var(Sigma_i) <= L^2/4 and Var(Sigma_i w_i) between a quarter of L^2 B^2 and all of it."""
    T, d, L, B = draw.option("T", [10, 1000, 10**6]), draw.option("d", [1, 2, 10, 1000]), draw.positive("L"), draw.positive("B")
    V_Sigma = L**2 / 4 * draw.interval("share_Sigma", 0, 1, closed="right")
    return dict(T=T, d=d, L=L, B=B, Var_Sigma=V_Sigma, Var_Sigma_w=(L * B) ** 2 * draw.interval("share_w", 0.25, 1))


@instances(strata={"at the threshold": fix(excess=0)})
def enough_tasks(draw):
    """A variance V of matrices bounded by R, and a real T >= 4 R^2 log(200d) / (9 V)."""
    d, R, V = draw.option("d", [1, 2, 10, 1000]), draw.positive("R"), draw.positive("V")
    return dict(d=d, R=R, V=V, tasks=(4 * R**2 / (9 * V) + draw.nonnegative("excess")) * log_of(200 * d, R))


def log_of(number: Any, like: Any) -> Any:
    """The logarithm of a number, in the number system of ``like``, ``(batch,)``."""
    return namespace(like).log(0 * like + number)


def bernstein_term(delta: Any, V: Any, bound: Any, T: Any, d: int) -> Any:
    """2 d exp(-(delta^2 V / 2) / (1 + bound delta / (3 sqrt(T))))."""
    xp = namespace(delta)
    return 2 * d * xp.exp(-delta * delta * V / 2 / (1 + bound * delta / (3 * xp.sqrt(T + 0 * delta))))


term = partial(claim, PAPER, "Theorem 2, proof", Inequality("<="), entry="thm-2", right=Rational(1, 100))
false = partial(
    term, on=variances, expect="refuted", reason="false", corrected="bernstein_term_with_larger_delta",
    because="The exponent is at most log(200d)/2, for any T, so that the term is at least sqrt(2d) / 10; 0.01 needs log(200d).",
    witness=dict(T=10**6, d=1, L=2, B=1, share_Sigma=1, share_w=1),
)  # fmt: skip


@term(variant="negative-term-of-tasks", on=samples, left="2T e^{-t^2}")
def term_of_tasks(T: int, K: Any) -> Any:
    """With t = sqrt(log(200 T)), 2 T exp(-t^2) is at most 0.01."""
    xp = namespace(K)
    t = xp.sqrt(log_of(200 * T, K))
    return 2 * T * xp.exp(-t * t)


@term(variant="negative-term-of-noise", on=samples, left=r"2n e^{-c'' \min(b^2/(dK), b/K)}")
def term_of_noise(n: int, d: int, K: Any, c: Any) -> Any:
    """With b = sqrt((dK/c'') log(200n)) + (K/c'') log(200n) the noise term is at most 0.01."""
    xp, level = namespace(K), log_of(200 * n, K)
    b = xp.sqrt(d * K / c * level) + K / c * level
    return 2 * n * xp.exp(-c * minimum(b * b / (d * K), b / K))


@false(variant="negative-term-of-covariances", left=r"2d e^{-(\delta^2 Var(\Sigma_i)/2)/(1+L\delta/(3\sqrt{T}))}")
def term_of_covariances(T: int, d: int, L: Any, Var_Sigma: Any, Var_Sigma_w: Any) -> Any:
    """With delta = (Var + Var)^{-1} sqrt(log(200 d)) the term of the covariances is at most 0.01."""
    delta = namespace(L).sqrt(log_of(200 * d, L)) / (Var_Sigma + Var_Sigma_w)
    return bernstein_term(delta, Var_Sigma, L, T, d)


@false(variant="negative-term-of-covariances-roots", left=r"2d e^{-(\delta^2 Var(\Sigma_i)/2)/(1+L\delta/(3\sqrt{T}))}")
def term_of_covariances_with_roots(T: int, d: int, L: Any, Var_Sigma: Any, Var_Sigma_w: Any) -> Any:
    """With delta = (sqrt(Var) + sqrt(Var))^{-1} sqrt(log(200 d)) the term of the covariances is at most 0.01."""
    xp = namespace(L)
    delta = xp.sqrt(log_of(200 * d, L)) / (xp.sqrt(Var_Sigma) + xp.sqrt(Var_Sigma_w))
    return bernstein_term(delta, Var_Sigma, L, T, d)


@false(variant="negative-term-of-optima-roots", left=r"2d e^{-(\delta^2 Var(\Sigma_i w_i)/2)/(1+LB\delta/(3\sqrt{T}))}")
def term_of_optima_with_roots(T: int, d: int, L: Any, B: Any, Var_Sigma: Any, Var_Sigma_w: Any) -> Any:
    """With delta = (sqrt(Var) + sqrt(Var))^{-1} sqrt(log(200 d)) the term of the optima is at most 0.01."""
    xp = namespace(L)
    delta = xp.sqrt(log_of(200 * d, L)) / (xp.sqrt(Var_Sigma) + xp.sqrt(Var_Sigma_w))
    return bernstein_term(delta, Var_Sigma_w, L * B, T, d)


@false(variant="negative-term-of-optima", left=r"2d e^{-(\delta^2 Var(\Sigma_i w_i)/2)/(1+LB\delta/(3\sqrt{T}))}")
def term_of_optima(T: int, d: int, L: Any, B: Any, Var_Sigma: Any, Var_Sigma_w: Any) -> Any:
    """With delta = (Var + Var)^{-1} sqrt(log(200 d)) the term of the optima is at most 0.01."""
    delta = namespace(L).sqrt(log_of(200 * d, L)) / (Var_Sigma + Var_Sigma_w)
    return bernstein_term(delta, Var_Sigma_w, L * B, T, d)


@term(variant="negative-term-corrected", on=enough_tasks, left=r"2d e^{-(\delta^2 V/2)/(1+R\delta/(3\sqrt{T}))}")
def bernstein_term_with_larger_delta(d: int, R: Any, V: Any, tasks: Any) -> Any:
    """With delta = 2 sqrt(log(200 d) / V) and T >= 4 R^2 log(200 d) / (9 V) a Bernstein term is at most 0.01."""
    return bernstein_term(2 * namespace(V).sqrt(log_of(200 * d, V) / V), V, R, tasks, d)
