"""Two equally likely tasks, a hard one with inputs N(0, rho_H I) and an easy one with N(0, rho_E I) (Section 3.1).

The roots of rho_H < rho_E are primitives, so that everything is rational; x is rho_H / rho_E, and gap is the squared
distance of the tasks' optima.
"""

from __future__ import annotations

from math import inf
from typing import Any

from sympy import MatrixSymbol, symbols

from exactarray import array_like, eye, namespace, ones
from impl.meta_regression import RegressionTasks
from lakatos import fix, instances
from theorems.landscape2022.task_sets import number_of_samples

d, m, alpha, rho_H, rho_E, gap, x = symbols("d m alpha rho_H rho_E gap x", nonnegative=True)
w_1, w_2 = MatrixSymbol("w_1", d, 1), MatrixSymbol("w_2", d, 1)
NAMES = {"w_1": "w_1^*", "w_2": "w_2^*", "gap": r"\|w_1^*-w_2^*\|^2", "rho_H": r"\rho_H", "rho_E": r"\rho_E"}
a_E = rho_E * (1 - alpha * rho_E) ** 2 + (d + 1) / m * alpha**2 * rho_E**3
a_H = rho_H * (1 - alpha * rho_H) ** 2 + (d + 1) / m * alpha**2 * rho_H**3
ASSUMED = {"the first task is harder": rho_H < rho_E}


def two(root_H: Any, root_E: Any, w_1: Any, w_2: Any, noise: Any) -> RegressionTasks:
    """The two tasks with rho = root^2; optima are ``(batch, d)``, all else ``(batch,)``."""
    xp, d = namespace(w_1), w_1.shape[-1]
    roots = xp.stack([root_H, root_E], axis=-1)[..., None, None] * eye(d, w_1)
    half = xp.stack([0 * root_H, 0 * root_H], axis=-1) + array_like([1, 1], w_1) / 2
    return RegressionTasks(xp.stack([w_1, w_2], axis=1)[:, :, None], roots, half, noise)


def only(tasks: RegressionTasks, k: int) -> RegressionTasks:
    """One of the two tasks by itself: 0 is the hard one."""
    rows = slice(k, k + 1)
    return RegressionTasks(tasks.optima[:, rows], tasks.roots[:, rows], 2 * tasks.weights[:, rows], tasks.noise)


def squared(v: Any) -> Any:
    """Squared lengths ``(batch,)``."""
    return (v * v) @ ones((v.shape[-1],), v)


def drawn(
    draw: Any, alpha_rho_E: Any = None, *, root_E: Any = None, root_ratio: Any = None, distance: Any = None
) -> dict[str, Any]:
    """Two tasks with everything free but what is given."""
    d = draw.integer("d", 1, 3)
    root_E = draw.positive("root_E") if root_E is None else root_E
    root_H = (draw.interval("root_ratio", 0, 1, closed="neither") if root_ratio is None else root_ratio) * root_E
    w_1 = draw.real("w_1", d)
    # By symmetry the easy optimum lies on one side in every coordinate. If both were one, every risk would vanish.
    w_2 = w_1 + (draw.positive("apart", d) if distance is None else distance[:, None])
    # Noise far above the labels themselves would only drown the risks in rounding.
    noise = draw.interval("noise", 0, 1) * root_H * namespace(w_1).sum(abs(w_1 - w_2), axis=-1)
    rho_H, rho_E = root_H * root_H, root_E * root_E
    alpha = (draw.interval("alpha_rho_E", 0, 4) if alpha_rho_E is None else alpha_rho_E) / rho_E
    return dict(
        tasks=two(root_H, root_E, w_1, w_2, noise), d=d, alpha=alpha, rho_H=rho_H, rho_E=rho_E, x=rho_H / rho_E,
        gap=squared(w_1 - w_2), hard=w_1, easy=w_2, w_1=w_1[..., None], w_2=w_2[..., None],
    )  # fmt: skip


SPECIAL = {"m = 1": fix(one_over_m=1), "d = 1": fix(d=1), "d = 3": fix(d=3), "no noise": fix(noise=0)}


@instances(strata={**SPECIAL, "alpha = 1/rho_E": fix(alpha_rho_E=1), "alpha = 0": fix(alpha_rho_E=0)}, assume=ASSUMED)
def two_tasks(draw):
    """Two tasks with every parameter free."""
    return dict(drawn(draw), m=number_of_samples(draw, "m"))


@instances(strata={"m = 1": fix(one_over_m=1), "alpha = 1/rho_E": fix(alpha_rho_E=1)}, assume=ASSUMED)
def two_tasks_and_models(draw):
    """Two tasks with every parameter free, and any model."""
    made = drawn(draw)
    return dict(made, m=number_of_samples(draw, "m"), model=draw.real("model", made["d"])[..., None])


@instances(strata=SPECIAL, assume=ASSUMED)
def natural_step(draw):
    """Two tasks and the step 1/rho_E, the "natural choice"."""
    return dict(drawn(draw, 1), m=number_of_samples(draw, "m"))


@instances(assume=ASSUMED)
def fixed_pairs(draw):
    """Two tasks of moderate size with different optima, and the step 1/rho_E."""
    draw.option("m", [1, 10, 1000])
    root_E, distance = draw.interval("root_E", 0.25, 4), draw.interval("distance", 0.25, 4)
    ratio = draw.interval("root_ratio", 0.125, 0.875)
    made = drawn(draw, 1, root_E=root_E, root_ratio=ratio, distance=distance)
    return dict(made, root_E=root_E)


def at_least(draw: Any, threshold: Any, *, past: bool = True) -> dict[str, Any]:
    """Two tasks, the step 1/rho_E, and a number of samples above (below) a multiple of d + 1 that x determines.

    The number need not be whole: the spread of a step over m samples is that over one, divided by m.
    """
    made = drawn(draw, 1)
    factor = 1 + draw.positive("excess")
    bound = (made["d"] + 1) * threshold(made["x"])
    return dict(made, m=bound * factor if past else bound / factor)


@instances(assume=ASSUMED)
def many_samples(draw):
    """More than (d+1)(1+x+x^2)/(x(1-x)) samples."""
    return at_least(draw, lambda x: (1 + x + x * x) / (x * (1 - x)))


@instances(assume=ASSUMED)
def too_few_samples(draw):
    """Fewer than (d+1)(1+x+x^2)/(x(1-x)) samples."""
    return at_least(draw, lambda x: (1 + x + x * x) / (x * (1 - x)), past=False)


@instances(assume=ASSUMED)
def enough_samples(draw):
    """More than (d+1)(1+x)/(1-x) samples."""
    return at_least(draw, lambda x: (1 + x) / (1 - x))


@instances(assume=ASSUMED)
def small_steps(draw):
    """A step of at most 1/rho_E on infinitely many samples."""
    return dict(drawn(draw, draw.interval("share", 0, 1)), m=inf)
