"""MAML reaches stationary points up to terms that vanish as the batches grow.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.12, equation (23), with beta_k = beta~(w_k)/12 and alpha <= 1/(6 L): MAML finds w_eps with
E||grad F(w_eps)|| <= O(sqrt(sigma^2/B + sigma~^2/(B D_o) + sigma~^2/D_in)) + eps. Iteration counts: theorem_4_12_iterations.py; one
step on general tasks: theorem_4_12_descent.py.

Checked with explicit constants on the two classes where the end of a run is known exactly.

- Quadratics with equal Hessians, finite batches, exact second moments: the last iterate satisfies E||grad F(w_k)||^2 <= 17.66 L Delta / k
  plus 1/95 of sigma^2/B + sigma~^2/(B D_o) + alpha^2 L^2 sigma~^2/(B D_in), where the last term is below the printed one. Both numbers
  are as small as they can be (48/e = 17.658; 1/95 for alpha to 0), and need neither B >= 20 nor alpha <= 1/(6 L): they hold for
  B >= 1 and alpha <= 2/L, beyond which an inner step lengthens a gradient. The root is attained as B grows alone with sigma~ = 0, as
  the rate shows; with sigma~ > 0 the printed third term is what stays under the root as B or D_o grows, far above the gradient.
- Nonlinear tasks, B = D_o = infinity, at points where the expected update is zero: ||grad F|| is the bias, at most
  (1 + alpha L) alpha L sigma~ / sqrt(D_in). So the third term can carry a factor alpha^2 L^2; and since the Hessians are
  rho-Lipschitz, the bias is also at most (1 + alpha L) rho alpha^2 sigma~^2 / (2 D_in): for given tasks the limit falls like
  1/D_in, not like 1/sqrt(D_in), and (23) is not tight in D_in.

Every reading of "finds" is covered: on quadratics the last iterate is bounded, a point at rest is every iterate. sigma^2/B is of
the order of the squared gradient norm that the noise of the step sustains.

Known limits: sigma_H = 0; runs at rest are those of two tasks on a line; batch sizes between whole numbers are included.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Min, Rational, sqrt, symbols

from exactarray import namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, Rate, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.equal_hessians import (
    MAML_IN_THE_LONG_RUN,
    MAML_WITHOUT_DATA_NOISE,
    NAMES,
    NOISE,
    TERMS,
)
from theorems.fallah2020.points_at_rest import MAML_AT_REST
from theorems.fallah2020.whole_runs import runs, runs_beyond_the_limits

L, alpha, rho, sigma_tilde, D_in, k, Delta = symbols("L alpha rho sigma_tilde D_in k Delta", nonnegative=True)
AFTER = Rational("17.66") * L * Delta / k + NOISE / 95
BIAS = (1 + alpha * L) * Min(alpha * L * sigma_tilde / sqrt(D_in), rho * alpha**2 * sigma_tilde**2 / (2 * D_in))
SIZES = (20, 200, 2_000, 20_000, 200_000, 2_000_000)

theorem = partial(claim, PAPER, "Theorem 4.12, (23)", entry="thm-4.12-maml", names=NAMES)
in_the_long_run = partial(theorem, right=sqrt(TERMS), left=r"\lim_k\sqrt{\mathbb{E}\|\nabla F(w_k)\|^2}")


@in_the_long_run(Rate("O", over="B", grid=SIZES, batch=16), on=MAML_IN_THE_LONG_RUN)
@in_the_long_run(
    Rate("O", over="D_in", grid=SIZES, batch=16),
    variant="printed-in-D_in",
    name="bounded_as_inner_samples_grow",
    on=MAML_IN_THE_LONG_RUN,
)
@in_the_long_run(
    Rate("O", over="D_o", grid=SIZES, batch=16),
    variant="printed-in-D_o",
    name="bounded_as_outer_samples_grow",
    on=MAML_IN_THE_LONG_RUN,
)
@in_the_long_run(
    Rate("Theta", over="B", grid=SIZES, batch=16), variant="attained-in-B", name="attained_as_tasks_grow",
    on=MAML_WITHOUT_DATA_NOISE,
)  # fmt: skip
def bounded_as_tasks_grow(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any) -> Any:
    """The root mean square of the gradient in the long run, on quadratics with equal Hessians, as one batch size grows."""
    moments = tasks.second_moment("maml", start, B, D_in, D_o, None)
    return namespace(start).sqrt(namespace(start).sum(moments, axis=-1))


@theorem(
    Inequality("<="),
    variant="explicit-constant-equal-Hessians",
    on=runs("maml"),
    right=AFTER,
    left=r"\mathbb{E}\|\nabla F(w_k)\|^2",
)
@theorem(
    Inequality("<="), variant="beyond-the-limits", name="maml_beyond_the_limits", on=runs_beyond_the_limits("maml", 2),
    right=AFTER, left=r"\mathbb{E}\|\nabla F(w_k)\|^2",
)  # fmt: skip
def maml_on_equal_hessians(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any, k: int) -> Any:
    """After k iterations on quadratics with equal Hessians: 17.66 L Delta / k plus 1/95 of the noise of the batches."""
    return namespace(start).sum(tasks.second_moment("maml", start, B, D_in, D_o, k), axis=-1)


@theorem(Inequality("<="), variant="explicit-constant-at-rest", on=MAML_AT_REST, right=BIAS, left=r"\|\nabla F(w)\|")
def maml_rests_within_its_bias(rest: AtRest) -> Any:
    """Where MAML with infinitely many tasks and outer samples stays, the gradient of F is at most the bias, in both its bounds."""
    return rest.gradient_after_an_update("maml")
