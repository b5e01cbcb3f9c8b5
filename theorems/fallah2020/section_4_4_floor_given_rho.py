"""How the floor of FO-MAML falls with sigma where rho, L and alpha are given: like sigma^{3/2}, not like sigma.

Fallah, Mokhtari, Ozdaglar 2020, Section 4.4: "the gradient norm cannot become smaller than O(alpha sigma)"; Section 1.1 and Table 1:
"FO-MAML is limited to eps >= O(alpha sigma)". Assumption 4.7 adds rho alpha / L = O(1).

Where FO-MAML with infinite batches rests, the outer gradients v_i = A_i grad f_i(w), 1 - t <= A_i <= 1 + t, t = alpha L, have mean
zero, so that grad F = -alpha E H_i v_i is a derivative: with u_i = v_i / sqrt(E||v||^2), psi(y) = E u_i grad f_i(w + y) is at most sigma,
has |psi'| <= L and |psi''| <= rho, and |grad F| = alpha sqrt(E||v||^2) |psi'(0)|. From E||v||^2 <= (1 + t) E v_i grad f_i(w) follows
sqrt(E||v||^2) <= (1 + t) psi(0), and psi'(0)^2 <= 2 rho (sigma - psi(0)), or psi would pass sigma on its way up. The product is largest
at psi'(0) = a below. Data noise, s = sigma~/sqrt(D_in), adds 1 + t times what f' gains in the mean where f'' rises from -L to L. Together,

    ||grad F|| <= (1 + t) (alpha a (sigma - a^2/(2 rho)) + b (alpha s - b/(2 rho))),
    a = min{L, sqrt(2 rho sigma / 3)},    b = min{L, rho alpha s}.

Both terms are as small as they can be, approached by opposed hats, spikes, kinks and slopes of the Hessian (extremes_at_rest.py). For
given constants the floor is of the order alpha sqrt(rho) sigma^{3/2}, then, and FO-MAML is not limited to alpha sigma, on any instance.
The floor alpha L sigma of section_4_4_floor.py takes rho sigma of the order L^2: tasks that are close to each other, as measured by
sigma, but far apart in their Hessians.

Known limits: at most two tasks, on a line, one inner sample.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Min, Rational, sqrt, symbols

from lakatos import Inequality, Rate, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.extremes_at_rest import BENT_FO_MAML_OF_ALL_KINDS
from theorems.fallah2020.spiked_tasks import hats_of_one_slope

L, alpha, rho, sigma, sigma_tilde, D_in = symbols("L alpha rho sigma sigma_tilde D_in", nonnegative=True)
S = sigma_tilde / sqrt(D_in)
APART, RISE = Min(L, sqrt(2 * rho * sigma / 3)), Min(L, rho * alpha * S)
GIVEN_RHO = (1 + alpha * L) * (alpha * APART * (sigma - APART**2 / (2 * rho)) + RISE * (alpha * S - RISE / (2 * rho)))

floor = partial(
    claim, PAPER, "Section 4.4", entry="claim-FO-floor", left=r"\|\nabla F(w)\|",
    names={"sigma_tilde": r"\tilde\sigma", "D_in": r"D_{in}"},
)  # fmt: skip
as_sigma_falls = {"over": "shrinking", "grid": (1, 10, 100, 1000), "batch": 16}


@floor(Inequality("<="), variant="floor-given-rho", on=BENT_FO_MAML_OF_ALL_KINDS, right=GIVEN_RHO)
def the_floor_given_rho(rest: AtRest) -> Any:
    """Where FO-MAML with infinitely many tasks and outer samples stays, the gradient of F is as small as rho allows."""
    return rest.gradient_after_an_update("fo-maml")


@floor(
    Rate("Omega", **as_sigma_falls), variant="printed-order", on=hats_of_one_slope, right=alpha * sigma, expect="refuted",
    reason="false", corrected="the_floor_given_rho",
    because="For given rho, L and alpha the Hessians of similar tasks are similar, too: they deviate by sqrt(2 rho sigma) at most, so "
    "that on every instance the floor is of the order alpha sqrt(rho) sigma^{3/2}, far below alpha sigma for small sigma.",
    witness={"curvature": 1, "bend": 1, "alpha_share": 1, "shrinking": 1},
)  # fmt: skip
@floor(
    Rate("Theta", **as_sigma_falls), variant="floor-given-rho-attained", name="hats_attain_the_floor_given_rho",
    on=hats_of_one_slope, right=alpha * sqrt(rho) * sigma ** Rational(3, 2),
)  # fmt: skip
def similar_tasks_have_a_lower_floor(rest: AtRest) -> Any:
    """Where FO-MAML rests on tasks with given rho and L, the gradient of F is alpha sigma at least, as sigma falls."""
    return rest.gradient_after_an_update("fo-maml")
