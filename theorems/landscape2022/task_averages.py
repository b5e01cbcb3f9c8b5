"""The averages over a task set that the formulas of Section 3 are made of: as symbols, and as numbers.

Expectations over tasks that stand inside a norm are written with one row of blocks for each task.
"""

from __future__ import annotations

from typing import Any

from sympy import MatrixSymbol, Trace, symbols

from exactarray import eye, namespace
from impl.meta_regression import RegressionTasks

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
