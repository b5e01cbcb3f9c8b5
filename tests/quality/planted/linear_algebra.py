"""Matrices: norms, traces, determinants, eigenvalues."""

# ruff: noqa: PLW0108 - the harness takes arguments by name, which a lambda gives

from __future__ import annotations

import sympy

from exactarray import amax, eigvalsh, eye, inv, namespace, norm, solve, spectral_norm
from lakatos import Identity
from lakatos.claims import Claim
from tests.lakatos.made import made
from tests.quality.planted.families import (
    GE,
    GT,
    designs,
    determinant,
    inner,
    matrices_of_two,
    rotations,
    semidefinite,
    squares,
    symmetric,
    trace,
)

FALSE: dict[str, Claim] = {
    "spectral norm is submultiplicative with 0.95 (subtle)": made(
        lambda A, B: spectral_norm(A @ B), lambda A, B: spectral_norm(A) * spectral_norm(B) * 95 / 100, on=squares
    ),
    "the determinant of a rotation is 1 (subtle)": made(
        lambda Q: determinant(Q), lambda Q: 1 + 0 * Q[:, 0, 0], Identity(), rotations
    ),
    "trace is multiplicative": made(lambda A, B: trace(A @ B), lambda A, B: trace(A) * trace(B), Identity(), squares),
    "matrices commute": made(
        lambda A, B: (A @ B).reshape(len(A), -1), lambda A, B: (B @ A).reshape(len(A), -1), Identity(), squares
    ),
    "determinant is additive": made(
        lambda A, B: determinant(A + B), lambda A, B: determinant(A) + determinant(B), Identity(), matrices_of_two
    ),
    "every square matrix contracts": made(lambda A, v: norm((A @ v[:, :, None])[:, :, 0]), lambda v: norm(v), on=squares),
    "psd product is psd": made(lambda A, B, v: inner(v, (A @ B @ v[:, :, None])[:, :, 0]), sympy.Integer(0), GE, semidefinite),
    "tr(AB) <= 0.95 tr(A) tr(B) for psd matrices (subtle)": made(
        lambda A, B: trace(A @ B), lambda A, B: trace(A) * trace(B) * 95 / 100, on=semidefinite
    ),
    "Frobenius norm at most 0.95 sqrt(d) times the spectral one (subtle)": made(
        lambda A: norm(A.reshape(len(A), -1)),
        lambda A, d: spectral_norm(A) * namespace(A).sqrt(0 * A[:, 0, 0] + d) * 95 / 100,
        on=squares,
    ),
    "Hadamard's bound with 0.9 (subtle)": made(
        lambda A: abs(determinant(A)), lambda A: norm(A[:, 0]) * norm(A[:, 1]) * 9 / 10, on=matrices_of_two
    ),
    "Weyl's bound with 0.95 (subtle)": made(
        lambda A, B: amax(eigvalsh(A + B), axis=-1),
        lambda A, B: (amax(eigvalsh(A), axis=-1) + amax(eigvalsh(B), axis=-1)) * 95 / 100,
        on=symmetric,
    ),
    "X^T X is invertible, also for n < d (subtle)": made(lambda X: determinant(X.mT @ X), sympy.Integer(0), GT, designs),
    "(AB)^T = A^T B^T": made(
        lambda A, B: (A @ B).mT.reshape(len(A), -1), lambda A, B: (A.mT @ B.mT).reshape(len(A), -1), Identity(), squares
    ),
    "tr(A^2) >= 0": made(lambda A: trace(A @ A), sympy.Integer(0), GE, matrices_of_two),
    "det(I + A) = 1 + tr A": made(lambda A: determinant(A + eye(2, A)), lambda A: 1 + trace(A), Identity(), matrices_of_two),
    "the inverse is additive": made(
        lambda A, B: inv(A + B).reshape(len(A), -1), lambda A, B: (inv(A) + inv(B)).reshape(len(A), -1), Identity(), symmetric
    ),
}

TRUE: dict[str, Claim] = {
    "Rayleigh quotient (tight)": made(
        lambda A, v: inner(v, (A @ v[:, :, None])[:, :, 0]), lambda A, v: amax(eigvalsh(A), axis=-1) * inner(v, v), on=symmetric
    ),
    "spectral norm is submultiplicative (tight)": made(
        lambda A, B: spectral_norm(A @ B), lambda A, B: spectral_norm(A) * spectral_norm(B), on=squares
    ),
    "trace is linear and symmetric": made(lambda A, B: trace(A @ B), lambda A, B: trace(B @ A), Identity(), squares),
    "determinant is multiplicative": made(
        lambda A, B: determinant(A @ B), lambda A, B: determinant(A) * determinant(B), Identity(), matrices_of_two
    ),
    "an orthogonal map keeps lengths": made(
        lambda Q, v: norm((Q @ v[:, :, None])[:, :, 0]), lambda v: norm(v), Identity(), rotations
    ),
    "two ways to solve": made(
        lambda A, v: solve(A, v[:, :, None])[:, :, 0], lambda A, v: (inv(A) @ v[:, :, None])[:, :, 0], Identity(), symmetric
    ),
    "tr(AB) <= tr(A) tr(B) for psd matrices (tight)": made(
        lambda A, B: trace(A @ B), lambda A, B: trace(A) * trace(B), on=semidefinite
    ),
    "Frobenius norm at most sqrt(d) times the spectral one (tight)": made(
        lambda A: norm(A.reshape(len(A), -1)), lambda A, d: spectral_norm(A) * namespace(A).sqrt(0 * A[:, 0, 0] + d), on=squares
    ),
    "Hadamard's bound (tight)": made(
        lambda A: abs(determinant(A)), lambda A: norm(A[:, 0]) * norm(A[:, 1]), on=matrices_of_two
    ),
    "(AB)^T = B^T A^T": made(
        lambda A, B: (A @ B).mT.reshape(len(A), -1), lambda A, B: (B.mT @ A.mT).reshape(len(A), -1), Identity(), squares
    ),
    "det(I + A) = 1 + tr A + det A": made(
        lambda A: determinant(A + eye(2, A)), lambda A: 1 + trace(A) + determinant(A), Identity(), matrices_of_two
    ),
    "X^T X is semidefinite, also for n < d (tight)": made(lambda X: determinant(X.mT @ X), sympy.Integer(0), GE, designs),
}
