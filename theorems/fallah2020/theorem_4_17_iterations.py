"""How many iterations HF-MAML needs, where its theorem holds.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.17, equation (29): O(1) Delta min{L/eps^2, L B/sigma^2 + L (B D_o + D_in)/sigma~^2} iterations,
with beta_k = beta~(w_k)/25 and no range of eps.

On quadratics with equal Hessians the differences of (11) are exact, and the count holds with the constant 36.79, for the last iterate:
with E||grad F(w_k)||^2 <= 36.79 L Delta / k plus 1/199 of the noise of the batches (section_4_5_hf_recovers.py), and with the second
branch of the minimum at least 9/S^2, S the root of (28), the mean square is at most eps^2 + S^2/9 plus 1/199 of
sigma^2/B + sigma~^2/(B D_o), and so below (7/20 S + eps)^2. None of the constants can be smaller alone, as in
theorem_4_12_iterations.py. Where (28) fails, as it does on tasks with different Hessians for the printed delta (theorem_4_17.py), the
count is empty: no number of iterations reaches what it counts for.

Known limits: quadratics with equal Hessians, with batch sizes between whole numbers, too; quotients by zero are infinite, so that the
other branch counts.
"""

from __future__ import annotations

from typing import Any

from sympy import symbols

from exactarray import namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import NAMES, TERMS
from theorems.fallah2020.whole_runs import as_long_as_printed

eps, B, D_o, sigma_squared, noise_squared = symbols("eps B D_o sigma_squared noise_squared", nonnegative=True)
REACHED = eps**2 + TERMS / 9 + (sigma_squared / B + noise_squared / (B * D_o)) / 199


@claim(
    PAPER, "Theorem 4.17, (29)", Inequality("<="), entry="thm-4.17-hfmaml", variant="explicit-constant-iterations",
    on=as_long_as_printed("hf-maml", lambda values: values["sigma_squared"] / values["B"]), right=REACHED,
    left=r"\mathbb{E}\|\nabla F(w_k)\|^2", names={**NAMES, "eps": r"\epsilon"},
    rests_on=("fallah2020/claim-hf-recovers/equal-Hessians",),
)  # fmt: skip
def as_many_iterations_of_hf_maml(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any, k: int) -> Any:
    """After 36.79 times the printed number of iterations: eps^2 + S^2/9 at most, plus 1/199 of two of the terms of S^2."""
    return namespace(start).sum(tasks.second_moment("hf-maml", start, B, D_in, D_o, k), axis=-1)
