import pytest
import torch

from impl.logistic_tasks import LogisticTasks
from impl.two_layer_networks import gauss_hermite


def tasks_and_point():
    g = torch.Generator().manual_seed(1)
    weights = torch.full((2, 3), 1 / 3, dtype=torch.float64)
    truths, w = torch.randn(2, 3, generator=g, dtype=torch.float64), torch.randn(2, 3, 1, generator=g, dtype=torch.float64)
    return LogisticTasks(weights, truths, 0.5 + torch.rand(2, 3, generator=g, dtype=torch.float64), 12), w


def test_derivatives_match_autograd():
    tasks, w = tasks_and_point()
    at = w.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(tasks.value(at).sum(), at)
    torch.testing.assert_close(tasks.gradient(w), gradient, rtol=1e-10, atol=1e-12)
    (bent,) = torch.autograd.grad((tasks.gradient(at) * 2).sum(), at)
    torch.testing.assert_close(tasks.hessian_vector(w, 2 + 0 * w), bent, rtol=1e-10, atol=1e-12)


def test_on_the_line_the_problem_in_the_plane_is_the_problem_in_one_variable():
    tasks, w = tasks_and_point()
    points, weights = (torch.tensor(a, dtype=torch.float64) for a in gauss_hermite(40, 2))
    line = LogisticTasks(tasks.weights, tasks.truths, tasks.scales, 40)
    unit = torch.tensor([0.6, 0.8], dtype=torch.float64)
    for b in range(2):
        for i in range(3):
            x, model = tasks.scales[b, i] * points, (w[b, i] * unit).requires_grad_()
            chance, z = torch.sigmoid(tasks.truths[b, i] * (x @ unit)), x @ model
            loss = (weights * (torch.nn.functional.softplus(z) - chance * z)).sum()
            (gradient,) = torch.autograd.grad(loss, model)
            torch.testing.assert_close(line.value(w)[b, i], loss.detach(), rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(line.gradient(w)[b, i] * unit, gradient, rtol=1e-4, atol=1e-5)


def test_wrong_arguments_are_refused_by_name():
    tasks, w = tasks_and_point()
    with pytest.raises(ValueError, match="scales has shape"):
        LogisticTasks(tasks.weights, tasks.truths, tasks.scales[:, :1])
    with pytest.raises(ValueError, match="w has shape"):
        tasks.gradient(w[..., 0])
