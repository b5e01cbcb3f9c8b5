"""Slow and obvious: Algorithms 1 and 2 on f_i(w, theta) = h w^2 / 2 + (b_i + theta) w, every outcome of every iteration in turn."""

from __future__ import annotations

from fractions import Fraction
from itertools import product


def squared_gradient_after(
    method: str,
    h: Fraction,
    alpha: Fraction,
    beta: Fraction,
    slopes: list[Fraction],
    noise: list[Fraction],
    sizes: tuple[int, int, int],
    w: Fraction,
    iterations: int,
) -> Fraction:
    """``E (F'(w_k))^2`` for equally likely linear terms and equally likely data points; ``sizes`` are B, D_in, D_o."""
    if iterations == 0:
        mean = sum(slopes, Fraction(0)) / len(slopes)
        return ((1 - alpha * h) ** 2 * (h * w + mean)) ** 2
    tasks, inner, outer = sizes
    single = []
    for b, of_inner, of_outer in product(slopes, product(noise, repeat=inner), product(noise, repeat=outer)):
        adapted = w - alpha * (h * w + b + sum(of_inner) / inner)
        v = h * adapted + b + sum(of_outer) / outer
        single.append(v if method == "fo-maml" else v - alpha * h * v)
    total = Fraction(0)
    for drawn in product(single, repeat=tasks):
        after = w - beta * sum(drawn) / tasks
        total += squared_gradient_after(method, h, alpha, beta, slopes, noise, sizes, after, iterations - 1)
    return total / len(single) ** tasks
