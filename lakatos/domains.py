"""Where a primitive lives: how to draw it, its corners, and its unconstrained latent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, nextafter
from typing import Any

import torch

Shape = tuple[int, ...]

# Half of the rows keep unit scale, the others spread over this many decades to each side: bounds that mix powers of a
# quantity break far from 1.
DECADES = 2.0


def _uniform(shape: Shape, generator: torch.Generator) -> torch.Tensor:
    return torch.rand(shape, generator=generator, dtype=torch.float64, device=generator.device)


def _normal(shape: Shape, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64, device=generator.device)


def _row_scales(shape: Shape, generator: torch.Generator) -> torch.Tensor:
    rows = (shape[0],) + (1,) * (len(shape) - 1)
    wide = _uniform(rows, generator) < 0.5
    decades = (2 * _uniform(rows, generator) - 1) * DECADES
    return torch.where(wide, 10**decades, torch.ones_like(decades))


@dataclass(frozen=True)
class Real:
    """All real numbers, of typical size ``scale``."""

    scale: float = 1.0

    @property
    def palette(self) -> tuple[Fraction, ...]:
        """The simple values that a corner is made of."""
        return tuple(Fraction(v) for v in (0, 1, -1, 2, -2, Fraction(1, 2)))

    def random(self, shape: Shape, generator: torch.Generator) -> torch.Tensor:
        """Independent values ``shape``, the first axis being the batch."""
        return self.scale * _row_scales(shape, generator) * _normal(shape, generator)

    def to_latent(self, values: torch.Tensor) -> torch.Tensor:
        """The unconstrained number behind each value."""
        return values / self.scale

    def from_latent(self, latent: torch.Tensor) -> torch.Tensor:
        """Inverse of :meth:`to_latent`, differentiable."""
        return latent * self.scale

    def contains(self, value: Fraction) -> bool:
        """Whether a value is allowed."""
        return True


@dataclass(frozen=True)
class Positive(Real):
    """Positive numbers; with ``zero`` also zero itself."""

    zero: bool = False

    @property
    def palette(self) -> tuple[Fraction, ...]:
        """The simple values that a corner is made of."""
        corner = (Fraction(0),) if self.zero else ()
        return (*corner, Fraction(1), Fraction(2), Fraction(1, 2), Fraction(10))

    def random(self, shape: Shape, generator: torch.Generator) -> torch.Tensor:
        """Independent values ``shape``, the first axis being the batch."""
        return self.scale * _row_scales(shape, generator) * torch.exp(_normal(shape, generator))

    def to_latent(self, values: torch.Tensor) -> torch.Tensor:
        """The logarithm; zero is minus infinity, where the gradient vanishes and an ascent stays."""
        return torch.log(values / self.scale)

    def from_latent(self, latent: torch.Tensor) -> torch.Tensor:
        """Inverse of :meth:`to_latent`, differentiable."""
        return self.scale * torch.exp(latent)

    def contains(self, value: Fraction) -> bool:
        """Whether a value is allowed."""
        return value > 0 or (self.zero and value == 0)


def _simplest(end: Any) -> Fraction:
    """The simplest fraction that reads back as the same float."""
    if isinstance(end, float):
        for denominator in (1, 100, 10_000, 1_000_000):
            simple = Fraction(end).limit_denominator(denominator)
            if float(simple) == end:
                return simple
        return Fraction(repr(end))
    return Fraction(int(end.p), int(end.q)) if hasattr(end, "q") and hasattr(end, "p") else Fraction(end)


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends; ``closed`` names the ends that belong to it: both, left, right or neither."""

    low: Any
    high: Any
    closed: str = "both"

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"interval({self.low}, {self.high}): the lower end must lie below the upper end")
        if self.closed not in ("both", "left", "right", "neither"):
            raise ValueError(f"interval(closed={self.closed!r}): use 'both', 'left', 'right' or 'neither'")

    @cached_property
    def ends(self) -> tuple[Fraction, Fraction]:
        """Both ends exactly; a float end is the simplest fraction that rounds to it (1/3, not its binary value)."""
        return _simplest(self.low), _simplest(self.high)

    @property
    def palette(self) -> tuple[Fraction, ...]:
        """The ends that belong to the interval, and its middle."""
        low, high = self.ends
        ends = ((low,) if self.closed in ("both", "left") else ()) + ((high,) if self.closed in ("both", "right") else ())
        return (*ends, (low + high) / 2)

    def random(self, shape: Shape, generator: torch.Generator) -> torch.Tensor:
        """Independent values ``shape``, the first axis being the batch: uniform, or crowded at the ends."""
        crowded = _uniform((shape[0],) + (1,) * (len(shape) - 1), generator) < 0.25
        fraction = torch.where(crowded, torch.sigmoid(6 * _normal(shape, generator)), _uniform(shape, generator))
        # A uniform draw can round to an end; open ends are pushed inside by the smallest step that survives rounding.
        return self._inside(float(self.low) + float(self.high - self.low) * fraction)

    def _inside(self, values: torch.Tensor) -> torch.Tensor:
        step = 1e-12 * float(self.high - self.low)
        low, high = float(self.low), float(self.high)
        if self.closed not in ("both", "left"):
            low = max(low + step, nextafter(low, inf))
        if self.closed not in ("both", "right"):
            high = min(high - step, nextafter(high, -inf))
        return values.clamp(low, high)

    def to_latent(self, values: torch.Tensor) -> torch.Tensor:
        """The logit; an end is infinite, where the gradient vanishes and an ascent stays."""
        return torch.logit((values - float(self.low)) / float(self.high - self.low))

    def from_latent(self, latent: torch.Tensor) -> torch.Tensor:
        """Inverse of :meth:`to_latent`, differentiable."""
        return self._inside(float(self.low) + float(self.high - self.low) * torch.sigmoid(latent))

    def contains(self, value: Fraction) -> bool:
        """Whether a value is allowed."""
        low, high = self.ends
        above = value >= low if self.closed in ("both", "left") else value > low
        below = value <= high if self.closed in ("both", "right") else value < high
        return above and below


@dataclass(frozen=True)
class Sign:
    """Plus one or minus one."""

    @property
    def palette(self) -> tuple[Fraction, ...]:
        """Both signs."""
        return (Fraction(1), Fraction(-1))

    def random(self, shape: Shape, generator: torch.Generator) -> torch.Tensor:
        """Independent signs ``shape``."""
        return torch.where(_uniform(shape, generator) < 0.5, -1.0, 1.0).to(torch.float64)

    def to_latent(self, values: torch.Tensor) -> torch.Tensor:
        """The sign itself: an ascent does not move it."""
        return values

    def from_latent(self, latent: torch.Tensor) -> torch.Tensor:
        """The sign, cut from the graph."""
        return latent.detach()

    def contains(self, value: Fraction) -> bool:
        """Whether a value is allowed."""
        return value in (1, -1)


Domain = Real | Positive | Interval | Sign
