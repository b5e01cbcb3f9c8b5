"""The search for an instance that refutes a pointwise claim: small first, corners, batches over strata, structures, ascent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st

from lakatos.errors import ClaimError
from lakatos.families import Sample
from lakatos.hunting.ascent import climb, starting_points
from lakatos.hunting.certify import as_sample, parse
from lakatos.hunting.context import Context
from lakatos.hunting.evolution import evolve
from lakatos.hunting.ledger import PLAINLY_REFUTED, Candidate, Ledger, resample, structure_key
from lakatos.hunting.sources import RandomSource, StructuredSource
from lakatos.kinds.pointwise import Pointwise

STRUCTURED_BATCH = 128
# Structures from which the ascent starts; the best of them gets a second, longer climb.
CLIMBED_STRUCTURES = 4
# Budgets of at least so many steps also walk through neighbouring structures, at most so many moves far.
NEIGHBOURS_FROM = 500
MOST_MOVES = 4
# Once a plain refutation is certified, such as that of a pinned witness, this part of the batches shows how far it goes.
ONLY_HOW_FAR = 8
# Instances that probe a structure, and so many probes at least and at most, around so many of the closest structures.
PROBE = 128
FEWEST_PROBES, MOST_PROBES = 24, 256
WANDERERS = 3
# After so many structures in a row that were seen before, a family is taken to have no others.
STALE = 500


def search(context: Context) -> Ledger:
    """Spend the profile's budget on a pointwise claim."""
    ledger = Ledger(context.claim, context)
    for stage in stages(context):
        stage(ledger, context)
    return ledger


def stages(context: Context) -> list[Callable[[Ledger, Context], None]]:
    """The stages of a search, in order; the cheapest first where the first refutation is enough."""
    assert isinstance(context.claim.kind, Pointwise)
    if not has_primitives(context):
        return [pinned, every_structure]
    drawn = [batches, structured] if context.first else [structured, batches]
    return [pinned, *drawn, missing_strata, wander, *([ascend] if context.claim.kind.ascends else [])]


def required(context: Context) -> dict[str, int]:
    """Instances that each stratum must see: its own number, or a share of the budget."""
    default = max(1, min(1000, context.profile.instances // 128)) if has_primitives(context) else 1
    return {name: s.require or default for name, s in context.claim.on.strata.items()}


def pinned(ledger: Ledger, context: Context) -> None:
    """The claim's own witness, before anything else."""
    if context.claim.witness is None:
        return
    structure, fractions = parse(context.claim, context.claim.witness)
    with torch.no_grad():
        sample = as_sample(context.claim, structure, fractions, context.device)
        evaluation = resample(context.claim, sample)
        ledger.add(evaluation, "pinned")


def structured(ledger: Ledger, context: Context) -> None:
    """Structures and simple arrays drawn by Hypothesis, each carrying a batch around it."""
    generator = context.generator("structured")
    raised: list[Exception] = []

    @hypothesis_seed(context.seed)
    @settings(
        max_examples=context.profile.structured_examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def explore(data: st.DataObject) -> None:
        if raised:
            return
        try:
            ledger.explore(StructuredSource(data, STRUCTURED_BATCH, generator), "structured")
        except Exception as error:  # Hypothesis would run the example again, with other random rows, and call it flaky
            raised.append(error)

    try:
        explore()
    finally:
        if raised:
            raise raised[0] from None


def batches(ledger: Ledger, context: Context) -> None:
    """Independent batches: the simplest structure first, then every pinned stratum in turn with the free draws between."""
    size, budget = context.profile.batch, context.profile.instances
    if ledger.certain:
        budget //= ONLY_HOW_FAR
    generator, chooser = context.generator("batches"), context.chooser("batches")
    strata: list[dict[str, Any]] = [dict(s.pinned) for s in context.claim.on.strata.values() if s.pinned]
    turns = [{}, *strata] if len(strata) < 2 else [turn for stratum in strata for turn in ({}, stratum)]
    launched = 0
    ledger.explore(RandomSource(size, generator, chooser, _simplest(context)), "batches")
    # Rows that break an assumption do not count; a family that loses most of them must not run forever.
    while launched * size < budget and launched < 4 * budget // size + 16:
        ledger.explore(RandomSource(size, generator, chooser, turns[launched % len(turns)]), "batches")
        launched += 1


def has_primitives(context: Context) -> bool:
    """Whether the family draws any array, so that a batch holds different instances."""
    _, sample = context.claim.on.build(RandomSource(1, context.generator("probe"), context.chooser("probe")))
    return bool(sample.primitives)


def every_structure(ledger: Ledger, context: Context) -> None:
    """Each structure of a family without primitives once: equal rows would only pretend to be many instances."""
    generator, chooser = context.generator("structures"), context.chooser("structures")
    seen: set[Any] = set()
    repeats = 0
    while repeats < STALE and len(seen) < context.profile.instances:
        _, sample = context.claim.on.build(RandomSource(1, generator, chooser))
        key = structure_key(sample)
        repeats = repeats + 1 if key in seen else 0
        if key not in seen:
            seen.add(key)
            ledger.explore(RandomSource(1, generator, chooser, sample.structure), "batches")


def _simplest(context: Context) -> dict[str, Any]:
    _, sample = context.claim.on.build(RandomSource(1, context.generator("probe"), context.chooser("probe")))
    structure = {name: choices.values[0] for name, choices in sample.choices.items()}
    try:
        context.claim.on.build(RandomSource(1, context.generator("probe"), context.chooser("probe"), structure))
    except Exception:  # the simplest choices need not fit together, and a family's own error on them says nothing
        return sample.structure
    return structure


def missing_strata(ledger: Ledger, context: Context) -> None:
    """Aim at the strata that the batches have not filled."""
    generator, chooser = context.generator("strata"), context.chooser("strata")
    for name, need in required(context).items():
        stratum = context.claim.on.strata[name]
        for _ in range(400):
            if ledger.hits[name] >= need:
                break
            if stratum.pinned:
                ledger.explore(RandomSource(context.profile.batch, generator, chooser, stratum.pinned), "batches")
                continue
            before = ledger.hits[name]
            probe = ledger.explore(RandomSource(16, generator, chooser), "batches")
            if ledger.hits[name] > before:
                ledger.explore(RandomSource(context.profile.batch, generator, chooser, probe.sample.structure), "batches")


def wander(ledger: Ledger, context: Context) -> None:
    """Best-first search over the structure: probe what differs in one draw from the structures that came closest."""
    probes = min(MOST_PROBES, max(FEWEST_PROBES, context.profile.instances // 1024))
    seen = {structure_key(candidate.sample) for candidate in ledger.candidates()}
    while probes:
        ranked = ledger.candidates()
        if not ranked or ranked[0].rank > PLAINLY_REFUTED:
            return
        ahead = ((c, s) for c in ranked[:WANDERERS] for s in _one_draw_away(c.sample) if _key(s) not in seen)
        candidate, structure = next(ahead, (None, None))
        if candidate is None or structure is None:
            return
        seen.add(_key(structure))
        probes -= 1
        stage = f"wander/{_key(structure)}"
        source = RandomSource(PROBE, context.generator(stage), context.chooser(stage), structure)
        try:
            probe = ledger.explore(source, "batches").sample
            shapes = {name: value.shape[1:] for name, value in probe.primitives.items()}
            if shapes == {name: value.shape[1:] for name, value in candidate.sample.primitives.items()}:
                with torch.no_grad():
                    moved = replace(candidate.sample, structure=probe.structure, choices=probe.choices, domains=probe.domains)
                    ledger.add(resample(context.claim, moved), "batches", searching=True)
        except (ClaimError, RuntimeError, ValueError, IndexError):
            continue  # not every combination of choices is a structure of the family


def _key(structure: dict[str, Any]) -> Any:
    return structure_key(Sample(structure))


def _one_draw_away(sample: Sample, by: tuple[int | None, ...] = (1, 2, 4, None)) -> Iterator[dict[str, Any]]:
    """Structures that differ in one draw: by one place, then by more, then at the ends."""
    for far in by:
        for name, choices in sample.choices.items():
            if sample.structure[name] not in choices.values:
                continue  # a witness or a stratum may pin what the family's own draws never are
            place, last = choices.values.index(sample.structure[name]), len(choices.values) - 1
            for other in (0, last) if far is None else (place - far, place + far):
                if 0 <= other <= last and other != place:
                    yield {**sample.structure, name: choices.values[other]}


def ascend(ledger: Ledger, context: Context) -> None:
    """Climb from the structures that came closest, the simplest one among them, then longer from the best."""
    starts, steps = context.profile.ascent_starts, context.profile.ascent_steps
    for place, candidate in enumerate(_structures(ledger)):
        if ledger.candidates()[0].rank > PLAINLY_REFUTED and place:
            return
        if candidate.sample.primitives:
            _approach(ledger, context, candidate, starts, max(1, steps // 3), f"ascent/{place}")
    best = ledger.candidates()
    if best and best[0].sample.primitives and best[0].rank <= PLAINLY_REFUTED:
        _approach(ledger, context, best[0], starts, steps, "ascent/best")
    if steps >= NEIGHBOURS_FROM:
        _neighbours(ledger, context, starts, steps // 3)


def _approach(ledger: Ledger, context: Context, candidate: Candidate, starts: int, steps: int, stage: str) -> None:
    """Climb from a structure's closest instances; where there is no gradient, evolve."""
    points = starting_points(ledger, context, candidate.sample, starts, stage)
    if not climb(ledger, points, steps):
        evolve(ledger, points, steps, context.generator(f"{stage}/evolution"))


def _neighbours(ledger: Ledger, context: Context, starts: int, steps: int) -> None:
    """Walk through the structures next to the closest one, one draw changed by one place, while that comes closer."""
    for move in range(MOST_MOVES):
        best = ledger.candidates()[0]
        if not best.sample.primitives or best.rank > PLAINLY_REFUTED:
            return
        for structure in _one_draw_away(best.sample, by=(1,)):
            stage = f"neighbours/{move}/{_key(structure)}"
            source = RandomSource(4 * starts, context.generator(stage), context.chooser(stage), structure)
            try:
                sample = ledger.explore(source, "batches").sample
            except (ClaimError, RuntimeError, ValueError, IndexError):
                continue  # not every combination of choices is a structure of the family
            _approach(ledger, context, Candidate(0.0, 0.0, sample), starts, steps, stage)
        if ledger.candidates()[0] is best:
            return


def _structures(ledger: Ledger) -> list[Candidate]:
    ranked = ledger.candidates()
    if not ranked:
        return []
    simplest = min(ranked, key=lambda c: (sum(v.numel() for v in c.sample.primitives.values()), structure_key(c.sample)))
    chosen = ranked[: CLIMBED_STRUCTURES - 1]
    return chosen if any(c is simplest for c in chosen) else [*chosen, simplest]


def deadline(context: Context) -> float:
    """When shrinking must stop."""
    return time.monotonic() + context.profile.shrink_seconds
