"""The kinds of claim, each with its own decision rule.

Expectation, probability, existence and reproduction claims have no rule yet; an expectation that is exact (by enumeration or
in closed form) is an ``Inequality`` or ``Identity`` whose measured side averages.
"""

from lakatos.kinds.base import Kind
from lakatos.kinds.grid import OnGrid, Rate, Trend
from lakatos.kinds.limit import Limit
from lakatos.kinds.pointwise import Identity, Inequality, Pointwise

__all__ = ["Identity", "Inequality", "Kind", "Limit", "OnGrid", "Pointwise", "Rate", "Trend"]
