"""How the floor of FO-MAML falls with sigma where rho, L and alpha are given: like sigma^{3/2}, not like sigma.

Fallah, Mokhtari, Ozdaglar 2020, Section 4.4: "the gradient norm cannot become smaller than O(alpha sigma)"; Section 1.1 and Table 1:
"FO-MAML is limited to eps >= O(alpha sigma)". Assumption 4.7 adds rho alpha / L = O(1).

Where FO-MAML with infinite batches rests, the outer gradients v_i = A_i grad f_i(w), 1 - t <= A_i <= 1 + t, t = alpha L, have mean
zero, so that E||v_i||^2 <= (1 + t)^2 sigma^2, and grad F = -alpha E (H_i - E H_j) v_i. The gradients less their mean are a function of w
that is at most sigma in the mean square over the tasks, with a second derivative of at most rho: by Landau's inequality the Hessians
deviate by sqrt(2 rho sigma) at most, and by L. With data noise, s = sigma~/sqrt(D_in), on a line,

    ||grad F|| <= (1 + t) (alpha sigma min{L, sqrt(2 rho sigma)} + min{t s, rho alpha^2 s^2 / 2}).

For given constants the floor is of the order alpha sqrt(rho) sigma^{3/2}, then, which hats of slope rho attain, and FO-MAML is not
limited to alpha sigma, on any instance. The floor alpha L sigma of section_4_4_floor.py takes rho sigma of the order L^2: tasks that are
close to each other, as measured by sigma, but far apart in their Hessians.

Known limits: two tasks on a line, one inner sample.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Min, Rational, sqrt, symbols

from lakatos import Inequality, Rate, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.points_at_rest import BENT_FO_MAML_AT_REST
from theorems.fallah2020.spiked_tasks import hats_of_one_slope

L, alpha, rho, sigma, sigma_tilde, D_in = symbols("L alpha rho sigma sigma_tilde D_in", nonnegative=True)
S = sigma_tilde / sqrt(D_in)
GIVEN_RHO = (1 + alpha * L) * (alpha * sigma * Min(L, sqrt(2 * rho * sigma)) + Min(alpha * L * S, rho * alpha**2 * S**2 / 2))

floor = partial(
    claim, PAPER, "Section 4.4", entry="claim-FO-floor", left=r"\|\nabla F(w)\|",
    names={"sigma_tilde": r"\tilde\sigma", "D_in": r"D_{in}"},
)  # fmt: skip
as_sigma_falls = {"over": "shrinking", "grid": (1, 10, 100, 1000), "batch": 16}


@floor(Inequality("<="), variant="floor-given-rho", on=BENT_FO_MAML_AT_REST, right=GIVEN_RHO)
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
