"""MAML finds an eps-stationary point in O(Delta L / eps^2) iterations, with batches of order 1/eps^2.

Fallah, Mokhtari, Ozdaglar 2020, Corollary 4.13: with B >= C_1 sigma^2/eps^2 and D_in, B D_o >= C_2 sigma~^2/eps^2 (25), for some constants
C_1 and C_2, MAML finds an eps-FOSP after Delta O(L/eps^2) iterations; "at most O(1/eps^2) iterations for any eps > 0".

Checked with C_1 = C_2 = 1 and 361/20 L Delta / eps^2 iterations: on quadratics with equal Hessians the last iterate has
E||grad F||^2 <= (960/361e + 2/95) eps^2, exactly, which is 0.9993 eps^2; so the constants exist there, for every eps and not only
eps < 1. Where the expected update of nonlinear tasks is zero, D_in of (25) with C_2 = 1 leaves ||grad F|| <= 7/36 eps, by
theorem_4_12.py.
Constants there must be: with C_1 = C_2 = 1/200 the noise alone keeps the mean square above eps^2 on some instances.

The printed form without Delta and L is refuted in theorem_4_12_iterations.py.

Known limits: batch sizes between whole numbers are included; no nonlinear tasks with finite B.
"""

from __future__ import annotations

from typing import Any

from sympy import symbols

from exactarray import array_like, maximum, namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, claim, fix, instances
from theorems.fallah2020 import PAPER
from theorems.fallah2020.equal_hessians import ITERATIONS, STRATA, quadratics, started

eps = symbols("eps", nonnegative=True)


def _with_batches_of(draw: Any, C_1: Any, C_2: Any) -> dict[str, Any]:
    """Batch sizes at (25), runs of k = 361/20 L Delta / eps^2 iterations: Delta is chosen to fit."""
    values, eps, k = quadratics(draw, "maml"), draw.positive("eps"), draw.option("k", ITERATIONS)
    one = array_like([1], eps)
    B = maximum(C_1 * values["sigma_squared"] / eps**2, 20 * one)
    needed = C_2 * values["noise_squared"] / eps**2
    shares = draw.simplex("shares", values["spectrum"].shape[1])
    suboptimality = shares * (20 * k * eps**2 / (361 * values["L"]))[:, None]
    sizes = {"B": B, "D_in": maximum(needed, one), "D_o": maximum(needed / B, one)}
    return {**started(values, suboptimality), **sizes, "eps": eps, "k": k}


# Along the flat axis the start weighs most after 1000 iterations, along the steep one the noise.
BOTH_AXES = fix(
    d=2, k=1000, steepness=[24 / 1000, 1], alpha_share=1 / 1000, task_variance=[1, 1000], data_variance=[0, 10**6], shares=[1000, 1],
    more_C_1=0, more_C_2=0,
)  # fmt: skip


@instances(strata={**{name: STRATA[name] for name in ("sigma = 0", "sigma~ = 0", "steepest")}, "both axes": BOTH_AXES})
def batches_of_the_corollary(draw: Any) -> dict[str, Any]:
    """C_1 and C_2 from 1 on."""
    return _with_batches_of(draw, 1 + draw.nonnegative("more_C_1"), 1 + draw.nonnegative("more_C_2"))


@instances(strata={"steepest": STRATA["steepest"], "last": fix(k=100)})
def batches_two_hundred_times_smaller(draw: Any) -> dict[str, Any]:
    """C_1 = C_2 = 1/200: the noise alone may exceed eps."""
    return _with_batches_of(draw, draw.constant([1]) / 200, draw.constant([1]) / 200)


@claim(
    PAPER, "Corollary 4.13", Inequality("<="), entry="cor-4.13", on=batches_of_the_corollary, right=eps**2,
    left=r"\mathbb{E}\|\nabla F(w_k)\|^2", names={"eps": r"\epsilon"},
    rests_on=("fallah2020/thm-4.12-maml/explicit-constant-equal-Hessians",),
)  # fmt: skip
@claim(
    PAPER,
    "Corollary 4.13",
    Inequality("<="),
    entry="cor-4.13",
    variant="constants-too-small",
    name="needs_constants",
    on=batches_two_hundred_times_smaller,
    right=eps**2,
    left=r"\mathbb{E}\|\nabla F(w_k)\|^2",
    names={"eps": r"\epsilon"},
    expect="refuted",
    reason="missing assumption",
    corrected="maml_finds_stationary_points",
    because="Batches below (25) do not serve: with C_1 = C_2 = 1/200 the noise of the tasks alone sustains a mean square above eps^2.",
    witness={
        "d": 1, "L": 1, "alpha_share": "1/10", "steepness": [1], "task_variance": [4000], "data_variance": [0], "eps": 1, "k": 100,
        "shares": [1],
    },
)  # fmt: skip
def maml_finds_stationary_points(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any, k: int) -> Any:
    """After 361/20 L Delta / eps^2 iterations with the batches of (25) and C_1 = C_2 = 1, MAML is at an eps-stationary point."""
    return namespace(start).sum(tasks.second_moment("maml", start, B, D_in, D_o, k), axis=-1)
