"""Longer runs of ANIL, and what is read off them: averages over random batches, best iterates, the cost to reach a loss.

Ji, Lee, Liang and Poor, NeurIPS 2020: Theorems 1 and 2 speak of the best iterate of K outer steps, Figures 1 and 2 of the
loss after a number of outer steps and of the time until a loss is reached. Shapes as in :mod:`impl.anil`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, cast

import torch

from exactarray import is_exact, namespace, ones
from impl.anil import anil, evaluations

Array = Any


@dataclass(frozen=True)
class AverageRun:
    """Runs of ANIL from one start, averaged over sequences of batches; averages at iterates ``0 .. K-1``, ``(batch, K)``.

    Parameters
    ----------
    square_w, square_phi:
        ``||dL^meta/dw||^2`` and ``||dL^meta/dphi||^2``.
    loss:
        ``L^meta``.
    beta_w, beta_phi:
        The outer steps, each ``(batch,)``.
    """

    square_w: Array
    square_phi: Array
    loss: Array
    beta_w: Array
    beta_phi: Array

    def at_best_iterate(self) -> tuple[Array, Array]:
        """``square_w`` and ``square_phi``, ``(batch,)``, where ``beta_w square_w + beta_phi square_phi``, the sum that
        the proofs bound, is least.
        """
        xp = namespace(self.square_w)
        decrease = self.beta_w[:, None] * self.square_w + self.beta_phi[:, None] * self.square_phi
        best = xp.argmin(decrease, axis=1, keepdims=True)
        return xp.take_along_axis(self.square_w, best, axis=1)[:, 0], xp.take_along_axis(self.square_phi, best, axis=1)[:, 0]

    def final_loss(self) -> Array:
        """The meta-loss at the last iterate, ``(batch,)``; infinite where the run left the numbers."""
        xp, last = namespace(self.loss), self.loss[:, -1]
        return last if is_exact(last) else xp.where(xp.isnan(last), xp.full_like(last, inf), last)


def average_run(
    tasks: Any,
    w: Array,
    phi: Array,
    *,
    alpha: Array,
    inner_steps: int,
    outer_steps: int,
    beta_w: Array,
    beta_phi: Array,
    batch_size: int | None = None,
    sequences: int = 8,
) -> AverageRun:
    """ANIL for ``outer_steps`` steps, averaged over ``sequences`` fixed random sequences of batches of ``batch_size`` tasks.

    ``batch_size`` None is the large-batch limit, a single run. ``tasks`` must have ``repeat``; the other arguments are those
    of :func:`impl.anil.anil`. Raises ValueError as that function and :func:`sampled_shares`.
    """
    batch, times, xp = w.shape[0], 1 if batch_size is None else sequences, namespace(w)
    copies = [xp.repeat(x, times, axis=0) for x in (w, phi, alpha, beta_w, beta_phi)]
    run = anil(
        tasks.repeat(times),
        *copies[:2],
        alpha=copies[2],
        inner_steps=inner_steps,
        beta_w=copies[3],
        beta_phi=copies[4],
        shares=sampled_shares(outer_steps, tasks.tasks, batch_size, copies[0]),
        with_loss=True,
    )
    square_w, square_phi, loss = (
        xp.sum(x.reshape(batch, times, outer_steps), axis=1) / times
        for x in (run.square_w, run.square_phi, cast(Array, run.loss))
    )
    return AverageRun(square_w, square_phi, loss, beta_w, beta_phi)


def sampled_shares(outer_steps: int, tasks: int, batch_size: int | None, like: Array) -> Array:
    """Shares of the tasks in random batches, ``(batch, K, tasks)`` with the batch of ``like``; equal when ``batch_size``
    is None.

    Always the same random numbers, and a longer run begins with the batches of a shorter one, so that runs of different
    length compare. Raises ValueError when ``batch_size`` is not positive or random batches are asked for in exact numbers.
    """
    batch = like.shape[0]
    if batch_size is None:
        return ones((batch, outer_steps, tasks), like) / tasks
    if batch_size < 1 or is_exact(like):
        raise ValueError(f"random batches need floats and a positive size, got {type(like).__name__} and size {batch_size}")
    left = torch.full((outer_steps, batch), float(batch_size), dtype=like.dtype, device=like.device)
    shares = []
    for task in range(tasks):
        # A generator for each task: with a common one the draws of the second task would depend on the number of steps.
        generator = torch.Generator(device=like.device).manual_seed(task)
        count = torch.binomial(left, torch.full_like(left, 1 / (tasks - task)), generator=generator)
        shares.append(count / batch_size)
        left = left - count
    return torch.stack(shares, dim=-1).transpose(0, 1)


def outer_step_cost(n_w: int, n_phi: int, inner_steps: int, *, second_order: bool) -> int:
    """Entries of gradients that an outer step evaluates per task, with those of second derivatives if ``second_order``.

    Raises ValueError as :func:`impl.anil.evaluations`.
    """
    entries = evaluations(n_w, n_phi, inner_steps)
    return entries.gradient + (entries.second_order if second_order else 0)


def steps_to_reach(loss: Array, level: float) -> Array:
    """Outer steps until the meta-loss ``loss``, ``(batch, K)``, is at most ``level``, ``(batch,)``; infinite where it never is."""
    xp, reached = namespace(loss), loss <= level
    first = xp.argmax(xp.astype(reached, xp.int64), axis=1) + 1
    return xp.where(xp.any(reached, axis=1), xp.astype(first, xp.float64), inf)
