"""Two linear regression tasks, with regressors ``w_*`` and ``-w_*``, and exact expectations over what they draw.

Saunshi, Zhang, Khodak, Arora 2020, Sections 3 and 4. Inputs are ``x ~ N(0, I_d)``, labels ``y = s w_*^T x + noise``
with a sign ``s`` uniform on ``{+1, -1}`` and independent noise of mean 0 and variance ``sigma^2`` (the paper's footnote 1:
no other property of the noise matters).

A learner whose output is affine in the labels has an excess risk that is quadratic in (sign, noise). Its mean is
therefore *exact* over any finite set of points with the same first and second moments: a two-level orthogonal array,
whose entries are plus and minus one, so that rational data give a rational expectation.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.special import gammaincinv

from exactarray import array_like, namespace
from exactarray.arrays import Array
from impl.expectations import gaussian_product_rule

Learner = Callable[[Array, Array], Array]
"""From inputs ``(..., n, d)`` and label columns ``(..., n, k)`` to parameter columns ``(..., d, k)``, affine in labels."""


def population_risk(w: Array, regressor: Array, sigma: Array) -> Array:
    """``E (w^T x - y)^2 = ||w - regressor||^2 + sigma^2``, equation (5), ``(...)``.

    Parameters
    ----------
    w, regressor:
        Parameters and the task's regressor ``(..., d)``.
    sigma:
        Noise level ``(...)``.

    Raises
    ------
    ValueError
        when the last axes of ``w`` and ``regressor`` differ.
    """
    if w.shape[-1] != regressor.shape[-1]:
        raise ValueError(f"w {tuple(w.shape)} and regressor {tuple(regressor.shape)} must have the same last axis d")
    difference = w - regressor
    return namespace(difference).sum(difference * difference, axis=-1) + sigma * sigma


def two_level_array(factors: int) -> np.ndarray:
    """Signs ``(points, factors)`` whose columns have mean 0 and are pairwise orthogonal (Sylvester's construction).

    The number of points is the smallest power of two above ``factors``. Averages over the points are exact for every
    quadratic function of ``factors`` independent uniform signs.

    Raises
    ------
    ValueError
        when ``factors`` is not positive.
    """
    if factors < 1:
        raise ValueError(f"factors must be a positive integer, got {factors}")
    signs = np.ones((1, 1), dtype=np.int64)
    while signs.shape[0] <= factors:
        signs = np.block([[signs, signs], [signs, -signs]])
    return signs[:, 1 : factors + 1]


def expected_excess_risk(learner: Learner, X: Array, regressor: Array, sigma: Array) -> Array:
    """``E_s E_noise ||learner(X, y) - s regressor||^2`` for fixed inputs, ``(...)``: equation (4) before its mean over X.

    Exact for a learner that is affine in the labels. The mean over X is the excess risk, because ``L^* = sigma^2``.

    Parameters
    ----------
    learner:
        The within-task algorithm, run on every point of the expectation.
    X:
        Inputs ``(..., n, d)``.
    regressor, sigma:
        ``w_*: (..., d)`` and the noise level ``(...)``.

    Raises
    ------
    ValueError
        when ``regressor`` does not fit ``X``.
    """
    n, d = X.shape[-2:]
    if regressor.shape[-1] != d:
        raise ValueError(f"regressor must be (..., d) with d = {d} as in X, got {tuple(regressor.shape)}")
    points = array_like(two_level_array(1 + n), X)
    optima = regressor[..., None] * points[:, 0]
    return _mean_excess(learner, X, optima, sigma[..., None, None] * points[:, 1:].mT)


def isotropic_excess_risk(learner: Learner, X: Array, norm: Array, sigma: Array) -> Array:
    """:func:`expected_excess_risk` averaged over regressors of the given norm with second moment ``norm^2 I / d``.

    The regressors are ``norm / sqrt(d)`` times the signs of an orthogonal array. As the law of Gaussian inputs is
    invariant under rotations, the mean over ``X`` is that of any single regressor of this norm.

    Parameters
    ----------
    learner, X:
        As in :func:`expected_excess_risk`.
    norm, sigma:
        ``||w_*||`` and the noise level, ``(...)``.
    """
    n, d = X.shape[-2:]
    points = array_like(two_level_array(d + n), X)
    root = namespace(norm).sqrt(array_like([d], norm))
    optima = (norm / root)[..., None, None] * points[:, :d].mT
    return _mean_excess(learner, X, optima, sigma[..., None, None] * points[:, d:].mT)


def gaussian_designs(n: int, d: int, like: Array) -> tuple[Array, Array]:
    """Designs ``(5^(n d), n, d)`` and weights: exact Gaussian means of polynomials of degree at most 5 in each entry.

    Every entry runs over 0, 1, -1, 2, -2 with weights 1/2, 1/6, 1/6, 1/12, 1/12. Second and fourth moment are 1 and 3, as
    for a standard normal, and all numbers are rational.

    Raises
    ------
    ValueError
        when ``n * d`` is above 4, whose designs are too many to enumerate.
    """
    if not 1 <= n * d <= 4:
        raise ValueError(f"n * d must be between 1 and 4, got n = {n}, d = {d}: 5^(n d) designs are enumerated")
    nodes, weights = gaussian_product_rule(n * d)
    return array_like(nodes.reshape(-1, n, d), like), array_like(weights, like)


def compressed_gaussian_designs(n: torch.Tensor, d: int, samples: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random designs with ``d`` rows that act on a learner exactly as designs of ``n`` Gaussian rows do.

    The squared loss on ``X = Q R`` depends on ``R`` and ``Q^T y`` alone. ``R`` is triangular with independent entries:
    normal above the diagonal, and chi with ``n, n-1, ...`` degrees of freedom on it. It is scaled by ``sqrt(d/n)``,
    because the loss is a mean, and padded with zero rows where ``n < d``. The same seed gives designs that change
    smoothly with ``n``.

    Parameters
    ----------
    n:
        Sample counts ``(batch,)``.
    d, samples, seed:
        Dimension, number of designs for each count, and seed.

    Returns
    -------
    designs, noise_scale:
        ``(batch, samples, d, d)``, and the factor ``sqrt(d/n)`` of the noise level that goes with them, ``(batch, 1)``.

    Raises
    ------
    ValueError
        when a count is below 1.
    """
    if bool((n < 1).any()):
        raise ValueError(f"n must be at least 1, got {n.tolist()}")
    generator = np.random.default_rng(seed)
    uniform = generator.random((n.shape[0], samples, d))
    normal = np.triu(generator.standard_normal((n.shape[0], samples, d, d)), 1)
    freedom = n.cpu().numpy()[:, None, None] - np.arange(d)
    chi = np.sqrt(2 * gammaincinv(np.maximum(freedom, 1) / 2, uniform))
    triangular = (normal + chi[..., None] * np.eye(d)) * (freedom > 0)[..., None]
    scale = (d / n.to(torch.float64))[:, None].sqrt()
    return torch.as_tensor(triangular, device=n.device) * scale[..., None, None], scale


def smallest_mean(risks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard error of the best candidate, each ``(batch,)``, from risks ``(candidates, batch, samples)``."""
    mean, best = risks.mean(dim=-1).min(dim=0)
    error = risks.std(dim=-1) / risks.shape[-1] ** 0.5
    return mean, error.gather(0, best[None])[0]


def sample_complexity(
    excess_risk: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]], epsilon: torch.Tensor, limit: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """``min {n : E_n <= epsilon}``, Definition 4.1, for curves ``E_n`` that do not increase; by doubling and bisection.

    Parameters
    ----------
    excess_risk:
        From sample counts ``(batch,)`` to excess risks and their standard errors, each ``(batch,)``.
    epsilon:
        Targets ``(batch,)``.
    limit:
        Largest count tried.

    Returns
    -------
    counts, standard_errors:
        Each ``(batch,)`` in float64; counts are ``inf`` where ``limit`` samples are not enough. The error of a risk is
        carried over to the count by the exponent of the curve between ``n`` and ``2 n``.

    Raises
    ------
    ValueError
        when ``limit`` is not positive.
    """
    if limit < 1:
        raise ValueError(f"limit must be a positive integer, got {limit}")
    low, high = torch.zeros_like(epsilon), torch.ones_like(epsilon)
    while True:
        enough = excess_risk(high)[0] <= epsilon
        low = torch.where(enough, low, high)
        if bool((enough | (high >= limit)).all()):
            break
        high = torch.where(enough, high, (2 * high).clamp(max=limit))
    # Invariant: low samples are too few (zero always are); high are enough wherever any count up to the limit is.
    while bool((high - low > 1).any()):
        middle = ((low + high) / 2).floor().clamp(min=1)
        reached = excess_risk(middle)[0] <= epsilon
        low, high = torch.where(reached, low, middle), torch.where(reached, middle, high)
    risk, error = excess_risk(high)
    exponent = (risk / excess_risk(2 * high)[0]).log2()
    return torch.where(enough, high, torch.full_like(high, torch.inf)), high * error / risk / exponent


def _mean_excess(learner: Learner, X: Array, optima: Array, noise: Array) -> Array:
    learned = learner(X, X @ optima + noise)
    difference = learned - optima
    xp = namespace(difference)
    return xp.sum(xp.sum(difference * difference, axis=-1), axis=-1) / optima.shape[-1]
