"""Iterations and samples per iteration of the methods, with as many samples as they ask for.

Fallah, Mokhtari, Ozdaglar 2020, Table 1 with footnote 2 (sigma and sigma~ small):

    MAML      ||grad F|| <= eps              O(1/eps^2)                 O(1/eps^4)
    FO-MAML   ||grad F|| <= O(alpha sigma)   O(1/(alpha^2 sigma^2))     O(1/(alpha^4 sigma^2))
    HF-MAML   ||grad F|| <= eps              O(1/eps^2)                 O(1/eps^4)

The rows summarise Theorems 4.12, 4.15, 4.17 and Corollaries 4.13, 4.16, and agree with them where they hold. Batch sizes at (25)
and (27) with C_1 = C_2 = 1 give B (D_in + D_o + D_h) samples, of the exact orders 1/eps^4 and 1/(alpha^4 sigma^2) for sigma <= 1; with
these sizes the accuracies are reached, exactly, in the numbers of iterations printed (corollary_4_13.py and corollary_4_16.py). That
a step takes so many samples is counted, for eps from 1/2 to 1/20, in table_1_samples_drawn.py. The
exponents of alpha and sigma in the last column of FO-MAML differ because sigma~^2 / sigma^2 enters D_in only: no misprint.

The column of accuracies: table_1_accuracy.py. HF-MAML's row is that of MAML where Hessians agree (section_4_5_hf_recovers.py), with
D_h = 36 (alpha rho sigma~)^2, which does not depend on eps; with the printed delta and other tasks it reaches no accuracy for which
iterations or samples could be counted.

Known limits: constants of Delta, L and sigma~ are those of a family with values between 1 and 10; for MAML D_h = 1, which is enough where
2 alpha^2 sigma_H^2 <= 1. Smaller sizes than (25) may do: MAML needs D_in of order 1/eps only (table_1_k_shot.py).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from exactarray import array_like, maximum, namespace
from impl.stochastic_maml_runs import EqualHessians
from lakatos import Rate, claim, fix, instances
from theorems.fallah2020 import PAPER

alpha, sigma, eps = symbols("alpha sigma eps", nonnegative=True)
table = partial(claim, PAPER, "Table 1", entry="tab-1-samples", names={"eps": r"\epsilon"})
FROM_MAML = ("fallah2020/cor-4.13/printed", "fallah2020/thm-4.12-maml/attained")
FROM_FO_MAML = ("fallah2020/cor-4.16/printed",)
FROM_HF_MAML = ("fallah2020/claim-hf-recovers/equal-Hessians",)


def _flat(draw: Any, level: Any, constant: Any, alpha: Any) -> dict[str, Any]:
    """Tasks as flat as an accuracy asks for, for the iterations with infinite batches."""
    delta = draw.interval("Delta", 1, 10)
    h = (draw.interval("curvature", 1, 4) * level / delta)[:, None]
    flat = EqualHessians(h, constant, alpha, 0 * h, 0 * h)
    return {"flat": flat, "start": flat.squared_gradient(delta[:, None]), "level": level, "L": constant, "alpha": alpha}


def batch_sizes_for(noise: Any, tasks: Any, accuracy: Any) -> tuple[Any, Any, Any]:
    """Whole numbers B, D_in and D_o for an accuracy, where (25) or (27) asks for ``tasks`` tasks."""
    xp, one, needed = namespace(noise), array_like([1], noise), noise**2 / accuracy**2
    B = maximum(xp.ceil(tasks), 20 * one)
    return B, maximum(xp.ceil(needed), one), maximum(xp.ceil(needed / B), one)


def _samples(noise: Any, tasks: Any, accuracy: Any, D_h: Any = 1) -> Any:
    """B (D_in + D_o + D_h) for an accuracy."""
    B, D_in, D_o = batch_sizes_for(noise, tasks, accuracy)
    return B * (D_in + D_o + D_h)


@instances(strata={"L = 1": fix(L=1)})
def any_accuracy(draw: Any) -> dict[str, Any]:
    """An accuracy eps for MAML."""
    eps, constant = 1 / draw.interval("inverse_eps", 2, 1000), draw.interval("L", 1, 10)
    sigma, noise = draw.interval("sigma", 1, 2), draw.interval("sigma_tilde", 1, 2)
    alpha = draw.interval("alpha_share", 0, 1, closed="right") / (6 * constant)
    D_h = namespace(eps).ceil(36 * (draw.interval("rho_alpha", 0, 1 / 2) * noise) ** 2)
    return {
        **_flat(draw, eps**2, constant, alpha), "eps": eps, "samples": _samples(noise, sigma**2 / eps**2, eps),
        "samples_of_hf_maml": _samples(noise, sigma**2 / eps**2, eps, D_h + (D_h == 0)),
    }  # fmt: skip


@instances()
def any_alpha_and_sigma(draw: Any) -> dict[str, Any]:
    """The accuracy alpha sigma L of FO-MAML, for L between 1 and 2, alpha <= 1/(10 L) and sigma <= 1."""
    constant, noise = draw.interval("L", 1, 2), draw.interval("sigma_tilde", 1, 2)
    alpha, sigma = 1 / (10 * constant * draw.interval("shortening", 1, 30)), 1 / draw.interval("inverse_sigma", 1, 30)
    accuracy = alpha * sigma * constant
    samples = _samples(noise, 1 / (alpha * constant) ** 2, accuracy)
    return {**_flat(draw, accuracy**2, constant, alpha), "sigma": sigma, "samples": samples}


in_eps = partial(Rate, over="inverse_eps", grid=(5, 15, 50, 150, 500), batch=16)
in_alpha = partial(Rate, over="shortening", grid=(1, 3, 10, 30), batch=16)
in_sigma = partial(Rate, over="inverse_sigma", grid=(1, 3, 10, 30), batch=16)


@table(in_eps("O"), variant="maml-iterations", on=any_accuracy, right=1 / eps**2, rests_on=FROM_MAML)
def iterations_of_maml(flat: EqualHessians, start: Any, level: Any) -> Any:
    """The number of iterations of MAML until ||grad F|| <= eps on the flattest tasks."""
    return flat.iterations_until("maml", start, level)


@table(in_eps("O"), variant="hf-maml-iterations", on=any_accuracy, right=1 / eps**2, rests_on=FROM_HF_MAML)
def iterations_of_hf_maml(flat: EqualHessians, start: Any, level: Any) -> Any:
    """The number of iterations of HF-MAML until ||grad F|| <= eps on the flattest tasks, whose Hessians agree."""
    return flat.iterations_until("hf-maml", start, level)


@table(in_alpha("O"), variant="fo-maml-iterations-in-alpha", on=any_alpha_and_sigma, right=1 / (alpha * sigma) ** 2)
@table(
    in_sigma("O"), variant="fo-maml-iterations-in-sigma", name="iterations_for_similar_tasks", on=any_alpha_and_sigma,
    right=1 / (alpha * sigma) ** 2,
)  # fmt: skip
def iterations_of_fo_maml(flat: EqualHessians, start: Any, level: Any) -> Any:
    """The number of iterations of FO-MAML until ||grad F|| <= alpha sigma L on the flattest tasks."""
    return flat.iterations_until("fo-maml", start, level)


@table(in_eps("Theta"), variant="maml-samples", on=any_accuracy, right=1 / eps**4, rests_on=FROM_MAML)
@table(
    in_alpha("Theta"),
    variant="fo-maml-samples-in-alpha",
    name="samples_of_fo_maml_in_alpha",
    on=any_alpha_and_sigma,
    right=1 / (alpha**4 * sigma**2),
    rests_on=FROM_FO_MAML,
)
@table(
    in_sigma("Theta"), variant="fo-maml-samples-in-sigma", name="samples_of_fo_maml_in_sigma", on=any_alpha_and_sigma,
    right=1 / (alpha**4 * sigma**2), rests_on=FROM_FO_MAML,
)  # fmt: skip
def samples_per_iteration(samples: Any) -> Any:
    """B (D_in + D_o + D_h) for batch sizes at (25) or (27)."""
    return samples


@table(in_eps("Theta"), variant="hf-maml-samples", on=any_accuracy, right=1 / eps**4, rests_on=FROM_HF_MAML)
def samples_of_hf_maml_per_iteration(samples_of_hf_maml: Any) -> Any:
    """B (D_in + D_o + D_h) for batch sizes at (25) and at the printed limit of D_h."""
    return samples_of_hf_maml
