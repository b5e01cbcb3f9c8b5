"""What label noise adds to NAL's error: which sum X_i^T z_i is, and how its tail scales.

Collins, Mokhtari, Shakkottai 2022, Appendix D.1, (65) and the union bound after it. The elements of X^T z are sums over the n
samples, one for each of d features; the paper prints sums over s = 1, ..., d, one for each sample h, and adds n of them.
Bernstein's inequality for sub-exponential terms has sum K_s^2 in its first exponent; (65) prints sum K_s, so that it changes
with the units of inputs and labels: where K > sqrt(d) it claims far too much, and no c'' serves all d. The same goes for the
union bound. With K_s^2, sums over the samples and d elements both hold; equation_65_explicit_constant has c'' = 5/7.

Checked on Gaussian inputs and noise, of covariance lambda and sigma^2, whose tails are exact. K = (3/2) sigma sqrt(lambda)
bounds the sub-exponential norm of a product, 1.48 sigma sqrt(lambda); an absolute constant would absorb the difference.

Known limits: an even number of terms in (65); two samples and odd d in the union bound.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Min, sqrt, symbols

from exactarray import namespace
from impl.empirical_regression import labels_of, nal_training_gradient
from impl.gaussian_sums import product_tail, vector_tail
from lakatos import Identity, Rate, claim, fix, instances
from theorems.landscape2022 import PAPER

b, K = symbols("b K", positive=True)
d, n = symbols("d n", integer=True, positive=True)
PRINTED = Min(b**2 / (d * K), b / K)
WITH_SQUARES = Min(b**2 / (d * K**2), b / K)
UNION = Min(b**2 / (d * K**2), b * sqrt(n / d) / K)


@instances(strata={"as many samples as features": fix(extra=0), "one feature": fix(d=1)})
def noisy_samples(draw):
    """One task at its optimum: inputs and noise of any size, at least as many samples as features."""
    d = draw.integer("d", 1, 3)
    n = d + draw.integer("extra", 0, 2)
    return dict(inputs=draw.real("inputs", 1, n, d), optima=draw.real("optima", 1, d), z=draw.real("z", 1, n))


def _tail(draw: Any, d: int, unit: Any) -> dict[str, Any]:
    # unit is sigma sqrt(lambda); b in multiples of sqrt(d) K, where the tail neither vanishes nor is one.
    K = unit * 3 / 2
    share = draw.interval("share", 0.25, 2)
    return dict(d=d, n=2, K=K, unit=unit, b=share * K * namespace(K).sqrt(d * (0 * K + 1)))


@instances()
def even_dimensions(draw):
    """Sums of an even number d of products, in units so small that K is 1500; d runs."""
    return _tail(draw, draw.option("d", [2, 4, 8, 16, 32, 64, 128]), 1000 * draw.interval("unit", 1, 2))


@instances()
def odd_dimensions(draw):
    """Two samples with an odd number d of features, in units so small that K is 1500; d runs."""
    return _tail(draw, draw.option("d", [1, 3, 9, 27, 81, 243]), 1000 * draw.interval("unit", 1, 2))


bernstein = partial(claim, PAPER, label="Equation (65)", entry="eq-65")
BECAUSE = (
    "Bernstein's first exponent is b^2 over the sum of K_s^2; the paper has the sum of K_s, which changes with the units, and carries "
    "it on, into the sqrt((dK/c'') log(200n)) of Theorem 2."
)
unbounded = partial(bernstein, expect="refuted", reason="false", because=BECAUSE)


def length(v: Any) -> Any:
    """Squared length of vectors ``(batch, d)``."""
    return namespace(v).sum(v * v, axis=-1)


def printed_elements(inputs: Any, z: Any) -> Any:
    """Sum over the samples h of (sum_{s <= d} x^(h)(s) z(s))^2, as the union bound prints it."""
    return length((inputs @ z[:, :, : inputs.shape[-1], None])[:, 0, :, 0])


def elements(inputs: Any, z: Any) -> Any:
    """Sum over the features s of (sum_{h <= n} x^(h)(s) z(h))^2."""
    return length((inputs.mT @ z[..., None])[:, 0, :, 0])


@bernstein(kind=Identity(), name="noise_term_sums_over_samples", variant="elements-corrected", on=noisy_samples, right=elements,
           left=r"\|X_i^\top z_i\|^2")  # fmt: skip
@bernstein(
    kind=Identity(),
    name="noise_term_sums_over_features",
    variant="elements-printed",
    on=noisy_samples,
    right=printed_elements,
    left=r"\|X_i^\top z_i\|^2",
    expect="refuted",
    reason="false",
    because="Element s of X^T z is the sum over the n samples h of x^(h)(s) z(h), not over s = 1, ..., d. The union bound, over n "
    "sums of d terms for d sums of n, carries it on into the log(200n) of Theorem 2.",
    witness=dict(d=1, extra=1, inputs=[[[1], [1]]], optima=[[0]], z=[[1, 1]]),
    corrected="noise_term_sums_over_samples",
)
def noise_term(inputs: Any, optima: Any, z: Any) -> Any:
    """||X^T z||^2 from the training gradient of NAL at the optimum, where noise is all that is left."""
    gradient = nal_training_gradient(optima[:, 0], inputs, labels_of(inputs, optima, z), loss="sum")
    return length(gradient)


@unbounded(kind=Rate("Omega", over="d", grid=(2, 4, 8, 16, 32, 64, 128)), name="constant_of_65", variant="tail-printed",
           on=even_dimensions, right=PRINTED, left="-\\log(P/2)", corrected="constant_of_65_with_squares")  # fmt: skip
@bernstein(kind=Rate("Omega", over="d", grid=(2, 4, 8, 16, 32, 64, 128)), name="constant_of_65_with_squares",
           variant="tail-corrected", on=even_dimensions, right=WITH_SQUARES, left="-\\log(P/2)")  # fmt: skip
def exponent_of_sum(b: Any, unit: Any, d: int) -> Any:
    """One constant c'' serves (65) for all d: the exponent of the exact tail over the printed one stays away from zero."""
    return -namespace(b).log(product_tail(b / unit, d) / 2)


@unbounded(kind=Rate("Omega", over="d", grid=(1, 3, 9, 27, 81, 243)), name="constant_of_union", variant="union-printed",
           on=odd_dimensions, right=PRINTED, left="-\\log(P/(2n))", corrected="constant_of_union_corrected")  # fmt: skip
@bernstein(kind=Rate("Omega", over="d", grid=(1, 3, 9, 27, 81, 243)), name="constant_of_union_corrected",
           variant="union-corrected", on=odd_dimensions, right=UNION, left="-\\log(P/(2n))")  # fmt: skip
def exponent_of_vector(b: Any, unit: Any, d: int, n: int) -> Any:
    """One constant c'' serves the union bound on ||X^T z|| / sqrt(n) for all d."""
    return -namespace(b).log(vector_tail(b / unit * n**0.5, d) / (2 * n))
