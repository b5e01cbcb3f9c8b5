"""Three tasks for which the minimiser of the loss after two gradient steps is the better start.

Fallah, Mokhtari, Ozdaglar 2020, Figure 1 and its description in Section 1: of three equally likely tasks T_1 is the easiest and T_2
the hardest for gradient descent; w-bar minimises the expected loss (1), w-hat that after adaptation (2). From both starts (a) T_3
ends almost at the same point; (b) for T_1 w-bar is the better start, but both end close to its optimum; (c) for T_2 the difference is
substantial; (d) the expected error after two steps is lower from w-hat; (e) with one or more steps to come, start from w-hat.

The figure is a drawing without numbers. It is read as a statement that such tasks exist, with words given numbers: "almost the same"
is a tenth of the distance of T_3, "better" is by a tenth, "very close" is a twentieth of the distance of T_1, "substantial" is
by a half. It holds on a line: curvatures 9/10, 1/10, 4/5 over alpha and optima 1, -1, 0 meet all of it. The measured side is the
smallest of the slacks.

(d) and (e) as rules: with w-hat the minimiser of (2) for as many steps as are run, they hold by the definition of w-hat, whatever the
tasks; on quadratics that checks the minimiser, which is computed, against a loss that is run. With (2)
as it is printed, one step, and two steps to come, (e) is false: three tasks on a line refute it. For which tasks w-hat is nearer:
figure_1_two_tasks.py.

Known limits: quadratics with 2 or 3 tasks and up to 2 parameters; 1 to 3 steps.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Integer

from exactarray import amin, array_like, maximum, namespace, norm
from impl.quadratic_adaptation import QuadraticTasks
from lakatos import Existence, Inequality, claim, fix, instances, when
from theorems.fallah2020 import PAPER

figure = partial(claim, PAPER, "Figure 1", entry="fig-1")
STEPS = 2


def _on_a_line(curvatures: Any, optima: Any) -> QuadraticTasks:
    equal = 0 * curvatures + array_like([1], curvatures) / curvatures.shape[1]
    return QuadraticTasks(equal, curvatures[..., None, None], optima[..., None])


@instances()
def easy_hard_and_middle(draw: Any) -> dict[str, Any]:
    """T_1, T_2, T_3 on a line with alpha = 1: curvatures below 1, the first the largest, the second the smallest."""
    hard, easier, easiest = (draw.interval(f"share_{i}", 0, 1, closed="neither") for i in range(3))
    middle = hard + (1 - hard) * easier
    curvatures = namespace(hard).stack([middle + (1 - middle) * easiest, hard, middle], axis=-1)
    return {"tasks": _on_a_line(curvatures, draw.real("optima", 3)), "alpha": hard / hard}


@figure(
    Existence(">"), on=easy_hard_and_middle, right=Integer(0), left=r"\min(a, b, b', c, d)",
    witness={"share_0": "1/10", "share_1": "7/9", "share_2": "1/2", "optima": [1, -1, 0]},
)  # fmt: skip
def the_drawing_is_possible(tasks: QuadraticTasks, alpha: Any) -> Any:
    """All that the description says of the three tasks happens at once: the smallest of five slacks is positive."""
    bar, hat = tasks.minimiser(alpha, 0), tasks.minimiser(alpha, STEPS)
    far, far_hat = tasks.distances(bar, alpha, 0), tasks.distances(hat, alpha, 0)
    end, end_hat = tasks.distances(bar, alpha, STEPS), tasks.distances(hat, alpha, STEPS)
    apart = norm(tasks.adapted(bar, alpha, STEPS) - tasks.adapted(hat, alpha, STEPS))
    slacks = [
        far[:, 2] / 10 - apart[:, 2],
        far_hat[:, 0] - 11 * far[:, 0] / 10,
        far[:, 0] / 20 - maximum(end[:, 0], end_hat[:, 0]),
        end[:, 1] - 3 * end_hat[:, 1] / 2,
        tasks.expected_loss(bar, alpha, STEPS) - 11 * tasks.expected_loss(hat, alpha, STEPS) / 10,
    ]
    return amin(namespace(far).stack(slacks, axis=-1), axis=-1)


@instances(strata={"one step": fix(steps=1), "long steps": when(lambda alpha, largest: alpha * largest > 1)})
def any_quadratics(draw: Any) -> dict[str, Any]:
    """Positive definite Hessians and step sizes between 0.1 and 1.9 over the largest curvature."""
    count, d = draw.integer("count", 2, 3), draw.integer("d", 1, 2)
    # The first task stays below curvature 1/4, so that no step solves all tasks at once and every start is as good.
    one, highest = draw.positive("scale"), [1 / 4, 1, 1]
    hessians = namespace(one).stack([draw.psd(f"A_{i}", d, low=1 / 8, high=highest[i]) for i in range(count)], axis=1)
    tasks = QuadraticTasks(draw.simplex("p", count), hessians * one[:, None, None, None], draw.real("optima", count, d))
    alpha = draw.interval("alpha_share", 1 / 10, 1.9) / one
    return {"tasks": tasks, "alpha": alpha, "largest": one, "steps": draw.integer("steps", 1, 3)}


def from_the_minimiser_of_the_loss(tasks: QuadraticTasks, alpha: Any, steps: int) -> Any:
    """The expected loss after adaptation from w-bar."""
    return tasks.expected_loss(tasks.minimiser(alpha, 0), alpha, steps)


@figure(
    Inequality("<="), variant="as-many-steps", on=any_quadratics, right=from_the_minimiser_of_the_loss, left=r"F_n(\hat w_n)"
)
def the_minimiser_after_adaptation_is_better(tasks: QuadraticTasks, alpha: Any, steps: int) -> Any:
    """The start that is best for the number of steps to come is at least as good as w-bar, on all quadratics."""
    return tasks.expected_loss(tasks.minimiser(alpha, steps), alpha, steps)


@figure(
    Inequality("<="), variant="one-step-minimiser", on=easy_hard_and_middle, right=lambda tasks, alpha: from_the_minimiser_of_the_loss(
        tasks, alpha, STEPS
    ),
    left=r"F_2(\hat w_1)", expect="refuted", reason="false", corrected="the_minimiser_after_adaptation_is_better",
    because="(2) as printed looks one step ahead. Where the middle task pulls its minimiser away and a second step settles that task, "
    "too, the minimiser of (1) is the better start for two steps.",
    witness={"share_0": "1/10", "share_1": "5/9", "share_2": "3/4", "optima": ["-2/3", 0, 1]},
)  # fmt: skip
def the_one_step_minimiser_is_better(tasks: QuadraticTasks, alpha: Any) -> Any:
    """The minimiser of (2) for one step is a better start than w-bar when two steps are run."""
    return tasks.expected_loss(tasks.minimiser(alpha, 1), alpha, STEPS)
