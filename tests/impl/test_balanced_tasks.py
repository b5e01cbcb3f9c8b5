from __future__ import annotations

import pytest
import torch

from exactarray import to_exact
from impl.balanced_tasks import largest_gradient_gap, with_parabola
from impl.expectations import repeated
from impl.smooth_tasks import SplineTasks


def random_spline(batch: int, pieces: int, seed: int = 0) -> SplineTasks:
    g = torch.Generator().manual_seed(seed)
    far = torch.rand(batch, 1, 1, 1, dtype=torch.float64, generator=g) + 0.5
    middle = torch.randn(batch, 1, 1, pieces - 1, dtype=torch.float64, generator=g)
    return SplineTasks(
        weights=torch.ones(batch, 1, dtype=torch.float64),
        start=torch.randn(batch, 1, 1, dtype=torch.float64, generator=g),
        gaps=torch.rand(batch, 1, 1, pieces, dtype=torch.float64, generator=g) + 0.1,
        heights=torch.cat([far, middle, far], dim=-1),
        slope=torch.randn(batch, 1, 1, dtype=torch.float64, generator=g),
    )


@pytest.mark.parametrize(("batch", "pieces"), [(1, 2), (4, 3), (3, 5)])
def test_the_parabola_has_the_given_gradient_and_the_far_curvature(batch: int, pieces: int) -> None:
    spline = random_spline(batch, pieces)
    odds, at, gradient = (torch.linspace(a, b, batch, dtype=torch.float64) for a, b in ((1, 4), (-1, 2), (3, -3)))
    both = with_parabola(spline, odds, at, gradient)
    points = at[:, None, None].expand(batch, 2, 1)
    torch.testing.assert_close(both.gradient(points)[:, 1, 0], gradient, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(both.weights[:, 0] / both.weights[:, 1], odds, rtol=1e-12, atol=0)
    for w in (-50.0, 0.0, 50.0):
        curvature = both.hessian_vector(torch.full_like(points, w), torch.ones_like(points))
        torch.testing.assert_close(curvature[:, 1], spline.heights[:, 0, :, 0], rtol=1e-12, atol=1e-12)
    alone = spline.gradient(points[:, :1])
    torch.testing.assert_close(both.gradient(points)[:, :1], alone, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("batch", "pieces"), [(1, 2), (5, 3), (5, 4)])
def test_the_largest_gap_is_that_of_a_fine_scan(batch: int, pieces: int) -> None:
    ones = torch.ones(batch, dtype=torch.float64)
    both = with_parabola(random_spline(batch, pieces, seed=3), ones, 0 * ones, ones)
    found = largest_gradient_gap(both)
    points = torch.linspace(-6, 6, 24001, dtype=torch.float64)
    gradient = repeated(both, len(points)).gradient(points.repeat(batch)[:, None, None].expand(-1, 2, 1))[..., 0]
    scan = (gradient[:, 0] - gradient[:, 1]).abs().reshape(batch, -1).amax(-1)
    assert (scan <= found * (1 + 1e-12)).all()
    torch.testing.assert_close(scan, found, rtol=1e-6, atol=0)
    fields = (both.weights, both.start, both.gaps, both.heights, both.slope)
    exact = largest_gradient_gap(SplineTasks(*(to_exact(x) for x in fields)))
    assert [float(x) for x in exact] == pytest.approx(found.tolist(), rel=1e-12)


def test_what_does_not_fit_is_refused_by_name() -> None:
    one = torch.ones(2, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"odds has shape \(1,\)"):
        with_parabola(random_spline(2, 2), one[:1], one, one)
    with pytest.raises(ValueError, match=r"heights has shape \(2, 1, 1, 3\)"):
        largest_gradient_gap(random_spline(2, 2))
