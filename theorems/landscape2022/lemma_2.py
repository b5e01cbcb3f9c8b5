"""A fourth-moment identity: the mean of S A S over sample covariances S of n Gaussian rows.

Collins, Mokhtari, Shakkottai 2022, Lemma 2, equation (77), and the steps (78) to (80) of its proof. Checked by enumerating the
sample covariances of an exact rule; E_C is the mean over a single row, E[x^T x A x^T x].

The lemma holds as printed. Its covariance need not be diagonal: equation_5_weights uses it for full ones, and holds. The
symmetry of A is needed: without it Sigma A^T Sigma takes the place of one Sigma A Sigma / n. (78), (79) and the first half of
(80) need no symmetry.

Known limits: d at most 2 (3 off the diagonal), n at most 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Identity as Unit
from sympy import MatrixSymbol, Symbol, Trace, symbols

from exactarray import array_like, eye, namespace
from impl.meta_regression import sample_covariances
from lakatos import Identity, claim, fix, instances
from theorems.landscape2022 import PAPER

d, n = symbols("d n", positive=True)
Sigma, A, E_C = (MatrixSymbol(name, d, d) for name in ("Sigma", "A", "E_C"))
lam_r, lam_s, A_rr, A_rs, A_sr = (Symbol(name) for name in ("lam_r", "lam_s", "A_rr", "A_rs", "A_sr"))
NAMES = {"Sigma": r"\Sigma", "E_C": r"\mathbb{E}[C]", "lam_r": r"\lambda_r", "lam_s": r"\lambda_s"}

LEMMA = Sigma * A * Sigma + 1 / n * (Trace(Sigma * A) * Unit(d) + Sigma * A) * Sigma
LINE_78 = (n - 1) / n * Sigma * A * Sigma + 1 / n * E_C
LINE_79_DIAGONAL = lam_r * Trace(Sigma * A) + 2 * lam_r**2 * A_rr
LINE_79_OTHERS = lam_r * lam_s * (A_rs + A_sr)
LINE_80_FIRST = Trace(Sigma * A) * Sigma + Sigma * (A + A.T) * Sigma
LINE_80 = Trace(Sigma * A) * Sigma + 2 * Sigma * A * Sigma


def second_moment(root: Any, A: Any, n: int) -> Any:
    """The mean of ``S A S``, ``(batch, d, d)``."""
    covariances, weights = sample_covariances(root, n)
    return namespace(A).sum(weights[:, None, None] * (covariances @ A[:, None] @ covariances), axis=1)


def _drawn(draw: Any, *, symmetric: bool) -> dict[str, Any]:
    d, n = draw.integer("d", 1, 2), draw.integer("n", 1, 2)
    A, root = draw.real("A", d, d), draw.real("deviations", d)[..., None] * eye(d, draw.constant([0]))
    if symmetric:
        upper = array_like([[int(i <= j) for j in range(d)] for i in range(d)], A)
        A = A * upper + (A * (upper - eye(d, A))).mT
    variances = root @ root.mT
    return dict(
        root=root, A=A, n=n, Sigma=variances, E_C=second_moment(root, A, 1), lam_r=variances[:, 0, 0],
        lam_s=variances[:, -1, -1], A_rr=A[:, 0, 0], A_rs=A[:, 0, -1], A_sr=A[:, -1, 0],
    )  # fmt: skip


@instances(strata={"n < d": fix(n=1, d=2), "n > d": fix(n=2, d=1), "n = d = 2": fix(n=2, d=2)})
def symmetric_matrices(draw):
    """A symmetric A and a diagonal covariance, as the lemma asks."""
    return _drawn(draw, symmetric=True)


@instances(strata={"d = 2": fix(d=2)})
def any_matrices(draw):
    """Any A and a diagonal covariance."""
    return _drawn(draw, symmetric=False)


lemma = partial(claim, PAPER, "Lemma 2", Identity(), entry="lem-2", names=NAMES)
mean = partial(lemma, left=r"\mathbb{E}[(\frac{1}{n}X^TX) A (\frac{1}{n}X^TX)]")


@mean(name="mean_as_printed", variant="printed", on=symmetric_matrices, right=LEMMA)
@mean(
    name="mean_without_symmetry",
    variant="without-symmetry",
    on=any_matrices,
    right=LEMMA,
    expect="refuted",
    reason="missing assumption",
    because="For A = E_12 and the identity covariance the mean over one row has A^T in place of one A. The lemma asks for symmetry.",
    witness=dict(d=2, n=1, A=[[0, 1], [0, 0]], deviations=[1, 1]),
    corrected="mean_as_printed",
)
@mean(name="line_78", variant="proof-78", on=any_matrices, right=LINE_78)
def mean_over_sample_covariances(root: Any, A: Any, n: int) -> Any:
    """The mean of S A S over the sample covariances S of n rows."""
    return second_moment(root, A, n)


@lemma(name="line_80_first", variant="proof-80-any-A", on=any_matrices, right=LINE_80_FIRST, left=r"\mathbb{E}[C]")
@lemma(name="line_80", variant="proof-80", on=symmetric_matrices, right=LINE_80, left=r"\mathbb{E}[C]")
def mean_over_one_row(E_C: Any) -> Any:
    """The mean of x^T x A x^T x over one row x."""
    return E_C


@lemma(variant="proof-79-diagonal", on=any_matrices, right=LINE_79_DIAGONAL, left=r"\mathbb{E}[C_{r,r}]")
def diagonal_entry(E_C: Any) -> Any:
    """A diagonal entry of the same mean."""
    return E_C[:, 0, 0]


@instances()
def two_coordinates(draw):
    """Any A and a diagonal covariance in at least two dimensions."""
    d = draw.integer("d", 2, 3)
    A, deviations = draw.real("A", d, d), draw.real("deviations", d)
    root = deviations[..., None] * eye(d, A)
    return dict(E_C=second_moment(root, A, 1), lam_r=deviations[:, 0] ** 2, lam_s=deviations[:, -1] ** 2, A_rs=A[:, 0, -1],
                A_sr=A[:, -1, 0])  # fmt: skip


@lemma(variant="proof-79-others", on=two_coordinates, right=LINE_79_OTHERS, left=r"\mathbb{E}[C_{r,s}], r \ne s")
def other_entry(E_C: Any) -> Any:
    """An entry of the same mean off the diagonal."""
    return E_C[:, 0, -1]
