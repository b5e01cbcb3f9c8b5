"""False variants of the claims on finite samples; and refutations worked out by hand."""

from dataclasses import replace
from fractions import Fraction
from functools import wraps
from math import comb, exp, log, sqrt

import pytest
import torch
from scipy import stats
from sympy import Rational, symbols

from exactarray import to_exact
from impl.empirical_regression import train_maml
from lakatos import hunt
from lakatos.profiles import get_profile
from theorems.landscape2022 import equation_41 as nal
from theorems.landscape2022 import equation_43 as maml
from theorems.landscape2022 import equation_45 as rates
from theorems.landscape2022 import equation_45_episodes as episodes
from theorems.landscape2022 import equation_45_two_kinds as kinds
from theorems.landscape2022 import equation_46 as split
from theorems.landscape2022 import equation_52 as covariances
from theorems.landscape2022 import equation_52_explicit_constants as edges
from theorems.landscape2022 import equation_65 as noise
from theorems.landscape2022 import equation_65_explicit_constant as bernstein
from theorems.landscape2022 import equation_66 as against_sampled
from theorems.landscape2022 import equation_70 as sampled
from theorems.landscape2022 import equation_113 as entries
from theorems.landscape2022 import lemma_3, lemma_3_variance, lemma_4, lemma_4_proof, theorem_2, theorem_3
from theorems.landscape2022 import theorem_2_corrected as trained
from theorems.landscape2022 import theorem_2_failure_probability as terms
from theorems.landscape2022 import theorem_2_matrix_bernstein as matrix
from theorems.landscape2022 import theorem_3_episodes as count
from theorems.landscape2022 import theorem_3_failure_probability as heavy
from theorems.landscape2022 import theorem_3_limit as limit
from theorems.landscape2022.kinds_of_tasks import environment
from theorems.landscape2022.two_kinds_of_tasks import TwoKinds

QUICK = replace(get_profile("quick"), shrink_seconds=0.2)
d, n, T = symbols("d n T", integer=True, positive=True)
L, B, alpha = symbols("L B alpha", positive=True)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


def scaled(function, factor):
    """The same right side times a factor, with the same arguments."""
    return wraps(function)(lambda **arguments: factor * function(**arguments))


class TestTrainedModels:
    def test_nal_without_its_noise_is_refuted(self):
        assert (
            outcome(nal.nal_training_solution.but(right=lambda inputs, optima, z: nal.display_41(inputs, optima, 0 * z)))
            == "refuted"
        )

    def test_maml_with_the_inner_noise_reversed_is_refuted(self):
        def reversed_noise(data, alpha, optima, z_out, z_in, n_2):
            return maml.display_43(data, alpha, optima, z_out, -z_in, n_2)

        for claim in (maml.maml_training_solution, maml.maml_solution_after_long_steps):
            assert outcome(claim.but(right=reversed_noise)) == "refuted"

    def test_maml_trained_without_its_step_is_refuted(self):
        assert outcome(maml.maml_training_solution.but(function=lambda data, alpha: train_maml(data, 0 * alpha))) == "refuted"

    def test_a_quadratic_without_its_mixed_terms_is_refuted(self):
        def only_outer(w, data, alpha, optima, z_out, z_in):
            return maml.display_42_corrected(w, data, alpha, optima, z_out, 0 * z_in)

        assert outcome(maml.maml_objective_with_a_plus_sign.but(right=only_outer)) == "refuted"


class TestDeterministicParts:
    @pytest.mark.parametrize(
        ("claim", "right", "factor"),
        [
            (split.error_of_training, split.right_of_46, 0.9),
            (split.error_against_sampled_tasks, split.right_of_47, 0.9),
            (split.error_without_noise_of_many_tasks, split.right_of_56, 0.99),
            (split.error_from_noise, split.right_of_64, 0.9),
            (split.smallest_curvature, split.right_of_60, 1.1),
            (sampled.error_by_norms_of_deviations, sampled.norms_of_69, 0.9),
            (sampled.error_of_sampled_tasks, sampled.right_of_70, 0.9),
            (sampled.deviation_of_inverse, sampled.right_of_71, 0.9),
        ],
        ids=lambda v: getattr(v, "variant", None) or "",
    )
    def test_a_constant_too_good_is_refuted(self, claim, right, factor):
        assert outcome(claim.but(right=scaled(right, factor))) == "refuted"

    def test_a_bound_on_the_sampled_tasks_alone_does_not_bound_the_inverse(self):
        def without_beta(L, Lambda, environment):
            return sampled.right_of_71(L, Lambda, environment)

        assert outcome(sampled.deviation_of_inverse.but(right=without_beta)) == "refuted"


class TestConcentration:
    def test_larger_exponents_are_refuted(self):
        assert outcome(edges.deviation_of_one_feature.but(right=Rational(11, 10) * edges.t**2)) == "refuted"
        assert outcome(edges.lower_edge_of_one_feature.but(right=Rational(8, 5) * edges.t**2)) == "refuted"

    def test_a_root_too_many_is_refuted(self):
        for name in ("52", "61", "58"):
            claim = getattr(covariances, f"constant_of_{name}_corrected")
            assert outcome(claim.but(right=1 / symbols("t", positive=True))) == "refuted"

    @pytest.mark.parametrize(
        "claim", [edges.deviation_in_any_dimension, edges.lower_edge_in_any_dimension], ids=lambda c: c.variant
    )
    def test_a_third_of_a_deviation_without_its_dimension_is_refuted(self, claim):
        flat = wraps(claim.function)(lambda **arguments: claim.function(**{**arguments, "d": 0, "t": arguments["t"] / 3}))
        assert outcome(claim.but(function=flat)) == "refuted"

    @pytest.mark.parametrize(
        ("claim", "wrong"),
        [
            (bernstein.tail_of_sum, Rational(3, 4) * bernstein.WITH_SQUARES),
            (bernstein.tail_of_vector, Rational(8, 5) * bernstein.UNION),
            (noise.constant_of_65_with_squares, noise.WITH_SQUARES * d),
            (noise.constant_of_union_corrected, noise.UNION * d),
        ],
        ids=["tail", "union", "constant of the tail", "constant of the union"],
    )
    def test_a_tail_too_light_is_refuted(self, claim, wrong):
        assert outcome(claim.but(right=wrong)) == "refuted"

    def test_other_powers_of_the_optima_are_refuted(self):
        assert outcome(against_sampled.constant_of_66_with_units.but(right=B ** Rational(1, 2))) == "refuted"

    def test_two_products_have_the_law_of_laplace(self):
        # n = 2 samples, d = 1: the whole sum is X^T z, and the printed one its square-summed terms.
        assert noise.elements(to_exact([[[1], [1]]])[None], to_exact([[[1, 1]]]))[0] == 4
        assert noise.printed_elements(to_exact([[[1], [1]]])[None], to_exact([[[1, 1]]]))[0] == 2


class TestTheorem2:
    def test_terms_without_their_factor_two_are_refuted_by_hand(self):
        # Ten tasks with optima 0 or 1, the latter with probability 17/200.
        p = Fraction(17, 200)
        mean, allowed = 10 * p, sqrt(float(10 * p * (1 - p)) * log(200))
        many = sum(comb(10, k) * p**k * (1 - p) ** (10 - k) for k in range(11) if abs(k - mean) > allowed)
        assert float(many) == pytest.approx(0.0468, abs=1e-4)
        assert log(200) / 9 < float(10 * p * (1 - p))

    def test_terms_of_nineteen_twentieths_are_refuted(self):
        assert outcome(theorem_2.error_with_many_tasks.but(right=19 * theorem_2.TASK_TERMS / 20)) == "refuted"

    def test_the_quantile_is_that_of_the_binomial_law(self):
        one = torch.ones(1, 2, dtype=torch.float64)
        environment = TwoKinds(
            one, torch.tensor([[0.0, 1.0]], dtype=torch.float64), torch.tensor([0.3], dtype=torch.float64), 20
        )
        assert float(environment.quantile(environment.sampled_models, 96)[0]) * 20 == pytest.approx(
            stats.binom.ppf(0.96, 20, 0.3)
        )
        assert float(environment.model[0]) == pytest.approx(0.3)
        assert float(environment.probabilities.sum()) == pytest.approx(1)

    def test_negative_terms_of_less_than_a_hundredth_are_refuted(self):
        for claim in (terms.term_of_tasks, terms.term_of_noise, terms.bernstein_term_with_larger_delta):
            assert outcome(claim.but(right=Rational(99, 10000))) == "refuted"

    def test_bernstein_with_half_the_bound_is_refuted(self):
        assert (
            outcome(matrix.deviation_of_optima_with_twice_the_bound.but(right=matrix.failure(2 * matrix.V_w, L * B)))
            == "refuted"
        )
        spectra = symbols("Var_spectra", nonnegative=True)
        assert outcome(matrix.deviation_of_mean_covariance.but(right=matrix.failure(3 * spectra, L / 10))) == "refuted"
        assert outcome(matrix.deviation_of_covariances.but(right=matrix.failure(3 * spectra, L / 10))) == "refuted"

    def test_a_smaller_radius_is_refuted_on_trained_models(self):
        def smaller(spectra, optima, L, B, beta, sigma, d, T, n, trials, generator, Var_Sigma, Var_Sigma_w):
            lengths = trained.sampled_errors(spectra, optima, sigma, d, T, n, trials, generator)
            tasks = (Var_Sigma_w.sqrt() / beta + Var_Sigma.sqrt() * B / L) / T**0.5
            return (lengths <= tasks[:, None]).to(B.dtype)

        assert outcome(trained.error_of_training.but(function=smaller)) == "refuted"

    def test_triangular_inputs_have_the_law_of_a_sample_covariance(self):
        spectra, optima = torch.tensor([[[4.0, 1.0]] * 2]).double(), torch.tensor([[[1.0, 0.0]] * 2]).double()
        noise, generator = torch.tensor([2.0]).double(), torch.Generator().manual_seed(0)
        lengths = trained.sampled_errors(spectra, optima, noise, 2, 1, 12, 40000, generator)
        # One task: the error is least squares, of mean square sigma^2 tr(Sigma^-1) / (n - d - 1).
        assert float((lengths**2).mean()) == pytest.approx(4 * 1.25 / 9, rel=0.04)


class TestLemmas:
    def test_the_variance_needs_its_constant(self):
        assert outcome(lemma_3_variance.variance_at_any_step.but(right=lemma_3_variance.CORRECTED * 9 / 10)) == "refuted"
        assert (
            outcome(lemma_3_variance.variance_at_vanishing_steps.but(right=lemma_3_variance.CORRECTED * alpha * L)) == "refuted"
        )

    def test_entries_without_their_last_term_are_refuted(self):
        def without_the_square(data, alpha):
            S, W, a = lemma_3_variance.blocks(data, alpha)
            return S - a * (W @ S + S @ W)

        assert outcome(lemma_3_variance.entries_with_both_orders.but(right=without_the_square)) == "refuted"

    def test_lighter_tails_of_entries_are_refuted(self):
        assert (
            outcome(lemma_3.tail_of_entry.but(right=lemma_3.failure(4000 * lemma_3.gamma**2 / lemma_3.CORRECTED))) == "refuted"
        )
        assert outcome(lemma_3.constant_at_any_step.but(right=lemma_3.CORRECTED / 2800)) == "refuted"
        assert outcome(lemma_3.constant_with_lower_orders.but(right=lemma_3.CORRECTED * alpha * L)) == "refuted"

    def test_smaller_norms_are_refuted(self):
        circles, sums = lemma_4_proof.right_with_absolute_values, lemma_4_proof.d_times_gamma
        assert outcome(lemma_4_proof.gershgorin.but(right=scaled(circles, 0.9))) == "refuted"
        assert outcome(lemma_4_proof.sum_of_104_corrected.but(right=scaled(sums, 0.9))) == "refuted"

    def test_medians_need_their_powers(self):
        for claim, wrong in (
            (lemma_4.median_in_high_dimensions_corrected, lemma_4.CORRECTED / d**2),
            (lemma_4.median_at_vanishing_steps_corrected, lemma_4.CORRECTED * alpha * L),
        ):
            assert outcome(claim.but(right=wrong)) == "refuted"


class TestTheorem3:
    def test_negative_terms_of_a_fortieth_are_refuted(self):
        assert outcome(heavy.term_of_covariances_corrected.but(right=Rational(7, 10000))) == "refuted"
        assert outcome(heavy.term_of_noise_corrected.but(right=Rational(4, 1000))) == "refuted"
        assert outcome(count.enough_episodes.but(right=Rational(99, 100))) == "refuted"

    def test_the_printed_exponents_by_hand(self):
        assert exp(2) * 36 * 600 ** -(16 ** (1 / 6)) > 0.01
        assert exp(2) * 100 ** -(4 ** (1 / 6)) > 0.022
        assert exp(2) * 25 * 500 ** -(16 ** (1 / 6)) < 0.01

    def test_noise_of_another_power_is_refuted(self):
        wrong = theorem_3.PRINTED + (theorem_3.sigma * theorem_3.B) ** Rational(1, 2)
        assert outcome(theorem_3.error_with_noise_corrected.but(right=wrong)) == "refuted"
        assert outcome(entries.noise_of_entries_corrected.but(right=L * (alpha * L) ** 2)) == "refuted"

    def test_a_smaller_radius_is_refuted_on_trained_models(self):
        def smaller(d, T, L, B, alpha, sigma, trials, generator):
            lengths = theorem_3.sampled_errors(d, T, L, B, alpha, sigma, trials, generator)
            return (lengths <= (B / T**0.5 / 2)[:, None]).to(B.dtype)

        assert outcome(theorem_3.error_within_corrected_bound.but(function=smaller)) == "refuted"

    def test_smaller_terms_of_the_tasks_are_refuted_in_the_limit(self):
        assert outcome(limit.error_of_any_sampled_tasks.but(right=limit.DEVIATIONS * 43 / 10)) == "refuted"
        assert outcome(limit.error_of_any_sampled_tasks.but(right=5 * (limit.DEVIATIONS.args[0]))) == "refuted"
        assert outcome(limit.error_of_any_sampled_tasks.but(right=5 * (limit.DEVIATIONS.args[1]))) == "refuted"
        alone = limit.TASK_TERMS.subs(limit.V_Q, 0)
        assert outcome(limit.error_of_many_sampled_tasks.but(right=alone * 19 / 20)) == "refuted"

    def test_long_steps_are_off_by_half_by_hand(self):
        # beta = 1, L = 25/16, alpha = 1: Q = diag(s (2 + L^2), .) with s = 1/n_2, L_hat = 3 L^3 s.
        far = sum(comb(20, k) for k in range(21) if abs(k - 10) >= 5) / 2**20
        assert 0.04 < far < 0.0415
        one = torch.ones(2, 2, 2, dtype=torch.float64)
        axis, n_2 = torch.tensor([[[-1.0, 0.0], [1.0, 0.0]]] * 2, dtype=torch.float64), torch.tensor([10.0, 1e4]).double()
        roots = one * torch.tensor([1.0, 1.25]).double()
        made = environment(roots, axis, one[..., 0] / 2, 20, one[:, 0, 0], n_2)
        assert limit.error_after_long_steps.function(made["kinds"]).tolist() == pytest.approx([0.5, 0.5])
        weight = (2 + 1.5625**2) / n_2
        assert made["Var_Q_w"].tolist() == pytest.approx((weight**2).tolist())
        assert made["Var_Q"].tolist() == pytest.approx([0, 0])


class TestRates:
    @pytest.mark.parametrize(
        ("claim", "wrong"),
        [
            (rates.error_along_tasks, T**-1),
            (rates.error_with_one_feature, T**-1),
            (rates.error_along_samples, (d / n) ** Rational(1, 2)),
            (rates.noise_error, d / n),
            (episodes.error_along_episodes, 1 / episodes.tau),
            (episodes.error_along_outer_samples, episodes.n_1 ** Rational(-1, 2)),
        ],
        ids=["T", "one feature", "n without T", "n alone", "tau", "n_1"],
    )
    def test_a_faster_rate_is_refuted(self, claim, wrong):
        assert outcome(claim.but(right=wrong)) == "refuted"

    @pytest.mark.parametrize("claim", [rates.noise_error, episodes.error_along_episodes], ids=["n", "tau"])
    def test_a_slower_rate_is_not_attained(self, claim):
        assert outcome(claim.but(right=1)) == "refuted"

    def test_without_noise_in_the_labels_of_the_steps_outer_samples_would_help(self):
        @wraps(episodes.maml_error.function)
        def only_outer(n_1, tau, scale, noise, alpha):
            return episodes.maml_error.function(n_1, tau, scale, noise, 0 * alpha)

        assert outcome(episodes.error_along_outer_samples.but(function=only_outer)) == "refuted"

    def test_no_other_model_than_its_own_solution_is_approached(self):
        @wraps(kinds.maml_error.function)
        def against_one_kind(laws, alpha, T, n):
            w = train_maml(kinds.training_sets(laws, T, n), alpha.repeat_interleave(kinds.REPETITIONS))
            return rates.root_mean_square(w.reshape(-1, kinds.REPETITIONS) - laws.optima[:, 1, 0])

        assert outcome(kinds.maml_error.but(function=against_one_kind)) == "refuted"
        assert outcome(kinds.nal_error.but(right=T**-1)) == "refuted"
