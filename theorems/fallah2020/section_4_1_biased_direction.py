"""The descent direction of MAML is biased.

Fallah, Mokhtari, Ozdaglar 2020, Section 4.1 (III): given w_k, g_k of equation (5) "is not an unbiased estimator of the gradient
grad F(w_k) as the stochastic gradient g~_i(w_k, D_in) is within the stochastic gradient g~_i(w_k - alpha g~_i(w_k, D_in), D_o)".

Checked over every outcome of D_in, D_o and D_h; the mean over tasks is exact, so that any B gives the same. There are tasks with a bias,
in rational numbers. Read as a statement about all tasks it is false: on quadratic losses the direction is unbiased, although one
stochastic gradient is within the other, provided that the three batches are independent. Data shared by D_o and D_h bias it there too.
The size of the bias is at most (1 + alpha L) times that of Lemma 4.10.

Known limits: at most 2 tasks, 2 parameters and 2 data points, one data point in D_o and D_h.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Integer, Min, sqrt, symbols

from exactarray import norm
from impl.maml import meta_gradient
from impl.noisy_tasks import NoisyTasks, enumerate_batches
from impl.stochastic_maml import maml_directions, mean_direction
from lakatos import Identity, Inequality, claim, fix, instances
from lakatos.kinds import Existence
from theorems.fallah2020 import PAPER
from theorems.fallah2020.noisy_points import at_a_point, noisy_splines

L, rho, alpha, s, D_in = symbols("L rho alpha s D_in", nonnegative=True)
BOUND = (1 + alpha * L) * Min(alpha * L * s / sqrt(D_in), rho * alpha**2 * s**2 / (2 * D_in))


def at_any_point(draw: Any, noisy: NoisyTasks) -> dict[str, Any]:
    """A point with steps up to 1/L, and a size of D_in."""
    return {**at_a_point(draw, noisy, draw.interval("alpha_L", 0, 1, closed="right")), "D_in": draw.integer("D_in", 1, 2)}


STRATA = {"one task": fix(tasks=1), "d = 2": fix(d=2), "noise in gradients only": fix(bent=0), "D_in = 1": fix(D_in=1)}


@instances(strata=STRATA)
def splines(draw: Any) -> dict[str, Any]:
    """Noisy splines."""
    return at_any_point(draw, noisy_splines(draw, 2, most_points=2))


@instances(strata=STRATA)
def quadratics(draw: Any) -> dict[str, Any]:
    """Noisy quadratics."""
    return at_any_point(draw, noisy_splines(draw, 2, most_points=2, quadratic=True))


section = partial(
    claim, PAPER, "Section 4.1 (III)", entry="claim-gk-biased", names={"s": r"\tilde\sigma", "D_in": r"D_{\mathrm{in}}"}
)
size = partial(section, left=r"\|\mathbb{E}[g_k|w_k]-\nabla F(w_k)\|")
mean = partial(section, Identity(), left=r"\mathbb{E}[g_k|w_k]")

WITNESS = {
    "tasks": 1, "d": 1, "pieces": 1, "points": 2, "p": [1], "start": [[-2]], "gaps": [[[4]]], "heights": [[[-1, 1]]],
    "slope": [[0]], "odds": [[1, 1]], "linear": [[[1], [-1]]], "bent": [[[1], [-1]]], "centre": [[0]], "width": [[1]],
    "alpha_L": 1, "w": [0], "D_in": 1,
}  # fmt: skip


def mean_of_g(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int, others: int | None = 1) -> Any:
    """E[g_k | w_k] with independent batches D_in, and D_o and D_h of one data point or, with the same mean, infinite."""
    data = enumerate_batches(noisy, D_in, others, others)
    inner, outer, hessian = data.shares
    found = maml_directions(data.tasks, data.repeat(w), data.repeat(alpha), inner=inner, outer=outer, hessian=hessian)
    return mean_direction(data.mean(found), noisy.weights)


@size(Existence(">"), on=splines, right=Integer(0), witness=WITNESS)
def some_bias(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """There are tasks on which the mean of the descent direction differs from the gradient of F."""
    return norm(mean_of_g(noisy, w, alpha, D_in) - meta_gradient(noisy.tasks, w, alpha))


@size(Inequality("<="), variant="size", on=splines, right=BOUND, rests_on=("fallah2020/lem-4.10-bias/given-rho",))
def bias(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """The bias is at most (1 + alpha L) times the bias of the gradient after the inner step."""
    return norm(mean_of_g(noisy, w, alpha, D_in, others=None) - meta_gradient(noisy.tasks, w, alpha))


def gradient_of_F(noisy: NoisyTasks, w: Any, alpha: Any) -> Any:
    """The gradient of F."""
    return meta_gradient(noisy.tasks, w, alpha)


@mean(variant="quadratics", on=quadratics, right=gradient_of_F)
def unbiased_on_quadratics(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """On quadratic losses, with any noise, the descent direction is unbiased."""
    return mean_of_g(noisy, w, alpha, D_in)


@mean(
    variant="quadratics-shared-data",
    on=quadratics,
    right=gradient_of_F,
    expect="refuted",
    reason="missing assumption",
    because="With D_h = D_o the noise of the Hessian and that of the gradient are correlated.",
    witness={**WITNESS, "heights": [[[1, 1]]]},
    corrected="unbiased_on_quadratics",
)
def unbiased_on_quadratics_with_shared_data(noisy: NoisyTasks, w: Any, alpha: Any, D_in: int) -> Any:
    """The same where D_o and D_h are one batch."""
    data = enumerate_batches(noisy, D_in, 1)
    inner, outer = data.shares
    found = maml_directions(data.tasks, data.repeat(w), data.repeat(alpha), inner=inner, outer=outer, hessian=outer)
    return mean_direction(data.mean(found), noisy.weights)
