"""NAL and MAML trained by SGD on a stream of easy and hard regression tasks, as in experiments.

Collins, Mokhtari, Shakkottai, "How does the task landscape affect MAML performance?" (2022), Appendix C.1. A
task is hard or easy with equal probability; its inputs are ``N(0, rho I_d)``, its optimum is ``N(centre 1_d,
spread^2 I_d)``, its labels carry noise. Every iteration draws a batch of tasks; MAML adapts the model by one
step on ``n_2`` samples of each and takes the gradient, through that step, on ``n_1`` others; NAL takes the
gradient on all of them, with ``nu`` times the weight on hard tasks, weights normalised within the batch.

Gradients of least squares see the samples through ``X^T X`` and ``X^T z`` alone. These are drawn directly: a
Wishart matrix by its Bartlett factor, and Gaussian noise whose covariance it is. Everything but the task weights is
a torch tensor of float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from exactarray import namespace

# Steps whose samples are drawn at once.
_BLOCK = 32


@dataclass(frozen=True)
class Environment:
    """Hard and easy tasks, in this order in every pair.

    Parameters
    ----------
    rho:
        Variances of the inputs.
    centre:
        The mean optimum is ``centre`` in every coordinate.
    spread:
        Standard deviations of the optima's coordinates.
    noise:
        Standard deviation of the labels.
    d:
        Number of inputs.

    Raises
    ------
    ValueError
        when ``d`` is not positive, or a variance or deviation is negative.
    """

    rho: tuple[float, float]
    centre: tuple[float, float]
    spread: tuple[float, float]
    noise: float
    d: int

    def __post_init__(self) -> None:
        if self.d < 1:
            raise ValueError(f"d is {self.d}; a regression task needs at least one input")
        if min(*self.rho, *self.spread, self.noise) < 0:
            raise ValueError(f"rho {self.rho}, spread {self.spread} and noise {self.noise} must not be negative")

    def tasks(self, shape: tuple[int, ...], generator: torch.Generator) -> Tasks:
        """Independent tasks."""
        hard = torch.rand(shape, generator=generator, dtype=torch.float64) < 0.5

        def by_kind(pair: tuple[float, float]) -> Tensor:
            return torch.where(hard, pair[0], pair[1]).to(torch.float64)

        deviations = torch.randn((*shape, self.d), generator=generator, dtype=torch.float64)
        optima = by_kind(self.centre)[..., None] + by_kind(self.spread)[..., None] * deviations
        return Tasks(hard, by_kind(self.rho), optima, self.noise)


@dataclass(frozen=True)
class Tasks:
    """Drawn tasks: whether hard ``(...)``, variance of the inputs ``(...)``, optimum ``(..., d)``, deviation of the labels."""

    hard: Tensor
    rho: Tensor
    optima: Tensor
    noise: float

    def samples(self, n: int, generator: torch.Generator) -> Samples:
        """``n`` labelled samples of each task; ValueError when ``n`` is below ``d``."""
        factor = bartlett(tuple(self.rho.shape), n, int(self.optima.shape[-1]), generator)
        push = torch.randn((*self.rho.shape, 1, self.optima.shape[-1]), generator=generator, dtype=torch.float64) @ factor.mT
        scale = self.rho[..., None, None] / n
        return Samples((factor @ factor.mT).mul_(scale), push * (scale / n).sqrt() * self.noise, self.optima)


@dataclass(frozen=True)
class Samples:
    """What gradients see of ``n`` samples of each task.

    Parameters
    ----------
    gram:
        ``X^T X / n``, ``(..., d, d)``.
    push:
        ``X^T z / n`` as a row, ``(..., 1, d)``.
    optima:
        ``(..., d)``.
    """

    gram: Tensor
    push: Tensor
    optima: Tensor

    def joined_with(self, other: Samples, share: float) -> Samples:
        """Both sets of samples of the same tasks, ``share`` of which are the first."""
        gram, push = (share * a + (1 - share) * b for a, b in ((self.gram, other.gram), (self.push, other.push)))
        return Samples(gram, push, self.optima)

    def gradients(self, models: Tensor) -> Tensor:
        """Gradients of ``||X w - y||^2 / (2 n)`` at models ``(..., k, d)``, ``k`` to a task, in the same shape."""
        return (models - self.optima[..., None, :]) @ self.gram - self.push

    def pulled_to(self) -> Tensor:
        """``X^T y / n`` as a row, ``(..., 1, d)``: gradients are ``w X^T X / n`` minus this."""
        return self.optima[..., None, :] @ self.gram + self.push


def bartlett(shape: tuple[int, ...], n: int, d: int, generator: torch.Generator) -> Tensor:
    """Lower triangular ``(*shape, d, d)`` with ``L L^T`` distributed as ``X^T X`` for ``n >= d`` rows of ``N(0, I_d)``.

    Raises
    ------
    ValueError
        when ``n`` is below ``d``.
    """
    if n < d:
        raise ValueError(f"n is {n}; Bartlett's factor needs at least d = {d} rows")
    rows, columns = torch.tril_indices(d, d, -1)
    half = ((n - torch.arange(d, dtype=torch.float64)) / 2).expand(*shape, d)
    # In place: these are the largest arrays of a run.
    lower = torch.zeros((*shape, d * d), dtype=torch.float64)
    lower[..., rows * d + columns] = torch.randn((*shape, len(rows)), generator=generator, dtype=torch.float64)
    lower[..., :: d + 1] = (2 * torch._standard_gamma(half, generator=generator)).sqrt()
    return lower.reshape(*shape, d, d)


def task_weights(hard: Any, nu: Any) -> Any:
    """Weights of a batch of tasks in NAL, ``(..., tasks, k)``, from ``hard: (..., tasks)`` and ratios ``nu: (k,)``; sum 1 per batch.

    The text runs on tensors and on exact numbers.
    """
    xp = namespace(nu)
    raw = xp.where(hard[..., None], nu, xp.ones_like(nu))
    return raw / xp.sum(raw, axis=-2)[..., None, :]


def train(
    environment: Environment,
    *,
    runs: int,
    iterations: int,
    batch: int,
    inner: int,
    outer: int,
    alpha: float,
    nal_rate: float,
    maml_rate: float,
    generator: torch.Generator,
    nu: tuple[float, ...] = (1.0,),
) -> Tensor:
    """Final models of independent runs from zero, ``(runs, len(nu) + 1, d)``: NAL for every ``nu``, then MAML, on the same samples.

    Parameters
    ----------
    environment:
        Where tasks come from.
    runs, iterations, batch:
        Independent runs, SGD steps of each, tasks per step.
    inner, outer:
        Samples ``n_2`` of the inner step and ``n_1`` of the outer gradient; NAL uses all ``n_1 + n_2``.
    alpha, nal_rate, maml_rate:
        Step sizes of the inner step and of both outer loops.
    generator:
        Source of all randomness.
    nu:
        Weights of hard tasks relative to easy ones, for NAL.

    Raises
    ------
    ValueError
        when ``inner`` or ``outer`` is below ``d``.
    """
    ratios = torch.tensor(nu, dtype=torch.float64)
    rates = torch.tensor([nal_rate] * len(nu) + [maml_rate], dtype=torch.float64)[:, None]
    w = torch.zeros((runs * (len(nu) + 1), 1, environment.d), dtype=torch.float64)
    for start in range(0, iterations, _BLOCK):
        block = min(_BLOCK, iterations - start)
        tasks = environment.tasks((block, runs, batch), generator)
        first, second = tasks.samples(inner, generator), tasks.samples(outer, generator)
        everything = first.joined_with(second, inner / (inner + outer))
        nal = _batch_averages(task_weights(tasks.hard, ratios), everything.gram, everything.pulled_to())
        average = torch.full((block, runs, batch, 1), 1 / batch, dtype=torch.float64)
        maml = _batch_averages(average, *_through_the_inner_step(first, second, alpha))
        # An SGD step is an affine map of the model, w -> w (I - rate A) + rate c.
        kept = torch.eye(environment.d, dtype=torch.float64) - rates[..., None] * torch.cat([nal[0], maml[0]], dim=2)
        added = rates[..., None] * torch.cat([nal[1], maml[1]], dim=2)
        for t in range(block):
            w = torch.baddbmm(added[t].flatten(0, 1), w, kept[t].flatten(0, 1))
    return w.reshape(runs, len(nu) + 1, environment.d)


def _through_the_inner_step(first: Samples, second: Samples, alpha: float) -> tuple[Tensor, Tensor]:
    # MAML's gradient of each task is w A - c: with K = I - alpha X^T X / n of the inner samples and G of the outer ones, A = K G K.
    shrink = torch.eye(first.gram.shape[-1], dtype=torch.float64) - alpha * first.gram
    outer = second.gram @ shrink
    return shrink @ outer, (second.pulled_to() @ shrink) - alpha * first.pulled_to() @ outer


def _batch_averages(weights: Tensor, gram: Tensor, pull: Tensor) -> tuple[Tensor, Tensor]:
    # Weighted sums over the tasks of a batch: (..., k, d, d) and (..., k, 1, d).
    d = gram.shape[-1]
    sums = weights.mT @ torch.cat([gram, pull], dim=-2).flatten(-2)
    sums = sums.reshape(*sums.shape[:-1], d + 1, d)
    return sums[..., :d, :], sums[..., d:, :]


def test_error(
    environment: Environment, models: Tensor, *, alpha: float, samples: int, tasks: int, generator: torch.Generator
) -> Tensor:
    """Mean population loss above label noise after one step on ``samples`` samples, over ``tasks`` drawn tasks, ``(runs, k)``.

    ``models`` are ``(runs, k, d)``; every run draws its own tasks, and its models share them. Errors as :meth:`Tasks.samples`.
    """
    drawn = environment.tasks((models.shape[0], tasks), generator)
    start = models[:, None]
    adapted = start - alpha * drawn.samples(samples, generator).gradients(start)
    distance = ((adapted - drawn.optima[..., None, :]) ** 2).sum(dim=-1)
    return (drawn.rho[..., None] * distance).mean(dim=1) / 2
