"""Training sets of NAL and of MAML, as drawn: any inputs, optima and label noise that determine one model."""

from __future__ import annotations

from typing import Any

from exactarray import array_like, eye, namespace
from impl.empirical_regression import Episodes, labels_of
from lakatos import fix, instances, when


def determined_rows(draw: Any, name: str, rows: int, d: int) -> Any:
    """``rows >= d`` inputs ``(batch, rows, d)`` of rank d: a triangular block with positive diagonal, rotated, and free rows."""
    xp = namespace(draw.constant([0]))
    lower = draw.real(f"{name}_lower", d, d)
    mask = draw.constant([[int(i > j) for j in range(d)] for i in range(d)])
    triangle = lower * mask + draw.positive(f"{name}_diagonal", d)[:, :, None] * eye(d, lower)
    stacked = triangle if rows == d else xp.concat([triangle, draw.real(f"{name}_rows", rows - d, d)], axis=1)
    return stacked @ draw.orthogonal(f"{name}_rotation", d)


@instances(
    strata={"one task": fix(tasks=1), "fewer samples than d": when(lambda n, d: n < d), "no noise": fix(noise=0)},
)
def samples(draw):
    """T tasks with n samples each, any inputs of rank d, label noise of any size."""
    d, tasks = draw.integer("d", 1, 3), draw.integer("tasks", 1, 3)
    n = draw.integer("n", -(-d // tasks), 3)
    inputs = determined_rows(draw, "inputs", tasks * n, d).reshape(-1, tasks, n, d)
    optima, noise = draw.real("optima", tasks, d), draw.nonnegative("noise")[:, None, None] * draw.real("z", tasks, n)
    return dict(inputs=inputs, optima=optima, z=noise, labels=labels_of(inputs, optima, noise), n=n)


@instances(
    strata={"no step": fix(alpha_share=0), "one inner sample": fix(n_2=1), "several episodes": when(lambda tau: tau > 1),
            "no noise": fix(noise=0), "two inner samples": fix(n_2=2)},
)  # fmt: skip
def episodes(draw):
    """T tasks with tau episodes each; the step is so small that no episode loses a direction."""
    d, tasks, tau = draw.integer("d", 1, 2), draw.integer("tasks", 1, 2), draw.integer("tau", 1, 2)
    n_1, n_2 = draw.integer("n_1", -(-d // (tasks * tau)), 2), draw.integer("n_2", 1, 2)
    outer = determined_rows(draw, "outer", tasks * tau * n_1, d).reshape(-1, tasks, tau, n_1, d)
    inner = draw.real("inner", tasks, tau, n_2, d)
    xp = namespace(inner)
    size = xp.sum(xp.sum((inner * inner).reshape(inner.shape[0], -1, 1), axis=1), axis=-1)
    # Below one over the trace of all X^T X / n_2, hence of each, so that every I - (alpha / n_2) X^T X is definite.
    alpha = draw.interval("alpha_share", 0, 1, closed="left") * n_2 / (1 + size)
    optima, noise = draw.real("optima", tasks, d), draw.nonnegative("noise")[:, None, None, None]
    z_out, z_in = noise * draw.real("z_out", tasks, tau, n_1), noise * draw.real("z_in", tasks, tau, n_2)
    data = Episodes(outer, labels_of(outer, optima, z_out), inner, labels_of(inner, optima, z_in))
    return dict(data=data, alpha=alpha, optima=optima, z_out=z_out, z_in=z_in, w=draw.real("w", d), n_1=n_1, n_2=n_2)


@instances(strata={"two samples": fix(n_1=2)})
def long_steps(draw):
    """One feature, one episode, a step of any length: the model of an adapted task may turn over, but not vanish."""
    n_1, n_2 = draw.integer("n_1", 1, 2), draw.integer("n_2", 1, 2)
    outer, inner = draw.positive("outer", 1, 1, n_1, 1), draw.real("inner", 1, 1, n_2, 1)
    xp = namespace(inner)
    size = xp.sum((inner * inner).reshape(inner.shape[0], -1), axis=-1)
    # alpha ||X||^2 / n_2 is at least 5/4.
    alpha = (draw.positive("excess") + array_like([1], inner) * 5 / 4) * n_2 / xp.where(size == 0, size + 1, size)
    optima = draw.real("optima", 1, 1)
    z_out, z_in = draw.real("z_out", 1, 1, n_1), draw.real("z_in", 1, 1, n_2)
    data = Episodes(outer, labels_of(outer, optima, z_out), inner, labels_of(inner, optima, z_in))
    return dict(data=data, alpha=alpha, optima=optima, z_out=z_out, z_in=z_in, w=draw.real("w", 1), n_1=n_1, n_2=n_2)
