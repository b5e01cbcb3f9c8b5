from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import pytest
import torch

from exactarray import to_exact
from impl.expectations import batch_counts, batch_law, gaussian_product_rule, joint_law, repeated, signs


def chances(points: int) -> list[Fraction]:
    return [Fraction(k + 1, points * (points + 1) // 2) for k in range(points)]


@pytest.mark.parametrize(("points", "size"), [(1, 1), (1, 5), (2, 1), (2, 4), (3, 3), (4, 2)])
def test_the_law_of_a_batch_collects_all_sequences(points: int, size: int) -> None:
    p = chances(points)
    law: Counter[tuple[Fraction, ...]] = Counter()
    for drawn in itertools.product(range(points), repeat=size):
        law[tuple(Fraction(drawn.count(k), size) for k in range(points))] += prod(p[k] for k in drawn)
    shares, probabilities = batch_law(to_exact([p]), size)
    found = {tuple(s.fraction() for s in row): q.fraction() for row, q in zip(shares, probabilities[0], strict=True)}
    assert found == dict(law)
    assert sum(ways for _, ways in batch_counts(points, size)) == points**size


def test_the_law_of_a_batch_is_the_same_in_floats_and_differentiable_at_zero() -> None:
    p = torch.tensor([[[1.0, 0.0], [0.25, 0.75]]], dtype=torch.float64, requires_grad=True)
    shares, probabilities = batch_law(p, 3)
    assert shares.shape == (4, 2)
    assert probabilities.shape == (1, 2, 4)
    torch.testing.assert_close(probabilities @ shares, p)
    (slope,) = torch.autograd.grad(probabilities[0, 0, 0], p)
    assert slope[0, 0].tolist() == [3, 0]


def test_a_joint_law_multiplies() -> None:
    first, second = to_exact([chances(2)]), to_exact([chances(3)])
    index, probabilities = joint_law([first, second])
    pairs = {(i, j): q.fraction() for i, j, q in zip(*index, probabilities[0], strict=True)}
    assert pairs == {(i, j): chances(2)[i] * chances(3)[j] for i in range(2) for j in range(3)}


def test_signs_are_independent_and_uniform() -> None:
    vectors = signs(4)
    assert len({tuple(v) for v in vectors}) == 16
    for powers in itertools.product(range(3), repeat=4):
        assert np.prod(vectors**powers, axis=1).mean() == all(k % 2 == 0 for k in powers)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_gaussian_rule_has_the_moments_of_a_normal_up_to_five(count: int) -> None:
    nodes, weights = gaussian_product_rule(count)
    normal = [1, 0, 1, 0, 3, 0]
    for powers in itertools.product(range(6), repeat=count):
        moment = sum(
            w * prod(int(x) ** k for x, k in zip(node, powers, strict=True)) for node, w in zip(nodes, weights, strict=True)
        )
        assert moment == prod(normal[k] for k in powers)


@dataclass(frozen=True)
class Pair:
    inside: Any
    array: Any
    label: str


def test_repeated_reaches_into_dataclasses() -> None:
    inner = Pair(None, torch.tensor([1.0, 2.0]), "inner")
    twice = repeated(Pair(inner, to_exact([[3], [4]]), "outer"), 2)
    assert twice.inside.array.tolist() == [1, 1, 2, 2]
    assert [row[0].fraction() for row in twice.array] == [3, 3, 4, 4]
    assert (twice.label, twice.inside.label) == ("outer", "inner")


def test_nothing_to_draw_is_refused() -> None:
    for call in (
        lambda: batch_counts(0, 1),
        lambda: batch_law(torch.ones(1, 2), 0),
        lambda: signs(0),
        lambda: gaussian_product_rule(0),
        lambda: joint_law([]),
    ):
        with pytest.raises(ValueError, match=r"at least one|positive"):
            call()
