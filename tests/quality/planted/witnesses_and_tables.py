"""What exists, what does not, and small tables of numbers that are known."""

from __future__ import annotations

from typing import Any

import torch

from exactarray import namespace, norm
from lakatos import Existence, Reproduction
from lakatos.claims import Claim
from tests.lakatos.made import family, made
from tests.quality.planted.families import (
    determinant,
    inner,
    matrices_of_two,
    mean_of_squares,
    moderate,
    positives,
    semidefinite,
    squared_mean,
    trace,
    weights,
)


@family
def one_setting(draw: Any) -> dict[str, Any]:
    return {"throws": draw.option("throws", [20_000])}


def dice(throws: int, repetitions: int, generator: torch.Generator) -> Any:
    """Mean, variance and share of sixes of a fair die."""
    thrown = torch.randint(1, 7, (repetitions, throws), generator=generator).to(torch.float64)
    return torch.stack([thrown.mean(-1), thrown.var(-1), (thrown == 6).to(torch.float64).mean(-1)], dim=1)


def halving(throws: int) -> Any:
    """What gradient descent on x^2/2 with step 1/2 leaves of 1 after 1, 2, 3 and 10 steps."""
    x, left = torch.ones(1, dtype=torch.float64), []
    for step in range(1, 11):
        x = x - x / 2
        if step in (1, 2, 3, 10):
            left.append(x)
    return torch.stack(left, dim=1)


def commutator(A: Any, B: Any) -> Any:
    difference = A @ B - B @ A
    return norm(difference.reshape(difference.shape[0], -1))


def smallest_eigenvalue_of_product(A: Any, B: Any, v: Any) -> Any:
    """The quadratic form of the product of two positive semidefinite matrices."""
    return inner(v, (A @ B @ v[:, :, None])[:, :, 0])


def double_well(x: Any) -> Any:
    return (x * x - 1) * (x * x - 1) - x / 4


def arithmetic_minus_geometric(x: Any, y: Any) -> Any:
    return (x + y) / 2 - namespace(x).sqrt(x * y)


FALSE: dict[str, Claim] = {
    "a die's variance is 3.2": made(
        dice, None, Reproduction({"mean": "3.50", "variance": "3.2", "sixes": "0.17"}), one_setting
    ),
    "a die shows six in a fifth of its throws, 64 times over": made(
        dice, None, Reproduction({"mean": "3.50", "variance": "2.92", "sixes": "0.20"}, runs=64), one_setting
    ),
    "halving leaves 0.126 after three steps (subtle)": made(
        halving, None, Reproduction({"1": "0.5", "2": "0.25", "3": "0.126", "10": "0.00098"}), one_setting
    ),
}

TRUE: dict[str, Claim] = {
    "a die's mean, variance and share of sixes": made(
        dice, None, Reproduction({"mean": "3.50 ± 0.08", "variance": "2.92", "sixes": "0.167"}), one_setting
    ),
    "halving leaves 0.125 after three steps (tight)": made(
        halving, None, Reproduction({"1": "0.5", "2": "0.25", "3": "0.125", "10": "0.00098"}), one_setting
    ),
    "some matrices do not commute": made(commutator, 1, Existence(">"), matrices_of_two),
    "some matrix has a negative determinant and no trace": made(
        lambda A: determinant(A) + 10 * abs(trace(A)), -1, Existence("<"), matrices_of_two
    ),
    "the product of two semidefinite matrices can be indefinite": made(
        smallest_eigenvalue_of_product, 0, Existence("<"), semidefinite
    ),
    "the double well dips below -1/4": made(double_well, -1 / 4, Existence("<"), moderate),
    "the means can be equal (tight)": made(arithmetic_minus_geometric, 0, Existence("<="), positives),
}

ABSENT: dict[str, Claim] = {
    "a square mean above the mean of the squares": made(
        lambda p, v: squared_mean(p, v) - mean_of_squares(p, v), 0, Existence(">"), weights
    ),
    "the double well below -0.26": made(double_well, -0.26, Existence("<"), moderate),
    "an arithmetic mean below the geometric": made(arithmetic_minus_geometric, 0, Existence("<"), positives),
}
"""Of which no witness exists: a search must find none, and say so."""
