import pytest
import torch

from exactarray import arithmetic, is_exact, to_exact, to_float
from impl.two_layer_networks import SMOOTH, ReluTasks, SmoothNetworkTasks, gauss_hermite
from tests.reference import two_layer_networks as reference

SHAPES = [(1, 1, 1, 1), (2, 1, 1, 2), (1, 2, 2, 2), (2, 3, 3, 2)]


def networks(shape, activation, **more):
    batch, tasks, neurons, d = shape
    g = torch.Generator().manual_seed(sum(shape))
    weights = torch.full((batch, tasks), 1 / tasks, dtype=torch.float64)
    truths = torch.randn(batch, tasks, neurons, d, generator=g, dtype=torch.float64)
    scales = 0.5 + torch.rand(batch, tasks, generator=g, dtype=torch.float64)
    w, v = torch.randn(2, batch, tasks, neurons * d, generator=g, dtype=torch.float64)
    made = (
        ReluTasks(weights, truths, scales)
        if activation == "relu"
        else SmoothNetworkTasks(weights, truths, scales, activation, **more)
    )
    return made, w, v


@pytest.mark.parametrize("activated_sum", [False, True])
@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("shape", SHAPES)
def test_smooth_losses_and_derivatives_match_sums_over_points(shape, activation, activated_sum):
    tasks, w, v = networks(shape, activation, per_axis=4, activated_sum=activated_sum)
    points, weights = gauss_hermite(4, shape[3])
    for b in range(shape[0]):
        for i in range(shape[1]):
            model = w[b, i].reshape(shape[2:]).clone().requires_grad_()
            value = reference.loss(tasks.truths[b, i], tasks.scales[b, i], activation, model, points, weights, activated_sum)
            (gradient,) = torch.autograd.grad(value, model, create_graph=True)
            (bent,) = torch.autograd.grad((gradient.reshape(-1) * v[b, i]).sum(), model)
            torch.testing.assert_close(tasks.value(w)[b, i], value.detach(), rtol=1e-10, atol=1e-12)
            torch.testing.assert_close(tasks.gradient(w)[b, i], gradient.detach().reshape(-1), rtol=1e-10, atol=1e-12)
            torch.testing.assert_close(tasks.hessian_vector(w, v)[b, i], bent.reshape(-1), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_relu_losses_match_an_integral_over_angles(shape):
    tasks, w, _ = networks(shape, "relu")
    for b in range(shape[0]):
        for i in range(shape[1]):
            value = reference.relu_loss(tasks.truths[b, i], tasks.scales[b, i], w[b, i].reshape(shape[2:]))
            torch.testing.assert_close(tasks.value(w)[b, i], value, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", [*SHAPES[1:], (2, 2, 2, 3)])
def test_relu_derivatives_match_autograd(shape):
    tasks, w, v = networks(shape, "relu")
    at = w.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(tasks.value(at).sum(), at)
    torch.testing.assert_close(tasks.gradient(w), gradient, rtol=1e-10, atol=1e-12)
    (bent,) = torch.autograd.grad((tasks.gradient(at) * v).sum(), at)
    torch.testing.assert_close(tasks.hessian_vector(w, v), bent, rtol=1e-10, atol=1e-12)


def test_a_relu_neuron_at_its_ground_truth_has_half_the_identity_as_hessian():
    tasks, _, v = networks((2, 2, 1, 2), "relu")
    at = tasks.truths.reshape(2, 2, 2)
    torch.testing.assert_close(tasks.hessian_vector(at, v), tasks.scales[..., None] ** 2 * v / 2)
    assert tasks.value(at).abs().max() < 1e-15


@pytest.mark.parametrize("activation", [*SMOOTH, "relu"])
def test_the_same_text_runs_on_exact_numbers(activation):
    more = {} if activation == "relu" else {"per_axis": 3}
    tasks, w, v = networks((1, 2, 2, 2), activation, **more)
    with arithmetic(128):
        arrays = [to_exact(a) for a in (tasks.weights, tasks.truths, tasks.scales)]
        exact = ReluTasks(*arrays) if activation == "relu" else SmoothNetworkTasks(*arrays, activation, **more)
        for method, arguments in (("value", (w,)), ("gradient", (w,)), ("hessian_vector", (w, v))):
            certain = getattr(exact, method)(*map(to_exact, arguments))
            assert is_exact(certain)
            torch.testing.assert_close(
                getattr(tasks, method)(*arguments), torch.tensor(to_float(certain)), rtol=1e-11, atol=1e-12
            )


@pytest.mark.parametrize("d", [1, 2])
def test_gauss_hermite_points_have_the_moments_of_a_normal_law(d):
    points, weights = gauss_hermite(6, d)
    x, q = torch.tensor(points, dtype=torch.float64), torch.tensor(weights, dtype=torch.float64)
    for power, moment in ((0, 1), (1, 0), (2, 1), (4, 3), (6, 15), (10, 945)):
        assert float(q @ x[:, 0] ** power) == pytest.approx(moment, abs=1e-10 * max(moment, 1))
    assert len(points) == 6**d


def test_wrong_arguments_are_refused_by_name():
    tasks, w, v = networks((1, 2, 1, 2), "tanh")
    with pytest.raises(ValueError, match="activation 'square'"):
        SmoothNetworkTasks(tasks.weights, tasks.truths, tasks.scales, "square")
    with pytest.raises(ValueError, match="truths has shape"):
        ReluTasks(tasks.weights, tasks.truths[0], tasks.scales)
    with pytest.raises(ValueError, match="scales has shape"):
        ReluTasks(tasks.weights, tasks.truths, tasks.scales[:, :1])
    for made in (tasks, ReluTasks(tasks.weights, tasks.truths, tasks.scales)):
        with pytest.raises(ValueError, match="w has shape"):
            made.hessian_vector(w[..., :1], v)
