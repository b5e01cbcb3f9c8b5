from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
import torch

from exactarray import is_exact, to_exact
from impl.stochastic_maml import printed_delta
from impl.stochastic_maml_runs import STEP_DIVISORS, EqualHessians, expected_directions, expected_update
from tests.impl.test_noisy_tasks import random_noisy
from tests.reference import stochastic_maml as reference
from tests.reference.quadratic_runs import squared_gradient_after

METHODS = list(STEP_DIVISORS)


@pytest.mark.parametrize(("batch", "tasks", "d", "inner"), [(1, 1, 1, 1), (2, 2, 1, 2), (1, 2, 2, 2)])
def test_expected_directions_are_means_over_all_inner_batches(batch: int, tasks: int, d: int, inner: int) -> None:
    model = random_noisy(batch, tasks, d, 2)
    g = torch.Generator().manual_seed(1)
    w = torch.randn(batch, d, dtype=torch.float64, generator=g)
    alpha, rho = torch.full((batch,), 0.25, dtype=torch.float64), torch.full((batch,), 1.5, dtype=torch.float64)

    def delta(v: torch.Tensor) -> torch.Tensor:
        times = v.shape[0] // batch
        return printed_delta(rho.repeat(times), alpha.repeat(times), v)

    found = {method: expected_directions(method, model, w, alpha, inner, delta) for method in METHODS}
    for b in range(batch):
        by_hand = [torch.zeros(tasks, d, dtype=torch.float64) for _ in METHODS]
        for drawn in product(range(2), repeat=inner):
            shares = torch.zeros_like(model.chances)
            chance = torch.ones(tasks, 1, dtype=torch.float64)
            for point in drawn:
                shares[:, :, point] += 1 / inner
                chance = chance * model.chances[b, :, point, None]
            batches = (shares, model.chances, model.chances)
            fo_maml, maml, hf_maml = reference.directions(model, b, w[b], 0.25, float(rho[b]), batches)
            by_hand = [kept + chance * v for kept, v in zip(by_hand, (maml, fo_maml, hf_maml), strict=True)]
        for method, expected in zip(METHODS, by_hand, strict=True):
            torch.testing.assert_close(found[method][b], expected, rtol=1e-10, atol=1e-10)


def test_an_expected_update_takes_the_printed_share_of_the_step() -> None:
    model = random_noisy(2, 2, 2, 2)
    w, alpha = torch.ones(2, 2, dtype=torch.float64), torch.full((2,), 0.1, dtype=torch.float64)
    smoothness = torch.tensor([4.0, 8.0], dtype=torch.float64)
    directions = expected_directions("fo-maml", model, w, alpha, 1)
    mean = (model.weights[..., None] * directions).sum(1)
    after = expected_update("fo-maml", model, w, alpha, 1, smoothness)
    torch.testing.assert_close(after, w - mean / (18 * smoothness)[:, None], rtol=1e-12, atol=1e-12)


def quadratic(h: float, alpha: float, tasks: float, data: float) -> EqualHessians:
    def column(x: float) -> torch.Tensor:
        return torch.tensor([[x]], dtype=torch.float64)

    return EqualHessians(column(h), column(2.0)[0], column(alpha)[0], column(tasks), column(data))


@pytest.mark.parametrize("method", ["maml", "fo-maml"])
@pytest.mark.parametrize(
    ("sizes", "iterations"), [((1, 1, 1), 3), ((2, 1, 1), 2), ((1, 2, 1), 2), ((1, 1, 2), 2), ((2, 2, 1), 1)]
)
def test_second_moments_agree_with_every_run(method: str, sizes: tuple[int, int, int], iterations: int) -> None:
    h, alpha, w = Fraction(3, 2), Fraction(1, 10), Fraction(5, 4)
    beta = Fraction(1, 4 * STEP_DIVISORS[method] * 2)
    slopes, noise = [Fraction(2), Fraction(-1)], [Fraction(1, 2), Fraction(-1, 2)]
    expected = squared_gradient_after(method, h, alpha, beta, slopes, noise, sizes, w, iterations)
    start = squared_gradient_after(method, h, alpha, beta, slopes, noise, sizes, w, 0)
    tasks = quadratic(1.5, 0.1, 9 / 4, 1 / 4)
    batches = [torch.tensor([float(n)], dtype=torch.float64) for n in sizes]
    found = tasks.second_moment(method, torch.tensor([[float(start)]], dtype=torch.float64), *batches, iterations)
    assert float(found) == pytest.approx(float(expected), rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_the_limit_is_that_of_long_runs_and_exact_numbers_agree(method: str) -> None:
    g = torch.Generator().manual_seed(2)
    fields = [torch.rand(3, 2, dtype=torch.float64, generator=g) + 0.5 for _ in range(3)]
    L, alpha = torch.full((3,), 2.0, dtype=torch.float64), torch.full((3,), 1 / 16, dtype=torch.float64)
    tasks = EqualHessians(fields[0], L, alpha, fields[1], fields[2])
    start, sizes = torch.ones(3, 2, dtype=torch.float64), [torch.full((3,), x, dtype=torch.float64) for x in (20.0, 3.0, 5.0)]
    limit = tasks.second_moment(method, start, *sizes, None)
    torch.testing.assert_close(tasks.second_moment(method, start, *sizes, 10**6), limit, rtol=1e-10, atol=0)
    exact = EqualHessians(*(to_exact(x) for x in (fields[0], L, alpha, fields[1], fields[2])))
    certain = exact.second_moment(method, to_exact(start), *(to_exact(x) for x in sizes), 7)
    assert is_exact(certain)
    floats = tasks.second_moment(method, start, *sizes, 7)
    assert all(float(a) == pytest.approx(float(b), rel=1e-12) for a, b in zip(certain.flat, floats.flatten(), strict=True))


def test_iterations_are_counted_as_a_loop_counts_them() -> None:
    tasks = quadratic(1.5, 0.1, 0.0, 0.0)
    start, level = torch.tensor([[3.0]], dtype=torch.float64), torch.tensor([0.25], dtype=torch.float64)
    one, k = torch.ones(1, dtype=torch.float64), 0
    while float(tasks.second_moment("fo-maml", start, one, one, one, k)) > 0.25:
        k += 1
    assert tasks.iterations_until("fo-maml", start, level).tolist() == [k]
    assert tasks.iterations_until("fo-maml", start, level + 3).tolist() == [0]
    assert quadratic(0.0, 0.1, 0.0, 0.0).iterations_until("maml", start, level).tolist() == [float("inf")]


def test_what_does_not_fit_is_refused_by_name() -> None:
    model, tasks = random_noisy(2, 2, 1, 2), quadratic(1.0, 0.1, 1.0, 1.0)
    w, alpha, one = torch.zeros(2, 1), torch.zeros(2), torch.ones(1, dtype=torch.float64)
    with pytest.raises(ValueError, match="method 'reptile' is unknown"):
        expected_directions("reptile", model, w, alpha, 1)
    with pytest.raises(ValueError, match="delta is missing"):
        expected_directions("hf-maml", model, w.double(), alpha.double(), 1)
    with pytest.raises(ValueError, match="method 'reptile' is unknown"):
        tasks.second_moment("reptile", one[:, None], one, one, one, 1)
    with pytest.raises(ValueError, match=r"B has shape \(2,\)"):
        tasks.second_moment("maml", one[:, None], torch.ones(2, dtype=torch.float64), one, one, 1)
    with pytest.raises(ValueError, match=r"alpha has shape \(2,\)"):
        EqualHessians(one[:, None], one, torch.ones(2, dtype=torch.float64), one[:, None], one[:, None])
