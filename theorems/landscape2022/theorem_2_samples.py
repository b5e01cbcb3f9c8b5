"""How many samples Theorem 2 asks for.

Collins, Mokhtari, Shakkottai 2022, Theorem 2 and its proof. With t = sqrt(log(200T)) the condition n >= 4 n_0, where sqrt(n_0) is
(c L sqrt(d) + sqrt(c^2 L^2 d + 4 beta c L t)) / (2 beta), is to give 1 / (beta - c L (sqrt(d/n) + t/n)) <= 2 / beta. It does: n_0
is where the denominator vanishes, and four times n_0 leaves at least half of beta; tight for d much larger than t^2. With
t/sqrt(n), which (52) needs, n_0 = (c L (sqrt(d) + t) / beta)^2 takes its place. Every number is evaluated as printed.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, symbols

from exactarray import namespace
from lakatos import Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.theorem_2_failure_probability import log_of

beta = symbols("beta", positive=True)


@instances(strata={"at the threshold": fix(excess=0), "one task": fix(T=1), "many features": fix(d=1000)})
def thresholds(draw):
    """Any constant c, beta <= L; the number of samples in multiples of n_0, real, from 4 on."""
    L = draw.positive("L")
    return dict(
        T=draw.option("T", [1, 10, 10**6]), d=draw.option("d", [1, 2, 10, 1000]), L=L, c=draw.positive("c"),
        beta=L * draw.interval("share", 0, 1, closed="right"), multiple=4 + draw.nonnegative("excess"),
    )  # fmt: skip


half = partial(claim, PAPER, "Theorem 2", Inequality("<="), entry="thm-2", on=thresholds, right=beta * Rational(1, 2))


@half(variant="samples-printed", left=r"c L (\sqrt{d/n} + t/n)")
def deviation_at_printed_samples(T: int, d: int, L: Any, c: Any, beta: Any, multiple: Any) -> Any:
    """Above the printed number of samples c L (sqrt(d/n) + t/n) is at most beta/2."""
    xp = namespace(L)
    t, root_d = xp.sqrt(log_of(200 * T, L)), xp.sqrt(0 * L + d)
    root = (c * L * root_d + xp.sqrt((c * L) ** 2 * d + 4 * beta * c * L * t)) / (2 * beta)
    n = multiple * root * root
    return c * L * (root_d / xp.sqrt(n) + t / n)


@half(variant="samples-corrected", left=r"c L (\sqrt{d} + t) / \sqrt{n}")
def deviation_at_corrected_samples(T: int, d: int, L: Any, c: Any, beta: Any, multiple: Any) -> Any:
    """Above 4 (c L (sqrt(d) + t) / beta)^2 samples c L (sqrt(d) + t) / sqrt(n) is at most beta/2."""
    xp = namespace(L)
    size = c * L * (xp.sqrt(0 * L + d) + xp.sqrt(log_of(200 * T, L)))
    return size / xp.sqrt(multiple * (size / beta) ** 2)
