"""Tasks with data: finitely many data points, and constants L, rho, sigma, sigma~ and sigma_H that are known exactly.

A random perturbation of a smooth function is a linear term plus, along every coordinate, a multiple of one fixed *hat*: a C^2
function whose second derivative is a triangle of height one, so that its gradient is bounded. Perturbations of the loss by a
data point give Assumption 4.6 of Fallah, Mokhtari, Ozdaglar 2020 on all of R^d, and perturbations of a common loss by the task
give Assumption 4.5. All quantities are rational.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from exactarray import amax, is_exact, maximum, minimum, namespace
from exactarray.arrays import Array
from impl.checks import Shapes
from impl.expectations import batch_law, joint_law, repeated
from impl.smooth_tasks import SmoothTasks


@dataclass(frozen=True)
class Bumps:
    """Functions ``linear . w + sum_j bent_j hat_j(w_j)``; all fields and points are ``(..., d)`` and broadcast."""

    linear: Array
    bent: Array
    centre: Array
    width: Array

    def value(self, w: Array) -> Array:
        """Values ``(...)``."""
        t = self._inside(w)
        beyond = (abs(w - self.centre) / self.width - abs(t)) / 2
        hats = self.width**2 * (t**2 / 2 - abs(t) ** 3 / 6 + beyond)
        return namespace(w).sum(self.linear * w + self.bent * hats, axis=-1)

    def gradient(self, w: Array) -> Array:
        """Gradients ``(..., d)``."""
        t = self._inside(w)
        return self.linear + self.bent * self.width * (t - t * abs(t) / 2)

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products ``(..., d)``."""
        return self.bent * (1 - abs(self._inside(w))) * v

    def _inside(self, w: Array) -> Array:
        """Distance from the centre in widths, cut off at plus and minus one."""
        return minimum(maximum((w - self.centre) / self.width, -1), 1)


@dataclass(frozen=True)
class Perturbations:
    """Functions ``linear_k . w + sum_j bent_kj hat_j(w_j)`` of random index k, with mean zero over k.

    The hat of coordinate j has the second derivative ``max(0, 1 - |w_j - centre_j| / width_j)``, and slopes between plus and
    minus ``width_j / 2``.

    Parameters
    ----------
    chances:
        Probabilities of the points, ``(batch, sets, points)``: one independent law for every set.
    linear, bent:
        Coefficients ``(batch, sets, points, d)`` of mean zero over the points; :meth:`centred` takes any means off.
    centre, width:
        Place and positive half-width of the hats, ``(batch, sets, d)``.

    Raises
    ------
    ValueError
        when shapes disagree.
    """

    chances: Array
    linear: Array
    bent: Array
    centre: Array
    width: Array

    def __post_init__(self) -> None:
        shapes = Shapes()
        shapes("linear", self.linear, "batch sets points d", least=1)
        shapes("bent", self.bent, "batch sets points d")
        shapes("chances", self.chances, "batch sets points")
        shapes("centre", self.centre, "batch sets d")
        shapes("width", self.width, "batch sets d")

    @classmethod
    def centred(cls, *, chances: Array, linear: Array, bent: Array, centre: Array, width: Array) -> Perturbations:
        """The perturbations with any coefficients, less their mean."""
        any_mean = cls(chances, linear, bent, centre, width)
        # Taking off the first point before the mean keeps equal coefficients free of rounding: exactly zero.
        linear, bent = (c - c[..., :1, :] for c in (linear, bent))
        linear, bent = (c - any_mean._mean(c)[..., None, :] for c in (linear, bent))
        return cls(chances, linear, bent, centre, width)

    def mixed(self, shares: Array) -> Bumps:
        """The mean perturbation over the points with the given shares ``(batch, sets, points)``, one for every set."""
        Shapes()("shares", shares, " ".join(str(n) for n in self.chances.shape))
        linear, bent = (namespace(c).sum(shares[..., None] * c, axis=-2) for c in (self.linear, self.bent))
        return Bumps(linear, bent, self.centre, self.width)

    @property
    def gradient_variance(self) -> Array:
        """``sup_w E_k ||grad||^2``, exactly, ``(batch, sets)``."""
        linear, bent = self.linear, self.bent
        squares, steepest = self._mean(linear * linear), self.width / 2
        # A convex parabola in the slope of the hat, which takes its largest value at one of the two steepest slopes.
        along = squares + 2 * steepest * abs(self._mean(linear * bent)) + steepest**2 * self._mean(bent * bent)
        return namespace(along).sum(along, axis=-1)

    @property
    def hessian_variance(self) -> Array:
        """``sup_w E_k ||Hessian||^2`` in the spectral norm, exactly, ``(batch, sets)``: attained where all hats peak."""
        return namespace(self.bent).sum(self.chances * amax(self.bent * self.bent, axis=-1), axis=-1)

    @property
    def hessian_variance_frobenius(self) -> Array:
        """``sup_w E_k ||Hessian||_F^2``, exactly, ``(batch, sets)``."""
        return namespace(self.bent).sum(self._mean(self.bent * self.bent), axis=-1)

    def _mean(self, coefficients: Array) -> Array:
        return namespace(coefficients).sum(self.chances[..., None] * coefficients, axis=-2)


@dataclass(frozen=True)
class NoisyTasks:
    """``f_i(w, theta_k) = f_i(w) + perturbation_ik(w)``: smooth tasks, each with its own law of data points.

    A batch of data enters as the shares of the points in it, ``(batch, tasks, points)``. The mean loss, and with it L and rho
    of Assumptions 4.3 and 4.4, is that of ``tasks``.

    Parameters
    ----------
    tasks:
        The mean losses ``f_i``.
    noise:
        One set of perturbations for every task.

    Raises
    ------
    ValueError
        when the perturbations are not those of as many tasks of the same dimension.
    """

    tasks: SmoothTasks
    noise: Perturbations

    def __post_init__(self) -> None:
        wanted = (*self.tasks.weights.shape, self.tasks.dimension)
        if tuple(self.noise.centre.shape) != wanted:
            raise ValueError(f"noise has centres of shape {tuple(self.noise.centre.shape)}; these tasks need {wanted}")

    @property
    def weights(self) -> Array:
        """Task probabilities ``(batch, tasks)``."""
        return self.tasks.weights

    @property
    def chances(self) -> Array:
        """Probabilities of the data points of every task, ``(batch, tasks, points)``."""
        return self.noise.chances

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""
        return self.tasks.dimension

    def value(self, w: Array, shares: Array) -> Array:
        """``f_i(w_i, D_i)``, ``(batch, tasks)`` at ``w: (batch, tasks, d)``."""
        return self.tasks.value(w) + self.noise.mixed(shares).value(w)

    def gradient(self, w: Array, shares: Array) -> Array:
        """``g~_i(w_i, D_i)``, ``(batch, tasks, d)``."""
        return self.tasks.gradient(w) + self.noise.mixed(shares).gradient(w)

    def hessian_vector(self, w: Array, v: Array, shares: Array) -> Array:
        """``H~_i(w_i, D_i) v_i``, ``(batch, tasks, d)``."""
        return self.tasks.hessian_vector(w, v) + self.noise.mixed(shares).hessian_vector(w, v)

    @property
    def gradient_deviation(self) -> Array:
        """The smallest ``sigma~`` of Assumption 4.6 for all tasks, ``(batch,)``."""
        return root(amax(self.noise.gradient_variance, axis=-1))

    @property
    def hessian_deviation(self) -> Array:
        """The smallest ``sigma_H`` of Assumption 4.6, spectral norm, ``(batch,)``."""
        return root(amax(self.noise.hessian_variance, axis=-1))


@dataclass(frozen=True)
class RelatedTasks:
    """``f_i(w) = g(w) + perturbation_i(w)``: tasks that satisfy Assumption 4.5 on all of R^d.

    Parameters
    ----------
    common:
        One task for every instance, ``weights: (batch, 1)``.
    differences:
        One set (``sets = 1``) whose points are the tasks, with the task probabilities as ``chances``.

    Raises
    ------
    ValueError
        when there is more than one common task or set, or the dimensions differ.
    """

    common: SmoothTasks
    differences: Perturbations

    def __post_init__(self) -> None:
        wanted = (self.common.weights.shape[0], 1, self.common.dimension)
        if self.common.weights.shape[1] != 1 or tuple(self.differences.centre.shape) != wanted:
            raise ValueError(
                f"common has weights {tuple(self.common.weights.shape)} and differences have centres "
                f"{tuple(self.differences.centre.shape)}; one task, and centres (batch, 1, d), are needed"
            )

    @property
    def weights(self) -> Array:
        """Task probabilities ``(batch, tasks)``."""
        return self.differences.chances[:, 0]

    @property
    def dimension(self) -> int:
        """Number ``d`` of parameters."""
        return self.common.dimension

    @property
    def lipschitz_gradient(self) -> Array:
        """A bound on ``L_i``, the smallest for purely linear differences, ``(batch, tasks)``."""
        return self.common.lipschitz_gradient + amax(abs(self.differences.bent[:, 0]), axis=-1)

    @property
    def lipschitz_hessian(self) -> Array:
        """A bound on ``rho_i``, the smallest for purely linear differences, ``(batch, tasks)``."""
        steepest = abs(self.differences.bent[:, 0]) / self.differences.width
        return self.common.lipschitz_hessian + amax(steepest, axis=-1)

    @property
    def task_variance(self) -> Array:
        """The smallest ``sigma^2`` of Assumption 4.5, ``(batch,)``."""
        return self.differences.gradient_variance[:, 0]

    def value(self, w: Array) -> Array:
        """Losses, as :meth:`impl.maml.Tasks.value`."""
        common, at = self._common(w)
        return common.value(at).reshape(w.shape[:2]) + self._own.value(w)

    def gradient(self, w: Array) -> Array:
        """Gradients, as :meth:`impl.maml.Tasks.gradient`."""
        common, at = self._common(w)
        return common.gradient(at).reshape(w.shape) + self._own.gradient(w)

    def hessian_vector(self, w: Array, v: Array) -> Array:
        """Hessian-vector products, as :meth:`impl.maml.Tasks.hessian_vector`."""
        common, at = self._common(w)
        return common.hessian_vector(at, v.reshape(at.shape)).reshape(w.shape) + self._own.hessian_vector(w, v)

    @cached_property
    def _own(self) -> Bumps:
        differences = self.differences
        return Bumps(differences.linear[:, 0], differences.bent[:, 0], differences.centre, differences.width)

    @cached_property
    def _for_every_task(self) -> SmoothTasks:
        """The common task once for every task, each an instance of its own."""
        return repeated(self.common, self.weights.shape[1])

    def _common(self, w: Array) -> tuple[SmoothTasks, Array]:
        """The common task for every task, and the points of the tasks."""
        Shapes()("w", w, f"{self.weights.shape[0]} {self.weights.shape[1]} {self.dimension}")
        return self._for_every_task, w.reshape(-1, 1, w.shape[2])


@dataclass(frozen=True)
class DataBatches:
    """Every outcome of independent batches of data, one group of batches for every task. Made by :func:`enumerate_batches`.

    Instance b occurs once for every outcome, in a row, so that any algorithm runs on ``tasks`` and ``shares`` as they are.

    Parameters
    ----------
    tasks:
        The tasks, repeated: ``batch * outcomes`` instances.
    shares:
        For each batch of the group the shares of the points, ``(batch * outcomes, tasks, points)``.
    probabilities:
        ``(batch, tasks, outcomes)``.
    """

    tasks: NoisyTasks
    shares: tuple[Array, ...]
    probabilities: Array

    def repeat(self, x: Array) -> Array:
        """An array ``(batch, ...)`` for the repeated instances, ``(batch * outcomes, ...)``."""
        return repeated(x, self.probabilities.shape[-1])

    def by_outcome(self, values: Array) -> Array:
        """From ``(batch * outcomes, tasks, ...)`` to ``(batch, outcomes, tasks, ...)``."""
        batch, _, outcomes = self.probabilities.shape
        return values.reshape((batch, outcomes, *values.shape[1:]))

    def mean(self, values: Array) -> Array:
        """Expectation over the data, task by task: ``(batch, tasks, ...)`` from ``(batch * outcomes, tasks, ...)``."""
        listed = self.by_outcome(values)
        weights = self.probabilities.mT
        return namespace(values).sum(weights.reshape(tuple(weights.shape) + (1,) * (listed.ndim - 3)) * listed, axis=1)


def enumerate_batches(tasks: NoisyTasks, *sizes: int | None) -> DataBatches:
    """All outcomes of independent i.i.d. batches of data, of the given sizes, for every task; None is an infinite batch.

    Raises ValueError when no size is given or one is not positive.
    """
    finite = {j: batch_law(tasks.chances, size) for j, size in enumerate(sizes) if size is not None}
    if not sizes:
        raise ValueError("enumerate_batches needs the size of at least one batch of data")
    certain = namespace(tasks.chances).sum(tasks.chances, axis=-1)[..., None]
    laws = [finite[j][1] if j in finite else certain for j in range(len(sizes))]
    index, probabilities = joint_law(laws)
    (batch, count), outcomes, xp = tasks.weights.shape, probabilities.shape[-1], namespace(tasks.chances)
    shares = []
    for j, chosen in enumerate(index):
        if j in finite:
            of_outcome = finite[j][0][chosen]
            wide = xp.broadcast_to(of_outcome[None, :, None, :], (batch, outcomes, count, of_outcome.shape[-1]))
            shares.append(wide.reshape(batch * outcomes, count, -1))
        else:
            shares.append(repeated(tasks.chances, outcomes))
    return DataBatches(repeated(tasks, outcomes), tuple(shares), probabilities)


def root(x: Array) -> Array:
    """Square root of a non-negative array, whose float gradient at zero is zero, so that an ascent may start there."""
    xp = namespace(x)
    if is_exact(x):
        return xp.sqrt(x)
    positive = x > 0
    return xp.where(positive, xp.sqrt(xp.where(positive, x, xp.ones_like(x))), xp.zeros_like(x))
