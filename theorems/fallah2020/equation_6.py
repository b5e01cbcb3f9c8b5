"""The gradient of the MAML objective, with its Hessian term, as gradient descent on it uses.

Fallah, Mokhtari, Ozdaglar 2020, equation (6): grad F(w) = E_i (I - alpha grad^2 f_i(w)) grad f_i(w - alpha grad f_i(w)).

Checked against values of F alone. On cubic tasks the inner step is quadratic, so that F is a polynomial of degree six along
every line, and the central difference quotient over seven points is its exact derivative: the identity is decided in rational
arithmetic, with no limit and no automatic differentiation.

Known limits: cubic tasks are not smooth over all of R^d, which (6) does not need; on analytic tasks and splines the tests of
impl/maml.py compare with automatic differentiation.
"""

from __future__ import annotations

from typing import Any

from exactarray import eye, namespace
from impl.maml import meta_gradient, meta_objective
from impl.polynomial_tasks import CubicTasks
from lakatos import Identity, claim, fix, instances
from theorems.fallah2020 import PAPER

# Spacing of the seven points: a power of two, which costs no rounding.
STEP = 1 / 8


@instances(
    strata={
        "alpha = 0": fix(alpha=0),
        "one task": fix(tasks=1),
        "quadratic tasks": fix(cubic=0),
        "uniform p": fix(p=1),
        "d = 4": fix(d=4),
    }
)
def cubic_tasks(draw: Any) -> dict[str, Any]:
    """Any quadratics plus cubes of linear forms; any inner step size."""
    tasks, d, terms = draw.integer("tasks", 1, 3), draw.integer("d", 1, 4), draw.integer("terms", 1, 2)
    half = draw.real("half_hessian", tasks, d, d)
    cubics = CubicTasks(
        weights=draw.simplex("p", tasks),
        linear=draw.real("linear", tasks, d),
        quadratic=half + half.mT,
        cubic=draw.real("cubic", tasks, terms),
        directions=draw.real("directions", tasks, terms, d),
    )
    return {"task_set": cubics, "w": draw.real("w", d), "alpha": draw.nonnegative("alpha")}


def printed(task_set: CubicTasks, w: Any, alpha: Any) -> Any:
    """The right side of (6)."""
    return meta_gradient(task_set, w, alpha)


@claim(PAPER, "Equation (6)", Identity(), entry="eq-6-grad", right=printed, on=cubic_tasks, left=r"\nabla F(w)")
def gradient_of_the_objective(task_set: CubicTasks, w: Any, alpha: Any) -> Any:
    """The printed expression is the gradient of F."""
    xp, axes = namespace(w), eye(w.shape[-1], w)

    def difference(move: Any) -> Any:
        return meta_objective(task_set, w + move, alpha) - meta_objective(task_set, w - move, alpha)

    def along(axis: Any) -> Any:
        one, two, three = (difference(j * STEP * axis) for j in (1, 2, 3))
        return (45 * one - 9 * two + three) / (60 * STEP)

    return xp.stack([along(axes[k]) for k in range(w.shape[-1])], axis=-1)
