from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from impl.checks import Singular
from impl.second_layer_flow import second_layer_descent, second_layer_flow
from tests.reference.gradient_descent import flow_by_exponential

sizes = st.integers(1, 3)


def drawn(seed, batch, n, d, p, k):
    g = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(batch, *s, generator=g, dtype=torch.float64) for s in [(n, d), (n, k), (p, d), (p, k)])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), sizes, sizes, sizes, sizes, sizes, st.floats(0.3, 5))
def test_the_limit_is_that_of_the_flow_on_the_features(seed, batch, n, d, p, k, penalty):
    X, y, A, start = drawn(seed, batch, n, d, p, k)
    kept, w = second_layer_flow(X, y, A, start, torch.full((batch,), penalty, dtype=torch.float64))
    assert kept is A
    for b in range(batch):
        features = torch.stack([A[b] @ x for x in X[b]]).numpy()
        for c in range(k):
            flow = flow_by_exponential(features, y[b, :, c].numpy(), start[b, :, c].numpy(), penalty, 60 / penalty)
            np.testing.assert_allclose(w[b, :, c].numpy(), flow, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("n", "p"), [(1, 3), (3, 2)])
def test_the_iterated_route_reaches_the_limit_without_a_penalty(n, p):
    X, y, A, start = drawn(n, 2, n, 3, p, 1)
    none, step = torch.zeros(2, dtype=torch.float64), 1 / (2 * torch.linalg.matrix_norm(X @ A.mT, 2) ** 2 / n)
    limit = second_layer_flow(X, y, A, start, none)[1]
    iterated = second_layer_descent(X, y, A, start, none, step=step, steps=20_000)[1]
    torch.testing.assert_close(iterated, limit, rtol=1e-8, atol=1e-8)
    assert second_layer_descent(X, y, A, start, none, step=step, steps=0)[1] is start


def test_misfits_and_layers_without_rank_are_named():
    X, y, A, start = drawn(0, 1, 3, 2, 2, 1)
    none = torch.zeros(1, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"A has shape \(1, 2, 1\)"):
        second_layer_flow(X, y, A[..., :1], start, none)
    with pytest.raises(Singular, match=r"X\^T X .* of shape \(1, 2, 2\) is singular"):
        second_layer_flow(X, y, 0 * A, start, none)
