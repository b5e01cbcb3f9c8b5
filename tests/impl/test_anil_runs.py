"""Longer runs of ANIL against one run at a time, and what is read off them against loops."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from exactarray import to_exact, to_float
from impl.anil import anil, batches, evaluations, meta_loss
from impl.anil_runs import AverageRun, average_run, outer_step_cost, sampled_shares, steps_to_reach
from impl.partial_adaptation_tasks import OscillatingTasks


def problem(batch, tasks, n_w, n_phi, seed=0):
    g = torch.Generator().manual_seed(seed)

    def real(*shape):
        return torch.randn(batch, *shape, generator=g, dtype=torch.float64)

    square = real(tasks, n_w, n_w)
    fields = [square @ square.mT, real(tasks, n_w, n_phi)]
    fields += [real(tasks, 1), real(tasks, 1), real(tasks, 1), real(tasks, 1, n_w), real(tasks, 1, n_phi)]
    fields += [real(tasks).exp(), real(tasks), real(tasks, n_w), real(tasks, n_phi)]
    steps = {"alpha": real().abs() / 20, "beta_w": real().abs() / 10, "beta_phi": real().abs() / 10}
    return OscillatingTasks(*fields), real(n_w), real(n_phi), steps


@pytest.mark.parametrize(("batch", "tasks", "n_w", "n_phi"), [(1, 1, 1, 1), (2, 2, 2, 1), (3, 3, 1, 2)])
@pytest.mark.parametrize(("size", "sequences"), [(None, 4), (1, 3), (2, 1)])
def test_an_average_run_is_the_mean_of_single_runs(batch, tasks, n_w, n_phi, size, sequences):
    made, w, phi, steps = problem(batch, tasks, n_w, n_phi)
    got = average_run(made, w, phi, **steps, inner_steps=2, outer_steps=4, batch_size=size, sequences=sequences)
    times = 1 if size is None else sequences
    shares = sampled_shares(4, tasks, size, w.repeat_interleave(times, 0)).reshape(batch, times, 4, tasks)
    runs = [anil(made, w, phi, **steps, inner_steps=2, shares=shares[:, i], with_loss=True) for i in range(times)]
    for name in ("square_w", "square_phi", "loss"):
        mean = sum(getattr(run, name) for run in runs) / times
        torch.testing.assert_close(getattr(got, name), mean, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(got.loss[:, 0], meta_loss(made, w, phi, steps["alpha"], 2).mean(1))


def test_shares_are_those_of_batches_and_a_longer_run_begins_with_a_shorter_one():
    like = torch.zeros(2000, 1, dtype=torch.float64)
    for tasks, size in itertools.product((1, 2, 3), (1, 2)):
        shares = sampled_shares(3, tasks, size, like)
        assert torch.equal(sampled_shares(2, tasks, size, like), shares[:, :2])
        seen = shares.reshape(-1, tasks)
        for share, chance in batches(tasks, size):
            drawn = (seen - torch.tensor([float(s) for s in share], dtype=torch.float64)).abs().amax(1) < 1e-12
            error = math.sqrt(chance * (1 - chance) / len(seen))
            assert abs(float(drawn.to(torch.float64).mean()) - chance) <= 5 * error
    assert torch.equal(sampled_shares(2, 3, None, like), torch.full((2000, 2, 3), 1 / 3, dtype=torch.float64))


def test_the_best_iterate_is_where_the_weighted_sum_is_least():
    g = torch.Generator().manual_seed(0)
    square_w, square_phi, loss = (torch.rand(3, 5, generator=g, dtype=torch.float64) for _ in range(3))
    beta_w, beta_phi = (torch.rand(3, generator=g, dtype=torch.float64) for _ in range(2))
    run = AverageRun(square_w, square_phi, loss, beta_w, beta_phi)
    exact = AverageRun(*(to_exact(x) for x in (square_w, square_phi, loss, beta_w, beta_phi)))
    for got, same in ((run.at_best_iterate(), torch.as_tensor), (exact.at_best_iterate(), to_float)):
        for i in range(3):
            best = min(range(5), key=lambda k: float(beta_w[i] * square_w[i, k] + beta_phi[i] * square_phi[i, k]))
            assert [float(same(x)[i]) for x in got] == [float(square_w[i, best]), float(square_phi[i, best])]
    assert torch.equal(run.final_loss(), loss[:, -1])
    lost = AverageRun(square_w, square_phi, torch.where(loss > 0.5, torch.nan, loss), beta_w, beta_phi)
    assert torch.equal(lost.final_loss(), torch.where(loss[:, -1] > 0.5, torch.inf, loss[:, -1]))


def test_steps_to_reach_counts_from_one_and_knows_no_end():
    nan = torch.nan
    loss = torch.tensor([[3.0, 2.0, 1.0, 2.0], [0.5, 3.0, 3.0, 0.0], [3.0, nan, nan, nan], [2.0, 2.0, 2.0, 1.0]])
    assert steps_to_reach(loss, 1.0).tolist() == [3, 1, math.inf, 4]


@pytest.mark.parametrize("second_order", [False, True])
def test_an_outer_step_costs_its_entries(second_order):
    counted = evaluations(2, 3, 4)
    expected = counted.gradient + counted.second_order * second_order
    assert outer_step_cost(2, 3, 4, second_order=second_order) == expected


def test_random_batches_need_floats_and_a_place():
    like = torch.zeros(1, 1, dtype=torch.float64)
    with pytest.raises(ValueError, match="positive size"):
        sampled_shares(1, 2, 0, like)
    with pytest.raises(ValueError, match="need floats"):
        sampled_shares(1, 2, 1, to_exact(like))
    assert to_float(sampled_shares(2, 4, None, to_exact(like))).tolist() == [[[0.25] * 4] * 2]
