"""How far the sampled tasks alone move the model of NAL: two deviations of means from expectations.

Collins, Mokhtari, Shakkottai 2022, Appendix D.1, (69) to (71). Checked on any tasks with covariances between beta and L and
optima within B. All hold as bounds and are tight; beta must bound the sampled tasks and the environment alike. The last step to (70)
is printed with "=" for "<=": beta and L B replace what they bound.

Known limits: at most 2 sampled tasks and 2 in the environment, d = 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import inv, norm, spectral_norm
from lakatos import Identity, Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.equation_46 import of_environment, of_sampled_tasks
from theorems.landscape2022.sampled_tasks import sampled_laws


def right_of_70(L, beta, B, Lambda, mean_labelled, environment, environment_labelled):
    """||mean of Sigma_i w_i - its expectation|| / beta + L B ||Lambda^{-1} - E[Sigma_i]^{-1}||."""
    labelled = norm(mean_labelled - environment_labelled)
    return labelled / beta + L * B * spectral_norm(inv(Lambda) - inv(environment))


def norms_of_69(Lambda, mean_labelled, environment, environment_labelled):
    """||Lambda^{-1}|| ||mean of Sigma_i w_i - its expectation|| + ||Lambda^{-1} - E[Sigma_i]^{-1}|| ||E[Sigma_i w_i]||."""
    inverse, labelled = inv(Lambda), norm(mean_labelled - environment_labelled)
    return spectral_norm(inverse) * labelled + spectral_norm(inverse - inv(environment)) * norm(environment_labelled)


def right_of_71(beta, Lambda, environment):
    """||mean of Sigma_i - its expectation|| / beta^2."""
    return spectral_norm(Lambda - environment) / beta**2


at_most = partial(claim, PAPER, kind=Inequality("<="), entry="eq-46", on=sampled_laws)


@at_most(label="Equation (69)", name="error_by_norms_of_deviations", variant="eq-69-printed", right=norms_of_69,
         left=r"\|w_{NAL}^{(T)*} - w_{NAL}^*\|")  # fmt: skip
@at_most(
    label="Equation (70)",
    name="error_of_sampled_tasks",
    variant="eq-70-printed",
    right=right_of_70,
    left=r"\|w_{NAL}^{(T)*} - w_{NAL}^*\|",
)
def error_of_sampled_tasks_measured(Lambda: Any, mean_labelled: Any, environment: Any, environment_labelled: Any) -> Any:
    """The model of the sampled tasks is off by at most two deviations of means from expectations."""
    return norm(of_sampled_tasks(Lambda, mean_labelled) - of_environment(environment, environment_labelled))


@at_most(
    label="Equation (71)",
    variant="eq-71-printed",
    right=right_of_71,
    left=r"\|\Lambda^{-1} - E[\Sigma_i]^{-1}\|",
)
def deviation_of_inverse(Lambda: Any, environment: Any) -> Any:
    """The inverse of a mean covariance is off by at most the deviation of the mean over beta squared."""
    return spectral_norm(inv(Lambda) - inv(environment))


@claim(
    PAPER, "Equation (70)", Identity(), entry="eq-46", variant="eq-70-equality", on=sampled_laws, right=right_of_70,
    left=r"\|\Lambda^{-1}\| \|\cdot\| + \|\Lambda^{-1} - E[\Sigma_i]^{-1}\| \|E[\Sigma_i w_i]\|", expect="refuted",
    reason="misprint", corrected="error_of_sampled_tasks",
    because="1 / beta and L B bound the norms that they replace: with one task of covariance 1 and optimum -1, and beta = 1/2, "
    "L = B = 1 beside an environment of covariance 1/2 and optimum 0, (69) is 1 and (70) is 3.",
    witness=dict(d=1, tasks=1, L=1, beta_share="1/2", task_axis=[[0]], task_spectrum=[[1]], other_axis=[[0], [0]],
                 other_spectrum=[[0], [0]], optima=[[-1]], other_optima=[[0], [0]], weights=[1, 1]),
)  # fmt: skip
def right_of_69(Lambda: Any, mean_labelled: Any, environment: Any, environment_labelled: Any) -> Any:
    """The right side of (69) equals that of (70), which puts 1 / beta for a norm of an inverse and L B for that of a mean."""
    return norms_of_69(Lambda, mean_labelled, environment, environment_labelled)
