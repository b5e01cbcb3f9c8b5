"""Meta-gradients of two-layer linear networks against autograd, central differences and two public libraries."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import forward_ad

from impl.anil import meta_gradients, meta_loss
from impl.two_layer_linear_tasks import HeadTasks, NetworkTasks, anil_meta_gradient, maml_meta_gradient
from tests.reference import two_layer_regression as reference

SIZES = st.tuples(*(st.integers(1, 3) for _ in range(6)))
"""Batch, tasks, inner and outer samples, d, width."""


class Problem:
    def __init__(self, batch: int, tasks: int, n_in: int, n_out: int, d: int, width: int, seed: int = 0) -> None:
        g = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(batch, *shape, generator=g, dtype=torch.float64)

        self.batch, self.tasks, self.width = batch, tasks, width
        self.B, self.w, self.alpha = normal(d, width), normal(width), normal().abs() / 8 + 0.01
        self.inner = normal(tasks, n_in, d), normal(tasks, n_in)
        self.outer = normal(tasks, n_out, d), normal(tasks, n_out)

    def of(self, b: int) -> tuple:
        lists = ([(X[b, i], y[b, i]) for i in range(self.tasks)] for X, y in (self.inner, self.outer))
        return self.B[b], self.w[b], *lists, float(self.alpha[b])

    def head_tasks(self) -> tuple[HeadTasks, Tensor, Tensor, Tensor]:
        return HeadTasks(*self.inner, *self.outer, self.width), self.w, self.B.flatten(1), self.alpha

    def network_tasks(self) -> tuple[NetworkTasks, Tensor, Tensor, Tensor]:
        start = torch.cat([self.B.flatten(1), self.w], dim=1)
        return NetworkTasks(*self.inner, *self.outer, self.width), start, self.w[:, :0], self.alpha

    def mean_gradients(self, both_layers: bool, steps: int, first_order: bool = False) -> tuple[Tensor, Tensor]:
        at = self.network_tasks() if both_layers else self.head_tasks()
        in_w, in_phi = (g.mean(1) for g in meta_gradients(*at, steps, first_order=first_order))
        in_B, in_head = (in_w[:, : -self.width], in_w[:, -self.width :]) if both_layers else (in_phi, in_w)
        return in_B.reshape(self.B.shape), in_head


def close(a: Tensor, b: Tensor, relative: float = 1e-10) -> None:
    torch.testing.assert_close(a, b, rtol=relative, atol=relative * max(1.0, float(b.abs().max())))


@settings(max_examples=50, deadline=None)
@given(SIZES, st.integers(0, 5), st.booleans(), st.booleans(), st.integers(0, 1000))
def test_meta_gradients_are_those_of_autograd(sizes, steps, both_layers, first_order, seed):
    problem = Problem(*sizes, seed)
    gradients = problem.mean_gradients(both_layers, steps, first_order)
    for b in range(problem.batch):
        expected = reference.meta_gradient(*problem.of(b), steps, both_layers=both_layers, first_order=first_order)
        for got, want in zip(gradients, expected, strict=True):
            close(got[b], want)


@settings(max_examples=50, deadline=None)
@given(SIZES, st.integers(0, 5), st.integers(0, 1000))
def test_the_tuned_means_are_those_of_the_readable_text(sizes, steps, seed):
    problem = Problem(*sizes, seed)
    samples = problem.B, problem.w, problem.inner, problem.outer, problem.alpha
    for tuned, readable in (
        (anil_meta_gradient(*samples, steps), problem.mean_gradients(False, steps)),
        (maml_meta_gradient(*samples), problem.mean_gradients(True, 1)),
    ):
        for got, want in zip(tuned, readable, strict=True):
            close(got, want)


@settings(max_examples=30, deadline=None)
@given(SIZES, st.integers(0, 5), st.integers(0, 1000))
def test_both_ways_to_the_tuned_mean_of_anil_agree(sizes, steps, seed):
    problem = Problem(*sizes, seed)
    alone = problem.w, problem.inner, problem.outer, problem.alpha, steps
    # Only PyTorch's way can be differentiated.
    followed = anil_meta_gradient(problem.B.clone().requires_grad_(), *alone)
    assert all(gradient.requires_grad for gradient in followed)
    for got, want in zip(anil_meta_gradient(problem.B, *alone), followed, strict=True):
        assert not got.requires_grad
        close(got, want.detach())


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("steps", [0, 2])
def test_the_tuned_mean_of_anil_takes_no_instance_and_has_derivatives(steps):
    none, problem = Problem(0, 2, 2, 3, 2, 2), Problem(1, 2, 2, 3, 2, 2)
    in_B, in_w = anil_meta_gradient(none.B, none.w, none.inner, none.outer, none.alpha, steps)
    assert in_B.shape == (0, 2, 2)
    assert in_w.shape == (0, 2)

    def both(B: Tensor) -> tuple[Tensor, Tensor]:
        return anil_meta_gradient(B, problem.w, problem.inner, problem.outer, problem.alpha, steps)

    along = torch.randn(problem.B.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    forwards = torch.func.jvp(both, (problem.B,), (along,))[1]
    with forward_ad.dual_level():
        dual = [forward_ad.unpack_dual(part).tangent for part in both(forward_ad.make_dual(problem.B, along))]
    h = 1e-6
    differences = [
        (up - down) / (2 * h) for up, down in zip(both(problem.B + h * along), both(problem.B - h * along), strict=True)
    ]
    for slope, same, difference in zip(forwards, dual, differences, strict=True):
        close(slope, same)
        close(slope, difference, 1e-6)


@pytest.mark.parametrize("both_layers", [False, True])
@pytest.mark.parametrize("steps", range(6))
def test_meta_gradients_are_central_differences_of_the_meta_loss(steps, both_layers):
    problem = Problem(2, 2, 2, 3, 2, 2, seed=steps)
    tasks, w, phi, alpha = problem.network_tasks() if both_layers else problem.head_tasks()
    g_w, g_phi = (g.mean(1) for g in meta_gradients(tasks, w, phi, alpha, steps))
    h = 1e-5
    for gradient, which in ((g_w, 0), (g_phi, 1)):
        for k in range(gradient.shape[1]):
            shift = torch.zeros_like((w, phi)[which])
            shift[:, k] = h
            up, down = ([w + s * shift, phi] if which == 0 else [w, phi + s * shift] for s in (1, -1))
            slope = (meta_loss(tasks, *up, alpha, steps) - meta_loss(tasks, *down, alpha, steps)).mean(1) / (2 * h)
            close(gradient[:, k], slope, 1e-6)


@pytest.mark.parametrize("both_layers", [False, True])
def test_the_meta_loss_is_that_of_loops(both_layers):
    problem = Problem(2, 3, 2, 1, 3, 2)
    at = problem.network_tasks() if both_layers else problem.head_tasks()
    for b, value in enumerate(meta_loss(*at, 2).mean(1)):
        assert float(value) == pytest.approx(reference.meta_objective(*problem.of(b), 2, both_layers=both_layers), rel=1e-12)


class Network(torch.nn.Module):
    """The network of the peers."""

    def __init__(self, B: Tensor, w: Tensor) -> None:
        super().__init__()
        self.B, self.w = torch.nn.Parameter(B.clone()), torch.nn.Parameter(w.clone())

    def forward(self, X: Tensor) -> Tensor:
        return X @ (self.B @ self.w)


def half_square(network: torch.nn.Module, X: Tensor, y: Tensor) -> Tensor:
    return ((network(X) - y) ** 2).mean() / 2


@pytest.mark.parametrize("both_layers", [False, True])
@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.filterwarnings("ignore")
def test_meta_gradients_are_those_of_higher(steps, both_layers):
    higher = pytest.importorskip("higher", reason="the independent library higher is not installed (extra: bench)")
    problem = Problem(1, 2, 3, 2, 4, 3)
    B, w, inner, outer, alpha = problem.of(0)
    network = Network(B, w)
    adapted = network.parameters() if both_layers else [network.w]
    optimizer = torch.optim.SGD(adapted, lr=alpha)
    for (X_in, y_in), (X_out, y_out) in zip(inner, outer, strict=True):
        with higher.innerloop_ctx(network, optimizer, copy_initial_weights=False) as (inside, descent):
            for _ in range(steps):
                descent.step(half_square(inside, X_in, y_in))
            (half_square(inside, X_out, y_out) / problem.tasks).backward()
    for got, want in zip(problem.mean_gradients(both_layers, steps), (network.B.grad, network.w.grad), strict=True):
        close(got[0], want)


@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.filterwarnings("ignore")
def test_meta_gradients_are_those_of_torchopt(steps):
    torchopt = pytest.importorskip("torchopt", reason="the independent library torchopt is not installed (extra: bench)")
    problem = Problem(1, 2, 3, 2, 4, 3)
    B, w, inner, outer, alpha = problem.of(0)
    network = Network(B, w)
    optimizer = torchopt.MetaSGD(network, lr=alpha)
    start_of_network = torchopt.extract_state_dict(network, by="reference")
    start_of_optimizer = torchopt.extract_state_dict(optimizer, by="reference")
    leaves = network.B, network.w
    total = [torch.zeros_like(leaf) for leaf in leaves]
    for (X_in, y_in), (X_out, y_out) in zip(inner, outer, strict=True):
        for _ in range(steps):
            optimizer.step(half_square(network, X_in, y_in))
        slopes = torch.autograd.grad(half_square(network, X_out, y_out) / problem.tasks, leaves)
        total = [sum_ + slope for sum_, slope in zip(total, slopes, strict=True)]
        torchopt.recover_state_dict(network, start_of_network)
        torchopt.recover_state_dict(optimizer, start_of_optimizer)
    for got, want in zip(problem.mean_gradients(True, steps), total, strict=True):
        close(got[0], want)


def test_misfits_are_named():
    problem = Problem(2, 2, 2, 3, 3, 2)
    samples = problem.inner, problem.outer, problem.alpha
    with pytest.raises(ValueError, match=r"X_out has shape \(2, 1, 3, 3\)"):
        HeadTasks(*problem.inner, *(part[:, :1] for part in problem.outer), 2)
    with pytest.raises(ValueError, match="width is 0"):
        NetworkTasks(*problem.inner, *problem.outer, 0)
    with pytest.raises(ValueError, match=r"w has shape \(2, 1\)"):
        anil_meta_gradient(problem.B, problem.w[:, :1], *samples, 1)
    with pytest.raises(ValueError, match=r"alpha of shape \(2,\) must not be negative"):
        maml_meta_gradient(problem.B, problem.w, *samples[:2], -problem.alpha)
    with pytest.raises(ValueError, match="steps is -1"):
        anil_meta_gradient(problem.B, problem.w, *samples, -1)
