from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement
from math import inf, prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exactarray import to_exact, to_float
from impl.meta_regression import (
    RegressionTasks,
    adapt,
    data_sets,
    gaussian_rule,
    loss_after_step,
    loss_after_step_by_enumeration,
    loss_after_step_gradient,
    loss_after_step_hessian,
    maml_solution,
    maml_solution_by_enumeration,
    nal_descent,
    nal_gradient,
    nal_hessian,
    nal_solution,
    noise_floor,
    preconditioned_covariance,
    sample_covariances,
    solutions_under_weights,
)
from tests.reference import meta_regression as reference

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
shapes = pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 2, 3, 2), (3, 1, 2, 4)])


def draw(shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    batch, clouds, _, d = shape

    def normal(*size):
        return torch.randn(*size, generator=generator, dtype=torch.float64)

    weights = normal(batch, clouds).exp()
    tasks = RegressionTasks(
        normal(*shape), normal(batch, clouds, d, d), weights / weights.sum(dim=1, keepdim=True), normal(batch).abs()
    )
    return tasks, normal(batch, d), normal(batch).abs() / 4


def exact(tasks):
    return RegressionTasks(*(to_exact(a) for a in (tasks.optima, tasks.roots, tasks.weights, tasks.noise)))


def close(a, b):
    np.testing.assert_allclose(to_float(a), to_float(b), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_rule_has_every_gaussian_moment_to_degree_five(n):
    nodes, weights = gaussian_rule(n)
    assert len(nodes) == 1 + 2 * n + 2 * n**2
    for degree in range(6):
        for axes in combinations_with_replacement(range(n), degree):
            moment = sum(weight * prod(node[k] for k in axes) for node, weight in zip(nodes, weights, strict=True))
            powers = Counter(axes).values()
            assert moment == (0 if any(p % 2 for p in powers) else prod({2: 1, 4: 3}[p] for p in powers))


def test_the_rule_ends_at_degree_five():
    nodes, weights = gaussian_rule(1)
    assert sum(weight * node[0] ** 6 for node, weight in zip(nodes, weights, strict=True)) == 11  # a Gaussian has 15


@pytest.mark.parametrize("loss", ["mean", "sum"])
@pytest.mark.parametrize(("d", "samples"), [(1, 1), (1, 2), (2, 1), (1, 3), (2, 2)])
def test_enumeration_agrees_with_a_product_rule_and_autograd(d, samples, loss):
    tasks, w, step = draw((1, 2, 1, d), seed=d)
    expected = reference.loss_after_step(tasks, w, step, samples, loss)
    close(loss_after_step_by_enumeration(tasks, w, step, samples, loss), expected)


@given(SHAPES, st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_one_sample_determines_the_loss_of_many(shape, samples):
    tasks, w, step = draw(shape)
    close(loss_after_step(tasks, w, step, samples), loss_after_step_by_enumeration(tasks, w, step, samples))


@pytest.mark.parametrize("samples", [1, 2])
def test_one_sample_determines_the_loss_of_many_exactly(samples):
    tasks, w, step = draw((1, 2, 2, 2))
    tasks, w, step = exact(tasks), to_exact(w), to_exact(step)
    one, every = loss_after_step(tasks, w, step, samples), loss_after_step_by_enumeration(tasks, w, step, samples)
    assert one[0].is_rational
    assert one[0] == every[0]


@shapes
@pytest.mark.parametrize("samples", [1, 7, 10**9])
def test_both_solutions_are_the_weighted_averages_of_equation_5(shape, samples):
    tasks, _, step = draw(shape)
    close(nal_solution(tasks), reference.weighted_average(tasks.covariances, tasks))
    q = reference.preconditioned_covariances(tasks, step, samples)
    close(maml_solution(tasks, step, samples), reference.weighted_average(q, tasks))


@shapes
@pytest.mark.parametrize("samples", [1, 7, inf])
def test_solutions_under_weights_are_those_of_the_reweighted_laws(shape, samples):
    tasks, _, step = draw(shape)
    weights = torch.stack([tasks.weights, tasks.weights.flip(-1)], dim=1)
    laws = [RegressionTasks(tasks.optima, tasks.roots, weights[:, k], tasks.noise) for k in range(2)]
    close(solutions_under_weights(tasks, weights), torch.stack([nal_solution(law) for law in laws], dim=1))
    learned = torch.stack([maml_solution(law, step, samples) for law in laws], dim=1)
    close(solutions_under_weights(tasks, weights, step, samples), learned)


def test_weights_of_other_clouds_are_refused():
    tasks, _, _ = draw((2, 2, 1, 2))
    with pytest.raises(ValueError, match="weights has shape"):
        solutions_under_weights(tasks, tasks.weights)


@given(SHAPES, st.sampled_from([1, 2, 50, inf]))
@settings(max_examples=25, deadline=None)
def test_gradient_and_hessian_agree_with_autograd(shape, samples):
    tasks, w, step = draw(shape)
    at = w.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_after_step(tasks, at, step, samples).sum(), at, create_graph=True)
    rows = [torch.autograd.grad(gradient[:, k].sum(), at, retain_graph=True)[0] for k in range(w.shape[1])]
    close(loss_after_step_gradient(tasks, w, step, samples), gradient)
    close(loss_after_step_hessian(tasks, step, samples), torch.stack(rows, dim=1))


@shapes
def test_the_loss_without_adaptation_has_the_gradient_and_hessian_of_autograd(shape):
    tasks, w, _ = draw(shape)
    at = w.clone().requires_grad_()
    errors = (at[:, None, None, :] - tasks.optima) @ tasks.roots
    loss = (tasks.weights * (errors**2).sum(-1).mean(-1)).sum() / 2
    close(nal_gradient(tasks, w), torch.autograd.grad(loss, at)[0])
    close(nal_hessian(tasks), torch.einsum("bc,bcij->bij", tasks.weights, tasks.covariances))


@shapes
@pytest.mark.parametrize("steps", [1, 4])
def test_descent_follows_the_covariance_one_step_at_a_time(shape, steps):
    tasks, w, step = draw(shape)
    expected = []
    for b in range(shape[0]):
        at = w[b]
        for _ in range(steps):
            gradient = sum(
                tasks.weights[b, c] * tasks.covariances[b, c] @ (at - tasks.optima[b, c, i]) / shape[2]
                for c in range(shape[1])
                for i in range(shape[2])
            )
            at = at - step[b] * gradient
        expected.append(at)
    close(nal_descent(tasks, w, step, steps), torch.stack(expected))


@pytest.mark.parametrize(("d", "samples"), [(1, 1), (1, 4), (2, 1), (2, 3), (3, 2)])
def test_enumerated_sample_covariances_have_the_moments_of_isserlis(d, samples):
    tasks, _, step = draw((2, 1, 1, d))
    root = tasks.roots[:, 0]
    covariances, weights = sample_covariances(root, samples)
    close(torch.einsum("k,bkij->bij", weights, covariances), tasks.covariances[:, 0])
    expected = reference.preconditioned_covariances(tasks, step, samples)[:, 0]
    close(preconditioned_covariance(root, step, samples), expected)
    close(preconditioned_covariance(to_exact(root), to_exact(step), samples), expected)


def test_data_sets_have_the_moments_of_their_law():
    tasks, _, _ = draw((2, 2, 1, 2))
    inputs, noise, weights = data_sets(tasks, 2)
    close(weights.sum(), 1.0)
    second = torch.einsum("k,bcuksi,bcuksj->bcsij", weights, inputs, inputs)
    close(second, tasks.covariances[:, :, None].expand_as(second))
    close(torch.einsum("k,bcuks->bs", weights, noise**2), (tasks.noise**2)[:, None].expand(2, 2))


@pytest.mark.parametrize(("d", "samples"), [(1, 2), (2, 1), (3, 1)])
def test_values_of_the_loss_alone_determine_its_minimiser(d, samples):
    tasks, _, step = draw((2, 2, 1, d))
    close(maml_solution_by_enumeration(tasks, step, samples), maml_solution(tasks, step, samples))
    # The gradient of a sum over samples is that of their mean, times their number.
    close(maml_solution_by_enumeration(tasks, step, samples, "sum"), maml_solution(tasks, samples * step, samples))


@shapes
def test_infinitely_many_samples_give_the_full_gradient(shape):
    tasks, w, step = draw(shape)
    close(loss_after_step(tasks, w, step, inf), loss_after_step(tasks, w, step, 10**15))
    error = tasks.displacements(w)
    error = error - step[:, None, None, None] * error @ tasks.covariances
    full = tasks.over_tasks(((error @ tasks.roots) ** 2).sum(-1) + (tasks.noise**2)[:, None, None]) / 2
    close(loss_after_step(tasks, w, step, inf), full)


@shapes
def test_the_number_of_samples_may_differ_between_instances(shape):
    tasks, w, step = draw(shape)
    counts = torch.arange(1, shape[0] + 1, dtype=torch.float64)
    each = torch.stack([loss_after_step(tasks, w, step, k + 1)[k] for k in range(shape[0])])
    close(loss_after_step(tasks, w, step, counts), each)


@shapes
def test_the_noise_floor_lies_below_the_infimum_and_is_reached_by_tasks_that_agree(shape):
    tasks, w, step = draw(shape)
    infimum = loss_after_step(tasks, maml_solution(tasks, step, 3), step, 3)
    assert (noise_floor(tasks, step, 3) <= infimum + 1e-10).all()
    agreeing = RegressionTasks(0 * tasks.optima + w[:, None, None], tasks.roots, tasks.weights, tasks.noise)
    close(maml_solution(agreeing, step, 3), w)
    close(loss_after_step(agreeing, w, step, 3), noise_floor(tasks, step, 3))


@shapes
def test_exact_numbers_agree_with_floats(shape):
    tasks, w, step = draw(shape)
    other, v, alpha = exact(tasks), to_exact(w), to_exact(step)
    close(loss_after_step(tasks, w, step, 5), loss_after_step(other, v, alpha, 5))
    close(nal_solution(tasks), nal_solution(other))
    close(maml_solution(tasks, step, 5), maml_solution(other, alpha, 5))
    close(noise_floor(tasks, step, 5), noise_floor(other, alpha, 5))


def test_one_step_on_one_sample_by_hand():
    w, x, y = to_exact([[1]]), to_exact([[[2]]]), to_exact([[5]])
    assert adapt(w, x, y, to_exact([Fraction(1, 4)]))[0, 0] == Fraction(5, 2)


def test_instances_of_a_batch_do_not_mix():
    tasks, w, step = draw((3, 2, 2, 2))
    for b in range(3):
        rows = slice(b, b + 1)
        alone = RegressionTasks(tasks.optima[rows], tasks.roots[rows], tasks.weights[rows], tasks.noise[rows])
        close(loss_after_step(alone, w[rows], step[rows], 4), loss_after_step(tasks, w, step, 4)[rows])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (dict(optima=torch.zeros(2, 2)), "optima has shape"),
        (dict(roots=torch.zeros(2, 2, 3, 2)), "roots has shape"),
        (dict(weights=torch.zeros(2, 3)), "weights has shape"),
        (dict(noise=torch.zeros(3)), "noise has shape"),
    ],
)
def test_task_laws_whose_shapes_disagree_are_rejected(change, named):
    tasks, _, _ = draw((2, 2, 3, 2))
    fields = dict(optima=tasks.optima, roots=tasks.roots, weights=tasks.weights, noise=tasks.noise)
    with pytest.raises(ValueError, match=named):
        RegressionTasks(**{**fields, **change})


def test_arguments_that_do_not_fit_are_rejected():
    tasks, w, step = draw((2, 2, 3, 2))
    with pytest.raises(ValueError, match="w has shape"):
        loss_after_step(tasks, w[:1], step, 1)
    for function in (loss_after_step, loss_after_step_gradient):
        with pytest.raises(ValueError, match="step has shape"):
            function(tasks, w, step[:1], 1)
    with pytest.raises(ValueError, match="step has shape"):
        maml_solution(tasks, step[:1], 1)
    with pytest.raises(ValueError, match="samples is 0"):
        loss_after_step_by_enumeration(tasks, w, step, 0)
    with pytest.raises(ValueError, match="use 'mean' or 'sum'"):
        loss_after_step_by_enumeration(tasks, w, step, 1, "median")
    with pytest.raises(ValueError, match="inputs has shape"):
        adapt(w, torch.zeros(2, 1, 3, dtype=torch.float64), torch.zeros(2, 1, dtype=torch.float64), step)
    with pytest.raises(ValueError, match="dimension is 0"):
        gaussian_rule(0)
    with pytest.raises(ValueError, match="samples is 0"):
        data_sets(tasks, 0)
    with pytest.raises(ValueError, match="samples is 0"):
        sample_covariances(tasks.roots[:, 0], 0)
    with pytest.raises(ValueError, match="root has shape"):
        sample_covariances(tasks.roots, 1)
    with pytest.raises(ValueError, match="step has shape"):
        preconditioned_covariance(tasks.roots[:, 0], step[:1], 1)
    with pytest.raises(ValueError, match="steps must be"):
        nal_descent(tasks, w, step, 0)
    with pytest.raises(ValueError, match="step has shape"):
        nal_descent(tasks, w, step[:1], 1)
