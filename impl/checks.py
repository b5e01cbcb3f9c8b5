"""What every algorithm asks of its arguments: one check of shapes, number systems, rates and regular systems.

Each refusal is a ValueError that names the argument and its shape.
"""

from __future__ import annotations

from functools import cache
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
        self._sizes: dict[str, tuple[int, str, tuple[int, ...]]] = {name: (size, "", ()) for name, size in sizes.items()}
        self._lead: tuple[int, ...] = ()
        self._system: tuple[str, tuple[Any, ...]] | None = None

    def __call__(self, name: str, array: Array, wanted: str, *, least: int = 0) -> None:
        """Check one array; ``least`` is the smallest size its last two axes may have.

        Raises
        ------
        ValueError
            when its shape, dtype or device does not fit, naming the argument and its shape.
        """
        leading, axes = _parsed(wanted)
        if not hasattr(array, "shape"):
            raise ValueError(f"{name} is a {type(array).__name__}; an array ({_listed(wanted)}) is needed")
        shape = tuple(array.shape)
        cut = len(shape) - len(axes)
        if cut < 0 or (cut > 0 and not leading):
            raise ValueError(f"{name} has shape {shape}; ({_listed(wanted)}) is needed")
        for (label, numbers), size in zip(axes, shape[cut:], strict=True):
            if size in numbers:
                continue
            if not label or self._sizes.setdefault(label, (size, name, shape))[0] != size:
                raise ValueError(f"{name} has shape {shape}; ({_listed(wanted)}) is needed{self._known(wanted)}")
        if least and any(size < least for size in shape[max(cut, len(shape) - 2) :]):
            raise ValueError(f"{name} has shape {shape}; ({_listed(wanted)}) is needed, each of the last two at least {least}")
        if leading:
            try:
                self._lead = np.broadcast_shapes(self._lead, shape[:cut])
            except ValueError:
                raise ValueError(f"{name} has shape {shape}; its leading axes must broadcast with {self._lead}") from None
        system = _system(array)
        if system[0] is None:
            raise ValueError(f"{name} has shape {shape} and holds {system[1]}; floats or exact numbers are needed")
        if self._system is None:
            self._system = name, system
        elif system != self._system[1]:
            held, first, known = _words(system), self._system[0], _words(self._system[1])
            raise ValueError(f"{name} has shape {shape} and holds {held}, but {first} holds {known}")

    def _known(self, wanted: str) -> str:
        named = [label for label, _ in _parsed(wanted)[1] if label in self._sizes]
        known = [f"{label} = {self._sizes[label][0]}" for label in named]
        sources = dict.fromkeys(f"{name} {shape}" for _, name, shape in (self._sizes[label] for label in named) if name)
        return f" with {', '.join(known)}" + (f" as in {' and '.join(sources)}" if sources else "") if known else ""


def has_shape(name: str, array: Array, shape: tuple[int, ...]) -> None:
    """Raise ValueError, naming the argument and its shape, unless the array has exactly this one."""
    if tuple(array.shape) != tuple(shape):
        raise ValueError(f"{name} has shape {tuple(array.shape)}; it must be {tuple(shape)}")


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


def _system(array: Array) -> tuple[Any, ...]:
    """Kind of number, dtype and device; the kind of what is neither float nor exact is None."""
    if isinstance(array, Tensor):
        return ("torch" if array.dtype.is_floating_point else None), array.dtype, array.device
    if is_exact(array):
        return ("exact numbers",)
    return ("numpy" if np.issubdtype(array.dtype, np.floating) else None), array.dtype


def _words(system: tuple[Any, ...]) -> str:
    return " on ".join(str(part) for part in (system[1:] or system))


@cache
def _parsed(wanted: str) -> tuple[bool, tuple[tuple[str, tuple[int, ...]], ...]]:
    """Whether leading axes are free, and for each other axis its name, if any, and the numbers it may be as well."""
    axes = wanted.split()
    leading = axes[:1] == ["..."]
    parsed = []
    for axis in axes[leading:]:
        choices = axis.split("|")
        names = [choice for choice in choices if not choice.isdigit()]
        parsed.append((names[0] if names else "", tuple(int(choice) for choice in choices if choice.isdigit())))
    return leading, tuple(parsed)


def _listed(wanted: str) -> str:
    axes = wanted.split()
    return ", ".join(axis.replace("|", " or ") for axis in axes) + ("," if len(axes) == 1 else "")
