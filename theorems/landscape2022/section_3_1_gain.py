"""Two tasks: the level of hardness discrepancy that makes MAML gain over NAL.

Collins, Mokhtari, Shakkottai 2022, Section 3.1 after (9), with alpha = 1/rho_E, n_2 = m and x = rho_H/rho_E: NAL's risk "may be
significantly larger than zero if x << 1"; "these expressions pinpoint the level of hardness discrepancy needed for superior MAML
performance: x must be much smaller than 1, but also larger than 0, such that x (1-x)^2 >> d/m". Checked on the risks above the
noise floor of the trained models.

The last condition is sufficient, with a gain of at least m x (1-x)^2 / ((d+1) (1+x)^2). That x must be much smaller than 1 does
not follow and is not so: at any x below 1 the gain is as large as one likes once m is large enough.

Known limits: d at most 3; m up to 10^6.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational

from impl.meta_regression import RegressionTasks
from lakatos import Existence, Inequality, claim, instances
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import gain
from theorems.landscape2022.task_sets import number_of_samples
from theorems.landscape2022.two_tasks import ASSUMED, NAMES, d, drawn, m, natural_step, x

PINNED = dict(d=1, root_E=1, w_1=[0], apart=[1], noise=0)


def _apart(draw: Any, root_ratio: Any) -> dict[str, Any]:
    made = drawn(draw, 1, root_ratio=root_ratio)
    return dict(made, m=number_of_samples(draw, "m"))


@instances(assume={**ASSUMED, "nearly equally hard": x >= Rational(1, 2)})
def little_discrepancy(draw):
    """Tasks whose hardness differs by a factor 2 at most."""
    return _apart(draw, draw.interval("root_ratio", 0.75, 1, closed="left"))


@instances(assume={**ASSUMED, "a much harder task": x <= Rational(1, 10)})
def much_discrepancy(draw):
    """Tasks whose hardness differs by a factor 10 at least."""
    return _apart(draw, draw.interval("root_ratio", 0, 0.3125, closed="right"))


ratio = partial(claim, PAPER, "Section 3.1, after (9)", entry="sec3.1-limits", names=NAMES,
                left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)")  # fmt: skip


@ratio(
    Inequality("<="),
    name="no_gain_without_discrepancy",
    variant="ratio-must-be-small",
    on=little_discrepancy,
    right=2,
    expect="refuted",
    reason="false",
    because="With enough samples the gain is as large as one likes at any hardness ratio below 1: x (1-x)^2 >> d/m is enough.",
    witness=dict(PINNED, one_over_m="1/1000000", root_ratio="3/4"),
    corrected="gain_is_at_least",
)
@ratio(Inequality(">="), name="gain_is_at_least", variant="condition-is-sufficient", on=natural_step,
       right=m * x * (1 - x) ** 2 / ((d + 1) * (1 + x) ** 2))  # fmt: skip
@ratio(Existence(">="), name="gain_can_be_large", variant="nal-can-be-much-worse", on=much_discrepancy, right=1000,
       witness=dict(PINNED, one_over_m="1/1000000", root_ratio="1/4"))  # fmt: skip
def gain_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """NAL's risk over MAML's, both above the noise floor."""
    return gain(tasks, alpha, m)
