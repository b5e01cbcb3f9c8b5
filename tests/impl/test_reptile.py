from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exactarray import arithmetic, to_exact, to_float
from impl.reptile import reptile, reptile_coefficients, reptile_coefficients_in_place
from impl.two_layer_linear_flow import population_flow
from tests.reference import two_layer_linear as reference


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def signs(batch: int, tasks: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 2, (batch, tasks), generator=torch.Generator().manual_seed(seed)).double() * 2 - 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 30), st.floats(1e-3, 20), st.floats(1e-3, 0.999), st.integers(0, 100))
def test_both_routes_agree_with_the_printed_recursion_in_sixty_digits(tasks, kappa, tau, seed):
    s = signs(2, tasks, seed)
    a, b, rate = column(kappa, 2 * kappa), column(0, kappa / 2), column(tau, tau / 2)
    *_, end = reptile_coefficients(a, b, s, tau=rate)
    tuned = reptile_coefficients_in_place(a, b, s.to(torch.int8), tau=rate)
    for i in range(2):
        expected = reference.printed_reptile(float(a[i]), float(b[i]), [int(v) for v in s[i]], float(rate[i]))
        for route in (end, tuned):
            np.testing.assert_allclose([float(x[i]) for x in route], expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("length", [1.0, 2.5])
@pytest.mark.parametrize("integrated", [False, True])
def test_matrices_move_as_their_coefficients(length, integrated):
    tasks, d, kappa = 4, 3, column(0.1, 2.0)
    s = signs(2, tasks)
    u = torch.nn.functional.normalize(
        torch.randn(2, d, generator=torch.Generator().manual_seed(1), dtype=torch.float64), dim=-1
    )
    identity, tau = torch.eye(d, dtype=torch.float64), column(0.3, 0.9)

    def by_integration(A, w, target):
        end_A, end_W = population_flow(A, w[..., None], target[..., None])
        return end_A, end_W[..., 0]

    states = reptile(
        kappa[:, None, None] * identity,
        torch.zeros(2, d, dtype=torch.float64),
        length * s[..., None] * u[:, None],
        tau=tau,
        **({"inner_loop": by_integration} if integrated else {}),
    )
    coefficients = reptile_coefficients(kappa, 0 * kappa, s, tau=tau, length=length)
    for (A, w), (a, b) in zip(states, coefficients, strict=True):
        spike = (a - kappa)[:, None, None] * u[..., None] * u[:, None]
        torch.testing.assert_close(A, spike + kappa[:, None, None] * identity, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(w, b[:, None] * length * u, rtol=1e-9, atol=1e-9)


def test_the_recursion_on_balls_encloses_the_floats_for_every_sign_sequence():
    sequences = list(itertools.product((1, -1), repeat=4))
    s = to_exact(sequences)
    start = to_exact([Fraction(1, 10)] * len(sequences))
    with arithmetic(128):
        *_, (a, b) = reptile_coefficients(start, 0 * start, s, tau=start * 3)
    floats = torch.full((len(sequences),), 0.1, dtype=torch.float64)
    end = reptile_coefficients_in_place(floats, 0 * floats, column(*itertools.chain(*sequences)).reshape(-1, 4), tau=floats * 3)
    np.testing.assert_allclose(to_float(a), end[0].numpy(), rtol=1e-13)
    np.testing.assert_allclose(to_float(b), end[1].numpy(), rtol=1e-12, atol=1e-14)


def test_no_tasks_leave_the_start():
    a = column(1.0)
    assert [float(x) for x in list(reptile_coefficients(a, 0 * a, torch.empty(1, 0, dtype=torch.float64), tau=a / 2))[-1]] == [
        1,
        0,
    ]
    assert [float(x) for x in reptile_coefficients_in_place(a, 0 * a, torch.empty(1, 0, dtype=torch.int8), tau=a / 2)] == [1, 0]


def test_misfits_are_named():
    a, s = column(1.0, 2.0), signs(2, 3)
    with pytest.raises(ValueError, match=r"signs has shape \(1, 3\)"):
        reptile_coefficients(a, a, s[:1], tau=a)
    with pytest.raises(ValueError, match=r"tau of shape \(2,\) must be positive"):
        reptile_coefficients(a, a, s, tau=0 * a)
    with pytest.raises(ValueError, match=r"tau of shape \(2,\) must be positive"):
        reptile_coefficients_in_place(a, a, s, tau=-a)
    with pytest.raises(ValueError, match=r"w has shape \(2, 2\)"):
        reptile(torch.zeros(2, 3, 3, dtype=torch.float64), torch.zeros(2, 2, dtype=torch.float64), s[..., None], tau=a)
