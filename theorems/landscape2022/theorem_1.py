r"""At a stationary point of MAML on networks the harder task has the smaller gradient: a theorem without instances.

Collins, Mokhtari, Shakkottai 2022, Theorem 1, equation (13), and its interpretation, Section 4. Theorem 1 puts
Sigma_i = I, beta_i = c_2/(lambda_i kappa_i^2), L_i = c_3 M s_{i,1}^{2c}, and asks for beta_1 < beta_2 and L_1 <
L_2. Appendix B defines c by 0 <= sigma'(z) <= a|z|^c for all z. At z = 0 none of the four activations has slope
0, so that c = 0 (theorem_1_premises), L_1 = L_2 = c_3 M, and L_1 < L_2 never holds. A free c > 0 does not
help: (38) then fails for small networks (theorem_1_constants), and one neuron still has lambda_i = kappa_i = 1
and beta_1 = beta_2.

Nor does the interpretation have an instance: "as long as there is sufficient hardness discrepancy, specifically
beta_2 > L_1". One neuron forces c_2 <= c_3, as beta_i and L_i bound one spectrum from both sides; then beta_2
<= c_2 <= c_3 M = L_1. For ReLU this needs no constants: the curvature of f_i in the direction of W itself is E
h_W(x)^2, whatever the task, so that lambda_min(grad^2 f_2) <= lambda_max(grad^2 f_1) at every W.

What is left is Lemma 1: (13) with the curvatures that both losses have at the stationary point, on inputs of
different variance, which is what the figures use. There the O(alpha^2) is real (theorem_1_measured).

Known limits: at most two neurons in the plane.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace, norm
from lakatos import Identity, Inequality, Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.networks import (
    L_1,
    alpha,
    excess,
    networks_as_printed,
    printed_curvatures,
    relu_networks,
    single_neurons,
)
from theorems.landscape2022.pairs_of_tasks import unordered_pairs

USED = ("lem-1/printed-without-remainder", "lem-1/proof-end-explicit-remainder", "thm-1/eq-38-lower-relu", "thm-1/eq-38-upper",
        "thm-1/eq-38-lower-sigmoid-tanh", "thm-1/eq-38-lower-softplus", "thm-1/eq-39-relu", "thm-1/eq-39-smooth",
        "thm-1/property-3.1-c-0")  # fmt: skip
theorem = partial(claim, PAPER, "Theorem 1", Rate("O", over="k", grid=(1, 4, 16, 64), batch=8), entry="thm-1", right=alpha**2,
                  expect="vacuous", rests_on=tuple(f"landscape2022/{used}" for used in USED),
                  left=r"\|\nabla f_1\|-\frac{1-2\alpha\beta_2}{(1-\alpha L_1)^2}\|\nabla f_2\|")  # fmt: skip


@theorem(name="hard_gradient_as_printed", variant="printed", on=networks_as_printed)
@theorem(name="hard_gradient_of_one_neuron", variant="one-neuron", on=single_neurons)
def hard_gradient(slope_1: Any, slope_2: Any, alpha: Any, beta_2: Any, L_1: Any) -> Any:
    """(13), as alpha = 1/(k L) falls: the gradient of task 1 beyond the first term is O(alpha^2)."""
    return excess(slope_1, slope_2, alpha, beta_2, L_1)


@claim(PAPER, "Theorem 1, interpretation", Inequality("<="), entry="thm-1", variant="no-hardness-discrepancy", right=L_1,
       on=printed_curvatures, left=r"\beta_2")  # fmt: skip
def convexity_of_the_easy_task(beta_2: Any) -> Any:
    """The condition beta_2 > L_1 of the interpretation is never met."""
    return beta_2


def curvature_along(tasks: Any, w: Any, task: int) -> Any:
    """w^T grad^2 f(w) w of one of the tasks."""
    return namespace(w).sum(w * tasks.hessian_vector(w, w), axis=-1)[:, task]


@claim(PAPER, "Theorem 1, interpretation", Identity(), entry="thm-1", variant="no-hardness-discrepancy-for-relu", on=relu_networks,
       right=lambda tasks, w: curvature_along(tasks, w, 1), left=r"W^\top\nabla^2 f_1(W)W")  # fmt: skip
def curvature_of_relu_networks_along_themselves(tasks: Any, w: Any) -> Any:
    """For ReLU and equal inputs both tasks have the same curvature in the direction of W, so that beta_2 <= L_1 at every W."""
    return curvature_along(tasks, w, 0)


@claim(PAPER, "Theorem 1, interpretation", Identity(), entry="thm-1", variant="nal-equal-gradients", on=unordered_pairs,
       right=lambda tasks, nal: norm(tasks.gradient(nal))[:, 1], left=r"\|\nabla f_1(w_{NAL})\|")  # fmt: skip
def hard_gradient_of_nal(tasks: Any, nal: Any) -> Any:
    """At a stationary point without adaptation both gradients have the same length."""
    return norm(tasks.gradient(nal))[:, 0]
