"""Multi-task linear regression from finitely many samples: what NAL and MAML learn from their training sets.

Collins, Mokhtari, Shakkottai, "How does the task landscape affect MAML performance?" (2022), Section 2 and Appendix D.
NAL minimises the mean sample loss over ``T`` tasks with ``n`` samples each, problem (3). MAML splits the samples of a task
into ``tau`` episodes; an episode adapts the model by one SGD step on ``n_2`` inner samples and scores it on ``n_1`` outer
samples, problem (4). Both objectives are quadratic in the model, so that they are minimised exactly, from evaluations of their
gradients alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from exactarray import eye, namespace, solve
from exactarray.arrays import Array
from impl.meta_regression import RegressionTasks, adapt, loss_after_step_hessian


@dataclass(frozen=True)
class Episodes:
    """Training samples of MAML.

    Parameters
    ----------
    outer_inputs, outer_labels:
        ``(batch, T, tau, n_1, d)`` and ``(batch, T, tau, n_1)``.
    inner_inputs, inner_labels:
        ``(batch, T, tau, n_2, d)`` and ``(batch, T, tau, n_2)``.

    Raises
    ------
    ValueError
        when the shapes do not fit each other.
    """

    outer_inputs: Array
    outer_labels: Array
    inner_inputs: Array
    inner_labels: Array

    def __post_init__(self) -> None:
        for name in ("outer", "inner"):
            inputs, labels = getattr(self, f"{name}_inputs"), getattr(self, f"{name}_labels")
            _check_samples(f"{name}_", inputs, labels, 5)
        outer, inner = self.outer_inputs.shape, self.inner_inputs.shape
        if outer[:3] != inner[:3] or outer[-1] != inner[-1]:
            raise ValueError(f"inner_inputs has shape {tuple(inner)}; its episodes and d must be those of {tuple(outer)}")


def nal_training_loss(w: Array, inputs: Array, labels: Array, loss: str = "mean") -> Array:
    """Objective of problem (3) at models ``w: (batch, d)``, ``(batch,)``.

    Parameters
    ----------
    w:
        Models ``(batch, d)``.
    inputs, labels:
        ``(batch, T, n, d)`` and ``(batch, T, n)``.
    loss:
        ``"mean"``: ``f = ||X w - y||^2 / (2 n)``; ``"sum"``: ``f = ||X w - y||^2 / 2``, as Section 3 prints it.

    Raises
    ------
    ValueError
        when the shapes do not fit, or ``loss`` is neither.
    """
    _check_samples("", inputs, labels, 4)
    residuals = namespace(inputs).sum(inputs * w[:, None, None, :], axis=-1) - labels
    return _sum_after_batch(residuals * residuals) / (2 * inputs.shape[1] * _divisor(inputs, loss))


def nal_training_gradient(w: Array, inputs: Array, labels: Array, loss: str = "mean") -> Array:
    """Gradient ``(batch, d)`` of :func:`nal_training_loss`; arguments and errors as there."""
    _check_samples("", inputs, labels, 4)
    xp = namespace(inputs)
    residuals = xp.sum(inputs * w[:, None, None, :], axis=-1) - labels
    return xp.einsum("btni,btn->bi", inputs, residuals) / (inputs.shape[1] * _divisor(inputs, loss))


def train_nal(inputs: Array, labels: Array, loss: str = "mean") -> Array:
    """The solution ``(batch, d)`` of problem (3); arguments and ValueError as in :func:`nal_training_loss`.

    Raises
    ------
    ZeroDivisionError or torch.linalg.LinAlgError
        when the samples of some instance do not determine a model.
    """
    _check_samples("", inputs, labels, 4)
    return stationary_point(lambda w: nal_training_gradient(w, inputs, labels, loss), 0 * inputs[:, 0, 0])


def maml_training_loss(w: Array, episodes: Episodes, step: Array, loss: str = "mean") -> Array:
    """Objective of problem (4), ``(batch,)``: the loss on outer samples of the model that is adapted on inner samples.

    Parameters
    ----------
    w:
        Models ``(batch, d)``.
    episodes:
        The training samples.
    step:
        Step sizes ``(batch,)`` of the adaptation.
    loss:
        Normalisation of both losses, see :func:`nal_training_loss`.

    Raises
    ------
    ValueError
        when an argument does not fit.
    """
    residuals = _outer_residuals(w, episodes, step, loss)
    count = episodes.outer_inputs.shape[1] * episodes.outer_inputs.shape[2]
    return _sum_after_batch(residuals * residuals) / (2 * count * _divisor(episodes.outer_inputs, loss))


def maml_training_gradient(w: Array, episodes: Episodes, step: Array, loss: str = "mean") -> Array:
    """Gradient ``(batch, d)`` of :func:`maml_training_loss`, through the step; arguments and errors as there."""
    xp, outer, inner = namespace(w), episodes.outer_inputs, episodes.inner_inputs
    after = xp.einsum("btjni,btjn->btji", outer, _outer_residuals(w, episodes, step, loss)) / _divisor(outer, loss)
    curved = xp.einsum("btjni,btjn->btji", inner, xp.sum(inner * after[..., None, :], axis=-1)) / _divisor(inner, loss)
    through_step = after - step[:, None, None, None] * curved
    return xp.sum(xp.sum(through_step, axis=1), axis=1) / (outer.shape[1] * outer.shape[2])


def train_maml(episodes: Episodes, step: Array, loss: str = "mean") -> Array:
    """The solution ``(batch, d)`` of problem (4); arguments as in :func:`maml_training_loss`, errors as in :func:`train_nal`."""
    origin = 0 * episodes.outer_inputs[:, 0, 0, 0]
    return stationary_point(lambda w: maml_training_gradient(w, episodes, step, loss), origin)


def stationary_point(gradient: Callable[[Array], Array], origin: Array) -> Array:
    """Where the gradient of a quadratic vanishes, ``(batch, d)``, from its values at the origin and at the unit vectors.

    Parameters
    ----------
    gradient:
        An affine function from ``(batch, d)`` to ``(batch, d)``.
    origin:
        Zeros ``(batch, d)``.

    Raises
    ------
    ZeroDivisionError or torch.linalg.LinAlgError
        when the gradient of some instance does not vanish at exactly one point.
    """
    at_origin, axes = gradient(origin), eye(origin.shape[-1], origin)
    columns = [gradient(origin + axes[k]) - at_origin for k in range(origin.shape[-1])]
    return -solve(namespace(origin).stack(columns, axis=-1), at_origin[..., None])[..., 0]


def labels_of(inputs: Array, optima: Array, noise: Array) -> Array:
    """Labels ``<w_i, x> + z``, ``(batch, T, ...)``, of inputs ``(batch, T, ..., d)``, optima ``(batch, T, d)``, noise as labels.

    Raises
    ------
    ValueError
        when ``optima`` or ``noise`` does not fit ``inputs``.
    """
    batch, tasks, d = inputs.shape[0], inputs.shape[1], inputs.shape[-1]
    if tuple(optima.shape) != (batch, tasks, d) or tuple(noise.shape) != tuple(inputs.shape[:-1]):
        raise ValueError(
            f"optima has shape {tuple(optima.shape)} and noise {tuple(noise.shape)}; inputs {tuple(inputs.shape)} need "
            f"{(batch, tasks, d)} and {tuple(inputs.shape[:-1])}"
        )
    w = optima.reshape((batch, tasks) + (1,) * (inputs.ndim - 3) + (d,))
    return namespace(inputs).sum(inputs * w, axis=-1) + noise


def covariance(inputs: Array) -> Array:
    """Sample covariance ``X^T X / n``, ``(..., d, d)``, of inputs ``(..., n, d)``."""
    return inputs.mT @ inputs / inputs.shape[-2]


def preconditioner(inner_inputs: Array, step: Array) -> Array:
    """``P = I - (alpha / n_2) X^T X`` of inner inputs ``(batch, ..., n_2, d)``, ``(batch, ..., d, d)``; ``step: (batch,)``."""
    lead = step.reshape((-1,) + (1,) * (inner_inputs.ndim - 1))
    return eye(inner_inputs.shape[-1], inner_inputs) - lead * covariance(inner_inputs)


def preconditioned_covariance(episodes: Episodes, step: Array) -> Array:
    """``P X^T X P`` of every episode, ``(batch, T, tau, d, d)``, with the outer inputs ``X``: not divided by ``n_1``."""
    rows = episodes.outer_inputs @ preconditioner(episodes.inner_inputs, step)
    return rows.mT @ rows


def expected_preconditioned_covariance(roots: Array, step: Array, samples: int) -> Array:
    """``Q_i``, the mean of ``P X^T X P / n_1``, ``(batch, T, d, d)``: the curvature of each task's loss after a step.

    Parameters
    ----------
    roots:
        Factors ``A_i`` of the input covariances ``A_i A_i^T``, ``(batch, T, d, d)``.
    step, samples:
        Step sizes ``(batch,)`` and ``n_2``.
    """
    xp = namespace(roots)

    def of_task(root: Array) -> Array:
        optimum = 0 * root[:, None, None, 0, :]
        task = RegressionTasks(optimum, root[:, None], optimum[:, :, 0, 0] + 1, optimum[:, 0, 0, 0])
        return loss_after_step_hessian(task, step, samples)

    return xp.stack([of_task(roots[:, i]) for i in range(roots.shape[1])], axis=1)


def _outer_residuals(w: Array, episodes: Episodes, step: Array, loss: str) -> Array:
    adapted = adapt(w, episodes.inner_inputs, episodes.inner_labels, step, loss)
    return namespace(w).sum(episodes.outer_inputs * adapted[..., None, :], axis=-1) - episodes.outer_labels


def _sum_after_batch(values: Array) -> Array:
    return namespace(values).sum(values.reshape((values.shape[0], prod(values.shape[1:]))), axis=-1)


def _divisor(inputs: Array, loss: str) -> int:
    if loss not in ("mean", "sum"):
        raise ValueError(f"loss is {loss!r}; use 'mean' or 'sum'")
    return int(inputs.shape[-2]) if loss == "mean" else 1


def _check_samples(name: str, inputs: Array, labels: Array, axes: int) -> None:
    if inputs.ndim != axes or tuple(labels.shape) != tuple(inputs.shape[:-1]):
        raise ValueError(
            f"{name}inputs has shape {tuple(inputs.shape)} and {name}labels {tuple(labels.shape)}; they must have {axes} axes, the "
            "last of which is d, and the same axes without d"
        )
