"""A tuned kernel for long runs of first-order ANIL on infinitely many tasks; its text to read is in :mod:`impl.fo_anil`.

Yüksel, Boursier, Flammarion 2024, equations (5)-(7). In the principal axes of ``Sigma_*`` and the complement of ``B_*`` the second
moment of the adapted head is a multiple of ``G = B^T B`` and ``k + 2`` outer products, and the attraction scales rows of
``B``. A step then takes two products of full size where the equations take four, and nothing is allocated. Instances run in
groups whose arrays stay in a core's cache; on the CPU a single one, and large ones on one thread, run by numpy's products.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from impl.checks import Shapes, count, is_infinite, nonnegative
from impl.fo_anil import SubspaceTasks
from impl.small_products import on_numpy

# Numbers in the arrays of a group: 2^17 of 8 bytes fill half of a common L2 cache. Accelerators run all instances at once.
LARGEST_GROUP = 2**17
# Numbers in B from which products dominate the calls, so that a group gains nothing over its instances one by one.
LARGE = 2**11


def infinite_task_end(
    B: Tensor, w: Tensor, tasks: SubspaceTasks, *, alpha: Tensor, beta: Tensor, m_in: Tensor | int | float, steps: int
) -> tuple[Tensor, Tensor]:
    """The last state of :func:`impl.fo_anil.infinite_task_run` on float tensors; arguments and errors as there.

    The covariance of the heads must be positive semidefinite, as a covariance is.
    """
    shapes = Shapes()
    shapes("basis", tasks.basis, "batch d k")
    shapes("B", B, "batch d width")
    shapes("w", w, "batch width")
    for name, rate in (("alpha", alpha), ("beta", beta)):
        shapes(name, rate, "batch")
        nonnegative(name, rate)
    count("steps", steps)
    variances, axes = torch.linalg.eigh(tasks.covariance)
    frame = torch.cat([tasks.basis @ axes, tasks.complement], dim=-1)
    sampling = torch.zeros_like(alpha) if is_infinite(m_in) else alpha * alpha / m_in
    given = [frame.mT @ B, w, variances.clamp(min=0), alpha, beta, sampling, tasks.total_variance]
    arrays = on_numpy(*given) if _alone(*B.shape) else None
    if arrays is not None:
        with np.errstate(all="ignore"):
            alone = [_run_alone(steps, *instance) for instance in zip(*arrays, strict=True)]
        layers, heads = (torch.from_numpy(np.stack(parts)) for parts in zip(*alone, strict=True))
        return frame @ layers, heads
    size = max(1, LARGEST_GROUP // (3 * B.shape[1] * B.shape[2])) if B.device.type == "cpu" else max(1, B.shape[0])
    ends = [_run([part[i : i + size].clone() for part in given], steps) for i in range(0, B.shape[0], size)]
    if not ends:
        return B, w
    return frame @ torch.cat([B for B, _ in ends]), torch.cat([w for _, w in ends])


def _alone(batch: int, d: int, width: int) -> bool:
    return 0 < d <= width and (batch == 1 or (batch > 1 and d * width >= LARGE and torch.get_num_threads() == 1))


def _run_alone(
    steps: int, B: Any, w: Any, variances: Any, alpha: Any, beta: Any, sampling: Any, total_variance: Any
) -> tuple[Any, Any]:
    """The steps of one instance with ``d <= width``, on numpy arrays: ``B <- (D + B R^T C) R``.

    The rows of ``R`` are those of ``B``, the mean of the adapted head and the pull ``G w``; ``C`` holds their weights, and ``D``
    is one but for the attraction. The column of ``B R^T C`` at the mean is ``-beta B`` times it, whose pull is the step of ``w``.
    """
    (d, _), k = B.shape, len(variances)
    states = np.empty((2, d + 2, len(w)), B.dtype)
    states[0, :d], w = B, w.copy()
    weights = np.full(d + 2, -beta, B.dtype)
    weights[-1] *= sampling
    fixed = np.full(d, -beta * sampling * total_variance, B.dtype)
    fixed[:k] -= beta * (alpha * alpha + sampling) * variances
    attraction = np.ones(d, B.dtype)
    attraction[:k] += alpha * beta * variances
    inner, prediction, change = np.empty((d, d + 2), B.dtype), np.empty(d, B.dtype), np.empty_like(w)
    diagonal, along_mean, changing, spread = inner.reshape(-1)[:: d + 3], inner[:, d], weights[:d], -beta * sampling
    # At this size a third of the time goes into calls: bound methods and outputs by position spare a part of it.
    add, multiply, subtract = np.add, np.multiply, np.subtract
    views = [(R, R[:d], R[:d].dot, R.T, R[d], R[d + 1]) for R in states]
    for _ in range(steps):
        (R, B, B_dot, transposed, mean, pull), (_, next_B, *_) = views
        B_dot(w, prediction)
        prediction.dot(B, pull)
        multiply(pull, alpha, change)
        subtract(w, change, mean)
        add(fixed, spread * prediction.dot(prediction), changing)
        B_dot(transposed, inner)
        multiply(inner, weights, inner)
        along_mean.dot(B, change)
        add(w, change, w)
        add(diagonal, attraction, diagonal)
        inner.dot(R, next_B)
        views.reverse()
    return views[0][1], w


def _run(given: list[Tensor], steps: int) -> tuple[Tensor, Tensor]:
    B, w, variances, alpha, beta, sampling, total_variance = given
    (batch, d, width), k = B.shape, variances.shape[-1]
    next_B, gram, moment = torch.empty_like(B), B.new_empty(batch, width, width), B.new_empty(batch, width, width)
    # Rows: the mean of the adapted head, the pull G w, and the learned part of B.
    outer = B.new_empty(batch, k + 2, width)
    column = w[..., None].contiguous()
    mean, pull, learned = outer[:, 0, :, None], outer[:, 1, :, None], outer[:, 2:]
    weights = torch.cat([torch.ones_like(alpha)[:, None], sampling[:, None], torch.ones_like(variances)], dim=-1)
    weights, rate, slope = (-beta[:, None] * weights)[..., None], alpha[:, None, None], -beta[:, None, None]
    deviations = ((alpha * alpha + sampling)[:, None] * variances).sqrt()[..., None]
    attraction = 1 + torch.cat([(alpha * beta)[:, None] * variances, B.new_zeros(batch, d - k)], dim=-1)[..., None]
    spread, fixed = (-beta * sampling)[:, None, None], (-beta * sampling * total_variance)[:, None, None]
    scaled, factor = torch.empty_like(outer), torch.empty_like(fixed)
    views = [(layer, layer.mT, layer[:, :k]) for layer in (B, next_B)]
    for _ in range(steps):
        (B, transposed, top), (next_B, _, _) = views
        torch.bmm(transposed, B, out=gram)
        torch.bmm(gram, column, out=pull)
        torch.mul(top, deviations, out=learned)
        torch.baddbmm(fixed, pull.mT, spread * column, out=factor)
        torch.addcmul(column, rate, pull, value=-1, out=mean)
        torch.mul(weights, outer, out=scaled)
        torch.mul(gram, factor, out=moment)
        moment.baddbmm_(scaled.mT, outer)
        torch.mul(B, attraction, out=next_B)
        next_B.baddbmm_(B, moment)
        column.addcmul_(slope, torch.bmm(gram, mean))
        views.reverse()
    return views[0][0], column[..., 0]
