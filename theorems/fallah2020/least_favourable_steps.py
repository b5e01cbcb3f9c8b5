"""Strata of one_step.py on which a term of the bounds on a step is attained.

The loss bends down at the point, as much as L allows, and the noise of Hessians is at its limit there and nowhere else, so that it
comes without noise of gradients.
"""

from __future__ import annotations

from typing import Any

from lakatos import fix
from lakatos.families import Stratum

CONCAVE = {"pieces": 1, "start": 0, "alpha_share": 1, "data_bent": 1}


def concave(**pinned: Any) -> Stratum:
    """A parabola that bends down everywhere, from its top."""
    return fix(heights=-1, w=0, centre=0, slope=0, width=1e-6, **CONCAVE, **pinned)


def kink(scale: float, longest: int, noise: float, **pinned: Any) -> Stratum:
    """A parabola that bends down as far as the inner step leads, and up from there; gradients and noise are multiples of ``scale``."""
    w = -scale / (longest + 1)
    return fix(
        heights=[[[-1, 1]]], gaps=1e-6 * scale, slope=-scale, w=w, centre=w, width=1e-6 * scale, data_linear=noise * scale, **CONCAVE,
        **pinned,
    )  # fmt: skip
