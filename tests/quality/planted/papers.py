"""Variants of the catalogue's own claims."""

from __future__ import annotations

from typing import Any

import sympy

from impl.maml import meta_gradient
from lakatos import Inequality
from lakatos.claims import Claim
from tests.quality.planted.families import total
from theorems.fallah2020 import equation_6, lemma_4_8
from theorems.fallah2020.lemma_4_8 import G_u, G_w, L, alpha, distance, rho
from theorems.foanil2024 import equation_8
from theorems.landscape2022 import corollary_1
from theorems.saunshi2020 import theorem_4_1_init, theorem_4_1_reg, theorem_4_1_step


def smoothness(on_L: Any, on_gradients: Any) -> Any:
    """The bound of Lemma 4.8 with other constants than 4 and 2."""
    return sympy.Min(on_L * L + on_gradients * rho * alpha * G_w, on_L * L + on_gradients * rho * alpha * G_u) * distance


def half_the_inner_step(task_set: Any, w: Any, v: Any, alpha: Any) -> Any:
    return total(meta_gradient(task_set, w, alpha / 2) * v)


def exactly(percent: int) -> sympy.Rational:
    return sympy.Rational(percent, 100)


FALSE: dict[str, Claim] = {
    "Lemma 4.8 with 3.6 L (subtle)": lemma_4_8.gradient_is_lipschitz_on_splines.but(right=smoothness(exactly(360), 2)),
    "Lemma 4.8 with 1.8 times the gradients (subtle)": lemma_4_8.gradient_is_lipschitz_on_splines.but(
        right=smoothness(4, exactly(180))
    ),
    "the bound of Lemma 4.8 is attained with 3.999 (subtle)": lemma_4_8.the_bound_is_attained_by_concave_parabolas.but(
        right=smoothness(exactly(400) - sympy.Rational(1, 1000), 2)
    ),
    "Lemma 4.8 for convex tasks with 0.9 L (subtle)": lemma_4_8.gradient_is_lipschitz_for_convex_tasks.but(
        right=smoothness(exactly(90), 1)
    ),
    "Lemma 4.8 with 1.2 L": lemma_4_8.gradient_is_lipschitz.but(right=smoothness(exactly(120), 2)),
    "Lemma 4.8 without the gradients": lemma_4_8.gradient_is_lipschitz_on_splines.but(right=smoothness(4, 0)),
    "Equation (6) with half the inner step": equation_6.gradient_of_the_objective.but(right=half_the_inner_step),
    "the limit matrix of Equation (8), one per cent more (subtle)": equation_8.fixed_point.but(
        right=equation_8.LIMIT * exactly(101)
    ),
    "the risk of NAL, one per cent more (subtle)": corollary_1.nal_risk_above_noise.but(right=corollary_1.NAL * exactly(101)),
    "the risk of MAML with d for d + 1": corollary_1.maml_risk_above_noise.but(
        right=corollary_1.MAML.subs(corollary_1.d + 1, corollary_1.d)
    ),
    "the excess risk on fixed inputs, ten per cent more (subtle)": theorem_4_1_reg.excess_for_fixed_inputs.but(
        right=theorem_4_1_reg.FIXED_INPUTS * exactly(110)
    ),
    "the excess risk on fixed inputs is never attained (subtle)": theorem_4_1_reg.excess_for_fixed_inputs.but(
        kind=Inequality(">")
    ),
    "one step, one per cent worse (subtle)": theorem_4_1_step.excess_after_one_step.but(
        right=theorem_4_1_step.ONE_STEP * exactly(101)
    ),
    "a start that helps by one per cent (subtle)": theorem_4_1_init.descent_from_zero.but(
        right=theorem_4_1_init.zero_excess * exactly(101)
    ),
}

TRUE: dict[str, Claim] = {
    "Lemma 4.8": lemma_4_8.gradient_is_lipschitz_on_splines,
    "Lemma 4.8 is attained (tight)": lemma_4_8.the_bound_is_attained_by_concave_parabolas,
    "Equation (6)": equation_6.gradient_of_the_objective,
    "the risk of NAL": corollary_1.nal_risk_above_noise,
    "the excess risk on fixed inputs (tight)": theorem_4_1_reg.excess_for_fixed_inputs,
}
