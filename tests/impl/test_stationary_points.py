import pytest
import torch

from impl.maml import meta_gradient
from impl.polynomial_tasks import CubicTasks
from impl.stationary_points import hessians, meta_hessian, stationary_point, stationary_point_of_quadratics
from impl.two_layer_networks import ReluTasks, SmoothNetworkTasks


def cubic(batch, tasks, d, bent=0.3):
    g = torch.Generator().manual_seed(batch + d)
    root = torch.randn(batch, tasks, d, d, generator=g, dtype=torch.float64)
    weights = torch.rand(batch, tasks, generator=g, dtype=torch.float64)
    linear, directions = torch.randn(2, batch, tasks, d, generator=g, dtype=torch.float64)
    return CubicTasks(
        weights / weights.sum(-1, keepdim=True),
        linear,
        root @ root.mT + torch.eye(d),
        bent * torch.ones(batch, tasks, 1, dtype=torch.float64),
        directions[:, :, None, :],
    )


def autograd_hessian(tasks, w, alpha):
    rows = [
        torch.autograd.functional.jacobian(lambda z, b=b: meta_gradient(tasks, z, alpha)[b], w)[:, b] for b in range(len(w))
    ]
    return torch.stack(rows)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 2), (3, 2, 3)])
def test_the_meta_hessian_of_cubic_tasks_matches_autograd(shape):
    tasks, alpha = cubic(*shape), torch.linspace(0, 0.3, shape[0], dtype=torch.float64)
    w = torch.ones(shape[0], shape[2], dtype=torch.float64)
    torch.testing.assert_close(meta_hessian(tasks, w, alpha), autograd_hessian(tasks, w, alpha), rtol=1e-10, atol=1e-10)


def test_the_meta_hessian_of_networks_matches_autograd_to_the_order_of_its_differences():
    g = torch.Generator().manual_seed(0)
    weights, scales = torch.full((2, 2), 0.5, dtype=torch.float64), torch.ones(2, 2, dtype=torch.float64)
    truths, w = torch.randn(2, 2, 1, 2, generator=g, dtype=torch.float64), torch.randn(2, 2, generator=g, dtype=torch.float64)
    alpha = torch.tensor([0.1, 0.7], dtype=torch.float64)
    for tasks in (ReluTasks(weights, truths, scales), SmoothNetworkTasks(weights, truths, scales, "tanh", 6)):
        torch.testing.assert_close(meta_hessian(tasks, w, alpha), autograd_hessian(tasks, w, alpha), rtol=1e-6, atol=1e-6)


def test_hessians_are_symmetric_matrices_of_every_task():
    tasks = cubic(2, 3, 2)
    found = hessians(tasks, torch.zeros(2, 3, 2, dtype=torch.float64))
    torch.testing.assert_close(found, tasks.quadratic)


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 2, 2), (2, 3, 3)])
def test_quadratic_tasks_need_one_system(shape):
    tasks, alpha = cubic(*shape, bent=0.0), torch.full((shape[0],), 0.05, dtype=torch.float64)
    w = stationary_point_of_quadratics(tasks, alpha)
    assert meta_gradient(tasks, w, alpha).abs().max() < 1e-10
    torch.testing.assert_close(stationary_point(tasks, 0 * w, alpha, 2), w)


def test_newton_finds_a_stationary_point_within_reach():
    tasks, alpha = cubic(4, 2, 2, bent=0.1), torch.full((4,), 0.02, dtype=torch.float64)
    w = stationary_point(tasks, torch.zeros(4, 2, dtype=torch.float64), alpha, 30, reach=0.5)
    assert meta_gradient(tasks, w, alpha).abs().max() < 1e-12
    near = stationary_point(tasks, torch.zeros(4, 2, dtype=torch.float64), alpha, 1, reach=1e-3)
    assert near.norm(dim=-1).max() <= 1e-3 * (1 + 1e-12)


def test_wrong_arguments_are_refused_by_name():
    tasks = cubic(2, 2, 2)
    w, alpha = torch.zeros(2, 2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    with pytest.raises(ValueError, match="steps is 0"):
        stationary_point(tasks, w, alpha, 0)
    with pytest.raises(ValueError, match="w has shape"):
        meta_hessian(tasks, w[:1], alpha)
    with pytest.raises(ValueError, match="alpha has shape"):
        stationary_point_of_quadratics(tasks, alpha[:1])


def test_an_instance_without_a_newton_step_stays_and_stops_no_other():
    tasks = cubic(2, 1, 1, bent=0.0)
    quadratic = tasks.quadratic * torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1)
    flat = CubicTasks(tasks.weights, tasks.linear, quadratic, tasks.cubic, tasks.directions)
    start, alpha = torch.ones(2, 1, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    w = stationary_point(flat, start, alpha, 2)
    assert w[0] == 1
    assert meta_gradient(flat, w, alpha)[1].abs().max() < 1e-12


def test_no_step_is_a_step_of_size_zero():
    half, generator = torch.full((3, 2), 0.5, dtype=torch.float64), torch.Generator().manual_seed(3)
    truths = torch.randn((3, 2, 1, 2), generator=generator, dtype=torch.float64)
    tasks, start = SmoothNetworkTasks(half, truths, 2 * half, "softplus", 6), truths.mean(dim=1)[:, 0]
    none = stationary_point(tasks, start, None, 3, reach=0.5)
    torch.testing.assert_close(none, stationary_point(tasks, start, 0 * half[:, 0], 3, reach=0.5))
