"""Does the distance tend to zero? Every instance is run and classified; what refutes is run again in 60 digits."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from exactarray import namespace
from lakatos.errors import ClaimError
from lakatos.evaluation import Evaluation, describe, evaluate, stratum_hits
from lakatos.families import Given, Sample
from lakatos.hunting.certify import as_sample, parse, printable, to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.digits import DIGITS, as_floats, in_digits, longest_affordable
from lakatos.hunting.rules import decide, replay
from lakatos.hunting.shrink import simpler_numbers
from lakatos.hunting.sources import RandomSource
from lakatos.kinds.limit import Limit
from lakatos.verdicts import Count, Margin, Outcome, Verdict, Warrant, Witness

CONVERGED, DECAYING, LEVELLED, DIVERGED, UNCLEAR = range(5)
NAMES = ("converged", "decaying", "levelled off", "diverged", "unclear")

# Local exponents (of distance against iterations) over the last three intervals.
STEADY = -0.2
"""A decay at least this fast at every one of them counts as a decay."""
FADING = 0.7
"""...unless the last exponent has lost more than this share of the one two intervals before, and is no longer"""
FAST = -1.0
"""this fast: runs with several exponential modes change their exponent abruptly."""
FLAT = 0.02
"""Exponents this small mean that the distance no longer moves,"""
SETTLING = 0.7
"""...unless it keeps falling and the last exponent still has this share of the one two intervals before: on its way to a plateau a
run slows down from doubling to doubling, and one that does not, such as t^-0.01 or a power of 1/log t, may well tend to zero;"""
STILL = 1e-4
"""exponents below this one stand still whatever they do."""
SAME_LEVEL = 0.05
"""Relative difference up to which two plateaus are the same."""
FLOOR_SHARE = 0.02
"""A decay towards a floor of more than this share of the last distance is no decay to zero,"""
FLOOR_AGREES = 0.05
"""...where two estimates of the floor, one doubling apart, differ by no more than this share: those of slow modes shrink."""
BLOW_UP = 1e6
FREE_BUILDS = 8
PERTURBED_ROUNDS = 2
CONFIRM_OPERATIONS = 5_000_000
"""Of a 60-digit run: some ten seconds."""


def classify(distance: np.ndarray, checkpoints: tuple[int, ...], tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Class of each instance, and its last local exponent, from distances ``(batch, checkpoints)``."""
    bad = ~np.isfinite(distance)
    safe = np.where(bad, 1e300, np.abs(distance))
    with np.errstate(divide="ignore", over="ignore"):
        diverged = bad.any(axis=1) | (safe[:, -1] > BLOW_UP * np.maximum(safe[:, 0], 1.0))
        logs = np.log(np.maximum(safe, 1e-300))
    slopes = np.diff(logs, axis=1) / np.diff(np.log(np.asarray(checkpoints, dtype=float)))
    last = slopes[:, -3:]
    # Below the tolerance a distance may rest on its rounding floor; an interval that ends there is as good as a decay.
    falling = (last <= STEADY) | (safe[:, -3:] <= tolerance)
    arrived = safe[:, -1] <= tolerance
    converged = arrived & falling.all(axis=1)
    decaying = falling.all(axis=1) & (last[:, -1] <= np.maximum(FADING * last[:, 0], FAST)) & ~_towards_a_floor(safe)
    creeping = (last < 0).all(axis=1) & (last[:, -1] < np.minimum(SETTLING * last[:, 0], -STILL))
    levelled = (np.abs(last) <= FLAT).all(axis=1) & ~creeping & (safe[:, -1] > tolerance)
    growing = (last >= FLAT).all(axis=1) & (safe[:, -1] > tolerance)
    result = np.full(len(safe), UNCLEAR)
    for mask, kind in ((levelled | growing, LEVELLED), (decaying, DECAYING), (converged, CONVERGED), (diverged, DIVERGED)):
        result[mask] = kind
    return result, slopes[:, -1]


def _towards_a_floor(distance: np.ndarray) -> np.ndarray:
    """Which distances ``(batch, checkpoints)`` decay towards a floor rather than to zero.

    On doubling checkpoints ``c + a t^-p`` is ``c`` plus a geometric sequence, of which Aitken's delta-squared gives ``c`` exactly.
    """

    def floor(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return c - (c - b) ** 2 / ((c - b) - (b - a))

    earlier, later = floor(*distance[:, -4:-1].T), floor(*distance[:, -3:].T)
    with np.errstate(invalid="ignore"):
        return (later > FLOOR_SHARE * distance[:, -1]) & (np.abs(later - earlier) <= FLOOR_AGREES * np.abs(later))


@dataclass
class _Seen:
    """What the runs have shown so far."""

    instances: dict[str, int] = field(default_factory=dict)
    rejected: int = 0
    hits: dict[str, int] = field(default_factory=dict)
    worst_in: dict[str, float] = field(default_factory=dict)
    classes: list[np.ndarray] = field(default_factory=list)
    curves: list[np.ndarray] = field(default_factory=list)
    exponents: list[np.ndarray] = field(default_factory=list)
    suspects: list[tuple[int, float, Sample]] = field(default_factory=list)
    unclear: list[tuple[float, Sample]] = field(default_factory=list)


@decide.register
def decide_limit(kind: Limit, context: Context) -> Verdict:
    """Run instances of every stratum, disturb the slowest, and conclude."""
    seen = _Seen()
    claim = context.claim
    _pinned(context, kind, seen)
    generator, chooser = context.generator("limit"), context.chooser("limit")
    turns: list[dict[str, Any]] = [dict(s.pinned) for s in claim.on.strata.values() if s.pinned]
    turns += [{}] * (FREE_BUILDS * context.profile.repeats)
    batch = kind.batch
    for turn in turns:
        _run(context, kind, RandomSource(batch, generator, chooser, turn), seen, "batches")
    _missing(context, kind, seen, generator, chooser)
    for _ in range(PERTURBED_ROUNDS if not seen.suspects else 0):
        for source in _disturbed(seen, batch, generator):
            _run(context, kind, source, seen, "ascent")
    return _conclude(context, kind, seen)


def _run(context: Context, kind: Limit, source: Any, seen: _Seen, name: str) -> None:
    with torch.no_grad():
        evaluation = evaluate(context.claim, source, {"checkpoints": kind.checkpoints})
    if evaluation.left.shape[1] != len(kind.checkpoints):
        raise ClaimError(
            f"The measured side of {context.claim.id} returned {evaluation.left.shape[1]} distances per instance for "
            f"{len(kind.checkpoints)} checkpoints. Return the distance at each of them, (batch, checkpoints)."
        )
    valid = evaluation.valid.cpu().numpy()
    distance = _distance(evaluation).cpu().numpy()[valid]
    if np.isnan(distance[:, 0]).any():
        row = int(np.flatnonzero(valid)[np.isnan(distance[:, 0]).argmax()])
        raise ClaimError(
            f"The measured side of {context.claim.id} is NaN at the first checkpoint of a valid instance:\n"
            f"{describe(evaluation.sample, row)}\nA run that diverges may end in NaN, but not begin with it."
        )
    classes, exponents = classify(distance, kind.checkpoints, kind.tolerance)
    seen.instances[name] = seen.instances.get(name, 0) + int(valid.sum())
    seen.rejected += int((~valid).sum())
    final = np.where(np.isfinite(distance[:, -1]), np.abs(distance[:, -1]), np.inf)
    for stratum, hit in stratum_hits(context.claim, evaluation).items():
        inside = hit.cpu().numpy()[valid]
        seen.hits[stratum] = seen.hits.get(stratum, 0) + int(inside.sum())
        seen.worst_in[stratum] = max([seen.worst_in.get(stratum, 0.0), *final[inside]])
    seen.classes.append(classes)
    seen.curves.append(distance)
    seen.exponents.append(exponents)
    rows = np.flatnonzero(valid)
    for place in np.flatnonzero((classes == LEVELLED) | (classes == DIVERGED))[:4]:
        seen.suspects.append((int(classes[place]), float(final[place]), _row(evaluation.sample, rows[place])))
    for place in np.argsort(np.where(classes == CONVERGED, -np.inf, exponents))[-4:]:
        seen.unclear.append((float(exponents[place]), _row(evaluation.sample, rows[place])))
    context.tell(sum(seen.instances.values()), float(final.max(initial=0.0)), name)


def _distance(evaluation: Evaluation) -> Any:
    """Distances ``(batch, checkpoints)``: the measured side itself, or how far it is from the printed limit, relatively."""
    if evaluation.right is None:
        return evaluation.left
    xp, zero = namespace(evaluation.right), evaluation.right == 0
    return abs(evaluation.left - evaluation.right) / xp.where(zero, xp.ones_like(evaluation.right), abs(evaluation.right))


def _row(sample: Sample, row: int) -> Sample:
    kept = sample.rows(slice(int(row), int(row) + 1))
    return Sample(kept.structure, kept.choices, {n: v.clone() for n, v in kept.primitives.items()}, kept.domains)


def _missing(context: Context, kind: Limit, seen: _Seen, generator: torch.Generator, chooser: Any) -> None:
    for name, need in _required(context, kind).items():
        for _ in range(20):
            if seen.hits.get(name, 0) >= need:
                break
            pinned = context.claim.on.strata[name].pinned
            _run(context, kind, RandomSource(kind.batch, generator, chooser, pinned), seen, "batches")


def _required(context: Context, kind: Limit) -> dict[str, int]:
    return {name: s.require or max(1, kind.batch // 8) for name, s in context.claim.on.strata.items()}


def _disturbed(seen: _Seen, batch: int, generator: torch.Generator) -> list[Given]:
    """Neighbours, in latent space, of the slowest instances: a search for the edge that needs no gradient."""
    slowest = sorted(seen.unclear, key=lambda item: -item[0])[:3]
    sources = []
    for _, sample in slowest:
        primitives = {}
        for name, value in sample.primitives.items():
            latent = sample.domains[name].to_latent(value).expand(batch, *value.shape[1:])
            noise = torch.randn(latent.shape, generator=generator, dtype=torch.float64, device=latent.device)
            spread = 10 ** (-2 + 2 * torch.rand(batch, generator=generator, dtype=torch.float64, device=latent.device))
            primitives[name] = sample.domains[name].from_latent(
                latent + noise * spread.reshape((-1,) + (1,) * (latent.ndim - 1))
            )
        if primitives:
            sources.append(Given(sample.structure, primitives, next(iter(primitives.values())), batch))
    return sources


def _pinned(context: Context, kind: Limit, seen: _Seen) -> None:
    if context.claim.witness is None:
        return
    structure, fractions = parse(context.claim, context.claim.witness)
    sample = as_sample(context.claim, structure, fractions, context.device)
    like = next(iter(sample.primitives.values()), torch.zeros(1, dtype=torch.float64))
    _run(context, kind, Given(structure, sample.primitives, like, 1), seen, "pinned")


def _conclude(context: Context, kind: Limit, seen: _Seen) -> Verdict:
    total = sum(seen.instances.values())
    missed = {n: need for n, need in _required(context, kind).items() if seen.hits.get(n, 0) < need}
    if total == 0 or missed:
        what = f"strata not reached: {', '.join(missed)}" if total else "no instance satisfied the assumptions"
        verdict = Verdict(Outcome.VACUOUS, Warrant.NONE, Margin(None, None, what), f"{context.claim.on.name}: {what}.")
    else:
        verdict = _verdict(context, kind, seen)
    verdict.instances, verdict.rejected = seen.instances, seen.rejected
    verdict.strata = {
        n: Count(need, seen.hits.get(n, 0), _finite(seen.worst_in.get(n, 0.0))) for n, need in _required(context, kind).items()
    }
    if total:
        verdict.picture = _picture(kind, np.concatenate(seen.curves))
    return verdict


def _verdict(context: Context, kind: Limit, seen: _Seen) -> Verdict:
    classes = np.concatenate(seen.classes)
    counts = {name: int((classes == i).sum()) for i, name in enumerate(NAMES)}
    told = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    decaying = np.concatenate(seen.exponents)[classes == DECAYING]
    details: dict[str, Any] = {"instances by behaviour": told}
    if len(decaying):
        details["local exponents of the decaying"] = (
            f"{decaying.min():.3f} to {decaying.max():.3f}, median {np.median(decaying):.3f}"
        )
    final = np.concatenate(seen.curves)[:, -1]
    worst = _finite(float(np.nanmax(np.where(np.isfinite(final), np.abs(final), np.inf))))
    words = f"largest distance {worst if worst is not None else 'infinite'} after {kind.checkpoints[-1]:,} iterations; {told}"
    margin = Margin(worst, kind.tolerance, words)
    if seen.suspects:
        confirmed = _confirm(context, kind, seen)
        if isinstance(confirmed, Witness):
            given = ", ".join(f"{name} = {value}" for name, value in confirmed.values.items())
            message = f"On {given} the distance does not tend to zero: {confirmed.operands['distance']}."
            return Verdict(
                Outcome.REFUTED, Warrant.CORROBORATED, margin, message, worst=confirmed, smallest=confirmed, details=details
            )
        return Verdict(Outcome.UNDECIDED, Warrant.NONE, margin, confirmed, details=details)
    if counts["unclear"]:
        unclear = f"{counts['unclear']} of {len(classes)} instances"
        message = f"{unclear} neither converge nor level off within {kind.checkpoints[-1]:,} iterations."
        slowest = max(seen.unclear, key=lambda item: item[0])[1]
        witness = Witness(printable(slowest.structure, to_fractions(slowest)), {}, "float64")
        return Verdict(Outcome.UNDECIDED, Warrant.NONE, margin, message, worst=witness, details=details)
    return Verdict(
        Outcome.HOLDS, Warrant.CORROBORATED, margin, f"All {len(classes)} instances converge: {told}.", details=details
    )


def _confirm(context: Context, kind: Limit, seen: _Seen) -> Witness | str:
    """A small suspect whose 60-digit run is classified as the float run was, or why there is none."""
    why = ""
    ranked = sorted(seen.suspects, key=lambda s: sum(v.numel() for v in s[2].primitives.values()))
    for behaviour, _, sample in ranked[:2]:
        for fractions in (_simplified(context, kind, behaviour, sample), to_fractions(sample)):
            outcome = _sixty_digits(context, kind, behaviour, sample.structure, fractions)
            if isinstance(outcome, Witness):
                return outcome
            why = outcome
    return f"Instances seem to refute in float64, but not in {DIGITS} digits: {why}"


def _simplified(context: Context, kind: Limit, behaviour: int, sample: Sample) -> dict[str, Any]:
    def still(variants: Sample) -> torch.Tensor:
        like = next(iter(variants.primitives.values()))
        with torch.no_grad():
            source = Given(variants.structure, variants.primitives, like, len(like))
            evaluation = evaluate(context.claim, source, {"checkpoints": kind.checkpoints})
        classes, _ = classify(_distance(evaluation).cpu().numpy(), kind.checkpoints, kind.tolerance)
        return torch.as_tensor(classes == behaviour, device=evaluation.valid.device) & evaluation.valid

    return simpler_numbers(sample, still, time.monotonic() + context.profile.shrink_seconds / 2)


def _sixty_digits(
    context: Context, kind: Limit, behaviour: int | None, structure: Mapping[str, Any], fractions: Mapping[str, Any]
) -> Witness | str:
    reach = longest_affordable(context.claim, structure, fractions, kind.checkpoints, CONFIRM_OPERATIONS)
    if len(reach) < 4:
        return f"a {DIGITS}-digit run reaches only {reach[-1]:,} iterations in the operations allowed"
    evaluation = in_digits(context.claim, structure, fractions, {"checkpoints": reach})
    if isinstance(evaluation, str):
        return evaluation
    if not bool(evaluation.valid[0]):
        return "the instance breaks an assumption once its numbers are exact"
    distance = as_floats(_distance(evaluation))
    classes, _ = classify(distance[None], reach, kind.tolerance)
    shown = ", ".join(f"{d:.3g} after {c:,}" for c, d in list(zip(reach, distance, strict=True))[-3:])
    if behaviour is not None and classes[0] != behaviour:
        return f"there it {NAMES[classes[0]]} ({shown})"
    if behaviour == LEVELLED and len(reach) < len(kind.checkpoints):
        # A plateau early in the run, where the digits end, need not be the one on which the whole run seems to end.
        whole = _float_run(context, kind, structure, fractions)
        if not np.isclose(abs(whole[-1]), abs(distance[-1]), rtol=SAME_LEVEL):
            return f"a {DIGITS}-digit run reaches only {reach[-1]:,} iterations in the operations allowed, where the distance still moves"
    operands = {"distance": shown, "behaviour": NAMES[classes[0]]}
    return Witness(printable(structure, fractions), operands, f"{DIGITS} digits", _finite(float(distance[-1])))


def _float_run(context: Context, kind: Limit, structure: Mapping[str, Any], fractions: Mapping[str, Any]) -> np.ndarray:
    sample = as_sample(context.claim, structure, fractions, context.device)
    like = next(iter(sample.primitives.values()), torch.zeros(1, dtype=torch.float64))
    with torch.no_grad():
        evaluation = evaluate(context.claim, Given(structure, sample.primitives, like, 1), {"checkpoints": kind.checkpoints})
    return _distance(evaluation)[0].cpu().numpy()


@replay.register
def replay_limit(kind: Limit, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """The verdict on one given instance, from its 60-digit run."""
    structure, fractions = parse(context.claim, witness)
    shown = _sixty_digits(context, kind, None, structure, fractions)
    if isinstance(shown, str):
        return Verdict(Outcome.UNDECIDED, Warrant.NONE, Margin(None, None, shown), shown, instances={"pinned": 1})
    behaviour = shown.operands["behaviour"]
    outcome = {"diverged": Outcome.REFUTED, "levelled off": Outcome.REFUTED, "unclear": Outcome.UNDECIDED}.get(
        behaviour, Outcome.HOLDS
    )
    words = f"{behaviour}: {shown.operands['distance']}"
    refuting = shown if outcome == Outcome.REFUTED else None
    return Verdict(
        outcome,
        Warrant.CORROBORATED,
        Margin(shown.ratio, kind.tolerance, words),
        words,
        {"pinned": 1},
        worst=shown,
        smallest=refuting,
    )


def _picture(kind: Limit, curves: np.ndarray) -> dict[str, Any]:
    finite = np.where(np.isfinite(curves), np.abs(curves), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column may have no finite value
        rows = {"worst": np.nanmax(finite, axis=0), "median": np.nanmedian(finite, axis=0), "best": np.nanmin(finite, axis=0)}
    return {"type": "limit", "x": list(kind.checkpoints), **{n: [_finite(float(v)) for v in row] for n, row in rows.items()}}


def _finite(x: float) -> float | None:
    return x if np.isfinite(x) else None
