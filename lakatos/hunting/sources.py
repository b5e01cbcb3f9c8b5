"""The sources of instances: random batches with corners in them, and arrays drawn by Hypothesis."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import torch
from hypothesis import strategies as st

from exactarray import array_like
from lakatos.domains import Domain, Shape, Sign
from lakatos.errors import ClaimError
from lakatos.families import Choices

# A pattern longer than this is tiled: Hypothesis pays for every element it draws, and its shrinker and its sense of
# structure work on short sequences.
LONGEST_PATTERN = 24


@lru_cache(maxsize=1024)
def _palette(domain: Domain, device: torch.device) -> torch.Tensor:
    """The simple values of a domain; a family asks for the same ones in every batch."""
    return torch.tensor([float(v) for v in domain.palette], dtype=torch.float64, device=device)


@lru_cache(maxsize=1024)
def _patterns(domain: Domain, entries: int) -> st.SearchStrategy[list[Fraction]]:
    """Short lists of simple values; Hypothesis looks into a strategy anew each time one is made."""
    return st.lists(st.sampled_from(domain.palette), min_size=min(entries, 1), max_size=max(1, min(entries, LONGEST_PATTERN)))


class RandomSource:
    """Independent instances, a third of them at corners.

    A corner has simple entries (zero, one, minus one, the ends of an interval), equal entries, or equal slices along the
    first axis (identical tasks, repeated rows): the degenerate and extremal cases that continuous draws never hit.

    Parameters
    ----------
    batch, generator:
        Number of instances; the stream of the primitives, whose device they live on.
    chooser:
        The stream of the structure.
    pinned:
        Values for some draws, by name: those of a stratum, or a structure to stay with.
    """

    def __init__(
        self, batch: int, generator: torch.Generator, chooser: random.Random, pinned: Mapping[str, Any] | None = None
    ) -> None:
        self.batch = batch
        self.generator, self._chooser, self._pinned = generator, chooser, dict(pinned or {})
        style = torch.rand(batch, generator=generator, dtype=torch.float64, device=generator.device)
        # Rows are of one style in all their primitives, so that several of them are simple at once.
        self._share = torch.where(style < 0.15, 1.0, torch.where(style < 0.35, 0.5, 0.0))

    def structure(self, name: str, choices: Choices) -> Any:
        """A pinned value, or a random one that prefers the simple."""
        if name in self._pinned:
            return self._pinned[name]
        values = choices.values
        if self._chooser.random() < 0.5:
            return values[min(int(self._chooser.expovariate(1.0)), len(values) - 1)]
        return self._chooser.choice(values)

    def primitive(self, name: str, shape: Shape, domain: Domain) -> torch.Tensor:
        """Random values, simple in the rows that are corners."""
        full = (self.batch, *shape)
        if name in self._pinned:
            value = self.constant(self._pinned[name])
            try:
                return value.expand(full).clone()
            except RuntimeError:
                raise ClaimError(
                    f"A stratum pins {name!r} to a value of shape {tuple(value.shape)}; on this structure the family draws {shape}. "
                    "Pin the structure that it belongs to as well."
                ) from None
        values = domain.random(full, self.generator)
        return values if isinstance(domain, Sign) else self._cornered(values, domain)

    def constant(self, values: Any) -> torch.Tensor:
        """Numbers as float64 on the device."""
        return array_like(values, torch.empty(0, dtype=torch.float64, device=self.generator.device))

    def _uniform(self, *shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=self.generator, dtype=torch.float64, device=self.generator.device)

    def _cornered(self, values: torch.Tensor, domain: Domain) -> torch.Tensor:
        rows = (self.batch,) + (1,) * (values.ndim - 1)
        palette = _palette(domain, values.device)
        simple = palette[(self._uniform(*values.shape) * len(palette)).long()]
        values = torch.where(self._uniform(*values.shape) < self._share.reshape(rows), simple, values)
        if values.ndim == 1:
            return values
        how = torch.where(self._share > 0, self._uniform(self.batch), 1.0).reshape(rows)
        first = values[:, :1]
        single = values.reshape(self.batch, -1)[:, :1].reshape(rows) if values[0].numel() else values
        return torch.where(how < 0.2, first.expand_as(values), torch.where(how < 0.35, single.expand_as(values), values))


class StructuredSource:
    """One structure and one array per primitive, both drawn by Hypothesis; the batch explores around them.

    The first instance is the drawn one. In the others a growing share of the entries is replaced by random values, so that
    each example covers every face of the corner that it drew.
    """

    def __init__(self, data: st.DataObject, batch: int, generator: torch.Generator) -> None:
        self.batch = batch
        self._data = data
        self._around = RandomSource(batch, generator, random.Random(0))
        self._kept = torch.linspace(0, 1, batch, dtype=torch.float64, device=generator.device) ** 2

    def structure(self, name: str, choices: Choices) -> Any:
        """A choice drawn by Hypothesis."""
        return self._data.draw(st.sampled_from(choices.values), label=name)

    def primitive(self, name: str, shape: Shape, domain: Domain) -> torch.Tensor:
        """The drawn array in the first row, and its neighbourhood below."""
        entries = 1
        for axis in shape:
            entries *= axis
        pattern = self._data.draw(_patterns(domain, entries), label=name)
        around = self._around.primitive(name, shape, domain)
        if not entries:
            return around
        tiled = [float(pattern[i % len(pattern)]) for i in range(entries)]
        drawn = torch.tensor(tiled, dtype=torch.float64, device=around.device).reshape((1, *shape))
        replaced = torch.rand(around.shape, generator=self._around.generator, dtype=torch.float64, device=around.device)
        return torch.where(replaced < self._kept.reshape((-1,) + (1,) * len(shape)), around, drawn)

    def constant(self, values: Any) -> torch.Tensor:
        """Numbers as float64 on the device."""
        return self._around.constant(values)
