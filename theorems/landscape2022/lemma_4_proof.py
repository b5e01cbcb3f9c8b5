"""From the entries of a deviation to its spectral norm: two steps in the proof of Lemma 4.

Collins, Mokhtari, Shakkottai 2022, Appendix D.2, (101) and (104), on Z_i = (1/(tau n_1)) sum_j Q-hat_{i,j} - Q_i of any data. (101),
Gershgorin's circles without the absolute value of the diagonal, fails for negative definite Z, which an episode without outer
inputs gives. (104) takes gamma for the sum of a diagonal entry below gamma and d - 1 others below gamma each, which is d gamma:
the factor d that Lemma 4 lacks.

Known limits: d = 2, two episodes, two samples of each kind.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import amax, namespace, spectral_norm
from impl.empirical_regression import Episodes, expected_preconditioned_covariance, preconditioned_covariance
from lakatos import Inequality, claim, fix, instances
from theorems.landscape2022 import PAPER


@instances(strata={"no outer inputs": fix(outer_scale=0), "one feature": fix(d=1)})
def deviations(draw):
    """Z of one task with any covariance and step, two episodes of any inputs."""
    d, n_1, n_2 = draw.integer("d", 1, 2), draw.integer("n_1", 1, 2), draw.integer("n_2", 1, 2)
    outer = draw.nonnegative("outer_scale")[:, None, None, None, None] * draw.real("outer", 1, 2, n_1, d)
    inner, alpha = draw.real("inner", 1, 2, n_2, d), draw.nonnegative("alpha")
    data = Episodes(outer, 0 * outer[..., 0], inner, 0 * inner[..., 0])
    xp = namespace(outer)
    mean = xp.sum(preconditioned_covariance(data, alpha)[:, 0], axis=1) / (2 * n_1)
    return dict(Z=mean - expected_preconditioned_covariance(draw.real("root", 1, d, d), alpha, n_2)[:, 0])


def diagonal(Z: Any) -> Any:
    """The diagonal, ``(batch, d)``."""
    return namespace(Z).stack([Z[:, k, k] for k in range(Z.shape[-1])], axis=-1)


def rest(Z: Any) -> Any:
    """R_k, the sums of absolute values beside the diagonal, ``(batch, d)``."""
    return namespace(Z).sum(abs(Z), axis=-1) - abs(diagonal(Z))


def right_of_101(Z: Any) -> Any:
    """max_k Z(k, k) + R_k."""
    return amax(diagonal(Z) + rest(Z), axis=-1)


def right_with_absolute_values(Z: Any) -> Any:
    """max_k |Z(k, k)| + R_k."""
    return amax(abs(diagonal(Z)) + rest(Z), axis=-1)


def smallest_gamma(Z: Any) -> Any:
    """The smallest gamma with Z(1, 1) <= gamma and R_1 <= (d - 1) gamma."""
    entry, others = diagonal(Z)[:, 0], rest(Z)[:, 0]
    return entry if Z.shape[-1] == 1 else amax(namespace(Z).stack([entry, others / (Z.shape[-1] - 1)], axis=-1), axis=-1)


def d_times_gamma(Z: Any) -> Any:
    """D times the smallest gamma."""
    return Z.shape[-1] * smallest_gamma(Z)


matrix = partial(claim, PAPER, entry="lem-4", kind=Inequality("<="), on=deviations)
PLAIN = dict(n_1=1, n_2=1, inner=[[[[0]], [[0]]]], alpha=0)


@matrix(
    name="gershgorin", label="Equation (101)", variant="eq-101-corrected", right=right_with_absolute_values, left=r"\|Z_i\|"
)
@matrix(
    name="gershgorin_of_101", label="Equation (101)", variant="eq-101-printed", right=right_of_101, left=r"\|Z_i\|",
    expect="refuted", reason="misprint", corrected="gershgorin",
    witness=dict(**PLAIN, d=1, outer_scale=0, outer=[[[[0]], [[0]]]], root=[[[1]]]),
    because="Gershgorin's bound on a norm has |Z(k, k)|; at d = 1 with outer inputs 0, Z = -1 and the right side is -1.",
)  # fmt: skip
def norm_of_deviation(Z: Any) -> Any:
    """||Z_i|| is at most the largest of the circles."""
    return spectral_norm(Z)


@matrix(
    name="sum_of_104_corrected", label="Equation (104)", variant="eq-104-corrected", right=d_times_gamma, left="Z(k, k) + R_k"
)
@matrix(
    name="sum_of_104", label="Equation (104)", variant="eq-104-printed", right=smallest_gamma, left="Z(k, k) + R_k",
    expect="refuted", reason="false", corrected="sum_of_104_corrected",
    because="Z(k, k) <= gamma and R_k <= (d - 1) gamma give Z(k, k) + R_k <= d gamma, not gamma.",
    witness=dict(d=2, n_1=1, n_2=1, outer_scale=1, outer=[[[[1, 1]], [[1, 1]]]], inner=[[[[0, 0]], [[0, 0]]]], alpha=0,
                 root=[[[0, 0], [0, 0]]]),
)  # fmt: skip
def sum_of_row(Z: Any) -> Any:
    """Z(k, k) + R_k <= gamma wherever Z(k, k) <= gamma and R_k <= (d - 1) gamma."""
    return diagonal(Z)[:, 0] + rest(Z)[:, 0]
