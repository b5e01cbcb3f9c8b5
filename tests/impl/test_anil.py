"""ANIL and its tasks against automatic differentiation through one task at a time, on exact numbers, and at their
boundary.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import torch

from exactarray import arithmetic, to_exact, to_float
from impl.anil import Counted, anil, batches, evaluations, expected_squares, inner_loop, meta_gradients, meta_loss
from impl.partial_adaptation_tasks import LinearHeadTasks, OscillatingTasks, ReluHeadTasks
from tests.reference import anil as reference

TOLERANCE = 1e-10


def oscillating(batch, tasks, n_w, n_phi, waves, seed=0):
    g = torch.Generator().manual_seed(seed)

    def real(*shape):
        return torch.randn(batch, tasks, *shape, generator=g, dtype=torch.float64)

    square = real(n_w, n_w)
    return OscillatingTasks(
        square @ square.mT,
        real(n_w, n_phi),
        real(waves),
        real(waves),
        real(waves),
        real(waves, n_w),
        real(waves, n_phi),
        real().exp(),
        real(),
        real(n_w),
        real(n_phi),
    )


def few_shot(kind, batch, tasks, activation, ridge=0.1, seed=0):
    g = torch.Generator().manual_seed(seed)
    inputs, ways, shots, features = 3, 2, 2, 4
    labels = torch.eye(ways, dtype=torch.float64).repeat_interleave(shots, 0).expand(batch, tasks, -1, -1)
    data = torch.randn(2, batch, tasks, ways * shots, inputs, generator=g, dtype=torch.float64)
    extra = {"hidden": 3} if kind is ReluHeadTasks else {}
    return kind(
        data[0],
        labels,
        data[1],
        labels,
        features,
        activation,
        torch.full((batch,), ridge, dtype=torch.float64),
        **extra,
    )


def point(batch, n_w, n_phi, seed=1):
    g = torch.Generator().manual_seed(seed)
    return (torch.randn(batch, n, generator=g, dtype=torch.float64) for n in (n_w, n_phi))


CASES = [
    (oscillating(b, t, n_w, n_phi, j, seed), n_w, n_phi, reference.oscillating_losses)
    for seed, (b, t, n_w, n_phi, j) in enumerate(
        [(1, 1, 1, 1, 1), (3, 2, 1, 3, 2), (2, 3, 3, 1, 1), (2, 1, 2, 0, 2), (2, 2, 2, 2, 0)]
    )
] + [
    (tasks, tasks.n_w, tasks.n_phi, reference.few_shot_losses)
    for kind in (LinearHeadTasks, ReluHeadTasks)
    for tasks in (few_shot(kind, 2, 2, "tanh"), few_shot(kind, 1, 3, "relu", ridge=0.0))
]


@pytest.mark.parametrize(("tasks", "n_w", "n_phi", "losses"), CASES)
@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_meta_gradients_are_those_of_automatic_differentiation(tasks, n_w, n_phi, losses, steps):
    batch = _batch(tasks)
    w, phi = point(batch, n_w, n_phi)
    alpha = torch.linspace(0.05, 0.2, batch, dtype=torch.float64)
    g_w, g_phi = meta_gradients(tasks, w, phi, alpha, steps)
    value = meta_loss(tasks, w, phi, alpha, steps)
    last = inner_loop(tasks, w, phi, alpha, steps)[-1]
    for i in range(batch):
        for j in range(tasks.tasks):
            train, test = losses(tasks, i, j)
            expected = reference.meta_gradients(train, test, w[i], phi[i], float(alpha[i]), steps)
            for got, want in zip((g_w[i, j], g_phi[i, j]), expected, strict=True):
                torch.testing.assert_close(got, want, rtol=TOLERANCE, atol=TOLERANCE * (1 + float(want.abs().sum())))
            end = reference.adapted(train, w[i].clone().requires_grad_(), phi[i], float(alpha[i]), steps).detach()
            torch.testing.assert_close(last[i, j], end, rtol=TOLERANCE, atol=TOLERANCE)
            torch.testing.assert_close(value[i, j], test(end, phi[i]), rtol=TOLERANCE, atol=TOLERANCE)


def _batch(tasks):
    return (tasks.A if isinstance(tasks, OscillatingTasks) else tasks.support).shape[0]


def test_a_run_is_that_of_one_instance_at_a_time():
    tasks = oscillating(2, 3, 2, 2, 1)
    w, phi = point(2, 2, 2)
    batches = [[0, 0], [2, 1], [1, 2]]
    counts = torch.tensor([[Counter(batch)[i] / 2 for i in range(3)] for batch in batches], dtype=torch.float64)
    ones = torch.ones(2, dtype=torch.float64)
    run = anil(
        tasks,
        w,
        phi,
        alpha=ones / 10,
        inner_steps=2,
        beta_w=ones / 4,
        beta_phi=ones / 8,
        shares=counts.expand(2, -1, -1),
        with_loss=True,
    )
    assert run.loss.shape == run.square_w.shape == run.square_phi.shape == (2, 3)
    first = [g.mean(1).square().sum(1) for g in meta_gradients(tasks, w, phi, ones / 10, 2)]
    torch.testing.assert_close(torch.stack([run.square_w[:, 0], run.square_phi[:, 0]]), torch.stack(first))
    torch.testing.assert_close(run.loss[:, 0], meta_loss(tasks, w, phi, ones / 10, 2).mean(1))
    for i in range(2):
        losses = [reference.oscillating_losses(tasks, i, j) for j in range(3)]
        end = reference.anil(losses, w[i], phi[i], 0.1, 2, 0.25, 0.125, batches)
        torch.testing.assert_close(run.w[i], end[0], rtol=TOLERANCE, atol=TOLERANCE)
        torch.testing.assert_close(run.phi[i], end[1], rtol=TOLERANCE, atol=TOLERANCE)


def test_repeated_instances_run_alike():
    tasks = oscillating(2, 2, 1, 2, 1)
    w, phi = point(2, 1, 2)
    alpha = torch.full((2,), 0.1, dtype=torch.float64)
    once = meta_gradients(tasks, w, phi, alpha, 2)
    thrice = meta_gradients(tasks.repeat(3), *(x.repeat_interleave(3, 0) for x in (w, phi, alpha)), 2)
    for a, b in zip(once, thrice, strict=True):
        torch.testing.assert_close(a.repeat_interleave(3, 0), b)


@pytest.mark.parametrize(("tasks", "n_w", "n_phi", "losses"), [CASES[1], CASES[5], CASES[7]])
def test_the_same_text_runs_on_exact_numbers(tasks, n_w, n_phi, losses):
    batch = _batch(tasks)
    exact = type(tasks)(**{k: to_exact(v) if hasattr(v, "shape") else v for k, v in tasks.__dict__.items()})
    w, phi = point(batch, n_w, n_phi)
    alpha = torch.full((batch,), 0.125, dtype=torch.float64)
    with arithmetic(128):
        balls = meta_gradients(exact, to_exact(w), to_exact(phi), to_exact(alpha), 2)
        ball_loss = meta_loss(exact, to_exact(w), to_exact(phi), to_exact(alpha), 2)
    for ball, number in zip(
        (*balls, ball_loss), (*meta_gradients(tasks, w, phi, alpha, 2), meta_loss(tasks, w, phi, alpha, 2)), strict=True
    ):
        np.testing.assert_allclose(to_float(ball), number.numpy(), rtol=1e-10, atol=1e-12)


def test_the_test_loss_does_not_overflow_far_away():
    tasks = oscillating(1, 1, 1, 1, 1)
    w, phi = torch.full((1, 1), 1e6, dtype=torch.float64), torch.zeros(1, 1, dtype=torch.float64)
    assert torch.isfinite(meta_loss(tasks, w, phi, torch.zeros(1, dtype=torch.float64), 0)).all()


@pytest.mark.parametrize(("n_w", "n_phi", "steps"), [(1, 1, 1), (2, 3, 5), (3, 0, 2), (2, 2, 0)])
def test_evaluations_are_those_that_the_run_makes(n_w, n_phi, steps):
    counting = Counted(oscillating(1, 1, n_w, n_phi, 1))
    w, phi = point(1, n_w, n_phi)
    meta_gradients(counting, w, phi, torch.full((1,), 0.1, dtype=torch.float64), steps)
    counted = evaluations(n_w, n_phi, steps)
    assert (counting.gradient, counting.second_order) == (counted.gradient, counted.second_order)


def test_wrong_shapes_are_named():
    tasks = oscillating(2, 2, 1, 1, 1)
    w, phi = point(2, 1, 1)
    ones = torch.ones(2, dtype=torch.float64)
    shares = torch.full((2, 1, 2), 0.5, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"w has shape \(1,\)"):
        meta_gradients(tasks, w[0], phi, ones, 1)
    with pytest.raises(ValueError, match=r"phi has shape \(1, 1\)"):
        meta_gradients(tasks, w, phi[:1], ones, 1)
    with pytest.raises(ValueError, match=r"alpha has shape \(1,\)"):
        meta_gradients(tasks, w, phi, ones[:1], 1)
    with pytest.raises(ValueError, match="inner steps is -1"):
        meta_gradients(tasks, w, phi, ones, -1)
    with pytest.raises(ValueError, match=r"shares has shape \(2, 1, 1\)"):
        anil(tasks, w, phi, alpha=ones, inner_steps=1, beta_w=ones, beta_phi=ones, shares=shares[..., :1])
    with pytest.raises(ValueError, match=r"beta_phi has shape \(1,\)"):
        anil(tasks, w, phi, alpha=ones, inner_steps=1, beta_w=ones, beta_phi=ones[:1], shares=shares)
    with pytest.raises(ValueError, match="negative"):
        evaluations(1, -1, 1)
    with pytest.raises(ValueError, match=r"s has shape \(2, 2, 0\)"):
        OscillatingTasks(**{**tasks.__dict__, "s": tasks.s[..., :0]})
    good = few_shot(LinearHeadTasks, 1, 1, "tanh")
    with pytest.raises(ValueError, match="support_labels has shape"):
        LinearHeadTasks(**{**good.__dict__, "support": good.support[:, :, 1:]})
    with pytest.raises(ValueError, match=r"ridge has shape \(0,\)"):
        LinearHeadTasks(**{**good.__dict__, "ridge": good.ridge[:0]})
    with pytest.raises(ValueError, match="activation"):
        LinearHeadTasks(**{**good.__dict__, "activation": "sigmoid"})


@pytest.mark.parametrize("size", [1, 2, 3])
def test_batches_are_all_ordered_draws_grouped(size):
    grouped = Counter()
    for drawn in itertools.product(range(3), repeat=size):
        grouped[tuple(Fraction(drawn.count(i), size) for i in range(3))] += Fraction(1, 3**size)
    assert dict(batches(3, size)) == dict(grouped)
    assert batches(3, None) == [((Fraction(1, 3),) * 3, 1)]


@pytest.mark.parametrize("size", [1, 2, None])
def test_expected_squares_average_over_every_sequence_of_batches(size):
    tasks = oscillating(2, 2, 1, 2, 1)
    w, phi = point(2, 1, 2)
    ones = torch.ones(2, dtype=torch.float64)
    steps = {"alpha": ones / 10, "inner_steps": 2, "beta_w": ones / 4, "beta_phi": ones / 8}
    exact = expected_squares(tasks, w, phi, **steps, batch_size=size, outer_steps=3)
    mean = [torch.zeros(2, 3, dtype=torch.float64) for _ in range(2)]
    for sequence in itertools.product(batches(2, size), repeat=3):
        shares = torch.tensor([[float(s) for s in share] for share, _ in sequence], dtype=torch.float64)
        run = anil(tasks, w, phi, **steps, shares=shares.expand(2, -1, -1))
        chance = float(math.prod(p for _, p in sequence))
        mean = [m + chance * s for m, s in zip(mean, (run.square_w, run.square_phi), strict=True)]
    for got, want in zip(exact, mean, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


def test_a_batch_needs_a_place():
    with pytest.raises(ValueError, match="at least one"):
        batches(2, 0)


@pytest.mark.parametrize(("tasks", "n_w", "n_phi", "losses"), [CASES[1], CASES[5], CASES[7]])
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_to_first_order_the_inner_loop_is_a_shift(tasks, n_w, n_phi, losses, steps):
    batch = _batch(tasks)
    w, phi = point(batch, n_w, n_phi)
    alpha = torch.full((batch,), 0.1, dtype=torch.float64)
    counted = Counted(tasks)
    g_w, g_phi = meta_gradients(counted, w, phi, alpha, steps, first_order=True)
    assert counted.second_order == 0
    last = inner_loop(tasks, w, phi, alpha, steps)[-1]
    for i in range(batch):
        for j in range(tasks.tasks):
            _, test = losses(tasks, i, j)
            expected = reference.meta_gradients(test, test, last[i, j], phi[i], 0.0, 0)
            for got, want in zip((g_w[i, j], g_phi[i, j]), expected, strict=True):
                torch.testing.assert_close(got, want, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("outer_steps", [1, 3])
def test_an_empty_batch_runs(outer_steps):
    tasks = oscillating(0, 2, 1, 2, 1)
    w, phi = point(0, 1, 2)
    none, shares = torch.ones(0, dtype=torch.float64), torch.ones(0, outer_steps, 2, dtype=torch.float64) / 2
    run = anil(tasks, w, phi, alpha=none, inner_steps=0, beta_w=none, beta_phi=none, shares=shares, with_loss=True)
    assert run.loss.shape == run.square_w.shape == (0, outer_steps)
    assert run.phi.shape == (0, 2)
