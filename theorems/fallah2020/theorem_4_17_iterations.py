"""How many iterations HF-MAML needs, where its theorem holds.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.17, equation (29): O(1) Delta min{L/eps^2, L B/sigma^2 + L (B D_o + D_in)/sigma~^2} iterations,
with beta_k = beta~(w_k)/25 and no range of eps.

On quadratics with equal Hessians the differences of (11) are exact, and the count holds with the constant 37, for the last iterate:
with E||grad F(w_k)||^2 <= 184/5 L Delta / k plus 1/199 of the terms under the root S of (28) (section_4_5_hf_recovers.py), and with the
second branch of the minimum at least 9/S^2, the mean square is at most (17/50 S + eps)^2. Where (28) fails, as it does on tasks with
different Hessians for the printed delta (theorem_4_17.py), the count is empty: no number of iterations reaches what it counts for.

Known limits: quadratics with equal Hessians; quotients by zero are infinite, so that the other branch counts.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, sqrt, symbols

from exactarray import namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, claim, instances
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import NAMES, STRATA, TERMS, as_long_as_printed

eps = symbols("eps", nonnegative=True)
REACHED = (Rational(17, 50) * sqrt(TERMS) + eps) ** 2


@instances(strata={name: STRATA[name] for name in ("smallest batches", "sigma = 0", "sigma~ = 0", "steepest")})
def as_long_as_the_count_asks(draw: Any) -> dict[str, Any]:
    """Runs of k = 37 L Delta min{1/eps^2, B/sigma^2 + (B D_o + D_in)/sigma~^2} iterations."""
    return as_long_as_printed(draw, "hf-maml", 37, lambda values: values["sigma_squared"] / values["B"])


@claim(
    PAPER, "Theorem 4.17, (29)", Inequality("<="), entry="thm-4.17-hfmaml", variant="explicit-constant-iterations",
    on=as_long_as_the_count_asks, right=REACHED, left=r"\mathbb{E}\|\nabla F(w_k)\|^2", names={**NAMES, "eps": r"\epsilon"},
    rests_on=("fallah2020/claim-hf-recovers/equal-Hessians",),
)  # fmt: skip
def as_many_iterations_of_hf_maml(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any, k: int) -> Any:
    """After 37 times the printed number of iterations the mean square of the gradient is (17/50 S + eps)^2 at most."""
    return namespace(start).sum(tasks.second_moment("hf-maml", start, B, D_in, D_o, k), axis=-1)
