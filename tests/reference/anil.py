"""ANIL the slow way: one instance, one task at a time, and the meta-gradient by automatic differentiation.

The losses are written out again from their definitions; nothing is shared with impl/.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]


def oscillating_losses(tasks: object, instance: int, task: int) -> tuple[Loss, Loss]:
    """Training and test loss of one task of one instance."""
    one = {name: getattr(tasks, name)[instance, task] for name in ("A", "C", "a", "k", "c", "u", "v", "b", "d", "s", "t")}

    def train(w: Tensor, phi: Tensor) -> Tensor:
        total = w @ one["A"] @ w / 2 + w @ one["C"] @ phi
        for a, k, c, u, v in zip(one["a"], one["k"], one["c"], one["u"], one["v"], strict=True):
            total = total + a * torch.sin(k * (u @ w + v @ phi) + c)
        return total

    def test(w: Tensor, phi: Tensor) -> Tensor:
        return one["b"] * torch.log(torch.cosh(one["s"] @ w + one["t"] @ phi + one["d"]))

    return train, test


def few_shot_losses(tasks: object, instance: int, task: int) -> tuple[Loss, Loss]:
    """Training and test loss of one few-shot task, through ``torch.nn.functional.cross_entropy``."""

    def loss(inputs: Tensor, labels: Tensor, w: Tensor, phi: Tensor) -> Tensor:
        layer = phi.reshape(inputs.shape[1], tasks.features)
        features = torch.tanh(inputs @ layer) if tasks.activation == "tanh" else torch.relu(inputs @ layer)
        if hasattr(tasks, "hidden"):
            cut = tasks.features * tasks.hidden
            features = torch.relu(features @ w[:cut].reshape(tasks.features, tasks.hidden))
            w = w[cut:]
        return torch.nn.functional.cross_entropy(features @ w.reshape(-1, labels.shape[1]), labels.argmax(1))

    def train(w: Tensor, phi: Tensor) -> Tensor:
        data = loss(tasks.support[instance, task], tasks.support_labels[instance, task], w, phi)
        return data + tasks.ridge[instance] * (w @ w) / 2

    def test(w: Tensor, phi: Tensor) -> Tensor:
        return loss(tasks.query[instance, task], tasks.query_labels[instance, task], w, phi)

    return train, test


def adapted(train: Loss, w: Tensor, phi: Tensor, alpha: float, steps: int) -> Tensor:
    """N inner steps, differentiable in w and phi."""
    for _ in range(steps):
        (slope,) = torch.autograd.grad(train(w, phi), w, create_graph=True)
        w = w - alpha * slope
    return w


def meta_gradients(train: Loss, test: Loss, w: Tensor, phi: Tensor, alpha: float, steps: int) -> tuple[Tensor, Tensor]:
    """Both partial meta-gradients of one task."""
    w, phi = w.clone().requires_grad_(), phi.clone().requires_grad_()
    value = test(adapted(train, w, phi, alpha, steps), phi)
    g_w, g_phi = torch.autograd.grad(value, (w, phi), allow_unused=True)
    return g_w, torch.zeros_like(phi) if g_phi is None else g_phi


def anil(
    losses: Sequence[tuple[Loss, Loss]],
    w: Tensor,
    phi: Tensor,
    alpha: float,
    steps: int,
    beta_w: float,
    beta_phi: float,
    batches: Sequence[Sequence[int]],
) -> tuple[Tensor, Tensor]:
    """The point after one outer step per batch of task indices."""
    for batch in batches:
        gradients = [meta_gradients(*losses[i], w, phi, alpha, steps) for i in batch]
        w = w - beta_w * sum(g for g, _ in gradients) / len(batch)
        phi = phi - beta_phi * sum(g for _, g in gradients) / len(batch)
    return w, phi
