"""Tasks and samples for the deterministic half of the proof of Theorem 2: covariances between beta and L, optima within B."""

from __future__ import annotations

from typing import Any

from exactarray import amax, eye, maximum, namespace, norm
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


def _sampled_laws(draw: Any, d: int, tasks: int) -> dict[str, Any]:
    """Covariances between beta and L, and optima within B, of the sampled tasks."""
    L = draw.positive("L")
    beta = L * draw.interval("beta_share", 0, 1, closed="right")
    Sigma, optima, xp = _spectra(draw, "task", tasks, d, beta, L), draw.real("optima", tasks, d), namespace(L)
    return dict(
        d=d, L=L, beta=beta, B=amax(norm(optima), axis=-1), optima=optima, Sigma=Sigma, Lambda=xp.sum(Sigma, axis=1) / tasks,
        mean_labelled=xp.sum(Sigma @ optima[..., None], axis=1)[..., 0] / tasks,
    )  # fmt: skip


def _laws(draw: Any, d: int, tasks: int) -> dict[str, Any]:
    """The sampled tasks, and an environment of two tasks within the same bounds."""
    sampled = _sampled_laws(draw, d, tasks)
    others, other_optima = _spectra(draw, "other", 2, d, sampled["beta"], sampled["L"]), draw.real("other_optima", 2, d)
    weights, xp = draw.simplex("weights", 2), namespace(other_optima)
    return {
        **sampled,
        "B": maximum(sampled["B"], amax(norm(other_optima), axis=-1)),
        "environment": xp.einsum("bk,bkij->bij", weights, others),
        "environment_labelled": xp.einsum("bk,bkij,bkj->bi", weights, others, other_optima),
    }


def _samples(draw: Any, laws: Any) -> dict[str, Any]:
    d, tasks = draw.integer("d", 1, 2), draw.integer("tasks", 1, 2)
    n = draw.integer("n", -(-d // tasks), 2)
    drawn = laws(draw, d, tasks)
    # Inputs of any kind at all: the displays are deterministic.
    X = determined_rows(draw, "inputs", tasks * n, d).reshape(-1, tasks, n, d)
    z, gram = draw.nonnegative("noise")[:, None, None] * draw.real("z", tasks, n), covariance(X)
    labels = labels_of(X, drawn["optima"], z)
    return dict(**drawn, n=n, inputs=X, z=z, labels=labels, gram=gram, C=namespace(X).sum(gram, axis=1) / tasks)


@instances(strata={"one task": fix(tasks=1), "equal spectra": fix(beta_share=1)})
def sampled_laws(draw):
    """T tasks drawn from an environment of two, or any others within beta, L and B; no samples."""
    return _laws(draw, draw.integer("d", 1, 2), draw.integer("tasks", 1, 2))


STRATA = {
    "one task": fix(tasks=1),
    "fewer samples than d": when(lambda n, d: n < d),
    "no noise": fix(noise=0),
    "equal spectra": fix(beta_share=1),
}


@instances(strata=STRATA)
def sampled_tasks(draw):
    """T tasks within beta, L and B; n samples each, noise of any size."""
    return _samples(draw, _sampled_laws)


@instances(strata=STRATA)
def sampled_tasks_of_an_environment(draw):
    """T tasks drawn from an environment of two, or any others within beta, L and B; n samples each, noise of any size."""
    return _samples(draw, _laws)


@instances()
def many_tasks(draw):
    """Twelve tasks with one feature, of which one may stand against all others; or one against 128 others that are alike."""
    others, xp = draw.option("others", ["any", "alike"]), namespace(draw.constant([0]))
    drawn, T = (12, 12) if others == "any" else (2, 129)

    def of_each(values: Any) -> Any:
        return xp.concat([values, values[:, 1:2] + 0 * draw.constant([0] * (T - drawn))], axis=1) if drawn < T else values

    L = draw.positive("L")
    beta = L * draw.interval("beta_share", 0, 1, closed="right")
    Sigma = of_each(beta[:, None] + draw.interval("spectrum", 0, 1, drawn) * (L - beta)[:, None])
    optima = of_each(draw.real("optima", drawn, 1)[..., 0])[..., None]
    X = of_each(draw.positive("inputs", drawn))[:, :, None, None]
    z = 0 * X[..., 0]
    return dict(
        L=L, beta=beta, B=amax(norm(optima), axis=-1), inputs=X, optima=optima, z=z, Sigma=Sigma[..., None, None],
        gram=covariance(X), Lambda=xp.sum(Sigma, axis=1)[:, None, None] / T, C=xp.sum(covariance(X), axis=1) / T,
        mean_labelled=xp.sum(Sigma[..., None] * optima, axis=1) / T,
    )  # fmt: skip
