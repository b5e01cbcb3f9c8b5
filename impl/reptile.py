"""Reptile on two-layer linear networks with population gradient flow inside, on matrices and on its two coefficients.

Saunshi, Zhang, Khodak, Arora 2020, Sections 5.1 and 6.1: ``(A, w) <- (1 - tau) (A, w) + tau GDpop(rho, (A, w))`` for one task
``rho`` after the other. Started at ``(kappa I, 0)`` on tasks with regressors ``+-w_*`` it keeps the form ``A = (a - kappa) u u^T
+ kappa I``, ``w = b w_*`` with ``u = w_*/||w_*||``, and the recursion (10) of ``(a, b)`` is all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import torch

from exactarray.arrays import Array
from impl.checks import Shapes, positive
from impl.two_layer_linear_flow import aligned_flow_limit, coefficient_flow_limit

InnerLoop = Callable[[Array, Array, Array], tuple[Array, Array]]
"""From first layers ``(batch, d, d)``, second layers and regressors ``(batch, d)`` to both layers after adaptation."""


def reptile(
    A: Array, w: Array, regressors: Array, *, tau: Array, inner_loop: InnerLoop = aligned_flow_limit
) -> Iterator[tuple[Array, Array]]:
    """The states ``(A_0, w_0), ..., (A_T, w_T)``, one by one.

    Parameters
    ----------
    A, w:
        Meta-initialisation ``(batch, d, d)`` and ``(batch, d)``.
    regressors:
        The tasks in their order, ``(batch, T, d)``.
    tau:
        Interpolation parameters ``(batch,)``, positive; the paper has them below one.
    inner_loop:
        The adaptation to one task. The default is the closed form of GDpop for starts such as ``(kappa I, 0)`` and regressors
        on one line through the origin.

    Raises
    ------
    ValueError
        when shapes do not fit or an interpolation parameter is not positive.
    """
    shapes = Shapes()
    shapes("A", A, "batch d d")
    shapes("w", w, "batch d")
    shapes("regressors", regressors, "batch T d")
    shapes("tau", tau, "batch")
    positive("tau", tau)
    return _states(A, w, regressors, tau, inner_loop)


def reptile_coefficients(
    a: Array, b: Array, signs: Array, *, tau: Array, length: Array | int = 1
) -> Iterator[tuple[Array, Array]]:
    """The coefficients ``(a_0, b_0), ..., (a_T, b_T)`` of :func:`reptile`, one by one: equation (10).

    Parameters
    ----------
    a, b:
        Start, ``(batch,)``; the paper's is ``(kappa, 0)``.
    signs:
        The tasks' signs ``s_1, ..., s_T``, ``(batch, T)``, entries ``+-1``.
    tau:
        Interpolation parameters ``(batch,)``, positive.
    length:
        ``||w_*||``, a number or ``(batch,)``; the paper's convention is one.

    Raises
    ------
    ValueError
        when shapes do not fit, or ``tau`` or ``length`` is not positive.
    """
    _check_coefficients(a, b, signs, tau)
    return _coefficients(a, b, signs, tau, length)


def reptile_coefficients_in_place(
    a: torch.Tensor, b: torch.Tensor, signs: torch.Tensor, *, tau: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The last ``(a_T, b_T)`` of :func:`reptile_coefficients` for starts with ``a > |b|`` and ``||w_*|| = 1``; a tuned kernel.

    Such starts never leave that region, so that equation (10) needs no case but the printed one. Works in place on copies of
    the start, without a temporary. Arguments and errors as there; signs may be int8.
    """
    _check_coefficients(a, b, a.new_empty(signs.shape) if signs.shape[1] == 0 else signs[:, :1].to(a.dtype), tau)
    a, b = a.clone(), b.clone()
    kept, root, square = torch.empty_like(a), torch.empty_like(a), torch.empty_like(a)
    for sign in signs.unbind(1):
        torch.sub(a, b, out=kept)
        torch.add(a, b, out=root)
        kept.mul_(root)
        torch.mul(kept, kept, out=root)
        root.add_(4).sqrt_()
        torch.add(kept, root, out=square)
        square.mul_(0.5).sqrt_()
        a.lerp_(square, tau)
        torch.div(sign, square, out=root)
        b.lerp_(root, tau)
    return a, b


def reptile_coefficients_compiled(
    a: torch.Tensor, b: torch.Tensor, signs: torch.Tensor, *, tau: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """As :func:`reptile_coefficients_in_place`, several tasks fused into one kernel by ``torch.compile``.

    The first call compiles, for which PyTorch needs a compiler on the machine. Arguments and errors as there.
    """
    _check_coefficients(a, b, a.new_empty(signs.shape) if signs.shape[1] == 0 else signs[:, :1].to(a.dtype), tau)
    wide = _has_wide_steps(a)
    size = _FUSED_WIDE if wide else _FUSED
    whole = signs.shape[1] // size * size
    one = torch.ones(1, dtype=torch.bfloat16) if wide else None
    for first in range(0, whole, size):
        chunk = signs[:, first : first + size].mT
        a, b = _fused()(a, b, chunk, tau) if one is None else _fused_wide()(a, b, chunk, tau, one)
    if whole and whole == signs.shape[1]:
        return a, b
    return reptile_coefficients_in_place(a, b, signs[:, whole:], tau=tau)


_FUSED, _FUSED_WIDE = 16, 32
# Where a^2 - b^2 is at most the square of this, the correction in _wide_steps leaves no error that float64 shows.
_LARGEST_WIDE = 128.0


def _has_wide_steps(a: torch.Tensor) -> bool:
    return a.device.type == "cpu" and a.dtype == torch.float64 and a.numel() > 0 and float(a.detach().max()) <= _LARGEST_WIDE


def _steps(a: torch.Tensor, b: torch.Tensor, signs: torch.Tensor, tau: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    kept_share = 1 - tau
    for sign in signs:
        kept = (a - b) * (a + b)
        square = (kept + torch.sqrt(kept * kept + 4)) * 0.5
        size = torch.sqrt(square)
        # 1/f as f/f^2: the division need not wait for the root.
        a, b = kept_share * a + tau * size, kept_share * b + tau * sign / square * size
    return a, b


def _wide_steps(
    a: torch.Tensor, b: torch.Tensor, signs: torch.Tensor, tau: torch.Tensor, one: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The steps for a processor on which square roots bind: nothing else waits for the second one, and nothing is divided.

    A number ``one`` of 16 bits among the operands makes the vectors of the kernel four times as long as the processor's, so that
    four chains of roots are under way at a time, where each would leave it idle.
    """
    for sign in signs:
        half = (a - b) * (a + b) * 0.5
        root = torch.sqrt(half * half + one)
        # f^2 and 1/f^2, whose product is one but for what the difference has lost; one step of Newton brings that back.
        square, inverse = root + half, root - half
        pull = tau * sign * (inverse * (2 - square * inverse))
        size = torch.sqrt(square)
        a, b = a - tau * a + tau * size, b - tau * b + pull * size
    return a, b


@cache
def _fused() -> Callable[..., tuple[torch.Tensor, torch.Tensor]]:
    return torch.compile(_steps)


@cache
def _fused_wide() -> Callable[..., tuple[torch.Tensor, torch.Tensor]]:
    return torch.compile(_wide_steps)


def _states(A: Array, w: Array, regressors: Array, tau: Array, inner_loop: InnerLoop) -> Iterator[tuple[Array, Array]]:
    yield A, w
    for i in range(regressors.shape[1]):
        adapted_A, adapted_w = inner_loop(A, w, regressors[:, i])
        A, w = A + tau[:, None, None] * (adapted_A - A), w + tau[:, None] * (adapted_w - w)
        yield A, w


def _coefficients(a: Array, b: Array, signs: Array, tau: Array, length: Any) -> Iterator[tuple[Array, Array]]:
    yield a, b
    for i in range(signs.shape[1]):
        a_end, b_end = coefficient_flow_limit(a, b, signs[:, i], length)
        a, b = a + tau * (a_end - a), b + tau * (b_end - b)
        yield a, b


def _check_coefficients(a: Array, b: Array, signs: Array, tau: Array) -> None:
    shapes = Shapes()
    shapes("a", a, "batch")
    shapes("b", b, "batch")
    shapes("signs", signs, "batch T")
    shapes("tau", tau, "batch")
    positive("tau", tau)
