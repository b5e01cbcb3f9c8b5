"""Adaptation draws the best start towards the task that gradient descent solves more slowly; not if its steps are too long.

Fallah, Mokhtari, Ozdaglar 2020, Figure 1: w-hat, the best start for two gradient steps, is nearer to the hardest task T_2 than w-bar,
which is the minimiser of the expected loss, and farther from the easiest one.

Two quadratic tasks on a line, any weights, curvatures h_hard < h_easy and n steps: w-hat has the odds (h_easy/h_hard) times
((1 - alpha h_easy)/(1 - alpha h_hard))^(2 n) of the tasks, w-bar those with n = 0. The claim holds for alpha h_easy <= 1, and
beyond that up to alpha (h_easy + h_hard) = 2; from there on the task of larger curvature is the one that gradient descent
solves more slowly. With three tasks w-hat can move either way, since the third one pulls, too.

Known limits: one parameter.
"""

from __future__ import annotations

from typing import Any

from sympy import symbols

from exactarray import namespace
from impl.quadratic_adaptation import QuadraticTasks
from lakatos import Inequality, claim, fix, instances
from lakatos.families import Family
from theorems.fallah2020 import PAPER

from_bar = symbols("from_bar", nonnegative=True)
NAMES = {"from_bar": r"|\bar w - c_2|"}


def two_tasks(longest: Any) -> Family:
    """An easy and a hard task with 0 < alpha h_hard < alpha h_easy <= longest."""

    def build(draw: Any) -> dict[str, Any]:
        easy = draw.interval("easy", 0, longest, closed="right")
        hard = easy * draw.interval("hard", 0, 1, closed="neither")
        xp = namespace(easy)
        tasks = QuadraticTasks(
            draw.simplex("p", 2), xp.stack([easy, hard], axis=-1)[..., None, None], draw.real("optima", 2)[..., None]
        )
        bar = tasks.minimiser(easy / easy, 0)
        return {
            "tasks": tasks, "alpha": easy / easy, "steps": draw.integer("steps", 1, 3),
            "from_bar": tasks.distances(bar, easy / easy, 0)[:, 1],
        }  # fmt: skip

    build.__name__ = f"two_tasks_up_to_{longest}"
    return instances(strata={"one step": fix(steps=1)})(build)


SHORT_STEPS, LONG_STEPS = two_tasks(1), two_tasks(2)


@claim(
    PAPER,
    "Figure 1",
    Inequality("<="),
    entry="fig-1",
    variant="nearer-to-the-hard-task",
    on=SHORT_STEPS,
    right=from_bar,
    left=r"|\hat w - c_2|",
    names=NAMES,
)
@claim(
    PAPER, "Figure 1", Inequality("<="), entry="fig-1", variant="nearer-with-longer-steps", name="nearer_with_longer_steps",
    on=LONG_STEPS, right=from_bar, left=r"|\hat w - c_2|", names=NAMES, expect="refuted", reason="missing assumption",
    corrected="the_best_start_is_nearer_to_the_hard_task",
    because="Beyond alpha (h_easy + h_hard) = 2 the steps overshoot on the task of larger curvature more than they miss on the other.",
    witness={"easy": "3/2", "hard": "1/2", "p": [1, 1], "optima": [1, 0], "steps": 1},
)  # fmt: skip
def the_best_start_is_nearer_to_the_hard_task(tasks: QuadraticTasks, alpha: Any, steps: int) -> Any:
    """Of two tasks, the best start for n steps is at least as near as w-bar to the optimum of the one with the smaller curvature."""
    return tasks.distances(tasks.minimiser(alpha, steps), alpha, 0)[:, 1]
