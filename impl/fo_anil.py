"""First-order ANIL on linear regression tasks that share a subspace: the algorithm on samples, and in expectation.

Yüksel, Boursier, Flammarion 2024. Tasks are regressions ``y = X B_* w_* + z``; the learner is the two-layer linear network
``x -> x^T B w``. Adaptation takes one gradient step on the head ``w`` (equation 4); the outer step treats the adapted head
as a constant (equation 3 with the Jacobian replaced by the identity). In expectation over infinitely many tasks the outer
step is the recursion (5)-(7).

The first axis of every array is the batch of instances. Shapes: ``B (batch, d, width)``, ``w (batch, width)``, rates and
variances ``(batch,)``; sample counts are integers, ``(batch,)``, or ``math.inf`` for the infinite samples model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from exactarray import eye, namespace, zeros
from impl.checks import Shapes, count, is_infinite, nonnegative

Array = Any


@dataclass(frozen=True)
class SubspaceTasks:
    """The law of the tasks: ``w_*`` centred with covariance ``covariance``, label noise centred with variance ``noise``.

    Parameters
    ----------
    basis:
        ``B_*``, orthonormal columns, ``(batch, d, k)``.
    complement:
        ``B_*perp``, orthonormal columns that span the orthogonal complement, ``(batch, d, d - k)``.
    covariance:
        ``Sigma_* = E[w_* w_*^T]``, ``(batch, k, k)``.
    noise:
        ``sigma^2``, ``(batch,)``.

    Raises
    ------
    ValueError
        when the shapes do not fit together.
    """

    basis: Array
    complement: Array
    covariance: Array
    noise: Array

    def __post_init__(self) -> None:
        shapes = Shapes()
        shapes("basis", self.basis, "batch d k")
        d, k = self.basis.shape[1:]
        if k > d:
            raise ValueError(f"basis has shape {tuple(self.basis.shape)}; (batch, d, k) with k <= d is needed")
        shapes("complement", self.complement, f"batch d {d - k}")
        shapes("covariance", self.covariance, "batch k k")
        shapes("noise", self.noise, "batch")

    @classmethod
    def on_first_axes(cls, covariance: Array, noise: Array, d: int) -> SubspaceTasks:
        """Tasks whose subspace is spanned by the first ``k`` of ``d`` axes.

        These reduced coordinates lose no generality, because the recursion commutes with rotations of the feature space.
        """
        batch, k = covariance.shape[0], covariance.shape[-1]
        axes = eye(d, covariance) + zeros((batch, d, d), covariance)
        return cls(axes[:, :, :k], axes[:, :, k:], covariance, noise)

    @property
    def total_variance(self) -> Array:
        """``sigma_bar^2 = Tr(Sigma_*) + sigma^2``, ``(batch,)``."""
        return namespace(self.noise).einsum("nii->n", self.covariance) + self.noise

    @property
    def parameter_covariance(self) -> Array:
        """``B_* Sigma_* B_*^T``, the covariance of the regression parameters, ``(batch, d, d)``."""
        return self.basis @ self.covariance @ self.basis.mT

    def learned(self, B: Array) -> Array:
        """``B_*^T B``, ``(batch, k, width)``."""
        return self.basis.mT @ B

    def forgotten(self, B: Array) -> Array:
        """``B_*perp^T B``, ``(batch, d - k, width)``."""
        return self.complement.mT @ B

    def alignment(self, B: Array) -> Array:
        """``Lambda = B_*^T B B^T B_*``, ``(batch, k, k)``."""
        learned = self.learned(B)
        return learned @ learned.mT


def adapted_head(B: Array, w: Array, X: Array, y: Array, alpha: Array) -> Array:
    """Inner step, equation (4): ``w - (alpha / n) B^T X^T (X B w - y)``.

    ``X (batch, tasks, n, d)``, ``y (batch, tasks, n)``; returns ``(batch, tasks, width)``.

    On the samples of a new task this is also the one step of test time, equation (11). Raises ValueError when the shapes do
    not fit together or ``alpha`` is negative.
    """
    check_samples(B, w, {"": (X, y)}, alpha=alpha)
    return _adapted_head(B, w, X, y, alpha)


def _adapted_head(B: Array, w: Array, X: Array, y: Array, alpha: Array) -> Array:
    features = X @ B[:, None]
    residual = (features @ w[:, None, :, None])[..., 0] - y
    gradient = (features.mT @ residual[..., None])[..., 0] / X.shape[-2]
    return w[:, None] - alpha[:, None, None] * gradient


def finite_task_step(
    B: Array,
    w: Array,
    inner: tuple[Array, Array],
    outer: tuple[Array, Array],
    *,
    alpha: Array,
    beta: Array,
    weights: Array | None = None,
) -> tuple[Array, Array]:
    """Outer step, equation (3), of first-order ANIL on the tasks of ``inner = (X_in, y_in)`` and ``outer = (X_out, y_out)``.

    Shapes as in :func:`adapted_head`. ``weights (batch, tasks)`` sum to one and replace the uniform average over tasks, so
    that a quadrature rule over tasks computes an expectation. The same samples in both loops are the algorithm without a
    data split. Returns the new ``(B, w)``.

    Raises ValueError when the shapes do not fit together or a rate is negative.
    """
    check_samples(B, w, {"_in": inner, "_out": outer}, alpha=alpha, beta=beta, weights=weights)
    return _finite_task_step(B, w, inner, outer, alpha, beta, weights)


def finite_task_run(
    B: Array,
    w: Array,
    inner: tuple[Array, Array],
    outer: tuple[Array, Array],
    *,
    alpha: Array,
    beta: Array,
    steps: int,
) -> Iterator[tuple[Array, Array]]:
    """The states ``(B_0, w_0), ..., (B_steps, w_steps)`` of first-order ANIL on one fixed set of tasks, one by one.

    Arguments and errors as in :func:`finite_task_step`.
    """
    check_samples(B, w, {"_in": inner, "_out": outer}, alpha=alpha, beta=beta)
    count("steps", steps)
    yield B, w
    for _ in range(steps):
        B, w = _finite_task_step(B, w, inner, outer, alpha, beta, None)
        yield B, w


def _finite_task_step(
    B: Array,
    w: Array,
    inner: tuple[Array, Array],
    outer: tuple[Array, Array],
    alpha: Array,
    beta: Array,
    weights: Array | None,
) -> tuple[Array, Array]:
    X, y = outer
    heads = _adapted_head(B, w, *inner, alpha)
    residual = (X @ B[:, None] @ heads[..., None])[..., 0] - y
    correlation = (X.mT @ residual[..., None])[..., 0] / X.shape[-2]
    return outer_step(B, w, heads, correlation, beta, weights)


def outer_step(
    B: Array, w: Array, heads: Array, correlation: Array, beta: Array, weights: Array | None = None
) -> tuple[Array, Array]:
    """Equation (3) for adapted heads ``(batch, tasks, width)`` and each task's gradient in ``B w``, ``(batch, tasks, d)``."""
    correlation = correlation / heads.shape[1] if weights is None else weights[..., None] * correlation
    gradient_B = correlation.mT @ heads
    gradient_w = (B.mT @ namespace(B).sum(correlation, axis=1)[..., None])[..., 0]
    return B - beta[:, None, None] * gradient_B, w - beta[:, None] * gradient_w


def second_moment(B: Array, w: Array, tasks: SubspaceTasks, *, alpha: Array, m_in: Array | int | float) -> Array:
    """``E[w_i w_i^T]`` of the adapted head over tasks and Gaussian inputs, equation (7), ``(batch, width, width)``.

    Raises ValueError when the shapes do not fit together.
    """
    _check_state(B, w, tasks, alpha=alpha)
    return _Recursion(tasks, alpha, alpha, m_in).second_moment(B, w)[0]


def anil_objective(B: Array, w: Array, tasks: SubspaceTasks, *, alpha: Array, m_in: Array | int | float) -> Array:
    """``L_ANIL``, equation (1), in closed form: expected test loss after one step on ``m_in`` Gaussian samples, ``(batch,)``.

    The loss ``(1/2) E (x^T B w_i - y)^2`` is ``(1/2) (E ||B w_i - B_* w_*||^2 + sigma^2)``, whose moments are equation (7) and
    ``E[w_i w_*^T] = alpha B^T B_* Sigma_*``. Raises ValueError when the shapes do not fit together or ``alpha`` is negative.
    """
    _check_state(B, w, tasks, alpha=alpha)
    moment = _Recursion(tasks, alpha, alpha, m_in).second_moment(B, w)[0]
    xp, covariance = namespace(B), tasks.parameter_covariance
    prediction = xp.sum(B * (B @ moment), axis=(-2, -1))
    shared = alpha * xp.sum(B * (covariance @ B), axis=(-2, -1))
    return (prediction - 2 * shared + tasks.total_variance) / 2


def infinite_task_step(
    B: Array, w: Array, tasks: SubspaceTasks, *, alpha: Array, beta: Array, m_in: Array | int | float
) -> tuple[Array, Array]:
    """One step of the recursion (5)-(7): the expectation of :func:`finite_task_step`. Returns the new ``(B, w)``.

    Raises ValueError when the shapes do not fit together.
    """
    _check_state(B, w, tasks, alpha=alpha, beta=beta)
    return _Recursion(tasks, alpha, beta, m_in).step(B, w)


def infinite_task_run(
    B: Array,
    w: Array,
    tasks: SubspaceTasks,
    *,
    alpha: Array,
    beta: Array,
    m_in: Array | int | float,
    steps: int,
    hold_escaped: bool = False,
) -> Iterator[tuple[Array, Array]]:
    """The states ``(B_0, w_0), ..., (B_steps, w_steps)`` of the recursion (5)-(7), one by one.

    With ``hold_escaped`` an instance is held where it is, so that its numbers stay finite, once the sum of ``alpha ||B||_F^2``
    and ``||w||^2 / (alpha sigma_bar^2)`` has passed ``10^6``, where no step of the theory ever leads.

    Raises ValueError when the shapes do not fit together.
    """
    _check_state(B, w, tasks, alpha=alpha, beta=beta)
    count("steps", steps)
    recursion = _Recursion(tasks, alpha, beta, m_in)
    yield B, w
    for _ in range(steps):
        B, w = recursion.step(B, w, hold_escaped)
        yield B, w


ESCAPED = 10**6


class _Recursion:
    """Equations (5)-(7) with everything that does not change along a run computed once."""

    def __init__(self, tasks: SubspaceTasks, alpha: Array, beta: Array, m_in: Array | int | float) -> None:
        self.identity = eye(tasks.basis.shape[-2], tasks.basis)
        self.alpha, self.beta = alpha[:, None], beta[:, None]
        self.covariance = tasks.parameter_covariance
        self.attraction = alpha[:, None, None] * self.covariance
        self.sampling = (0 * alpha if is_infinite(m_in) else alpha * alpha / m_in)[:, None, None]
        self.isotropic = tasks.total_variance[:, None, None]
        self.exact_part = (alpha * alpha)[:, None, None] * self.covariance + self.sampling * (
            self.covariance + self.isotropic * self.identity
        )
        self.escape = alpha / ESCAPED, 1 / (ESCAPED * alpha * tasks.total_variance)

    def second_moment(self, B: Array, w: Array) -> tuple[Array, Array]:
        """Equation (7), and the mean ``(I - alpha B^T B) w`` of the adapted head as a column."""
        prediction = B @ w[..., None]
        mean = w[..., None] - self.alpha[..., None] * (B.mT @ prediction)
        spread = prediction @ prediction.mT + (prediction.mT @ prediction) * self.identity
        return mean @ mean.mT + B.mT @ (self.exact_part + self.sampling * spread) @ B, mean

    def step(self, B: Array, w: Array, hold_escaped: bool = False) -> tuple[Array, Array]:
        """Equations (5) and (6)."""
        moment, mean = self.second_moment(B, w)
        beta = self.beta
        if hold_escaped:
            xp = namespace(B)
            escaped = self.escape[0] * xp.sum(B * B, axis=(-2, -1)) + self.escape[1] * xp.sum(w * w, axis=-1) > 1
            beta = xp.where(escaped[:, None], 0 * beta, beta)
        new_B = B + beta[..., None] * (self.attraction @ B - B @ moment)
        return new_B, w - beta * (B.mT @ (B @ mean))[..., 0]


def _check_state(B: Array, w: Array, tasks: SubspaceTasks, **rates: Array) -> None:
    shapes = Shapes()
    shapes("basis", tasks.basis, "batch d k")
    shapes("B", B, "batch d width")
    shapes("w", w, "batch width")
    _check_rates(shapes, rates)


def check_samples(
    B: Array, w: Array, samples: dict[str, tuple[Array, Array]], weights: Array | None = None, **rates: Array
) -> None:
    """Raise ValueError unless labelled samples of the same tasks, rates and weights fit ``B`` and ``w``."""
    shapes = Shapes()
    shapes("B", B, "batch d width")
    shapes("w", w, "batch width")
    for suffix, (X, y) in samples.items():
        shapes("X" + suffix, X, f"batch tasks n{suffix} d", least=1)
        shapes("y" + suffix, y, f"batch tasks n{suffix}")
    if weights is not None:
        shapes("weights", weights, "batch tasks")
    _check_rates(shapes, rates)


def _check_rates(shapes: Shapes, rates: dict[str, Array]) -> None:
    for name, rate in rates.items():
        shapes(name, rate, "batch")
        nonnegative(name, rate)
