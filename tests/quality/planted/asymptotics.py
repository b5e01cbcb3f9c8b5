"""Rates and trends along a grid, limits along a run."""

from __future__ import annotations

import math
from typing import Any

import sympy

from lakatos import Limit, Rate, Trend
from lakatos.claims import Claim
from tests.lakatos.made import family, made
from tests.quality.planted.families import CHECKPOINTS, GRID, along, n, runs, unit_interval


@family
def step_sizes(draw: Any) -> dict[str, Any]:
    return {"x": draw.interval("x", 0, 2, closed="right")}


def harmonic(n: int) -> float:
    return sum(1 / i for i in range(1, n + 1))


FALSE: dict[str, Claim] = {
    "1/sqrt(n) = O(1/n)": made(lambda n, y: y / n**0.5, 1 / n, Rate("O", over="n", grid=GRID), runs),
    "n^-1.2 = Omega(1/n)": made(lambda n, y: y / n**1.2, 1 / n, Rate("Omega", over="n", grid=GRID), runs),
    "log n / n = Theta(1/n)": made(lambda n, y: y * n.bit_length() / n, 1 / n, Rate("Theta", over="n", grid=GRID), runs),
    "y/n increases": made(lambda n, y: y / n, None, Trend("increasing", over="n", grid=GRID), runs),
    "x^t tends to zero on [0, 1] (subtle)": made(along(lambda x, t: x**t), None, Limit(CHECKPOINTS), unit_interval),
    "x/t + x/4 tends to zero": made(along(lambda x, t: x / t + x / 4), None, Limit(CHECKPOINTS), unit_interval),
    "|1 - x|^t tends to zero on (0, 2] (subtle)": made(
        along(lambda x, t: abs(1 - x) ** t), None, Limit(CHECKPOINTS), step_sizes
    ),
    "x^t/2^t + 1e-7 tends to zero (subtle)": made(
        along(lambda x, t: (x / 2) ** t + (1 + x) / 10**7), None, Limit(CHECKPOINTS), unit_interval
    ),
    "y (1 + 1/(3n)) increases (subtle)": made(
        lambda n, y: y * (1 + 1 / (3 * n)), None, Trend("increasing", over="n", grid=GRID), runs
    ),
    "n^-0.85 = O(1/n)": made(lambda n, y: y / n**0.85, 1 / n, Rate("O", over="n", grid=GRID), runs),
    "n^-1.15 = Theta(1/n)": made(lambda n, y: y / n**1.15, 1 / n, Rate("Theta", over="n", grid=GRID), runs),
    "harmonic numbers stay bounded": made(
        lambda n, x: 0 * x + harmonic(n), sympy.Integer(1), Rate("O", over="n", grid=GRID), runs
    ),
    "x + sqrt(n) = O(1)": made(lambda n, x: x + n**0.5, sympy.Integer(1), Rate("O", over="n", grid=GRID), runs),
    "the sign of x t tends to zero": made(along(lambda x, t: (1 + x) * (-1) ** t), None, Limit(CHECKPOINTS), unit_interval),
}

TRUE: dict[str, Claim] = {
    "y/(n + 1) = Theta(1/n)": made(lambda n, y: y / (n + 1), 1 / n, Rate("Theta", over="n", grid=GRID), runs),
    "(2 + x)/n^2 = O(1/n)": made(lambda n, x: (2 + x) / n**2, 1 / n, Rate("O", over="n", grid=GRID), runs),
    "y/n decreases": made(lambda n, y: y / n, None, Trend("decreasing", over="n", grid=GRID), runs),
    "(1 + x)/t tends to zero": made(along(lambda x, t: (1 + x) / t), None, Limit(CHECKPOINTS), unit_interval),
    "(x/2)^t tends to zero": made(along(lambda x, t: (x / 2) ** t), None, Limit(CHECKPOINTS), unit_interval),
    "(1 + x)/sqrt(t) tends to zero": made(along(lambda x, t: (1 + x) / math.isqrt(t)), None, Limit(CHECKPOINTS), unit_interval),
    "harmonic numbers are unbounded": made(
        lambda n, x: 0 * x + harmonic(n), sympy.Integer(1), Rate("Omega", over="n", grid=GRID), runs
    ),
    "y (1 + 1/(3n)) decreases": made(lambda n, y: y * (1 + 1 / (3 * n)), None, Trend("decreasing", over="n", grid=GRID), runs),
    "y/n + 1/n^2 = O(1/n)": made(lambda n, y: y / n + 1 / n**2, 1 / n, Rate("O", over="n", grid=GRID), runs),
}
