from dataclasses import replace

import pytest
import torch
from sympy import Eq, Trace

from impl.gradient_descent import gradient_descent, regularized_gradient_flow
from impl.linear_regression import compressed_gaussian_designs, isotropic_excess_risk
from lakatos import Identity, Inequality, Rate, hunt, instances
from lakatos.profiles import get_profile
from theorems.saunshi2020 import accuracies
from theorems.saunshi2020 import theorem_4_1_init as initialisation
from theorems.saunshi2020 import theorem_4_1_reg as penalised
from theorems.saunshi2020 import theorem_4_1_step as stepwise

both = pytest.mark.parametrize("theorem", [penalised, stepwise], ids=["reg", "step"])


# Whether a false variant falls is asked here, not how small its witness can be made.
QUICK = replace(get_profile("quick"), shrink_seconds=1)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


def zeros(*shape):
    return torch.zeros(shape, dtype=torch.float64)


@both
def test_a_constant_ten_percent_larger_is_refuted_exactly(theorem):
    verdict = hunt(theorem.excess_for_fixed_inputs.but(right=accuracies.FIXED_INPUTS * 11 / 10), profile=QUICK, seed=0)
    assert verdict.outcome == "refuted"
    assert verdict.warrant == "certified"


@both
def test_samples_that_count_for_less_are_refuted(theorem):
    gram, r, d = Trace(accuracies.X.T * accuracies.X), accuracies.r, accuracies.d
    assert outcome(theorem.excess_for_fixed_inputs.but(right=r**2 / (1 + gram / (2 * d**2)))) == "refuted"
    assert outcome(theorem.excess_for_fixed_inputs.but(right=r**2 / (1 + gram / d**3))) == "refuted"


@both
def test_the_reversed_bound_is_refuted(theorem):
    assert outcome(theorem.excess_for_fixed_inputs.but(kind=Inequality("<="))) == "refuted"


@both
def test_the_strict_bound_is_refuted_at_equality(theorem):
    assert outcome(theorem.excess_for_fixed_inputs.but(kind=Inequality(">"))) == "refuted"


def test_one_step_that_is_one_percent_worse_is_refuted():
    claim = stepwise.excess_after_one_step
    assert outcome(claim.but(right=stepwise.ONE_STEP * 101 / 100)) == "refuted"
    assert outcome(claim.but(right=stepwise.r**2 * (2 * stepwise.d + 2) / (stepwise.n + 2 * stepwise.d + 2))) == "refuted"


def cheaper(claim, bound="Omega"):
    kind = claim.kind
    return claim.but(kind=Rate(bound, over=kind.over, grid=kind.grid[:4], margin=kind.margin, batch=2))


@both
def test_a_rate_with_another_exponent_is_refuted(theorem):
    in_d, in_eps = cheaper(theorem.samples_needed_as_d_grows), cheaper(theorem.samples_needed_as_eps_falls)
    assert outcome(in_d.but(right=accuracies.PRINTED * accuracies.d)) == "refuted"
    assert outcome(in_eps.but(right=accuracies.PRINTED * accuracies.r**2 / accuracies.epsilon)) == "refuted"


@both
def test_a_rate_without_the_dimension_bounds_from_below_but_not_from_above(theorem):
    right = accuracies.r**2 / accuracies.epsilon
    assert outcome(cheaper(theorem.samples_needed_as_d_grows).but(right=right)) == "holds"
    assert outcome(cheaper(theorem.samples_needed_as_d_grows, "O").but(right=right)) == "refuted"


def test_the_best_penalty_attains_the_printed_rate():
    assert outcome(cheaper(penalised.samples_needed_as_eps_falls, "Theta")) == "holds"


@instances(assume=[Eq(accuracies.sigma, 0)])
def noiseless(draw):
    d, accuracy = draw.integer("d", 1, 2), draw.interval("accuracy", 2, 64, closed="neither")
    r = draw.interval("r", 0.3, 2.3)
    draw.integer("seed", 0, 999)
    return {"d": d, "r": r, "sigma": 0 * r, "epsilon": r**2 / accuracy, "start": 0 * r[:, None] * draw.unit("direction", d)}


@both
def test_without_noise_the_rate_in_eps_is_refuted(theorem):
    assert outcome(cheaper(theorem.samples_needed_as_eps_falls).but(on=noiseless)) == "refuted"


algorithms = pytest.mark.parametrize("name", ["descent", "flow"])


@algorithms
def test_a_start_never_helps_but_not_strictly(name):
    claim = getattr(initialisation, f"{name}_from_zero")
    assert outcome(claim.but(kind=Inequality(">"))) == "refuted"
    assert outcome(claim.but(kind=Inequality("<="))) == "refuted"
    assert outcome(claim.but(right=initialisation.zero_excess * 101 / 100)) == "refuted"


@algorithms
def test_the_gap_is_all_that_is_left_of_the_start(name):
    claim = getattr(initialisation, f"gap_of_{name}")
    assert outcome(claim.but(right=initialisation.zero_excess)) == "refuted"
    assert outcome(claim.but(right=initialisation.zero_excess + initialisation.forgotten * 101 / 100)) == "refuted"


def test_with_one_task_instead_of_two_signs_a_start_helps():
    def one_task(X, eta, steps, w_star, start):
        w = gradient_descent(X, X @ w_star[..., None], start[..., None], eta, steps)[..., 0]
        return ((w - w_star) ** 2).sum(axis=-1)

    def from_zero(X, eta, steps, w_star, start):
        return one_task(X, eta, steps, w_star, 0 * start)

    assert outcome(initialisation.descent_from_zero.but(function=one_task, right=from_zero)) == "refuted"


@pytest.mark.parametrize("d", [1, 2, 3])
def test_orthogonal_inputs_and_the_best_penalty_attain_the_bound(d):
    X = 2 * torch.eye(d, dtype=torch.float64)[None]
    one = torch.ones(1, dtype=torch.float64)
    found = isotropic_excess_risk(lambda X, y: regularized_gradient_flow(X, y, zeros(1, d, 1), 2 * one), X, one, one)
    assert found.item() == pytest.approx(1 / (1 + 4 / d), rel=1e-12)


@pytest.mark.parametrize(("d", "n", "constant"), [(1, 2, 0.923), (2, 4, 0.887), (5, 8, 0.792), (16, 25, 0.769)])
def test_the_smallest_constant_of_the_rate(d, n, constant):
    """n E_n / (d r^2) where E_n is just below r^2 / 2; it falls towards 3/4 as d grows."""
    X, noise = compressed_gaussian_designs(torch.tensor([float(n)]), d, samples=20_000 // d, seed=1)
    one = torch.ones(1, 1, dtype=torch.float64)

    def flow(X, y):
        return regularized_gradient_flow(X, y, zeros(1, 1, d, 1), 2 * d / n * one)

    risk = isotropic_excess_risk(flow, X, one, noise).mean().item()
    assert risk < 0.5
    assert n * risk / d == pytest.approx(constant, abs=0.01)


@pytest.mark.parametrize("d", [1, 3, 8])
@pytest.mark.parametrize("relative", [0.25, 0.5, 0.8, 1.25, 2.0, 4.0])
def test_no_penalty_beats_the_best_one_on_any_inputs(d, relative):
    X, noise = compressed_gaussian_designs(torch.full((1,), 2.0 * d), d, samples=200, seed=2)
    one = torch.ones(1, 1, dtype=torch.float64)

    def risk(penalty):
        def flow(X, y):
            return regularized_gradient_flow(X, y, zeros(1, 1, d, 1), penalty * one)

        return isotropic_excess_risk(flow, X, one, noise)

    assert bool((risk(1.0) <= risk(relative) + 1e-12).all())


def test_an_identity_of_the_excess_risk_after_one_step_is_refuted_away_from_the_best_step():
    assert outcome(stepwise.excess_after_one_step.but(kind=Identity())) == "refuted"
