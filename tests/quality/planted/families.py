"""Families and small functions that the planted claims share."""

from __future__ import annotations

from typing import Any

import sympy

from exactarray import namespace, norm
from lakatos import Inequality
from tests.lakatos.made import family

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


@family
def moderate(draw: Any) -> dict[str, Any]:
    return {"x": draw.interval("x", -3, 3)}


@family
def above_minus_one(draw: Any) -> dict[str, Any]:
    return {"x": draw.interval("x", -1, 2), "n": draw.integer("n", 1, 4)}


@family
def designs(draw: Any) -> dict[str, Any]:
    """Inputs ``(batch, n, 2)``, also fewer than there are dimensions."""
    samples = draw.integer("n", 1, 4)
    return {"X": draw.real("X", samples, 2), "n": samples, "d": 2}


def product(A: Any, v: Any) -> Any:
    return (A @ v[:, :, None])[:, :, 0]
