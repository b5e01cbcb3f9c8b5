"""What label noise adds to NAL's error: Bernstein's inequality (65), corrected, with an explicit constant.

Collins, Mokhtari, Shakkottai 2022, Appendix D.1; as printed (65) is refuted in equation_65. With K = (3/2) sigma sqrt(lambda)
for the sub-exponential norm, the first exponent b^2 / (d K^2) and c'' = 5/7 the bound holds for any number of terms: the
Chernoff exponent of the exact law is at least 0.7146 times the printed minimum, with equality at b = d K for many terms. With two
samples c'' = 3/2 serves the union bound, even without its factor 2 d; at d = 1 it is the tail.

Exponents of the exact tails are compared: two probabilities below one are close wherever b is small, whatever the exponents. The
printed factor 2 is not needed.

Known limits: an even number of terms; two samples and odd d in the union bound.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational

from exactarray import namespace
from impl.gaussian_sums import product_exponent, vector_tail
from lakatos import Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.equation_65 import UNION, WITH_SQUARES


@instances(
    strata={"two terms": fix(terms=2), "many terms": fix(terms=256), "where the minimum turns": fix(terms=1024, share=1)}
)
def products(draw):
    """Sums of an even number d of products; b in multiples of d K, both units free."""
    unit, d = draw.positive("unit"), draw.option("terms", [2, 4, 16, 256, 1024])
    K = unit * 3 / 2
    return dict(d=d, unit=unit, K=K, b=d * K * draw.interval("share", 0, 2))


@instances(strata={"one feature": fix(features=1), "many features": fix(features=25)})
def two_samples(draw):
    """Two samples with an odd number of features; b in multiples of sigma sqrt(lambda d), both units free."""
    unit, d = draw.positive("unit"), draw.option("features", [1, 3, 9, 25])
    scale = unit * namespace(unit).sqrt(d * (0 * unit + 1))
    return dict(d=d, n=2, unit=unit, K=unit * 3 / 2, b=scale * draw.interval("share", 0, 16))


bernstein = partial(claim, PAPER, label="Equation (65)", entry="eq-65", kind=Inequality(">="))


@bernstein(variant="tail-exponent", on=products, right=Rational(5, 7) * WITH_SQUARES,
           left=r"-\log P(|\sum_s x(s) z(s)| \ge b)")  # fmt: skip
def tail_of_sum(b: Any, unit: Any, d: int) -> Any:
    """(65) with sum K_s^2 and c'' = 5/7."""
    return product_exponent(b / unit, d)


@bernstein(variant="union-exponent", on=two_samples, right=Rational(3, 2) * UNION,
           left=r"-\log P(\|X_i^\top z_i\| / \sqrt{n} \ge b)")  # fmt: skip
def tail_of_vector(b: Any, unit: Any, d: int, n: int) -> Any:
    """The union bound over d elements, each a sum over two samples, with c'' = 3/2."""
    return -namespace(b).log(vector_tail(b / unit * namespace(b).sqrt(n * (0 * b + 1)), d))
