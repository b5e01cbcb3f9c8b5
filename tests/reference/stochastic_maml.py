"""Slow and obvious: one task at a time, derivatives by automatic differentiation of the sampled losses."""

from __future__ import annotations

import itertools
from typing import Any

import torch


def _gradient(model: Any, instance: int, task: int, w: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Gradient of the loss of one task on one batch, at ``w: (d,)``; differentiable."""
    at = model.noise.centre.detach().clone()
    wide = [[w if (b, i) == (instance, task) else at[b, i] for i in range(at.shape[1])] for b in range(at.shape[0])]
    stacked = torch.stack([torch.stack(row) for row in wide])
    return torch.autograd.grad(model.value(stacked, shares)[instance, task], w, create_graph=True)[0]


def directions(
    model: Any, instance: int, w: torch.Tensor, alpha: float, rho: float, shares: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor, ...]:
    """FO-MAML, MAML and HF-MAML of one instance, each ``(tasks, d)``."""
    inner, outer, hessian = shares
    found: tuple[list[torch.Tensor], ...] = ([], [], [])
    for task in range(model.weights.shape[1]):
        at = w.detach().clone().requires_grad_()
        adapted = (w - alpha * _gradient(model, instance, task, at, inner)).detach().requires_grad_()
        v = _gradient(model, instance, task, adapted, outer).detach()
        (curved,) = torch.autograd.grad((_gradient(model, instance, task, at, hessian) * v).sum(), at)
        delta = 1 / (6 * rho * alpha * float(v.norm()))
        ends = [(w + sign * delta * v).detach().requires_grad_() for sign in (1, -1)]
        above, below = (_gradient(model, instance, task, end, hessian) for end in ends)
        for kept, direction in zip(found, (v, v - alpha * curved, v - alpha * (above - below) / (2 * delta)), strict=True):
            kept.append(direction.detach())
    return tuple(torch.stack(kept) for kept in found)


def step_sizes(
    model: Any, instance: int, w: torch.Tensor, constants: tuple[float, float], batch_size: int, data_size: int
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Every sequence of tasks with their sequences of data: its probability and ``1 / (4 L + 2 rho alpha mean norm)``."""
    L, rho_alpha = constants
    tasks, points = model.chances.shape[1:]
    single = []
    for task in range(tasks):
        for drawn in itertools.product(range(points), repeat=data_size):
            shares = torch.zeros_like(model.chances)
            chance = model.weights[instance, task]
            for k in drawn:
                shares[:, :, k] += 1 / data_size
                chance = chance * model.chances[instance, task, k]
            single.append((chance, _gradient(model, instance, task, w.clone().requires_grad_(), shares).detach().norm()))
    found = []
    for batch in itertools.product(single, repeat=batch_size):
        chance, total = torch.ones((), dtype=w.dtype), torch.zeros((), dtype=w.dtype)
        for p, size in batch:
            chance, total = chance * p, total + size
        found.append((chance, 1 / (4 * L + 2 * rho_alpha * total / batch_size)))
    return found
