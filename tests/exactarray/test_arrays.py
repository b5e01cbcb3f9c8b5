"""The same array text on torch tensors and on object arrays of exact numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from exactarray import (
    Exact,
    amax,
    amin,
    arithmetic,
    array_like,
    eigvalsh,
    eye,
    inv,
    is_exact,
    maximum,
    minimum,
    namespace,
    norm,
    ones,
    solve,
    spectral_norm,
    to_exact,
    to_float,
    zeros,
)

GENERATOR = np.random.default_rng(0)


def pair(*shape: int) -> tuple[torch.Tensor, np.ndarray]:
    """The same simple rationals, a batch of two, in both number systems."""
    numerators = GENERATOR.integers(-8, 9, size=(2, *shape))
    return torch.tensor(numerators / 4, dtype=torch.float64), to_exact(numerators) / 4


def close(floating: torch.Tensor, exact: np.ndarray) -> bool:
    return is_exact(exact) and np.allclose(floating.numpy(), to_float(exact), rtol=1e-12, atol=1e-12)


def text(x, y):
    """A text in the style of the algorithms: every operation that they use."""
    xp = namespace(x)
    product = x @ y.mT
    total = xp.sum(product, axis=-1) + xp.einsum("bij,bij->bi", x, y)
    waves = xp.sin(x) + xp.cos(y) * xp.exp(x / 10) - xp.tanh(y) + xp.sqrt(abs(x) + 1)
    joined = xp.concat([xp.stack([total, total], axis=-1), waves[..., :2]], axis=-1)
    chosen = xp.where(joined > 0, joined, -joined / 3)
    return (
        maximum(chosen, xp.mean(chosen, axis=-1)[..., None])
        - minimum(chosen, 1)
        + amax(chosen, axis=1)[:, None]
        + amin(x, axis=2)[..., None]
    )


def test_one_text_gives_the_same_numbers_in_both_systems() -> None:
    (x, xe), (y, ye) = pair(3, 4), pair(3, 4)
    assert close(text(x, y), text(xe, ye))


def test_constructors_hold_exact_numbers() -> None:
    like = to_exact([[1, 2]])
    for made in (eye(2, like), ones((2, 2), like), zeros((2, 2), like), array_like([[1, Fraction(1, 3)]], like)):
        assert all(isinstance(x, Exact) for x in made.flat)
    assert (ones((1,), like) / 3)[0].fraction() == Fraction(1, 3)
    assert array_like([Fraction(1, 3)], torch.zeros(1, dtype=torch.float64)).item() == 1 / 3


def test_solve_and_inverse_are_exact() -> None:
    _, a = pair(3, 3)
    _, b = pair(3, 2)
    a = a + 5 * eye(3, a)
    assert all(x == y for x, y in zip((a @ solve(a, b)).flat, b.flat, strict=True))
    product = inv(a) @ a
    assert all(product[k, i, j] == (1 if i == j else 0) for k in range(2) for i in range(3) for j in range(3))
    floating = torch.tensor(to_float(a)), torch.tensor(to_float(b))
    assert close(solve(*floating), solve(a, b))
    assert close(inv(floating[0]), inv(a))


def test_solve_on_balls_encloses_and_broadcasts() -> None:
    a = to_exact([[[2, 1], [1, 3]]])
    with arithmetic(128):
        b = namespace(a).sqrt(to_exact([[[2], [3]], [[5], [7]]]))
        residual = a @ solve(a, b) - b
    assert all(abs(float(x)) + x.radius < 1e-30 for x in residual.flat)


def test_a_singular_matrix_is_refused() -> None:
    for singular in (to_exact([[[1, 2], [2, 4]]]), torch.tensor([[[1.0, 2.0], [2.0, 4.0]]], dtype=torch.float64)):
        with pytest.raises((ZeroDivisionError, torch.linalg.LinAlgError)):
            solve(singular, eye(2, singular)[None])


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_eigenvalues_and_spectral_norm(n: int) -> None:
    x, xe = pair(n, n)
    with arithmetic(128):
        assert close(torch.linalg.eigvalsh(x @ x.mT), eigvalsh(xe @ xe.mT))
        assert close(torch.linalg.svdvals(x)[..., 0], spectral_norm(xe))
    wide, wide_exact = pair(n, n + 2)
    with arithmetic(128):
        assert close(spectral_norm(wide), spectral_norm(wide_exact))
        assert close(spectral_norm(wide.mT), spectral_norm(np.swapaxes(wide_exact, -1, -2)))


def test_eigenvalues_of_a_multiple_of_the_identity_stay_rational() -> None:
    values = eigvalsh(to_exact([[[2, 0, 0], [0, 2, 0], [0, 0, 2]]]))
    assert [x.fraction() for x in values[0]] == [2, 2, 2]


def test_rational_eigenvalues_are_ordered_beyond_float_precision() -> None:
    tiny = Fraction(1, 10**30)
    low, high = eigvalsh(to_exact([[[1 + tiny, 0], [0, 1]]]))[0]
    assert (low.fraction(), high.fraction()) == (1, 1 + tiny)


def test_overlapping_eigenvalue_balls_enclose_the_ordered_ones() -> None:
    import flint

    from exactarray.linalg import _ascending

    wide, narrow = Exact(flint.arb(5, 5)), Exact(flint.arb(6, "0.1"))  # the wide ball may hide 0 as well as 10
    low, high = _ascending([wide, narrow])
    assert flint.arb(low.value).contains(flint.arb(0))
    assert flint.arb(high.value).contains(flint.arb(10))


def test_norm_has_a_gradient_at_zero() -> None:
    x = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    norm(x).sum().backward()
    assert torch.equal(x.grad, torch.zeros_like(x))
    assert norm(to_exact([[3, 4]]))[0].fraction() == 5
