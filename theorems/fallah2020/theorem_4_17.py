"""HF-MAML with the printed difference length does not find stationary points: its error is of the order alpha L sigma.

Fallah, Mokhtari, Ozdaglar 2020, Theorem 4.17, equation (28): with delta_k^i = 1 / (6 rho alpha ||v_i||), v_i the outer gradient,
HF-MAML finds a solution with E||grad F|| <= O(sqrt(sigma^2/B + sigma~^2/(B D_o) + sigma~^2/D_in) + eps), for any eps.

The two gradients of (11) are taken at the distance 1 / (6 rho alpha) from w, however small ||v_i|| is, so that alpha d_i differs
from alpha grad^2 f_i(w) v_i by up to c ||v_i||, c = 2 t (1 - 6 t) for t = alpha L <= 1/12 and 1/12 beyond: a share of v_i that no batch
size and no eps reduces. The v_i cancel in the mean over the tasks, these errors do not. Checked where the expected update is zero
(B = D_o = infinity), so that a run that starts there stays, and every reading of "finds" (best, last, uniformly drawn iterate) names
the same point: with B, D_o and D_in to infinity and eps to 0 the right side of (28) tends to 0 for any constant, the gradient of F does
not move. A constant of 1000 is given to the printed bound; without data noise none helps. Opposed tasks (points_at_rest.py) draw HF-MAML
back to such a point, where the gradient is 0.98 alpha L sigma, and it can be almost twice that: for small t, Hessians that
change sign right beside w make HF-MAML see the opposite curvature, and the floor tends to 2 alpha L sigma (spiked_tasks.py).

What holds: a floor as in (26), up to twice that of FO-MAML, instead of any accuracy; and with delta_k^i = eta / (6 rho alpha ||v_i||) the
floor is eta sigma / 10 at most, so that eta of order eps / sigma repairs the theorem. Both with the best constants: where the update is
zero, s = sigma~ / sqrt(D_in) and t <= 1/6, on a line,

    ||grad F|| <= (1 + t) c sigma / sqrt(1 - (t - c)^2) + t s / (1 - t),    c = x - 3 x^2 / eta,    x = min{2 t, eta / 6}.

Here x is the most by which alpha f'' changes along a difference, and c by which its mean h_i there deviates from f_i''(w); that leaves
|alpha h_i| <= t - c. With c_i for the deviations, m_i = 1 - alpha h_i and v_i = A_i grad f_i, rest is E m_i v_i = 0 and grad F = E c_i v_i,
so E z_i grad f_i with z_i = A_i (c_i - q m_i) for any q. For the q with E z_i = 0 this is sigma sqrt(E z^2) at most, and E z^2 is at most
(1 + t)^2 (c - q (1 - t + c)) (c + q (1 + t - c)), the product of the ends of z; the first term is its maximum over q, approached for
every t and eta (hf_maml_extremes.py). The second, by Kantorovich's inequality for m_i and A_i, is approached at kinks as t falls.

Known limits: one parameter, two tasks; where v_i = 0 the difference is taken as zero; rho = 0 leaves the length open, and 1 is used.
Condition (18) and that on D_h concern expectations that are exact here.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Integer, Min, Rational, sqrt, symbols

from exactarray import namespace
from lakatos import Existence, Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import AtRest
from theorems.fallah2020.hf_maml_extremes import HF_MAML_OF_ALL_KINDS, WITH_SHORT_DIFFERENCES
from theorems.fallah2020.points_at_rest import HF_MAML_AT_REST, opposed_at_one_twelfth
from theorems.fallah2020.spiked_tasks import spikes_between_the_differences

L, alpha, sigma, sigma_tilde, D_in, eta, w_squared = symbols("L alpha sigma sigma_tilde D_in eta w_squared", nonnegative=True)
PRINTED = 1000 * sigma_tilde / sqrt(D_in)
t = alpha * L


def floor(eta: Any) -> Any:
    """The bound with differences of ``eta`` times the printed length."""
    x = Min(2 * t, eta / 6)
    c = x - 3 * x**2 / eta
    return (1 + t) * c * sigma / sqrt(1 - (t - c) ** 2) + t * sigma_tilde / ((1 - t) * sqrt(D_in))


at_rest = partial(
    claim,
    PAPER,
    "Theorem 4.17, (28)",
    entry="thm-4.17-hfmaml",
    left=r"\|\nabla F(w)\|",
    names={"sigma_tilde": r"\tilde\sigma", "D_in": r"D_{in}", "w_squared": r"\|w\|^2"},
)


@at_rest(
    Inequality("<="),
    on=HF_MAML_AT_REST,
    right=PRINTED,
    expect="refuted",
    reason="false",
    because="The printed delta keeps both gradients at the distance 1/(6 rho alpha) from w, so that the error of the Hessian-vector "
    "product is a fixed share of the outer gradients, which at a resting point cancel over the tasks while their errors do not.",
    witness={
        "pieces": 2,
        "D_in": 1,
        "far_height": 1,
        "bend": [-1],
        "start": [["1/6"]],
        "gaps": [[["1/6", "1/6"]]],
        "slope": [["13/12"]],
        "alpha_share": 1,
        "deviation": 0,
        "root_of_odds": 1,
    },
    corrected="short_differences_repair_it",
)
@at_rest(
    Inequality("<="),
    variant="with-the-floor",
    name="hf_maml_reaches_the_floor",
    on=HF_MAML_OF_ALL_KINDS,
    right=floor(Integer(1)),
)
def hf_maml_reaches_any_accuracy(rest: AtRest) -> Any:
    """Where HF-MAML with the printed delta and infinitely many tasks and outer samples stays, the gradient of F is small."""
    return rest.gradient_after_an_update("hf-maml")


@at_rest(
    Existence(">="), variant="floor", on=opposed_at_one_twelfth, right=Rational(39, 40) * alpha * L * sigma,
    witness={"curvature": 1, "slope": 2, "start": 0},
)  # fmt: skip
def hf_maml_has_the_floor_of_fo_maml(rest: AtRest) -> Any:
    """On some tasks without data noise HF-MAML with the printed delta rests where the gradient of F is 0.97 alpha L sigma."""
    return rest.gradient_after_an_update("hf-maml")


@at_rest(
    Existence(">="), variant="floor-above-FO-MAML", on=spikes_between_the_differences, right=Rational(19, 10) * alpha * L * sigma,
    witness={"curvature": 1, "bend": 10, "n": 1, "shortening": 20},
)  # fmt: skip
def hf_maml_has_a_higher_floor_than_fo_maml(rest: AtRest) -> Any:
    """On some tasks the gradient where HF-MAML rests is 1.9 alpha L sigma; that of FO-MAML is 1.1 alpha L sigma at most."""
    return rest.gradient_after_an_update("hf-maml")


@at_rest(
    Inequality(">="), variant="attraction", on=opposed_at_one_twelfth, right=9 * alpha * L**2 * w_squared / 10,
    left=r"w \cdot \mathbb{E} g",
)  # fmt: skip
def hf_maml_is_drawn_to_its_resting_point(rest: AtRest, start: Any) -> Any:
    """Near that point the expected direction of HF-MAML points back to it, so that runs converge there."""
    return namespace(start).sum(rest.moved(start).mean_direction("hf-maml") * start, axis=-1)


@at_rest(Inequality("<="), variant="short-differences", on=WITH_SHORT_DIFFERENCES, right=floor(eta))
def short_differences_repair_it(rest: AtRest) -> Any:
    """With delta shortened by the factor eta the floor shrinks in proportion to eta."""
    return rest.gradient_after_an_update("hf-maml")
