"""Meta-gradients of ANIL and MAML on regression tasks for a two-layer linear network ``x -> x^T B w``, to second order.

The model of Yüksel, Boursier, Flammarion 2024 with the algorithms of Ji et al. 2020: ANIL adapts the head ``w`` of a common
layer ``B`` (:class:`HeadTasks`), MAML both layers (:class:`NetworkTasks`). Both classes serve every algorithm of
:mod:`impl.anil`, task by task. :func:`anil_meta_gradient` and :func:`maml_meta_gradient` give the mean over the tasks alone,
by hand-derived formulas in which each task's matrix in ``B`` is a sum of outer products of vectors that is never formed.

Losses are means of squared residuals over two, ``||y - X B w||^2 / (2n)``. Shapes: inputs ``(batch, tasks, n, d)``, labels
``(batch, tasks, n)``, ``B (batch, d, width)``, ``w (batch, width)``; where a vector of parameters is asked for, ``B`` is
flattened row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from exactarray import namespace
from exactarray.arrays import Array
from impl.checks import Shapes, count, nonnegative
from impl.small_products import on_numpy

Samples = tuple[Array, Array]
"""Inputs and labels."""


@dataclass(frozen=True)
class _TwoLayerTasks:
    """Samples for the inner and for the outer loop.

    Parameters
    ----------
    X_in, y_in, X_out, y_out:
        Inputs ``(batch, tasks, n, d)`` and labels ``(batch, tasks, n)``; ``n`` may differ between the loops.
    width:
        Width of the network.

    Raises
    ------
    ValueError
        when shapes do not fit, or the width is not positive.
    """

    X_in: Array
    y_in: Array
    X_out: Array
    y_out: Array
    width: int

    def __post_init__(self) -> None:
        shapes = Shapes()
        for loop in ("in", "out"):
            shapes(f"X_{loop}", getattr(self, f"X_{loop}"), f"batch tasks n_{loop} d", least=1)
            shapes(f"y_{loop}", getattr(self, f"y_{loop}"), f"batch tasks n_{loop}")
        count("width", self.width, 1)

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return int(self.X_in.shape[1])

    @property
    def features(self) -> int:
        """Number ``d`` of inputs."""
        return int(self.X_in.shape[3])


@dataclass(frozen=True)
class HeadTasks(_TwoLayerTasks):
    """The head is task-specific, ``n_w = width``, and the layer common, ``n_phi = d * width``."""

    def at(self, phi: Array) -> HeadAtLayer:
        """The tasks with the layer ``phi (batch, d * width)`` held fixed."""
        layer = phi.reshape(phi.shape[0], 1, self.features, self.width)
        return HeadAtLayer(self, layer)


@dataclass(frozen=True)
class HeadAtLayer:
    """:class:`HeadTasks` at a layer ``(batch, 1, d, width)``; ``w`` and ``v`` are ``(batch, tasks, width)``."""

    of: HeadTasks
    layer: Array

    def inner_gradient(self, w: Array) -> Array:
        """``grad_w L_S``."""
        return (_correlation(self.of.X_in, self.of.y_in, self.layer, w)[..., None, :] @ self.layer)[..., 0, :]

    def inner_second_order(self, w: Array, v: Array) -> tuple[Array, Array]:
        """``grad_w^2 L_S v`` and ``grad_B grad_w L_S v``."""
        X, correlation = self.of.X_in, _correlation(self.of.X_in, self.of.y_in, self.layer, w)
        bent = _second_moment(X, (self.layer @ v[..., None])[..., 0])
        mixed = bent[..., None] * w[..., None, :] + correlation[..., None] * v[..., None, :]
        return (bent[..., None, :] @ self.layer)[..., 0, :], _flat(mixed)

    def outer_gradients(self, w: Array) -> tuple[Array, Array]:
        """``grad_w L_D`` and ``grad_B L_D``."""
        correlation = _correlation(self.of.X_out, self.of.y_out, self.layer, w)
        return (correlation[..., None, :] @ self.layer)[..., 0, :], _flat(correlation[..., None] * w[..., None, :])

    def outer_loss(self, w: Array) -> Array:
        """``L_D``, ``(batch, tasks)``."""
        return _loss(self.of.X_out, self.of.y_out, self.layer, w)


@dataclass(frozen=True)
class NetworkTasks(_TwoLayerTasks):
    """All parameters are task-specific, ``n_w = d * width + width`` with the layer first, and ``n_phi = 0``: MAML."""

    def at(self, phi: Array) -> NetworkAtNothing:
        """The tasks; ``phi`` is ``(batch, 0)``."""
        return NetworkAtNothing(self, phi[:, None])

    def layers(self, w: Array) -> tuple[Array, Array]:
        """The layer ``(batch, tasks, d, width)`` and the head ``(batch, tasks, width)`` of ``w (batch, tasks, n_w)``."""
        cut = self.features * self.width
        return w[..., :cut].reshape(*w.shape[:-1], self.features, self.width), w[..., cut:]


@dataclass(frozen=True)
class NetworkAtNothing:
    """:class:`NetworkTasks` at ``phi (batch, 1, 0)``; ``w`` and ``v`` are ``(batch, tasks, n_w)``."""

    of: NetworkTasks
    phi: Array

    def inner_gradient(self, w: Array) -> Array:
        """The gradient of ``L_S``."""
        return self._gradient(self.of.X_in, self.of.y_in, w)

    def inner_second_order(self, w: Array, v: Array) -> tuple[Array, Array]:
        """The Hessian of ``L_S`` times ``v``, and nothing."""
        (B, head), (along_B, along_head) = self.of.layers(w), self.of.layers(v)
        correlation = _correlation(self.of.X_in, self.of.y_in, B, head)
        bent = _second_moment(self.of.X_in, (along_B @ head[..., None] + B @ along_head[..., None])[..., 0])
        in_B = bent[..., None] * head[..., None, :] + correlation[..., None] * along_head[..., None, :]
        in_head = (correlation[..., None, :] @ along_B + bent[..., None, :] @ B)[..., 0, :]
        return _joined(in_B, in_head), 0 * v[..., :1] * self.phi

    def outer_gradients(self, w: Array) -> tuple[Array, Array]:
        """The gradient of ``L_D``, and nothing."""
        return self._gradient(self.of.X_out, self.of.y_out, w), 0 * w[..., :1] * self.phi

    def outer_loss(self, w: Array) -> Array:
        """``L_D``, ``(batch, tasks)``."""
        return _loss(self.of.X_out, self.of.y_out, *self.of.layers(w))

    def _gradient(self, X: Array, y: Array, w: Array) -> Array:
        B, head = self.of.layers(w)
        correlation = _correlation(X, y, B, head)
        return _joined(correlation[..., None] * head[..., None, :], (correlation[..., None, :] @ B)[..., 0, :])


def anil_meta_gradient(
    B: torch.Tensor, w: torch.Tensor, inner: Samples, outer: Samples, alpha: torch.Tensor, steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean over the tasks of both partial meta-gradients of ANIL, ``(batch, d, width)`` and ``(batch, width)``; a tuned kernel.

    The inner residuals obey ``r <- (I - (alpha/n) K) r`` with ``K = X B B^T X^T``, and so do, backwards, the adjoint ones. Their
    outer products with each other are all that the second derivatives add. Small problems on the CPU follow ``theta = B w``
    instead, without ``K``.

    Parameters
    ----------
    B, w:
        The network.
    inner, outer:
        Inputs and labels of either loop.
    alpha:
        Inner step sizes ``(batch,)``, not negative.
    steps:
        Number of inner steps on the head.

    Raises
    ------
    ValueError
        when shapes do not fit, a step size is negative, or ``steps`` is.
    """
    _check(B, w, inner, outer, alpha, steps)
    arrays = on_numpy(B, w, *inner, *outer, alpha)
    if arrays is not None:
        with np.errstate(all="ignore"):
            in_B, in_w = _anil_meta_gradient_along_theta(steps, *arrays)
        return torch.from_numpy(in_B), torch.from_numpy(in_w)
    (X, y), (X_out, y_out) = inner, outer
    (batch, tasks, n, d), n_out = X.shape, X_out.shape[2]
    every, rate = batch * tasks, (alpha / n)[:, None, None]
    rows, rows_out = X.reshape(every, n, d), X_out.reshape(every, n_out, d)
    flat, scaled = X.reshape(batch, tasks * n, d), torch.bmm(B, B.mT) * rate
    # The kernel is symmetric; a row times its transpose is what batched products are fastest at.
    kernel = torch.bmm(torch.bmm(flat, scaled).view(every, n, d), rows.mT).mT
    theta = torch.bmm(w[:, None], B.mT)
    residual = torch.bmm(flat, theta.mT).view(every, 1, n) - y.reshape(every, 1, n)
    before = [torch.zeros_like(residual), residual][: steps + 1]
    for _ in range(steps - 1):
        residual = torch.baddbmm(residual, residual, kernel, alpha=-1)
        before.append(before[-1] + residual)
    taken = torch.bmm(before.pop(), rows).view(batch, tasks, d)
    adapted = torch.baddbmm(theta, taken, scaled, alpha=-1)
    outer_residual = (torch.bmm(adapted.view(every, 1, d), rows_out.mT) - y_out.reshape(every, 1, n_out)) / n_out
    correlation = torch.bmm(outer_residual, rows_out).view(batch, tasks, d)
    pulled, bent = correlation.sum(1, keepdim=True), torch.bmm(correlation.mT, taken)
    if steps:
        adjoint = [torch.bmm(torch.bmm(correlation, -scaled).view(every, 1, d), rows.mT)]
        for _ in range(steps - 1):
            adjoint.append(torch.baddbmm(adjoint[-1], adjoint[-1], kernel, alpha=-1))
        left, right = (torch.bmm(torch.cat(parts, 1), rows).view(batch, tasks * steps, d) for parts in (adjoint[::-1], before))
        pulled = pulled + left.sum(1, keepdim=True)
        bent.baddbmm_(left.mT, right)
    pulled, bent = pulled / tasks, (bent + bent.mT).mul_(-rate / tasks)
    return torch.baddbmm(torch.bmm(bent, B), pulled.mT, w[:, None]), torch.bmm(pulled, B)[:, 0]


def _anil_meta_gradient_along_theta(
    steps: int, B: Any, w: Any, X: Any, y: Any, X_out: Any, y_out: Any, alpha: Any
) -> tuple[Any, Any]:
    """:func:`anil_meta_gradient` by gradient descent on ``theta = B w``: ``theta <- theta - (alpha/n) B B^T X^T (X theta - y)``.

    Backwards runs ``p <- p - (alpha/n) X^T X B B^T p``, and ``B B^T`` receives the outer products of both.
    """
    tasks, n = X.shape[1:3]
    scaled, start = B @ B.mT * (alpha / n)[:, None, None], w[:, None] @ B.mT
    theta, slopes, adjoints = np.repeat(start, tasks, axis=1), [], []
    for _ in range(steps):
        residual = (X @ theta[..., None])[..., 0] - y
        slopes.append((residual[..., None, :] @ X)[..., 0, :])
        theta = theta - slopes[-1] @ scaled
    residual = ((X_out @ theta[..., None])[..., 0] - y_out) / X_out.shape[2]
    p = (residual[..., None, :] @ X_out)[..., 0, :]
    for _ in range(steps):
        adjoints.append(p)
        p = p - ((X @ (p @ scaled)[..., None]).mT @ X)[..., 0, :]
    pulled = p.sum(1, keepdims=True) / tasks
    in_B = pulled.mT @ w[:, None]
    if steps:
        bent = np.concatenate(adjoints[::-1], axis=1).mT @ np.concatenate(slopes, axis=1)
        in_B -= (bent + bent.mT) @ B * (alpha / n / tasks)[:, None, None]
    return in_B, (pulled @ B)[:, 0]


def maml_meta_gradient(
    B: torch.Tensor, w: torch.Tensor, inner: Samples, outer: Samples, alpha: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean over the tasks of the meta-gradient of MAML with one inner step, ``(batch, d, width)`` and ``(batch, width)``.

    A tuned kernel; arguments and errors as in :func:`anil_meta_gradient`.
    """
    _check(B, w, inner, outer, alpha, 1)
    arrays = on_numpy(B, w, *inner, *outer, alpha)
    if arrays is None:
        return _maml_meta_gradient(B, w, *inner, *outer, alpha)
    with np.errstate(all="ignore"):
        in_B, in_w = _maml_meta_gradient(*arrays)
    return torch.from_numpy(in_B), torch.from_numpy(in_w)


def _maml_meta_gradient(
    B: Array, w: Array, X: Array, y: Array, X_out: Array, y_out: Array, alpha: Array
) -> tuple[Array, Array]:
    """:func:`maml_meta_gradient` on tensors or numpy arrays, in terms of ``theta = B w`` as far as it goes.

    Adaptation is ``B - c w^T`` and ``w - B^T c``, the outer gradient ``e (w - B^T c)^T`` and ``B^T e - (c . e) w``.
    """
    (batch, tasks, n, d), head = X.shape, w[:, None]
    shortened, gram, start = (alpha / n)[:, None, None], B @ B.mT, head @ B.mT
    c = _pulled_back(((start[..., None, :] @ X.mT)[..., 0, :] - y) * shortened, X)
    overlap = head @ head.mT - c @ start.mT
    theta = start - c @ gram - overlap * c
    e = _pulled_back(((theta[..., None, :] @ X_out.mT)[..., 0, :] - y_out) / X_out.shape[2], X_out)
    angle = (c[..., None, :] @ e[..., None])[..., 0]
    # The inner Hessian is applied to the outer gradient through the change of B w along it.
    change = (e @ gram - angle * start + overlap * e)[..., None, :] @ X.mT
    bent = change.reshape(batch, 1, tasks * n) @ X.reshape(batch, tasks * n, d) * shortened
    pulled, products = e.sum(1)[:, None] + angle.mT @ c - bent, e.mT @ c
    in_B = pulled.mT @ head - (products + products.mT) @ B
    in_w = (pulled @ B)[:, 0] - 2 * angle.sum(1) * w
    return in_B / tasks, in_w / tasks


def _pulled_back(residual: Array, X: Array) -> Array:
    return (residual[..., None, :] @ X)[..., 0, :]


def _correlation(X: Array, y: Array, B: Array, w: Array) -> Array:
    residual = X @ (B @ w[..., None]) - y[..., None]
    return (X.mT @ residual)[..., 0] / X.shape[-2]


def _second_moment(X: Array, u: Array) -> Array:
    return (X.mT @ (X @ u[..., None]))[..., 0] / X.shape[-2]


def _loss(X: Array, y: Array, B: Array, w: Array) -> Array:
    residual = (X @ (B @ w[..., None]))[..., 0] - y
    return namespace(X).sum(residual * residual, axis=-1) / (2 * X.shape[-2])


def _flat(matrix: Array) -> Array:
    return matrix.reshape(*matrix.shape[:2], matrix.shape[2] * matrix.shape[3])


def _joined(in_B: Array, in_head: Array) -> Array:
    return namespace(in_B).concat([_flat(in_B), in_head], axis=-1)


def _check(B: Array, w: Array, inner: Samples, outer: Samples, alpha: Array, steps: int) -> None:
    shapes = Shapes()
    shapes("B", B, "batch d width")
    shapes("w", w, "batch width")
    for loop, (X, y) in (("in", inner), ("out", outer)):
        shapes(f"X_{loop}", X, f"batch tasks n_{loop} d", least=1)
        shapes(f"y_{loop}", y, f"batch tasks n_{loop}")
    shapes("alpha", alpha, "batch")
    nonnegative("alpha", alpha)
    count("steps", steps)
