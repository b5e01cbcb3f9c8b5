"""Every claim of Ji et al. can fail: a false variant of each is refuted by the same check."""

from __future__ import annotations

import pytest

from lakatos import Rate, Trend, hunt
from theorems.ji2020 import (
    figure_1,
    figure_1_cost,
    figure_2,
    theorem_1,
    theorem_1_constants,
    theorem_1_over_batch_and_steps,
    theorem_1_over_inner_steps,
    theorem_2,
    theorem_2_constants,
    theorem_2_over_inner_steps,
)
from theorems.ji2020.problems import INNER
from theorems.ji2020.theorem_1 import K, N, gap, noise, q

FALSE = {
    "initial gap dropped, w": theorem_1_constants.w_gradient_with_constants.but(
        right=theorem_1_constants.DERIVED_W.subs(gap, 0)
    ),
    "initial gap dropped, phi": theorem_1_constants.phi_gradient_with_constants.but(
        right=theorem_1_constants.DERIVED_PHI.subs(gap, 0)
    ),
    "decay in N too fast at a point": theorem_1_constants.w_gradient_at_every_point.but(right=q ** (3 * N)),
    "1/K^2 without noise, w": theorem_1_over_batch_and_steps.w_gradient_over_K.but(right=q ** (N / 2) / K**2),
    "noise dropped, phi": theorem_1_over_batch_and_steps.phi_gradient_over_K.but(right=theorem_1.RATE_PHI.subs(noise, 0)),
    "1/B^2, w": theorem_1_over_batch_and_steps.w_gradient_over_B.but(right=noise**2),
    "1/B^2, phi": theorem_1_over_batch_and_steps.phi_gradient_over_B.but(right=noise**2),
    "decay in N too fast": theorem_1_over_inner_steps.w_gradient_over_N.but(right=q ** (4 * N)),
    "both gradients grow": theorem_1_over_inner_steps.both_gradients_over_N.but(
        kind=Trend("increasing", over="N", grid=INNER, batch=32)
    ),
    "printed step without its constant": theorem_2_constants.gradient_with_printed_step.but(
        right=theorem_2_constants.SLOW_STEP / 8
    ),
    "full step with half its constant": theorem_2_constants.gradient_with_full_step.but(
        right=theorem_2_constants.FULL_STEP / 2
    ),
    "nonconvex, noise dropped, w": theorem_2.w_gradient_over_K.but(right=N / K),
    "nonconvex, noise dropped, phi": theorem_2.phi_gradient_over_K.but(right=N / K),
    "nonconvex, 1/K^2": theorem_2.gradient_over_K_without_noise.but(right=theorem_2.gap * N / (theorem_2.c * K**2)),
    "nonconvex, 1/B^2": theorem_2.gradient_over_B.but(right=theorem_2.noise**2),
    "nonconvex, faster with N": theorem_2_over_inner_steps.gradient_over_N.but(right=1 / N**2),
    "printed steps, loss falls": theorem_2_over_inner_steps.loss_over_N.but(
        kind=Trend("decreasing", over="N", grid=INNER, batch=16)
    ),
    "full step, loss grows": theorem_2_over_inner_steps.loss_with_full_step_over_N.but(
        right=1 / N, kind=Rate("O", over="N", grid=INNER, batch=16)
    ),
    "Figure 1, slower": figure_1.loss_up_to_seven.but(kind=Trend("increasing", over="N", grid=(1, 3, 5, 7), batch=8)),
    "Figure 1, dearer in gradients": figure_1_cost.gradient_cost_up_to_seven.but(
        # Undecided as claimed at the usual error; at a larger one the opposite trend is seen to fail.
        kind=Trend("increasing", over="N", grid=(1, 3, 5, 7), batch=96, error=1e-6)
    ),
    "Figure 1, cheaper beyond 7": figure_1_cost.full_cost_beyond_seven.but(
        kind=Trend("decreasing", over="N", grid=(7, 10, 15, 30), batch=8)
    ),
    "Figure 2, faster": figure_2.cost_over_N.but(kind=Trend("decreasing", over="N", grid=(1, 3, 7, 15, 30), batch=8)),
    "Figure 2, one is slowest": figure_2.cost_of_few_steps.but(kind=Trend("decreasing", over="N", grid=(1, 3, 7), batch=16)),
    "Figure 2, N tames": figure_2.loss_of_diverging_runs.but(kind=Trend("decreasing", over="N", grid=(1, 3, 7, 30), batch=8)),
    "Figure 2, more outer steps": figure_2.outer_steps_over_N.but(kind=Trend("increasing", over="N", grid=(1, 3, 7), batch=16)),
}


@pytest.mark.parametrize("variant", FALSE)
def test_a_false_variant_is_refuted(variant):
    assert hunt(FALSE[variant], profile="quick", seed=0).outcome == "refuted"


TRUE = {
    # Where the printed step fails, the step with N - 1 in its exponent is 20 times smaller and converges.
    "nearly perfect conditioning, smaller step": theorem_1.w_gradient_near_perfect_conditioning.but(
        on=theorem_1.almost_perfectly_conditioned(power=0)
    ),
    # The gap in the printed side absorbs the growth in kappa.
    "ill conditioned, with the gap": theorem_1.phi_gradient_over_mu.but(right=theorem_1.RATE_PHI * gap),
}


@pytest.mark.parametrize("variant", TRUE)
def test_what_was_missing_mends_a_refuted_claim(variant):
    assert hunt(TRUE[variant], profile="quick", seed=0).outcome == "holds"
