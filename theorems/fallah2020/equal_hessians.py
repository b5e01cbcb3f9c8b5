"""Instance families: runs of the three methods on quadratic tasks that differ by linear terms, with exact second moments.

These tasks satisfy Assumptions 4.2 to 4.7 with rho = 0, so that the step size is c / (4 L) and needs no sample. Their variances are
drawn axis by axis, and their suboptimality at the start, the part of each axis in Delta.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import symbols

from exactarray import namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import fix, instances, when
from lakatos.families import Family
from theorems.fallah2020.points_at_rest import LONGEST_STEP

L, alpha, B, D_in, D_o = symbols("L alpha B D_in D_o", nonnegative=True)
sigma_squared, noise_squared = symbols("sigma_squared noise_squared", nonnegative=True)
TERMS = sigma_squared / B + noise_squared / (B * D_o) + noise_squared / D_in
"""The terms under the root of (23) and (28)."""
NOISE = sigma_squared / B + noise_squared / (B * D_o) + (alpha * L) ** 2 * noise_squared / (B * D_in)
"""What the noise of a step amounts to here: the third term is smaller than the printed one, by alpha^2 L^2 / B."""
NAMES = {
    "sigma_squared": r"\sigma^2", "noise_squared": r"\tilde\sigma^2", "sigma_tilde": r"\tilde\sigma", "D_in": r"D_{in}",
    "Delta": r"\Delta",
}  # fmt: skip
ITERATIONS = [1, 2, 3, 10, 100, 1000]

STRATA = {
    "alpha at its end": fix(alpha_share=1),
    "smallest batches": fix(more_tasks=0, more_inner=0, more_outer=0),
    "sigma = 0": fix(task_variance=0),
    "sigma~ = 0": fix(data_variance=0),
    "at the minimiser": fix(suboptimality=0),
    "D_o much larger than D_in": fix(more_inner=0, more_outer=1000),
    "a flat axis": when(lambda spectrum, L: (spectrum < L[:, None] / 1000).any(axis=-1)),
    "steepest": fix(steepness=1),
}


def quadratics(
    draw: Any, method: str, degenerate: bool = True, zero_sigma: bool = True, longest: int | None = None
) -> dict[str, Any]:
    """Tasks with noise, and any alpha that a method's theorem allows, or up to ``longest`` / L; no zeros unless ``degenerate``, no
    zero variance of the tasks unless ``zero_sigma``.
    """
    d, size = draw.integer("d", 1, 2), draw.nonnegative if degenerate else draw.positive
    constant = draw.positive("L")
    share = draw.interval("alpha_share", 0, 1, closed="right")
    alpha = share / (LONGEST_STEP[method] * constant) if longest is None else longest * share / constant
    tasks = EqualHessians(
        spectrum=draw.interval("steepness", 0, 1, d, closed="both" if degenerate else "right") * constant[:, None],
        smoothness=constant,
        alpha=alpha,
        task_variance=(size if zero_sigma else draw.positive)("task_variance", d),
        data_variance=size("data_variance", d),
    )
    xp = namespace(constant)
    return {
        "tasks": tasks, "L": constant, "alpha": alpha, "spectrum": tasks.spectrum, "start": 0 * tasks.spectrum,
        "sigma_squared": xp.sum(tasks.task_variance, axis=-1), "noise_squared": xp.sum(tasks.data_variance, axis=-1),
    }  # fmt: skip


def started(values: dict[str, Any], suboptimality: Any) -> dict[str, Any]:
    """The same tasks with a start, whose suboptimality ``(batch, d)`` is given axis by axis."""
    total = namespace(suboptimality).sum(suboptimality, axis=-1)
    return {**values, "Delta": total, "start": values["tasks"].squared_gradient(suboptimality)}


def batch_sizes(draw: Any) -> dict[str, Any]:
    """Batch sizes from the smallest allowed ones on."""
    return {
        "B": 20 + draw.nonnegative("more_tasks", scale=20), "D_in": 1 + draw.nonnegative("more_inner"),
        "D_o": 1 + draw.nonnegative("more_outer"),
    }  # fmt: skip


def in_the_long_run(method: str) -> Family:
    """Tasks without zeros and batch sizes up to 100, one of which then grows."""

    def build(draw: Any) -> dict[str, Any]:
        sizes = {name: draw.interval(name, 1, 100) for name in ("D_in", "D_o")}
        return {**quadratics(draw, method, degenerate=False), **sizes, "B": draw.interval("B", 20, 100)}

    build.__name__ = f"{method.replace('-', '_')}_in_the_long_run"
    return instances(strata={"steepest": STRATA["steepest"]}, assume=[B >= 20])(build)


MAML_IN_THE_LONG_RUN, FO_MAML_IN_THE_LONG_RUN = (in_the_long_run(method) for method in ("maml", "fo-maml"))


@instances(strata={"steepest": STRATA["steepest"]}, assume=[B >= 20])
def MAML_WITHOUT_DATA_NOISE(draw: Any) -> dict[str, Any]:
    """The same with exact data, so that only sigma^2 / B is left under the root."""
    values = MAML_IN_THE_LONG_RUN.function(draw)
    tasks = replace(values["tasks"], data_variance=0 * values["start"])
    return {**values, "tasks": tasks, "noise_squared": 0 * values["L"]}
