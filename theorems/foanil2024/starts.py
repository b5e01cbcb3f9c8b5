"""Initial states within the conditions of Theorem 1, with explicit constants in place of the printed O(.).

Every quantity is rational in what is drawn, so that a run of a few steps can be certified without a root: the families draw
the square roots of alpha, of the scaled singular values and of the task variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from sympy import Min, Rational, symbols

from exactarray import amax, eye, minimum, namespace, ones
from impl.fo_anil import SubspaceTasks
from lakatos import fix, instances, when

alpha, beta, variance, total_variance, B_size, w_size = symbols(
    "alpha beta variance total_variance B_size w_size", nonnegative=True
)
m_in = symbols("m_in", positive=True)

NAMES = {
    "variance": r"\lambda_{\min}(\Sigma_\star)",
    "total_variance": r"\bar\sigma^2",
    "B_size": r"\|B_0\|_2^2",
    "w_size": r"\|w_0\|_2^2",
    "m_in": r"m_{\mathrm{in}}",
}


@dataclass(frozen=True)
class Conditions:
    """The conditions of Theorem 1, with explicit constants.

    ``alpha sigma_bar <= step``, ``beta <= ratio alpha``, ``alpha ||B_0||^2 <= width min(1/m_in, m_in/sigma_bar^2)`` and
    ``||w_0||^2 <= head alpha lambda_min(Sigma_*)``. With ``homogeneous`` the second term of the minimum is
    ``m_in lambda_min(Sigma_*)/sigma_bar^2``, which does not change with the unit of y; it equals the printed one where
    ``Sigma_* = I``. With ``plain`` the minimum is left out.
    """

    step: Fraction = Fraction(1)
    width: Fraction = Fraction(1)
    head: Fraction = Fraction(1)
    ratio: Fraction = Fraction(1)
    homogeneous: bool = False
    plain: bool = False

    @property
    def relations(self) -> list[Any]:
        """The conditions as relations, re-checked on every instance."""
        second = m_in * (variance if self.homogeneous else 1) / total_variance
        size = 1 if self.plain else Min(1 / m_in, second)
        step, width, head, ratio = (
            Rational(x.numerator, x.denominator) for x in (self.step, self.width, self.head, self.ratio)
        )
        return [
            beta <= ratio * alpha,
            alpha**2 * total_variance <= step**2,
            alpha * B_size <= width * size,
            w_size <= head * alpha * variance,
        ]


PRINTED = Conditions()
"""Every hidden constant read as one."""
TINY = Conditions(step=Fraction(1, 100), width=Fraction(1, 100), head=Fraction(1, 100))
HALF_STEP = Conditions(step=Fraction(1, 2))


def root(x: Fraction | int) -> Fraction:
    """The square root, rounded down to a multiple of 1e-6 where it is not rational."""
    x, scale = Fraction(x), 10**6
    exact = Fraction(isqrt(x.numerator), isqrt(x.denominator))
    return exact if exact**2 == x else Fraction(isqrt(x.numerator * scale**2 // x.denominator), scale)


def times(constant: Fraction, array: Any) -> Any:
    """A rational constant times an array of either number system."""
    return array * constant.numerator / constant.denominator


def rates_and_tasks(draw: Any, conditions: Conditions, k: int, d: int, *, fast: bool = False) -> dict[str, Any]:
    """Step sizes, and tasks with ``Sigma_* = c I_k`` in coordinates where ``B_*`` is the first ``k`` axes.

    With ``fast`` rates and variances stay within a small factor of their bounds, so that a run of some thousand steps shows
    where it ends; without, ``sigma_bar^2`` covers five decades and ``c / sigma_bar^2`` three.
    """
    root_sigma_bar = draw.interval("root_sigma_bar", *((1 / 2, 5 / 4) if fast else (1 / 4, 4)))
    share_root = draw.interval("root_signal_share", 3 / 4 if fast else 1 / 32, 1)
    root_alpha = times(root(conditions.step), draw.interval("root_step", 7 / 8 if fast else 1 / 4, 1)) / root_sigma_bar
    total = root_sigma_bar**4
    alpha, variance = root_alpha**2, total * share_root**2 / k
    covariance = variance[:, None, None] * eye(k, variance)
    return {
        "tasks": SubspaceTasks.on_first_axes(covariance, total * (1 - share_root**2), d),
        "root_alpha": root_alpha,
        "sigma_bar": root_sigma_bar**2,
        "share_root": share_root,
        "variance": variance,
        "total_variance": total,
        "alpha": alpha,
        "beta": times(conditions.ratio, alpha * draw.interval("beta_over_alpha", 3 / 4 if fast else 1 / 16, 1)),
    }


def largest_start(given: dict[str, Any], conditions: Conditions, k: int, m: int) -> tuple[Any, Any]:
    """The largest ``||B_0||`` and ``||w_0||`` that the conditions allow, ``(batch,)`` each."""
    sigma_bar, share_root, root_alpha = given["sigma_bar"], given["share_root"], given["root_alpha"]
    second = times(root(Fraction(m, k)), share_root) if conditions.homogeneous else times(root(m), 1 / sigma_bar)
    one = 0 * second + 1
    least = one if conditions.plain else minimum(times(root(Fraction(1, m)), one), second)
    return times(root(conditions.width), least) / root_alpha, times(
        root(conditions.head / k), root_alpha * sigma_bar * share_root
    )


SIZES = ["1 1 2", "1 2 2", "1 2 3", "2 2 3", "2 3 4"]
"""Subspace dimension, width and feature dimension: width = k, k < width < d and width = d."""


def start(draw: Any, conditions: Conditions, sizes: list[str] = SIZES) -> dict[str, Any]:
    """Everything that a run of the recursion needs, under the conditions.

    ``B_0`` is drawn by its singular values and left singular vectors. The right ones are the axes, without loss of generality
    because the recursion commutes with rotations of the heads.
    """
    k, width, d = map(int, draw.option("sizes", sizes).split())
    m = draw.option("m_in", [1, 2, 20, 1000])
    given = rates_and_tasks(draw, conditions, k, d)
    largest, longest = largest_start(given, conditions, k, m)
    spectrum = largest[:, None] * draw.interval("spectrum", 1 / 32, 1, width)
    length = longest * draw.interval("head_length", 0, 1)
    return {"k": k, "width": width, "d": d, **given} | {
        "B": draw.orthogonal("left", d)[:, :, :width] * spectrum[:, None, :],
        "w": length[:, None] * draw.unit("head", width),
        "B_size": amax(spectrum, axis=-1) ** 2,
        "w_size": length**2,
    }


def growth(norms: list[Any]) -> Any:
    """Each norm over the one before it, ``(batch, steps)``; zero where there was nothing to grow."""
    xp = namespace(norms[0])
    before, after = xp.stack(norms[:-1], axis=-1), xp.stack(norms[1:], axis=-1)
    nothing = before == 0
    return xp.where(nothing, after, after / xp.where(nothing, ones(before.shape, before), before))


COMMON_CORNERS = {
    "alpha sigma_bar at its bound": fix(root_step=1),
    "beta = alpha": fix(beta_over_alpha=1),
    "no label noise": fix(root_signal_share=1),
    "k' = k": when(lambda k, width: k == width),
    "k < k' < d": when(lambda k, width, d: k < width < d),
    "k' = d": when(lambda width, d: width == d),
    "B_0 at its bound": fix(spectrum=1),
    "B_0 along the axes": fix(left=0),
    "w_0 = 0": fix(head_length=0),
    "w_0 at its bound": fix(head_length=1),
    "one inner sample": fix(m_in=1),
    "m_in = 1000": fix(m_in=1000),
}


@instances(strata=COMMON_CORNERS, assume=PRINTED.relations)
def constants_of_one(draw: Any) -> dict[str, Any]:
    """One step from starts within the printed conditions, every hidden constant read as one."""
    return start(draw, PRINTED) | {"steps": 1}


@instances(strata=COMMON_CORNERS, assume=TINY.relations)
def constants_of_one_hundredth(draw: Any) -> dict[str, Any]:
    """One step from starts within the printed conditions, every hidden constant read as 1/100."""
    return start(draw, TINY) | {"steps": 1}


@instances(strata=COMMON_CORNERS, assume=HALF_STEP.relations)
def half_the_step(draw: Any) -> dict[str, Any]:
    """Runs from starts within the printed conditions with ``alpha sigma_bar <= 1/2`` and the other constants one."""
    return start(draw, HALF_STEP) | {"steps": draw.option("steps", [1, 4])}
