"""Two tasks: what becomes of NAL and MAML as the hard task's inputs vanish.

Collins, Mokhtari, Shakkottai 2022, Section 3.1, last paragraphs: "the MAML and NAL excess risks go to zero with rho_H", "too
much hardness discrepancy causes no gain for MAML", "both NAL and MAML ignore the hard task and initialize at the easy task".
Checked on the trained models with alpha = 1/rho_E, rho_H = rho_E / t^2 and n_2 = m.

All three hold for fixed m. The order of quantifiers matters: at any rho_H the gain grows without bound with m, so that "too
much" depends on m, and the gain does not tend to 1 if m grows like t^4. It does tend to 1 as rho_H tends to rho_E.

Known limits: d at most 3; risks are those above the noise floor.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace
from impl.meta_regression import RegressionTasks, maml_solution, nal_solution
from lakatos import Limit, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.mixtures import gain, maml_risk, nal_risk
from theorems.landscape2022.two_tasks import NAMES, fixed_pairs, squared, two

SCALES = tuple(2**k for k in range(2, 15))


def along(quantity: Any, checkpoints: tuple[int, ...], root_E: Any, hard: Any, easy: Any, samples: Any, root: Any) -> Any:
    """A quantity of two tasks with the given hard root and number of samples for each checkpoint."""
    values = [quantity(two(root(t), root_E, hard, easy, 0 * root_E), 1 / root_E**2, samples(t)) for t in checkpoints]
    return namespace(root_E).stack(values, axis=-1)


text = partial(claim, PAPER, "Section 3.1, last paragraphs", Limit(checkpoints=SCALES), entry="sec3.1-limits", names=NAMES,
               on=fixed_pairs)  # fmt: skip


@text(variant="risks-vanish-with-rho_H", left=r"\mathcal{E}_m")
def both_risks(root_E: Any, hard: Any, easy: Any, gap: Any, m: Any, checkpoints: tuple[int, ...]) -> Any:
    """The sum of both risks, relative to rho_E ||w_1 - w_2||^2, as rho_H = rho_E / t^2."""

    def sum_of_risks(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
        return nal_risk(tasks, alpha, m) + maml_risk(tasks, alpha, m)

    sums = along(sum_of_risks, checkpoints, root_E, hard, easy, lambda t: m, lambda t: root_E / t)
    return sums / (root_E**2 * gap)[:, None]


@text(variant="both-start-at-the-easy-task", left=r"\|w^*-w_2^*\|^2")
def both_distances(root_E: Any, hard: Any, easy: Any, gap: Any, m: Any, checkpoints: tuple[int, ...]) -> Any:
    """The sum of both models' squared distances from the easy optimum, relative to ||w_1 - w_2||^2, as rho_H = rho_E / t^2."""

    def sum_of_distances(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
        return squared(nal_solution(tasks) - easy) + squared(maml_solution(tasks, alpha, m) - easy)

    return along(sum_of_distances, checkpoints, root_E, hard, easy, lambda t: m, lambda t: root_E / t) / gap[:, None]


ratio = partial(text, left=r"\mathcal{E}_m(w_{NAL}^*)/\mathcal{E}_m(w_{MAML}^*)", right=1)


@ratio(variant="no-gain-for-vanishing-data")
def gain_as_data_vanish(root_E: Any, hard: Any, easy: Any, m: Any, checkpoints: tuple[int, ...]) -> Any:
    """NAL's risk over MAML's as rho_H = rho_E / t^2 and m is fixed."""
    return along(gain, checkpoints, root_E, hard, easy, lambda t: m, lambda t: root_E / t)


@ratio(
    variant="no-gain-however-many-samples",
    expect="refuted",
    reason="missing assumption",
    because="How much discrepancy is too much depends on m: with m = t^4 samples the gain grows like t^2 although rho_H vanishes.",
    witness=dict(d=1, m=1, root_E=1, root_ratio="1/2", w_1=[0], distance=1, noise=0),
    corrected="gain_as_data_vanish",
)
def gain_as_data_vanish_and_samples_grow(root_E: Any, hard: Any, easy: Any, checkpoints: tuple[int, ...]) -> Any:
    """NAL's risk over MAML's as rho_H = rho_E / t^2 and m = t^4."""
    return along(gain, checkpoints, root_E, hard, easy, lambda t: t**4, lambda t: root_E / t)


@ratio(variant="no-gain-for-equal-hardness")
def gain_as_hardness_agrees(root_E: Any, hard: Any, easy: Any, m: Any, checkpoints: tuple[int, ...]) -> Any:
    """NAL's risk over MAML's as the root of rho_H tends to that of rho_E like 1 - 1/t."""
    return along(gain, checkpoints, root_E, hard, easy, lambda t: m, lambda t: root_E - root_E / t)
