"""The setting of Table 3: batches of ten tasks in which NAL weighs hard tasks nu times as much as easy ones."""

from __future__ import annotations

from math import comb
from typing import Any

from exactarray import namespace, ones
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


def error_of(w: Any) -> Any:
    """Test error of models ``(batch, 1)`` at m = 500 and alpha = 1, above label noise, ``(batch,)``."""
    return risk(mixture(ones((w.shape[0],), w)), w, 500)


def error(nu: Any) -> Any:
    """Test error of the population solution of NAL with weight nu."""
    tasks = mixture(ones(nu.shape, nu))
    return error_of(nal_solution(RegressionTasks(tasks.optima, tasks.roots, weights(nu), tasks.noise)))


def weighted(most: int) -> Any:
    """Two weights on hard tasks between 1 and ``most``, the second the larger one."""

    @instances()
    def two_weights(draw):
        nu = draw.interval("nu", 1, most)
        return dict(nu=nu, more=nu + (most - nu) * draw.interval("share", 0, 1))

    return two_weights
