"""How many samples the noise of the step asks for: the trace of the covariance as effective dimension.

Collins, Mokhtari, Shakkottai 2022, Remark 1: "the condition [...] requires that m >> d. However, this condition arises due to the
simplification tr(Sigma_i) = O(d), where tr(Sigma_i) can be thought of as the effective problem dimension. In realistic settings,
the effective dimension may be o(d), which would reduce the complexity of m accordingly." Checked on the part of a task's
curvature after one SGD step with alpha = 1/L that the noise of the step adds, relative to the curvature before.

In the direction of an eigenvalue lambda this part is (tr(Sigma^2) + lambda^2) / (L^2 m), at most (tr(Sigma)/L + 1) / m: the
remark is right if the trace is taken in units of L = lambda_max. The bare trace is no dimension: it depends on the scale of the
inputs. What decides is tr(Sigma^2)/L^2, which the remark's trace only bounds.

Known limits: diagonal covariances, d at most 3.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any

from sympy import symbols

from exactarray import eye, namespace
from impl.meta_regression import RegressionTasks, loss_after_step_hessian
from lakatos import Identity, Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.task_sets import number_of_samples

trace, trace_of_square, L, lam, m = symbols("trace trace_of_square L lam m", nonnegative=True)
NAMES = {"trace": r"\mathrm{tr}(\Sigma)", "trace_of_square": r"\mathrm{tr}(\Sigma^2)", "lam": r"\lambda"}


@instances(
    strata={
        "isotropic": fix(d=3, shares=[1, 1]),
        "one large eigenvalue": fix(d=3, shares=[0.125, 0.125]),
        "m = 1": fix(one_over_m=1),
    }
)
def spectra(draw):
    """A covariance with a largest eigenvalue L and others of any size, and a step of 1/L."""
    d = draw.integer("d", 1, 3)
    largest, shares = draw.positive("largest"), draw.interval("shares", 0, 1, d - 1, closed="right")
    xp = namespace(largest)
    roots = xp.concat([largest[:, None], largest[:, None] * shares], axis=1)
    lam, ones = roots**2, xp.ones_like(largest)
    tasks = RegressionTasks(0 * roots[:, None, None], (roots[..., None] * eye(d, roots))[:, None], ones[:, None], 0 * ones)
    return dict(
        tasks=tasks,
        L=largest**2,
        lam=lam,
        trace=xp.sum(lam, axis=1),
        trace_of_square=xp.sum(lam * lam, axis=1),
        m=number_of_samples(draw, "m"),
    )


remark = partial(claim, PAPER, "Remark 1", entry="sec3.1-limits", on=spectra, names=NAMES,
                 left=r"\frac{1}{\lambda} (\lambda(Q^{(m)}) - \lambda(Q^{(\infty)}))")  # fmt: skip


@remark(
    Inequality("<="),
    name="noise_by_the_trace",
    variant="rem-1-trace",
    right=(trace + 1) / m,
    expect="refuted",
    reason="missing assumption",
    because="The trace has units; it counts dimensions only where lambda_max = 1. For one input with variance 1/4 it is 1/4.",
    witness=dict(d=2, one_over_m=1, largest="1/2", shares=[1]),
    corrected="noise_by_the_scaled_trace",
)
@remark(Inequality("<="), name="noise_by_the_scaled_trace", variant="rem-1-trace-over-L", right=(trace / L + 1) / m)
@remark(Identity(), name="noise_exactly", variant="rem-1-exact", right=(trace_of_square + lam**2) / (L**2 * m))
def noise_of_the_step(tasks: RegressionTasks, L: Any, lam: Any, m: Any) -> Any:
    """What the noise of a step of 1/L on m samples adds to the curvature along each eigenvector, relative to it."""
    added = loss_after_step_hessian(tasks, 1 / L, m) - loss_after_step_hessian(tasks, 1 / L, inf)
    return namespace(lam).einsum("bkk->bk", added) / lam
