"""The data points that one iteration of each method takes, counted while it runs.

Fallah, Mokhtari, Ozdaglar 2020, Table 1, column "# samples/iteration": O(1/eps^4) for MAML and HF-MAML, O(1/(alpha^4 sigma^2)) for
FO-MAML. A step is run on tasks and data points that are drawn one by one, with batches at (25) for MAML and HF-MAML and at (27) for
FO-MAML, with C_1 = C_2 = 1, and at the printed limits of D_h; every point that is drawn is counted. The counts are B (D_in + D_o + D_h),
as table_1_samples.py has them for smaller eps, without D_h for FO-MAML, which draws none, and of the printed orders. For HF-MAML
D_h = 36 (alpha rho sigma~)^2 does not depend on eps, so that its row is that of MAML.

Known limits: eps from 1/2 to 1/20; quadratics on a line with L, sigma and sigma~ between 1 and 3/2, rho alpha up to 1/5; the batches of
the step size, of O(1) points, are not drawn.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sympy import symbols

from exactarray import namespace
from impl.drawn_steps import Sampler, drawn_update, one_instance
from impl.noisy_tasks import NoisyTasks
from impl.smooth_tasks import SplineTasks
from impl.stochastic_maml import printed_delta
from impl.stochastic_maml_runs import STEP_DIVISORS
from lakatos import Rate, claim, fix, instances
from theorems.fallah2020 import PAPER
from theorems.fallah2020.at_rest import with_noise
from theorems.fallah2020.table_1_samples import batch_sizes_for

alpha, sigma, eps, samples = symbols("alpha sigma eps samples", positive=True)


def _drawn(draw: Any, L: Any, alpha: Any, sigma: Any, noise: Any) -> dict[str, Any]:
    """Two parabolas whose gradients differ by 2 sigma, and two data points each."""
    xp, h = namespace(L), draw.interval("steepness", 0, 1) * L
    knots, slopes = xp.stack([h, h], axis=-1), xp.stack([sigma, -sigma], axis=-1)
    tasks = SplineTasks(
        weights=0 * knots + 1 / 2, start=0 * knots[..., None], gaps=(0 * knots + 1)[..., None, None],
        heights=xp.stack([knots, knots], axis=-1)[:, :, None, :], slope=slopes[..., None],
    )  # fmt: skip
    return {"noisy": with_noise(tasks, noise), "w": draw.real("w", 1), "L": L, "alpha": alpha}


@instances(strata={"alpha at its end": fix(alpha_share=1)})
def with_an_accuracy(draw: Any) -> dict[str, Any]:
    """An accuracy eps for MAML or HF-MAML, and rho alpha up to 1/5."""
    eps, (L, sigma, noise) = 1 / draw.interval("inverse_eps", 2, 20), (draw.interval(x, 1, 3 / 2) for x in ("L", "sigma", "s"))
    alpha = draw.interval("alpha_share", 0, 1, closed="right") / (6 * L)
    rho, xp = draw.interval("rho_alpha", 0, 1 / 5) / alpha, namespace(L)
    B, D_in, D_o = batch_sizes_for(noise, sigma**2 / eps**2, eps)
    D_h = xp.ceil(36 * (alpha * rho * noise) ** 2)
    sizes = xp.stack([B, D_in, D_o, D_h + (D_h == 0)], axis=-1)
    return {**_drawn(draw, L, alpha, sigma, noise), "eps": eps, "rho": rho, "sizes": sizes}


@instances()
def with_the_accuracy_of_fo_maml(draw: Any) -> dict[str, Any]:
    """The accuracy alpha L sigma of FO-MAML."""
    L, noise = draw.interval("L", 1, 3 / 2), draw.interval("s", 1, 3 / 2)
    alpha, sigma = 1 / (10 * L * draw.interval("shortening", 1, 2)), 1 / draw.interval("inverse_sigma", 1, 2)
    B, D_in, D_o = batch_sizes_for(noise, 1 / (alpha * L) ** 2, alpha * sigma * L)
    sizes = namespace(L).stack([B, D_in, D_o, 0 * B + 1], axis=-1)
    return {**_drawn(draw, L, alpha, sigma, noise), "sigma": sigma, "rho": 0 * L, "sizes": sizes}


def points_of_a_step(method: str, noisy: NoisyTasks, w: Any, alpha: Any, L: Any, rho: Any, sizes: Any) -> Any:
    """How many data points a step takes, ``(batch,)``."""
    taken = []
    for b, (B, D_in, D_o, D_h) in enumerate(sizes.long().tolist()):
        sampler, one = Sampler(torch.Generator().manual_seed(b)), slice(b, b + 1)
        delta = partial(printed_delta, rho[one], alpha[one])
        beta = 1 / (4 * L[one] * STEP_DIVISORS[method])
        drawn_update(method, one_instance(noisy, b), w[one], alpha[one], beta, (B, D_in, D_o, D_h), sampler, delta)
        taken.append(sampler.points)
    return torch.tensor(taken, dtype=w.dtype)


table = partial(claim, PAPER, "Table 1", entry="tab-1-samples", names={"eps": r"\epsilon"}, left=r"\text{points drawn}")
in_eps = Rate("Theta", over="inverse_eps", grid=(2, 5, 10, 20), batch=2)
in_alpha = Rate("Theta", over="shortening", grid=(1, 1.25, 1.5, 2), batch=2)


@table(in_eps, variant="maml-samples-drawn", on=with_an_accuracy, right=1 / eps**4, rests_on=("fallah2020/cor-4.13/printed",))
def points_of_maml(noisy: NoisyTasks, w: Any, alpha: Any, L: Any, rho: Any, sizes: Any) -> Any:
    """A step of MAML draws data points of the order 1/eps^4."""
    few = torch.cat([sizes[:, :3], 0 * sizes[:, 3:] + 1], dim=1)
    return points_of_a_step("maml", noisy, w, alpha, L, rho, few)


@table(in_eps, variant="hf-maml-samples-drawn", on=with_an_accuracy, right=1 / eps**4)
def points_of_hf_maml(noisy: NoisyTasks, w: Any, alpha: Any, L: Any, rho: Any, sizes: Any) -> Any:
    """A step of HF-MAML draws data points of the order 1/eps^4."""
    return points_of_a_step("hf-maml", noisy, w, alpha, L, rho, sizes)


@table(
    in_alpha, variant="fo-maml-samples-drawn", on=with_the_accuracy_of_fo_maml, right=1 / (alpha**4 * sigma**2),
    rests_on=("fallah2020/cor-4.16/printed",),
)  # fmt: skip
def points_of_fo_maml(noisy: NoisyTasks, w: Any, alpha: Any, L: Any, rho: Any, sizes: Any) -> Any:
    """A step of FO-MAML draws data points of the order 1/(alpha^4 sigma^2)."""
    return points_of_a_step("fo-maml", noisy, w, alpha, L, rho, sizes)
