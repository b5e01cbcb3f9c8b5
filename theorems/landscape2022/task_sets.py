"""Task sets for linear regression in general (Section 3).

A set has two or three tasks (one, where that says anything) of any probabilities, in one or two dimensions. Covariances are
A A^T with a rational triangular A, all but the first possibly singular. Step sizes are fractions of 1 / Lambda, where Lambda is
the largest variance of an input coordinate: for diagonal covariances the smoothness L.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from exactarray import amax, array_like, eye, namespace
from impl.meta_regression import RegressionTasks
from lakatos import fix, instances, when
from theorems.landscape2022.task_averages import Q, averages, mean_trace, stacked


def number_of_samples(draw: Any, name: str) -> Any:
    """A number of samples from 1 to 10^6, ``(batch,)``, by its inverse, which alone enters; it need not be whole."""
    return 1 / draw.interval(f"one_over_{name}", 1e-6, 1)


def drawn(
    draw: Any, counts: Sequence[int] = (2, 3), *, d: int | None = None, least_deviation: float = 0.125, least_noise: float = 0
) -> dict[str, Any]:
    """A task set with everything free, but that the second optimum differs from the first, so that no risk vanishes."""
    count = draw.option("tasks_", counts)
    d = draw.integer("d", 1, 2) if d is None else d
    first, others = draw.interval("deviation", least_deviation, 2, 1, d), draw.interval("other_deviations", 0, 4, count - 1, d)
    xp, unit = namespace(first), draw.positive("unit")[:, None, None]
    deviations = unit * xp.concat([first, others], axis=1)
    roots = deviations[..., None] * eye(d, deviations)
    if d > 1:
        below = array_like([[0, 0], [1, 0]], deviations)
        roots = roots + (unit * draw.interval("mixing", -2, 2, count, 1))[..., None] * below
    optima = draw.real("optima", max(count - 1, 1), 1, d)
    if count > 1:
        second = optima[:, :1] + draw.positive("apart", 1, 1, d)
        optima = xp.concat([optima[:, :1], second, optima[:, 1:]], axis=1)
    largest = amax(amax(xp.sum(roots * roots, axis=-1), axis=-1), axis=-1)
    alpha = draw.interval("alpha_Lambda", 0, 4) / xp.where(largest > 0, largest, xp.ones_like(largest))
    # Noise far above the labels themselves would only drown the risks in rounding.
    sigma = draw.interval("noise", least_noise, 1) * unit[:, 0, 0] * xp.sum(abs(optima[:, :, 0]), axis=(1, 2))
    return dict(tasks=RegressionTasks(optima, roots, draw.simplex("p", count), sigma), alpha=alpha, sigma=sigma)


SPECIAL = {
    "no noise": fix(noise=0),
    "three tasks": fix(tasks_=3),
    "alpha = 0": fix(alpha_Lambda=0),
    "alpha = 1/Lambda": fix(alpha_Lambda=1),
    "a task without data": fix(tasks_=2, d=1, other_deviations=[[0]]),
    "full covariances": fix(d=2),
}


@instances(strata={**SPECIAL, "n_2 < m": when(lambda n_2, m: n_2 < m), "n_2 > m": when(lambda n_2, m: n_2 > m)})
def task_sets(draw):
    """Any task set, adapted on n_2 samples in training and on m samples in test."""
    n_2, m = number_of_samples(draw, "n_2"), number_of_samples(draw, "m")
    made = drawn(draw)
    tasks = made["tasks"]
    Q_n, Q_m = Q(tasks.covariances, made["alpha"], n_2, m)
    return {
        **made,
        "n_2": n_2,
        "m": m,
        **averages(tasks, "Sigma", tasks.covariances),
        **averages(tasks, "Q_n", Q_n),
        **averages(tasks, "Q_m", Q_m),
        **stacked(tasks, Q_m),
    }


@instances(strata={"a task without data": fix(tasks_=2, d=1, other_deviations=[[0]]), "alpha = 1/Lambda": fix(alpha_Lambda=1)})
def directed_sets(draw):
    """Any task set with data in every direction, adapted on n_2 samples, and a direction."""
    made = drawn(draw, (1, 2, 3))
    return {**made, "n_2": number_of_samples(draw, "n_2"), "direction": draw.unit("direction", made["tasks"].roots.shape[-1])}


@instances(strata={"alpha = 0": fix(alpha_Lambda=0), "alpha = 1/Lambda": fix(alpha_Lambda=1)})
def trained_as_tested(draw):
    """Any task set, adapted on as many samples in training as in test."""
    return dict(drawn(draw), m=number_of_samples(draw, "m"))


@instances(strata={"alpha = 1/Lambda": fix(alpha_Lambda=1)})
def trained_as_tested_and_models(draw):
    """The same, and any model."""
    made = drawn(draw)
    d = made["tasks"].roots.shape[-1]
    return dict(made, m=number_of_samples(draw, "m"), model=draw.real("model", d)[..., None])


def _tested(draw: Any, made: dict[str, Any]) -> dict[str, Any]:
    tasks, m = made["tasks"], number_of_samples(draw, "m")
    (Q_m,) = Q(tasks.covariances, made["alpha"], m)
    return {**made, "m": m, **averages(tasks, "Q_m", Q_m), **stacked(tasks, Q_m), "E_trace": mean_trace(tasks)}


@instances(strata=SPECIAL)
def tested_sets(draw):
    """Any task set, adapted on m samples."""
    return _tested(draw, drawn(draw))


@instances(strata=SPECIAL)
def tested_models(draw):
    """Any task set, adapted on m samples from any model."""
    made = _tested(draw, drawn(draw))
    return {**made, "model": draw.real("model", made["tasks"].roots.shape[-1])[..., None]}


@instances(strata={"three tasks": fix(tasks_=3), "a task without data": fix(tasks_=2, d=1, other_deviations=[[0]])})
def agreeing_tasks(draw):
    """Tasks with different inputs and one common optimum, adapted on m samples."""
    made = drawn(draw, least_noise=0.0625)
    agreeing = replace(made["tasks"], optima=made["tasks"].optima[:, :1] + 0 * made["tasks"].optima)
    return _tested(draw, dict(made, tasks=agreeing))


@instances(strata={"alpha = 0": fix(alpha_Lambda=0)})
def single_tasks(draw):
    """One task, adapted on m samples."""
    return _tested(draw, drawn(draw, (1,), least_noise=0.0625))


@instances()
def maybe_no_data(draw):
    """Task sets in one dimension whose tasks may all lack data."""
    made = drawn(draw, least_deviation=0, d=1)
    return {**made, "direction": draw.unit("direction", 1)}


@instances(strata={"m = 2": fix(m=2), "d = 2": fix(d=2), "alpha = 0": fix(alpha_Lambda=0)})
def few_samples(draw):
    """Any task set and so few samples that the step can be run on every data set of an exact rule."""
    m = draw.integer("m", 1, 2)
    return _enumerated(draw, m, draw.integer("d", 1, 3 - m))


@instances(strata={"m = 2": fix(m=2), "alpha = 0": fix(alpha_Lambda=0)})
def few_samples_on_a_line(draw):
    """The same in one dimension, where a minimiser takes only three values of the loss."""
    return _enumerated(draw, draw.integer("m", 1, 2), 1, (2,))


@instances(strata={"m = 2": fix(m=2), "d = 2": fix(d=2), "alpha = 0": fix(alpha_Lambda=0)})
def few_samples_of_one_task(draw):
    """A single task and so few samples."""
    m = draw.integer("m", 1, 2)
    return _enumerated(draw, m, draw.integer("d", 1, 3 - m), (1,))


def _enumerated(draw: Any, m: int, d: int, counts: Sequence[int] = (1, 2)) -> dict[str, Any]:
    made = drawn(draw, counts, d=d)
    tasks, alpha = made["tasks"], made["alpha"]
    (Q_m,) = Q(tasks.covariances, alpha, m)
    start = draw.real("start", tasks.roots.shape[-1])
    return {**made, "start": start, "model": start[..., None], **averages(tasks, "Q_m", Q_m), **stacked(tasks, Q_m),
            "E_trace": mean_trace(tasks)}  # fmt: skip
