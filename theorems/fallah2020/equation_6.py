"""The gradient of the MAML objective, with its Hessian term, as gradient descent on it uses.

Fallah, Mokhtari, Ozdaglar 2020, equation (6): grad F(w) = E_i (I - alpha grad^2 f_i(w)) grad f_i(w - alpha grad f_i(w)).

Checked against values of F alone, in every direction v. On cubic tasks the inner step is quadratic, so that F is a polynomial
of degree six along every line, and the central difference quotient over seven points is its exact derivative: the identity is
decided in rational arithmetic, with no limit and no automatic differentiation.

Known limits: coefficients between -2 and 2. Cubic tasks are not smooth over all of R^d, which (6) does not need; on analytic
tasks and splines the tests of impl/maml.py compare with automatic differentiation.
"""

from __future__ import annotations

from typing import Any

from exactarray import namespace
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
    """Quadratics plus cubes of linear forms, an inner step size, a point and a direction."""
    tasks, d, terms = draw.integer("tasks", 1, 3), draw.integer("d", 1, 4), draw.integer("terms", 1, 2)
    half = draw.interval("half_hessian", -1, 1, tasks, d, d)
    cubics = CubicTasks(
        weights=draw.simplex("p", tasks),
        linear=draw.interval("linear", -2, 2, tasks, d),
        quadratic=half + half.mT,
        cubic=draw.interval("cubic", -2, 2, tasks, terms),
        directions=draw.interval("directions", -2, 2, tasks, terms, d),
    )
    w, v = draw.interval("w", -2, 2, d), draw.interval("v", -1, 1, d)
    return {"task_set": cubics, "w": w, "v": v, "alpha": draw.interval("alpha", 0, 2)}


def printed(task_set: CubicTasks, w: Any, v: Any, alpha: Any) -> Any:
    """The right side of (6), in the direction of v."""
    return namespace(w).sum(meta_gradient(task_set, w, alpha) * v, axis=-1)


@claim(PAPER, "Equation (6)", Identity(), entry="eq-6-grad", right=printed, on=cubic_tasks, left=r"\nabla F(w)\cdot v")
def gradient_of_the_objective(task_set: CubicTasks, w: Any, v: Any, alpha: Any) -> Any:
    """The printed expression is the gradient of F."""

    def difference(points: int) -> Any:
        move = points * STEP * v
        return meta_objective(task_set, w + move, alpha) - meta_objective(task_set, w - move, alpha)

    # The weights of the quotient that is exact for polynomials of degree six.
    return (45 * difference(1) - 9 * difference(2) + difference(3)) / (60 * STEP)
