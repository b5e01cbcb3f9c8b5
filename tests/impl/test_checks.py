from __future__ import annotations

import numpy as np
import pytest
import torch

from exactarray import arithmetic, namespace, to_exact
from impl.checks import Shapes, Singular, count, has_shape, is_infinite, nonnegative, positive, solve_regular


def zeros(*shape: int) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.float64)


@pytest.mark.parametrize(
    ("array", "wanted", "message"),
    [
        (
            zeros(2, 1),
            "batch width",
            r"w has shape \(2, 1\); \(batch, width\) is needed with batch = 2, width = 4 as in B \(2, 3, 4\)",
        ),
        (zeros(2), "batch width", r"w has shape \(2,\); \(batch, width\) is needed"),
        (zeros(2, 4, 1), "batch width", r"w has shape \(2, 4, 1\)"),
        (zeros(2, 5), "batch 6", r"w has shape \(2, 5\); \(batch, 6\) is needed"),
        (zeros(2, 5), "batch width|1", r"w has shape \(2, 5\); \(batch, width or 1\) is needed with batch = 2, width = 4"),
        (zeros(2, 4).long(), "batch width", r"w has shape \(2, 4\) and holds torch.int64; floats or exact numbers are needed"),
        (
            zeros(2, 4).float(),
            "batch width",
            r"w has shape \(2, 4\) and holds torch.float32 on cpu, but B holds torch.float64 on cpu",
        ),
        (
            to_exact(zeros(2, 4)),
            "batch width",
            r"w has shape \(2, 4\) and holds exact numbers, but B holds torch.float64 on cpu",
        ),
        (np.zeros((2, 4)), "batch width", r"holds float64, but B holds torch.float64 on cpu"),
        (3, "batch width", r"w is a int; an array \(batch, width\) is needed"),
        (zeros(2, 4).to("meta"), "batch width", r"holds torch.float64 on meta, but B holds torch.float64 on cpu"),
    ],
)
def test_what_does_not_fit_is_said(array, wanted, message):
    shapes = Shapes()
    shapes("B", zeros(2, 3, 4), "batch d width")
    with pytest.raises(ValueError, match=message):
        shapes("w", array, wanted)


def test_what_fits_passes():
    shapes = Shapes(d=3)
    shapes("X", zeros(5, 2, 4, 3), "... n d", least=1)
    shapes("y", zeros(2, 4, 1), "... n k|1")
    shapes("step", zeros(1, 2), "...")
    shapes("none", zeros(0, 3), "other d")


def test_leading_axes_must_broadcast_and_sizes_suffice():
    shapes = Shapes()
    shapes("X", zeros(5, 4, 3), "... n d")
    with pytest.raises(ValueError, match=r"step has shape \(2,\); its leading axes must broadcast with \(5,\)"):
        shapes("step", zeros(2), "...")
    with pytest.raises(ValueError, match=r"X has shape \(5, 0, 3\); .* each of the last two at least 1"):
        Shapes()("X", zeros(5, 0, 3), "... n d", least=1)


@pytest.mark.parametrize("convert", [torch.tensor, np.array, to_exact])
def test_signs(convert):
    for check, bad in ((positive, [1.0, 0.0]), (nonnegative, [1.0, -1.0])):
        check("tau", convert([0.5, 1.0]))
        with pytest.raises(ValueError, match=r"tau of shape \(2,\) must"):
            check("tau", convert(bad))
    nonnegative("tau", convert([0.0]))
    positive("tau", convert(np.zeros(0)))


def test_a_ball_around_zero_is_left_open():
    with arithmetic(64):
        one = to_exact([1])
        third = namespace(one).exp(one) - namespace(one).exp(one)
        positive("tau", third)
        nonnegative("tau", third)


@pytest.mark.parametrize("number", [-1, 1.0, True, "1", None])
def test_counts_are_integers(number):
    with pytest.raises(ValueError, match=r"steps is .*; an integer of at least 0 is needed"):
        count("steps", number)
    count("steps", np.int64(0))


def test_only_the_float_is_infinite():
    assert is_infinite(float("inf"))
    assert not any(is_infinite(number) for number in (1, 1.0, zeros(1) / 0, to_exact([1])))


@pytest.mark.parametrize("convert", [torch.tensor, to_exact])
def test_singular_systems_are_named(convert):
    matrix, right = convert(np.ones((1, 2, 2))), convert(np.ones((1, 2, 1)))
    for caught in (Singular, ValueError, ZeroDivisionError, torch.linalg.LinAlgError):
        with pytest.raises(caught, match=r"the Hessian of shape \(1, 2, 2\) is singular"):
            solve_regular("the Hessian", matrix, right)
    regular = convert(2 * np.eye(2)[None])
    assert [float(v) for v in solve_regular("the Hessian", regular, right).reshape(-1)] == [0.5, 0.5]


def test_an_exact_shape_is_asked_for_by_name():
    has_shape("w", zeros(2, 3), (2, 3))
    with pytest.raises(ValueError, match=r"w has shape \(2, 3\); it must be \(3, 2\)"):
        has_shape("w", zeros(2, 3), (3, 2))
