r"""One sigmoid neuron, four tasks: NAL and MAML part, and MAML gains, as hard and easy tasks move apart.

Collins, Mokhtari, Shakkottai 2022, Figure 6 and Appendix C.3: M = 1, d = 2, two environments, "similar
centroids" and "spread". Ground truths and alpha are not printed: here two hard tasks (Sigma = I/2) lie around R
u and two easy ones (I) around -R u, within 1/4 per coordinate, and alpha runs from 4 to 8, where the largest
curvature of a fitted neuron is 1/16. The inner step takes the full gradient instead of m = 80 samples.

Both statements are observed. The gain is a matter of the step: its median at R = 3/2 is 1.16 for alpha = 8; at
alpha = 16 the ratio falls with R.

Known limits: 6 Gauss-Hermite points per axis stand for Gaussian inputs.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import norm
from lakatos import Trend, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.four_neurons import two_centres

figure = partial(
    claim, PAPER, "Figure 6", Trend("increasing", over="R", grid=(0, 0.5, 1, 1.5), batch=8), entry="fig-4-6", on=two_centres
)


@figure(variant="solutions-part-with-R")
def distance_of_solutions(maml: Any, nal: Any) -> Any:
    """The distance between the solutions grows with the distance of the centroids."""
    return norm(maml - nal)


@figure(variant="gain-grows-with-R")
def gain_after_adaptation(loss_of_nal: Any, loss_of_maml: Any) -> Any:
    """MAML's gain in the loss after adaptation grows with the distance of the centroids."""
    return loss_of_nal - loss_of_maml
