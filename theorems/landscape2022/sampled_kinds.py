"""Few kinds of tasks of which T are sampled, at steps of MAML of the order of 1/L and beyond."""

from __future__ import annotations

from typing import Any

from sympy import log, symbols

from exactarray import eye, namespace
from lakatos import fix, instances
from theorems.landscape2022.equation_86 import L_HAT
from theorems.landscape2022.kinds_of_tasks import diagonals, environment
from theorems.landscape2022.task_averages import Q
from theorems.landscape2022.task_sets import number_of_samples

alpha, L, B, V_Q, V_w = symbols("alpha L B Var_Q Var_Q_w", nonnegative=True)
T, d = symbols("T d", integer=True, positive=True)


def _weights_of(roots: Any, alpha: Any, n_2: Any) -> Any:
    """The diagonals of Q_i, ``(batch, kinds, d)``."""
    return diagonals(Q(roots[..., None] ** 2 * eye(roots.shape[-1], roots), alpha, n_2)[0])


@instances(
    strata={
        "one task": fix(T=1),
        "one covariance": fix(spread="optima"),
        "one mean": fix(spread="labels"),
        "alpha = 1/L": fix(step=1),
    },
    assume={"the step is at most 1/L": alpha * L <= 1},
)
def any_kinds(draw):
    """Any kinds with any probabilities; their covariances are all one with "optima", their Q_i w_i are with "labels".

    Rare kinds, of which a single task shows none or too much, are what Chebyshev's inequality is sharp for: two of them, with
    "mirrored", on either side of the others.
    """
    spread, T, d = (
        draw.option("spread", ["any", "optima", "labels", "mirrored"]),
        draw.option("T", [1, 2, 5]),
        draw.integer("d", 1, 3),
    )
    if spread == "mirrored":
        return _mirrored(draw, T, d)
    count, root, shares = draw.option("kinds_", [2, 3]), draw.positive("root"), 0
    highest = root
    if spread != "optima":
        # The first kind has the smallest covariance.
        rise = draw.positive("excess")
        others = draw.interval("shares", 0, 1, count - 1, d, closed="right")
        shares = namespace(root).concat([0 * others[:, :1], others], axis=1) * rise[:, None, None]
        highest = root * (1 + rise)
    roots = root[:, None, None] * (1 + shares + 0 * draw.constant([[0] * d] * count))
    step, n_2 = draw.interval("step", 0, 1) / highest**2, number_of_samples(draw, "n_2")
    first, apart = draw.real("optimum", 1, d), draw.positive("apart", 1, d)
    if spread == "labels":
        Q_i = _weights_of(roots, step, n_2)
        optima = apart * Q_i[:, :1] / Q_i
    else:
        optima = namespace(first).concat([first, first + apart, *([draw.real("third", 1, d)] if count == 3 else [])], axis=1)
    rare, xp = draw.interval("root_rare", 0, 1, closed="neither") ** 2, namespace(root)
    part = draw.interval("part", 0, 1, closed="neither") if count == 3 else 1 + 0 * rare
    weights = xp.stack([1 - rare, rare * part, rare * (1 - part)][:count], axis=-1)
    made = environment(roots, optima, weights, T, step, n_2)
    return {**made, "beta": root**2, "L": highest**2}


def _mirrored(draw: Any, T: int, d: int) -> dict[str, Any]:
    """Two kinds that are alike rare, on either side of a third: their optima, or their covariances with one Q_i w_i."""
    aside, root, apart = draw.option("aside", ["optima", "covariances"]), draw.positive("root"), draw.positive("apart", 1, d)
    rise = draw.interval("rise", 0, 1, closed="right") if aside == "covariances" else 0 * root
    # At most 0.04, and 96 percent of all single tasks would be of the third kind.
    half = draw.interval("root_rare", 0.2, 1, closed="neither") ** 2 / 2
    roots = root[:, None, None] * (1 + rise[:, None, None] * (draw.constant([[1] * d, [0] * d, [2] * d]) / 2))
    highest = root * (1 + rise)
    step, n_2, xp = draw.interval("step", 0, 1) / highest**2, number_of_samples(draw, "n_2"), namespace(root)
    if aside == "optima":
        optima = apart * draw.constant([[0] * d, [1] * d, [-1] * d])
    else:
        Q_i = _weights_of(roots, step, n_2)
        optima = apart * Q_i[:, :1] / Q_i
    return environment(roots, optima, xp.stack([1 - 2 * half, half, half], axis=-1), T, step, n_2)


@instances(
    strata={"alpha = 1/L": fix(step=1), "n_2 = 1": fix(one_over_n_2=1)},
    assume={
        "the step is at most 1/L": alpha * L <= 1,
        "T is large enough": 16 * L_HAT**2 * B**2 * log(200 * d) / (9 * V_w) <= T,
    },
)
def balanced_kinds(draw):
    """Thirteen tasks of two kinds with one covariance and optima on both sides of zero: enough for Bernstein's inequality."""
    d, T = draw.integer("d", 1, 3), 13
    root, w, p = draw.positive("root"), draw.positive("w"), draw.interval("p", 0.35, 0.65)
    xp = namespace(root)
    roots = root[:, None, None] + 0 * draw.constant([[0] * d] * 2)
    optima = xp.stack([-draw.interval("other", 0.9, 1) * w, w], axis=-1)[..., None] * draw.constant([1] + [0] * (d - 1))
    step = draw.interval("step", 0, 1) / root**2
    return environment(roots, optima, xp.stack([1 - p, p], axis=-1), T, step, number_of_samples(draw, "n_2"))


@instances(assume={"T is above the threshold of the theorem": L_HAT**2 * B**2 * log(200 * d) / (9 * (V_Q + V_w)) < T})
def long_steps(draw):
    """One covariance with eigenvalues beta and L, alpha = 1/beta, optima -w e_1 and w e_1 alike; n_2 runs."""
    root, ratio, w = draw.positive("root"), draw.interval("ratio", 1.25, 1.5), draw.positive("w")
    xp = namespace(root)
    roots = xp.stack([root, root * ratio], axis=-1)[:, None] + 0 * draw.constant([[0], [0]])
    optima = w[:, None, None] * draw.constant([[-1, 0], [1, 0]])
    return environment(
        roots, optima, 0 * roots[..., 0] + draw.constant([1, 1]) / 2, 20, 1 / root**2, draw.interval("n_2", 1, 10**6)
    )
