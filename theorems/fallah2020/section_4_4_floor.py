"""FO-MAML cannot reach any accuracy: false for every instance, true for some, on which its floor is alpha L sigma.

Fallah, Mokhtari, Ozdaglar 2020, abstract: "FO-MAML [...] cannot achieve any small desired level of accuracy, i.e., FO-MAML cannot
find an eps-FOSP for any eps > 0"; Section 1.1: "limited to eps >= O(alpha sigma)"; Section 4.4: "the gradient norm cannot become
smaller than O(alpha sigma)"; conclusion: "it cannot reach any desired level of accuracy".

Three readings.

1. On every instance the gradient stays above a multiple of alpha L sigma: refuted by tasks with equal Hessians, where the updates
   of FO-MAML and MAML vanish at the same point. Identical tasks (sigma = 0) are a special case.
2. Some instance bounds it away from zero, whatever the batch sizes: holds. On two opposed tasks, f_2'' = -f_1'' with
   f_1''(0) = L, FO-MAML rests at 0 and is drawn back to it, and no iterate of a run that starts nearby has a gradient below
   10/11 alpha L sigma: near 0 all gradients are that large, and every step leads nearer to it. A run that starts elsewhere may cross a
   stationary point of F on its way, which as the best iterate would count.
3. The floor is of the order alpha sigma: the paper drops L. It is alpha L sigma / (1 + alpha L / 4) on opposed tasks, for every L,
   alpha <= 1/(10 L) and sigma, and never above (1 + alpha L) alpha L sigma, which others approach (theorem_4_15.py), so that it is
   negligible for small alpha or sigma, as Section 1.1 says.

Known limits: opposed tasks have rho alpha / L = 2 / G, where G is the size of their gradients, so that rho grows as sigma falls. With
rho, alpha and L fixed and sigma to 0, Hessians that differ by L are not available: section_4_4_floor_given_rho.py.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, symbols

from exactarray import minimum, namespace
from lakatos import Existence, Identity, Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.points_at_rest import FO_MAML_AT_REST, opposed_at_any_step

L, alpha, sigma, w_squared = symbols("L alpha sigma w_squared", nonnegative=True)
FLOOR = alpha * L * sigma / (1 + alpha * L / 4)

floor = partial(claim, PAPER, entry="claim-FO-floor", left=r"\|\nabla F(w)\|", names={"w_squared": r"\|w\|^2"})


@floor(
    "abstract", Inequality(">="), on=FO_MAML_AT_REST, right=alpha * L * sigma / 1000, expect="refuted", reason="missing assumption",
    because="Where the Hessians of the tasks agree, FO-MAML and MAML come to rest at the same points, so that FO-MAML finds "
    "stationary points of F; the sentence needs tasks whose Hessians differ.",
    witness={
        "pieces": 2, "D_in": 1, "far_height": 1, "bend": [0], "start": [[0]], "gaps": [[[1, 1]]], "slope": [[1]], "alpha_share": 1,
        "deviation": 0, "root_of_odds": 1,
    },
    corrected="fo_maml_has_a_floor",
)  # fmt: skip
def fo_maml_never_arrives(rest: AtRest) -> Any:
    """Wherever FO-MAML with infinite batches comes to rest, the gradient of F is at least alpha L sigma / 1000."""
    return rest.gradient_after_an_update("fo-maml")


@floor("abstract", Existence(">="), variant="some-instance", on=opposed_at_any_step, right=Rational(9, 10) * alpha * L * sigma,
       witness={"curvature": 1, "slope": 2, "shortening": 1, "start": 0})  # fmt: skip
def fo_maml_has_a_floor(rest: AtRest) -> Any:
    """On some tasks FO-MAML with infinite batches rests where the gradient of F is 0.9 alpha L sigma or more."""
    return rest.gradient_after_an_update("fo-maml")


@floor("Section 4.4", Identity(), variant="size-of-the-floor", on=opposed_at_any_step, right=FLOOR)
def the_floor_of_opposed_tasks(rest: AtRest) -> Any:
    """For every L, alpha and sigma there are tasks with the floor alpha L sigma / (1 + alpha L / 4)."""
    return rest.gradient_after_an_update("fo-maml")


@floor(
    "Section 4.4",
    Inequality(">="),
    variant="attraction",
    on=opposed_at_any_step,
    right=9 * alpha * L**2 * w_squared / 10,
    left=r"w \cdot \mathbb{E} g",
)
def fo_maml_is_drawn_to_its_resting_point(rest: AtRest, start: Any) -> Any:
    """Near the resting point the expected direction points back to it, so that runs converge there."""
    return namespace(start).sum(rest.moved(start).mean_direction("fo-maml") * start, axis=-1)


@floor(
    "Section 4.4", Inequality("<="), variant="every-step-leads-back", on=opposed_at_any_step, right=(1 - alpha * L / 80) * w_squared,
    left=r"\|w_1\|^2",
)  # fmt: skip
def every_step_leads_back(rest: AtRest, start: Any) -> Any:
    """A step from near the resting point ends nearer to it, so that every iterate stays where the next claim looks."""
    after = rest.moved(start).after_an_update("fo-maml")
    return namespace(start).sum(after * after, axis=-1)


@floor(
    "Section 4.4", Inequality(">="), variant="best-iterate", on=opposed_at_any_step, right=Rational(10, 11) * alpha * L * sigma
)
def no_iterate_is_better(rest: AtRest, start: Any) -> Any:
    """The smaller gradient of F of two iterates, the first of which is any point near the resting point."""
    there = rest.moved(start)
    return minimum(there.gradient(), there.gradient_after_an_update("fo-maml"))
