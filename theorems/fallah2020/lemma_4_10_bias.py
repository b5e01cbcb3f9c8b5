"""The gradient after a stochastic inner step is biased, and by how much.

Fallah, Mokhtari, Ozdaglar 2020, Lemma 4.10, equation (20): the mean of g~_i(w - alpha g~_i(w, D_in), D_o) differs from
grad f_i(w - alpha grad f_i(w)) by at most alpha L sigma~ / sqrt(D_in).

Checked by running the stochastic inner step on every outcome of D_in; over an independent D_o the outer gradient has its exact mean,
which the claim at alpha = 0 confirms on every outcome. The printed bound is approached, for D_in = 1, by
tasks whose Hessian jumps at the adapted point. For a given rho the bias falls like 1/D_in: it is at most
rho alpha^2 sigma~^2 / (2 D_in), and exactly this where the Hessian is an affine function on all that the inner step can reach.
Neither bound needs alpha <= 1/L; the second claim goes up to 3/L. Both need that D_in and D_o are independent.

Known limits: one task at a time, at most 2 parameters, 3 data points and batches of 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Min, sqrt, symbols

from exactarray import amax, norm
from impl.maml import inner_step
from impl.noisy_tasks import NoisyTasks, enumerate_batches
from impl.stochastic_maml import fo_maml_directions
from lakatos import Identity, Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.noisy_points import noisy_points
from theorems.fallah2020.tasks_on_a_line import affine_hessians, kinks

L, rho, alpha, s, D_in, n = symbols("L rho alpha s D_in n", nonnegative=True)
BOUND = alpha * L * s / sqrt(D_in)
CURVED = rho * alpha**2 * s**2 / (2 * D_in)

points, long_steps = noisy_points(D_in=2), noisy_points(longest=3, D_in=2)


lemma = partial(
    claim,
    PAPER,
    "Lemma 4.10",
    entry="lem-4.10-bias",
    left=r"\|e_{i,k}\|",
    names={"s": r"\tilde\sigma", "D_in": r"D_{\mathrm{in}}"},
)


@lemma(Inequality("<="), on=points, right=BOUND)
def bias(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """The mean gradient after the stochastic inner step is within alpha L sigma~ / sqrt(D_in) of the one after the exact step."""
    data = enumerate_batches(noisy, D_in, None)
    return distance(noisy, w, alpha, data, outer=data.shares[1])


def distance(noisy: NoisyTasks, w: Any, alpha: Any, data: Any, outer: Any) -> Any:
    """Norm of the mean over the data less the exact value, for the worst task."""
    start, steps = data.repeat(w), data.repeat(alpha)
    mean = data.mean(fo_maml_directions(data.tasks, start, steps, inner=data.shares[0], outer=outer))
    return amax(norm(mean - noisy.tasks.gradient(inner_step(noisy.tasks, w, alpha))), axis=-1)


def gradient_at_w(noisy: NoisyTasks, w: Any) -> Any:
    """Exact gradients of the tasks, flattened."""
    return noisy.tasks.gradient(w[:, None, :]).reshape(w.shape)


@lemma(Identity(), variant="unbiased-at-alpha-0", on=points, right=gradient_at_w, left=r"\mathbb{E}\,\tilde g_i(w,D_o)")
def without_a_step_there_is_no_bias(noisy: NoisyTasks, w: Any, D_in: int) -> Any:
    """With alpha = 0 the stochastic gradient has the mean grad f_i(w)."""
    data = enumerate_batches(noisy, D_in, 1)
    start, (inner, outer) = data.repeat(w), data.shares
    return data.mean(fo_maml_directions(data.tasks, start, 0 * start[:, 0], inner=inner, outer=outer)).reshape(w.shape)


@lemma(Inequality("<="), variant="given-rho", on=long_steps, right=Min(BOUND, CURVED))
def bias_given_rho(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """With a rho-Lipschitz Hessian the bias is also at most rho alpha^2 sigma~^2 / (2 D_in); for steps up to 3/L."""
    return bias(noisy, w, alpha, D_in)


@lemma(Identity(), variant="approached", on=kinks, right=(1 - 1 / n) * BOUND)
def the_bound_is_approached_by_kinks(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """For one data point a batch and any alpha < 1/L, L and sigma~ there are tasks whose bias is the share 1 - 1/n of the bound."""
    return bias(noisy, w, alpha, D_in)


@lemma(Identity(), variant="given-rho-attained", on=affine_hessians, right=CURVED)
def the_bound_given_rho_is_attained(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """Where the Hessian is affine the bias is rho alpha^2 sigma~^2 / (2 D_in) for any noise and batch size."""
    return bias(noisy, w, alpha, D_in)


@lemma(
    Inequality("<="),
    variant="one-batch-for-both",
    on=points,
    right=BOUND,
    expect="refuted",
    reason="missing assumption",
    because="With D_o = D_in the noise of the outer gradient depends on where the inner step led: a mean remains, however small L is.",
    witness={
        "D_in": 1, "tasks": 1, "d": 1, "pieces": 1, "points": 2, "alpha_L": "1/10", "p": [1], "start": [[0]],
        "gaps": [[[1]]], "heights": [[["1/10", "1/10"]]], "slope": [[0]], "odds": [[1, 1]], "linear": [[[1], [-1]]],
        "bent": [[[-2], [2]]], "centre": [[0]], "width": [[1]], "w": [0],
    },
    corrected="bias",
)  # fmt: skip
def bias_with_one_batch_for_both(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """The bound where the outer gradient is taken on the batch of the inner step."""
    data = enumerate_batches(noisy, D_in)
    return distance(noisy, w, alpha, data, outer=data.shares[0])
