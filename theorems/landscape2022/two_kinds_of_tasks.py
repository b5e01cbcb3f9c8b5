"""Environments of two kinds of tasks with one feature: whatever T sampled tasks can do has an exact binomial law."""

from __future__ import annotations

from itertools import accumulate
from math import comb, log
from operator import mul
from typing import Any

from sympy import log as ln
from sympy import symbols

from exactarray import amax, amin, array_like, namespace
from impl.meta_regression import RegressionTasks, solutions_under_weights
from lakatos import fix, instances, when
from theorems.landscape2022.exact_laws import chance, quantile

T, d = symbols("T d", integer=True, positive=True)
L, beta, B = symbols("L beta B", positive=True)
V_Sigma, V_w = symbols("Var_Sigma Var_Sigma_w", nonnegative=True)


class TwoKinds:
    """Covariances and optima ``(batch, 2)`` of two kinds of tasks; the second has probability ``p: (batch,)``."""

    def __init__(self, roots: Any, optima: Any, p: Any, T: int) -> None:
        self.roots, self.optima, self.p, self.T = roots, optima, p, T

    @property
    def shares(self) -> Any:
        """Shares of the second kind among T sampled tasks, ``(T + 1,)``."""
        return array_like(list(range(self.T + 1)), self.p) / self.T

    @property
    def probabilities(self) -> Any:
        """Binomial probabilities of these shares, ``(batch, T + 1)``."""
        ones, xp = self.p * 0 + 1, namespace(self.p)
        these, others = (xp.stack(list(accumulate([q] * self.T, mul, initial=ones)), axis=-1) for q in (self.p, 1 - self.p))
        ways = array_like([comb(self.T, k) for k in range(self.T + 1)], self.p)
        return ways * these * others[:, list(range(self.T, -1, -1))]

    def chance(self, event: Any) -> Any:
        """Probability ``(batch,)`` of an event ``(batch, T + 1)`` about the sampled tasks."""
        return chance(self.probabilities, event)

    def quantile(self, values: Any, percent: int) -> Any:
        """What a value ``(batch, T + 1)`` of the sampled tasks does not exceed with that probability, ``(batch,)``."""
        return quantile(self.probabilities, values, percent)

    def moment(self, values: Any) -> Any:
        """Variance ``(batch,)`` of a value of each kind, ``(batch, 2)``."""
        return self.p * (1 - self.p) * (values[:, 1] - values[:, 0]) ** 2

    @property
    def sampled_models(self) -> Any:
        """w_NAL^(T)*, by training on the population losses of the sampled tasks, ``(batch, T + 1)``."""
        return self._trained(self.shares[None, :] + 0 * self.p[:, None])

    @property
    def model(self) -> Any:
        """w_NAL^* of the environment, ``(batch,)``."""
        return self._trained(self.p[:, None])[:, 0]

    def _trained(self, shares: Any) -> Any:
        xp = namespace(self.p)
        weights = xp.stack([1 - shares, shares], axis=-1)
        laws = RegressionTasks(self.optima[..., None, None], self.roots[..., None, None], weights[:, 0], 0 * self.p)
        return solutions_under_weights(laws, weights)[..., 0]


def environment(roots: Any, optima: Any, p: Any, T: int) -> dict[str, Any]:
    """An environment with the quantities of Theorem 2."""
    kinds = TwoKinds(roots, optima, p, T)
    Sigma = roots * roots
    return dict(
        kinds=kinds, T=T, d=1, L=amax(Sigma, axis=-1), beta=amin(Sigma, axis=-1),
        B=amax(abs(optima), axis=-1), Var_Sigma=kinds.moment(Sigma), Var_Sigma_w=kinds.moment(Sigma * optima),
    )  # fmt: skip


def rare(draw: Any, T: int, p: Any, root: Any, w: Any) -> dict[str, Any]:
    """All tasks alike but for their optima, which are 0 or w."""
    xp = namespace(p)
    return environment(xp.stack([root, root], axis=-1), xp.stack([0 * w, w], axis=-1), p, T)


@instances(
    strata={"one task": fix(T=1)},
    assume={"T is above the threshold of the theorem": L**2 * B**2 * (V_Sigma + V_w) / 9 < T},
)
def rare_optima(draw):
    """Optima 0 or w, equal covariances; L B at most one, so that any T is above the threshold that Theorem 2 prints."""
    T, p = draw.option("T", [1, 2, 5, 10]), draw.interval("p", 0, 1, closed="neither")
    root = draw.positive("root")
    return rare(draw, T, p, root, draw.interval("LB", 0, 1, closed="right") / root**2)


def _smallest_share(T: int) -> float:
    """A dyadic p from which on p (1 - p) > log(200) / (9 T)."""
    return next(j / 4096 for j in range(1, 2048) if j * (4096 - j) * 9 * T > 1.0001 * 4096**2 * log(200))


@instances(
    strata={"ten tasks": fix(T=10)},
    assume={"T is above the threshold of the proof": L**2 * B**2 * ln(200 * d) / (9 * (V_Sigma + V_w)) < T},
)
def less_rare_optima(draw):
    """Optima 0 or w, equal covariances, and T above the threshold that the proof prints."""
    T = draw.option("T", [3, 5, 10, 20])
    low = _smallest_share(T)
    return rare(draw, T, draw.interval("p", low, 1 - low), draw.positive("root"), draw.positive("w"))


def enough_for_covariances(T: int, L: Any, Var_Sigma: Any) -> Any:
    """T >= 4 L^2 log(200) / (9 Var(Sigma_i)), or no variance at all."""
    return (9 * T * Var_Sigma >= 4 * L**2 * namespace(L).log(0 * L + 200)) | (Var_Sigma == 0)


def enough_for_optima(T: int, L: Any, B: Any, Var_Sigma_w: Any) -> Any:
    """T >= 16 L^2 B^2 log(200) / (9 Var(Sigma_i w_i)), or no variance at all."""
    return (9 * T * Var_Sigma_w >= 16 * L**2 * B**2 * namespace(L).log(0 * L + 200)) | (Var_Sigma_w == 0)


@instances(
    strata={"equal covariances": fix(spread="optima")},
    assume={
        "T is large enough for the optima": enough_for_optima,
        "T is large enough for the covariances": enough_for_covariances,
    },
)
def many_sampled_tasks(draw):
    """Two kinds of tasks with optima on both sides of zero, or one Sigma_i w_i, and T large enough for Bernstein's inequality."""
    spread = draw.option("spread", ["optima", "covariances", "labels"])
    root, w, p = draw.positive("root"), draw.positive("w"), draw.interval("p", 0.35, 0.65)
    xp = namespace(p)
    if spread == "labels":
        # The variance of the covariances alone puts the second term of the bound to the test.
        ratio = draw.interval("root_ratio", 0.75, 0.85)
        made = environment(xp.stack([ratio * root, root], axis=-1), xp.stack([w, ratio**2 * w], axis=-1), p, 150)
        return {**made, "Var_Sigma_w": 0 * p}
    ratio = draw.interval("ratio", 0.3, 0.65) if spread == "covariances" else 1 + 0 * p
    optima = xp.stack([-draw.interval("other", 0.9, 1) * w, w], axis=-1) * draw.sign("side")[:, None]
    return environment(xp.stack([ratio * root, root], axis=-1), optima, p, 40 if spread == "covariances" else 13)


@instances(strata={"rare": when(lambda p: p < 1 / 20), "one task": fix(T=1)})
def opposite_kinds(draw):
    """Optima w and -w, or covariances beta and L; any number of sampled tasks."""
    T, p = draw.option("T", [1, 2, 5, 10, 100]), draw.interval("p", 0, 1, closed="neither")
    root, w, xp = draw.positive("root"), draw.positive("w"), namespace(p)
    ratio = draw.interval("ratio", 0, 1, closed="right")
    spectra = environment(xp.stack([ratio * root, root], axis=-1), xp.stack([w, w], axis=-1), p, T)
    optima = environment(xp.stack([root, root], axis=-1), xp.stack([-w, w], axis=-1), p, T)
    return dict(**optima, spectra=spectra, Var_spectra=spectra["Var_Sigma"], delta=draw.positive("delta"))
