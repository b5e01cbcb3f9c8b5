"""Planted claims: small statements whose truth is known from textbooks, to judge the judge.

``FALSE`` must be refuted and ``TRUE`` must never be, within the quick budget and from any seed. A name that ends in "(subtle)"
marks a false claim that is wrong by at most ten per cent, in a corner only, or at one point; "(tight)" a true one with
equality.
"""

# ruff: noqa: PLW0108 - the harness takes arguments by name, which a lambda gives

from __future__ import annotations

from typing import Any

import sympy

from exactarray import amax, amin, eigvalsh, inv, maximum, namespace, norm, solve, spectral_norm
from lakatos import Identity, Inequality, Limit, Rate, Trend
from lakatos.claims import Claim
from tests.lakatos.made import family, made, reals, vectors

LE, GE, LT, GT = (Inequality(relation) for relation in ("<=", ">=", "<", ">"))
x, y, d, n, L, mu, R = sympy.symbols("x y d n L mu R", positive=True)
third = sympy.Rational(1, 3)


def total(values: Any) -> Any:
    return namespace(values).sum(values, axis=-1)


def inner(a: Any, b: Any) -> Any:
    return total(a * b)


@family
def positives(draw: Any) -> dict[str, Any]:
    return {"x": draw.positive("x"), "y": draw.positive("y")}


@family
def unit_interval(draw: Any) -> dict[str, Any]:
    return {"x": draw.interval("x", 0, 1)}


@family
def weights(draw: Any) -> dict[str, Any]:
    k = draw.integer("k", 1, 5)
    return {"p": draw.simplex("p", k), "v": draw.real("v", k), "n": k}


@family
def symmetric(draw: Any) -> dict[str, Any]:
    size = draw.integer("d", 2, 3)
    A, B = draw.psd("A", size, 1, 4), draw.psd("B", size, 1, 4)
    return {"A": A, "B": B, "v": draw.real("v", size), "d": size}


@family
def semidefinite(draw: Any) -> dict[str, Any]:
    return {"A": draw.psd("A", 2), "B": draw.psd("B", 2), "v": draw.real("v", 2)}


@family
def squares(draw: Any) -> dict[str, Any]:
    size = draw.integer("d", 1, 3)
    return {"A": draw.real("A", size, size), "B": draw.real("B", size, size), "v": draw.real("v", size), "d": size}


@family
def quadratics(draw: Any) -> dict[str, Any]:
    """A diagonal quadratic with curvatures between mu and L, a start, and a number of steps."""
    size, steps = draw.integer("d", 1, 3), draw.integer("n", 1, 6)
    low, ratio = draw.positive("mu"), draw.interval("ratio", 0, 1, closed="right")
    top = low / ratio
    curvature = low[:, None] + (top - low)[:, None] * draw.interval("share", 0, 1, size)
    start = draw.real("start", size)
    return {"h": curvature, "w": start, "mu": low, "L": top, "n": steps, "R": norm(start)}


def descent(w: Any, h: Any, step: Any, steps: int) -> Any:
    for _ in range(steps):
        w = w - step[:, None] * h * w
    return w


def loss(h: Any, w: Any) -> Any:
    return total(h * w * w) / 2


def after(h: Any, w: Any, L: Any, n: int) -> Any:
    return loss(h, descent(w, h, 1 / L, n))


def distance_after(h: Any, w: Any, L: Any, n: int) -> Any:
    return norm(descent(w, h, 1 / L, n))


def trace(A: Any) -> Any:
    return sum(A[:, i, i] for i in range(A.shape[-1]))


def determinant(A: Any) -> Any:
    return A[:, 0, 0] * A[:, 1, 1] - A[:, 0, 1] * A[:, 1, 0]


@family
def matrices_of_two(draw: Any) -> dict[str, Any]:
    return {"A": draw.real("A", 2, 2), "B": draw.real("B", 2, 2)}


@family
def rotations(draw: Any) -> dict[str, Any]:
    return {"Q": draw.orthogonal("Q", 2), "v": draw.real("v", 2)}


@family
def runs(draw: Any) -> dict[str, Any]:
    return {"n": draw.integer("n", 1, 1024), "x": draw.interval("x", 0, 1), "y": draw.positive("y")}


GRID = (4, 16, 64, 256, 1024)
CHECKPOINTS = tuple(64 * 2**k for k in range(7))


def along(curve: Any) -> Any:
    def measured(x: Any, checkpoints: Any) -> Any:
        return namespace(x).stack([curve(x, t) for t in checkpoints], axis=-1)

    return measured


def squared_mean(p: Any, v: Any) -> Any:
    return total(p * v) ** 2


def mean_of_squares(p: Any, v: Any) -> Any:
    return total(p * v * v)


FALSE: dict[str, Claim] = {
    # wrong by at most ten per cent
    "|x|_1 <= 0.95 sqrt(d) |x|_2 (subtle)": made(
        lambda x: total(abs(x)), lambda x, d: norm(x) * namespace(x).sqrt(d + 0 * x[:, 0]) * 95 / 100, on=vectors
    ),
    "Cauchy-Schwarz with 0.99 (subtle)": made(
        lambda x, y: abs(inner(x, y)), lambda x, y: norm(x) * norm(y) * 99 / 100, on=vectors
    ),
    "AM-GM with 0.98 (subtle)": made(lambda x, y: x * y, sympy.Rational(98, 100) * ((x + y) / 2) ** 2, on=positives),
    "x(1-x) <= 0.24 (subtle)": made(lambda x: x * (1 - x), sympy.Rational(24, 100), on=unit_interval),
    "gradient descent loses L R^2/(4n+2.2) on quadratics (subtle)": made(after, L * R**2 / 20 / (n + 1), on=quadratics),
    "spectral norm is submultiplicative with 0.95 (subtle)": made(
        lambda A, B: spectral_norm(A @ B), lambda A, B: spectral_norm(A) * spectral_norm(B) * 95 / 100, on=squares
    ),
    "sin x <= 0.99 |x| (subtle)": made(lambda x: abs(namespace(x).sin(x)), lambda x: abs(x) * 99 / 100),
    # in a corner, or at one point
    "x < 1 on [0, 1] (subtle)": made(lambda x: x, sympy.Integer(1), LT, unit_interval),
    "x^2 > 0 (subtle)": made(lambda x: x * x, sympy.Integer(0), GT),
    "sqrt(1 - x^2) > 0 on [0, 1] (subtle)": made(lambda x: namespace(x).sqrt(1 - x * x), sympy.Integer(0), GT, unit_interval),
    "strict Cauchy-Schwarz for distinct vectors (subtle)": made(
        lambda x, y: inner(x, y) ** 2, lambda x, y: inner(x, x) * inner(y, y), LT, vectors
    ),
    "the determinant of a rotation is 1 (subtle)": made(
        lambda Q: determinant(Q), lambda Q: 1 + 0 * Q[:, 0, 0], Identity(), rotations
    ),
    "equal entries never maximise: max > mean (subtle)": made(
        lambda x: amax(x, axis=-1), lambda x, d: total(x) / d, GT, vectors
    ),
    # plainly false
    "triangle inequality reversed": made(lambda x, y: norm(x + y), lambda x, y: norm(x) + norm(y), GE, vectors),
    "Jensen reversed": made(squared_mean, mean_of_squares, GE, weights),
    "trace is multiplicative": made(lambda A, B: trace(A @ B), lambda A, B: trace(A) * trace(B), Identity(), squares),
    "matrices commute": made(
        lambda A, B: (A @ B).reshape(len(A), -1), lambda A, B: (B @ A).reshape(len(A), -1), Identity(), squares
    ),
    "determinant is additive": made(
        lambda A, B: determinant(A + B), lambda A, B: determinant(A) + determinant(B), Identity(), matrices_of_two
    ),
    "every square matrix contracts": made(lambda A, v: norm((A @ v[:, :, None])[:, :, 0]), lambda v: norm(v), on=squares),
    "psd product is psd": made(lambda A, B, v: inner(v, (A @ B @ v[:, :, None])[:, :, 0]), sympy.Integer(0), GE, semidefinite),
    "descent contracts by (1 - mu/L)^2 a step": made(distance_after, (1 - mu / L) ** (2 * n) * R, on=quadratics),
    "x^3 <= x^2": made(lambda x: x**3, x**2, on=positives),
    "exp x <= 1 + x + x^2": made(lambda x: namespace(x).exp(x), 1 + x + x**2, on=positives),
    "log is subadditive": made(lambda x, y: namespace(x).log(x + y), sympy.log(x) + sympy.log(y), on=positives),
    "|x|_2 <= max |x|": made(lambda x: norm(x), lambda x: amax(abs(x), axis=-1), on=vectors),
    "(x + y)^3 = x^3 + y^3": made(lambda x, y: (x + y) ** 3, x**3 + y**3, Identity(), positives),
    # over a grid, along a run
    "1/sqrt(n) = O(1/n)": made(lambda n, y: y / n**0.5, 1 / n, Rate("O", over="n", grid=GRID), runs),
    "n^-1.2 = Omega(1/n)": made(lambda n, y: y / n**1.2, 1 / n, Rate("Omega", over="n", grid=GRID), runs),
    "log n / n = Theta(1/n)": made(lambda n, y: y * n.bit_length() / n, 1 / n, Rate("Theta", over="n", grid=GRID), runs),
    "y/n increases": made(lambda n, y: y / n, None, Trend("increasing", over="n", grid=GRID), runs),
    "x^t tends to zero on [0, 1] (subtle)": made(along(lambda x, t: x**t), None, Limit(CHECKPOINTS), unit_interval),
    "x/t + x/4 tends to zero": made(along(lambda x, t: x / t + x / 4), None, Limit(CHECKPOINTS), unit_interval),
}

TRUE: dict[str, Claim] = {
    "Cauchy-Schwarz (tight)": made(lambda x, y: abs(inner(x, y)), lambda x, y: norm(x) * norm(y), on=vectors),
    "triangle inequality (tight)": made(lambda x, y: norm(x + y), lambda x, y: norm(x) + norm(y), on=vectors),
    "AM-GM (tight)": made(lambda x, y: x * y, ((x + y) / 2) ** 2, on=positives),
    "|x|_1 <= sqrt(d) |x|_2 (tight)": made(
        lambda x: total(abs(x)), lambda x, d: norm(x) * namespace(x).sqrt(d + 0 * x[:, 0]), on=vectors
    ),
    "Jensen (tight)": made(squared_mean, mean_of_squares, on=weights),
    "x(1-x) <= 1/4 (tight)": made(lambda x: x * (1 - x), sympy.Rational(1, 4), on=unit_interval),
    "x^2 >= 0 (tight)": made(lambda x: x * x, sympy.Integer(0), GE),
    "|sin x| <= |x| (tight)": made(lambda x: abs(namespace(x).sin(x)), lambda x: abs(x)),
    "exp x >= 1 + x (tight)": made(lambda x: namespace(x).exp(x / 10), lambda x: 1 + x / 10, GE),
    "descent contracts by 1 - mu/L a step (tight)": made(distance_after, (1 - mu / L) ** n * R, on=quadratics),
    "Rayleigh quotient (tight)": made(
        lambda A, v: inner(v, (A @ v[:, :, None])[:, :, 0]), lambda A, v: amax(eigvalsh(A), axis=-1) * inner(v, v), on=symmetric
    ),
    "spectral norm is submultiplicative (tight)": made(
        lambda A, B: spectral_norm(A @ B), lambda A, B: spectral_norm(A) * spectral_norm(B), on=squares
    ),
    "max >= mean (tight)": made(lambda x: amax(x, axis=-1), lambda x, d: total(x) / d, GE, vectors),
    "min <= max (tight)": made(lambda x: amin(x, axis=-1), lambda x: amax(x, axis=-1), on=vectors),
    "gradient descent loses L R^2/(4n+2)": made(after, L * R**2 / (4 * n + 2), on=quadratics),
    "trace is linear and symmetric": made(lambda A, B: trace(A @ B), lambda A, B: trace(B @ A), Identity(), squares),
    "determinant is multiplicative": made(
        lambda A, B: determinant(A @ B), lambda A, B: determinant(A) * determinant(B), Identity(), matrices_of_two
    ),
    "an orthogonal map keeps lengths": made(
        lambda Q, v: norm((Q @ v[:, :, None])[:, :, 0]), lambda v: norm(v), Identity(), rotations
    ),
    "binomial formula": made(lambda x, y: (x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3, Identity(), positives),
    "sin^2 + cos^2 = 1": made(lambda x: namespace(x).sin(x) ** 2 + namespace(x).cos(x) ** 2, sympy.Integer(1), Identity()),
    "two ways to solve": made(
        lambda A, v: solve(A, v[:, :, None])[:, :, 0], lambda A, v: (inv(A) @ v[:, :, None])[:, :, 0], Identity(), symmetric
    ),
    "tanh x < 1": made(lambda x: namespace(x).tanh(x), sympy.Integer(1), LT, reals),
    "max(x, 0) - max(-x, 0) = x": made(lambda x: maximum(x, 0) - maximum(-x, 0), lambda x: x, Identity()),
    "y/(n + 1) = Theta(1/n)": made(lambda n, y: y / (n + 1), 1 / n, Rate("Theta", over="n", grid=GRID), runs),
    "(2 + x)/n^2 = O(1/n)": made(lambda n, x: (2 + x) / n**2, 1 / n, Rate("O", over="n", grid=GRID), runs),
    "y/n decreases": made(lambda n, y: y / n, None, Trend("decreasing", over="n", grid=GRID), runs),
    "(1 + x)/t tends to zero": made(along(lambda x, t: (1 + x) / t), None, Limit(CHECKPOINTS), unit_interval),
    "(x/2)^t tends to zero": made(along(lambda x, t: (x / 2) ** t), None, Limit(CHECKPOINTS), unit_interval),
}
