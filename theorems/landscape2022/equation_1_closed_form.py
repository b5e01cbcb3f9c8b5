r"""The loss after one SGD step in closed form: the five lines of the chain that starts with definition (1).

Collins, Mokhtari, Shakkottai 2022, Appendix A.1, before (16): with P_i = I - (alpha/m) X^T X,
F_m(w) = 1/2 E_i [ E_X ||P_i (w - w_i^*)||^2_{Sigma_i} + sigma^2 + (alpha^2 sigma^2 / m) tr(Sigma_i^2) ].
Checked by enumerating the data sets of an exact rule and, where a line still averages over the test sample, that sample as
well; the first line runs the SGD step. E_X ||P_i v||^2_{Sigma_i} is written with Q_i^(m), which equation_5 checks.

All lines hold for the sample loss of Section 2, a mean over samples. Section 3 prints ||X w - y||^2 / 2 without 1/m, and for
that loss the chain fails once m > 1. The second line has +z for -z, which no expectation notices.

Known limits: two tasks and m (d + 1) at most 4; the lines one by one for a single task, since all of them average over tasks.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import array_like, eye, namespace
from impl.meta_regression import RegressionTasks, adapt, data_sets, loss_after_step_by_enumeration
from lakatos import Identity, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.task_averages import NAMES, E_trace, Q_m, alpha, every, m, model, norm_squared, sigma, w
from theorems.landscape2022.task_sets import few_samples, few_samples_of_one_task

CLOSED = (norm_squared(every * model - w, Q_m) + sigma**2 + alpha**2 * sigma**2 / m * E_trace) / 2

chain = partial(claim, PAPER, "Appendix A.1, F_m", Identity(), entry="eq-1-closed", on=few_samples, names=NAMES,
                left="F_m(w)", right=CLOSED)  # fmt: skip


@chain(variant="printed")
def loss_after_the_step(tasks: RegressionTasks, start: Any, alpha: Any, m: int) -> Any:
    """The population loss of the model that one SGD step makes, averaged over tasks and data sets."""
    return loss_after_step_by_enumeration(tasks, start, alpha, m)


@chain(
    variant="loss-of-section-3",
    on=few_samples_of_one_task,
    expect="refuted",
    reason="misprint",
    because="Section 3 prints the sample loss without 1/m; its gradient is m times as large as the chain's.",
    witness=dict(m=2, d=1, tasks_=1, unit=1, deviation=[[1]], other_deviations=[], optima=[[[0]]], start=[1], p=[1],
                 alpha_Lambda=1, noise=0),
    corrected="loss_after_the_step",
)  # fmt: skip
def loss_after_the_step_on_a_sum(tasks: RegressionTasks, start: Any, alpha: Any, m: int) -> Any:
    """The same with the sample loss as Section 3 prints it, a sum over samples."""
    return loss_after_step_by_enumeration(tasks, start, alpha, m, "sum")


def _test_samples(tasks: RegressionTasks) -> tuple[Any, Any]:
    # 0 and +-e_k with weights 1 - n and 1/2 have the moments of a Gaussian to degree three; a square needs two.
    d, roots = tasks.roots.shape[-1], tasks.roots
    axes = eye(d + 1, roots)
    points = namespace(roots).concat([0 * axes[:1], axes, -axes], axis=0)
    x = points[:, :d] @ roots.mT
    z = tasks.noise[:, None] * points[:, d]
    return x[:, :, None, None], z[:, None, None, None, :]


def _average(tasks: RegressionTasks, values: Any, weights: Any) -> Any:
    # values: (batch, clouds, tasks, data sets, test samples)
    xp, d = namespace(values), tasks.roots.shape[-1]
    over = array_like([-d] + [1] * (values.shape[-1] - 1), values)
    over = xp.concat([over[:1], over[1:] / 2], axis=0)
    return tasks.over_tasks(xp.sum(xp.sum(values * over, axis=-1) * weights, axis=-1)) / 2


line = partial(chain, on=few_samples_of_one_task)


@line(variant="line-1")
def squared_prediction_errors(tasks: RegressionTasks, start: Any, alpha: Any, m: int) -> Any:
    """First line: the squared error of the adapted model's prediction on a test sample, over data sets and test samples."""
    xp, (x, z) = namespace(start), _test_samples(tasks)
    inputs, noise, weights = data_sets(tasks, m)
    optima = tasks.optima[:, :, :, None]
    adapted = adapt(start, inputs, xp.sum(inputs * optima[..., None, :], axis=-1) + noise, alpha)
    labels = xp.sum(x * optima[..., None, :], axis=-1) + z
    return _average(tasks, (xp.sum(x * adapted[..., None, :], axis=-1) - labels) ** 2, weights)


def _parts(tasks: RegressionTasks, start: Any, alpha: Any, m: int) -> tuple[Any, Any, Any, Any]:
    # <x, P (w - w_i)>, z, (alpha/m) x^T X^T z_hat on every data set and test sample, and the weights of the data sets
    xp, (x, z), (inputs, noise, weights) = namespace(start), _test_samples(tasks), data_sets(tasks, m)
    step = alpha[:, None, None, None, None] / m
    v = (start[:, None, None] - tasks.optima)[:, :, :, None]
    shrunk = v - step * xp.sum(inputs * xp.sum(inputs * v[..., None, :], axis=-1)[..., None], axis=-2)
    spread = step * xp.sum(inputs * noise[..., None], axis=-2)
    return xp.sum(x * shrunk[..., None, :], axis=-1), z, xp.sum(x * spread[..., None, :], axis=-1), weights


@line(variant="lines-2-to-4")
def lines_with_split_errors(tasks: RegressionTasks, start: Any, alpha: Any, m: int) -> Any:
    """The lines that split the error into signal s = <x, P (w - w_i)>, test noise z and spread e = (alpha/m) x^T X^T z_hat.

    They average (s + (z + e))^2, then s^2 + (z + e)^2, then s^2 + sigma^2 + e^2.
    """
    signal, z, spread, weights = _parts(tasks, start, alpha, m)
    sigma = tasks.noise[:, None, None, None, None]
    lines = [(signal + (z + spread)) ** 2, signal**2 + (z + spread) ** 2, signal**2 + sigma**2 + spread**2]
    return namespace(start).stack([_average(tasks, line, weights) for line in lines], axis=-1)
