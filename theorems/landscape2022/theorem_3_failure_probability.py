"""The proof of Theorem 3 chooses gamma, b, delta and tau so that "each negative term in the high probability bound is at most 0.01".

Collins, Mokhtari, Shakkottai 2022, Appendix D.2, (124) and the lines after it. With gamma = 4 d sqrt(alpha^4 L^6 / c) log^3(100Td)
the first term is e^2 T d^2 (100 T d)^{-16^{1/6}}, where 16^{1/6} = 1.587: above 0.01 for one task from d = 6 on, and without bound in d.
With b = 2 d sqrt(...) log^3(100d) the second is e^2 d (100d)^{-1.26}, above 0.01 up to d = 21. Those of matrix Bernstein fail as in
Theorem 2, with the bounds of Q_i and Q_i w_i interchanged besides. Twice gamma and b suffice, as does the delta of
theorem_2_failure_probability.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational

from exactarray import namespace
from lakatos import Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.theorem_2_failure_probability import bernstein_term, log_of, variances


@instances(strata={"one task": fix(T=1), "one feature": fix(d=1), "many features": fix(d=1000)})
def scales(draw):
    """Numbers of tasks and features, alpha, L, sigma and the constant c; beta_hat at most L; tau from its condition on."""
    values = {name: draw.positive(name) for name in ("alpha", "L", "sigma", "c")}
    beta_hat = values["L"] * draw.interval("share", 0, 1, closed="right")
    T, d = draw.option("T", [1, 10, 10**6]), draw.option("d", [1, 2, 6, 10, 1000])
    return dict(**values, T=T, d=d, beta_hat=beta_hat, excess=draw.nonnegative("excess"))


def heavy_tail(x: Any) -> Any:
    """e^2 exp(-x^{1/6})."""
    xp = namespace(x)
    return xp.exp(2 - xp.exp(xp.log(x) / 6))


def logarithm(T: int, d: int, like: Any) -> Any:
    """log(100 T d)."""
    return log_of(100 * T * d, like)


def gamma_of(factor: int, alpha: Any, L: Any, c: Any, T: int, d: int) -> Any:
    """Factor times d sqrt(alpha^4 L^6 / c) log^3(100 T d)."""
    return factor * d * namespace(L).sqrt(alpha**4 * L**6 / c) * logarithm(T, d, L) ** 3


term = partial(claim, PAPER, "Theorem 3, proof", Inequality("<="), entry="thm-3", right=Rational(1, 100))
false = partial(term, expect="refuted", reason="false")
UNITS = dict(alpha=1, L=1, sigma=1, c=1, share=1, excess=0)


def first_term(factor: int, alpha: Any, L: Any, c: Any, T: int, d: int) -> Any:
    """The term of the covariances in (124)."""
    x = c * gamma_of(factor, alpha, L, c, T, d) ** 2 / (alpha**4 * d**2 * L**6)
    return T * d**2 * heavy_tail(x)


def second_term(factor: int, alpha: Any, L: Any, sigma: Any, c: Any, d: int) -> Any:
    """The term of the noise in (124)."""
    b = factor * d * namespace(L).sqrt(alpha**4 * L**5 * sigma**2 / c) * logarithm(1, d, L) ** 3
    return d * heavy_tail(c * b**2 / (alpha**4 * d**2 * L**5 * sigma**2))


@false(variant="negative-term-of-covariances", on=scales, left=r"e^2 T d^2 e^{-(c\gamma^2/(\alpha^4 d^2 L^6))^{1/6}}",
       corrected="term_of_covariances_corrected", witness=dict(**UNITS, T=1, d=6),
       because="16^{1/6} = 1.587 is less than the two that T d^2 needs: at T = 1, d = 6 the term is 0.0103.")  # fmt: skip
def term_of_covariances(alpha: Any, L: Any, c: Any, T: int, d: int) -> Any:
    """With gamma = 4 d sqrt(alpha^4 L^6 / c) log^3(100Td) the first negative term is at most 0.01."""
    return first_term(4, alpha, L, c, T, d)


@term(variant="negative-term-of-covariances-corrected", on=scales, left=r"e^2 T d^2 e^{-(c\gamma^2/(\alpha^4 d^2 L^6))^{1/6}}")
def term_of_covariances_corrected(alpha: Any, L: Any, c: Any, T: int, d: int) -> Any:
    """With 8 for 4 in gamma the first negative term is at most 0.01."""
    return first_term(8, alpha, L, c, T, d)


@false(variant="negative-term-of-noise", on=scales, left=r"e^2 d e^{-(c'b^2/(\alpha^4 d^2 L^5 \sigma^2))^{1/6}}",
       corrected="term_of_noise_corrected", witness=dict(**UNITS, T=1, d=1),
       because="At d = 1 the term is e^2 100^{-4^{1/6}} = 0.0223.")  # fmt: skip
def term_of_noise(alpha: Any, L: Any, sigma: Any, c: Any, d: int) -> Any:
    """With b = 2 d sqrt(alpha^4 L^5 sigma^2 / c') log^3(100d) the second negative term is at most 0.01."""
    return second_term(2, alpha, L, sigma, c, d)


@term(variant="negative-term-of-noise-corrected", on=scales, left=r"e^2 d e^{-(c'b^2/(\alpha^4 d^2 L^5 \sigma^2))^{1/6}}")
def term_of_noise_corrected(alpha: Any, L: Any, sigma: Any, c: Any, d: int) -> Any:
    """With 4 for 2 in b the second negative term is at most 0.01."""
    return second_term(4, alpha, L, sigma, c, d)


@false(variant="negative-term-of-optima-roots", on=variances, corrected="bernstein_term_with_larger_delta",
       left=r"2d e^{-(\delta^2 Var(Q_i w_i)/2)/(1+\hat L\delta/(3\sqrt{T}))}",
       because="The exponent is at most log(200d)/2, for any T, so that the term is at least sqrt(2d) / 10.",
       witness=dict(T=10**6, d=1, L=2, B=1, share_Sigma=1, share_w=1))  # fmt: skip
def term_of_optima_with_roots(T: int, d: int, L: Any, Var_Sigma: Any, Var_Sigma_w: Any) -> Any:
    """With delta = (sqrt(Var) + sqrt(Var))^{-1} sqrt(log(200 d)) the third negative term is at most 0.01 (L for L_hat)."""
    xp = namespace(L)
    delta = xp.sqrt(log_of(200 * d, L)) / (xp.sqrt(Var_Sigma) + xp.sqrt(Var_Sigma_w))
    return bernstein_term(delta, Var_Sigma_w, L, T, d)
