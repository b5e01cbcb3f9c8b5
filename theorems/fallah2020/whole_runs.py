"""Instance families: whole runs on quadratics with equal Hessians, of any length, and as long as the theorems' counts ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sympy import Rational, symbols

from exactarray import maximum, namespace
from impl.stochastic_maml_runs import STEP_DIVISORS
from lakatos import fix, instances
from lakatos.families import Family, Stratum
from theorems.fallah2020.equal_hessians import ITERATIONS, STRATA, batch_sizes, quadratics, started
from theorems.fallah2020.points_at_rest import LONGEST_STEP

L, alpha, B, D_in, D_o = symbols("L alpha B D_in D_o", nonnegative=True)

# A power or a hundredth of a term shows only where all other terms are far smaller.
LAST = {"k": ITERATIONS[-1], "steepness": 1, "suboptimality": 0}
FAR_MORE = 10**12
ONE_TERM_ALONE = {
    "no noise": fix(task_variance=0, data_variance=0),
    "noise of tasks alone": fix(data_variance=0, **LAST),
    "noise of outer samples alone": fix(task_variance=0, more_inner=FAR_MORE, **LAST),
    "noise of inner samples alone": fix(task_variance=0, more_outer=FAR_MORE, **LAST),
}


def runs(method: str) -> Family:
    """Runs of a method with batch sizes from the smallest allowed ones on, up to 1000 iterations."""

    def build(draw: Any) -> dict[str, Any]:
        values = quadratics(draw, method)
        values = started(values, draw.nonnegative("suboptimality", values["spectrum"].shape[1]))
        return {**values, **batch_sizes(draw), "k": draw.option("k", ITERATIONS)}

    build.__name__ = f"{method.replace('-', '_')}_runs"
    assume = [alpha * L <= Rational(1, LONGEST_STEP[method]), B >= 20, D_in >= 1, D_o >= 1]
    return instances(strata={**STRATA, **ONE_TERM_ALONE}, assume=assume)(build)


def runs_beyond_the_limits(method: str, longest: int) -> Family:
    """Runs of a method with alpha up to ``longest`` / L and batches of one task or more."""

    def build(draw: Any) -> dict[str, Any]:
        values = quadratics(draw, method, longest=longest)
        values = started(values, draw.nonnegative("suboptimality", values["spectrum"].shape[1]))
        more, sizes = draw.option("tasks_in_a_batch", [1, 2, 5]) - 20, batch_sizes(draw)
        return {**values, **sizes, "B": sizes["B"] + more, "k": draw.option("k", ITERATIONS)}

    build.__name__ = f"{method.replace('-', '_')}_runs_beyond_the_limits"
    edges = {"alpha = 1/L": fix(alpha_share=1 / longest), "B = 1": fix(tasks_in_a_batch=1)}
    return instances(strata={**STRATA, **ONE_TERM_ALONE, **edges}, assume=[alpha * L <= longest, B >= 1])(build)


COUNTS = {"maml": Rational("17.66"), "fo-maml": Rational("26.49"), "hf-maml": Rational("36.79")}
"""Multiples of the printed numbers of iterations: 48/e, 72/e and 100/e, rounded up."""
LENGTHS = [*ITERATIONS, 10_000]


def as_long_as_printed(method: str, of_tasks: Callable[[dict[str, Any]], Any]) -> Family:
    """Runs of ``c L Delta min{1/eps^2, 1/tasks + (B D_o + D_in)/sigma~^2}`` iterations, c from COUNTS: Delta is chosen to fit.

    ``of_tasks`` gives the term of the tasks from the values of an instance, in proportion to sigma^2. Quotients by zero are infinite.
    Where the sources of noise are alike, ``sigma~^2/D_in <= sigma~^2/(B D_o) <= tasks`` with factors of 11/10 at most, D_in and the
    variances of the tasks being chosen for that: where they are equal the second branch is as short as it can be for their sum.
    """

    def build(draw: Any) -> dict[str, Any]:
        values, eps, k = {**quadratics(draw, method), **batch_sizes(draw)}, draw.positive("eps"), draw.option("k", LENGTHS)
        values["B"] = values["B"] + draw.option("tasks_in_a_batch", [20, 1, 2, 5]) - 20
        if draw.option("sources", ["any", "alike"]) == "alike":
            more, less = (draw.interval(name, 1, Rational(11, 10)) for name in ("more_of_tasks", "less_of_inner"))
            values = _alike(values, of_tasks, more, less)
        tasks, noise, xp = of_tasks(values), values["noise_squared"], namespace(eps)
        both = noise + (values["B"] * values["D_o"] + values["D_in"]) * tasks
        second = tasks * noise / xp.where(both == 0, xp.ones_like(both), both)
        suboptimality = k * maximum(eps**2, second) * COUNTS[method].q / (COUNTS[method].p * values["L"])
        shares = draw.simplex("shares", values["spectrum"].shape[1])
        return {**started(values, shares * suboptimality[:, None]), "eps": eps, "k": k}

    build.__name__ = f"{method.replace('-', '_')}_runs_as_long_as_printed"
    return instances(strata=_counted(method), assume=[B >= 1])(build)


def _alike(values: dict[str, Any], of_tasks: Callable[[dict[str, Any]], Any], more: Any, less: Any) -> dict[str, Any]:
    outer, noise = values["B"] * values["D_o"], values["tasks"].data_variance
    variances = noise * (more / (outer * of_tasks({**values, "sigma_squared": 1 + 0 * outer})))[:, None]
    tasks = replace(values["tasks"], task_variance=variances)
    return {**values, "tasks": tasks, "sigma_squared": namespace(outer).sum(variances, axis=-1), "D_in": less * outer}


def _counted(method: str) -> dict[str, Stratum]:
    """The strata; where sources are alike the bound is attained, by a steep axis with noise and one as flat as takes longest."""
    last, tiny, one_task = LENGTHS[-1], 1e-12, {"more_tasks": 0, "tasks_in_a_batch": 1}
    flat = 4 * STEP_DIVISORS[method] / (2 * last + 1)
    attained = {"sources": "alike", "d": 2, "k": last, "steepness": [1, flat], "shares": [tiny, 1], "eps": tiny}
    return {
        "smallest batches": fix(more_tasks=0, more_inner=0, more_outer=0, sources="any", tasks_in_a_batch=20),
        "B = 1": fix(**one_task),
        "sigma = 0": fix(task_variance=0, sources="any"),
        "sigma~ = 0": fix(data_variance=0, sources="any"),
        "steepest": STRATA["steepest"],
        "no noise": fix(task_variance=0, data_variance=0, k=last),
        "noise far above eps": fix(steepness=1, k=last, eps=tiny, sources="any"),
        "sources alike": fix(alpha_share=1e-3, **attained),
        "sources alike, one task": fix(alpha_share=1e-3, **one_task, **attained),
        "sources alike, one outer sample": fix(alpha_share=1, more_outer=0, **one_task, **attained),
        "sources alike, large batches": fix(alpha_share=0.1, more_tasks=10**5, **attained),
    }
