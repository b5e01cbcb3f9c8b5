"""Exact moments of one episode of MAML on Gaussian inputs, by running it on every data set of a rational rule.

Collins, Mokhtari, Shakkottai 2022, Appendix D.2. An episode's preconditioned covariance ``P X^T X P / n_1`` has degree two in
the outer inputs and four in the inner ones; the rules are exact for its square, and for that of the noise in its gradient.
Neither knows the order of the samples nor the sign of any, so that data sets which differ in those alone are run once.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product
from math import comb, factorial, prod

from exactarray import array_like, is_exact, namespace
from exactarray.arrays import Array
from impl.empirical_regression import Episodes, preconditioned_covariance, preconditioner

LARGEST_RULE = 6561

# Weights of 0, +-1, +-2, ...: all moments of a standard Gaussian to degree five, and to degree nine.
DEGREE_5 = (Fraction(1, 2), Fraction(1, 6), Fraction(1, 12))
DEGREE_9 = (Fraction(115, 288), Fraction(29, 120), Fraction(13, 240), Fraction(11, 2520), Fraction(1, 6720))


@cache
def _points(weights: tuple[Fraction, ...], samples: int, d: int) -> tuple[list[tuple[int, ...]], list[Fraction]]:
    """Data sets of so many samples, up to their order and signs: all entries of each, and its weight."""
    line = range(1 - len(weights), len(weights))
    # Of a vector and its opposite the larger stands for both.
    half = [v for v in product(line, repeat=d) if v >= tuple(-k for k in v)]
    weight = {v: (2 if any(v) else 1) * prod((weights[abs(k)] for k in v), start=Fraction(1)) for v in half}
    nodes, chances = [], []
    for chosen in combinations_with_replacement(half, samples):
        orders = factorial(samples) // prod(factorial(n) for n in Counter(chosen).values())
        nodes.append(tuple(k for v in chosen for k in v))
        chances.append(orders * prod((weight[v] for v in chosen), start=Fraction(1)))
    return nodes, chances


@cache
def _rule(outer: int, inner: int, d: int) -> tuple[list[list[tuple[int, ...]]], list[Fraction]]:
    sides = _points(DEGREE_5, outer, d), _points(DEGREE_9, inner, d)
    pairs = list(product(*(zip(*side, strict=True) for side in sides)))
    return [[pair[side][0] for pair in pairs] for side in range(2)], [a[1] * b[1] for a, b in pairs]


def _size(outer: int, inner: int, d: int) -> int:
    vectors = [((2 * len(rule) - 1) ** d + 1) // 2 for rule in (DEGREE_5, DEGREE_9)]
    return prod(comb(many + samples - 1, samples) for many, samples in zip(vectors, (outer, inner), strict=True))


class EpisodeRule:
    """Every data set of an exact rule for one episode on inputs ``A s``, ``s`` standard Gaussian.

    For values that depend neither on the order of the outer or of the inner samples nor on the sign of any of them.

    Parameters
    ----------
    root:
        ``A``, ``(batch, d, d)``.
    outer, inner:
        ``n_1`` and ``n_2``.

    Raises
    ------
    ValueError
        when ``root`` is not a batch of square matrices, or the rule would have more than ``LARGEST_RULE`` data sets.
    """

    def __init__(self, root: Array, outer: int, inner: int) -> None:
        if root.ndim != 3 or root.shape[1] != root.shape[2]:
            raise ValueError(f"root has shape {tuple(root.shape)}; it must be (batch, d, d)")
        d = root.shape[-1]
        size = _size(outer, inner, d) if outer > 0 and inner > 0 else 0
        if not 0 < size <= LARGEST_RULE:
            raise ValueError(f"outer = {outer}, inner = {inner}, d = {d} need {size} data sets; 1 to {LARGEST_RULE} are run")
        nodes, weights = _rule(outer, inner, d)
        self._weights = array_like(weights if is_exact(root) else [float(w) for w in weights], root)
        # One product of matrices for each instance: far cheaper than one for each data set.
        outer_inputs, inner_inputs = (
            (array_like(side, root).reshape(-1, d) @ root.mT).reshape(root.shape[0], 1, size, samples, d)
            for side, samples in zip(nodes, (outer, inner), strict=True)
        )
        self.episodes = Episodes(outer_inputs, 0 * outer_inputs[..., 0], inner_inputs, 0 * inner_inputs[..., 0])

    def mean(self, values: Array) -> Array:
        """Expectation ``(batch, ...)`` of values ``(batch, 1, data sets, ...)``."""
        return namespace(values).einsum("p,bp...->b...", self._weights, values[:, 0])


def covariance_variance(root: Array, step: Array, outer: int, inner: int) -> Array:
    """Variance of each entry of an episode's ``P X^T X P / n_1``, ``(batch, d, d)``; ``step: (batch,)``, else as the rule."""
    rule = EpisodeRule(root, outer, inner)
    entries = preconditioned_covariance(rule.episodes, step) / outer
    mean = rule.mean(entries)
    return rule.mean(entries * entries) - mean * mean


def first_entry_variance(root: Array, step: Array, outer: int, inner: int) -> Array:
    """The first entry of :func:`covariance_variance` alone, ``(batch,)``, at a fraction of its cost."""
    rule, xp = EpisodeRule(root, outer, inner), namespace(root)
    column = rule.episodes.outer_inputs @ preconditioner(rule.episodes.inner_inputs, step)[..., :1]
    entries = xp.sum(column * column, axis=-2)[..., 0] / outer
    mean = rule.mean(entries)
    return rule.mean(entries * entries) - mean * mean


def noise_variance(root: Array, step: Array, outer: int, inner: int, sigma: Array) -> Array:
    """Variance ``(batch, d)`` of what label noise adds to an episode's training gradient.

    That is ``P X^T z / n_1 - (alpha / n_2) P X^T X X_in^T z_in / n_1``; its mean is zero.

    Parameters
    ----------
    root, outer, inner:
        As in :class:`EpisodeRule`.
    step, sigma:
        Step sizes and noise levels, ``(batch,)``.
    """
    rule, xp = EpisodeRule(root, outer, inner), namespace(root)
    outer_rows = rule.episodes.outer_inputs @ preconditioner(rule.episodes.inner_inputs, step)
    inner_rows = rule.episodes.inner_inputs @ rule.episodes.outer_inputs.mT @ outer_rows
    rate = (step / inner)[:, None, None, None]
    total = xp.sum(outer_rows * outer_rows, axis=-2) + rate * rate * xp.sum(inner_rows * inner_rows, axis=-2)
    return (sigma * sigma)[:, None] * rule.mean(total) / outer**2
