"""What every algorithm asks of its arguments: one check of shapes, number systems, rates and regular systems.

Each refusal is a ValueError that names the argument and its shape.
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from torch import Tensor
from torch.linalg import LinAlgError  # type: ignore[attr-defined]

from exactarray import Undecidable, is_exact, solve
from exactarray.arrays import Array


class Singular(ValueError, ZeroDivisionError, LinAlgError):  # type: ignore[misc]
    """A system without a unique solution; also what exact numbers and torch raise for one."""


class Shapes:
    """The arguments of one call: sizes that carry the same name are equal, and all arrays share one number system.

    ``shapes = Shapes()``, then ``shapes("B", B, "batch d width")`` and ``shapes("w", w, "batch width")``. A size is a name, a
    number, or alternatives such as ``k|1``; a leading ``...`` stands for any axes that broadcast with those of the other
    arrays. Keywords fix sizes beforehand.
    """

    def __init__(self, **sizes: int) -> None:
        self._sizes: dict[str, tuple[int, str]] = {name: (size, "") for name, size in sizes.items()}
        self._lead: tuple[int, ...] = ()
        self._system: tuple[str, str] | None = None

    def __call__(self, name: str, array: Array, wanted: str, *, least: int = 0) -> None:
        """Check one array; ``least`` is the smallest size its last two axes may have.

        Raises
        ------
        ValueError
            when its shape, dtype or device does not fit, naming the argument and its shape.
        """
        if not hasattr(array, "shape"):
            raise ValueError(f"{name} is a {type(array).__name__}; an array ({_listed(wanted.split())}) is needed")
        shape, axes = tuple(array.shape), wanted.split()
        leading = axes[0] == "..."
        trailing = axes[1:] if leading else axes
        cut = len(shape) - len(trailing)
        if cut < 0 or (cut > 0 and not leading):
            raise ValueError(f"{name} has shape {shape}; ({_listed(axes)}) is needed")
        for axis, size in zip(trailing, shape[cut:], strict=True):
            if not self._fits(axis, size, f"{name} {shape}"):
                raise ValueError(f"{name} has shape {shape}; ({_listed(axes)}) is needed{self._known(axes)}")
        if any(size < least for size in shape[max(cut, len(shape) - 2) :]):
            raise ValueError(f"{name} has shape {shape}; ({_listed(axes)}) is needed, each of the last two at least {least}")
        if leading:
            try:
                self._lead = np.broadcast_shapes(self._lead, shape[:cut])
            except ValueError:
                raise ValueError(f"{name} has shape {shape}; its leading axes must broadcast with {self._lead}") from None
        self._check_system(name, array)

    def _fits(self, axis: str, size: int, where: str) -> bool:
        choices = axis.split("|")
        if any(choice.isdigit() and size == int(choice) for choice in choices):
            return True
        named = [choice for choice in choices if not choice.isdigit()]
        if not named:
            return False
        return self._sizes.setdefault(named[0], (size, where))[0] == size

    def _known(self, axes: list[str]) -> str:
        named = [name for axis in axes for name in axis.split("|") if name in self._sizes]
        known = [f"{name} = {self._sizes[name][0]}" for name in named]
        sources = dict.fromkeys(self._sizes[name][1] for name in named if self._sizes[name][1])
        return f" with {', '.join(known)}" + (f" as in {' and '.join(sources)}" if sources else "") if known else ""

    def _check_system(self, name: str, array: Array) -> None:
        system = _system(array)
        if system is None:
            raise ValueError(
                f"{name} has shape {tuple(array.shape)} and holds {array.dtype}; floats or exact numbers are needed"
            )
        first, known = self._system or (name, system)
        if system != known:
            raise ValueError(f"{name} has shape {tuple(array.shape)} and holds {system}, but {first} holds {known}")
        self._system = (first, known)


def positive(name: str, array: Array) -> None:
    """Raise ValueError when an entry is zero or negative; what rounding leaves open passes."""
    if _any(array, lambda entries: entries <= 0):
        raise ValueError(f"{name} of shape {tuple(array.shape)} must be positive everywhere")


def nonnegative(name: str, array: Array) -> None:
    """Raise ValueError when an entry is negative; what rounding leaves open passes."""
    if _any(array, lambda entries: entries < 0):
        raise ValueError(f"{name} of shape {tuple(array.shape)} must not be negative")


def count(name: str, number: Any, least: int = 0) -> None:
    """Raise ValueError unless ``number`` is an integer of at least ``least``."""
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
        raise ValueError(f"{name} is {number!r}; an integer of at least {least} is needed")


def is_infinite(number: Any) -> bool:
    """Whether ``number`` is the float ``inf``, which stands for a limit; arrays never are."""
    return isinstance(number, float) and number == inf


def solve_regular(name: str, a: Array, b: Array) -> Array:
    """The solution of ``a @ x = b``.

    Raises
    ------
    Singular
        where ``a`` is singular, naming what it is and its shape.
    """
    try:
        return solve(a, b)
    except (ZeroDivisionError, LinAlgError) as error:
        raise Singular(
            f"{name} of shape {tuple(a.shape)} is singular for some instance, so nothing unique solves it"
        ) from error


def _any(array: Array, condition: Any) -> bool:
    if not is_exact(array):
        return bool(condition(array).any())
    for entry in array.flat:
        try:
            if condition(entry):
                return True
        except Undecidable:
            continue
    return False


def _system(array: Array) -> str | None:
    if is_exact(array):
        return "exact numbers"
    if isinstance(array, Tensor):
        return f"{array.dtype} on {array.device}" if array.is_floating_point() else None
    return str(array.dtype) if np.issubdtype(array.dtype, np.floating) else None


def _listed(axes: list[str]) -> str:
    return ", ".join(axis.replace("|", " or ") for axis in axes) + ("," if len(axes) == 1 else "")
