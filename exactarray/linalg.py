"""Linear algebra on batches of matrices ``(..., n, m)``: LAPACK on floats, flint on exact numbers."""

from __future__ import annotations

from collections.abc import Callable

import flint
import numpy as np

from exactarray.arrays import Array, amax, is_exact, namespace
from exactarray.number import Exact


def norm(x: Array, axis: int = -1) -> Array:
    """Euclidean norm along ``axis``. Its float gradient at zero is zero (a subgradient), so that an ascent may start there."""
    xp = namespace(x)
    square = xp.sum(x * x, axis=axis)
    if is_exact(x):
        return xp.sqrt(square)
    positive = square > 0
    return xp.where(positive, xp.sqrt(xp.where(positive, square, xp.ones_like(square))), xp.zeros_like(square))


def solve(a: Array, b: Array) -> Array:
    """Solution ``x`` of ``a @ x = b`` with ``a: (..., n, n)`` and ``b: (..., n, m)``.

    Raises ZeroDivisionError (exact) or ``torch.linalg.LinAlgError`` (float) where ``a`` is singular.
    """
    if not (is_exact(a) or is_exact(b)):
        return namespace(a, b).linalg.solve(a, b)
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    left, right = np.broadcast_to(a, lead + a.shape[-2:]), np.broadcast_to(b, lead + b.shape[-2:])
    solved = np.empty(right.shape, dtype=object)
    for where in np.ndindex(*lead):
        if right[where].size:
            solved[where] = _from_flint(_to_flint(left[where], right[where]).solve(_to_flint(right[where], left[where])))
    return solved


def inv(a: Array) -> Array:
    """Inverse of ``a: (..., n, n)``; errors as :func:`solve`."""
    if not is_exact(a):
        return namespace(a).linalg.inv(a)
    return _each(a, lambda m: _from_flint(_to_flint(m).inv()))


def eigvalsh(a: Array) -> Array:
    """Eigenvalues, ascending, of symmetric matrices ``(..., n, n)``; on exact numbers rigorous enclosures ``(..., n)``."""
    if not is_exact(a):
        return namespace(a).linalg.eigvalsh(a)
    return _each(a, _enclosed_spectrum)


def spectral_norm(a: Array) -> Array:
    """Largest singular value of ``(..., n, m)``."""
    rows, columns = a.shape[-2:]
    gram = a @ a.mT if rows <= columns else a.mT @ a
    if min(rows, columns) == 1:
        return norm(a[..., :, 0] if columns == 1 else a[..., 0, :])
    if not is_exact(a):
        return namespace(a).linalg.svdvals(a)[..., 0]
    return namespace(a).sqrt(amax(eigvalsh(gram), axis=-1))


def _each(a: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    lead = a.shape[:-2]
    results = [function(a[where]) for where in np.ndindex(*lead)]
    stacked = np.empty(lead + (results[0].shape if results else ()), dtype=object)
    for where, result in zip(np.ndindex(*lead), results, strict=True):
        stacked[where] = result
    return stacked


def _to_flint(matrix: np.ndarray, *others: np.ndarray) -> flint.fmpq_mat | flint.arb_mat:
    entries = [[Exact(x) for x in row] for row in matrix]
    rational = all(Exact(x).is_rational for m in (matrix, *others) for x in m.flat)
    kind, scalar = (flint.fmpq_mat, flint.fmpq) if rational else (flint.arb_mat, flint.arb)
    return kind([[scalar(x.value) for x in row] for row in entries])


def _from_flint(matrix: flint.fmpq_mat | flint.arb_mat) -> np.ndarray:
    return np.array([[Exact(x) for x in row] for row in matrix.tolist()], dtype=object)


def _enclosed_spectrum(matrix: np.ndarray) -> np.ndarray:
    n = matrix.shape[-1]
    diagonal = [Exact(matrix[i, i]) for i in range(n)]
    off = [Exact(matrix[i, j]) for i in range(n) for j in range(n) if i != j]
    if all(x.is_rational and x.value == 0 for x in off):
        values = diagonal
    elif n == 2:
        mean, half = (diagonal[0] + diagonal[1]) / 2, (diagonal[0] - diagonal[1]) / 2
        root = (half * half + Exact(matrix[0, 1]) * Exact(matrix[1, 0])).sqrt()
        return np.array([mean - root, mean + root], dtype=object)
    else:
        balls = flint.arb_mat([[flint.arb(Exact(x).value) for x in row] for row in matrix])
        values = [Exact(z.real) for z in balls.eig(multiple=True)]
    return _ascending(values)


def _ascending(values: list[Exact]) -> np.ndarray:
    """The values in order; where balls overlap, an enclosure of the smallest, the second smallest, and so on."""
    if all(x.is_rational for x in values):
        return np.array([Exact(x) for x in sorted(x.value for x in values)], dtype=object)
    # The k-th smallest lies between the k-th smallest lower end and the k-th smallest upper end, whichever ball it is in.
    ends = [(flint.arb(x.value).lower(), flint.arb(x.value).upper()) for x in values]
    lowers, uppers = sorted(low for low, _ in ends), sorted(high for _, high in ends)
    return np.array([Exact(low.union(high)) for low, high in zip(lowers, uppers, strict=True)], dtype=object)
