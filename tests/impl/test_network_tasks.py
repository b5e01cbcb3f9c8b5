from __future__ import annotations

import math

import pytest
import torch

from impl.network_tasks import NetworkTasks


def random_network(batch: int, tasks: int, points: int, n: int, hidden: int) -> tuple[NetworkTasks, torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(0)
    inputs = torch.randn(batch, tasks, points, n, dtype=torch.float64, generator=g)
    labels = torch.sign(torch.randn(batch, tasks, points, dtype=torch.float64, generator=g))
    model = NetworkTasks(torch.full((batch, tasks), 1 / tasks, dtype=torch.float64), inputs, labels, hidden)
    shares = torch.softmax(torch.randn(labels.shape, dtype=torch.float64, generator=g), -1)
    return model, torch.randn(batch, tasks, model.dimension, dtype=torch.float64, generator=g), shares


@pytest.mark.parametrize("shape", [(1, 1, 1, 1, 1), (2, 3, 4, 2, 3)])
def test_the_loss_by_loops_and_its_derivatives_by_differences(shape: tuple[int, ...]) -> None:
    model, w, shares = random_network(*shape)
    batch, tasks, points, n, hidden = shape
    for b in range(batch):
        for i in range(tasks):
            loss = 0.0
            for k in range(points):
                output = 0.0
                for j in range(hidden):
                    inside = sum(float(w[b, i, j * n + m] * model.inputs[b, i, k, m]) for m in range(n))
                    output += float(w[b, i, hidden * n + j]) * math.tanh(inside)
                loss += float(shares[b, i, k]) * math.log1p(math.exp(-float(model.labels[b, i, k]) * output))
            assert math.isclose(float(model.value(w, shares)[b, i]), loss, rel_tol=1e-10)
    v, step = torch.ones_like(w), 1e-5
    slope = (model.value(w + step * v, shares) - model.value(w - step * v, shares)) / (2 * step)
    torch.testing.assert_close((model.gradient(w, shares) * v).sum(-1), slope, rtol=1e-7, atol=1e-8)
    curved = (model.gradient(w + step * v, shares) - model.gradient(w - step * v, shares)) / (2 * step)
    torch.testing.assert_close(model.hessian_vector(w, v, shares), curved, rtol=1e-7, atol=1e-8)


def test_what_does_not_fit_is_refused() -> None:
    model, w, shares = random_network(2, 3, 4, 2, 3)
    with pytest.raises(ValueError, match="labels has shape"):
        NetworkTasks(model.weights, model.inputs, model.labels[:1], 3)
    with pytest.raises(ValueError, match="hidden is 0"):
        NetworkTasks(model.weights, model.inputs, model.labels, 0)
    with pytest.raises(ValueError, match="w has shape"):
        model.gradient(w[..., 1:], shares)
    with pytest.raises(ValueError, match="shares has shape"):
        model.gradient(w, shares[:1])
