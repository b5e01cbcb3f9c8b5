"""No initialisation has a smaller excess risk on a new task than zero, for either algorithm of Theorem 4.1.

Saunshi et al. 2020, last paragraph of Section 4.2, and the contributions in Section 1. Both algorithms return
P w_0 + Q y, with P and Q that depend on the inputs alone. The sign s and the noise have mean zero, so that the cross
terms of ||P w_0 + Q y - s w_*||^2 vanish in the mean: the excess risk from w_0 is that from zero plus ||P w_0||^2, for
any inputs. It is equal exactly where P w_0 = 0: always for a positive penalty, whose flow forgets its start; for no
penalty where w_0 lies in the span of the inputs.

Checked for fixed inputs, on which the mean over the inputs then follows: both algorithms are run from w_0 and from
zero, on every point of an expectation that is exact in the sign and the noise. The noise level is free. The gap
itself is checked as an identity, P w_0 being the algorithm's own output on labels that are all zero.

Known limits: a penalty of zero is taken on inputs of full rank, as Gaussian inputs are.
"""

from sympy import symbols

from exactarray import namespace
from impl.gradient_descent import gradient_descent, regularized_gradient_flow
from impl.linear_regression import expected_excess_risk
from lakatos import Identity, Inequality, claim, fix, instances, when
from theorems.saunshi2020 import PAPER, full_rank_design

zero_excess, forgotten = symbols("zero_excess forgotten", nonnegative=True)
NAMES = {"zero_excess": r"\mathcal{E}(\mathrm{Alg}(\cdot; 0_d))", "forgotten": r"\|P w_0\|^2"}
EXCESS = r"\mathcal{E}(\mathrm{Alg}(\cdot; w_0))"

STRATA = {
    "n < d": when(lambda n, d: n < d),
    "n = d": when(lambda n, d: n == d),
    "n > d": when(lambda n, d: n > d),
    "start along w_*": fix(across=0),
    "start across w_*": fix(along=0),
    "start at zero": fix(along=0, across=0),
    "no noise": fix(sigma=0),
}


def with_excess_from_zero(algorithm, X, parameters, w_star, sigma, start):
    """What the claims on an algorithm need: the instance, its excess risk from zero, and what is left of the start."""
    zero = 0 * start
    without_labels = algorithm(X, X @ zero[..., None], start[..., None], *parameters)[..., 0]
    return {
        "X": X, "w_star": w_star, "start": start,
        "zero_excess": excess_risk(algorithm, X, parameters, w_star, sigma, zero),
        "forgotten": namespace(X).sum(without_labels**2, axis=-1),
    }  # fmt: skip


def excess_risk(algorithm, X, parameters, w_star, sigma, start):
    """The algorithm's excess risk on fixed inputs, run on every point of the expectation over sign and noise."""
    return expected_excess_risk(lambda X, y: algorithm(X, y, start[..., None], *parameters), X, w_star, sigma)


def new_task(draw, d):
    """Regressor, noise level and start; the start is split into a part along the regressor and another."""
    w_star, sigma = draw.real("regressor", d), draw.nonnegative("sigma")
    return w_star, sigma, draw.real("along")[:, None] * w_star + draw.real("across", d)


@instances(
    strata=STRATA
    | {"one step": fix(steps=1), "past stability": when(lambda eta, X, n, d: eta * (X * X).sum(axis=(-2, -1)) > n * d)}
)
def descents(draw):
    n, d, steps = draw.integer("n", 1, 3), draw.integer("d", 1, 3), draw.integer("steps", 1, 8)
    X, eta = draw.real("inputs", n, d), draw.positive("eta")
    return with_excess_from_zero(gradient_descent, X, (eta, steps), *new_task(draw, d))


@instances(strata=STRATA | {"no penalty": fix(flow="unpenalised"), "some penalty": fix(flow="penalised")})
def flows(draw):
    n, d = draw.integer("n", 1, 3), draw.integer("d", 1, 3)
    penalty = draw.positive("penalty_drawn")
    if draw.option("flow", ["penalised", "unpenalised"]) == "penalised":
        X = draw.real("inputs", n, d)
    else:
        X, penalty = full_rank_design(draw, n, d), 0 * penalty
    return {"penalty": penalty} | with_excess_from_zero(regularized_gradient_flow, X, (penalty,), *new_task(draw, d))


@claim(
    PAPER, "Section 4.2, proof description", Inequality(">="), entry="thm-4.1-init", variant="printed-step",
    name="descent_from_zero", right=zero_excess, on=descents, left=EXCESS, names=NAMES,
)  # fmt: skip
@claim(
    PAPER, "Section 4.2, proof description", Identity(), entry="thm-4.1-init", variant="gap-step",
    name="gap_of_descent", right=zero_excess + forgotten, on=descents, left=EXCESS, names=NAMES,
)  # fmt: skip
def excess_of_descent(X, eta, steps, w_star, sigma, start):
    """Gradient descent from any start has at least the excess risk of the descent from zero, for any eta and t_0."""
    return excess_risk(gradient_descent, X, (eta, steps), w_star, sigma, start)


@claim(
    PAPER, "Section 4.2, proof description", Inequality(">="), entry="thm-4.1-init", variant="printed-reg",
    name="flow_from_zero", right=zero_excess, on=flows, left=EXCESS, names=NAMES,
)  # fmt: skip
@claim(
    PAPER, "Section 4.2, proof description", Identity(), entry="thm-4.1-init", variant="gap-reg",
    name="gap_of_flow", right=zero_excess + forgotten, on=flows, left=EXCESS, names=NAMES,
)  # fmt: skip
def excess_of_flow(X, penalty, w_star, sigma, start):
    """Regularised gradient flow from any start has at least the excess risk of the flow from zero, for any penalty."""
    return excess_risk(regularized_gradient_flow, X, (penalty,), w_star, sigma, start)
