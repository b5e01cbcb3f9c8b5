"""Task sets for linear regression in general (Section 3), and the averages over them that its formulas are made of.

A set has two or three tasks (one, where that says anything) of any probabilities, in one or two dimensions. Covariances are
A A^T with a rational triangular A, all but the first possibly singular. Step sizes are fractions of 1 / Lambda, where Lambda is
the largest variance of an input coordinate: for diagonal covariances the smoothness L.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import MatrixSymbol, Trace, symbols

from exactarray import amax, array_like, eye, namespace
from impl.meta_regression import RegressionTasks, loss_after_step, maml_solution, noise_floor
from lakatos import fix, instances, when

d, tasks_, m, alpha, sigma, E_trace = symbols("d tasks_ m alpha sigma E_trace", nonnegative=True)
E_Sigma, E_Q_n, E_Q_m = (MatrixSymbol(f"E_{name}", d, d) for name in ("Sigma", "Q_n", "Q_m"))
E_Sigma_w, E_Q_n_w, E_Q_m_w = (MatrixSymbol(f"E_{name}_w", d, 1) for name in ("Sigma", "Q_n", "Q_m"))
# One row of blocks per task: the optima, the weights p_i Q_i on the diagonal, and the map that gives a model to every task.
w = MatrixSymbol("w", d * tasks_, 1)
Q_m = MatrixSymbol("Q_m", d * tasks_, d * tasks_)
every = MatrixSymbol("every", d * tasks_, d)
model = MatrixSymbol("model", d, 1)
NAMES = {
    "E_Sigma": r"\mathbb{E}_i[\Sigma_i]",
    "E_Sigma_w": r"\mathbb{E}_i[\Sigma_i w_i^*]",
    "E_Q_n": r"\mathbb{E}_i[Q_i^{(n_2)}]",
    "E_Q_n_w": r"\mathbb{E}_i[Q_i^{(n_2)} w_i^*]",
    "E_Q_m": r"\mathbb{E}_i[Q_i^{(m)}]",
    "E_Q_m_w": r"\mathbb{E}_i[Q_i^{(m)} w_i^*]",
    "w": r"(w_i^*)_i",
    "Q_m": r"(p_i Q_i^{(m)})_i",
    "every": r"(I)_i",
    "model": "w",
    "E_trace": r"\mathbb{E}_i[\mathrm{tr}(\Sigma_i^2)]",
}


def number_of_samples(draw: Any, name: str) -> Any:
    """A number of samples from 1 to 10^6, ``(batch,)``, by its inverse, which alone enters; it need not be whole."""
    return 1 / draw.interval(f"one_over_{name}", 1e-6, 1)


def norm_squared(v: Any, M: Any) -> Any:
    """``||v||_M^2``, as a scalar formula."""
    return Trace(v.T * M * v)


def Q(covariances: Any, alpha: Any, *samples: Any) -> list[Any]:
    """``Q_i^(s)`` as printed after (5), ``(batch, tasks, d, d)``, for each number of samples."""
    step, square = alpha[:, None, None, None], covariances @ covariances
    shrunk = eye(covariances.shape[-1], covariances) - step * covariances
    trace = namespace(square).einsum("btkk->bt", square)[..., None, None]
    mean, spread = shrunk @ covariances @ shrunk, step * step * (trace * covariances + square @ covariances)
    return [mean + spread / (s[:, None, None, None] if hasattr(s, "ndim") else s) for s in samples]


def averages(tasks: RegressionTasks, name: str, matrices: Any) -> dict[str, Any]:
    """``E_i[M_i]`` and ``E_i[M_i w_i]`` for one matrix per task, by name."""
    xp = namespace(matrices)
    each = tasks.weights[..., None, None] * matrices
    return {
        f"E_{name}": xp.sum(each, axis=1),
        f"E_{name}_w": xp.einsum("btij,btj->bi", each, tasks.optima[:, :, 0])[..., None],
    }


def stacked(tasks: RegressionTasks, matrices: Any) -> dict[str, Any]:
    """The blocks of all tasks below each other, under the names of the formulas."""
    batch, count, _, d = tasks.optima.shape
    like = tasks.optima
    each = tasks.weights[..., None, None] * matrices
    blocks = eye(count, like)[:, None, :, None] * each[:, :, :, None, :]
    identities = (eye(d, like)[None] + 0 * eye(count, like)[:, :1, None]).reshape(count * d, d)
    return dict(
        w=like.reshape(batch, count * d, 1),
        Q_m=blocks.reshape(batch, count * d, count * d),
        every=identities + 0 * like[:, 0, :1, :1],
    )


def mean_trace(tasks: RegressionTasks) -> Any:
    """``E_i[tr(Sigma_i^2)]``, ``(batch,)``."""
    return namespace(tasks.weights).einsum("bt,btij,btij->b", tasks.weights, tasks.covariances, tasks.covariances)


def above_noise_floor(tasks: RegressionTasks, w: Any, alpha: Any, m: Any) -> Any:
    """``F_m(w)`` minus what label noise alone costs, ``(batch,)``: what Proposition 1's proof computes."""
    return loss_after_step(tasks, w, alpha, m) - noise_floor(tasks, alpha, m)


def infimum(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """``inf F_m``, ``(batch,)``: a quadratic attains it."""
    return loss_after_step(tasks, maml_solution(tasks, alpha, m), alpha, m)


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


def _tested(draw: Any, made: dict[str, Any]) -> dict[str, Any]:
    tasks, m = made["tasks"], number_of_samples(draw, "m")
    (Q_m,) = Q(tasks.covariances, made["alpha"], m)
    return {**made, "m": m, **averages(tasks, "Q_m", Q_m), **stacked(tasks, Q_m), "E_trace": mean_trace(tasks)}


@instances(strata=SPECIAL)
def tested_sets(draw):
    """Any task set, adapted on m samples."""
    return _tested(draw, drawn(draw))


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
    return _enumerated(draw, draw.integer("m", 1, 2), 1)


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
