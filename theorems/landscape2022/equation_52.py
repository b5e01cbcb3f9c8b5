"""How far a sample covariance is from its expectation, with t/n where t/sqrt(n) belongs.

Collins, Mokhtari, Shakkottai 2022, Appendix D.1, (52), (58) and (61): ||Z_i|| <= c_1 lambda max(c_2 u, c_2^2 u^2) with
u = sqrt(d/n) + t/n, with probability at least 1 - 2 exp(-t^2), "for any t > 0" and absolute constants. In d = 1, Z_i is
lambda (1 - chi^2_n / n), so that the smallest constant that a pair (n, t) needs is an exact quantile, without sampling: no
constant serves all t, because u tends to 1/sqrt(n) as n grows while the deviation is about 2 t / sqrt(n). The same holds for the
lower edge (61) and, on two tasks with opposite optima, for (58). With t/sqrt(n) all three have absolute constants; explicit
ones stand in equation_52_explicit_constants.

Known limits: one feature, t up to 16.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from scipy import stats

from impl.gaussian_sums import product_tail
from lakatos import Rate, claim, fix, instances
from theorems.landscape2022 import PAPER


@instances(strata={"many samples": fix(n=10**8)})
def one_feature(draw):
    """One feature and so many samples that u <= 1; t runs. The covariance lambda cancels."""
    n = draw.option("n", [10**4, 10**6, 10**8])
    return dict(n=n, t=draw.interval("t", 1, 16))


@instances()
def opposite_tasks(draw):
    """Two tasks with one feature, optima B and -B, and n samples each; t runs. Both B and the covariance cancel."""
    return dict(n=draw.option("n", [64]), t=draw.interval("t", 1, 16))


concentration = partial(claim, PAPER, entry="eq-52")
absolute = partial(
    concentration, kind=Rate("O", over="t", grid=(2, 3, 4, 6, 8, 12, 16), margin=0.25, batch=1), right=1, left="c(t)"
)
printed = partial(
    absolute,
    expect="refuted",
    reason="false",
    because="A deviation of t/sqrt(n), not t/n, has probability about exp(-c t^2), so that the constant that the display needs "
    "grows like t once n > t^2. The t/n is carried on, into the term sqrt(log(200T)) L^2 B / (beta^2 n) of Theorem 2.",
)


def scale(t: Any, n: int) -> Any:
    """The printed max(u, u^2) at d = 1, with t/sqrt(n) for t/n."""
    u = (1 + t) / n**0.5
    return torch.maximum(u, u**2)


def upper_quantile(failure: Any, n: int) -> Any:
    """Where chi^2_n / n - 1 is exceeded with the given probability."""
    return torch.as_tensor(stats.chi2.isf(failure.numpy(), n) / n - 1)


def lower_quantile(failure: Any, n: int) -> Any:
    """Where 1 - chi^2_n / n is exceeded with the given probability."""
    return torch.as_tensor(1 - stats.chi2.ppf(failure.numpy(), n) / n)


def difference_quantile(failure: Any, n: int) -> Any:
    """Where the difference of two independent chi^2_n / n exceeds, in absolute value, with the given probability."""
    low, high = torch.zeros_like(failure), torch.full_like(failure, 64)
    for _ in range(40):
        middle = (low + high) / 2
        above = product_tail(middle * n / 2, n) > failure
        low, high = torch.where(above, middle, low), torch.where(above, high, middle)
    return low


@printed(label="Equation (52)", variant="eq-52-printed", on=one_feature, corrected="constant_of_52_corrected",
         witness=dict(n=10**8, t=2))  # fmt: skip
def constant_of_52(t: Any, n: int) -> Any:
    """One constant serves (52) for all t: the smallest one at d = 1, for the upper tail alone, stays bounded."""
    return upper_quantile(2 * torch.exp(-(t**2)), n) / (n**-0.5 + t / n)


@printed(label="Equation (61)", variant="eq-61-printed", on=one_feature, corrected="constant_of_61_corrected",
         witness=dict(n=10**8, t=2))  # fmt: skip
def constant_of_61(t: Any, n: int) -> Any:
    """One constant serves (61) for all t: the smallest one at d = 1, beta = L stays bounded."""
    return lower_quantile(2 * torch.exp(-(t**2)), n) / (n**-0.5 + t / n)


@printed(label="Equation (58)", variant="eq-58-printed", on=opposite_tasks, corrected="constant_of_58_corrected",
         witness=dict(n=64, t=2))  # fmt: skip
def constant_of_58(t: Any, n: int) -> Any:
    """One constant serves (58) for all t: on tasks with optima B and -B and one covariance it bounds the difference."""
    return difference_quantile(4 * torch.exp(-(t**2)), n) / (4 * (n**-0.5 + t / n))


@absolute(label="Equation (52)", variant="eq-52-corrected", on=one_feature)
def constant_of_52_corrected(t: Any, n: int) -> Any:
    """With t/sqrt(n) for t/n one constant serves (52): it covers either tail with probability exp(-t^2)."""
    failure = torch.exp(-(t**2))
    return torch.maximum(upper_quantile(failure, n), lower_quantile(failure, n)) / scale(t, n)


@absolute(label="Equation (61)", variant="eq-61-corrected", on=one_feature)
def constant_of_61_corrected(t: Any, n: int) -> Any:
    """With t/sqrt(n) for t/n one constant serves (61)."""
    return lower_quantile(2 * torch.exp(-(t**2)), n) / scale(t, n)


@absolute(label="Equation (58)", variant="eq-58-corrected", on=opposite_tasks)
def constant_of_58_corrected(t: Any, n: int) -> Any:
    """With t/sqrt(n) for t/n one constant serves (58) on the same tasks."""
    return difference_quantile(4 * torch.exp(-(t**2)), n) / (4 * scale(t, n))
