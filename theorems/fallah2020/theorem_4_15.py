"""FO-MAML reaches the accuracy alpha L sigma, apart from batch sizes, and with a term for each of them.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.15, equation (26): with beta_k = beta~(w_k)/18 and alpha <= 1/(10 L), FO-MAML finds a
solution with E||grad F|| <= O(sqrt(sigma^2 (alpha^2 L^2 + 1/B) + sigma~^2/(B D_o) + sigma~^2/D_in) + eps).

Checked with explicit constants where they can be derived, exactly:

- B and D_o infinite: where the expected update is zero, so that every reading of "finds" names the same point. There
  grad F = -E e_i - alpha E H_i v_i with ||e_i|| <= alpha L s, s = sigma~/sqrt(D_in), and E||v_i|| <= (1 + t) E||grad f_i||,
  t = alpha L. Together ||grad F||^2 <= (1.222 t^2 sigma^2 + 0.0126 s^2)(1 + 1) at worst, below (9/8)^2 (t^2 sigma^2 + s^2).
- finite B, D_o, D_in on quadratics with equal Hessians, by exact second moments of the last iterate: E||grad F(w_k)||^2 is
  at most 27 L Delta / k plus 1/143 of the terms under the root, without alpha^2 L^2 sigma^2, and with alpha^2 L^2 / B on the last one.
  With k = 27 L Delta / eps^2 iterations that is (26) with the iteration count of its first branch. The second branch follows: it allows
  as many iterations as make eps^2 equal to a third of the harmonic mean of the terms, which is below their sum. Where sigma = 0 or
  sigma~ = 0 its quotients are read as infinite, so that the first branch counts.

How tight: alpha L sigma / (1 + alpha L / 4) is attained, see section_4_4_floor.py. The term sigma~^2/D_in is not: without the
factor alpha^2 L^2 it is more than needed, and it falls like 1/D_in^2 (see table_1_k_shot.py).

Known limits: the points at rest are those of two tasks on a line; quadratics take batch sizes between whole numbers, too.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, sqrt, symbols

from exactarray import namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.equal_hessians import FO_MAML_RUNS, NAMES, NOISE
from theorems.fallah2020.points_at_rest import FO_MAML_AT_REST

L, alpha, sigma, sigma_tilde, D_in, k, Delta = symbols("L alpha sigma sigma_tilde D_in k Delta", nonnegative=True)
AT_REST = Rational(9, 8) * sqrt((alpha * L * sigma) ** 2 + sigma_tilde**2 / D_in)
AFTER = 27 * L * Delta / k + NOISE / 143


@claim(
    PAPER, "Theorem 4.15, (26)", Inequality("<="), entry="thm-4.15-fomaml", variant="explicit-constant-at-rest", on=FO_MAML_AT_REST,
    right=AT_REST, left=r"\|\nabla F(w)\|", names=NAMES,
)  # fmt: skip
def fo_maml_reaches_the_floor(rest: AtRest) -> Any:
    """Where FO-MAML with infinitely many tasks and outer samples stays, the gradient of F is as small as (26) says, with 9/8."""
    return rest.gradient_after_an_update("fo-maml")


@claim(
    PAPER, "Theorem 4.15, (26)", Inequality("<="), entry="thm-4.15-fomaml", variant="explicit-constant-equal-Hessians",
    on=FO_MAML_RUNS, right=AFTER, left=r"\mathbb{E}\|\nabla F(w_k)\|^2", names=NAMES,
)  # fmt: skip
def fo_maml_on_equal_hessians(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any, k: int) -> Any:
    """After k iterations on quadratics with equal Hessians: 27 L Delta / k plus 1/143 of the noise of the batches."""
    return namespace(start).sum(tasks.second_moment("fo-maml", start, B, D_in, D_o, k), axis=-1)
