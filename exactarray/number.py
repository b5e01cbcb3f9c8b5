"""The exact number: a rational while it can be one, a ball that encloses the true value when it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any

import flint

# A rational whose numerator and denominator together need more bits than this becomes a ball: iterated maps square the
# height at every step, and a run that grinds to a halt certifies nothing.
TALLEST_RATIONAL_BITS = 1 << 14


class Undecidable(ArithmeticError):
    """Two balls overlap, so that the comparison the program asked for has no certain answer at this precision."""


# A float with more significant bits than this is taken for a rounded constant (0.1, math.sqrt(2)) where that matters.
LONGEST_EXACT_FLOAT_BITS = 32
# Relative radius that covers the rounding of such a constant, a short computation on constants included.
ROUNDED_CONSTANT_RADIUS = 2.0**-44


@dataclass
class _Mode:
    rounded: bool = False
    strict: bool = False
    operations: int = 0


_mode = _Mode()


def operations() -> int:
    """Arithmetic operations on exact numbers so far in this process: a measure of work that no clock disturbs."""
    return _mode.operations


def constant(name: str) -> Exact:
    """A mathematical constant as a ball: "pi", "E" or "EulerGamma"."""
    return _kept({"pi": flint.arb.pi, "E": flint.arb.const_e, "EulerGamma": flint.arb.const_euler}[name]())


@contextmanager
def arithmetic(bits: int, *, rounded: bool = False, strict: bool = False) -> Iterator[None]:
    """Run a block with balls of ``bits`` bits.

    With ``rounded=True`` every ball is replaced by its midpoint after each operation: ordinary multiprecision arithmetic,
    for runs so long that enclosures would blow up. Its results are approximations, never proofs.

    With ``strict=True`` nothing rounded passes for exact: a float that looks rounded (0.1, math.sqrt(2)) becomes a ball
    around it, and turning an exact number into a float raises TypeError. What is concluded then is a proof.
    """
    before = flint.ctx.prec, _mode.rounded, _mode.strict
    flint.ctx.prec, _mode.rounded, _mode.strict = bits, rounded, strict
    try:
        yield
    finally:
        flint.ctx.prec, _mode.rounded, _mode.strict = before


def _raw(number: object) -> flint.fmpq | flint.arb | None:
    """The flint number that equals ``number``, or None for what is not a real number."""
    if isinstance(number, Exact):
        return number.value
    if isinstance(number, (flint.fmpq, flint.arb)):
        return number
    if getattr(number, "ndim", 0):
        return None  # an array: numpy applies the operation elementwise
    if str(getattr(number, "dtype", "")) == "object":
        return _raw(number.item())  # type: ignore[attr-defined]
    if isinstance(number, (bool, Integral)):
        return flint.fmpq(int(number))
    if isinstance(number, Rational):
        return flint.fmpq(int(number.numerator), int(number.denominator))
    try:
        as_float = float(number)  # type: ignore[arg-type]
        fraction = Fraction(as_float)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return flint.arb(as_float)
    if _mode.strict and fraction.numerator and _significant_bits(fraction.numerator) > LONGEST_EXACT_FLOAT_BITS:
        return flint.arb(as_float, abs(as_float) * ROUNDED_CONSTANT_RADIUS)
    return flint.fmpq(fraction.numerator, fraction.denominator)


def _is_array(number: object) -> bool:
    """Whether numpy is to compare elementwise."""
    return bool(getattr(number, "ndim", 0))


def _significant_bits(numerator: int) -> int:
    return abs(numerator).bit_length() - (numerator & -numerator).bit_length() + 1


def _kept(value: flint.fmpq | flint.arb) -> Exact:
    _mode.operations += 1
    if isinstance(value, flint.fmpq):
        if value.height_bits() > TALLEST_RATIONAL_BITS:
            value = flint.arb(value)
        else:
            return Exact._of(value)
    return Exact._of(value.mid() if _mode.rounded else value)


def _binary(operation: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: Exact, other: object) -> Any:
        b = _raw(other)
        return NotImplemented if b is None else _kept(operation(self.value, b))

    def backward(self: Exact, other: object) -> Any:
        a = _raw(other)
        return NotImplemented if a is None else _kept(operation(a, self.value))

    return forward, backward


def _product(a: Any, b: Any) -> Any:
    """The product; exactly zero where a factor is, so that a vanishing term leaves its sum rational."""
    for zero, other in ((a, b), (b, a)):
        if isinstance(zero, flint.fmpq) and zero == 0 and (isinstance(other, flint.fmpq) or other.is_finite()):
            return zero
    return a * b


def _integer_power(base: Any, exponent: int) -> Any:
    """The power by repeated squaring: flint's own takes a logarithm, which a ball around zero lacks."""
    if isinstance(base, flint.fmpq):
        return base**exponent
    power, square, left = flint.arb(1), base, abs(exponent)
    while left:
        if left & 1:
            power = power * square
        left >>= 1
        square = square * square if left else square
    return power if exponent >= 0 else 1 / power


def _function(name: str, at_zero: int | None = None) -> Callable[[Exact], Exact]:
    def apply(self: Exact) -> Exact:
        if at_zero is not None and self.value == 0:
            return Exact._of(flint.fmpq(at_zero))
        return _kept(getattr(flint.arb(self.value), name)())

    apply.__name__ = name
    return apply


class Exact:
    """A real number that is either an exact rational or a ball that provably contains the true value.

    Arithmetic keeps rationals rational. A root or a transcendental function gives a ball (unless the result is rational).
    A comparison answers only when it is certain; overlapping balls raise :class:`Undecidable`, so that no branch of a
    program is ever taken on a guess. Floats are taken at their exact binary value.

    Raises
    ------
    TypeError
        when built from something that is not a real number.
    """

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]
    value: flint.fmpq | flint.arb

    def __init__(self, number: object) -> None:
        value = _raw(number)
        if value is None:
            raise TypeError(f"{number!r} is not a real number")
        self.value = value

    @classmethod
    def _of(cls, value: flint.fmpq | flint.arb) -> Exact:
        made = object.__new__(cls)
        made.value = value
        return made

    @property
    def is_rational(self) -> bool:
        """Whether the number is known exactly."""
        return isinstance(self.value, flint.fmpq)

    @property
    def radius(self) -> float:
        """Radius of the enclosing ball; 0 for a rational."""
        return 0.0 if self.is_rational else float(self.value.rad())

    def fraction(self) -> Fraction:
        """The number as a ``Fraction``; raises :class:`Undecidable` for a ball."""
        if not self.is_rational:
            raise Undecidable(f"{self} is a ball, not a rational")
        return Fraction(int(self.value.p), int(self.value.q))

    __add__, __radd__ = _binary(lambda a, b: a + b)
    __sub__, __rsub__ = _binary(lambda a, b: a - b)
    __mul__, __rmul__ = _binary(_product)
    __truediv__, __rtruediv__ = _binary(lambda a, b: a / b)

    def __pow__(self, exponent: object) -> Exact:
        power = _raw(exponent)
        if power is None:
            return NotImplemented
        if isinstance(power, flint.fmpq) and power.q == 1:
            return _kept(_integer_power(self.value, int(power.p)))
        if isinstance(power, flint.fmpq) and power.q == 2:
            return _kept(_integer_power(self.sqrt().value, int(power.p)))
        return _kept(flint.arb(self.value) ** flint.arb(power))

    def __rpow__(self, base: object) -> Exact:
        return Exact(base) ** self

    def __neg__(self) -> Exact:
        return Exact._of(-self.value)

    def __pos__(self) -> Exact:
        return self

    def __abs__(self) -> Exact:
        return Exact._of(abs(self.value))

    def sqrt(self) -> Exact:
        """Square root; rational where the root is. Raises ValueError below zero."""
        if isinstance(self.value, flint.fmpq):
            if self.value < 0:
                raise ValueError(f"square root of the negative number {self}")
            try:
                return Exact._of(self.value.sqrt())
            except flint.utils.flint_exceptions.DomainError:
                pass
        return _kept(flint.arb(self.value).sqrt())

    exp = _function("exp", at_zero=1)
    expm1 = _function("expm1", at_zero=0)
    sin = _function("sin", at_zero=0)
    cos = _function("cos", at_zero=1)
    tan = _function("tan", at_zero=0)
    sinh = _function("sinh", at_zero=0)
    cosh = _function("cosh", at_zero=1)
    tanh = _function("tanh", at_zero=0)
    arctan = _function("atan", at_zero=0)
    log1p = _function("log1p", at_zero=0)

    def log(self) -> Exact:
        """Natural logarithm; rational only at 1. Raises ValueError at and below zero."""
        if self.is_rational and self.value <= 0:
            raise ValueError(f"logarithm of {self}, which is not positive")
        return Exact(0) if self.is_rational and self.value == 1 else _kept(flint.arb(self.value).log())

    def conjugate(self) -> Exact:
        """The number itself, which is real."""
        return self

    def maximum(self, other: object) -> Exact:
        """The larger of two numbers; an enclosure of it when balls overlap."""
        b = Exact(other)
        if self.is_rational and b.is_rational:
            return self if self.value >= b.value else b
        return _kept(flint.arb(self.value).max(flint.arb(b.value)))

    def minimum(self, other: object) -> Exact:
        """The smaller of two numbers; an enclosure of it when balls overlap."""
        return -((-self).maximum(-Exact(other)))

    def _certain(self, other: object, relation: str) -> bool:
        b = _raw(other)
        if b is None:
            raise TypeError(f"cannot compare an exact number with {other!r}")
        a: Any = self.value
        if isinstance(a, flint.fmpq) and isinstance(b, flint.fmpq):
            return bool({"<": a < b, "<=": a <= b, "==": a == b}[relation])
        a, b = flint.arb(a), flint.arb(b)
        yes, no = {"<": (a < b, a >= b), "<=": (a <= b, a > b), "==": (a == b, a != b)}[relation]
        if yes == no:
            raise Undecidable(f"cannot decide whether {a} {relation} {b}: the enclosures overlap")
        return bool(yes)

    def __lt__(self, other: object) -> bool:
        return NotImplemented if _is_array(other) else self._certain(other, "<")

    def __le__(self, other: object) -> bool:
        return NotImplemented if _is_array(other) else self._certain(other, "<=")

    def __gt__(self, other: object) -> bool:
        return NotImplemented if _is_array(other) else not self._certain(other, "<=")

    def __ge__(self, other: object) -> bool:
        return NotImplemented if _is_array(other) else not self._certain(other, "<")

    def __eq__(self, other: object) -> bool:
        if _is_array(other):
            return NotImplemented
        return False if _raw(other) is None else self._certain(other, "==")

    def __bool__(self) -> bool:
        return self != 0

    def __float__(self) -> float:
        if _mode.strict:
            raise TypeError("the computation turns an exact number into a float, after which nothing is proved")
        if isinstance(self.value, flint.fmpq):
            return float(self.fraction())
        return float(self.value.mid())

    def __repr__(self) -> str:
        return str(self.value) if self.is_rational else self.value.str(18)
