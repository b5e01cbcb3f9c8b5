import math

import pytest
import torch

from impl.linear_regression_sgd import Environment, Samples, bartlett, task_weights, test_error, train

test_error.__test__ = False  # an algorithm, not a test


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_bartlett_factors_have_the_moments_of_a_scatter_matrix():
    n, d, count = 7, 3, 200_000
    factor = bartlett((count,), n, d, seeded())
    scatter = factor @ factor.mT
    assert (factor.triu(1) == 0).all()
    torch.testing.assert_close(
        scatter.mean(0), n * torch.eye(d, dtype=torch.float64), rtol=0, atol=5 * math.sqrt(2 * n / count)
    )
    # Var W_ii = 2 n and Var W_ij = n; their estimates have relative errors of about sqrt(c / count).
    torch.testing.assert_close(scatter.var(0), n * (1 + torch.eye(d, dtype=torch.float64)), rtol=0.03, atol=0)


def test_gradients_have_the_law_of_those_on_drawn_data():
    environment = Environment(rho=(0.5, 0.5), centre=(1.0, 1.0), spread=(0.0, 0.0), noise=0.3, d=2)
    count, n, g = 100_000, 4, seeded(1)
    tasks = environment.tasks((count,), g)
    model = torch.tensor([[0.2, -0.4]], dtype=torch.float64).expand(count, 1, 2)
    ours = tasks.samples(n, g).gradients(model)[:, 0]
    x = torch.randn(count, n, 2, generator=g, dtype=torch.float64) * 0.5**0.5
    y = (x @ tasks.optima[..., None])[..., 0] + 0.3 * torch.randn(count, n, generator=g, dtype=torch.float64)
    direct = (x.mT @ ((x @ model[:, 0, :, None])[..., 0] - y)[..., None])[..., 0] / n
    scale = direct.std(0)
    assert ((ours.mean(0) - direct.mean(0)).abs() < 5 * scale * math.sqrt(2 / count)).all()
    torch.testing.assert_close(torch.cov(ours.T), torch.cov(direct.T), rtol=0.05, atol=0.01)


def test_weights_of_the_printed_example():
    hard = torch.tensor([True] * 6 + [False] * 4)
    weights = task_weights(hard, torch.tensor([1.0, 2.0], dtype=torch.float64))
    torch.testing.assert_close(weights[:, 0], torch.full((10,), 0.1, dtype=torch.float64))
    torch.testing.assert_close(weights[:, 1], torch.tensor([1 / 8] * 6 + [1 / 16] * 4, dtype=torch.float64))


def test_the_steps_are_those_of_the_gradients():
    environment = Environment(rho=(0.5, 1.0), centre=(2.0, 0.0), spread=(0.5, 1.0), noise=0.3, d=3)
    runs, iterations, batch, n, alpha, nu = 4, 5, 6, (7, 9), 0.8, torch.tensor([1.0, 3.0], dtype=torch.float64)
    found = train(
        environment, runs=runs, iterations=iterations, batch=batch, inner=n[0], outer=n[1], alpha=alpha, nal_rate=0.1,
        maml_rate=0.2, generator=seeded(4), nu=(1.0, 3.0),
    )  # fmt: skip
    g = seeded(4)
    tasks = environment.tasks((iterations, runs, batch), g)
    first, second = tasks.samples(n[0], g), tasks.samples(n[1], g)
    w = torch.zeros((runs, 3, 3), dtype=torch.float64)
    for t in range(iterations):
        inner, outer = (Samples(s.gram[t], s.push[t], s.optima[t]) for s in (first, second))
        at = w[:, None].expand(runs, batch, 3, 3)
        nal = (n[0] * inner.gradients(at[..., :2, :]) + n[1] * outer.gradients(at[..., :2, :])) / sum(n)
        start = at[..., 2:, :].clone().requires_grad_()
        away = start - alpha * inner.gradients(start) - tasks.optima[t][..., None, :]
        loss = ((away @ outer.gram) * away).sum() / 2 - (away * outer.push).sum()
        slope_of_maml = torch.autograd.grad(loss, start)[0].mean(dim=1)
        slope_of_nal = (task_weights(tasks.hard[t], nu)[..., None] * nal).sum(dim=1)
        w = w - torch.cat([0.1 * slope_of_nal, 0.2 * slope_of_maml], dim=1)
    torch.testing.assert_close(found, w)


def test_one_certain_task_is_learnt_by_both():
    environment = Environment(rho=(1.0, 1.0), centre=(3.0, 3.0), spread=(0.0, 0.0), noise=0.0, d=2)
    w = train(
        environment,
        runs=2,
        iterations=400,
        batch=1,
        inner=8,
        outer=8,
        alpha=0.1,
        nal_rate=0.1,
        maml_rate=0.1,
        generator=seeded(),
    )
    assert w.shape == (2, 2, 2)
    torch.testing.assert_close(w, torch.full_like(w, 3.0), rtol=1e-6, atol=1e-6)


def test_mean_final_models_are_the_population_solutions():
    # rho 1/2 and 1, optima 1 and 0, n_2 = 10, alpha = 1/2, d = 1: NAL at 1/3, MAML at a_H/(a_H + a_E).
    environment = Environment(rho=(0.5, 1.0), centre=(1.0, 0.0), spread=(0.0, 0.0), noise=0.1, d=1)
    w = train(
        environment,
        runs=400,
        iterations=300,
        batch=4,
        inner=10,
        outer=10,
        alpha=0.5,
        nal_rate=0.1,
        maml_rate=0.2,
        generator=seeded(2),
    )[..., 0]
    a_H, a_E = (rho * (1 - rho / 2) ** 2 + 2 / 10 / 4 * rho**3 for rho in (0.5, 1.0))
    for found, expected in zip(w.T, (1 / 3, a_H / (a_H + a_E)), strict=True):
        assert abs(float(found.mean()) - expected) < 5 * float(found.std()) / math.sqrt(400)


def test_the_test_error_is_the_expected_loss_after_a_step():
    # One kind of task at distance 1 per coordinate: rho ((1 - alpha rho)^2 + (d + 1)/m alpha^2 rho^2) d / 2, noise aside.
    environment = Environment(rho=(0.5, 0.5), centre=(1.0, 1.0), spread=(0.0, 0.0), noise=0.0, d=3)
    models, m, alpha = torch.zeros(1, 1, 3, dtype=torch.float64), 6, 1.0
    found = test_error(environment, models, alpha=alpha, samples=m, tasks=200_000, generator=seeded(3))
    expected = 0.5 * ((1 - 0.5) ** 2 + 4 / m * 0.25) * 3 / 2
    assert float(found) == pytest.approx(expected, rel=0.02)


def test_wrong_arguments_are_refused_by_name():
    with pytest.raises(ValueError, match="d is 0"):
        Environment((1.0, 1.0), (0.0, 0.0), (0.0, 0.0), 0.0, 0)
    with pytest.raises(ValueError, match="must not be negative"):
        Environment((1.0, -1.0), (0.0, 0.0), (0.0, 0.0), 0.0, 1)
    with pytest.raises(ValueError, match="n is 1"):
        bartlett((2,), 1, 2, seeded())
