"""HF-MAML replaces a Hessian-vector product by a difference of gradients on the same batch.

Fallah, Mokhtari, Ozdaglar 2020, equations (10) and (11): d_k^i approximates H~_i(w, D_h) v with v = g~_i(w - alpha g~_i(w, D_in), D_o); the
method is said to be "an accurate approximation of MAML". No error is printed here. With equation (9) and the length
delta = 1 / (6 rho alpha ||v||) of Theorem 4.17 the two directions differ by at most ||v|| / 6.

Checked by running both methods on the same data, given as any shares of the data points, so that every batch size is covered. Where
data move gradients only, half of it holds, ||v|| / 12, and is attained at kinks of the Hessian: with this delta the error is a fixed share
of ||v||, which no batch size makes smaller. On quadratic losses both directions are the same. Where data move Hessians too the bound
fails, also for alpha <= 1/(6 L) as in Theorem 4.17: (9) is applied to the loss on D_h, and Assumption 4.4 makes only the mean loss f_i
have a rho-Lipschitz Hessian. With a rho that serves for every data point it holds again.

Known limits: one task at a time, at most 2 parameters and 3 data points. Where ||v|| = 0 the length is set to one.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from exactarray import norm
from impl.noisy_tasks import NoisyTasks
from impl.stochastic_maml import hf_maml_directions, maml_directions, printed_delta
from lakatos import Identity, Inequality, claim
from theorems.fallah2020 import PAPER
from theorems.fallah2020.shared_batches import gradient_noise, hessian_noise, hessian_noise_within_rho, kinks, quadratics

v_norm = symbols("v_norm", nonnegative=True)


equation = partial(claim, PAPER, "Equation (11)", entry="eq-10-11-hf", names={"v_norm": r"\|v\|"})
bound = partial(equation, rests_on=("fallah2020/eq-9-hvp/half",), left=r"\alpha\|d_k^i-\tilde\nabla^2f_i(w_k,D_h)v\|")


def directions(noisy: NoisyTasks, w: Any, alpha: Any, rho: Any, data: dict[str, Any]) -> tuple[Any, Any]:
    """What MAML and HF-MAML contribute for the task, ``(batch, d)`` each."""
    free = hf_maml_directions(noisy, w, alpha, **data, delta=lambda v: printed_delta(rho, alpha, v))
    return maml_directions(noisy, w, alpha, **data)[:, 0], free[:, 0]


@bound(Inequality("<="), variant="half-of-equation-9", on=gradient_noise, right=v_norm / 12)
def difference(noisy: NoisyTasks, w: Any, alpha: Any, rho: Any, data: dict[str, Any]) -> Any:
    """Where data move gradients only, the directions of MAML and HF-MAML differ by at most ||v|| / 12, half of what (9) gives."""
    exact, free = directions(noisy, w, alpha, rho, data)
    return norm(exact - free)


@bound(Identity(), variant="half-attained", on=kinks, right=v_norm / 12)
def kinks_attain_half(noisy: NoisyTasks, w: Any, alpha: Any, rho: Any, data: dict[str, Any]) -> Any:
    """At kinks of the Hessian the error is ||v|| / 12 for any data: with the printed length it is a fixed share of ||v||."""
    return difference(noisy, w, alpha, rho, data)


def direction_of_maml(noisy: NoisyTasks, w: Any, alpha: Any, rho: Any, data: dict[str, Any]) -> Any:
    """What MAML contributes on the same data."""
    return directions(noisy, w, alpha, rho, data)[0]


@equation(Identity(), variant="quadratics", on=quadratics, right=direction_of_maml, left=r"v-\alpha d_k^i")
def same_direction_on_quadratics(noisy: NoisyTasks, w: Any, alpha: Any, rho: Any, data: dict[str, Any]) -> Any:
    """On quadratic losses HF-MAML takes the direction of MAML, whatever the length of the difference."""
    return directions(noisy, w, alpha, rho, data)[1]


@bound(
    Inequality("<="),
    variant="noise-in-Hessians",
    on=hessian_noise,
    right=v_norm / 6,
    expect="refuted",
    reason="missing assumption",
    because="Only the mean loss has a rho-Lipschitz Hessian. The loss on D_h may curve sharply at w, and the difference, of length "
    "1 / (6 rho alpha), steps over the bend.",
    witness={
        "tasks": 1, "d": 1, "pieces": 1, "points": 2, "p": [1], "start": [[-1]], "gaps": [[[2]]], "heights": [[[-1, 1]]],
        "slope": [[1]], "odds": [[1, 1]], "linear": [[[0], [0]]], "bent": [[[4], [-4]]], "centre": [[0]], "width": [["1/100"]],
        "alpha_L": 1, "w": [0], "inner": [[1, 1]], "outer": [[1, 1]], "hessian": [[2, 1]],
    },
    corrected="difference_with_rho_of_all_data",
)  # fmt: skip
def difference_with_noise_in_hessians(noisy: NoisyTasks, w: Any, alpha: Any, rho: Any, data: dict[str, Any]) -> Any:
    """The bound where data move Hessians too."""
    return difference(noisy, w, alpha, rho, data)


@bound(Inequality("<="), variant="rho-of-all-data", on=hessian_noise_within_rho, right=v_norm / 12)
def difference_with_rho_of_all_data(noisy: NoisyTasks, w: Any, alpha: Any, rho: Any, data: dict[str, Any]) -> Any:
    """If the loss of every data point has a rho-Lipschitz Hessian, ||v|| / 12 serves again."""
    return difference(noisy, w, alpha, rho, data)
