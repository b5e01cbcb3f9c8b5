"""A tuned kernel for long runs of first-order ANIL on infinitely many tasks; its text to read is in :mod:`impl.fo_anil`.

Yüksel, Boursier, Flammarion 2024, equations (5)-(7). In the coordinates of ``B_*`` and its complement the second moment of the
adapted head is a multiple of ``G = B^T B`` and ``k + 2`` outer products, so that a step takes two products of full size where the
equations take four, and nothing is allocated. Instances run in groups whose arrays stay in a core's cache.
"""

from __future__ import annotations

import torch
from torch import Tensor

from impl.checks import Shapes, count, is_infinite, nonnegative
from impl.fo_anil import SubspaceTasks

# Numbers in the arrays of a group: 2^17 of 8 bytes fill half of a common L2 cache. Accelerators run all instances at once.
LARGEST_GROUP = 2**17


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
    frame = torch.cat([tasks.basis, tasks.complement], dim=-1)
    values, axes = torch.linalg.eigh(tasks.covariance)
    root = (axes * values.clamp(min=0).sqrt()[:, None]) @ axes.mT
    sampling = torch.zeros_like(alpha) if is_infinite(m_in) else alpha * alpha / m_in
    given = [frame.mT @ B, w, root, tasks.covariance, alpha, beta, sampling, tasks.total_variance]
    size = max(1, LARGEST_GROUP // (3 * B.shape[1] * B.shape[2])) if B.device.type == "cpu" else max(1, B.shape[0])
    ends = [_run([part[i : i + size].clone() for part in given], steps) for i in range(0, B.shape[0], size)]
    if not ends:
        return B, w
    return frame @ torch.cat([B for B, _ in ends]), torch.cat([w for _, w in ends])


def _run(given: list[Tensor], steps: int) -> tuple[Tensor, Tensor]:
    B, w, root, covariance, alpha, beta, sampling, total_variance = given
    batch, _, width = B.shape
    k = covariance.shape[-1]
    next_B, gram, moment = torch.empty_like(B), B.new_empty(batch, width, width), B.new_empty(batch, width, width)
    # Rows: the mean of the adapted head, the pull G w, and the learned part of B.
    outer = B.new_empty(batch, k + 2, width)
    column = w[..., None].contiguous()
    mean, pull, learned = outer[:, 0, :, None], outer[:, 1, :, None], outer[:, 2:]
    weights = torch.cat([torch.ones_like(alpha)[:, None], sampling[:, None], 0 * alpha[:, None].expand(-1, k) + 1], dim=-1)
    scaled_root = (alpha * alpha + sampling).sqrt()[:, None, None] * root
    attraction = (alpha * beta)[:, None, None] * covariance
    weights, rate, slope = (-beta[:, None] * weights)[..., None], alpha[:, None, None], -beta[:, None, None]
    spread, fixed = (-beta * sampling)[:, None, None], (-beta * sampling * total_variance)[:, None, None]
    scaled, factor = torch.empty_like(outer), torch.empty_like(fixed)
    for _ in range(steps):
        torch.bmm(B.mT, B, out=gram)
        torch.bmm(gram, column, out=pull)
        torch.bmm(scaled_root, B[:, :k], out=learned)
        torch.baddbmm(fixed, pull.mT, spread * column, out=factor)
        torch.addcmul(column, rate, pull, value=-1, out=mean)
        torch.mul(weights, outer, out=scaled)
        torch.mul(gram, factor, out=moment)
        moment.baddbmm_(scaled.mT, outer)
        torch.baddbmm(B, B, moment, out=next_B)
        next_B[:, :k].baddbmm_(attraction, B[:, :k])
        column.addcmul_(slope, torch.bmm(gram, mean))
        B, next_B = next_B, B
    return B, column[..., 0]
