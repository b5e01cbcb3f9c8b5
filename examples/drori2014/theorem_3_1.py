"""Gradient descent with step 1/L on an L-smooth convex function loses the initial distance at rate 1/n; the bound is tight.

Y. Drori and M. Teboulle, Performance of first-order methods for smooth convex minimization (2014), Theorem 3.1. Checked by
running gradient descent on Huber functions, whose smoothness constant and minimum are exact.
"""

from sympy import symbols

from exactarray import minimum
from lakatos import Inequality, Paper, claim, instances, when

PAPER = Paper(
    "drori2014", "Performance of first-order methods for smooth convex minimization", ("Drori", "Teboulle"), year=2014
)

L, n, distance = symbols("L n distance", positive=True)
BOUND = L * distance**2 / (4 * n + 2)


@instances(
    strata={
        "quadratic all along": when(lambda start, width: start <= width),
        "kink crossed during the run": when(lambda start, width, n: (start > width) & (start < n * width)),
    }
)
def huber(draw):
    start, width = draw.positive("start"), draw.positive("width")
    return dict(n=draw.integer("n", 1, 20), L=draw.positive("L"), start=start, width=width, distance=start)


@claim(PAPER, "Theorem 3.1", Inequality("<="), entry="theorem-3.1", right=BOUND, on=huber, left="f(x_n) - f(x^*)")
def suboptimality_after_n_steps(L, n, start, width):
    """After n steps of size 1/L the suboptimality is at most L times the squared initial distance over 4n + 2."""
    x = start
    for _ in range(n):
        gradient = L * minimum(x, width)
        x = x - gradient / L
    inside = minimum(x, width)
    return L * (inside * inside / 2 + width * (x - inside))
