from __future__ import annotations

import pytest
import torch

from impl.easy_hard_tasks import easy_hard_law, sampled_easy_hard_law
from impl.meta_regression import loss_after_step, maml_solution, nal_solution


def numbers(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


LAW = dict(
    root_H=numbers(0.3, 0.5),
    root_E=numbers(0.9, 1.0),
    R=numbers(2, -1),
    spread_H=numbers(0.5, 0),
    spread_E=numbers(0.1, 2),
    noise=numbers(0, 0.5),
)


@pytest.mark.parametrize("d", [1, 3])
def test_the_points_have_the_printed_means_and_covariances(d):
    law = easy_hard_law(d, **LAW)
    for b in range(2):
        for cloud, (mean, spread, root) in enumerate(
            ((LAW["R"], LAW["spread_H"], LAW["root_H"]), (0 * LAW["R"], LAW["spread_E"], LAW["root_E"]))
        ):
            points, eye = law.optima[b, cloud], torch.eye(d, dtype=torch.float64)
            torch.testing.assert_close(points.mean(0), mean[b].expand(d))
            centred = points - points.mean(0)
            torch.testing.assert_close(centred.T @ centred / len(points), spread[b] ** 2 / d * eye)
            torch.testing.assert_close(law.covariances[b, cloud], root[b] ** 2 * eye)
    assert torch.equal(law.weights, torch.full((2, 2), 0.5, dtype=torch.float64))


def test_drawn_optima_have_the_risks_of_the_points_up_to_sampling():
    d, step = 2, numbers(0.5, 0.5)
    points, g = easy_hard_law(d, **LAW), torch.Generator().manual_seed(0)
    drawn = sampled_easy_hard_law(d, tasks=40_000, **LAW, generator=g)
    w = torch.ones(2, d, dtype=torch.float64)
    # 40,000 optima: their means and covariances are within some 0.02 of the law's.
    close = dict(rtol=0.03, atol=0.03)
    torch.testing.assert_close(loss_after_step(drawn, w, step, 5), loss_after_step(points, w, step, 5), **close)
    torch.testing.assert_close(nal_solution(drawn), nal_solution(points), **close)
    torch.testing.assert_close(maml_solution(drawn, step, 5), maml_solution(points, step, 5), **close)


def test_misfits_are_named():
    with pytest.raises(ValueError, match="d is 0"):
        easy_hard_law(0, **LAW)
    with pytest.raises(ValueError, match=r"R has shape \(1,\)"):
        easy_hard_law(1, **{**LAW, "R": LAW["R"][:1]})
    with pytest.raises(ValueError, match=r"spread_E of shape \(2,\) must not be negative"):
        easy_hard_law(1, **{**LAW, "spread_E": -LAW["spread_E"]})
    with pytest.raises(ValueError, match="tasks is 0"):
        sampled_easy_hard_law(1, tasks=0, **LAW, generator=torch.Generator())
