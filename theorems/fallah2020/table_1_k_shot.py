"""K-shot learning: the accuracy left by K samples in the inner loop.

Fallah, Mokhtari, Ozdaglar 2020, Table 1, column "K-shot Learning: best accuracy possible": MAML ||grad F|| <= O(sigma~/sqrt(K)),
FO-MAML <= O(sigma + sigma~/sqrt(K)), HF-MAML <= O(sigma~/sqrt(K)), where K = D_in and the other batches are as large as needed.

Checked at points where the expected update (B = D_o = infinity) is zero, so that a run stays there.

- MAML: holds, with the constant 7/36 by theorem_4_12.py. As the *best* accuracy possible it does not: with rho-Lipschitz Hessians
  the bias is at most (1 + alpha L) rho alpha^2 sigma~^2 / (2 K), so that for given tasks the limit falls like 1/K;
  one constant for all tasks takes the printed root, though, as kinks show.
- FO-MAML: holds, with the constant 11/100 by theorem_4_15.py. The factor alpha of the accuracy column is missing: with (26) it is
  O(alpha L sigma + sigma~/sqrt(K)), smaller without bound for small alpha; as the best accuracy possible the printed one is false.
- HF-MAML: refuted, as Theorem 4.17 is: without noise of the data the gradient does not vanish, for any K.
- "As large as needed" is an assumption: for any fixed B the accuracy is of the order sigma/sqrt(B) for large K.

Known limits: K up to 64; tasks on a line.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import sqrt, symbols

from exactarray import namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, Rate, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.equal_hessians import MAML_IN_THE_LONG_RUN
from theorems.fallah2020.kinks_at_rest import MAML_ON_A_SLOPE_OR_AT_A_KINK
from theorems.fallah2020.points_at_rest import FO_MAML_ON_A_SLOPE, MAML_ON_A_SLOPE, opposed_at_any_step, opposed_at_one_twelfth

sigma, sigma_tilde, noise_squared, D_in = symbols("sigma sigma_tilde noise_squared D_in", nonnegative=True)
K_SHOT = sigma_tilde / sqrt(D_in)

table = partial(
    claim, PAPER, "Table 1, K-shot", entry="tab-1-kshot", left=r"\|\nabla F(w)\|",
    names={"sigma_tilde": r"\tilde\sigma", "D_in": "K", "noise_squared": r"\tilde\sigma^2"},
)  # fmt: skip


K = partial(Rate, over="D_in", grid=(1, 4, 16, 64), batch=16)


@table(
    K("O"),
    variant="maml",
    on=MAML_ON_A_SLOPE_OR_AT_A_KINK,
    right=K_SHOT,
    rests_on=("fallah2020/thm-4.12-maml/explicit-constant-at-rest",),
)
@table(
    K("Theta"),
    variant="maml-on-one-instance",
    name="maml_gains_more_from_k_shots",
    on=MAML_ON_A_SLOPE,
    right=sigma_tilde**2 / D_in,
)
@table(
    K("Omega"), variant="maml-best-possible", name="nothing_better_is_possible",
    on=MAML_ON_A_SLOPE, right=K_SHOT, expect="refuted", reason="false", corrected="maml_gains_more_from_k_shots",
    because="Hessians are rho-Lipschitz, so that the bias of the inner step is of order rho alpha^2 sigma~^2 / K.",
    witness={
        "far_height": 1, "bend": 1, "gap": 1, "alpha_share": 1, "slope": 0, "deviation": 1, "D_in": 1, "root_of_odds": 1,
    },
)  # fmt: skip
def maml_with_k_shots(rest: AtRest) -> Any:
    """Where MAML with K inner samples rests, the gradient of F is of the order sigma~/sqrt(K) at most."""
    return rest.gradient_after_an_update("maml")


@table(
    K("O"),
    variant="fo-maml",
    on=FO_MAML_ON_A_SLOPE,
    right=sigma + K_SHOT,
    rests_on=("fallah2020/thm-4.15-fomaml/explicit-constant-at-rest",),
)
def fo_maml_with_k_shots(rest: AtRest) -> Any:
    """Where FO-MAML with K inner samples rests, the gradient of F is of the order sigma + sigma~/sqrt(K) at most."""
    return rest.gradient_after_an_update("fo-maml")


@table(
    Rate("Omega", over="shortening", grid=(1, 10, 100, 1000), batch=16), variant="fo-maml-best-possible", on=opposed_at_any_step,
    right=sigma, expect="refuted", reason="misprint", corrected="fo_maml_with_k_shots",
    because="The factor alpha L of (26) is missing: the floor of FO-MAML is alpha L sigma, far below sigma for small alpha.",
    witness={"curvature": 1, "slope": 2, "shortening": 1, "start": 0},
)  # fmt: skip
def fo_maml_for_small_alpha(rest: AtRest) -> Any:
    """The gradient of F where FO-MAML rests on opposed tasks without data noise, as alpha falls."""
    return rest.gradient_after_an_update("fo-maml")


@table(
    Inequality("<="), variant="hf-maml", on=opposed_at_one_twelfth, right=1000 * K_SHOT, expect="refuted", reason="false",
    because="HF-MAML with the printed delta rests where the gradient of F is of the order alpha L sigma, whatever K.",
    witness={"curvature": 1, "slope": 2, "start": 0}, corrected="short_differences_repair_it",
)  # fmt: skip
def hf_maml_with_k_shots(rest: AtRest) -> Any:
    """Where HF-MAML with the printed delta and K inner samples rests, the gradient of F is at most 1000 sigma~/sqrt(K)."""
    return rest.gradient_after_an_update("hf-maml")


@table(
    Rate("O", over="D_in", grid=(20, 200, 2_000, 20_000, 200_000, 2_000_000), batch=16), variant="other-batches-fixed",
    on=MAML_IN_THE_LONG_RUN, right=sqrt(noise_squared / D_in), left=r"\lim_k\sqrt{\mathbb{E}\|\nabla F(w_k)\|^2}", expect="refuted",
    reason="missing assumption", corrected="bounded_as_inner_samples_grow",
    because="With B and D_o fixed the terms sigma^2/B and sigma~^2/(B D_o) of (23) remain as K grows.",
    witness={
        "d": 1, "B": 20, "D_in": 20, "D_o": 1, "L": 1, "alpha_share": 1, "steepness": [1], "task_variance": [1], "data_variance": [1],
    },
)  # fmt: skip
def maml_with_k_shots_and_few_tasks(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any) -> Any:
    """The root mean square of the gradient in the long run, on quadratics with equal Hessians and fixed B and D_o."""
    moments = tasks.second_moment("maml", start, B, D_in, D_o, None)
    return namespace(start).sqrt(namespace(start).sum(moments, axis=-1))
