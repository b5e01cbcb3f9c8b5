"""Printed tables and figures, run again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lakatos.kinds.base import Kind

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_SHOWN = 4


@dataclass(frozen=True)
class Cell:
    """A printed number.

    Parameters
    ----------
    name, text:
        Its place in the table, and the number as printed, such as "0.83 ± 0.02" or "≈ 3".
    value, half_unit:
        The number, and half a unit of its last printed digit.
    """

    name: str
    text: str
    value: float
    half_unit: float


def _cell(name: str, text: str) -> Cell:
    found = _NUMBER.search(text.replace("\N{MINUS SIGN}", "-"))
    if found is None:
        raise ValueError(f"Reproduction: the cell {name!r} is printed as {text!r}, in which there is no number")
    number = Decimal(found.group())
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return Cell(name, text, float(number), float(Decimal(1).scaleb(exponent) / 2))


@dataclass(frozen=True)
class Reproduction(Kind):
    """The printed experiment gives the printed numbers, cell by cell.

    A random experiment's measured side takes ``repetitions`` (an int) and ``generator`` and returns that many independent
    repetitions ``(repetitions, cells)``; a deterministic one returns ``(1, cells)``. The cells are in the order of ``printed``.

    A printed number is the mean of ``runs`` repetitions, rounded. It is reproduced when it lies in the prediction interval of such
    a mean, ``m ± t s sqrt(1/n + 1/runs)`` with mean m and standard deviation s of the n repetitions and Student's quantile t at
    ``error`` shared by the cells, widened by half a unit of its last digit. One cell outside refutes. A cell whose interval is
    wider than ``resolution`` times the printed number shows nothing, and leaves the claim undecided.

    Parameters
    ----------
    printed:
        The numbers as printed, by the name of their cell.
    runs:
        Repetitions behind each printed number.
    repetitions:
        Repetitions that are measured.
    resolution:
        Half-width of an interval, relative to the printed number, beyond which it shows nothing.
    error:
        The probability of a false alarm in some cell, for repetitions that are normally distributed.
    """

    printed: Mapping[str, str]
    runs: int = 1
    repetitions: int = 64
    resolution: float = 0.5
    error: float = 1e-9
    cells: tuple[Cell, ...] = field(init=False, repr=False)
    name = "reproduction"
    needs_right = False

    def __post_init__(self) -> None:
        if not self.printed:
            raise ValueError("Reproduction(printed={}): give at least one printed number")
        for name, least, value in (("runs", 1, self.runs), ("repetitions", 8, self.repetitions)):
            if value < least:
                raise ValueError(f"Reproduction({name}={value}): give at least {least}")
        for name, number in (("resolution", self.resolution), ("error", self.error)):
            if not 0 < number < (1 if name == "error" else float("inf")):
                raise ValueError(f"Reproduction({name}={number}): give a positive number" + (" below 1" * (name == "error")))
        object.__setattr__(self, "cells", tuple(_cell(n, str(text)) for n, text in self.printed.items()))

    def __hash__(self) -> int:
        return hash((self.cells, self.runs, self.repetitions, self.resolution, self.error))

    def statement(self, left: str, right: Any = None) -> str:
        """The statement in LaTeX."""
        shown = r",\; ".join(rf"\text{{{c.name.replace('_', ' ')}}}: {c.value:g}" for c in self.cells[:_SHOWN])
        more = rf",\; \ldots\; ({len(self.cells)}\text{{ cells}})" if len(self.cells) > _SHOWN else ""
        return rf"{left} \approx \left[{shown}{more}\right]"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"each of {len(self.cells)} printed numbers lies in the prediction interval of its cell, a mean of {self.runs} out of "
            f"{self.repetitions} measured repetitions, widened by half a unit of its last digit; error probability {self.error:g}"
        )
