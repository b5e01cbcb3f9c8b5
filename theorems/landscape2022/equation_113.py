"""The variance of what label noise adds to an entry of MAML's training gradient.

Collins, Mokhtari, Shakkottai 2022, Appendix D.2, (113): at most c alpha^4 d^2 L^5 sigma^2 / tau (its middle expression prints L^3 for
L^5). It has the defect of (98): as alpha L -> 0 the variance tends to L sigma^2 / (n_1 T tau), not to zero. With
L (1 + alpha^4 d^2 L^4) sigma^2 for the printed product it keeps within a constant. For one episode; T tau of them divide it by T tau.

Checked by running every data set of an exact rule. Known limits: d = 1 and up to two samples of each kind, or d = 2 and one;
steps of at most 1/L.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import symbols

from impl.episode_moments import noise_variance
from lakatos import Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.single_episodes import scaled_inputs, vanishing_steps

d = symbols("d", integer=True, positive=True)
alpha, L = symbols("alpha L", positive=True)

entries = partial(claim, PAPER, "Equation (113)", entry="thm-3", left="Var(g(k))")
over_steps = Rate("O", over="inverse_step", grid=(1, 10, 100, 1000, 10**4), batch=4)
over_L = Rate("O", over="root_L", grid=(1, 2, 4, 8, 16), batch=4)


@entries(
    kind=over_steps, on=vanishing_steps, name="noise_of_entries_corrected", variant="eq-113-corrected",
    right=L * (1 + alpha**4 * d**2 * L**4),
)  # fmt: skip
@entries(
    kind=over_L, on=scaled_inputs, name="noise_of_middle_expression", variant="eq-113-middle", right=alpha**4 * d**2 * L**3,
    expect="refuted", reason="misprint", corrected="noise_of_entries_corrected",
    witness=dict(shape="1,1,1", root_L=1, share=[1], inverse_step=1),
    because="L^3 stands for L^5 in the middle of (113): at fixed alpha L the variance grows like L, alpha^4 L^3 falls like 1 / L.",
)  # fmt: skip
@entries(
    kind=over_steps, on=vanishing_steps, name="noise_of_entries", variant="eq-113-printed",
    right=alpha**4 * d**2 * L**5, expect="refuted", reason="missing assumption",
    corrected="noise_of_entries_corrected", witness=dict(shape="1,1,1", root_L=1, share=[1], inverse_step=1),
    because="As alpha L -> 0 the variance tends to L sigma^2 / n_1: terms of lower order in alpha were dropped.",
)  # fmt: skip
def variance_of_noise(root: Any, alpha: Any, n_1: int, n_2: int) -> Any:
    """The variance of an entry of an episode's noise term at sigma = 1, by running every data set of an exact rule."""
    return noise_variance(root, alpha, n_1, n_2, 0 * alpha + 1)[:, 0]
