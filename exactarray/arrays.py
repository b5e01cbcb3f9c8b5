"""Array functions that mean the same on torch tensors and on object arrays of exact numbers.

In every function ``like`` is an array whose number system, dtype and device the result takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import array_api_compat
import numpy as np

from exactarray.number import Exact

Array = Any  # torch.Tensor | np.ndarray; torch is not imported here, so that a checker without it stays light.

# By type of array: the search for the library of an array takes longer than a small operation on it.
_namespaces: dict[type, Any] = {}
# Numbers as arrays, for the functions that take no plain number.
_scalars: dict[Any, Any] = {}
MOST_SCALARS = 1024
_exact = np.frompyfunc(Exact, 1, 1)
_maximum = np.frompyfunc(lambda a, b: Exact(a).maximum(b), 2, 1)
_minimum = np.frompyfunc(lambda a, b: Exact(a).minimum(b), 2, 1)


def namespace(*arrays: Array) -> Any:
    """The array-API namespace of the arrays (``array_api_compat``): ``xp.sin``, ``xp.sum``, ``xp.stack`` and the rest.

    On object arrays the elementwise functions call the methods of :class:`Exact`; reductions need an ``axis`` that leaves
    at least the batch dimension, because numpy turns a fully reduced object array into its bare element.
    """
    kind = type(arrays[0])
    if any(type(array) is not kind for array in arrays[1:]):
        return array_api_compat.array_namespace(*arrays)
    if kind not in _namespaces:
        _namespaces[kind] = array_api_compat.array_namespace(*arrays)
    return _namespaces[kind]


def is_exact(array: Array) -> bool:
    """Whether the array holds exact numbers."""
    return isinstance(array, np.ndarray) and array.dtype == object


def to_exact(array: Any) -> np.ndarray:
    """An object array of exact numbers with the values of a tensor, array or nested list, floats at their exact value."""
    if hasattr(array, "detach"):
        array = array.detach().cpu().numpy()
    return np.asarray(_exact(np.asarray(array)), dtype=object)


def to_float(array: Array) -> np.ndarray:
    """A float64 numpy array of the values (midpoints of balls)."""
    if hasattr(array, "detach"):
        return np.asarray(array.detach().cpu().numpy(), dtype=np.float64)
    return np.asarray(array, dtype=np.float64)


def array_like(values: Any, like: Array) -> Array:
    """``values`` (numbers, nested lists, arrays) as an array of the number system, dtype and device of ``like``."""
    if is_exact(like):
        return to_exact(values)
    if hasattr(values, "to"):
        return values.to(dtype=like.dtype, device=like.device)
    return namespace(like).asarray(_floats(values), dtype=like.dtype, device=array_api_compat.device(like))


def _floats(values: Any) -> Any:
    """Nested lists of any real numbers (fractions, exact numbers) as floats."""
    if isinstance(values, (list, tuple)):
        return [_floats(v) for v in values]
    return values if hasattr(values, "shape") else float(values)


def eye(n: int, like: Array) -> Array:
    """The identity matrix ``(n, n)``."""
    made = namespace(like).eye(n, dtype=like.dtype, device=array_api_compat.device(like))
    return to_exact(made) if is_exact(like) else made


def zeros(shape: Sequence[int], like: Array) -> Array:
    """Zeros of the given shape."""
    made = namespace(like).zeros(tuple(shape), dtype=like.dtype, device=array_api_compat.device(like))
    return to_exact(made) if is_exact(like) else made


def ones(shape: Sequence[int], like: Array) -> Array:
    """Ones of the given shape."""
    made = namespace(like).ones(tuple(shape), dtype=like.dtype, device=array_api_compat.device(like))
    return to_exact(made) if is_exact(like) else made


def maximum(a: Array, b: Array) -> Array:
    """Elementwise maximum; on balls an enclosure of it. Either argument may be a number."""
    return _extremum(a, b, _maximum, "maximum")


def minimum(a: Array, b: Array) -> Array:
    """Elementwise minimum; on balls an enclosure of it. Either argument may be a number."""
    return _extremum(a, b, _minimum, "minimum")


def _extremum(a: Array, b: Array, exact: np.ufunc, name: str) -> Array:
    if is_exact(a) or is_exact(b):
        return exact(a, b)
    like = a if hasattr(a, "dtype") else b
    a, b = (x if hasattr(x, "dtype") else _scalar(float(x), like) for x in (a, b))
    # The method of a tensor is several times faster than the function of its namespace, which looks at types first.
    method = getattr(a, name, None)
    return method(b) if method is not None else getattr(namespace(like), name)(a, b)


def _scalar(value: float, like: Array) -> Array:
    """A float as an array without axes."""
    key = value, like.dtype, like.device, type(like)
    if key not in _scalars:
        if len(_scalars) == MOST_SCALARS:
            _scalars.clear()
        _scalars[key] = array_like(value, like)
    return _scalars[key]


def amax(array: Array, axis: int) -> Array:
    """Maximum along one axis; on balls an enclosure of it."""
    if is_exact(array):
        return reduce(maximum, np.moveaxis(array, axis, 0))
    return namespace(array).max(array, axis=axis)


def amin(array: Array, axis: int) -> Array:
    """Minimum along one axis; on balls an enclosure of it."""
    if is_exact(array):
        return reduce(minimum, np.moveaxis(array, axis, 0))
    return namespace(array).min(array, axis=axis)
