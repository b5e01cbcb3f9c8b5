"""FO-MAML reaches alpha L sigma with batches of order 1/(alpha^2 L^2).

Fallah, Mokhtari, Ozdaglar 2020, Corollary 4.16: with B >= C_1/(alpha^2 L^2) and D_in, B D_o >= C_2 sigma~^2/(alpha^2 sigma^2 L^2) (27),
FO-MAML finds a point with E||grad F|| <= O(alpha sigma L) after O(Delta / (alpha^2 sigma^2 L)) iterations. Units agree:
with accuracy alpha sigma L the count is Delta L / (alpha sigma L)^2.

Checked with explicit constants: on quadratics with equal Hessians, exactly, 27 Delta / (alpha^2 sigma^2 L) iterations give
E||grad F(w_k)||^2 <= (53/54 + (1/C_1 + 1/C_2)/143) (alpha sigma L)^2 for the last iterate and any C_1, C_2 > 0, where 53/54 stands for
72/27e; as alpha falls nothing less will do. Where the expected update of nonlinear tasks
is zero the accuracy follows from theorem_4_15.py, with (1 + t)(1 + t/sqrt(C_2)), t = alpha L <= 1/10. It is the exact order, in alpha and
in sigma: opposed tasks rest at alpha L sigma / (1 + alpha L / 4). Along the grid of sigma these tasks have rho alpha / L = 2 / G, G the
size of their gradients, from 20 down to 0.02; with rho, L and alpha given the floor falls faster than sigma
(section_4_4_floor_given_rho.py), so that no family attains alpha L sigma as sigma falls alone.

Known limits: sigma = 0 makes (27) infinite and is left out; the accuracy is compared with Delta at the first step sizes only.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, symbols

from exactarray import maximum, namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Inequality, Rate, claim, fix, instances
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.equal_hessians import ITERATIONS, NAMES, STRATA, quadratics, started
from theorems.fallah2020.points_at_rest import opposed_at_any_step

L, alpha, sigma, C_1, C_2, sigma_squared = symbols("L alpha sigma C_1 C_2 sigma_squared", nonnegative=True)
REACHED = (Rational(53, 54) + (1 / C_1 + 1 / C_2) / 143) * sigma_squared * (alpha * L) ** 2


# Along the flat axis the start weighs most after 1000 iterations, along the steep one the noise.
BOTH_AXES = fix(
    d=2,
    k=1000,
    steepness=[36 / 1000, 1],
    alpha_share=1 / 1000,
    task_variance=[1, 1000],
    data_variance=[0, 10**6],
    shares=[1000, 1],
)


@instances(strata={**{name: STRATA[name] for name in ("alpha at its end", "sigma~ = 0", "steepest")}, "both axes": BOTH_AXES})
def batches_of_the_corollary(draw: Any) -> dict[str, Any]:
    """Batch sizes at (27), runs of k = 27 Delta / (alpha^2 sigma^2 L) iterations: Delta is chosen to fit."""
    values, k = quadratics(draw, "fo-maml", zero_sigma=False), draw.option("k", ITERATIONS)
    C_1, C_2 = draw.positive("C_1"), draw.positive("C_2")
    step = values["alpha"] * values["L"]
    B = maximum(C_1 / step**2, 20 + 0 * step)
    needed = C_2 * values["noise_squared"] / (step**2 * values["sigma_squared"])
    shares = draw.simplex("shares", values["spectrum"].shape[1])
    suboptimality = shares * (k * step**2 * values["sigma_squared"] / (27 * values["L"]))[:, None]
    sizes = {"B": B, "D_in": maximum(needed, 1 + 0 * step), "D_o": maximum(needed / B, 1 + 0 * step)}
    return {**started(values, suboptimality), **sizes, "k": k}


@claim(
    PAPER, "Corollary 4.16", Inequality("<="), entry="cor-4.16", on=batches_of_the_corollary, right=REACHED,
    left=r"\mathbb{E}\|\nabla F(w_k)\|^2", names=NAMES, rests_on=("fallah2020/thm-4.15-fomaml/explicit-constant-equal-Hessians",),
)  # fmt: skip
def fo_maml_reaches_its_accuracy(tasks: EqualHessians, start: Any, B: Any, D_in: Any, D_o: Any, k: int) -> Any:
    """After 27 Delta / (alpha^2 sigma^2 L) iterations with the batches of (27), FO-MAML is at alpha L sigma, up to the noise."""
    return namespace(start).sum(tasks.second_moment("fo-maml", start, B, D_in, D_o, k), axis=-1)


@claim(
    PAPER, "Corollary 4.16", Rate("Theta", over="shortening", grid=(1, 10, 100, 1000), batch=16), entry="cor-4.16",
    variant="attained-in-alpha", on=opposed_at_any_step, right=alpha * L * sigma, left=r"\|\nabla F(w)\|",
)  # fmt: skip
@claim(
    PAPER, "Corollary 4.16", Rate("Theta", over="slope", grid=(0.1, 1, 10, 100), batch=16), entry="cor-4.16",
    variant="attained-in-sigma", name="attained_in_sigma", on=opposed_at_any_step, right=alpha * L * sigma, left=r"\|\nabla F(w)\|",
)  # fmt: skip
def attained_in_alpha(rest: AtRest) -> Any:
    """Opposed tasks keep FO-MAML with infinite batches at a gradient of the exact order alpha L sigma."""
    return rest.gradient_after_an_update("fo-maml")
