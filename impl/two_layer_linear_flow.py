"""Gradient flow on the population loss of a two-layer linear network, for one task or for tasks that share a layer.

Saunshi, Zhang, Khodak, Arora 2020, Sections 5.1, 6.1 and 6.2. The network is ``f(x, (A, w)) = w^T A x``. With isotropic
inputs the population loss of a task with regressor ``v`` is ``||A^T w - v||^2 + sigma^2`` (equation (8)). For ``T`` tasks that
share ``A`` the objective is the mean of their losses, ``L_rep``; one task is the case ``T = 1``, where the flow is GDpop.

The flow keeps ``A A^T - W W^T``. Wherever the first layer acts on a regressor as a number, this leaves one equation for its
limit, which is what the closed forms here solve. From any other start :func:`population_flow` integrates.

Shapes: first layers ``A (batch, p, d)``, second layers ``W (batch, p, T)`` and regressors ``targets (batch, d, T)``, one column
for each task. The algorithms on single numbers take ``(batch,)``, or any shapes that broadcast.
"""

from __future__ import annotations

from itertools import count as counted

import numpy as np
import torch
from scipy.integrate import DOP853

from exactarray import array_like, is_exact, namespace, norm
from exactarray.arrays import Array
from impl.checks import Shapes, count, positive

# The flow is run in units in which every rate is at most of order one; what has not settled by then sits at a saddle.
LONGEST_TIME = 1e5
TOLERANCE = 1e-13


def population_loss(A: Array, W: Array, targets: Array, sigma: Array) -> Array:
    """``(1/T) sum_i ||A^T w_i - v_i||^2 + sigma^2``, ``(batch,)``: equation (8), and ``L_rep`` of Section 6.2 for T tasks.

    Shapes as said above; ``sigma (batch,)``. Raises ValueError when they do not fit.
    """
    _check(A, W, targets, sigma=sigma)
    residual, xp = A.mT @ W - targets, namespace(A)
    return xp.sum(xp.sum(residual * residual, axis=-1), axis=-1) / W.shape[-1] + sigma * sigma


def population_gradients(A: Array, W: Array, targets: Array) -> tuple[Array, Array]:
    """Gradients of :func:`population_loss` in ``A`` and in ``W``, shaped as these; errors as there."""
    _check(A, W, targets)
    return _gradients(A, W, targets)


def population_descent(A: Array, W: Array, targets: Array, *, step: Array, steps: int) -> tuple[Array, Array]:
    """``steps`` explicit Euler steps of size ``step (batch,)`` along the flow: gradient descent on both layers.

    Returns ``(A, W)``. Raises ValueError when shapes do not fit, a step is not positive, or ``steps`` is negative.
    """
    _check(A, W, targets, step=step)
    positive("step", step)
    count("steps", steps)
    rate = step[:, None, None]
    for _ in range(steps):
        slope_A, slope_W = _gradients(A, W, targets)
        A, W = A - rate * slope_A, W - rate * slope_W
    return A, W


def population_flow(A: Array, W: Array, targets: Array) -> tuple[Array, Array]:
    """Limits ``(A_inf, W_inf)`` of gradient flow on both layers, from any start: GDpop, and RepLearn for several tasks.

    Integrated by SciPy's Dormand-Prince method of order eight, all instances in one system, each in its own unit of time
    (which changes no limit): floats only, worked out on the host and returned on the device of the inputs. Its reference, to
    50 digits or more, is :func:`population_flow_in_digits`.

    Raises
    ------
    ValueError
        when shapes do not fit, or the arrays hold exact numbers.
    RuntimeError
        where the flow has not settled, as it does not close to a saddle, naming the instances.
    """
    _check(A, W, targets)
    if is_exact(A):
        raise ValueError(f"A of shape {tuple(A.shape)} holds exact numbers; use population_flow_in_digits")
    if 0 in A.shape:
        return A, W
    on_host = [torch.as_tensor(array).detach().cpu().numpy().astype(np.float64) for array in (A, W, targets)]
    settled = _integrated(*on_host)
    return array_like(settled[0], A), array_like(settled[1], W)


def population_flow_in_digits(A: Array, W: Array, targets: Array, digits: int = 50) -> tuple[Array, Array]:
    """The limits of :func:`population_flow` by Taylor steps on exact numbers, settled to ``digits`` digits; slow.

    To be run inside ``arithmetic(bits, rounded=True)`` with some ``4 digits`` bits. The solution is a power series whose
    coefficients follow from Cauchy products. Raises ValueError when shapes do not fit or the arrays hold no exact numbers,
    RuntimeError as there.
    """
    _check(A, W, targets)
    if not is_exact(A):
        raise ValueError(f"A of shape {tuple(A.shape)} holds floats; use population_flow")
    order, tolerance = digits, 10.0**-digits
    for _ in range(100 * digits):
        series = _taylor(A, W, targets, order)
        speed = max(_largest(series[0][1]), _largest(series[1][1]))
        last = max(_largest(series[0][order]), _largest(series[1][order]), 10.0**-280)
        if speed < tolerance:
            return A, W
        # The last term kept stays well below what counts as settled.
        time = array_like([(tolerance / 10**6 / last) ** (1 / order)], A)
        A, W = (sum((term * time**k for k, term in enumerate(terms)), 0 * terms[0]) for terms in series)
    raise RuntimeError(f"the flow from A of shape {tuple(A.shape)} has not settled to {digits} digits")


def aligned_flow_limit(A: Array, w: Array, target: Array) -> tuple[Array, Array]:
    """Closed form of GDpop where the direction ``u`` of the regressor is a singular one of ``A`` and ``w`` lies along it.

    These starts, ``A u = a u``, ``A^T u = a u`` and ``w = c u``, are those of Section 6.1 and are never left by Reptile. All
    of ``A`` off ``u u^T`` stays; equation (10) without the convention ``||w_*|| = 1`` gives the rest. The text trusts the
    start to be so, and reads ``a`` and ``c`` off.

    Parameters
    ----------
    A, w, target:
        First layers ``(batch, d, d)``, second layers and nonzero regressors ``(batch, d)``.

    Returns
    -------
    ``(A_inf, w_inf)``.

    Raises
    ------
    ValueError
        when the shapes do not fit.
    """
    shapes = Shapes()
    for name, array, wanted in (("A", A, "batch d d"), ("w", w, "batch d"), ("target", target, "batch d")):
        shapes(name, array, wanted)
    size, xp = norm(target), namespace(A)
    u = target / size[:, None]
    a, c = (u[:, None] @ A @ u[..., None])[:, 0, 0], xp.sum(u * w, axis=-1)
    a_end, c_end = _settled(a, c, size)
    return A + (a_end - a)[:, None, None] * u[..., None] * u[:, None], c_end[:, None] * u


def coefficient_flow_limit(a: Array, b: Array, sign: Array, length: Array | int = 1) -> tuple[Array, Array]:
    """``(f(a, b, s), g(a, b, s))`` of Step 2, Section 6.1: GDpop on ``A = (a - kappa) u u^T + kappa I``, ``w = b w_*``.

    Printed for ``a > b >= 0`` and ``||w_*|| = 1``; here for any start and length. Where ``a^2 > ||w_*||^2 b^2`` the flow
    keeps the sign of ``a``, where it is smaller that of ``b``, and between the two it ends in the origin unless
    ``a b`` has the sign of ``s``.

    Parameters
    ----------
    a, b, sign:
        Arrays of any shapes that broadcast; signs are ``+-1``.
    length:
        ``||w_*||``, a positive number or an array that broadcasts.

    Returns
    -------
    ``(a_inf, b_inf)``.

    Raises
    ------
    ValueError
        when the arrays do not broadcast or differ in their number system, or a length is not positive.
    """
    shapes = Shapes()
    for name, array in (("a", a), ("b", b), ("sign", sign)):
        shapes(name, array, "...")
    if hasattr(length, "shape"):
        shapes("length", length, "...")
    positive("length", length if hasattr(length, "shape") else array_like([length], a))
    a_end, c_end = _settled(a, b * sign * length, length + 0 * a)
    return a_end, c_end * sign / length


def _settled(a: Array, c: Array, product: Array) -> tuple[Array, Array]:
    """The end of ``a' = -2 c (a c - product)``, ``c' = -2 a (a c - product)``, on the hyperbola of constant ``a^2 - c^2``."""
    xp = namespace(a)
    kept = (a - c) * (a + c)
    # The larger root of z^2 - |kept| z - product^2 is free of cancellation; the smaller follows from their product.
    larger = (abs(kept) + xp.sqrt(kept * kept + 4 * product * product)) / 2
    square = xp.where(kept >= 0, larger, product * product / larger)
    size = xp.sqrt(square)
    side = xp.where(kept > 0, _sign(a), xp.where(kept < 0, _sign(c), (_sign(a) + _sign(c)) / 2))
    return side * size, side * product / size


def _sign(x: Array) -> Array:
    xp, one = namespace(x), 1 + 0 * x
    return xp.where(x > 0, one, xp.where(x < 0, -one, 0 * x))


def _gradients(A: Array, W: Array, targets: Array) -> tuple[Array, Array]:
    residual = 2 * (A.mT @ W - targets) / W.shape[-1]
    return W @ residual.mT, A @ residual


def _integrated(A: np.ndarray, W: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    batch, cut = A.shape[0], A[0].size
    squares = (np.square(part).sum(axis=(1, 2)) for part in (A, W))
    unit = 1 / np.maximum(sum(squares) + np.sqrt(np.square(targets).sum(axis=(1, 2))), np.finfo(np.float64).tiny)

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        layers = state.reshape(batch, -1)
        slope_A, slope_W = _gradients(layers[:, :cut].reshape(A.shape), layers[:, cut:].reshape(W.shape), targets)
        slopes = np.concatenate([slope_A.reshape(batch, -1), slope_W.reshape(batch, -1)], axis=1)
        return (-unit[:, None] * targets.shape[-1] * slopes).reshape(-1)

    state = np.concatenate([A.reshape(batch, -1), W.reshape(batch, -1)], axis=1).reshape(-1)
    size = np.repeat(np.sqrt(1 / unit), state.size // batch)
    time = 0.0
    for doubling in counted():
        solver = DOP853(velocity, 0.0, state, 2.0**doubling, rtol=TOLERANCE, atol=TOLERANCE / 100 * size)
        while solver.status == "running":
            solver.step()
        moved = np.abs(solver.y - state) / size
        state, time = solver.y, time + 2.0**doubling
        if solver.status == "failed" or time > LONGEST_TIME:
            late = sorted({int(i) // (state.size // batch) for i in np.flatnonzero(moved > TOLERANCE)})
            raise RuntimeError(f"the flow from A of shape {A.shape} has not settled for instances {late}")
        if moved.max() <= TOLERANCE:
            break
    layers = state.reshape(batch, -1)
    return layers[:, :cut].reshape(A.shape), layers[:, cut:].reshape(W.shape)


def _taylor(A: Array, W: Array, targets: Array, order: int) -> tuple[list[Array], list[Array]]:
    first, second, residuals = [A], [W], [A.mT @ W - targets]
    for k in range(order):
        pull = -2 / array_like([W.shape[-1] * (k + 1)], A)
        first.append(pull * sum(second[j] @ residuals[k - j].mT for j in range(k + 1)))
        second.append(pull * sum(first[j] @ residuals[k - j] for j in range(k + 1)))
        residuals.append(sum(first[j].mT @ second[k + 1 - j] for j in range(k + 2)))
    return first, second


def _largest(array: Array) -> float:
    return max((abs(float(entry)) for entry in array.flat), default=0.0)


def _check(A: Array, W: Array, targets: Array, **per_instance: Array) -> None:
    shapes = Shapes()
    shapes("A", A, "batch p d")
    shapes("W", W, "batch p T", least=1 if A.shape[0] else 0)
    shapes("targets", targets, "batch d T")
    for name, array in per_instance.items():
        shapes(name, array, "batch")
