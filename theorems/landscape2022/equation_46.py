"""How the proof of Theorem 2 splits NAL's error, before any probability enters.

Collins, Mokhtari, Shakkottai 2022, Appendix D.1, displays (46) to (48), (56), (60) and (64); the last two, (70) and (71),
are in equation_70. Checked on trained models: any tasks with covariances between beta and L and optima within B, any inputs
that determine a model, any noise. w^(T)* is the model of the T sampled tasks with infinitely many samples, w* that of the
environment. All hold; (56) is tight up to 1 - 1/T at beta = L, where one task stands against all others.

Known limits: at most 2 tasks (with one feature 12, or 129 of two kinds), d = 2, 2 samples; (49) to (55) only as their sum, (56).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import amin, eigvalsh, inv, namespace, norm, solve, spectral_norm
from impl.empirical_regression import labels_of, train_nal
from lakatos import Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.sampled_tasks import many_tasks, sampled_tasks, sampled_tasks_of_an_environment


def of_sampled_tasks(Lambda: Any, mean_labelled: Any) -> Any:
    """w_NAL^(T)*, ``(batch, d)``."""
    return solve(Lambda, mean_labelled[..., None])[..., 0]


def of_environment(environment: Any, environment_labelled: Any) -> Any:
    """w_NAL^*, ``(batch, d)``."""
    return solve(environment, environment_labelled[..., None])[..., 0]


def without_noise(inputs: Any, optima: Any, z: Any, Lambda: Any, mean_labelled: Any) -> Any:
    """The vartheta of (48): the error of the model trained on the same inputs without noise, ``(batch,)``."""
    return norm(train_nal(inputs, labels_of(inputs, optima, 0 * z)) - of_sampled_tasks(Lambda, mean_labelled))


def noise_part(inputs: Any, z: Any, C: Any) -> Any:
    """The second term of (47), ``(batch,)``."""
    total = namespace(z).einsum("btni,btn->bi", inputs, z) / (inputs.shape[1] * inputs.shape[2])
    return norm(solve(C, total[..., None])[..., 0])


def right_of_46(inputs, labels, Lambda, mean_labelled, environment, environment_labelled):
    """The two legs of (46)."""
    middle = of_sampled_tasks(Lambda, mean_labelled)
    return norm(train_nal(inputs, labels) - middle) + norm(middle - of_environment(environment, environment_labelled))


def right_of_47(inputs, optima, z, Lambda, mean_labelled, C):
    """The vartheta plus the noise term of (47)."""
    return without_noise(inputs, optima, z, Lambda, mean_labelled) + noise_part(inputs, z, C)


def right_of_56(L, beta, B, Sigma, gram, C):
    """||C^{-1}|| (2 L B / (T beta)) sum ||Z_i||."""
    deviations = namespace(L).sum(spectral_norm(Sigma - gram), axis=-1) / gram.shape[1]
    return spectral_norm(inv(C)) * 2 * L * B / beta * deviations


def right_of_60(gram):
    """The mean over tasks of the smallest eigenvalue of X_i^T X_i / n."""
    return namespace(gram).sum(amin(eigvalsh(gram), axis=-1), axis=-1) / gram.shape[1]


def right_of_64(inputs, z, C):
    """||C^{-1}|| (1/T) sum ||X_i^T z_i / n||."""
    xp = namespace(z)
    each = norm(xp.einsum("btni,btn->bti", inputs, z)) / inputs.shape[2]
    return spectral_norm(inv(C)) * xp.sum(each, axis=-1) / inputs.shape[1]


display = partial(claim, PAPER, entry="eq-46")
at_most = partial(display, kind=Inequality("<="))


@at_most(
    label="Equation (46)",
    variant="eq-46-printed",
    on=sampled_tasks_of_an_environment,
    right=right_of_46,
    left=r"\|w_{NAL}^{(T,n)} - w_{NAL}^*\|",
)
def error_of_training(inputs: Any, labels: Any, environment: Any, environment_labelled: Any) -> Any:
    """The error of the trained model is at most that against the sampled tasks plus that of the sampled tasks."""
    return norm(train_nal(inputs, labels) - of_environment(environment, environment_labelled))


@at_most(label="Equation (47)", variant="eq-47-printed", on=sampled_tasks, right=right_of_47, left=r"\theta")
def error_against_sampled_tasks(inputs: Any, labels: Any, Lambda: Any, mean_labelled: Any) -> Any:
    """The error against the sampled tasks is at most that without noise plus what noise adds."""
    return norm(train_nal(inputs, labels) - of_sampled_tasks(Lambda, mean_labelled))


@at_most(name="error_without_noise_of_many_tasks", label="Equation (56)", variant="eq-56-many-tasks", on=many_tasks,
         right=right_of_56, left=r"\vartheta")  # fmt: skip
@at_most(name="error_without_noise", label="Equation (56)", variant="eq-56-printed", on=sampled_tasks, right=right_of_56,
         left=r"\vartheta")  # fmt: skip
def error_without_noise_measured(inputs: Any, optima: Any, z: Any, Lambda: Any, mean_labelled: Any) -> Any:
    """The error without noise is at most ||C^{-1}|| (2 L B / beta) times the mean deviation of the sample covariances."""
    return without_noise(inputs, optima, z, Lambda, mean_labelled)


@display(kind=Inequality(">="), label="Equation (60)", variant="eq-60-printed", on=sampled_tasks, right=right_of_60,
         left=r"\lambda_{\min}(C)")  # fmt: skip
def smallest_curvature(C: Any) -> Any:
    """The smallest eigenvalue of the mean sample covariance is at least the mean of the smallest ones."""
    return amin(eigvalsh(C), axis=-1)


@at_most(label="Equation (64)", variant="eq-64-printed", on=sampled_tasks, right=right_of_64,
         left=r"\|C^{-1} (1/(Tn)) \sum X_i^\top z_i\|")  # fmt: skip
def error_from_noise(inputs: Any, z: Any, C: Any) -> Any:
    """What noise adds is at most ||C^{-1}|| times the mean over tasks of ||X_i^T z_i|| / n."""
    return noise_part(inputs, z, C)
