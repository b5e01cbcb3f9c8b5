"""The same instances at several values of one draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from lakatos.errors import ClaimError
from lakatos.evaluation import Evaluation, describe, evaluate, stratum_hits
from lakatos.families import Given, Sample
from lakatos.hunting.certify import parse, to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.digits import as_floats, in_digits
from lakatos.hunting.sources import RandomSource
from lakatos.kinds.grid import OnGrid
from lakatos.verdicts import Count

FREE_BUILDS = 8


@dataclass
class Rows:
    """What was measured: one row per instance, one column per value of the grid.

    Parameters
    ----------
    measured, error:
        Values and their standard errors (zero where exact) ``(instances, grid)``.
    printed:
        The printed side, or None.
    """

    measured: list[np.ndarray] = field(default_factory=list)
    error: list[np.ndarray] = field(default_factory=list)
    printed: list[np.ndarray] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    rejected: int = 0
    hits: dict[str, int] = field(default_factory=dict)
    pinned: int = 0

    def stacked(self, name: str) -> np.ndarray:
        """All rows of "measured", "error" or "printed" ``(instances, grid)``."""
        return np.concatenate(getattr(self, name))

    @property
    def total(self) -> int:
        """Number of instances (a grid of values counts once)."""
        return sum(len(m) for m in self.measured)

    def sample_of(self, row: int) -> Sample:
        """What was drawn for one instance, at the first value of the grid."""
        build, place = self.places[row]
        kept = self.samples[build].rows(slice(place, place + 1))
        return Sample(kept.structure, kept.choices, kept.primitives, kept.domains)


def measure(context: Context, kind: OnGrid) -> Rows:
    """Measure instances of every stratum, and free ones, along the grid."""
    rows, claim = Rows(), context.claim
    if claim.witness is not None:
        rows.pinned = _witness(context, kind, rows, claim.witness)
    chooser = context.chooser("grid")
    turns: list[dict[str, Any]] = [dict(s.pinned) for s in claim.on.strata.values() if s.pinned]
    turns += [{}] * (FREE_BUILDS * context.profile.repeats)
    for place, turn in enumerate(turns):
        _build(context, kind, rows, turn, f"grid/{place}", chooser)
    for place, (name, need) in enumerate(required(context, kind).items()):
        for attempt in range(20):
            if rows.hits.get(name, 0) >= need:
                break
            _build(context, kind, rows, dict(claim.on.strata[name].pinned), f"grid/{name}/{place}/{attempt}", chooser)
    return rows


def required(context: Context, kind: OnGrid) -> dict[str, int]:
    """Instances that each stratum must see."""
    return {name: s.require or max(1, kind.batch // 8) for name, s in context.claim.on.strata.items()}


def counts(context: Context, kind: OnGrid, rows: Rows) -> dict[str, Count]:
    """Instances per stratum, as the record wants them."""
    return {name: Count(need, rows.hits.get(name, 0)) for name, need in required(context, kind).items()}


def missed(context: Context, kind: OnGrid, rows: Rows) -> str | None:
    """Why the run says nothing, if so."""
    if rows.total == 0:
        return f"no instance of {context.claim.on.name!r} satisfied the assumptions at every value of the grid"
    names = [n for n, need in required(context, kind).items() if rows.hits.get(n, 0) < need]
    return f"required strata not reached: {', '.join(names)}" if names else None


def _build(context: Context, kind: OnGrid, rows: Rows, pinned: dict[str, Any], stage: str, chooser: Any) -> None:
    structure = _structure(context, kind, pinned, chooser)

    def source(value: Any) -> RandomSource:
        # The same stream at every value of the grid: what the value does not change stays the same instance.
        return RandomSource(kind.batch, context.generator(stage), chooser, {**pinned, **structure, kind.over: value})

    _along(context, kind, rows, source)


def _structure(context: Context, kind: OnGrid, pinned: dict[str, Any], chooser: Any) -> dict[str, Any]:
    probe = RandomSource(1, context.generator("probe"), chooser, {**pinned, kind.over: kind.grid[0]})
    _, sample = context.claim.on.build(probe)
    if kind.over not in sample.structure and kind.over not in sample.primitives:
        raise ClaimError(
            f"{context.claim.id} runs over {kind.over!r}, which the family {context.claim.on.name!r} does not draw; it draws "
            f"{sorted([*sample.structure, *sample.primitives])}."
        )
    return {n: v for n, v in sample.structure.items() if n != kind.over}


def _witness(context: Context, kind: OnGrid, rows: Rows, witness: Mapping[str, Any]) -> int:
    structure, fractions = parse(context.claim, {**witness, kind.over: witness.get(kind.over, kind.grid[0])}, kind.over)
    primitives = {n: torch.tensor(np.asarray(v, dtype=np.float64), device=context.device)[None] for n, v in fractions.items()}

    def source(value: Any) -> Given:
        values = dict(primitives)
        if kind.over in values:
            values[kind.over] = torch.full_like(values[kind.over], float(value))
        like = next(iter(values.values()), torch.zeros(1, dtype=torch.float64))
        return Given({**structure, **({kind.over: value} if kind.over in structure else {})}, values, like, 1)

    _along(context, kind, rows, source)
    return rows.total  # none, where the witness breaks an assumption


def along(context: Context, kind: OnGrid, witness: Mapping[str, Any]) -> Rows:
    """Measure one given instance along the grid."""
    rows = Rows()
    rows.pinned = _witness(context, kind, rows, witness)
    return rows


def in_digits_along(context: Context, kind: OnGrid, rows: Rows, row: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Both sides ``(grid,)`` of one instance with a printed side, run in 60-digit arithmetic; None where its text cannot be."""
    sample, sides = rows.sample_of(row), []
    fractions = to_fractions(sample)
    for value in kind.grid:
        structure, numbers = dict(sample.structure), dict(fractions)
        if kind.over in structure:
            structure[kind.over] = value
        else:
            numbers[kind.over] = np.asarray(Fraction(value), dtype=object)
        evaluation = in_digits(context.claim, structure, numbers)
        if isinstance(evaluation, str) or evaluation.right is None or evaluation.left.shape[1] != 1:
            return None
        sides.append((float(as_floats(evaluation.left)[0]), float(as_floats(evaluation.right)[0])))
    measured, printed = np.array(sides).T
    return measured, printed


def _along(context: Context, kind: OnGrid, rows: Rows, source: Any) -> None:
    measured, errors, printed, valid = [], [], [], None
    first: Evaluation | None = None
    for value in kind.grid:
        with torch.no_grad():
            evaluation, error = _evaluated(context, source(value))
        if evaluation.left.shape[1] != 1:
            raise ClaimError(
                f"The measured side of {context.claim.id} returned {evaluation.left.shape[1]} numbers per instance; a {kind.name} "
                "claim measures one number per instance and value of the grid."
            )
        first = first or evaluation
        valid = evaluation.valid if valid is None else valid & evaluation.valid
        measured.append(evaluation.left[:, 0])
        errors.append(error if error is not None else torch.zeros_like(evaluation.left[:, 0]))
        if evaluation.right is not None:
            printed.append(evaluation.right[:, 0])
        context.tell(rows.total, None, f"{kind.over} = {value}")
    assert first is not None
    assert valid is not None
    kept = valid.cpu().numpy()
    for name, hit in stratum_hits(context.claim, first).items():
        rows.hits[name] = rows.hits.get(name, 0) + int((hit & valid).sum())
    rows.rejected += int((~kept).sum())
    table = torch.stack(measured, dim=1).cpu().numpy()[kept]
    if np.isnan(table).any():
        row = int(np.flatnonzero(kept)[np.isnan(table).any(axis=1).argmax()])
        raise ClaimError(
            f"The measured side of {context.claim.id} is NaN on a valid instance:\n{describe(first.sample, row)}\nNaN compares as "
            "neither true nor false; return infinity for a run that diverges, or guard the operation that produced it."
        )
    rows.measured.append(table)
    rows.error.append(torch.stack(errors, dim=1).cpu().numpy()[kept])
    if printed:
        rows.printed.append(torch.stack(printed, dim=1).cpu().numpy()[kept])
        if np.isnan(rows.printed[-1]).any():
            row = int(np.flatnonzero(kept)[np.isnan(rows.printed[-1]).any(axis=1).argmax()])
            raise ClaimError(
                f"The printed side of {context.claim.id} is NaN on a valid instance:\n{describe(first.sample, row)}\nNaN compares as "
                "neither true nor false; guard the operation that produced it, or exclude the instance by an assumption."
            )
    rows.samples.append(first.sample)
    rows.places += [(len(rows.samples) - 1, int(place)) for place in np.flatnonzero(kept)]


def _evaluated(context: Context, source: Any) -> tuple[Evaluation, torch.Tensor | None]:
    """An evaluation whose measured side may have come with a standard error."""
    noted: dict[str, torch.Tensor] = {}
    claim = context.claim
    evaluation = evaluate(claim, source, note=noted)
    return evaluation, noted.get("standard error")
