"""One episode of MAML on Gaussian inputs of covariance at most L, for the concentration of Q-hat; the step is given by 1/(alpha L)."""

from __future__ import annotations

from typing import Any

from exactarray import eye
from lakatos import fix, instances

# Features, outer and inner samples for which every data set of an exact rule can be run.
SHAPES = ["1,1,1", "1,2,1", "1,1,2", "1,2,2", "2,1,1"]


def episode(draw: Any, inverse_step: Any, shapes: list[str]) -> dict[str, Any]:
    """Diagonal covariance, alpha = 1 / (L inverse_step)."""
    d, n_1, n_2 = (int(k) for k in draw.option("shape", shapes).split(","))
    L, share = draw.positive("root_L"), draw.interval("share", 0, 1, d)
    # The first direction has covariance L, the others any share of it; L is a square, so that its root is exact.
    share = share * draw.constant([0] + [1] * (d - 1)) + draw.constant([1] + [0] * (d - 1))
    return dict(
        d=d, n_1=n_1, n_2=n_2, L=L**2, alpha=1 / (L**2 * inverse_step),
        root=L[:, None, None] * share[:, :, None] * eye(d, L),
    )  # fmt: skip


@instances(strata={"two features": fix(shape="2,1,1"), "isotropic": fix(shape="2,1,1", share=[1, 1])})
def vanishing_steps(draw):
    """The step becomes small against 1/L; inverse_step runs."""
    return episode(draw, draw.interval("inverse_step", 1, 10**4), SHAPES)


@instances(
    strata={
        "long": fix(inverse_step=1 / 64),
        "longest": fix(inverse_step=1 / 4096),
        "short": fix(inverse_step=64),
        "two features": fix(shape="2,1,1"),
    }
)
def any_steps(draw):
    """Steps from 1/(64 L) to 4096/L."""
    return episode(draw, draw.interval("inverse_step", 1 / 4096, 64), SHAPES)


@instances(strata={"two features": fix(shape="2,1,1")})
def scaled_inputs(draw):
    """Inputs of any scale with alpha L between 1/2 and 1; the root of L runs."""
    return episode(draw, draw.interval("inverse_step", 1, 2), SHAPES)


@instances()
def two_by_two(draw):
    """One feature, two outer and two inner samples; the deviation gamma in multiples of L; inverse_step runs."""
    L = draw.positive("L")
    return dict(
        L=L, d=1, alpha=1 / (L * draw.interval("inverse_step", 1, 10**4)), gamma=L * draw.interval("gamma_over_L", 0.25, 2)
    )


@instances(strata={"a small deviation": fix(gamma_over_L=0)})
def two_by_two_any_step(draw):
    """One feature, two outer and two inner samples; any deviation, steps up to 4/L."""
    L = draw.positive("L")
    return dict(L=L, d=1, alpha=draw.interval("alpha_L", 0, 4) / L, gamma=L * draw.nonnegative("gamma_over_L"))


@instances()
def two_by_two_moderate(draw):
    """The same with deviations up to 100 L, of which the quadrature of the tail is sure."""
    L = draw.positive("L")
    return dict(
        L=L, d=1, alpha=draw.interval("alpha_L", 0, 4) / L, gamma=L * draw.interval("gamma_over_L", 0, 100, closed="right")
    )


def unpaired(r: int, l: int, r_: int, l_: int) -> bool:
    """Neither r = l and r' = l', nor r = r' and l = l'."""
    return not ((r == l and r_ == l_) or (r == r_ and l == l_))


@instances(assume={"neither (i) nor (ii)": unpaired})
def index_patterns(draw):
    """Every term of (97) with two features and one sample of each kind, other than those of (i) and (ii)."""
    indices = {name: draw.integer(name, 0, 1) for name in ("r", "l", "r_", "l_", "k", "s")}
    return dict(**indices, root=draw.constant([[[1, 0], [0, 1]]] * draw.batch))
