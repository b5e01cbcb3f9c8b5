"""The error budget covers what rounding really does, where computations are ill-conditioned too."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from exactarray import array_like, inv, namespace, norm, solve, to_exact, to_float
from lakatos import Identity
from lakatos.evaluation import evaluate
from lakatos.families import Given
from lakatos.hunting.certify import exactly, to_fractions
from lakatos.hunting.ledger import error_budget
from tests.lakatos.made import family, made


@family
def close_pairs(draw: Any) -> dict[str, Any]:
    """Two numbers that nearly agree."""
    x = draw.real("x")
    return {"x": x, "y": x + draw.real("gap") / 10**9}


@family
def matrices(draw: Any) -> dict[str, Any]:
    """Matrices like Hilbert's, nearly singular."""
    shift = draw.interval("shift", 0, 1)
    hilbert = draw.constant([[1 / (i + j + 1) for j in range(5)] for i in range(5)])
    return {"A": hilbert + shift[:, None, None] * draw.constant([[float(i == j) for j in range(5)] for i in range(5)]) / 2**30}


def ones(A: Any) -> Any:
    return array_like([[1.0]] * 5, A)[None] + 0 * A[:, :, :1]


ILL_CONDITIONED = {
    "difference of squares": (lambda x, y: (x * x - y * y) / (x - y), lambda x, y: x + y, close_pairs),
    "cancelling sum": (lambda x, y: (x + 2**20) ** 3 - (x + 2**20) ** 3 + y, lambda y: y, close_pairs),
    "cancelling polynomial": (
        lambda x: (x - 1) ** 6,
        lambda x: x**6 - 6 * x**5 + 15 * x**4 - 20 * x**3 + 15 * x**2 - 6 * x + 1,
        close_pairs,
    ),
    "solve": (lambda A: solve(A, ones(A))[:, :, 0], lambda A: (inv(A) @ ones(A))[:, :, 0], matrices),
    "norm": (lambda x, y: norm(namespace(x).stack([x, y], axis=-1)) ** 2, lambda x, y: x * x + y * y, close_pairs),
}


@pytest.mark.parametrize("name", ILL_CONDITIONED)
def test_the_budget_covers_the_true_error(name: str) -> None:
    left, right, on = ILL_CONDITIONED[name]
    claim = made(left, right, Identity(), on)
    like = torch.linspace(0.01, 0.99, 24, dtype=torch.float64)
    names = ("shift",) if on is matrices else ("x", "gap")
    primitives = dict.fromkeys(names, like)
    given = Given({}, {"x": 1 + like, "gap": like + 1} if on is close_pairs else primitives, like, 24)
    evaluation = evaluate(claim, given)
    budget = error_budget(claim, evaluation, torch.Generator().manual_seed(0))
    error = evaluation.left - evaluation.right
    covered = 0
    for row in range(24):
        exact = exactly(claim, {}, to_fractions(evaluation.sample, row))
        truth = torch.tensor(to_float(exact.left - exact.right)[0])
        covered += bool(((error[row] - truth).abs() <= budget[row]).all())
    assert covered == 24


def test_the_budget_is_no_blank_cheque() -> None:
    claim = made(lambda x: x * (1 + x * x), lambda x: x + x**3, Identity())
    like = torch.linspace(0.1, 2, 24, dtype=torch.float64)
    evaluation = evaluate(claim, Given({}, {"x": like}, like, 24))
    budget = error_budget(claim, evaluation, torch.Generator().manual_seed(0))
    assert bool((budget[:, 0] <= 200 * 2.0**-53 * evaluation.left[:, 0]).all())


def test_cancellation_inside_a_matrix_product_is_seen() -> None:
    def product(x: Any) -> Any:
        row, column = array_like([[[3.0, -1.0, -1.0, -1.0]]], x), array_like([[1 / 3]] * 4, x)
        return (row @ (x[:, None, None] * column))[:, 0, 0]

    claim = made(product, lambda x: 0 * x, Identity())
    like = torch.linspace(0.1, 2, 24, dtype=torch.float64)
    evaluation = evaluate(claim, Given({}, {"x": like}, like, 24))
    budget = error_budget(claim, evaluation, torch.Generator().manual_seed(0))
    assert bool((evaluation.left.abs() <= budget).all())


def test_a_run_that_leaves_a_domain_gives_an_unknown_budget_only_if_all_do() -> None:
    claim = made(
        lambda x: namespace(x).sqrt(1 - x * x),
        lambda x: 0 * x,
        Identity(),
        family(lambda draw: {"x": draw.interval("x", -1, 1)}),
    )
    evaluation = evaluate(claim, Given({}, {"x": torch.tensor([1.0, 0.5], dtype=torch.float64)}, torch.zeros(2), 2))
    budget = error_budget(claim, evaluation, torch.Generator().manual_seed(0), runs=4)
    assert 0 < float(budget[0]) < 1e-6 or torch.isinf(budget[0])
    assert float(budget[1]) < 1e-13
    assert to_exact([1]).dtype == object
