"""Instances on which float64 linear algebra breaks down: exact arithmetic says what they mean, the others are not lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy
import torch

from exactarray import namespace, solve
from lakatos import ClaimError, Identity, Inequality, hunt
from lakatos.evaluation import evaluate
from lakatos.families import Given
from lakatos.power.score import score
from lakatos.profiles import PROFILES
from tests.lakatos.made import family, made

QUICK = replace(PROFILES["quick"], shrink_seconds=1.0)


@family
def nearly_parallel(draw: Any) -> dict[str, Any]:
    """A matrix with columns (1, 1) and (1, 1 + gap): singular in float64 where the gap is below the unit roundoff."""
    gap = draw.positive("gap", scale=1e-15)
    one = gap / gap
    xp = namespace(gap)
    return {"A": xp.stack([xp.stack([one, one], axis=-1), xp.stack([one, 1 + gap], axis=-1)], axis=-1), "gap": gap}


def solution(A: Any) -> Any:
    xp = namespace(A)
    return solve(A, xp.sum(A, axis=-1)[..., None])[..., 0]


def ones(A: Any) -> Any:
    return A[:, 0]


def gaps(*values: float) -> dict[str, Any]:
    return {"gap": torch.tensor(values, dtype=torch.float64)}


def test_the_other_instances_of_a_batch_are_evaluated() -> None:
    claim = made(solution, ones, Identity(), nearly_parallel)
    primitives = gaps(1e-3, 1e-20, 1.0, 1e-30, 2.0)
    evaluation = evaluate(claim, Given({}, primitives, primitives["gap"], 5))
    assert evaluation.broken.tolist() == [False, True, False, True, False]
    assert evaluation.valid.tolist() == [True, False, True, False, True]
    assert torch.allclose(evaluation.left[evaluation.valid], torch.ones(3, 2, dtype=torch.float64))
    assert evaluation.left[evaluation.broken].isnan().all()


def test_gradients_pass_by_the_broken_instances() -> None:
    claim = made(lambda A: solution(A)[:, 0], lambda gap: gap, Inequality("<="), nearly_parallel)
    leaf = gaps(1e-20, 0.5)["gap"].requires_grad_()
    evaluation = evaluate(claim, Given({}, {"gap": leaf}, leaf, 2))
    evaluation.right[evaluation.valid].sum().backward()
    assert leaf.grad.tolist() == [0.0, 1.0]


def test_a_true_identity_holds_although_float64_breaks_down() -> None:
    verdict = hunt(made(solution, ones, Identity(), nearly_parallel), profile=QUICK)
    assert verdict.outcome == "holds"
    assert "judged in exact arithmetic" in verdict.details["instances on which float64 breaks down"]
    assert verdict.rejected == 0


def test_what_float64_cannot_see_is_refuted_in_exact_arithmetic() -> None:
    def false_below_roundoff(A: Any, gap: Any) -> Any:
        return A[:, 0] + namespace(gap).where(gap < 1e-16, 1 + 0 * gap, 0 * gap)[:, None]

    verdict = hunt(made(solution, false_below_roundoff, Identity(), nearly_parallel), profile=QUICK)
    assert verdict.outcome == "refuted"
    assert verdict.warrant == "certified"


@family
def sometimes_singular(draw: Any) -> dict[str, Any]:
    """A matrix (1, 1; 1, 2), or one of ones alone."""
    x = draw.real("x")
    last = namespace(x).where(x > 1, 1 + 0 * x, 2 + 0 * x)
    one = 1 + 0 * x
    xp = namespace(x)
    return {"A": xp.stack([xp.stack([one, one], axis=-1), xp.stack([one, last], axis=-1)], axis=-1)}


def test_what_exact_arithmetic_cannot_evaluate_either_is_an_error_that_shows_the_instance() -> None:
    with pytest.raises(ClaimError, match=r"cannot be evaluated on a valid instance(.|\n)*x = "):
        hunt(made(solution, ones, Identity(), sometimes_singular), profile=QUICK)


def test_a_climb_survives_broken_instances() -> None:
    def total(A: Any) -> Any:
        return namespace(A).sum(solution(A), axis=-1)

    claim = made(total, lambda A: 2 * A[:, 0, 0], Inequality("<="), nearly_parallel)
    assert hunt(claim, profile=QUICK).outcome == "holds"


def test_false_variants_are_compared_without_the_broken_instances() -> None:
    gap = sympy.Symbol("gap", positive=True)
    found = score(made(lambda A, gap: solution(A)[:, 0] * gap, gap, Identity(), nearly_parallel), most=4)
    assert found.killed == found.counted > 0
