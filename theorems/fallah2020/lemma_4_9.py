"""The mean and the second moment of the stochastic step size.

Fallah, Mokhtari, Ozdaglar 2020, Lemma 4.9, equations (17) to (19): with beta~(w) = 1 / L~(w), estimated from B' tasks with D_beta data
points each, B' >= (rho alpha sigma / L)^2 / 2 and D_beta >= (2 rho alpha sigma~ / L)^2 give E beta~ >= 0.8 / L(w) and
E beta~^2 <= 3.125 / L(w)^2.

Checked by enumerating tasks and data. The first constant is attained, since E beta~ >= 1 / E L~ and E L~ <= L(w) + L, at stationary
points where all stochastic gradients have one size. The second is loose: of the laws of L~ on [4 L, oo) with a mean of at least L(w)
and, by (18), a variance of at most 9 L^2, the extreme one has two points and gives 1.855.

Known limits: at most 2 tasks, 2 parameters and 2 data points, B' and D_beta up to 2. Tasks differ by linear terms.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Rational, symbols

from lakatos import Identity, Inequality, claim
from lakatos.kinds import Existence
from theorems.fallah2020 import PAPER
from theorems.fallah2020.step_sizes import TWO_VALUES, StepSize, estimates, stationary_points

L, rho, alpha, s, G = symbols("L rho alpha s G", nonnegative=True)
L_w = 4 * L + 2 * rho * alpha * G
MEAN = Rational(4, 5) / L_w
SECOND = Rational(25, 8) / L_w**2

printed = estimates()

NAMES = {"s": r"\tilde\sigma", "G": r"\mathbb{E}_i\|\nabla f_i(w)\|"}
lemma = partial(claim, PAPER, "Lemma 4.9", entry="lem-4.9-stepsize", names=NAMES)
mean = partial(lemma, left=r"\mathbb{E}[\tilde\beta(w)]")
second = partial(lemma, left=r"\mathbb{E}[\tilde\beta(w)^2]")


@mean(Inequality(">="), variant="printed-mean", on=printed, right=MEAN)
def mean_step(step: StepSize) -> Any:
    """The mean step is at least 0.8 / L(w)."""
    return step.moments()[0]


@second(Inequality("<="), variant="printed-second-moment", on=printed, right=SECOND)
def second_moment_of_the_step(step: StepSize) -> Any:
    """The mean square of the step is at most 3.125 / L(w)^2."""
    return step.moments()[1]


@mean(Identity(), variant="mean-attained", on=stationary_points, right=1 / (4 * L + 2 * rho * alpha * s))
def stationary_points_attain_the_mean(step: StepSize) -> Any:
    """At a stationary point with noise +-sigma~ the mean step is 1 / (4 L + 2 rho alpha sigma~): 0.8 / L(w) at the end of (18)."""
    return mean_step(step)


@second(Inequality("<="), variant="second-moment-best-constant", on=printed, right=Rational(1855, 1000) / L_w**2)
def second_moment_with_the_best_constant(step: StepSize) -> Any:
    """1.855 serves in place of 3.125."""
    return second_moment_of_the_step(step)


CLOSEST = {**TWO_VALUES, "slope": [["2945/1000"]], "p": ["1947/10000", "8053/10000"]}


@second(Existence(">="), variant="second-moment-1.85", on=printed, right=Rational(185, 100) / L_w**2, witness=CLOSEST)
def second_moment_of_185(step: StepSize) -> Any:
    """A constant below 1.85 does not serve."""
    return second_moment_of_the_step(step)
