"""Environments of a few kinds of tasks: whatever T sampled tasks can do has an exact multinomial law."""

from __future__ import annotations

from functools import cached_property
from math import factorial, inf, prod
from typing import Any

from exactarray import amax, amin, array_like, eye, namespace, norm
from impl.meta_regression import RegressionTasks, solutions_under_weights
from theorems.landscape2022.exact_laws import chance, quantile
from theorems.landscape2022.task_averages import Q


def compositions(total: int, parts: int) -> list[tuple[int, ...]]:
    """All ways in which so many tasks can be of these kinds, the last kind growing."""
    if parts == 1:
        return [(total,)]
    return [(*rest, last) for last in range(total + 1) for rest in compositions(total - last, parts - 1)]


class KindsOfTasks:
    """T tasks sampled from an environment whose kinds of tasks are the clouds of ``tasks``; NAL, or MAML where a step is given."""

    def __init__(self, tasks: RegressionTasks, T: int, alpha: Any = None, n_2: Any = inf) -> None:
        self.tasks, self.T, self.step = tasks, T, (alpha, n_2)
        self.covariances = tasks.covariances
        self.counts = compositions(T, tasks.weights.shape[1])

    @cached_property
    def probabilities(self) -> Any:
        """Multinomial probabilities ``(batch, outcomes)`` of how many tasks are of each kind."""
        p, xp = self.tasks.weights, namespace(self.tasks.weights)
        powers = [xp.ones_like(p)]
        for _ in range(self.T):
            powers.append(powers[-1] * p)
        chains = [prod((powers[k][:, i] for i, k in enumerate(count)), start=1) for count in self.counts]
        ways = [factorial(self.T) // prod(factorial(k) for k in count) for count in self.counts]
        return xp.stack(chains, axis=-1) * array_like(ways, p)

    @cached_property
    def shares(self) -> Any:
        """Share of each kind among the sampled tasks, ``(outcomes, kinds)``."""
        return array_like(self.counts, self.tasks.weights) / self.T

    @cached_property
    def _models(self) -> Any:
        weights = self.tasks.weights[:, None]
        every = namespace(weights).concat([weights, self.shares + 0 * weights], axis=1)
        return solutions_under_weights(self.tasks, every, *self.step)

    @property
    def sampled_models(self) -> Any:
        """w^(T)*, by training on the population losses of the sampled tasks, ``(batch, outcomes, d)``."""
        return self._models[:, 1:]

    @property
    def model(self) -> Any:
        """w^* of the environment, ``(batch, d)``."""
        return self._models[:, 0]

    @property
    def errors(self) -> Any:
        """Distances ``(batch, outcomes)`` of the models of the sampled tasks from that of the environment."""
        return norm(self.sampled_models - self.model[:, None])

    def mean(self, values: Any) -> Any:
        """Expectation ``(batch, ...)`` of a value of each kind, ``(batch, kinds, ...)``."""
        return self.tasks.over_clouds(values)

    def moment(self, vectors: Any) -> Any:
        """E ||v - E v||^2 of a vector of each kind, ``(batch, kinds, d)``."""
        off = vectors - self.mean(vectors)[:, None]
        return self.mean(namespace(off).sum(off * off, axis=-1))

    def spectral_moment(self, diagonals: Any) -> Any:
        """||E (D - E D)^2|| of a diagonal matrix of each kind, ``(batch, kinds, d)``."""
        off = diagonals - self.mean(diagonals)[:, None]
        return amax(self.mean(off * off), axis=-1)

    def chance(self, event: Any) -> Any:
        """Probability ``(batch,)`` of an event ``(batch, outcomes)`` about the sampled tasks."""
        return chance(self.probabilities, event)

    def quantile(self, values: Any, percent: int) -> Any:
        """What a value ``(batch, outcomes)`` of the sampled tasks does not exceed with that probability, ``(batch,)``."""
        return quantile(self.probabilities, values, percent)


def diagonals(matrices: Any) -> Any:
    """The diagonals ``(..., d)`` of matrices ``(..., d, d)``."""
    return namespace(matrices).einsum("...kk->...k", matrices)


def environment(roots: Any, optima: Any, weights: Any, T: int, alpha: Any = None, n_2: Any = inf) -> dict[str, Any]:
    """An environment of diagonal covariances ``roots^2`` with the quantities of Theorems 2 and 3.

    Parameters
    ----------
    roots, optima:
        ``(batch, kinds, d)``.
    weights:
        Probabilities of the kinds, ``(batch, kinds)``.
    T:
        Number of sampled tasks.
    alpha, n_2:
        The step of MAML and the samples it is taken on, ``(batch,)``; NAL without.
    """
    batch, count, d = roots.shape
    tasks = RegressionTasks(optima[:, :, None], roots[..., None] * eye(d, roots), weights, 0 * weights[:, 0])
    kinds, Sigma = KindsOfTasks(tasks, T, alpha, n_2), roots * roots
    flat = Sigma.reshape(batch, count * d)
    values = dict(
        kinds=kinds, T=T, d=d, L=amax(flat, axis=-1), beta=amin(flat, axis=-1), B=amax(norm(optima), axis=-1),
        Var_Sigma=kinds.spectral_moment(Sigma), Var_Sigma_w=kinds.moment(Sigma * optima),
    )  # fmt: skip
    if alpha is not None:
        weight = diagonals(Q(tasks.covariances, alpha, n_2)[0])
        values |= dict(alpha=alpha, n_2=n_2, Var_Q=kinds.spectral_moment(weight), Var_Q_w=kinds.moment(weight * optima))
    return values
