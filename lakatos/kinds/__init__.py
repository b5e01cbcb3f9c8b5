"""The kinds of claim, each with its own decision rule.

An expectation that is exact (by enumeration or in closed form) is an ``Inequality`` or ``Identity`` whose measured side averages;
``Expectation`` is for those that must be sampled.
"""

from lakatos.kinds.base import Kind
from lakatos.kinds.existence import Existence
from lakatos.kinds.grid import OnGrid, Rate, Trend
from lakatos.kinds.limit import Limit
from lakatos.kinds.pointwise import Identity, Inequality, Pointwise
from lakatos.kinds.reproduction import Cell, Reproduction
from lakatos.kinds.sampled import Expectation, Probability, Sampled

__all__ = [
    "Cell",
    "Existence",
    "Expectation",
    "Identity",
    "Inequality",
    "Kind",
    "Limit",
    "OnGrid",
    "Pointwise",
    "Probability",
    "Rate",
    "Reproduction",
    "Sampled",
    "Trend",
]
