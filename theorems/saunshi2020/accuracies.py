"""What both displays of Theorem 4.1 share: the printed rate, the bound for fixed inputs, and the accuracies they speak of."""

from typing import Any

from sympy import Eq, MatrixSymbol, Trace, symbols

from lakatos import fix, instances

r, sigma, epsilon = symbols("r sigma epsilon", real=True)
n, d = symbols("n d", integer=True, positive=True)
X = MatrixSymbol("X", n, d)

PRINTED = d * r**2 / epsilon
FIXED_INPUTS = r**2 / (1 + Trace(X.T * X) / d**2)


def printed_range_up_to(largest: int) -> Any:
    """Accuracies of the printed range, eps in (0, r^2/2), in at most ``largest`` dimensions, from any start."""

    @instances(
        strata={"start at zero": fix(distance=0), "eps near r^2/2": fix(distance=0, accuracy=2.01)},
        assume=[Eq(sigma, r), epsilon > 0, epsilon < r**2 / 2],
    )
    def printed_range(draw):
        d, accuracy = draw.integer("d", 1, largest), draw.interval("accuracy", 2, 64, closed="neither")
        r = draw.interval("r", 0.3, 2.3)
        start = (r * draw.interval("distance", 0, 1))[:, None] * draw.unit("direction", d)
        draw.integer("seed", 0, 999)
        return {"d": d, "r": r, "sigma": r, "epsilon": r**2 / accuracy, "start": start}

    return printed_range


@instances(assume=[Eq(sigma, r), epsilon >= r**2 / 2, epsilon < r**2])
def beyond_half(draw):
    """Accuracies beyond the printed range: eps = r^2 (1 - 1/d)."""
    d, r = draw.integer("d", 2, 64), draw.interval("r", 0.3, 2.3)
    start = 0 * r[:, None] * draw.unit("direction", d)
    draw.integer("seed", 0, 999)
    return {"d": d, "r": r, "sigma": r, "epsilon": r**2 * (d - 1) / d, "start": start}
