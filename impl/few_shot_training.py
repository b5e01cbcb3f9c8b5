"""MAML and NAL trained on easy and hard few-shot classification tasks: a synthetic stand-in for images.

Collins, Mokhtari, Shakkottai 2022, Section 5: classes come in groups (alphabets, superclasses). The classes of
an easy task are of different groups, those of a hard task of one and the same. Here a group has a centre, which
tells it from other groups, and loadings, by which its classes differ; the loadings of all groups have a common
part, and a part of their own of relative size ``spread``, so that small ``spread`` means hard tasks that
resemble each other. Inputs are Gaussian around the class means.

The classifier has one tanh layer and a linear one. All runs of a batch train side by side; gradients by back
propagation, on torch tensors of float64 only.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

Layers = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class World:
    """Groups of classes, one world per run.

    Parameters
    ----------
    centres:
        ``(runs, groups, inputs)``.
    loadings:
        How the classes of a group differ, ``(runs, groups, latent, inputs)``.
    noise:
        Standard deviation of a sample around its class mean.
    """

    centres: Tensor
    loadings: Tensor
    noise: float

    def tasks(
        self, hard: Tensor, ways: int, shots: int, queries: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Support inputs and labels, query inputs and labels of tasks that are hard or not, ``hard: (runs, tasks)``.

        Inputs are ``(runs, tasks, ways * shots, inputs)``, labels ``(runs, tasks, ways * shots)``; likewise for queries.
        """
        runs, count = hard.shape
        groups, latent = self.loadings.shape[1:3]
        order = torch.rand((runs, count, groups), generator=generator, dtype=torch.float64).argsort(dim=-1)[..., :ways]
        group = torch.where(hard[..., None], order[..., :1], order)
        run = torch.arange(runs)[:, None, None]
        classes = torch.randn((runs, count, ways, 1, latent), generator=generator, dtype=torch.float64)
        means = self.centres[run, group] + (classes @ self.loadings[run, group])[..., 0, :]
        labels = torch.arange(ways)

        def drawn(each: int) -> tuple[Tensor, Tensor]:
            around = means.repeat_interleave(each, dim=2)
            noise = torch.randn(around.shape, generator=generator, dtype=torch.float64)
            return around + self.noise * noise, labels.repeat_interleave(each).expand(runs, count, -1)

        return *drawn(shots), *drawn(queries)


def make_world(
    runs: int, groups: int, inputs: int, latent: int, spread: float, noise: float, generator: torch.Generator
) -> World:
    """A world per run, whose groups' loadings are common up to a part of relative size ``spread``; ValueError if that is negative."""
    if spread < 0:
        raise ValueError(f"spread is {spread}; the relative size of what groups do not share must not be negative")

    def normal(*shape: int) -> Tensor:
        return torch.randn((runs, *shape), generator=generator, dtype=torch.float64)

    own = (normal(1, latent, inputs) + spread * normal(groups, latent, inputs)) / (1 + spread**2) ** 0.5
    return World(2 * normal(groups, inputs) / inputs**0.5, own / inputs**0.5, noise)


def logits(layers: Layers, x: Tensor) -> Tensor:
    """``tanh(x U) V`` with layers per run and task, ``(runs, tasks, n, ways)``."""
    return torch.tanh(x @ layers[0]) @ layers[1]


def losses(layers: Layers, x: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of every task, ``(runs, tasks)``."""
    scores = logits(layers, x)
    return cross_entropy(scores.flatten(0, 2), y.flatten(), reduction="none").reshape(y.shape).mean(dim=-1)


def adapt(layers: Layers, x: Tensor, y: Tensor, alpha: float, through: bool) -> Layers:
    """One gradient step of every task; ``through`` keeps it differentiable."""
    each = tuple(layer.expand(*y.shape[:2], *layer.shape[2:]) for layer in layers)
    slopes = torch.autograd.grad(losses((each[0], each[1]), x, y).sum(), each, create_graph=through)
    return each[0] - alpha * slopes[0], each[1] - alpha * slopes[1]


@torch.enable_grad()
def train(
    world: World,
    *,
    maml: bool,
    hidden: int,
    ways: int,
    shots: int,
    queries: int,
    share_of_hard: float,
    batch: int,
    iterations: int,
    alpha: float,
    rate: float,
    generator: torch.Generator,
) -> Layers:
    """Layers ``(runs, 1, inputs, hidden)`` and ``(runs, 1, hidden, ways)`` after SGD on the objective of MAML or NAL.

    NAL takes the gradient on support and query samples of a task together, at the common layers; MAML that on the query samples, after
    and through one step of size ``alpha`` on the support samples.
    """
    runs, inputs = world.centres.shape[0], world.centres.shape[2]
    layers = tuple(
        torch.randn((runs, 1, *shape), generator=generator, dtype=torch.float64) / shape[0] ** 0.5
        for shape in ((inputs, hidden), (hidden, ways))
    )
    for _ in range(iterations):
        hard = torch.rand((runs, batch), generator=generator, dtype=torch.float64) < share_of_hard
        x, y, query_x, query_y = world.tasks(hard, ways, shots, queries, generator)
        at = tuple(layer.detach().requires_grad_() for layer in layers)
        common = (at[0], at[1])
        if maml:
            objective = losses(adapt(common, x, y, alpha, True), query_x, query_y)
        else:
            objective = losses(common, torch.cat([x, query_x], dim=2), torch.cat([y, query_y], dim=2))
        slopes = torch.autograd.grad(objective.mean(dim=1).sum(), at)
        layers = tuple(layer - rate * slope for layer, slope in zip(at, slopes, strict=True))
    return layers[0].detach(), layers[1].detach()


@torch.enable_grad()
def accuracy_after_step(
    world: World,
    layers: Layers,
    *,
    hard: bool,
    ways: int,
    shots: int,
    queries: int,
    tasks: int,
    alpha: float,
    generator: torch.Generator,
) -> Tensor:
    """Share of query samples of new tasks that are classified rightly after one step on the support samples, ``(runs,)``."""
    kind = torch.full((layers[0].shape[0], tasks), hard)
    x, y, query_x, query_y = world.tasks(kind, ways, shots, queries, generator)
    start = (layers[0].detach().requires_grad_(), layers[1].detach().requires_grad_())
    adapted = adapt(start, x, y, alpha, False)
    right = logits((adapted[0].detach(), adapted[1].detach()), query_x).argmax(dim=-1) == query_y
    return right.double().mean(dim=(1, 2))
