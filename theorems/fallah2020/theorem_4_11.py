"""Adapting with the exact gradient or with a batch of data: the two objectives have nearly the same gradient.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.11, equation (22): for alpha in (0, 1/L] and every w,
||grad F^(w) - grad F(w)|| <= 2 alpha L sigma~ / sqrt(D_test) + alpha^2 L sigma_H sigma~ / D_test, where F^ (3) adapts with a batch of
D_test data points and F (2) with the exact gradient.

Checked with the exact gradient of F^, every batch enumerated; its Hessian and its gradient noise come from the same batch. The
matrix norm of (14) is the spectral one, the smaller reading of sigma_H; the bound holds with it although the spectral variance of
a mean of D matrices can exceed sigma_H^2 / D, because only a fixed direction of the error counts.

Sharper bounds stand beside the printed one. The difference is E_i E_D (I - alpha H~) (grad f_i(w - alpha g~) - grad f_i(w - alpha g)),
and Cauchy-Schwarz on both factors at once gives alpha L sigma~ / sqrt(D) times sqrt((1 + alpha L)^2 + alpha^2 sigma_H^2 / D): a root of
squares in place of a sum, for every alpha. For a given rho the difference falls like 1 / D_test, since the first factor alone has a
mean of at most rho alpha^2 sigma~^2 / (2 D). Both are approached.

Known limits: at most 2 tasks (one in the sharper bounds), 2 parameters, 4 data points and batches of 3; approached by one task on a line.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Min, sqrt, symbols

from exactarray import norm
from impl.maml import meta_gradient
from impl.noisy_tasks import NoisyTasks
from impl.stochastic_maml import adapted_gradient
from lakatos import Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.noisy_points import noisy_points
from theorems.fallah2020.opposed_noise import affine_hessians, and_opposed, kinks

L, rho, alpha, s, s_H, D_test, n = symbols("L rho alpha s s_H D_test n", nonnegative=True)
BOUND = 2 * alpha * L * s / sqrt(D_test) + alpha**2 * L * s_H * s / D_test
BEST = alpha * L * s / sqrt(D_test) * sqrt((1 + alpha * L) ** 2 + alpha**2 * s_H**2 / D_test)
GIVEN_RHO = (
    Min((1 + alpha * L) * alpha * L * s / sqrt(D_test), (1 + alpha * L) * rho * alpha**2 * s**2 / (2 * D_test))
    + alpha**2 * L * s_H * s / D_test
)

points, long_steps = and_opposed(noisy_points(tasks=2, D_test=2)), and_opposed(noisy_points(longest=3, D_test=2), longest=3)


theorem = partial(
    claim,
    PAPER,
    "Theorem 4.11",
    entry="thm-4.11-Fhat",
    left=r"\|\nabla\hat F(w)-\nabla F(w)\|",
    rests_on=("fallah2020/lem-4.10-bias/printed",),
    names={"s": r"\tilde\sigma", "s_H": r"\sigma_H", "D_test": r"D_{\mathrm{test}}"},
)


@theorem(Inequality("<="), on=points, right=BOUND)
def gradients_differ_by(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """The gradients of both objectives differ by at most the printed sum of two terms."""
    return norm(adapted_gradient(noisy, w, alpha, D_test) - meta_gradient(noisy.tasks, w, alpha))


@theorem(Inequality("<="), variant="root-of-squares", on=long_steps, right=BEST)
def gradients_differ_by_a_root_of_squares(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """The two terms enter as a root of squares, with (1 + alpha L) in place of 2; for steps up to 3/L."""
    return gradients_differ_by(noisy, w, alpha, D_test)


@theorem(Inequality(">="), variant="root-of-squares-approached", on=kinks, right=(1 - 1 / (2 * n)) * BEST)
def kinks_approach_the_root_of_squares(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """For one data point a batch, any alpha <= 1/L, L, sigma~ and sigma_H there are tasks within the share 1/(2 n) of it."""
    return gradients_differ_by(noisy, w, alpha, D_test)


@theorem(Inequality("<="), variant="given-rho", on=long_steps, right=GIVEN_RHO)
def gradients_differ_by_given_rho(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """With a rho-Lipschitz Hessian the difference falls like 1 / D_test; for steps up to 3/L."""
    return gradients_differ_by(noisy, w, alpha, D_test)


@theorem(Inequality(">="), variant="given-rho-approached", on=affine_hessians, right=(1 - 3 / (4 * n + 1)) * GIVEN_RHO)
def affine_hessians_approach_the_bound_given_rho(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """For every batch size there are tasks within the share 3/(4 n + 1) of the bound."""
    return gradients_differ_by(noisy, w, alpha, D_test)
