"""The model that MAML learns from finite training sets, in closed form.

Collins, Mokhtari, Shakkottai 2022, Appendix D, (42) and (43). Checked by minimising problem (4) exactly, through its SGD
steps, on any inputs, optima and label noise that determine a model.

(43) is right. (42), the objective that (43) is said to minimise, is not problem (4): the error of the adapted model is
P (w - w_i) + (alpha/n_2) X_in^T z_in, so that the inner noise enters with the opposite sign (Gaussian noise does not care,
but then (43) is not the minimiser of (42)). With the sample loss that Section 3 prints, without 1/m, (43) fails as soon as
n_2 > 1.

Known limits: at most 2 tasks, 2 episodes, 2 samples, d = 2; steps that keep every P_ij definite, and in d = 1 longer ones.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace, solve
from impl.empirical_regression import (
    Episodes,
    maml_training_loss,
    preconditioned_covariance,
    preconditioner,
    stationary_point,
    train_maml,
)
from lakatos import Identity, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.equation_41 import over_tasks
from theorems.landscape2022.training_sets import episodes, long_steps


def display_43(data: Episodes, alpha: Any, optima: Any, z_out: Any, z_in: Any, n_2: int) -> Any:
    """The right side of (43), ``(batch, d)``."""
    P, X, X_in = preconditioner(data.inner_inputs, alpha), data.outer_inputs, data.inner_inputs
    Q = preconditioned_covariance(data, alpha)
    rate = (alpha / n_2)[:, None, None, None, None]
    right = Q @ optima[:, :, None, :, None] + P @ X.mT @ z_out[..., None] - rate * (P @ X.mT @ X @ X_in.mT @ z_in[..., None])
    return solve(over_tasks(over_tasks(Q)), over_tasks(over_tasks(right)))[..., 0]


def residuals_of_42(w: Any, data: Episodes, alpha: Any, optima: Any, z_out: Any, z_in: Any, sign: int) -> Any:
    """The vector in the norm of (42), ``(batch, T, tau, n_1)``; printed with ``sign = -1`` before the inner noise."""
    P, X, X_in = preconditioner(data.inner_inputs, alpha), data.outer_inputs, data.inner_inputs
    displaced = (w[:, None, :] - optima)[:, :, None, :, None]
    rate = (alpha / X_in.shape[-2])[:, None, None, None]
    return (X @ P @ displaced)[..., 0] - z_out + sign * rate * (X @ X_in.mT @ z_in[..., None])[..., 0]


def display_42(w: Any, data: Episodes, alpha: Any, optima: Any, z_out: Any, z_in: Any) -> Any:
    """The objective of (42), ``(batch,)``."""
    return _mean_square(residuals_of_42(w, data, alpha, optima, z_out, z_in, -1))


def display_42_corrected(w: Any, data: Episodes, alpha: Any, optima: Any, z_out: Any, z_in: Any) -> Any:
    """The objective of (42) with a plus sign before the inner noise, ``(batch,)``."""
    return _mean_square(residuals_of_42(w, data, alpha, optima, z_out, z_in, 1))


def minimiser_of_42(data: Episodes, alpha: Any, optima: Any, z_out: Any, z_in: Any) -> Any:
    """The minimiser of (42) as printed, from its gradient, ``(batch, d)``."""
    rows = data.outer_inputs @ preconditioner(data.inner_inputs, alpha)

    def gradient(w: Any) -> Any:
        r = residuals_of_42(w, data, alpha, optima, z_out, z_in, -1)
        return namespace(r).einsum("btjni,btjn->bi", rows, r)

    return stationary_point(gradient, 0 * optima[:, 0])


def _mean_square(residuals: Any) -> Any:
    count = residuals.shape[1] * residuals.shape[2]
    return namespace(residuals).sum((residuals * residuals).reshape(residuals.shape[0], -1), axis=-1) / count


exact = partial(claim, PAPER, kind=Identity(), entry="eq-41")
ONE = dict(d=1, tasks=1, tau=1, n_1=1, n_2=1, outer_lower=[[0]], outer_diagonal=[1], outer_rotation=[[0]],
           inner=[[[[1]]]], alpha_share="1/2", optima=[[0]], noise=1, z_out=[[[0]]], z_in=[[[1]]], w=[0])  # fmt: skip


@exact(name="maml_solution_after_long_steps", label="Equation (43)", variant="maml-long-steps", on=long_steps,
       right=display_43, left="w_{MAML}")  # fmt: skip
@exact(name="maml_training_solution", label="Equation (43)", variant="maml-printed", on=episodes, right=display_43,
       left="w_{MAML}")  # fmt: skip
@exact(
    name="maml_solution_minimises_42", label="Equation (42)", variant="maml-minimiser-of-42", on=episodes,
    right=minimiser_of_42, left="w_{MAML}", expect="refuted", reason="misprint",
    because="(42) subtracts the inner noise that the SGD step adds; its minimiser is (43) with the sign of z^in reversed.",
    witness=ONE, corrected="maml_training_solution",
)  # fmt: skip
def maml_training_solution_measured(data: Episodes, alpha: Any) -> Any:
    """MAML's trained model, the minimiser of problem (4)."""
    return train_maml(data, alpha)


@exact(
    label="Equation (43)", variant="maml-loss-of-section-3", on=episodes, right=display_43, left="w_{MAML}",
    expect="refuted", reason="misprint",
    because="The sample loss of Section 3 lacks 1/m: its step is n_2 times as long, and (43) divides by n_2.",
    witness={**ONE, "n_2": 2, "inner": [[[[1], [0]]]], "z_in": [[[1, 0]]]}, corrected="maml_training_solution",
)  # fmt: skip
def maml_training_solution_with_summed_loss(data: Episodes, alpha: Any) -> Any:
    """(43) for the sample loss as Section 3 prints it, ||X w - y||^2 / 2."""
    return train_maml(data, alpha, loss="sum")


@exact(name="maml_objective_with_a_plus_sign", label="Equation (42)", variant="maml-objective-corrected", on=episodes,
       right=display_42_corrected, left="2 n_1 F^{tr}_{MAML}(w)")  # fmt: skip
@exact(
    name="maml_objective", label="Equation (42)", variant="maml-objective-printed", on=episodes, right=display_42,
    left="2 n_1 F^{tr}_{MAML}(w)", expect="refuted", reason="misprint",
    because="The adapted model is off by P (w - w_i) + (alpha/n_2) X_in^T z_in: (42) has a minus sign before the inner noise.",
    witness={**ONE, "z_out": [[[1]]]}, corrected="maml_objective_with_a_plus_sign",
)  # fmt: skip
def maml_objective_measured(w: Any, data: Episodes, alpha: Any, n_1: int) -> Any:
    """(42) is the objective of problem (4) at every model, up to the factor 2 n_1 that moves no minimiser."""
    return 2 * n_1 * maml_training_loss(w, data, alpha)
