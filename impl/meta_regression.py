"""Multi-task linear regression with Gaussian inputs: non-adaptive learning (NAL) and MAML with one SGD step.

Collins, Mokhtari, Shakkottai, "How does the task landscape affect MAML performance?" (2022), Sections 2 and 3. Task ``i``
has inputs ``x ~ N(0, Sigma_i)`` and labels ``y = <w_i, x> + z`` with noise ``z ~ N(0, sigma^2)``. A model is adapted by one
SGD step on ``m`` labelled samples of a new task and scored by that task's population loss; NAL ignores the step, MAML
trains through it.

Every expectation is exact. The loss after the step is a polynomial of degree four in the standard Gaussians behind the
data, so that the rule of :func:`gaussian_rule`, which is rational and exact to degree five, replaces sampling.
:func:`loss_after_step_by_enumeration` runs the step on every data set of that rule. Because the step averages the
gradients of independent samples, its mean and its spread follow from one sample alone; :func:`loss_after_step` uses that,
for any number of samples up to infinity.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations, product
from math import inf, prod

from exactarray import array_like, eye, is_exact, namespace, ones, solve, zeros
from exactarray.arrays import Array


@dataclass(frozen=True)
class RegressionTasks:
    """A batch of task laws: mixtures of clouds. The tasks of a cloud are equally likely and share one law of the inputs.

    Parameters
    ----------
    optima:
        Ground-truth models ``w_i``, ``(batch, clouds, tasks, d)``.
    roots:
        Factors ``A`` of each cloud's input covariance ``Sigma = A A^T``, ``(batch, clouds, d, d)``.
    weights:
        Probabilities of the clouds, with sum 1, ``(batch, clouds)``.
    noise:
        Standard deviation ``sigma`` of the label noise, ``(batch,)``.

    Raises
    ------
    ValueError
        when the shapes do not fit each other.
    """

    optima: Array
    roots: Array
    weights: Array
    noise: Array

    def __post_init__(self) -> None:
        if self.optima.ndim != 4:
            raise ValueError(f"optima has shape {tuple(self.optima.shape)}; it must be (batch, clouds, tasks, d)")
        batch, clouds, _, d = self.optima.shape
        for name, shape in (("roots", (batch, clouds, d, d)), ("weights", (batch, clouds)), ("noise", (batch,))):
            given = tuple(getattr(self, name).shape)
            if given != shape:
                raise ValueError(f"{name} has shape {given}; with optima {tuple(self.optima.shape)} it must be {shape}")

    @cached_property
    def covariances(self) -> Array:
        """``Sigma`` of each cloud, ``(batch, clouds, d, d)``."""
        return self.roots @ self.roots.mT

    @cached_property
    def sample_gradient(self) -> _SampleGradient:
        """Moments of the gradient of a single sample's loss, from which every exact expectation follows."""
        return _SampleGradient(self)

    def over_clouds(self, per_cloud: Array) -> Array:
        """Expectation over the clouds of an array ``(batch, clouds, ...)``."""
        if per_cloud.ndim == 2:
            return _last_sum(self.weights * per_cloud)
        weights = self.weights.reshape(tuple(self.weights.shape) + (1,) * (per_cloud.ndim - 2))
        return namespace(per_cloud).sum(weights * per_cloud, axis=1)

    def over_tasks(self, per_task: Array) -> Array:
        """Expectation over all tasks of an array ``(batch, clouds, tasks, ...)``."""
        total = _last_sum(per_task) if per_task.ndim == 3 else namespace(per_task).sum(per_task, axis=2)
        return self.over_clouds(total / per_task.shape[2])

    def displacements(self, w: Array) -> Array:
        """``w - w_i`` as ``(batch, clouds, tasks, d)`` for a common model ``w: (batch, d)``; ValueError if it does not fit."""
        batch, _, _, d = self.optima.shape
        if tuple(w.shape) != (batch, d):
            raise ValueError(f"w has shape {tuple(w.shape)}; these task laws need (batch, d) = {(batch, d)}")
        return w[:, None, None, :] - self.optima


def gaussian_rule(dimension: int) -> tuple[list[list[int]], list[Fraction]]:
    """Nodes and signed weights that integrate every polynomial of degree at most five against ``N(0, I)``.

    The nodes are 0, +-e_i, +-2e_i and +-e_i +-e_j: ``1 + 2n + 2n^2`` integer points, polynomially many where a product
    rule needs exponentially many. Raises ValueError when ``dimension`` is not positive.
    """
    n = dimension
    if n < 1:
        raise ValueError(f"dimension is {n}; a Gaussian vector needs at least one entry")
    nodes, weights = [[0] * n], [1 - n + Fraction(n * n, 2)]
    for i, (size, weight) in product(range(n), ((1, Fraction(2, 3) - Fraction(n, 2)), (2, Fraction(1, 12)))):
        for sign in (1, -1):
            nodes.append([sign * size * (k == i) for k in range(n)])
            weights.append(weight)
    for (i, j), a, b in product(combinations(range(n), 2), (1, -1), (1, -1)):
        nodes.append([a * (k == i) + b * (k == j) for k in range(n)])
        weights.append(Fraction(1, 4))
    return nodes, weights


def adapt(w: Array, inputs: Array, labels: Array, step: Array, loss: str = "mean") -> Array:
    """One SGD step ``w - step * grad f(w; X, y)`` from a common model on every data set.

    Parameters
    ----------
    w:
        Models ``(batch, d)``.
    inputs, labels:
        Data sets ``(batch, ..., m, d)`` and ``(batch, ..., m)``.
    step:
        Step sizes ``(batch,)``.
    loss:
        ``"mean"``: ``f = ||X w - y||^2 / (2 m)``, which the proofs' matrices ``I - (alpha / m) X^T X`` presuppose;
        ``"sum"``: ``f = ||X w - y||^2 / 2``, as Section 3 prints it.

    Returns
    -------
    Adapted models ``(batch, ..., d)``.

    Raises
    ------
    ValueError
        when ``loss`` is neither, or an argument does not fit.
    """
    if loss not in ("mean", "sum"):
        raise ValueError(f"loss is {loss!r}; use 'mean' or 'sum'")
    if w.ndim != 2 or inputs.ndim < 3 or (inputs.shape[0], inputs.shape[-1]) != tuple(w.shape):
        wanted = f"with w {tuple(w.shape)} it must be (batch, ..., m, d)"
        raise ValueError(f"inputs has shape {tuple(inputs.shape)}; {wanted}")
    _check_step(step, w.shape[0])
    lead = (-1,) + (1,) * (inputs.ndim - 3)
    start = w.reshape((*lead, w.shape[-1]))
    xp = namespace(inputs)
    residuals = xp.sum(inputs * start[..., None, :], axis=-1) - labels
    gradients = xp.sum(inputs * residuals[..., None], axis=-2) / (inputs.shape[-2] if loss == "mean" else 1)
    return start - step.reshape((*lead, 1)) * gradients


def loss_after_step_by_enumeration(tasks: RegressionTasks, w: Array, step: Array, samples: int, loss: str = "mean") -> Array:
    """``F_m(w)``, equation (1), by running the step on every data set of an exact rule; meant for small ``m (d + 1)``.

    Parameters
    ----------
    tasks:
        The task laws.
    w:
        Models before adaptation, ``(batch, d)``.
    step:
        Step sizes of the adaptation, ``(batch,)``.
    samples:
        ``m``, at least one.
    loss:
        Normalisation of the sample loss, see :func:`adapt`.

    Returns
    -------
    ``(batch,)``.

    Raises
    ------
    ValueError
        when ``w``, ``step`` or ``samples`` does not fit.
    """
    tasks.displacements(w)
    inputs, noise, weights = data_sets(tasks, samples)
    optima, xp = tasks.optima[:, :, :, None, :], namespace(w)
    labels = xp.sum(inputs * optima[..., None, :], axis=-1) + noise
    errors = adapt(w, inputs, labels, step, loss) - optima
    losses = _squared_norm(errors @ tasks.roots[:, :, None]) + (tasks.noise**2)[:, None, None, None]
    return tasks.over_tasks(xp.sum(losses * weights, axis=-1)) / 2


def data_sets(tasks: RegressionTasks, samples: int) -> tuple[Array, Array, Array]:
    """Inputs and label noise of every data set of an exact rule: means of polynomials of degree five are exact.

    Parameters
    ----------
    tasks, samples:
        The task laws, and the size ``m >= 1`` of a data set.

    Returns
    -------
    inputs, noise, weights:
        ``(batch, clouds, 1, sets, m, d)``, ``(batch, 1, 1, sets, m)`` and ``(sets,)``; the weights sum to one.

    Raises
    ------
    ValueError
        when ``samples`` is not positive.
    """
    if samples < 1:
        raise ValueError(f"samples is {samples}; adaptation needs at least one")
    d = tasks.roots.shape[-1]
    nodes, weights = gaussian_rule(samples * (d + 1))
    standard = array_like(nodes, tasks.roots).reshape(len(nodes), samples, d + 1)
    inputs = standard[..., :d].reshape(-1, d) @ tasks.roots.mT
    inputs = inputs.reshape((*tasks.roots.shape[:2], 1, len(nodes), samples, d))
    return inputs, tasks.noise[:, None, None, None, None] * standard[:, :, d], _numbers(weights, tasks.roots)


def sample_covariances(root: Array, samples: int) -> tuple[Array, Array]:
    """Sample covariances ``X^T X / samples`` of every design of an exact rule, for Gaussian rows of covariance ``A A^T``.

    Means of polynomials of degree two in them are exact.

    Parameters
    ----------
    root:
        The factors ``A``, ``(batch, d, d)``.
    samples:
        Number of rows, at least one.

    Returns
    -------
    covariances, weights:
        ``(batch, designs, d, d)`` and ``(designs,)``; the weights sum to one.

    Raises
    ------
    ValueError
        when an argument does not fit.
    """
    if root.ndim != 3 or root.shape[1] != root.shape[2]:
        raise ValueError(f"root has shape {tuple(root.shape)}; it must be (batch, d, d)")
    if samples < 1:
        raise ValueError(f"samples is {samples}; a sample covariance needs at least one")
    d = root.shape[-1]
    nodes, weights = gaussian_rule(samples * d)
    designs = array_like(nodes, root).reshape(len(nodes), samples, d)
    moments = (designs.mT @ designs) / samples
    return root[:, None] @ moments @ root.mT[:, None], _numbers(weights, root)


def preconditioned_covariance(root: Array, step: Array, samples: int) -> Array:
    """``E (I - step S) Sigma (I - step S)`` over sample covariances ``S``, ``(batch, d, d)``, by enumeration.

    What one SGD step on ``samples`` samples makes of the curvature of a task. Arguments and errors as in
    :func:`sample_covariances`; ``step`` is ``(batch,)``.
    """
    covariances, weights = sample_covariances(root, samples)
    _check_step(step, root.shape[0])
    shrunk = eye(root.shape[-1], root) - step[:, None, None, None] * covariances
    return namespace(root).sum(weights[:, None, None] * (shrunk @ (root @ root.mT)[:, None] @ shrunk), axis=1)


def loss_after_step(tasks: RegressionTasks, w: Array, step: Array, samples: Array | float) -> Array:
    """``F_m(w)``, equation (1), for any number of samples: the step's mean and spread from the gradient of one sample.

    Parameters
    ----------
    tasks, w, step:
        As in :func:`loss_after_step_by_enumeration`; the sample loss is the mean one.
    samples:
        ``m > 0``: a number, ``math.inf`` for the full gradient, or numbers ``(batch,)``.

    Returns
    -------
    ``(batch,)``.

    Raises
    ------
    ValueError
        when ``w`` or ``step`` does not fit.
    """
    return _loss_after_step(tasks, tasks.displacements(w), step, samples)


def _loss_after_step(tasks: RegressionTasks, displacements: Array, step: Array, samples: Array | float) -> Array:
    _check_step(step, displacements.shape[0])
    law = tasks.sample_gradient
    errors = law.errors(displacements)
    mean = law.mean(errors)
    variance = law.squared_length(errors) - _squared_norm(mean @ tasks.roots)
    bias = _squared_norm((displacements - step[:, None, None, None] * mean) @ tasks.roots)
    losses = bias + _variance_rate(step, samples)[:, None, None] * variance
    return tasks.over_tasks(losses + (tasks.noise**2)[:, None, None]) / 2


def loss_after_step_gradient(tasks: RegressionTasks, w: Array, step: Array, samples: Array | float) -> Array:
    """Gradient of :func:`loss_after_step` in ``w``, ``(batch, d)``, through the step; arguments and errors as there."""
    law, displacements = tasks.sample_gradient, tasks.displacements(w)
    errors = law.errors(displacements)
    mean = law.mean(errors)
    adapted = displacements - step[:, None, None, None] * mean
    through_mean = adapted @ tasks.covariances @ _mean_jacobian(law, step)
    variance = law.pulled_back(errors) - mean @ tasks.covariances @ law.jacobian
    return tasks.over_tasks(through_mean + _variance_rate(step, samples)[:, None, None, None] * variance)


def loss_after_step_hessian(tasks: RegressionTasks, step: Array, samples: Array | float) -> Array:
    """Hessian of :func:`loss_after_step`, ``(batch, d, d)``, the same at every model; arguments and errors as there."""
    law = tasks.sample_gradient
    through_mean = _mean_jacobian(law, step) @ tasks.covariances @ _mean_jacobian(law, step)
    variance = law.jacobian_pulled_back - law.jacobian @ tasks.covariances @ law.jacobian
    return tasks.over_clouds(through_mean + _variance_rate(step, samples)[:, None, None, None] * variance)


def nal_gradient(tasks: RegressionTasks, w: Array) -> Array:
    """Gradient ``(batch, d)`` of the expected loss without adaptation, ``E_i f_i``, at ``w: (batch, d)``."""
    law = tasks.sample_gradient
    return tasks.over_tasks(law.mean(law.errors(tasks.displacements(w))))


def nal_hessian(tasks: RegressionTasks) -> Array:
    """Hessian ``(batch, d, d)`` of the expected loss without adaptation, the same at every model."""
    return tasks.over_clouds(tasks.sample_gradient.jacobian)


def nal_solution(tasks: RegressionTasks) -> Array:
    """The minimiser ``(batch, d)`` of the expected loss without adaptation, ``E_i f_i(w)``.

    Raises
    ------
    ZeroDivisionError or torch.linalg.LinAlgError
        when some direction of an instance carries no data, so that the minimiser is not unique.
    """
    return _minimise_quadratic(nal_gradient(tasks, _origin(tasks)), nal_hessian(tasks))


def nal_descent(tasks: RegressionTasks, start: Array, step: Array, steps: int) -> Array:
    """The model ``(batch, d)`` after ``steps`` steps of gradient descent on ``E_i f_i``; for one task, on its own loss.

    Parameters
    ----------
    tasks, start:
        The task laws and the first model ``(batch, d)``.
    step, steps:
        Step sizes ``(batch,)``, stable or not, and how many steps are taken, at least one.

    Raises
    ------
    ValueError
        when an argument does not fit.
    """
    if steps < 1:
        raise ValueError(f"steps must be a positive integer, got {steps}")
    _check_step(step, start.shape[0])
    w = start
    for _ in range(steps):
        w = w - step[:, None] * nal_gradient(tasks, w)
    return w


def maml_solution(tasks: RegressionTasks, step: Array, samples: Array | float) -> Array:
    """The minimiser ``(batch, d)`` of the expected loss after one step on ``samples`` samples: population MAML.

    Arguments as in :func:`loss_after_step`, errors as there and in :func:`nal_solution`. Since the minimum of ``F_m`` is
    attained, ``loss_after_step(tasks, maml_solution(tasks, step, m), step, m)`` is its infimum.
    """
    return _minimise_quadratic(
        loss_after_step_gradient(tasks, _origin(tasks), step, samples), loss_after_step_hessian(tasks, step, samples)
    )


def solutions_under_weights(
    tasks: RegressionTasks, weights: Array, step: Array | None = None, samples: Array | float = inf
) -> Array:
    """What NAL, or MAML where a step is given, learns from each of many weightings of the same clouds, ``(batch, many, d)``.

    The losses of a cloud enter every weighting alike, so that their gradients and Hessians are taken once.

    Parameters
    ----------
    tasks:
        The task laws; their own weights are not used.
    weights:
        ``(batch, many, clouds)``.
    step, samples:
        As in :func:`loss_after_step`.

    Raises
    ------
    ValueError
        when an argument does not fit.
    ZeroDivisionError or torch.linalg.LinAlgError
        as in :func:`nal_solution`.
    """
    batch, clouds, count, d = tasks.optima.shape
    if weights.ndim != 3 or (weights.shape[0], weights.shape[2]) != (batch, clouds):
        raise ValueError(
            f"weights has shape {tuple(weights.shape)}; it must be (batch, many, clouds) = ({batch}, ..., {clouds})"
        )

    def repeated(values: Array) -> Array:
        return (values[:, None] + 0 * tasks.weights).reshape(batch * clouds)

    optima, roots = tasks.optima.reshape(batch * clouds, 1, count, d), tasks.roots.reshape(batch * clouds, 1, d, d)
    alone = RegressionTasks(optima, roots, repeated(0 * tasks.noise + 1)[:, None], repeated(tasks.noise))
    if step is None:
        gradients, hessians = nal_gradient(alone, _origin(alone)), nal_hessian(alone)
    else:
        _check_step(step, batch)
        law = repeated(step), samples if isinstance(samples, int | float) else repeated(samples)
        gradients, hessians = loss_after_step_gradient(alone, _origin(alone), *law), loss_after_step_hessian(alone, *law)
    many = weights.shape[1]
    mixed = (weights @ hessians.reshape(batch, clouds, d * d)).reshape(batch, many, d, d)
    return _minimise_quadratic(weights @ gradients.reshape(batch, clouds, d), mixed)


def maml_solution_by_enumeration(tasks: RegressionTasks, step: Array, samples: int, loss: str = "mean") -> Array:
    """The minimiser ``(batch, d)`` of ``F_m``, from values of :func:`loss_after_step_by_enumeration` alone.

    The loss is quadratic, so that its values at 0, at +-e_i and at e_i + e_j determine it. Arguments as there, errors as
    there and in :func:`nal_solution`.
    """
    xp, origin, axes = namespace(step), _origin(tasks), eye(tasks.optima.shape[-1], step)

    def value(point: Array) -> Array:
        return loss_after_step_by_enumeration(tasks, origin + point, step, samples, loss)

    d, base = axes.shape[0], value(0 * axes[0])
    plus, minus = [value(axes[i]) for i in range(d)], [value(-axes[i]) for i in range(d)]
    gradient = xp.stack([(plus[i] - minus[i]) / 2 for i in range(d)], axis=-1)
    hessian = {(i, i): plus[i] + minus[i] - 2 * base for i in range(d)}
    for i, j in combinations(range(d), 2):
        hessian[i, j] = hessian[j, i] = value(axes[i] + axes[j]) - plus[i] - plus[j] + base
    rows = [xp.stack([hessian[i, j] for j in range(d)], axis=-1) for i in range(d)]
    return _minimise_quadratic(gradient, xp.stack(rows, axis=-2))


def noise_floor(tasks: RegressionTasks, step: Array, samples: Array | float) -> Array:
    """The test loss of tasks that each start at their own optimum, ``(batch,)``: what label noise alone costs.

    It bounds the infimum of :func:`loss_after_step` from below, and equals it only when one model serves every task.
    Arguments and errors as in :func:`loss_after_step`.
    """
    return _loss_after_step(tasks, 0 * tasks.optima[:, :, :1], step, samples)


class _SampleGradient:
    """Moments of one sample's gradient ``g = x (<v, x> - z)`` at displacements ``v`` and of its Jacobian ``x x^T``.

    With ``x = A s`` and ``z = sigma s_0`` for standard Gaussian ``(s, s_0)``, the error ``<v, x> - z`` is linear in them,
    and each moment is a contraction of its coefficients with the second or fourth moments of :func:`gaussian_rule`.
    """

    def __init__(self, tasks: RegressionTasks) -> None:
        self._tasks, self._d = tasks, tasks.roots.shape[-1]
        self._inner = array_like(_standard_moments(self._d + 1)[0], tasks.roots)[: self._d]

    @cached_property
    def _weighted(self) -> Array:
        # E (s, s_0) (s, s_0)^T ||A^T A s||^2: second moments, weighted by the squared length of A^T x.
        gram = self._tasks.roots.mT @ self._tasks.roots
        fourth = array_like(_standard_moments(self._d + 1)[1], gram)[:, :, : self._d, : self._d]
        return namespace(gram).einsum("abij,...ij->...ab", fourth, gram @ gram)

    @cached_property
    def jacobian(self) -> Array:
        """``E x x^T``, ``(batch, clouds, d, d)``."""
        return self._tasks.roots @ self._inner[:, : self._d] @ self._tasks.roots.mT

    @cached_property
    def jacobian_pulled_back(self) -> Array:
        """``E x x^T Sigma x x^T``, ``(batch, clouds, d, d)``."""
        return self._tasks.roots @ self._weighted[..., : self._d, : self._d] @ self._tasks.roots.mT

    def errors(self, displacements: Array) -> Array:
        """The coefficients of ``<v, x> - z`` in the standard Gaussians, ``(batch, clouds, tasks, d + 1)``."""
        inputs = displacements @ self._tasks.roots
        noise = self._tasks.noise[:, None, None, None] + 0 * inputs[..., :1]
        return namespace(inputs).concat([inputs, -noise], axis=-1)

    def mean(self, errors: Array) -> Array:
        """``E g``, ``(batch, clouds, tasks, d)``."""
        return errors @ self._inner.mT @ self._tasks.roots.mT

    def squared_length(self, errors: Array) -> Array:
        """``E ||A^T g||^2``, ``(batch, clouds, tasks)``."""
        return _last_sum((errors @ self._weighted) * errors)

    def pulled_back(self, errors: Array) -> Array:
        """``E x x^T Sigma g``, ``(batch, clouds, tasks, d)``."""
        return errors @ self._weighted[..., :, : self._d] @ self._tasks.roots.mT


@cache
def _standard_moments(n: int) -> tuple[list[list[int]], list[list[list[list[int]]]]]:
    """Second and fourth moments of a standard Gaussian vector, summed over the rule."""
    nodes, weights = gaussian_rule(n)

    def moment(*axes: int) -> int:
        total = sum(weight * prod(node[k] for k in axes) for node, weight in zip(nodes, weights, strict=True))
        assert total.denominator == 1
        return int(total)

    axes = range(n)
    second = [[moment(a, b) for b in axes] for a in axes]
    return second, [[[[moment(a, b, i, j) for j in axes] for i in axes] for b in axes] for a in axes]


def _mean_jacobian(law: _SampleGradient, step: Array) -> Array:
    _check_step(step, law.jacobian.shape[0])
    return eye(law.jacobian.shape[-1], step) - step[:, None, None, None] * law.jacobian


def _minimise_quadratic(gradient_at_origin: Array, hessian: Array) -> Array:
    return -solve(hessian, gradient_at_origin[..., None])[..., 0]


def _variance_rate(step: Array, samples: Array | float) -> Array:
    # Averaging m independent samples divides the spread of one sample's step by m.
    return 0 * step if isinstance(samples, float) and samples == inf else step * step / samples


def _check_step(step: Array, batch: int) -> None:
    if tuple(step.shape) != (batch,):
        raise ValueError(f"step has shape {tuple(step.shape)}; it must be one step size per instance, ({batch},)")


def _origin(tasks: RegressionTasks) -> Array:
    return zeros((tasks.optima.shape[0], tasks.optima.shape[-1]), tasks.optima)


def _squared_norm(vectors: Array) -> Array:
    return _last_sum(vectors * vectors)


def _last_sum(values: Array) -> Array:
    # Over a last axis of a few entries a product with ones is several times as fast as a sum.
    return values @ ones((values.shape[-1],), values)


def _numbers(values: list[Fraction], like: Array) -> Array:
    return array_like(values if is_exact(like) else [float(v) for v in values], like)
