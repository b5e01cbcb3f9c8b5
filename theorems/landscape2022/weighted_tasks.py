"""The setting of Table 3: batches of ten tasks in which NAL weighs hard tasks nu times as much as easy ones."""

from __future__ import annotations

from math import comb
from typing import Any

from exactarray import array_like, namespace, ones
from impl.meta_regression import RegressionTasks, nal_solution
from lakatos import fix, instances
from theorems.landscape2022.figures import risk, ten_coordinates

BATCH = 10


def experiment(n_1: int, n_2: int) -> Any:
    """The printed protocol with one choice of sample sizes."""

    @instances()
    def protocol(draw):
        return dict(n_1=draw.option("outer_samples", [n_1]), n_2=draw.option("inner_samples", [n_2]))

    return protocol


def mixture(one: Any) -> RegressionTasks:
    """One coordinate of the table's mixture."""
    return ten_coordinates(one / 10, 2 * one, one, one)


@instances(strata={"alpha = 1/rho_E": fix(alpha=1), "alpha = 0": fix(alpha=0)})
def any_step(draw):
    """The table's mixture, n_2 = 25, any step up to 2/rho_E."""
    return dict(alpha=draw.interval("alpha", 0, 2))


def weights(nu: Any) -> Any:
    """Expected weights of all hard and of all easy tasks of a batch, ``(batch, 2)``: h hard ones with probability C(10, h)/2^10."""
    hard = sum(comb(BATCH, h) * nu * h / (nu * h + BATCH - h) for h in range(BATCH + 1)) / 2**BATCH
    return namespace(nu).stack([hard, 1 - hard], axis=-1)


def error_of(w: Any, m: Any = 500) -> Any:
    """Test error of models ``(batch, 1)`` at alpha = 1, above label noise, ``(batch,)``."""
    return risk(mixture(ones((w.shape[0],), w)), w, m)


def error(nu: Any, m: Any = 500) -> Any:
    """Test error of the population solution of NAL with weight nu."""
    tasks = mixture(ones(nu.shape, nu))
    return error_of(nal_solution(RegressionTasks(tasks.optima, tasks.roots, weights(nu), tasks.noise)), m)


def weighted(most: int) -> Any:
    """Two weights on hard tasks between 1 and ``most``, the second the larger one."""

    @instances()
    def two_weights(draw):
        nu = draw.interval("nu", 1, most)
        return dict(nu=nu, more=nu + (most - nu) * draw.interval("share", 0, 1))

    return two_weights


@instances(strata={"many samples": fix(more=10**6)})
def five_with_any_samples(draw):
    """The weight nu = 5, and any number of samples for adaptation."""
    m = 1 + draw.nonnegative("more")
    return dict(nu=5 + 0 * m, m=m)


@instances(strata={"the printed batch": fix(hard=6, nu=[2])})
def batches(draw):
    """A batch of ten tasks, some of them hard, and any ratio nu."""
    count, nu = draw.integer("hard", 0, BATCH), draw.positive("nu", 1)
    hard = array_like([[int(k < count) for k in range(BATCH)]] * draw.batch, nu) == 1
    return dict(hard=hard, nu=nu[:, 0], ratios=nu[:, None, :], count=count)
