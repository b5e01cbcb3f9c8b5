"""The weights of MAML's solution: Q^(s), the mean of (I - alpha S) Sigma (I - alpha S) over sample covariances S.

Collins, Mokhtari, Shakkottai 2022: the definition below equation (5), for any number of samples s; it is used as the mean
of P_i^T Sigma_i P_i in (17) and (19), and equation (84) derives it. Checked by enumerating the sample covariances of an exact
rule, for full and singular covariances and step sizes up to four times 1 / Lambda (Lambda the largest variance of an input
coordinate).

Known limits: s at most 3, d at most 2.
"""

from __future__ import annotations

from typing import Any

from sympy import Identity as Unit
from sympy import MatrixSymbol, Trace, symbols

from exactarray import amax, array_like, eye, namespace
from impl.meta_regression import preconditioned_covariance
from lakatos import Identity, claim, fix, instances
from theorems.landscape2022 import PAPER

d, s, alpha = symbols("d s alpha", nonnegative=True)
Sigma = MatrixSymbol("Sigma", d, d)
P = Unit(d) - alpha * Sigma
Q = P * Sigma * P + alpha**2 / s * (Trace(Sigma**2) * Sigma + Sigma**3)


@instances(strata={"one sample": fix(s=1), "n < d": fix(s=1, d=2), "singular": fix(d=2, deviations=[1, 0], mixing=[[0, 0], [0, 0]]),
                   "isotropic": fix(d=2, deviations=[1, 1], mixing=[[0, 0], [0, 0]]), "alpha = 1/Lambda": fix(alpha_Lambda=1),
                   "alpha = 0": fix(alpha_Lambda=0)})  # fmt: skip
def covariances(draw):
    """A covariance A A^T with a triangular A, and so few samples that every design of an exact rule can be seen."""
    d = draw.integer("d", 1, 2)
    draw.integer("s", 1, 3)
    root = draw.nonnegative("deviations", d)[..., None] * eye(d, draw.constant([0]))
    root = root + draw.real("mixing", d, d) * array_like([[int(j < i) for j in range(d)] for i in range(d)], root)
    xp = namespace(root)
    largest = amax(xp.sum(root * root, axis=-1), axis=-1)
    alpha = draw.interval("alpha_Lambda", 0, 4) / xp.where(largest > 0, largest, xp.ones_like(largest))
    return dict(root=root, alpha=alpha, Sigma=root @ root.mT)


@claim(PAPER, "definition of Q, equation (84)", Identity(), entry="eq-5", variant="weights", on=covariances, right=Q,
       left=r"\mathbb{E}[P \Sigma P]", names={"Sigma": r"\Sigma"}, rests_on=("landscape2022/lem-2/printed",))  # fmt: skip
def mean_preconditioned_covariance(root: Any, alpha: Any, s: int) -> Any:
    """The mean curvature of a task's loss after one SGD step on s samples is Q^(s)."""
    return preconditioned_covariance(root, alpha, s)
