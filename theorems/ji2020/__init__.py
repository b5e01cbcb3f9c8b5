"""Ji, Lee, Liang and Poor 2020: ANIL, meta-learning that adapts only part of its parameters.

Shared here: the paper, the instances of its theorems, and longer runs of ANIL on them. A task's training loss is a
quadratic plus one sine, its test loss a log cosh, scaled so that L = M = 1 (rescaling losses and variables); mu, rho
and tau of Assumptions 1 and 2 are explicit, and the meta-loss is nonnegative.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from exactarray import amax, array_like, eye, is_exact, namespace
from impl.anil import anil
from impl.partial_adaptation_tasks import OscillatingTasks
from lakatos import Paper

PAPER = Paper(
    "ji2020",
    "Convergence of Meta-Learning with Task-Specific Adaptation over Partial Parameters",
    authors=("Kaiyi Ji", "Jason D. Lee", "Yingbin Liang", "H. Vincent Poor"),
    venue="NeurIPS",
    year=2020,
    url="https://arxiv.org/abs/2006.09486",
)

Array = Any
SEQUENCES = 8
"""Random sequences of batches per instance in longer runs."""


def oscillating_tasks(draw: Any, tasks: int, n_w: int, n_phi: int, low: Array | None, like: Array) -> dict[str, Any]:
    """Tasks, their rho and tau, and a starting point.

    ``low``, ``(batch,)`` in [0, 1), makes every inner Hessian in w lie in [low, 1] and touch ``low``; None allows
    [-1, 1]. The joint Hessian of a training loss is at most |A| + |C| + 2 |wave| <= 1 in norm.
    """
    xp = namespace(like)
    room = 1 - low[:, None] if low is not None else xp.ones_like(like)[:, None]
    coupling, wave = room * draw.interval("coupling", 0, 1, tasks) / 2, room * draw.interval("wave", 0, 1, tasks) / 8
    top = 1 - coupling - 2 * wave
    bottom = low[:, None] + wave if low is not None else -top
    share = draw.interval("spectrum", 0, 1, tasks, n_w)
    if low is not None:
        share = xp.concat([xp.zeros_like(share[..., :1]), share[..., 1:]], axis=-1)
    k, skew = draw.interval("frequency", 1, 4, tasks), draw.interval("skew", 0, 1, tasks)
    turn = reflection(draw.real("axis", tasks, n_w))
    axis, mixed = turn[..., 0], reflection(draw.real("mixed_direction", tasks, n_phi))[..., 0]
    sharpness = draw.interval("sharpness", 0.125, 1, tasks)
    test = sharpness[..., None] * reflection(draw.real("test_direction", tasks, n_w + n_phi))[..., 0]
    return {
        "tasks_": OscillatingTasks(
            A=(turn * (bottom[..., None] + (top - bottom)[..., None] * share)[..., None, :]) @ turn.mT,
            C=coupling[..., None, None] * axis[..., :, None] * mixed[..., None, :],
            a=(wave / k / k)[..., None],
            k=k[..., None],
            c=draw.interval("phase", -4, 4, tasks)[..., None],
            u=axis[..., None, :],
            v=(skew[..., None] * reflection(draw.real("wave_direction", tasks, n_phi))[..., 0])[..., None, :],
            b=1 / sharpness,
            d=draw.interval("offset", -2, 2, tasks),
            s=test[..., :n_w],
            t=test[..., n_w:],
        ),
        "rho": amax(wave * k * (1 + skew), axis=-1),
        "tau": amax(wave * k * skew * (1 + skew), axis=-1),
        "w": draw.interval("w", -2, 2, n_w),
        "phi": draw.interval("phi", -2, 2, n_phi),
    }


def mirrored(made: dict[str, Any]) -> dict[str, Any]:
    """Two tasks without sines, each the mirror image of the other in (w, phi), and a start at the origin.

    The meta-loss is convex and the origin its minimum, so that the run shows the noise of the batches alone.
    """
    old = made["tasks_"]
    same = {
        name: getattr(old, name)[:, :1] + 0 * getattr(old, name) for name in ("A", "C", "k", "c", "u", "v", "b", "d", "s", "t")
    }
    sign = array_like([1.0, -1.0], old.d)[:, None]
    tasks_ = replace(old, **{**same, "a": 0 * old.a, "s": sign * same["s"], "t": sign * same["t"]})
    return dict(made, tasks_=tasks_, w=0 * made["w"], phi=0 * made["phi"], rho=0 * made["rho"], tau=0 * made["tau"])


def reflection(v: Array) -> Array:
    """The Householder reflections ``I - 2vv'/|v|^2``, ``(..., d, d)``: orthogonal, rational; the identity where v is
    zero.
    """
    xp = namespace(v)
    square = xp.sum(v * v, axis=-1)[..., None, None]
    return eye(v.shape[-1], v) - 2 * v[..., :, None] * v[..., None, :] / xp.where(square == 0, xp.ones_like(square), square)


def sampled_shares(batch: int, outer_steps: int, tasks: int, batch_size: int | None, like: Array) -> Array:
    """Shares of the tasks in random batches, ``(batch, K, tasks)``; equal shares when ``batch_size`` is None.

    A longer run begins with the batches of a shorter one, so that values of K are compared on common random numbers.
    """
    if batch_size is None or is_exact(like):
        return namespace(like).broadcast_to(array_like([1 / tasks], like), (batch, outer_steps, tasks))
    generator = torch.Generator(device=like.device).manual_seed(0)
    left = torch.full((outer_steps, batch), float(batch_size), dtype=like.dtype, device=like.device)
    shares = []
    for task in range(tasks):
        count = torch.binomial(left, torch.full_like(left, 1 / (tasks - task)), generator=generator)
        shares.append(count / batch_size)
        left = left - count
    return torch.stack(shares, dim=-1).transpose(0, 1)


def expected_run(
    tasks_: Any, w: Array, phi: Array, *, alpha: Array, N: int, K: int, size: int | None, beta_w: Array, beta_phi: Array
) -> Any:
    """Squared partial meta-gradients and meta-loss per iterate, ``(batch, K)`` each, averaged over SEQUENCES of
    batches.
    """
    xp, batch, times = namespace(w), w.shape[0], 1 if size is None else SEQUENCES
    w, phi, alpha, beta_w, beta_phi = (xp.repeat(x, times, axis=0) for x in (w, phi, alpha, beta_w, beta_phi))
    shares = sampled_shares(batch * times, K, tasks_.tasks, size, w)
    run = anil(
        tasks_.repeat(times),
        w,
        phi,
        alpha=alpha,
        inner_steps=N,
        beta_w=beta_w,
        beta_phi=beta_phi,
        shares=shares,
        with_loss=True,
    )
    return [xp.sum(x.reshape(batch, times, K), axis=1) / times for x in (run.square_w, run.square_phi, run.loss)]


def at_best_iterate(values: Array, square_w: Array, square_phi: Array, beta_w: Array, beta_phi: Array) -> Array:
    """``values``, ``(batch, K)``, at the iterate where ``beta_w |g_w|^2 + beta_phi |g_phi|^2``, which the proof
    bounds, is least.
    """
    best = torch.argmin(beta_w[:, None] * square_w + beta_phi[:, None] * square_phi, dim=1, keepdim=True)
    return torch.gather(values, 1, best)[:, 0]
