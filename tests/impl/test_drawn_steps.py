from __future__ import annotations

from typing import Any

import pytest
import torch

from impl.drawn_steps import Sampler, drawn_update
from impl.noisy_tasks import NoisyTasks, Perturbations
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import printed_delta
from impl.stochastic_maml_runs import expected_directions

METHODS = ("maml", "fo-maml", "hf-maml")
ALPHA, BETA = (torch.tensor([x], dtype=torch.float64) for x in (0.25, 1.0))


def tensor(*values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def line_tasks(noise: float) -> NoisyTasks:
    splines = SplineTasks(
        weights=tensor([0.25, 0.75]),
        start=tensor([[-1.0], [-1.0]]),
        gaps=tensor([[[2.0]], [[2.0]]]),
        heights=tensor([[[-1.0, 1.0]], [[0.5, 0.5]]]),
        slope=tensor([[1.0], [-2.0]]),
    )
    size = noise * tensor([[[1.0], [-1.0]], [[2.0], [-2.0]]])
    place = tensor([[0.0], [0.0]])
    return NoisyTasks(splines, Perturbations(0.5 + 0 * size[..., 0], size, size, place, place + 1))


def delta(v: Any) -> Any:
    one = torch.ones(v.shape[0], dtype=torch.float64)
    return printed_delta(one, one, v)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("method", METHODS)
def test_the_points_of_every_batch_are_counted(method: str) -> None:
    sampler = Sampler(generator())
    for _ in range(2):
        drawn_update(method, line_tasks(1), tensor([0.5]), ALPHA, BETA, (7, 5, 3, 2), sampler, delta)
    assert sampler.points == 2 * 7 * (5 + 3 + (0 if method == "fo-maml" else 2))


@pytest.mark.parametrize("method", METHODS)
def test_without_noise_many_tasks_give_the_expected_update(method: str) -> None:
    tasks, w = line_tasks(0), tensor([0.5])
    found = drawn_update(method, tasks, w, ALPHA, BETA, (100_000, 1, 1, 1), Sampler(generator()), delta)
    directions = expected_directions(method, tasks, w, ALPHA, None, delta)
    mean = (tasks.weights[..., None] * directions).sum(dim=1)
    spread = float((directions[0, 0] - directions[0, 1]).abs())
    torch.testing.assert_close(found, w - mean, atol=4 * spread * 0.5 / 100_000**0.5, rtol=0)


@pytest.mark.parametrize("method", ["maml", "fo-maml"])
def test_the_mean_over_many_small_batches_is_the_expected_direction(method: str) -> None:
    tasks, w = line_tasks(0.5), tensor([0.5])
    found = drawn_update(method, tasks, w, ALPHA, BETA, (400_000, 2, 1, 1), Sampler(generator()))
    mean = (tasks.weights[..., None] * expected_directions(method, tasks, w, ALPHA, 2)).sum(dim=1)
    torch.testing.assert_close(found, w - mean, atol=0.02, rtol=0)


def test_data_points_are_drawn_with_their_chances() -> None:
    chances = tensor([[0.1, 0.2, 0.7]])
    shares = Sampler(generator()).data(chances, 100_000)
    torch.testing.assert_close(shares, chances, atol=0.01, rtol=0)
    assert float(shares.sum()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("method", "sizes", "named"),
    [("sgd", (1, 1, 1, 1), "method"), ("maml", (1, 0, 1, 1), "sizes"), ("hf-maml", (1, 1, 1, 1), "delta")],
)
def test_wrong_arguments_are_named(method: str, sizes: tuple[int, int, int, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        drawn_update(method, line_tasks(1), tensor([0.5]), ALPHA, BETA, sizes, Sampler(generator()))
