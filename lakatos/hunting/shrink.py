"""From a refuting instance to one that a person can check by hand: smaller structure first, then simpler numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from exactarray import Undecidable
from lakatos.errors import ClaimError
from lakatos.families import Sample
from lakatos.hunting.ascent import climb, starting_points
from lakatos.hunting.certify import to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.ledger import Candidate, Ledger, error_budget, resample
from lakatos.hunting.sources import RandomSource

# A shrunk instance must violate by this many error budgets, so that its exact evaluation does not merely confirm rounding.
CLEARANCE = 4.0
SIMPLE = tuple(Fraction(n, d) for n, d in ((0, 1), (1, 1), (-1, 1), (2, 1), (-2, 1), (3, 1), (1, 2), (-1, 2), (4, 1), (10, 1)))
DENOMINATORS = (1, 2, 4, 10, 100, 1000)

Fractions = dict[str, Any]  # object arrays of fractions, by draw name


def cost(value: Fraction) -> int:
    """How hard a number is to read."""
    if value == 0:
        return 0
    if abs(value) == 1:
        return 1
    digits = len(str(abs(value.numerator)))
    return 2 + digits if value.denominator == 1 else 4 + digits + len(str(value.denominator))


def violating(ledger: Ledger, sample: Sample, noise: torch.Generator) -> torch.Tensor:
    """Which rows are valid and violate clearly beyond their error budget."""
    with torch.no_grad():
        evaluation = resample(ledger.claim, sample)
        budget = error_budget(ledger.claim, evaluation, noise, runs=2)
        excess = ledger.kind.excess(evaluation.left, evaluation.right)
        clear = excess >= 0 if ledger.kind.strict else excess > CLEARANCE * budget
        return clear.any(-1) & evaluation.valid


def smaller_structure(ledger: Ledger, context: Context, start: Candidate, deadline: float) -> Candidate:
    """The violating instance of the simplest structure that short hunts find."""
    best, noise = start, context.generator("shrink/noise")
    improved = True
    while improved and time.monotonic() < deadline:
        improved = False
        for structure in _simpler(best.sample):
            if time.monotonic() >= deadline:
                break
            found = _hunt_at(ledger, context, best.sample, structure, noise)
            if found is not None:
                best, improved = found, True
                break
    return best


def _simpler(sample: Sample) -> Iterator[dict[str, Any]]:
    """Structures that are simpler than the sample's in one draw, or the simplest in all of them."""
    simplest = {n: c.values[0] for n, c in sample.choices.items()}
    if simplest != sample.structure:
        yield simplest
    for name, choices in sample.choices.items():
        present = sample.structure[name]
        # A witness or a stratum may pin what the family's own draws never are.
        simpler = choices.values[: choices.values.index(present)] if present in choices.values else choices.values
        for value in simpler:
            yield {**sample.structure, name: value}


def _hunt_at(
    ledger: Ledger, context: Context, like: Sample, structure: dict[str, Any], noise: torch.Generator
) -> Candidate | None:
    stage = "shrink/" + repr(sorted(structure.items(), key=lambda item: item[0]))
    source = RandomSource(512, context.generator(stage), context.chooser(stage), structure)
    # A ledger of its own: the main one looks no closer at anything that is not much worse than what it knows.
    scout = Ledger(ledger.claim, context)
    try:
        sample = scout.explore(source, "shrink").sample
        if ledger.kind.ascends and not bool(violating(ledger, sample, noise).any()):
            climb(scout, starting_points(scout, context, sample, 48, stage), 60, "shrink")
    except (ClaimError, Undecidable, RuntimeError, ValueError, IndexError):
        return None  # a structure that the family cannot build is no simpler instance
    finally:
        ledger.instances["shrink"] = ledger.instances.get("shrink", 0) + scout.total
    for candidate in scout.best_of(sample):
        if bool(violating(ledger, candidate.sample, noise).all()):
            return candidate
    return None


Test = Callable[[Sample], torch.Tensor]


def clearly_violating(ledger: Ledger, context: Context) -> Test:
    """The test that a shrunk instance of a pointwise claim must pass."""
    noise = context.generator("shrink/noise")
    return lambda sample: violating(ledger, sample, noise)


def simpler_numbers(sample: Sample, test: Test, deadline: float) -> Fractions:
    """The one instance of ``sample`` with its numbers made simple, one coordinate or one whole array at a time.

    ``test`` tells which rows of a batch still refute ``(batch,)``.
    """
    current = to_fractions(sample)
    while time.monotonic() < deadline:
        edits = sorted(_edits(current, sample), key=lambda e: -e[0])
        if not edits:
            break
        accepted = [edit for _, edit in _keep(sample, current, edits, test)]
        if not accepted:
            break
        # Edits that work one by one may not work together: take the longest prefix that does.
        prefixes = [_apply(current, accepted[:k]) for k in range(1, min(len(accepted), 64) + 1)]
        working = test(_stack(sample, prefixes)).tolist()
        longest = max((k for k, works in enumerate(working) if works), default=None)
        if longest is None:
            break
        current = prefixes[longest]
    return current


Edit = list[tuple[str, tuple[int, ...], Fraction]]


def _edits(current: Fractions, sample: Sample) -> Iterator[tuple[int, Edit]]:
    for name, array in current.items():
        domain = sample.domains[name]
        whole = list(np.ndindex(*array.shape))
        total = sum(cost(v) for v in array.flat)
        if len(whole) > 1:
            for value in (*SIMPLE, *array.flat):
                if domain.contains(value) and len(whole) * cost(value) < total:
                    yield total - len(whole) * cost(value), [(name, where, value) for where in whole]
            for denominator in DENOMINATORS:
                rounded = [(name, where, array[where].limit_denominator(denominator)) for where in whole]
                gain = total - sum(cost(v) for _, _, v in rounded)
                if gain > 0 and all(domain.contains(v) for _, _, v in rounded):
                    yield gain, rounded
        for where in whole:
            old = array[where]
            options = {*SIMPLE, *(old.limit_denominator(d) for d in DENOMINATORS), -old}
            options |= {array[other] for other in whole[: min(len(whole), 8)]}
            for value in options:
                if cost(value) < cost(old) and domain.contains(value):
                    yield cost(old) - cost(value), [(name, where, value)]


def _keep(sample: Sample, current: Fractions, edits: list[tuple[int, Edit]], test: Test) -> list[tuple[int, Edit]]:
    kept: list[tuple[int, Edit]] = []
    for chunk in range(0, len(edits), 1024):
        part = edits[chunk : chunk + 1024]
        works = test(_stack(sample, [_apply(current, [e]) for _, e in part])).tolist()
        kept += [edit for edit, ok in zip(part, works, strict=True) if ok]
    return kept


def _apply(current: Fractions, edits: list[Edit]) -> Fractions:
    changed = {name: array.copy() for name, array in current.items()}
    for edit in edits:
        for name, where, value in edit:
            changed[name][where] = value
    return changed


def _stack(sample: Sample, variants: list[Fractions]) -> Sample:
    """Variants as one float batch."""
    primitives = {}
    for name, value in sample.primitives.items():
        stacked = np.stack([np.asarray(v[name], dtype=np.float64) for v in variants])
        primitives[name] = torch.tensor(stacked, dtype=torch.float64, device=value.device)
    return Sample(sample.structure, sample.choices, primitives, sample.domains)
