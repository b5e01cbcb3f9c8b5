"""One text, two number systems: array code that runs alike on torch tensors and on exact numbers.

An algorithm written with the functions of this package and the operators of Python runs on float64 torch tensors (to
search, on any device) and, unchanged, on numpy object arrays of :class:`Exact` numbers (to certify). The array namespace
itself comes from ``array_api_compat``; this package adds the exact number type and the few operations that numpy does not
offer on object arrays.
"""

from exactarray.arrays import (
    amax,
    amin,
    array_like,
    eye,
    is_exact,
    maximum,
    minimum,
    namespace,
    ones,
    to_exact,
    to_float,
    zeros,
)
from exactarray.linalg import eigvalsh, inv, norm, solve, spectral_norm
from exactarray.number import Exact, Undecidable, arithmetic, operations

__all__ = [
    "Exact",
    "Undecidable",
    "amax",
    "amin",
    "arithmetic",
    "array_like",
    "eigvalsh",
    "eye",
    "inv",
    "is_exact",
    "maximum",
    "minimum",
    "namespace",
    "norm",
    "ones",
    "operations",
    "solve",
    "spectral_norm",
    "to_exact",
    "to_float",
    "zeros",
]
