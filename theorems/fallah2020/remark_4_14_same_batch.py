"""With D_test = D_in MAML descends along the gradient of F^, up to what its separate Hessian batch costs.

Fallah, Mokhtari, Ozdaglar 2020, Remark 4.14: "the order of norm of gradient for both F and F^ would be similar for all the results". The
mean direction of MAML with inner batches D of D_in points is E_i E_D (I - alpha H_i) grad f_i(w - alpha g~_i(w, D)), and the gradient of
F^ with D_test = D_in has H~_i(w, D), on the same batch, in place of H_i, the mean over a batch of its own: the two differ by
alpha E (H~_i - H_i)(grad f_i(w - alpha g~_i) - grad f_i(w - alpha g_i)), so by alpha^2 L sigma_H sigma~ / D_in at most, the second term of
Theorem 4.11 alone, for every alpha. Where data move gradients only they are equal: MAML with a finite inner batch is then stochastic
gradient descent on F^, without a bias.

Checked by enumerating the inner batch, the outer and the Hessian batch being infinite, since the direction is linear in both.

Known limits: two data points; one or two tasks; batches of one and two.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from sympy import symbols

from exactarray import norm
from impl.noisy_tasks import NoisyTasks
from impl.stochastic_maml import adapted_gradient, mean_direction
from impl.stochastic_maml_runs import expected_directions
from lakatos import Identity, Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.noisy_points import noisy_points

L, alpha, s, s_H, D_test = symbols("L alpha s s_H D_test", nonnegative=True)
SECOND_TERM = alpha**2 * L * s_H * s / D_test


def gradients_only(values: dict[str, Any]) -> dict[str, Any]:
    """The same without noise in Hessians."""
    noisy = values["noisy"]
    return {**values, "noisy": replace(noisy, noise=replace(noisy.noise, bent=0 * noisy.noise.bent))}


points = noisy_points(points=2, longest=3, D_test=2)
points_without_hessian_noise = noisy_points(tasks=2, points=2, longest=3, D_test=2, finish=gradients_only)

remark = partial(
    claim, PAPER, "Remark 4.14", entry="rem-4.14",
    names={"s": r"\tilde\sigma", "s_H": r"\sigma_H", "D_test": r"D_{\mathrm{test}}"},
)  # fmt: skip


def direction_of_maml(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """The mean direction of MAML with D_in = D_test."""
    return mean_direction(expected_directions("maml", noisy, w, alpha, D_test), noisy.weights)


@remark(
    Inequality("<="), variant="direction-of-MAML", on=points, right=SECOND_TERM,
    left=r"\|\mathbb{E}g_k-\nabla\hat F(w)\|",
)  # fmt: skip
def maml_follows_the_gradient_with_a_batch(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """The mean direction of MAML differs from grad F^ by the second term of Theorem 4.11 at most."""
    return norm(direction_of_maml(noisy, w, alpha, D_test) - adapted_gradient(noisy, w, alpha, D_test))


@remark(
    Identity(), variant="direction-of-MAML-without-Hessian-noise", on=points_without_hessian_noise, right=direction_of_maml,
    left=r"\nabla\hat F(w)",
)  # fmt: skip
def maml_is_unbiased_for_the_objective_with_a_batch(noisy: NoisyTasks, w: Any, alpha: Any, D_test: int) -> Any:
    """Where data move gradients only, MAML's mean direction is grad F^."""
    return adapted_gradient(noisy, w, alpha, D_test)
