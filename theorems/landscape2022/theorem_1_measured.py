r"""Theorem 1 with measured curvatures: it holds up to O(alpha^2), and the remainder is needed.

Collins, Mokhtari, Shakkottai 2022, equation (13). As printed no pair of networks meets the hypotheses
(theorem_1). Here beta_i and L_i are the extreme curvatures that the losses have at the stationary point, and
the first task is harder because its inputs vary less, as in the figures. Checked on networks of one or two
neurons on one or two inputs with all four activations, whose stationary points Newton's method finds to 1e-10;
alpha runs over 1/(k L), k = 1 to 64.

The remainder is needed: the first term on the right turns negative at alpha > 1/(2 beta_2), which alpha <= 1/L_2
allows.

Known limits: Gauss-Hermite points (8 per axis) stand for Gaussian inputs, except for ReLU, whose losses are in
closed form.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from lakatos import Rate, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.networks import alpha, excess, fitted_networks

theorem = partial(claim, PAPER, "Theorem 1", entry="thm-1", on=fitted_networks)


@theorem(Rate("O", over="k", grid=(1, 4, 16, 64), batch=32), variant="measured-curvatures", right=alpha**2,
         rests_on=("landscape2022/lem-1/proof-end-explicit-remainder",),
         left=r"\|\nabla f_1\|-\frac{1-2\alpha\beta_2}{(1-\alpha L_1)^2}\|\nabla f_2\|")  # fmt: skip
def hard_gradient(slope_1: Any, slope_2: Any, alpha: Any, beta_2: Any, L_1: Any) -> Any:
    """(13) with measured curvatures: the gradient of task 1 beyond the first term is O(alpha^2)."""
    return excess(slope_1, slope_2, alpha, beta_2, L_1)
