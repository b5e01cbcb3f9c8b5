"""Are the printed numbers reproduced? A prediction interval for each cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from inspect import signature
from typing import Any

import numpy as np
import torch
from scipy import stats

from lakatos.errors import ClaimError
from lakatos.evaluation import describe
from lakatos.families import Sample, call_by_name
from lakatos.hunting.certify import printable
from lakatos.hunting.context import Context
from lakatos.hunting.rules import decide, replay
from lakatos.hunting.sources import RandomSource
from lakatos.kinds.reproduction import Reproduction
from lakatos.verdicts import Margin, Outcome, Verdict, Warrant, Witness


@decide.register
def decide_reproduction(kind: Reproduction, context: Context) -> Verdict:
    """Run the experiment and compare it with the printed numbers."""
    values, sample = _setting(context)
    return conclude(kind, _measured(kind, context, values, sample), sample)


@replay.register
def replay_reproduction(kind: Reproduction, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """The same experiment again: its outcome rests on the whole sample, not on an instance."""
    return decide_reproduction(kind, context)


def _setting(context: Context) -> tuple[dict[str, Any], Sample]:
    claim = context.claim
    pinned = dict(claim.witness or {})
    source = RandomSource(1, context.generator("setting"), context.chooser("setting"), pinned)
    values, sample = claim.on.build(source)
    if sample.primitives or any(len(c.values) > 1 for name, c in sample.choices.items() if name not in pinned):
        raise ClaimError(
            f"{claim.id} repeats one printed experiment, but the family {claim.on.name!r} draws its setting. Fix every draw (an "
            "option with a single value is fine), and take what is random from the generator."
        )
    return values, sample


def _measured(kind: Reproduction, context: Context, values: dict[str, Any], sample: Sample) -> np.ndarray:
    """Repetitions of all cells ``(repetitions, cells)``."""
    claim = context.claim
    repeated = "repetitions" in signature(claim.function).parameters
    if repeated:
        values = {**values, "repetitions": kind.repetitions, "generator": context.generator("repetitions")}
    with torch.no_grad():
        measured = call_by_name(claim.function, values, f"The measured side of {claim.id}")
    table = np.asarray(measured.detach().cpu() if isinstance(measured, torch.Tensor) else measured, dtype=np.float64)
    expected = (kind.repetitions if repeated else 1, len(kind.cells))
    if table.shape != expected:
        raise ClaimError(
            f"The measured side of {claim.id} has shape {table.shape}; {len(kind.cells)} cells are printed, so that it must return "
            f"{expected}, one row per repetition."
        )
    if not np.isfinite(table).all():
        cell = kind.cells[int((~np.isfinite(table)).any(axis=0).argmax())]
        raise ClaimError(f"The measured side of {claim.id} is not finite in the cell {cell.name!r}.\n{describe(sample, 0)}")
    return table


def conclude(kind: Reproduction, table: np.ndarray, sample: Sample) -> Verdict:
    """The verdict on repetitions ``(repetitions, cells)``."""
    n, count = table.shape
    mean = table.mean(axis=0)
    half = np.array([c.half_unit for c in kind.cells])
    if n > 1:
        quantile = stats.t.isf(kind.error / (2 * count), n - 1)
        half = half + quantile * table.std(axis=0, ddof=1) * math.sqrt(1 / n + 1 / kind.runs)
    printed = np.array([c.value for c in kind.cells])
    # What the deterministic experiment computes is rounded in its last bits; the printed half unit is far above them.
    distance = np.abs(mean - printed) / half
    outside, wide = distance > 1 + 1e-9, half > kind.resolution * np.abs(printed) + np.array([c.half_unit for c in kind.cells])
    cells = [
        {
            "name": c.name,
            "printed": c.text,
            "measured": float(mean[i]),
            "low": float(mean[i] - half[i]),
            "high": float(mean[i] + half[i]),
            "inside": bool(not outside[i]),
        }
        for i, c in enumerate(kind.cells)
    ]
    worst = int(distance.argmax())
    at = f"{kind.cells[worst].name}: printed {kind.cells[worst].text}, measured {mean[worst]:.6g} ± {half[worst]:.3g}"
    words = f"{int((~outside).sum())} of {count} printed numbers lie in their intervals; farthest off is {at}"
    margin = Margin(float(distance[worst]), kind.error, words)
    witness = Witness(
        printable(sample.structure, {}),
        {"printed": kind.cells[worst].text, "measured": f"{mean[worst]:.6g}", "half-width": f"{half[worst]:.3g}"},
        "float64",
        float(distance[worst]),
    )
    details: dict[str, Any] = {"repetitions": n, "repetitions behind a printed number": kind.runs if n > 1 else "deterministic"}
    if outside.any():
        outcome, warrant = Outcome.REFUTED, Warrant.MEASURED
        message = f"{int(outside.sum())} of {count} printed numbers are not reproduced; {at}."
    elif wide.any():
        outcome, warrant = Outcome.UNDECIDED, Warrant.NONE
        name = kind.cells[int(wide.argmax())].name
        message = (
            f"The intervals of {int(wide.sum())} of {count} cells ({name}, ...) are wider than {kind.resolution:g} of the printed "
            "number, so that any result would agree. More repetitions narrow the measured side only; the printed one has its own noise."
        )
    else:
        outcome, warrant, message = Outcome.HOLDS, Warrant.MEASURED, f"All {count} printed numbers are reproduced."
    return Verdict(
        outcome,
        warrant,
        margin,
        message,
        instances={"repetitions": n},
        worst=witness,
        smallest=witness if outcome == Outcome.REFUTED else None,
        picture={"type": "table", "cells": cells},
        details=details,
        alarm=kind.error if n > 1 else 0.0,
    )
