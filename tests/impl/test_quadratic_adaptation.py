from __future__ import annotations

import pytest
import torch

from exactarray import to_exact
from impl.quadratic_adaptation import QuadraticTasks


def random_tasks(batch: int, tasks: int, d: int) -> tuple[QuadraticTasks, torch.Tensor]:
    g = torch.Generator().manual_seed(4)
    root = torch.randn(batch, tasks, d, d, dtype=torch.float64, generator=g)
    hessians = root @ root.mT / d + torch.eye(d, dtype=torch.float64) / 4
    weights = torch.softmax(torch.randn(batch, tasks, dtype=torch.float64, generator=g), -1)
    optima = torch.randn(batch, tasks, d, dtype=torch.float64, generator=g)
    return QuadraticTasks(weights, hessians, optima), torch.rand(batch, dtype=torch.float64, generator=g) / 4


def loss_by_loops(tasks: QuadraticTasks, b: int, w: torch.Tensor, alpha: float, steps: int) -> torch.Tensor:
    total = torch.zeros((), dtype=torch.float64)
    for i in range(tasks.weights.shape[1]):

        def loss(x: torch.Tensor, i: int = i) -> torch.Tensor:
            error = x - tasks.optima[b, i]
            return error @ tasks.hessians[b, i] @ error / 2

        x = w
        for _ in range(steps):
            x = x - alpha * torch.autograd.grad(loss(x), x, create_graph=True)[0]
        total = total + tasks.weights[b, i] * loss(x)
    return total


@pytest.mark.parametrize(("batch", "count", "d"), [(1, 1, 1), (3, 2, 2), (2, 3, 3)])
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_the_minimiser_has_no_gradient_and_losses_agree_with_loops(batch: int, count: int, d: int, steps: int) -> None:
    tasks, alpha = random_tasks(batch, count, d)
    best = tasks.minimiser(alpha, steps)
    losses = tasks.expected_loss(best, alpha, steps)
    for b in range(batch):
        w = best[b].clone().requires_grad_()
        loss = loss_by_loops(tasks, b, w, float(alpha[b]), steps)
        assert float(losses[b]) == pytest.approx(float(loss.detach()), rel=1e-10, abs=1e-12)
        assert torch.autograd.grad(loss, w)[0].norm() < 1e-10
    distances = tasks.distances(best, alpha, steps)
    torch.testing.assert_close(distances, (tasks.adapted(best, alpha, steps) - tasks.optima).norm(dim=-1))


def test_exact_numbers_agree() -> None:
    tasks, alpha = random_tasks(2, 2, 2)
    exact = QuadraticTasks(*(to_exact(x) for x in (tasks.weights, tasks.hessians, tasks.optima)))
    found = exact.minimiser(to_exact(alpha), 2)
    assert [float(x) for x in found.flat] == pytest.approx(tasks.minimiser(alpha, 2).flatten().tolist(), rel=1e-10)


def test_what_does_not_fit_is_refused_by_name() -> None:
    tasks, alpha = random_tasks(2, 2, 2)
    one = torch.ones(1, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"w has shape \(2, 3\)"):
        tasks.adapted(torch.zeros(2, 3, dtype=torch.float64), alpha, 1)
    with pytest.raises(ValueError, match="steps is -1"):
        tasks.minimiser(alpha, -1)
    with pytest.raises(ValueError, match="is singular for some instance"):
        QuadraticTasks(one[None], one[None, None, None], one[None, None]).minimiser(one, 1)
