"""False variants of the claims must fall to the same checks that the claims pass."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from sympy import Identity, Integer, Inverse, Rational

from exactarray import namespace
from impl.fo_anil import SubspaceTasks, infinite_task_run
from lakatos import Claim, Inequality, hunt
from theorems.foanil2024 import equation_8, theorem_1
from theorems.foanil2024 import theorem_1_proof_sketch_alignment as alignment
from theorems.foanil2024 import theorem_1_proof_sketch_forgotten as forgotten
from theorems.foanil2024 import theorem_1_proof_sketch_prediction as prediction
from theorems.foanil2024.equation_8 import LIMIT, Sigma, k, relative_distance
from theorems.foanil2024.starts import alpha, beta, constants_of_one, half_the_step, variance

RESOLVENT = Identity(k) - Inverse((equation_8.m_in + 1) / equation_8.total_variance * Sigma + Identity(k))
# Corners that a short search does not reach by itself.
AT_EVERY_BOUND = prediction.SMALL_START | {"spectrum": [1], "head_length": 1}
FIVE_STEPS = alignment.alignment_increases_for_the_scaled_bound.witness
ONE_PERCENT_MORE = Rational(101, 100)


def refuted(claim: Claim) -> bool:
    return hunt(claim, profile="quick", seed=0).outcome == "refuted"


@pytest.mark.parametrize(
    "false",
    [LIMIT * ONE_PERCENT_MORE, RESOLVENT / equation_8.alpha, LIMIT / equation_8.alpha, LIMIT * equation_8.alpha],
    ids=["one percent more", "without m/(m+1)", "alpha^-2", "alpha^0"],
)
def test_another_limit_matrix_is_refuted(false: Any) -> None:
    assert refuted(equation_8.fixed_point.but(right=false))


@pytest.mark.parametrize("exponent", [Rational(-1, 2), Rational(-2)])
def test_another_rate_in_the_samples_is_refuted(exponent: Any) -> None:
    assert refuted(equation_8.distance_to_identity.but(right=equation_8.m_in**exponent))


def distance_to_a_wrong_limit(
    tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, checkpoints: tuple[int, ...]
) -> Any:
    """The limit of one more inner sample than the run has."""
    run = infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in, steps=checkpoints[-1])
    seen = [relative_distance(tasks, B_t, alpha, m_in + 1) for t, (B_t, _) in enumerate(run) if t in checkpoints]
    return namespace(B).stack(seen, axis=-1)


@pytest.mark.parametrize(
    "claim",
    [
        equation_8.run_reaches_the_limit,
        theorem_1.three_limits_for_explicit_constants,
        theorem_1.three_limits_without_m_in,
    ],
    ids=lambda c: c.variant,
)
def test_the_limit_for_another_number_of_samples_is_refuted(claim: Claim) -> None:
    assert refuted(claim.but(function=distance_to_a_wrong_limit))


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (forgotten.complement_decays_for_half_the_step, Rational(99, 100)),
        (prediction.head_shrinks, Rational(99, 100)),
        (prediction.prediction_shrinks_near_the_limit, Rational(99, 100)),
        (prediction.prediction_grows_by_at_most_one_plus_alpha_beta_c, 1 + Rational(9, 10) * alpha * beta * variance),
        (prediction.prediction_grows_by_at_most_one_plus_alpha_beta_c, Integer(1)),
        (alignment.alignment_increases_from_a_zero_head, ONE_PERCENT_MORE),
        (alignment.alignment_increases_on_a_line, ONE_PERCENT_MORE),
    ],
    ids=lambda x: x.variant if isinstance(x, Claim) else str(x),
)
def test_a_sharper_constant_is_refuted(claim: Claim, right: Any) -> None:
    assert refuted(claim.but(right=right))


@pytest.mark.parametrize(
    ("claim", "wider", "witness"),
    [
        (forgotten.complement_decays_for_half_the_step, constants_of_one, None),
        (prediction.prediction_grows_by_at_most_one_plus_alpha_beta_c, constants_of_one, AT_EVERY_BOUND),
        (prediction.prediction_shrinks_near_the_limit, half_the_step, None),
        (alignment.alignment_increases_from_a_zero_head, half_the_step, None),
        (alignment.alignment_increases_on_a_line, alignment.scaled_bound, FIVE_STEPS),
    ],
    ids=lambda x: x.variant if isinstance(x, Claim) else getattr(x, "name", "pinned" if x else "unpinned"),
)
def test_a_dropped_assumption_is_refuted(claim: Claim, wider: Any, witness: Any) -> None:
    assert refuted(claim.but(on=wider, witness=witness))


@pytest.mark.parametrize(
    "claim",
    [forgotten.complement_decays_for_half_the_step, prediction.head_shrinks, prediction.prediction_shrinks_near_the_limit],
    ids=lambda c: c.id,
)
def test_growth_instead_of_decay_is_refuted(claim: Claim) -> None:
    assert refuted(claim.but(kind=Inequality(">=")))


def test_the_printed_claims_hold_where_their_corrections_do() -> None:
    for claim, family in (
        (forgotten.complement_decays, half_the_step),
        (alignment.alignment_increases, alignment.zero_head_below_the_limit),
    ):
        assert hunt(claim.but(on=family, expect="holds"), profile="quick", seed=0).outcome == "holds"


@pytest.mark.parametrize(("step", "steps"), [(0.5, 40), (0.25, 160)])
def test_alignment_falls_back_for_smaller_constants_after_more_steps(step: float, steps: int) -> None:
    # Sigma_* = I/2, sigma = 0, m_in = 1: the first direction has reached its limit while the second is still learned.
    one = torch.ones(1, dtype=torch.float64)
    tasks = SubspaceTasks.on_first_axes(torch.eye(2, dtype=torch.float64)[None] / 2, 0 * one, 3)
    B = torch.zeros(1, 3, 2, dtype=torch.float64)
    B[0, 0, 0], B[0, 1, 1] = 0.25 / step**0.5, 0.002 / step**0.5
    w = torch.tensor([[0.0, (step / 8) ** 0.5]], dtype=torch.float64)
    run = infinite_task_run(B, w, tasks, alpha=step * one, beta=step * one, m_in=1, steps=steps)
    first = torch.stack([tasks.alignment(B_t)[0, 0, 0] for B_t, _ in run])
    assert float(torch.diff(first).min()) < -1e-9
