r"""What the proof of Theorem 1 takes from Zhong et al. 2017: which of its absolute constants exist.

Collins, Mokhtari, Shakkottai 2022, Appendix B, equations (38) and (39), for the activations that the theorem
lists, with c = 0 (theorem_1_premises). At the ground truth the Hessian is the mean of an outer product, so that
its spectrum follows from one quadrature.

The upper side of (38) holds with constant 1 for c = 0, and fails for any c > 0. The lower side has a constant
for ReLU only: for one sigmoid or tanh neuron the curvature vanishes as the neuron grows, and for two softplus
neurons as they shrink and the network becomes linear. Zhong et al. have a factor rho(s_M) there that the proof
leaves out. (39) fails for ReLU: the Hessian does not change when W and W_* are scaled together, so that its
Lipschitz constant is of order 1/||W_*||.

Known limits: at most two neurons in the plane; 48 Gauss-Hermite points per axis for the smooth activations.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from impl.two_layer_networks import SMOOTH
from lakatos import Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.networks import ACTIVATIONS
from theorems.landscape2022.networks_at_truth import near_truth, truths_of

kappa, M, distance, s_1, c = symbols("kappa M distance s_1 c", positive=True)
WIDE, SMALL = (1, 2, 4, 8), (1, 4, 16, 64)


zhong = partial(claim, PAPER, entry="thm-1")
lower = partial(zhong, "Equation (38)", left=r"\lambda_{\min}(\nabla^2 f_i(W_{i,*}))", right=1 / kappa**3)
hidden = partial(lower, expect="refuted", reason="hidden constant", corrected="lowest_curvature_of_relu")


@hidden(Rate("Omega", over="grow", grid=WIDE, batch=8), name="lowest_curvature_of_a_neuron", variant="eq-38-lower-sigmoid-tanh",
        on=truths_of(["sigmoid", "tanh"], 1), because="A neuron that grows saturates: the curvature of one tanh neuron falls like "
        "the third power of its size, at kappa = lambda = 1.")  # fmt: skip
@hidden(Rate("Omega", over="shrink", grid=SMALL, batch=8), name="lowest_curvature_of_two_neurons", variant="eq-38-lower-softplus",
        on=truths_of(["softplus"], 2), because="Two small softplus neurons are nearly linear and add up to one: the lowest "
        "curvature falls like the square of their size, at a fixed kappa and lambda.")  # fmt: skip
@lower(Rate("Omega", over="close", grid=(1, 2, 4, 8, 16, 32), batch=8), name="lowest_curvature_of_relu",
       variant="eq-38-lower-relu", on=truths_of(["relu"], 2))  # fmt: skip
def lowest_curvature(lowest: Any) -> Any:
    """The smallest curvature at the ground truth is at least c_1/(kappa^2 lambda)."""
    return lowest


upper = partial(zhong, "Equation (38)", left=r"\lambda_{\max}(\nabla^2 f_i(W_{i,*}))")


@upper(Rate("O", over="shrink", grid=SMALL, batch=8), name="highest_curvature_for_positive_c", variant="eq-38-upper-c-positive",
       on=truths_of(ACTIVATIONS, 1), right=M * s_1 ** (2 * c), expect="refuted", reason="false", corrected="highest_curvature_for_c_0",
       because="The curvature does not vanish as a neuron shrinks, but s^(2c) does.")  # fmt: skip
@upper(Rate("O", over="grow", grid=WIDE, batch=8), name="highest_curvature_for_c_0", variant="eq-38-upper",
       on=truths_of(ACTIVATIONS, 2), right=M)  # fmt: skip
def highest_curvature(highest: Any) -> Any:
    """The largest curvature at the ground truth is at most c_2 M s^(2c)."""
    return highest


lipschitz = partial(zhong, "Equation (39)", Rate("O", over="shrink", grid=SMALL, batch=16), right=distance)


@lipschitz(
    name="change_of_relu_curvature",
    variant="eq-39-relu",
    on=near_truth(["relu"]),
    expect="refuted",
    reason="hidden constant",
    because="For ReLU the Hessian does not change when W and W_* shrink together, but their distance does: the constant is of order "
    "1/||W_*||.",
    corrected="change_of_smooth_curvature",
)
@lipschitz(name="change_of_smooth_curvature", variant="eq-39-smooth", on=near_truth(list(SMOOTH)))
def change_of_curvature(change: Any) -> Any:
    """The Hessian changes by at most c_3 M^2 s^c ||W - W_*||, here for one neuron and c = 0."""
    return change
