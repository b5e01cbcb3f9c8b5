"""Tasks for Theorems 1 and 2, scaled so that L = M = 1 (rescaling losses and variables).

A training loss is a quadratic plus one sine, a test loss a log cosh; mu, rho and tau of Assumptions 1 and 2 are explicit,
and the meta-loss is nonnegative.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from exactarray import amax, array_like, eye, namespace
from impl.partial_adaptation_tasks import OscillatingTasks

Array = Any
TASKS = 2


def oscillating_tasks(draw: Any, low: Array | None, like: Array) -> dict[str, Any]:
    """Two tasks, their rho and tau, and a starting point.

    ``low``, ``(batch,)`` in [0, 1), makes every inner Hessian in w lie in [low, 1] and touch ``low``; None allows
    [-1, 1]. The joint Hessian of a training loss is at most |A| + |C| + 2 |wave| <= 1 in norm.
    """
    xp, n_w, n_phi = namespace(like), draw.integer("n_w", 1, 2), draw.integer("n_phi", 1, 2)
    room = 1 - low[:, None] if low is not None else xp.ones_like(like)[:, None]
    coupling, wave = room * draw.interval("coupling", 0, 1, TASKS) / 2, room * draw.interval("wave", 0, 1, TASKS) / 8
    top = 1 - coupling - 2 * wave
    bottom = low[:, None] + wave if low is not None else -top
    share = draw.interval("spectrum", 0, 1, TASKS, n_w)
    if low is not None:
        share = xp.concat([xp.zeros_like(share[..., :1]), share[..., 1:]], axis=-1)
    k, skew = draw.interval("frequency", 1, 4, TASKS), draw.interval("skew", 0, 1, TASKS)
    turn = reflection(draw.real("axis", TASKS, n_w))
    axis, mixed = turn[..., 0], reflection(draw.real("mixed_direction", TASKS, n_phi))[..., 0]
    sharpness = draw.interval("sharpness", 0.125, 1, TASKS)
    test = sharpness[..., None] * reflection(draw.real("test_direction", TASKS, n_w + n_phi))[..., 0]
    return {
        "tasks_": OscillatingTasks(
            A=(turn * (bottom[..., None] + (top - bottom)[..., None] * share)[..., None, :]) @ turn.mT,
            C=coupling[..., None, None] * axis[..., :, None] * mixed[..., None, :],
            a=(wave / k / k)[..., None],
            k=k[..., None],
            c=draw.interval("phase", -4, 4, TASKS)[..., None],
            u=axis[..., None, :],
            v=(skew[..., None] * reflection(draw.real("wave_direction", TASKS, n_phi))[..., 0])[..., None, :],
            b=1 / sharpness,
            d=draw.interval("offset", -2, 2, TASKS),
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
    same = {name: getattr(old, name)[:, :1] + 0 * getattr(old, name) for name in ("A", "C", *"kcuvbdst")}
    sign = array_like([1.0, -1.0], old.d)[:, None]
    tasks_ = replace(old, **{**same, "a": 0 * old.a, "s": sign * same["s"], "t": sign * same["t"]})
    return dict(made, tasks_=tasks_, w=0 * made["w"], phi=0 * made["phi"], rho=0 * made["rho"], tau=0 * made["tau"])


def in_one_dimension(like: Array, **given: Any) -> dict[str, Any]:
    """Tasks with scalar w and phi and a start at the origin; ``like`` and the fields given are ``(batch, tasks)`` or numbers.

    Fields that are not given are zero; frequencies and heights, and the directions of sines in w, are one.
    """
    axes = dict(A=2, C=2, a=1, k=1, c=1, u=2, v=2, b=0, d=0, s=1, t=1)
    values = dict(C=0, a=0, k=1, c=0, u=1, v=0, b=1, d=0, t=0) | given
    tasks_ = OscillatingTasks(**{name: (0 * like + values[name]).reshape(*like.shape, *(1,) * n) for name, n in axes.items()})
    return {"tasks_": tasks_, "w": 0 * like[:, :1], "phi": 0 * like[:, :1]}


def reflection(v: Array) -> Array:
    """The Householder reflections ``I - 2vv'/|v|^2``, ``(..., d, d)``: orthogonal, rational; the identity where v is
    zero.
    """
    xp = namespace(v)
    square = xp.sum(v * v, axis=-1)[..., None, None]
    return eye(v.shape[-1], v) - 2 * v[..., :, None] * v[..., None, :] / xp.where(square == 0, xp.ones_like(square), square)
