"""Tasks whose losses depend on task-specific parameters w and common parameters phi, for ANIL.

Two families. :class:`OscillatingTasks` have explicit smoothness constants (Assumptions 1 and 2 of Ji et al., 2020);
:class:`LinearHeadTasks` and :class:`ReluHeadTasks` are small few-shot classification problems with a feature layer
phi and a head w. The classification data are synthetic (Gaussian classes): a stand-in for image benchmarks, which
shows trends at best and no benchmark number.

Every class gives gradients and second-derivative products explicitly, so that its text runs on exact numbers too.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

from exactarray import amax, array_like, maximum, namespace
from impl.checks import Shapes, nonnegative

Array = Any


class _Repeatable:
    """Instances side by side: every field that is an array has the batch axis first."""

    def repeat(self, times: int) -> Self:
        """Each instance ``times`` times in a row along the batch axis, for runs that share an instance (seeds,
        paths).
        """
        changes = {}
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if hasattr(value, "shape"):
                changes[field.name] = namespace(value).repeat(value, times, axis=0)
        return replace(self, **changes)  # type: ignore[type-var]


@dataclass(frozen=True)
class OscillatingTasks(_Repeatable):
    """Quadratic plus sines for the inner loop, log cosh for the outer one.

    ``L_S = w'Aw/2 + w'C phi + sum_j a_j sin(k_j (u_j.w + v_j.phi) + c_j)`` and ``L_D = b log cosh(s.w + t.phi +
    d)``, so that ``L_D >= 0``.

    Parameters
    ----------
    A, C:
        ``(batch, tasks, n_w, n_w)``, symmetric, and ``(batch, tasks, n_w, n_phi)``.
    a, k, c:
        Amplitudes, frequencies and phases of the sines, ``(batch, tasks, J)``.
    u, v:
        Their directions, ``(batch, tasks, J, n_w)`` and ``(batch, tasks, J, n_phi)``.
    b, d:
        Height and offset of the test loss, ``(batch, tasks)``.
    s, t:
        Its directions, ``(batch, tasks, n_w)`` and ``(batch, tasks, n_phi)``.

    Raises
    ------
    ValueError
        when a field does not fit the shapes of ``A`` and ``C``.
    """

    A: Array
    C: Array
    a: Array
    k: Array
    c: Array
    u: Array
    v: Array
    b: Array
    d: Array
    s: Array
    t: Array

    def __post_init__(self) -> None:
        shapes = Shapes()
        expected = {"C": "n_w n_phi", "A": "n_w n_w", "a": "waves", "k": "waves", "c": "waves", "u": "waves n_w"}
        expected |= {"v": "waves n_phi", "b": "", "d": "", "s": "n_w", "t": "n_phi"}
        for name, tail in expected.items():
            shapes(name, getattr(self, name), f"batch tasks {tail}")

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return int(self.A.shape[1])

    def at(self, phi: Array) -> OscillatingAtPhi:
        """The tasks with ``phi``, ``(batch, n_phi)``, held fixed."""
        column = phi[:, None, :, None]
        return OscillatingAtPhi(
            self,
            (self.C @ column)[..., 0],
            self.k * (self.v @ column)[..., 0] + self.c,
            (self.t[..., None, :] @ column)[..., 0, 0] + self.d,
        )


@dataclass(frozen=True)
class OscillatingAtPhi:
    """:class:`OscillatingTasks` with phi held fixed: linear term, phases of the sines, offset of the test loss."""

    of: OscillatingTasks
    linear: Array
    phase: Array
    offset: Array

    def inner_gradient(self, w: Array) -> Array:
        """``grad_w L_S``, ``(batch, tasks, n_w)``."""
        of = self.of
        slope = of.a * of.k * namespace(w).cos(self._angle(w))
        return (of.A @ w[..., None])[..., 0] + self.linear + (of.u.mT @ slope[..., None])[..., 0]

    def inner_second_order(self, w: Array, v: Array) -> tuple[Array, Array]:
        """``grad_w^2 L_S v``, ``(batch, tasks, n_w)``, and ``grad_phi grad_w L_S v``, ``(batch, tasks, n_phi)``."""
        of, column = self.of, v[..., None]
        bend = -(of.a * of.k * of.k * namespace(w).sin(self._angle(w)) * (of.u @ column)[..., 0])[..., None]
        return (of.A @ column + of.u.mT @ bend)[..., 0], (of.C.mT @ column + of.v.mT @ bend)[..., 0]

    def outer_gradients(self, w: Array) -> tuple[Array, Array]:
        """``grad_w L_D``, ``(batch, tasks, n_w)``, and ``grad_phi L_D``, ``(batch, tasks, n_phi)``."""
        slope = (self.of.b * namespace(w).tanh(self._argument(w)))[..., None]
        return slope * self.of.s, slope * self.of.t

    def outer_loss(self, w: Array) -> Array:
        """``L_D``, ``(batch, tasks)``."""
        xp, size = namespace(w), abs(self._argument(w))
        # log cosh x = |x| + log(1 + exp(-2|x|)) - log 2 does not overflow far away.
        return self.of.b * (size + xp.log1p(xp.exp(-2 * size)) - xp.log(array_like([2.0], w)))

    def _angle(self, w: Array) -> Array:
        return self.of.k * (self.of.u @ w[..., None])[..., 0] + self.phase

    def _argument(self, w: Array) -> Array:
        return namespace(w).sum(self.of.s * w, axis=-1) + self.offset


@dataclass(frozen=True)
class _FewShotTasks(_Repeatable):
    """Few-shot classification: features ``act(x phi)``, a head w, cross-entropy averaged over the samples.

    Parameters
    ----------
    support, query:
        Inputs, ``(batch, tasks, n, inputs)``.
    support_labels, query_labels:
        One-hot labels, ``(batch, tasks, n, ways)``.
    features:
        Number of features; ``n_phi = inputs * features``.
    activation:
        ``"tanh"`` (bounded features) or ``"relu"``.
    ridge:
        Coefficient lambda of ``lambda |w|^2 / 2`` in the training loss only, ``(batch,)``.

    Raises
    ------
    ValueError
        when inputs and labels do not fit, or ``activation`` is unknown.
    """

    support: Array
    support_labels: Array
    query: Array
    query_labels: Array
    features: int
    activation: str
    ridge: Array

    def __post_init__(self) -> None:
        shapes = Shapes()
        for inputs, labels in (("support", "support_labels"), ("query", "query_labels")):
            shapes(inputs, getattr(self, inputs), f"batch tasks {inputs} inputs", least=1)
            shapes(labels, getattr(self, labels), f"batch tasks {inputs} ways")
        shapes("ridge", self.ridge, "batch")
        nonnegative("ridge", self.ridge)
        if self.activation not in ("tanh", "relu"):
            raise ValueError(f"activation must be 'tanh' or 'relu', got {self.activation!r}")

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return int(self.support.shape[1])

    @property
    def ways(self) -> int:
        """Number of classes."""
        return int(self.support_labels.shape[3])

    @property
    def n_phi(self) -> int:
        """Number of common parameters."""
        return int(self.support.shape[3]) * self.features

    def at(self, phi: Array) -> FewShotAtPhi:
        """The tasks with the feature layer ``phi``, ``(batch, n_phi)``, held fixed: features are computed once."""
        layer = phi.reshape(phi.shape[0], 1, self.support.shape[3], self.features)
        return FewShotAtPhi(
            self, _features(self.support, layer, self.activation), _features(self.query, layer, self.activation)
        )

    def head(self, features: Array, w: Array) -> tuple[Array, tuple[Array, ...]]:
        """Logits ``(batch, tasks, n, ways)``, and what the derivatives reuse."""
        raise NotImplementedError

    def head_gradients(self, cache: tuple[Array, ...], residual: Array) -> tuple[Array, Array]:
        """Gradients in w and in the features, given the gradient in the logits."""
        raise NotImplementedError

    def head_tangent(self, cache: tuple[Array, ...], v: Array) -> Array:
        """Derivative of the logits in the direction v of w."""
        raise NotImplementedError

    def head_gradients_tangent(
        self, cache: tuple[Array, ...], v: Array, residual: Array, tangent: Array
    ) -> tuple[Array, Array]:
        """Derivative of :meth:`head_gradients` in the direction v of w, given that of ``residual``."""
        raise NotImplementedError


@dataclass(frozen=True)
class LinearHeadTasks(_FewShotTasks):
    """w is the last, linear layer, ``n_w = features * ways``; strongly convex inner loss when ``ridge > 0``."""

    @property
    def n_w(self) -> int:
        """Number of task-specific parameters."""
        return self.features * self.ways

    def head(self, features: Array, w: Array) -> tuple[Array, tuple[Array, ...]]:
        """Logits, and the features and the layer."""
        layer = w.reshape(*w.shape[:2], self.features, self.ways)
        return features @ layer, (features, layer)

    def head_gradients(self, cache: tuple[Array, ...], residual: Array) -> tuple[Array, Array]:
        """Gradients in w and in the features."""
        features, layer = cache
        return _flat(features.mT @ residual), residual @ layer.mT

    def head_tangent(self, cache: tuple[Array, ...], v: Array) -> Array:
        """Derivative of the logits along v."""
        return cache[0] @ v.reshape(*v.shape[:2], self.features, self.ways)

    def head_gradients_tangent(
        self, cache: tuple[Array, ...], v: Array, residual: Array, tangent: Array
    ) -> tuple[Array, Array]:
        """Derivative of both gradients along v."""
        features, layer = cache
        along = v.reshape(*v.shape[:2], self.features, self.ways)
        return _flat(features.mT @ tangent), tangent @ layer.mT + residual @ along.mT


@dataclass(frozen=True)
class ReluHeadTasks(_FewShotTasks):
    """w is the last two layers with a ReLU between them; the inner loss is nonconvex in w.

    ``n_w = features * hidden + hidden * ways``. Second derivatives are those of the piece at hand (zero across the
    kink).
    """

    hidden: int = 8

    @property
    def n_w(self) -> int:
        """Number of task-specific parameters."""
        return self.hidden * (self.features + self.ways)

    def _layers(self, w: Array) -> tuple[Array, Array]:
        cut = self.features * self.hidden
        first = w[..., :cut].reshape(*w.shape[:2], self.features, self.hidden)
        return first, w[..., cut:].reshape(*w.shape[:2], self.hidden, self.ways)

    def head(self, features: Array, w: Array) -> tuple[Array, tuple[Array, ...]]:
        """Logits, and the features, the hidden units, which of them are active, and both layers."""
        first, last = self._layers(w)
        before = features @ first
        active = _step(before)
        return (before * active) @ last, (features, before * active, active, first, last)

    def head_gradients(self, cache: tuple[Array, ...], residual: Array) -> tuple[Array, Array]:
        """Gradients in w and in the features."""
        features, units, active, first, last = cache
        below = (residual @ last.mT) * active
        return _joined(features.mT @ below, units.mT @ residual), below @ first.mT

    def head_tangent(self, cache: tuple[Array, ...], v: Array) -> Array:
        """Derivative of the logits along v."""
        features, units, active, _, last = cache
        along_first, along_last = self._layers(v)
        return ((features @ along_first) * active) @ last + units @ along_last

    def head_gradients_tangent(
        self, cache: tuple[Array, ...], v: Array, residual: Array, tangent: Array
    ) -> tuple[Array, Array]:
        """Derivative of both gradients along v."""
        features, units, active, first, last = cache
        along_first, along_last = self._layers(v)
        units_tangent = (features @ along_first) * active
        below = (residual @ last.mT) * active
        below_tangent = (tangent @ last.mT + residual @ along_last.mT) * active
        in_w = _joined(features.mT @ below_tangent, units_tangent.mT @ residual + units.mT @ tangent)
        return in_w, below_tangent @ first.mT + below @ along_first.mT


@dataclass(frozen=True)
class FewShotAtPhi:
    """Few-shot tasks with the feature layer held fixed; each of ``support``, ``query`` is (features, their slope)."""

    of: _FewShotTasks
    support: tuple[Array, Array]
    query: tuple[Array, Array]

    def inner_gradient(self, w: Array) -> Array:
        """``grad_w L_S``, ``(batch, tasks, n_w)``."""
        logits, cache = self.of.head(self.support[0], w)
        return (
            self.of.head_gradients(cache, _residual(_softmax(logits), self.of.support_labels))[0]
            + self.of.ridge[:, None, None] * w
        )

    def inner_second_order(self, w: Array, v: Array) -> tuple[Array, Array]:
        """``grad_w^2 L_S v``, ``(batch, tasks, n_w)``, and ``grad_phi grad_w L_S v``, ``(batch, tasks, n_phi)``."""
        logits, cache = self.of.head(self.support[0], w)
        probability = _softmax(logits)
        moved = probability * self.of.head_tangent(cache, v)
        tangent = (moved - probability * namespace(w).sum(moved, axis=-1)[..., None]) / logits.shape[2]
        residual = _residual(probability, self.of.support_labels)
        in_w, in_features = self.of.head_gradients_tangent(cache, v, residual, tangent)
        # The features do not depend on w, so that the derivative along v passes through the feature layer unchanged.
        return in_w + self.of.ridge[:, None, None] * v, _flat(self.of.support.mT @ (in_features * self.support[1]))

    def outer_gradients(self, w: Array) -> tuple[Array, Array]:
        """``grad_w L_D``, ``(batch, tasks, n_w)``, and ``grad_phi L_D``, ``(batch, tasks, n_phi)``."""
        logits, cache = self.of.head(self.query[0], w)
        in_w, in_features = self.of.head_gradients(cache, _residual(_softmax(logits), self.of.query_labels))
        return in_w, _flat(self.of.query.mT @ (in_features * self.query[1]))

    def outer_loss(self, w: Array) -> Array:
        """``L_D``, the mean cross-entropy on the query samples, ``(batch, tasks)``."""
        xp = namespace(w)
        logits, _ = self.of.head(self.query[0], w)
        top = amax(logits, axis=-1)
        total = top + xp.log(xp.sum(xp.exp(logits - top[..., None]), axis=-1))
        right = xp.sum(logits * self.of.query_labels, axis=-1)
        return xp.sum(total - right, axis=-1) / logits.shape[2]


def _features(inputs: Array, layer: Array, activation: str) -> tuple[Array, Array]:
    before = inputs @ layer
    if activation == "relu":
        return maximum(before, 0), _step(before)
    value = namespace(before).tanh(before)
    return value, 1 - value * value


def _step(x: Array) -> Array:
    xp = namespace(x)
    return xp.where(x > 0, xp.ones_like(x), xp.zeros_like(x))


def _softmax(logits: Array) -> Array:
    xp = namespace(logits)
    weight = xp.exp(logits - amax(logits, axis=-1)[..., None])
    return weight / xp.sum(weight, axis=-1)[..., None]


def _residual(probability: Array, labels: Array) -> Array:
    return (probability - labels) / labels.shape[2]


def _flat(matrix: Array) -> Array:
    return matrix.reshape(*matrix.shape[:2], matrix.shape[2] * matrix.shape[3])


def _joined(first: Array, last: Array) -> Array:
    return namespace(first).concat([_flat(first), _flat(last)], axis=-1)
