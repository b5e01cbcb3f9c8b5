"""The limit matrix Lambda_* is where the recursion stands still, for every task covariance, and tends to I / alpha.

Yüksel, Boursier, Flammarion 2024, equation (8): Lambda_* = (1/alpha) m_in/(m_in + 1) (I - ((m_in + 1)
Sigma_*/sigma_bar^2 + I)^-1); "Lambda_* -> (1/alpha) I_k when m_in -> infinity". The measured side locates the fixed
point from steps of the algorithm, without the formula: where B_*perp^T B = 0 and B w = 0, one step changes B_*^T B by
beta (A - Lambda S) B_*^T B with matrices A and S that do not depend on B; two steps, from B_*^T B = (I 0) and from
its double, determine both, and the only full-rank fixed point has Lambda = A S^-1. That the run also gets there, for
general covariances and from general starts, is checked as a limit.

Checked for Sigma_* = c I and for rotated anisotropic and singular covariances, with and without label noise, up to k
= 3. The paper states the limit for Sigma_* = c I and conjectures it for others. Known limits: for singular
covariances Lambda_* is singular, and the run is not checked there; convergence is seen for condition numbers up to 4.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Identity as Eye
from sympy import Inverse, MatrixSymbol, symbols

from exactarray import eye, inv, namespace, norm
from impl.fo_anil import SubspaceTasks, infinite_task_run, infinite_task_step
from lakatos import Identity, Limit, Rate, claim, fix, instances
from lakatos.formula import Formula
from theorems.foanil2024 import PAPER
from theorems.foanil2024.starts import NAMES

k = symbols("k", integer=True, positive=True)
alpha, total_variance, m_in = symbols("alpha total_variance m_in", real=True)
Sigma = MatrixSymbol("Sigma", k, k)
LIMIT = m_in / (alpha * (m_in + 1)) * (Eye(k) - Inverse((m_in + 1) / total_variance * Sigma + Eye(k)))
DOUBLINGS = tuple(2**i for i in range(3, 12))

lambda_star = partial(claim, PAPER, "equation (8)", entry="lambda-star", names={**NAMES, "Sigma": r"\Sigma_\star"})


def tasks_with(spectrum: Any, noise: Any, rotation: Any, d: int) -> dict[str, Any]:
    """Tasks whose covariance has a given spectrum ``(batch, k)``, in coordinates where ``B_*`` is the first axes."""
    covariance = (rotation * spectrum[:, None, :]) @ rotation.mT
    tasks = SubspaceTasks.on_first_axes(covariance, noise, d)
    return {"tasks": tasks, "Sigma": covariance, "total_variance": tasks.total_variance}


@instances(
    strata={
        "one eigenvalue": fix(k=1),
        "diagonal Sigma_*": fix(k=3, rotation=0),
        "singular Sigma_*": fix(k=2, spectrum=[0, 1]),
        "no label noise": fix(noise=0),
        "large label noise": fix(noise=10),
        "one inner sample": fix(m_in=1),
        "many inner samples": fix(m_in=1000),
    },
    assume=[total_variance > 0],
)
def any_covariance(draw: Any) -> dict[str, Any]:
    """Any task covariance and label noise, step sizes of any size."""
    size = draw.integer("k", 1, 3)
    d = size + draw.integer("extra_features", 1, 2)
    # One eigenvalue stays positive, so that there is something to learn.
    spectrum = draw.nonnegative("spectrum", size) + draw.constant([0] * (size - 1) + [1]) / 64
    family = tasks_with(spectrum, draw.nonnegative("noise"), draw.orthogonal("rotation", size), d)
    root_alpha = draw.positive("root_alpha")
    return family | {
        "root_alpha": root_alpha,
        "alpha": root_alpha**2,
        "beta": draw.positive("beta_alpha_variance") / (root_alpha**2 * family["total_variance"]),
        "m_in": draw.option("m_in", [1, 2, 20, 1000]),
        "width": size + draw.integer("extra_width", 0, 1),
    }


@lambda_star(Identity(), on=any_covariance, right=LIMIT, left=r"\Lambda_\star")
def fixed_point(tasks: Any, root_alpha: Any, *, alpha: Any, beta: Any, m_in: Any, width: int) -> Any:
    """The Lambda at which a step of the algorithm leaves B_*^T B unchanged, from one step at (I 0) and one at its double."""
    k = tasks.covariance.shape[-1]
    changes = []
    for factor in (1, 2):
        B = tasks.basis @ eye(width, alpha)[:k] / root_alpha[:, None, None]
        after, _ = infinite_task_step(factor * B, 0 * B[:, 0], tasks, alpha=alpha, beta=beta, m_in=m_in)
        changes.append(tasks.learned(after / factor - B)[:, :, :k])
    slope = (changes[0] - changes[1]) / 3
    return (changes[0] + slope) @ inv(slope) / alpha[:, None, None]


@instances(strata={"Sigma_* = I": fix(spectrum=1), "no label noise": fix(noise=0)}, assume=[total_variance > 0])
def well_conditioned(draw: Any) -> dict[str, Any]:
    """Covariances with eigenvalues between 1/4 and 1 and label noise up to 1, as the number of inner samples grows."""
    size = draw.integer("k", 1, 3)
    spectrum, rotation = draw.interval("spectrum", 1 / 4, 1, size), draw.orthogonal("rotation", size)
    family = tasks_with(spectrum, draw.interval("noise", 0, 1), rotation, size + 1)
    root_alpha = draw.positive("root_alpha")
    return family | {
        "root_alpha": root_alpha,
        "alpha": root_alpha**2,
        "beta": 1 / (root_alpha**2 * family["total_variance"]),
        "m_in": draw.option("m_in", [64, 256, 1024, 4096, 16384]),
        "width": size,
    }


@lambda_star(
    Rate("Theta", over="m_in", grid=(64, 256, 1024, 4096, 16384)),
    variant="many-samples",
    on=well_conditioned,
    right=1 / m_in,
    left=r"\|\alpha\Lambda_\star - I\|_F",
)
def distance_to_identity(tasks: Any, root_alpha: Any, *, alpha: Any, beta: Any, m_in: Any, width: int) -> Any:
    """The limit approaches I / alpha like 1 / m_in."""
    located = fixed_point(tasks, root_alpha, alpha=alpha, beta=beta, m_in=m_in, width=width)
    return norm(norm(alpha[:, None, None] * located - eye(located.shape[-1], alpha)))


@instances(strata={"no label noise": fix(noise=0), "rotated": fix(rotation=[[2, 1], [0, 0]])}, assume=[total_variance > 0])
def anisotropic_start(draw: Any) -> dict[str, Any]:
    """Anisotropic covariances, k' = k = 2, with alpha sigma_bar <= 1/2, alpha ||B_0||^2 <= 1/2 and a head within its bound."""
    spectrum, rotation = draw.interval("spectrum", 1 / 4, 1, 2), draw.orthogonal("rotation", 2)
    family = tasks_with(spectrum, draw.interval("noise", 0, 1), rotation, 3)
    alpha = draw.interval("alpha", 1 / 4, 2 / 7)
    learned = draw.orthogonal("left", 2) * draw.interval("singular_values", 1 / 2, 1, 2)[:, None, :]
    forgotten = draw.interval("forgotten", 0, 1 / 2, 1, 2)
    B = namespace(alpha).concat([learned, forgotten], axis=1)
    w = draw.unit("head", 2) * draw.interval("head_length", 0, 1 / 8)[:, None]
    return family | {"B": B, "w": w, "alpha": alpha, "beta": alpha, "m_in": draw.option("m_in", [1, 20])}


@lambda_star(Limit(DOUBLINGS), variant="trajectory", on=anisotropic_start, left=r"\|\Lambda_t\Lambda_\star^{-1}-I\|_F")
def run_reaches_the_limit(tasks: Any, B: Any, w: Any, *, alpha: Any, beta: Any, m_in: int, checkpoints: tuple[int, ...]) -> Any:
    """The run of the algorithm ends at the printed limit."""
    run = infinite_task_run(B, w, tasks, alpha=alpha, beta=beta, m_in=m_in, steps=checkpoints[-1])
    seen = [relative_distance(tasks, B_t, alpha, m_in) for t, (B_t, _) in enumerate(run) if t in checkpoints]
    return namespace(B).stack(seen, axis=-1)


def relative_distance(tasks: Any, B: Any, alpha: Any, m_in: Any) -> Any:
    """``||Lambda Lambda_*^-1 - I||_F`` with the printed ``Lambda_*``, ``(batch,)``."""
    size = tasks.covariance.shape[-1]
    values = {"k": size, "Sigma": tasks.covariance, "total_variance": tasks.total_variance, "alpha": alpha, "m_in": m_in}
    return norm(norm(tasks.alignment(B) @ inv(Formula(LIMIT).evaluate(values)) - eye(size, B)))
