"""Tasks and samples for the deterministic half of the proof of Theorem 2: covariances between beta and L, optima within B."""

from __future__ import annotations

from typing import Any

from exactarray import amax, eye, namespace, norm
from impl.empirical_regression import covariance, labels_of
from lakatos import fix, instances, when
from theorems.landscape2022.training_sets import determined_rows


def _spectra(draw: Any, name: str, count: int, d: int, beta: Any, L: Any) -> Any:
    """Covariances ``(batch, count, d, d)`` with eigenvalues from beta to L; d = 2 at most, where a reflection turns anyhow."""
    xp, axis = namespace(beta), draw.real(f"{name}_axis", count, d)
    square = xp.sum(axis * axis, axis=-1)[..., None, None]
    across = axis[..., :, None] * axis[..., None, :] / xp.where(square == 0, square + 1, square)
    turn = eye(d, beta) - 2 * across
    values = beta[:, None, None] + draw.interval(f"{name}_spectrum", 0, 1, count, d) * (L - beta)[:, None, None]
    return (turn * values[..., None, :]) @ turn.mT


def _laws(draw: Any, d: int, tasks: int) -> dict[str, Any]:
    """Covariances and optima of the sampled tasks, and of an environment of two tasks."""
    L = draw.positive("L")
    beta = L * draw.interval("beta_share", 0, 1, closed="right")
    xp = namespace(L)
    Sigma, others = _spectra(draw, "task", tasks, d, beta, L), _spectra(draw, "other", 2, d, beta, L)
    optima, other_optima = draw.real("optima", tasks, d), draw.real("other_optima", 2, d)
    weights = draw.simplex("weights", 2)
    environment = xp.einsum("bk,bkij->bij", weights, others)
    return dict(
        d=d, L=L, beta=beta, B=amax(norm(xp.concat([optima, other_optima], axis=1)), axis=-1), optima=optima, Sigma=Sigma,
        Lambda=xp.sum(Sigma, axis=1) / tasks, mean_labelled=xp.sum(Sigma @ optima[..., None], axis=1)[..., 0] / tasks,
        environment=environment, environment_labelled=xp.einsum("bk,bkij,bkj->bi", weights, others, other_optima),
    )  # fmt: skip


@instances(strata={"one task": fix(tasks=1), "equal spectra": fix(beta_share=1)})
def sampled_laws(draw):
    """T tasks drawn from an environment of two, or any others within beta, L and B; no samples."""
    return _laws(draw, draw.integer("d", 1, 2), draw.integer("tasks", 1, 2))


@instances(
    strata={"one task": fix(tasks=1), "fewer samples than d": when(lambda n, d: n < d), "no noise": fix(noise=0),
            "equal spectra": fix(beta_share=1)},
)  # fmt: skip
def sampled_tasks(draw):
    """T tasks drawn from an environment of two, or any others within beta, L and B; n samples each, noise of any size."""
    d, tasks = draw.integer("d", 1, 2), draw.integer("tasks", 1, 2)
    n = draw.integer("n", -(-d // tasks), 2)
    laws = _laws(draw, d, tasks)
    # Inputs of any kind at all: the displays are deterministic.
    X = determined_rows(draw, "inputs", tasks * n, d).reshape(-1, tasks, n, d)
    z = draw.nonnegative("noise")[:, None, None] * draw.real("z", tasks, n)
    return dict(
        **laws, n=n, inputs=X, z=z, labels=labels_of(X, laws["optima"], z), gram=covariance(X),
        C=namespace(X).sum(covariance(X), axis=1) / tasks,
    )  # fmt: skip


@instances()
def many_tasks(draw):
    """Twelve tasks with one feature: one of them may stand against all others."""
    L = draw.positive("L")
    beta = L * draw.interval("beta_share", 0, 1, closed="right")
    Sigma = beta[:, None] + draw.interval("spectrum", 0, 1, 12) * (L - beta)[:, None]
    optima, X = draw.real("optima", 12, 1), draw.positive("inputs", 12)[:, :, None, None]
    xp = namespace(L)
    z = 0 * X[..., 0]
    return dict(
        L=L, beta=beta, B=amax(norm(optima), axis=-1), inputs=X, optima=optima, z=z, Sigma=Sigma[..., None, None],
        gram=covariance(X), Lambda=xp.sum(Sigma, axis=1)[:, None, None] / 12, C=xp.sum(covariance(X), axis=1) / 12,
        mean_labelled=xp.sum(Sigma[..., None] * optima, axis=1) / 12,
    )  # fmt: skip
