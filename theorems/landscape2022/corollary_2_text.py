"""What the text around Corollary 2 says: when a_H dominates, how close "approximately" is, and what makes the gain large.

Collins, Mokhtari, Shakkottai 2022, Section 3.2 after Corollary 1, and the last line of Appendix A.3. There "approximately"
follows "since 1/4 <= (rho_E/(rho_E+rho_H))^2 <= 1", which is a factor 4. Even that needs clouds that are comparable:
r_E + R^2 <= sqrt(C) r_H is enough, with C >= 100. A factor 2 it is not.

"If C >> 1 then a_H >> a_E" is right with a number, a_H / a_E >= C d / (d + 1), and so is the converse, up to an added 1.
The step "i.e. m >> d and 0 < rho_H/rho_E << 1" is not: C >= 100 leaves rho_H/rho_E anywhere below 1, and at rho_H/rho_E = d/m,
which may be as small as one likes, a_H is not even twice a_E.

Known limits: d at most 3; m up to 3 * 10^13. The trends are tests over random mixtures, not proofs.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from impl.meta_regression import RegressionTasks, loss_after_step_hessian
from lakatos import Inequality, Trend, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.corollary_2 import PRINTED
from theorems.landscape2022.mixtures import (
    C,
    comparable_clouds,
    d,
    gain,
    many_samples_and_much_harder,
    past_margin_1,
    past_margin_100,
)

text = partial(claim, PAPER, entry="cor-2")
ratio = partial(text, "Corollary 2, text", left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)")
weights = partial(text, "Section 3.2", left="a_H/a_E")


@ratio(Inequality(">="), name="gain_is_at_least_a_quarter_for_comparable_clouds", right=PRINTED / 4,
       variant="within-factor-4-of-comparable-clouds", on=comparable_clouds)  # fmt: skip
@ratio(
    Inequality(">="),
    name="gain_is_at_least_half",
    variant="within-factor-2-of-comparable-clouds",
    on=comparable_clouds,
    right=PRINTED / 2,
    expect="refuted",
    reason="hidden constant",
    because="The dropped factor (rho_E/(rho_H+rho_E))^2 falls below 1/2 once rho_H/rho_E exceeds sqrt(2) - 1.",
    witness=dict(d=1, margin=10**4, m_over_margin=1000, root_E=4, root_ratio="3/4", spread_H=1, share_of_R=1,
                 share_of_spread=0),
    corrected="gain_is_at_least_a_quarter_for_comparable_clouds",
)  # fmt: skip
@ratio(Trend("increasing", over="R", grid=(1, 2, 4, 8, 16)), name="gain_grows_with_the_distance",
       variant="gain-grows-with-R", on=past_margin_100)  # fmt: skip
@ratio(Trend("decreasing", over="spread_H", grid=(1, 2, 4, 8, 16)), name="gain_falls_with_the_spread",
       variant="gain-falls-with-r_H", on=past_margin_100)  # fmt: skip
def gain_of_maml(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The ratio of the risks of NAL and MAML, both above the noise floor."""
    return gain(tasks, alpha, m)


@weights(
    Inequality(">="),
    name="hard_tasks_dominate_when_much_harder",
    variant="a_H-dominates-as-spelled-out",
    on=many_samples_and_much_harder,
    right=2,
    expect="refuted",
    reason="missing assumption",
    because='"i.e. m >> d and 0 < rho_H/rho_E << 1" drops that rho_H/rho_E must be far above d/m: below, both weights are those of the '
    "noise of the step and of the data that the hard tasks lack.",
    witness=dict(m_over_d=100, d=1, root_E=1, root_ratio="1/10", R=1, spread_H=1, spread_E=0),
    corrected="hard_tasks_dominate",
)
@weights(Inequality(">="), name="hard_tasks_dominate", variant="a_H-dominates", on=past_margin_1, right=C * d / (d + 1))
@weights(Inequality("<="), name="hard_tasks_dominate_only_then", variant="a_H-dominates-only-then", on=past_margin_1,
         right=C * d / (d + 1) + 1)  # fmt: skip
def weight_of_the_hard_tasks(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The curvature of the test loss of the hard tasks over that of the easy tasks."""
    hard, easy = (
        RegressionTasks(tasks.optima[:, k : k + 1], tasks.roots[:, k : k + 1], 2 * tasks.weights[:, k : k + 1], tasks.noise)
        for k in (0, 1)
    )
    return loss_after_step_hessian(hard, alpha, m)[:, 0, 0] / loss_after_step_hessian(easy, alpha, m)[:, 0, 0]
