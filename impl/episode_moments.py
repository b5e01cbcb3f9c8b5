"""Exact moments of one episode of MAML on Gaussian inputs, by running it on every data set of a rational rule.

Collins, Mokhtari, Shakkottai 2022, Appendix D.2. An episode's preconditioned covariance ``P X^T X P / n_1`` has degree two in
the outer inputs and four in the inner ones; the rules are exact for its square, and for that of the noise in its gradient.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from math import prod

from exactarray import array_like, is_exact, namespace
from exactarray.arrays import Array
from impl.empirical_regression import Episodes, preconditioned_covariance, preconditioner

LARGEST_RULE = 6561

# Weights of 0, +-1, +-2, ...: all moments of a standard Gaussian to degree five, and to degree nine.
DEGREE_5 = (Fraction(1, 2), Fraction(1, 6), Fraction(1, 12))
DEGREE_9 = (Fraction(115, 288), Fraction(29, 120), Fraction(13, 240), Fraction(11, 2520), Fraction(1, 6720))


@cache
def _points(weights: tuple[Fraction, ...], entries: int) -> tuple[list[tuple[int, ...]], list[Fraction]]:
    nodes = list(product(range(1 - len(weights), len(weights)), repeat=entries))
    return nodes, [prod((weights[abs(k)] for k in node), start=Fraction(1)) for node in nodes]


class EpisodeRule:
    """Every data set of an exact rule for one episode on inputs ``A s``, ``s`` standard Gaussian.

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
        size = (2 * len(DEGREE_5) - 1) ** (outer * d) * (2 * len(DEGREE_9) - 1) ** (inner * d)
        if outer < 1 or inner < 1 or size > LARGEST_RULE:
            raise ValueError(f"outer = {outer}, inner = {inner}, d = {d} need {size} data sets; at most {LARGEST_RULE} are run")
        (outer_nodes, outer_weights), (inner_nodes, inner_weights) = _points(DEGREE_5, outer * d), _points(DEGREE_9, inner * d)
        pairs = list(product(range(len(outer_nodes)), range(len(inner_nodes))))
        weights = [outer_weights[a] * inner_weights[b] for a, b in pairs]
        self._weights = array_like(weights if is_exact(root) else [float(w) for w in weights], root)
        standard = [
            array_like([nodes[pair[side]] for pair in pairs], root).reshape(1, 1, len(pairs), -1, d)
            for side, nodes in enumerate((outer_nodes, inner_nodes))
        ]
        outer_inputs, inner_inputs = (s @ root[:, None, None].mT for s in standard)
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
