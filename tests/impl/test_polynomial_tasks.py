from __future__ import annotations

import pytest
import torch

from exactarray import to_exact
from impl.polynomial_tasks import CubicTasks


def random_cubics(batch: int, tasks: int, d: int, terms: int) -> CubicTasks:
    g = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=g)

    half = normal(batch, tasks, d, d)
    return CubicTasks(
        torch.softmax(normal(batch, tasks), -1),
        normal(batch, tasks, d),
        half + half.mT,
        normal(batch, tasks, terms),
        normal(batch, tasks, terms, d),
    )


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 2, 4, 2), (2, 3, 2, 3)])
def test_derivatives_and_value(shape: tuple[int, int, int, int]) -> None:
    model = random_cubics(*shape)
    batch, tasks, d, terms = shape
    w = torch.randn(batch, tasks, d, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    for b in range(batch):
        for i in range(tasks):
            at = w[b, i]
            expected = model.linear[b, i] @ at + at @ model.quadratic[b, i] @ at / 2
            for j in range(terms):
                expected = expected + model.cubic[b, i, j] * (model.directions[b, i, j] @ at) ** 3 / 6
            torch.testing.assert_close(model.value(w)[b, i], expected, rtol=1e-10, atol=1e-12)
    (gradient,) = torch.autograd.grad(model.value(w).sum(), w)
    torch.testing.assert_close(model.gradient(w), gradient, rtol=1e-10, atol=1e-10)
    v = torch.ones_like(w)
    (curved,) = torch.autograd.grad((model.gradient(w) * v).sum(), w)
    torch.testing.assert_close(model.hessian_vector(w, v), curved, rtol=1e-10, atol=1e-10)


def test_one_exact_value() -> None:
    """f(w) = 1/3 w + 2 w^2 / 2 + 3 (2 w)^3 / 6 at w = 1/2: 1/6 + 1/4 + 1/2, with slope 1/3 + 1 + 3."""
    third = to_exact([[[1]]]) / 3
    ones = to_exact([[1]])
    model = CubicTasks(ones, third, to_exact([[[[2]]]]), to_exact([[[3]]]), to_exact([[[[2]]]]))
    w = to_exact([[[1]]]) / 2
    assert model.value(w)[0, 0].fraction() * 12 == 11
    assert model.gradient(w)[0, 0, 0].fraction() * 3 == 13
    assert model.hessian_vector(w, w)[0, 0, 0].fraction() == 7


@pytest.mark.parametrize("field", ["weights", "linear", "quadratic", "cubic", "directions"])
def test_a_wrong_shape_is_refused_by_name(field: str) -> None:
    fields = vars(random_cubics(2, 3, 2, 1))
    wrong = fields[field][:, :1] if field != "directions" else fields[field][..., 0]
    with pytest.raises(ValueError, match=f"{field} has shape"):
        CubicTasks(**{**fields, field: wrong})


def test_points_of_a_wrong_shape_are_refused() -> None:
    model = random_cubics(2, 2, 2, 1)
    w = torch.zeros(2, 2, 2, dtype=torch.float64)
    for call in (lambda: model.value(w[:1]), lambda: model.gradient(w[:1]), lambda: model.hessian_vector(w[:1], w)):
        with pytest.raises(ValueError, match="w has shape"):
            call()
    with pytest.raises(ValueError, match="v has shape"):
        model.hessian_vector(w, w[:1])
