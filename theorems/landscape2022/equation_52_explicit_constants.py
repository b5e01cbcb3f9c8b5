"""How far a sample covariance is from its expectation: (52) and (61) with t/sqrt(n) and explicit constants.

Collins, Mokhtari, Shakkottai 2022, Appendix D.1; as printed both are refuted in equation_52. In any dimension
||Z_i|| <= lambda (2 e + e^2) with e = sqrt(d/n) + t sqrt(2/n) (Davidson and Szarek 2001), that is (52) with t/sqrt(n) for t/n,
c_1 = 3 and c_2 = sqrt(2); at d = 1, 2 t / sqrt(n) + 2 t^2 / n is enough (Laurent and Massart 2000).

At d = 1 the tails are exact chi-square tails, and their exponents are compared: two probabilities below one are close wherever t is
small, whatever the exponents. The factor 2 of the printed 2 exp(-t^2) is not needed there. The two-sided exponent
tends to t^2 as t grows (429 at t = 20, for two samples); of that of the lower tail t^2 reaches 0.67, which needs n -> infinity.

Known limits: an even number of samples at d = 1; d = 2 and 5 are sampled, with n up to 40.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sympy import exp, symbols

from exactarray import amin, eigvalsh, maximum, namespace, spectral_norm
from impl.empirical_regression import covariance
from impl.gaussian_sums import chi_square_exponent, chi_square_lower_tail, chi_square_tail
from lakatos import Inequality, Probability, claim, fix, instances, when
from theorems.landscape2022 import PAPER

t = symbols("t", positive=True)
FAILURE = 2 * exp(-(t**2))


@instances(strata={"t below one": when(lambda t: t < 1), "far in the tail": fix(t=20), "farther": fix(t=500)})
def few_samples(draw):
    """One feature and an even number of samples."""
    return dict(n=draw.option("n", [2, 8, 32, 128]), t=draw.positive("t"))


@instances(strata={"many samples": fix(n=512)})
def lower_edges(draw):
    """One feature and an even number of samples; the lower edge is positive."""
    n, share = draw.option("n", [2, 8, 64, 512]), draw.interval("share", 0, 0.75, closed="right")
    return dict(n=n, t=share / 2 * namespace(share).sqrt(n + 0 * share))


@instances(strata={"fewer samples than d": when(lambda n, d: n < d), "one spike": fix(flat=0), "isotropic": fix(flat=1)})
def gaussian_inputs(draw):
    """Gaussian samples with covariance between beta and L in d dimensions."""
    d = draw.option("d", [2, 5])
    draw.option("n", [1, 10, 40])
    flat, root_L = draw.interval("flat", 0, 1), draw.positive("root_L")
    roots = root_L[:, None] * (flat[:, None] + (1 - flat[:, None]) * draw.constant([1] + [0] * (d - 1)))
    return dict(roots=roots, t=draw.interval("t", 0, 3, closed="right"), L=root_L**2, beta=(flat * root_L) ** 2)


concentration = partial(claim, PAPER, entry="eq-52")
exponent = partial(concentration, kind=Inequality(">="), right=t**2)
at_least = partial(concentration, kind=Probability(">="), on=gaussian_inputs, right=1 - FAILURE)


@exponent(
    label="Equation (52)", variant="eq-52-exponent", on=few_samples, left=r"-\log P(|Z_i| > \lambda (2t/\sqrt n + 2t^2/n))"
)
def deviation_of_one_feature(t: Any, n: int) -> Any:
    """At d = 1, |Z_i| exceeds lambda (2 t / sqrt(n) + 2 t^2 / n) with probability at most exp(-t^2)."""
    xp = namespace(t)
    r = 2 * t * xp.sqrt(n * (0 * t + 1)) + 2 * t**2
    two_sided = chi_square_tail(n + r, n) + chi_square_lower_tail(maximum(n - r, 0 * r), n)
    # Beyond n the lower tail is empty, and far beyond the upper one is below the smallest float.
    return xp.where(r < n, -xp.log(xp.where(r < n, two_sided, two_sided + 1)), chi_square_exponent(n + r, n))


@exponent(label="Equation (61)", variant="eq-61-exponent", on=lower_edges,
          left=r"-\log P(X^\top X / n < \lambda (1 - 2t/\sqrt n))")  # fmt: skip
def lower_edge_of_one_feature(t: Any, n: int) -> Any:
    """At d = 1, the sample variance falls below lambda (1 - 2 t / sqrt(n)) with probability at most exp(-t^2)."""
    r = 2 * t * namespace(t).sqrt(n * (0 * t + 1))
    return -namespace(t).log(chi_square_lower_tail(n - r, n))


def sample_covariances(roots: Any, n: int, trials: int, generator: Any) -> Any:
    """Independent sample covariances, ``(batch, trials, d, d)``."""
    batch, d = roots.shape
    standard = torch.randn(batch, trials, n, d, generator=generator, dtype=roots.dtype, device=roots.device)
    return covariance(standard * roots[:, None, None, :])


@at_least(label="Equation (52)", variant="eq-52-any-dimension", left=r"\|Z_i\| \le \lambda (2e + e^2)")
def deviation_in_any_dimension(roots: Any, n: int, d: int, t: Any, trials: int, generator: Any) -> Any:
    """||Z_i|| <= lambda (2 e + e^2), e = sqrt(d/n) + t sqrt(2/n), with probability at least 1 - 2 exp(-t^2)."""
    e = ((d / n) ** 0.5 + t * (2 / n) ** 0.5)[:, None]
    deviation = spectral_norm(sample_covariances(roots, n, trials, generator) - torch.diag_embed(roots**2)[:, None])
    return (deviation <= roots[:, :1] ** 2 * (2 * e + e**2)).to(roots.dtype)


@at_least(label="Equation (61)", variant="eq-61-any-dimension", left=r"\lambda_{\min} \ge \beta (1 - e)_+^2")
def lower_edge_in_any_dimension(roots: Any, n: int, d: int, t: Any, beta: Any, trials: int, generator: Any) -> Any:
    """The smallest eigenvalue is at least beta (1 - e)^2, if e < 1, with probability at least 1 - 2 exp(-t^2)."""
    e = ((d / n) ** 0.5 + t * (2 / n) ** 0.5)[:, None]
    smallest = amin(eigvalsh(sample_covariances(roots, n, trials, generator)), axis=-1)
    # The matrix is singular where n < d, and its smallest eigenvalue a rounding error around zero.
    return (smallest >= beta[:, None] * torch.clamp(1 - e, min=0) ** 2 - 1e-12 * roots[:, :1] ** 2).to(roots.dtype)
