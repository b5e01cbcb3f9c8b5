"""FO-MAML reaches the accuracy alpha L sigma, apart from batch sizes, and with a term for each of them.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.15, equation (26): with beta_k = beta~(w_k)/18 and alpha <= 1/(10 L), FO-MAML finds a
solution with E||grad F|| <= O(sqrt(sigma^2 (alpha^2 L^2 + 1/B) + sigma~^2/(B D_o) + sigma~^2/D_in) + eps).

Checked with explicit constants where they can be derived, exactly:

- B and D_o infinite: where the expected update is zero, so that every reading of "finds" names the same point,
  ||grad F|| <= t (1 + t) (sigma + s), t = alpha L <= 1/10, s = sigma~/sqrt(D_in). For the outer gradients v_i = A_i grad f_i(w),
  1 - t <= A_i <= 1 + t, have mean zero; so E A_i ||grad f_i||^2 is at most E A_i ||grad f_i - grad f||^2 and E||v_i||^2 at most
  (1 + t)^2 sigma^2, and grad F = -alpha E H_i v_i. Data noise moves the mean of the v_i by e, |e| <= t s, and, on a line, grad F
  by (1 + t) |e| at most, since e enters with a weighted mean of the 1 - alpha H_i. By Cauchy-Schwarz this is below
  (11/10) sqrt(101/100) < 1.106 times sqrt(alpha^2 L^2 sigma^2 + s^2), as (26) says.
- finite B, D_o, D_in on quadratics with equal Hessians, by exact second moments of the last iterate: E||grad F(w_k)||^2 is at most
  26.49 L Delta / k, for 72/e, plus 1/143 of the terms under the root, without alpha^2 L^2 sigma^2, and with alpha^2 L^2 / B on the last
  one; so it is for B >= 1 and alpha <= 1/L, beyond which FO-MAML climbs. The printed numbers of iterations, both branches of the minimum,
  follow with the constant 26.49: then E||grad F(w_k)||^2 is at most eps^2 + S^2/9 plus 1/143 of sigma^2/B + sigma~^2/(B D_o), S the root,
  and so below (7/20 S + eps)^2. Where sigma = 0 or sigma~ = 0 the quotients are read as infinite, so that the first branch counts.

How tight: (1 + alpha L) alpha L sigma is the supremum without data noise, approached by spikes of f_1'' to L on two tasks that bend at -L
otherwise, for every L and alpha and with rho alpha sigma / L of some 2 n for the share 1/n; with a given rho and small sigma less is
possible (section_4_4_floor_given_rho.py). (1 + alpha L) alpha L s is the supremum without a variance of the tasks for D_in = 1, approached
where the inner step ends at a kink of f'. So the term sigma~^2/D_in of (26), without the factor alpha^2 L^2, is more than needed, and for
given tasks it falls like 1/D_in^2 (see table_1_k_shot.py).

Known limits: the points at rest are those of two tasks on a line; quadratics take batch sizes between whole numbers, too.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, sqrt, symbols

from exactarray import namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, Rate, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.equal_hessians import (
    FO_MAML_IN_THE_LONG_RUN,
    NAMES,
    NOISE,
    TERMS,
)
from theorems.fallah2020.extremes_at_rest import FO_MAML_OF_ALL_KINDS
from theorems.fallah2020.spiked_tasks import spikes
from theorems.fallah2020.whole_runs import as_long_as_printed, runs, runs_beyond_the_limits

L, alpha, sigma, sigma_tilde, D_in, k, Delta, eps = symbols("L alpha sigma sigma_tilde D_in k Delta eps", nonnegative=True)
sigma_squared, noise_squared, B, D_o, n = symbols("sigma_squared noise_squared B D_o n", nonnegative=True)
AT_REST = alpha * L * (1 + alpha * L) * (sigma + sigma_tilde / sqrt(D_in))
AFTER = Rational("26.49") * L * Delta / k + NOISE / 143


UNDER_THE_ROOT = (alpha * L) ** 2 * sigma_squared + TERMS
REACHED = eps**2 + UNDER_THE_ROOT / 9 + (sigma_squared / B + noise_squared / (B * D_o)) / 143

theorem = partial(claim, PAPER, "Theorem 4.15, (26)", entry="thm-4.15-fomaml", names={**NAMES, "eps": r"\epsilon"})
SQUARE = r"\mathbb{E}\|\nabla F(w_k)\|^2"


@theorem(
    Rate("O", over="B", grid=(20, 200, 2_000, 20_000, 200_000, 2_000_000), batch=16), on=FO_MAML_IN_THE_LONG_RUN,
    right=sqrt(UNDER_THE_ROOT), left=r"\lim_k\sqrt{\mathbb{E}\|\nabla F(w_k)\|^2}",
)  # fmt: skip
def bounded_as_tasks_grow(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any) -> Any:
    """The root mean square of the gradient in the long run, on quadratics with equal Hessians, as B grows."""
    moments = tasks.second_moment("fo-maml", start, B, D_in, D_o, None)
    return namespace(start).sqrt(namespace(start).sum(moments, axis=-1))


@theorem(Inequality("<="), variant="explicit-constant-at-rest", on=FO_MAML_OF_ALL_KINDS, right=AT_REST, left=r"\|\nabla F(w)\|")
def fo_maml_reaches_the_floor(rest: AtRest) -> Any:
    """Where FO-MAML with infinitely many tasks and outer samples stays, the gradient of F is as small as (26) says, and smaller."""
    return rest.gradient_after_an_update("fo-maml")


@theorem(
    Inequality(">="), variant="approached-at-rest", on=spikes, right=(1 - 1 / (4 * n)) * alpha * L * (1 + alpha * L) * sigma,
    left=r"\|\nabla F(w)\|",
)  # fmt: skip
def spikes_approach_the_floor(rest: AtRest) -> Any:
    """For every L and alpha there are tasks without data noise on which FO-MAML is drawn to a point within 1/(4 n) of the bound."""
    return rest.gradient_after_an_update("fo-maml")


def _of_tasks(values: dict[str, Any]) -> Any:
    return values["sigma_squared"] * ((values["alpha"] * values["L"]) ** 2 + 1 / values["B"])


@theorem(Inequality("<="), variant="explicit-constant-equal-Hessians", on=runs("fo-maml"), right=AFTER, left=SQUARE)
@theorem(
    Inequality("<="), variant="beyond-the-limits", name="fo_maml_beyond_the_limits", on=runs_beyond_the_limits("fo-maml", 1),
    right=AFTER, left=SQUARE,
)  # fmt: skip
@theorem(
    Inequality("<="), variant="explicit-constant-iterations", name="as_many_iterations_as_printed",
    on=as_long_as_printed("fo-maml", _of_tasks), right=REACHED, left=SQUARE,
)  # fmt: skip
def fo_maml_on_equal_hessians(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any, k: int) -> Any:
    """After k iterations on quadratics with equal Hessians: 26.49 L Delta / k plus 1/143 of the noise of the batches."""
    return namespace(start).sum(tasks.second_moment("fo-maml", start, B, D_in, D_o, k), axis=-1)
