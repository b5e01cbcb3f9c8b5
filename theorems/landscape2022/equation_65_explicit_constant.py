"""What label noise adds to NAL's error: Bernstein's inequality (65), corrected, with an explicit constant.

Collins, Mokhtari, Shakkottai 2022, Appendix D.1; as printed (65) is refuted in equation_65. With K = (3/2) sigma sqrt(lambda)
for the sub-exponential norm, the first exponent b^2 / (d K^2) and c'' = 7/10 the bound holds for any number of terms: the
Chernoff exponent of the exact law is at least 0.714 times the printed minimum, with equality at b = d K for many terms.

Known limits: an even number of terms; two samples and odd d in the union bound.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Max, Min, exp, symbols

from exactarray import namespace
from impl.gaussian_sums import product_tail, vector_tail
from lakatos import Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.equation_65 import UNION, WITH_SQUARES

d = symbols("d", integer=True, positive=True)


def falling(smaller: Min) -> Max:
    """exp(-7/10 min(...)), written so that sympy can print it."""
    return Max(*(exp(-7 * part / 10) for part in smaller.args))


@instances(strata={"two terms": fix(terms=2), "many terms": fix(terms=64)})
def products(draw):
    """Sums of an even number of products; b and both units free."""
    unit = draw.positive("unit")
    return dict(d=draw.option("terms", [2, 4, 8, 64]), unit=unit, K=unit * 3 / 2, b=unit * draw.nonnegative("b_in_units"))


@instances(strata={"one feature": fix(features=1), "many features": fix(features=25)})
def two_samples(draw):
    """Two samples with an odd number of features; b and both units free."""
    unit, d = draw.positive("unit"), draw.option("features", [1, 3, 9, 25])
    return dict(d=d, n=2, unit=unit, K=unit * 3 / 2, b=unit * draw.nonnegative("b_in_units"))


bernstein = partial(claim, PAPER, label="Equation (65)", entry="eq-65", kind=Inequality("<="))


@bernstein(variant="tail-explicit", on=products, right=2 * falling(WITH_SQUARES),
           left=r"P(|\sum_s x(s) z(s)| \ge b)")  # fmt: skip
def tail_of_sum(b: Any, unit: Any, d: int) -> Any:
    """(65) with sum K_s^2 and c'' = 7/10."""
    return product_tail(b / unit, d)


@bernstein(variant="union-explicit", on=two_samples, right=2 * d * falling(UNION),
           left=r"P(\|X_i^\top z_i\| / \sqrt{n} \ge b)")  # fmt: skip
def tail_of_vector(b: Any, unit: Any, d: int, n: int) -> Any:
    """The union bound over d elements, each a sum over n samples, with c'' = 7/10."""
    return vector_tail(b / unit * namespace(b).sqrt(n * (0 * b + 1)), d)
