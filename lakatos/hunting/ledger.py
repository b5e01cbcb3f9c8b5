"""What a search has seen: counts per source and stratum, and the instances that came closest to the edge."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import torch

from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.evaluation import Evaluation, describe, evaluate, refuse_nan, stratum_hits
from lakatos.families import Given, Sample, Source
from lakatos.hunting.certify import Judgement, judge, to_fractions
from lakatos.hunting.context import Context
from lakatos.kinds.pointwise import Identity, Pointwise
from lakatos.rounding import RUNS, UNIT_ROUNDOFF, Perturbed, rounding_scale
from lakatos.verdicts import Count

KEPT_PER_STRUCTURE = 8
# Rows of a batch whose rounding is looked into first; usually the closest is among them.
EXAMINED = 16
# Scores closer to the edge, or to each other, than this are not worth telling apart while searching.
EDGE = 1e-9
# Sides that agree to this relative precision are equal as far as float64 tells, whatever their conditioning.
PLAINLY_EQUAL = 256 * UNIT_ROUNDOFF
PLAINLY_DIFFERENT = 1e-3
# A score this far over the edge, rounding conceded, is a refutation; after it only much worse instances are news.
PLAINLY_REFUTED = 0.05
NOTEWORTHY = 0.1
# Plain refutations that exact arithmetic is asked about during a search; after them nothing is skipped any more.
MOST_JUDGED = 16
# Instances on which float64 breaks down that exact arithmetic is asked about during a search.
MOST_BROKEN = 8
# Instances per structure that violate, but within their error budget, or whose budget is unknown.
KEPT_AT_THE_EDGE = 2


@dataclass
class Candidate:
    """An instance worth remembering: its rank (higher is closer to refuting), its ratio, and what was drawn."""

    rank: float
    ratio: float
    sample: Sample


def structure_key(sample: Sample) -> Hashable:
    """Equal for samples of equal structure."""
    return tuple(sorted((name, repr(value)) for name, value in sample.structure.items()))


def resample(claim: Claim, sample: Sample) -> Evaluation:
    """Evaluate the claim on known primitives."""
    like = next(iter(sample.primitives.values()), torch.zeros(1, dtype=torch.float64))
    return evaluate(claim, Given(sample.structure, sample.primitives, like, int(like.shape[0])))


def error_budget(claim: Claim, evaluation: Evaluation, generator: torch.Generator, runs: int = RUNS) -> torch.Tensor:
    """How much rounding may have moved the violation of each component ``(batch, components)``."""
    signed, sample = evaluation.left - evaluation.right, evaluation.sample
    if not sample.primitives:
        return torch.zeros_like(signed)
    # All runs in one batch. The primitives are exact inputs: only what is computed from them is rounded.
    copies = restricted(sample, {n: v.repeat(runs, *[1] * (v.ndim - 1)) for n, v in sample.primitives.items()})
    with torch.no_grad(), Perturbed(generator):
        again = resample(claim, copies)
    deviation = ((again.left - again.right).reshape(runs, *signed.shape) - signed).abs()
    # A run that left the domain of a root or a logarithm tells nothing; where all of them did, nothing is known.
    unknown = deviation.isnan().all(0)
    deviation = torch.where(deviation.isnan(), 0.0, deviation).amax(0).masked_fill(unknown, math.inf)
    floor = 2 * UNIT_ROUNDOFF * (evaluation.left.abs() + evaluation.right.abs())
    return rounding_scale(deviation) + floor


class Ledger:
    """The memory of one search over a pointwise claim."""

    def __init__(self, claim: Claim, context: Context) -> None:
        assert isinstance(claim.kind, Pointwise)
        self.claim, self.kind, self.context = claim, claim.kind, context
        self.instances: dict[str, int] = {}
        self.rejected = 0
        self.drawn = self.lost = 0
        self.hits = dict.fromkeys(claim.on.strata, 0)
        self.worst_in = dict.fromkeys(claim.on.strata, -math.inf)
        self.worst = -math.inf
        self.incomparable = 0
        # Instances on which float64 breaks down, and what exact arithmetic refuted among them.
        self.broken = 0
        self.refuted_exactly: tuple[Candidate, Judgement] | None = None
        self.asked = 0
        self._closest = -math.inf
        # Whether exact arithmetic has confirmed a plain refutation; and what it was asked about.
        self.certain = False
        self._judged: dict[int, Candidate] = {}
        self._noise = context.generator("rounding")
        self._best: dict[Hashable, list[Candidate]] = {}
        self._at_the_edge: dict[Hashable, list[Candidate]] = {}

    @property
    def total(self) -> int:
        """Valid instances so far."""
        return sum(self.instances.values())

    def explore(self, source: Source, name: str) -> Evaluation:
        """Evaluate a batch from a source and remember what matters."""
        with torch.no_grad():
            evaluation = evaluate(self.claim, source)
            self.add(evaluation, name)
        return evaluation

    def add(
        self, evaluation: Evaluation, name: str, *, examine: bool = True, searching: bool = False, news: float = 0.0
    ) -> None:
        """Count a batch, and keep the instances that come closest to the edge once rounding is conceded.

        With ``examine=False`` the batch is only counted: the steps of an ascent are neighbours of each other. With
        ``searching=True`` an instance whose sides are NaN is dropped: a search may run where float64 overflows, a family may not.
        What is neither beyond the edge nor closer to it by more than ``news`` is not looked into.
        """
        if searching:
            evaluation.valid = evaluation.valid & ~torch.isnan(evaluation.left + evaluation.right).any(-1)
        else:
            refuse_nan(self.claim, evaluation)
            self._ask_about_broken(evaluation)
        valid = evaluation.valid
        hits = stratum_hits(self.claim, evaluation) if examine else {}
        seen = int(valid.sum())
        self.instances[name] = self.instances.get(name, 0) + seen
        rejected = evaluation.batch - seen - (0 if evaluation.broken is None else int(evaluation.broken.sum()))
        self.rejected += rejected
        if not searching:
            self.drawn += seen
            self.lost += rejected
        for stratum, hit in hits.items():
            self.hits[stratum] += int(hit.sum())
        if examine and seen:
            self._examine(evaluation, hits, news)
        self.context.tell(self.total, self.worst if math.isfinite(self.worst) else None, name)

    def _ask_about_broken(self, evaluation: Evaluation) -> None:
        """Judge instances on which float64 breaks down: what exact arithmetic cannot evaluate either is the claim's own fault."""
        if evaluation.broken is None:
            return
        rows = evaluation.broken.nonzero()[:, 0].tolist()
        self.broken += len(rows)
        for row in rows[: MOST_BROKEN - self.asked]:
            self.asked += 1
            only = evaluation.sample.rows(slice(row, row + 1))
            judgement = judge(self.claim, only.structure, to_fractions(only))
            if judgement.violated is None:
                raise ClaimError(
                    f"{self.claim.id} ({self.claim.file.name}::{self.claim.name}) cannot be evaluated on a valid instance: float64 "
                    f"breaks down, and in exact arithmetic {judgement.why}:\n{describe(evaluation.sample, row)}\nExclude the "
                    "instance by an assumption, or draw such that it cannot occur."
                )
            if judgement.violated and self.refuted_exactly is None:
                self.refuted_exactly = Candidate(math.inf, math.inf, only), judgement

    def _examine(self, evaluation: Evaluation, hits: dict[str, torch.Tensor], news: float) -> None:
        """Rank the rows; concede rounding to those that seem to refute or to be the closest so far."""
        with torch.no_grad():
            left, right = evaluation.left.detach(), evaluation.right.detach()
            scores = self.kind.score(left, right)
            rank, component = scores.max(-1, keepdim=True)
            ratio = self.kind.ratio(scores, left, right).gather(-1, component)[:, 0]
        rank = rank[:, 0].masked_fill(~evaluation.valid, -math.inf)
        self.incomparable += int(rank.isnan().sum())
        rank = rank.masked_fill(rank.isnan(), -math.inf)  # both sides are infinite
        top = float(rank.max())
        if (self.certain and top <= self._closest + NOTEWORTHY) or (news and top < 0 and top <= self._closest + news):
            return
        apparent = rank.clone()
        # A relative difference says little without the conditioning of its instance, so an identity is examined wherever its
        # sides do not plainly agree.
        identity = isinstance(self.kind, Identity)
        if identity:
            plainly = (rank <= PLAINLY_EQUAL) & (rank > -math.inf)
            rank, ratio = rank.masked_fill(plainly, 0.0), ratio.masked_fill(plainly, 0.0)
        order = rank.argsort(descending=True)
        # Once an identity is plainly refuted, more differences of the same kind say nothing new.
        sizes: tuple[int, ...] = (EXAMINED, 16 * EXAMINED, len(rank))
        if identity:
            if self.certain:
                return
            sizes = (len(rank),)
        for size in sizes:
            rows = order[:size]
            rows = rows[rank[rows] > (0 if identity else min(self._closest, EDGE) + EDGE)]
            if len(rows):
                rank[rows], ratio[rows] = self._conceded(evaluation, rows)
            closest = max(float(rank[order[:size]].max()), min(self._closest, EDGE))
            if size >= len(rank) or float(rank[order[size]]) <= closest + EDGE:
                break
        self._remember_edge(evaluation.sample, apparent, rank)
        self._closest = max(self._closest, float(rank.max()))
        ratio = ratio.masked_fill(torch.isneginf(rank), -math.inf)
        self.worst = max(self.worst, float(ratio.max()))
        for stratum, hit in hits.items():
            self.worst_in[stratum] = max(self.worst_in[stratum], float(ratio.masked_fill(~hit, -math.inf).max()))
        self._remember(evaluation.sample, rank, ratio)
        if not self.certain and self._closest > self._plainly:
            self._settle()

    @property
    def _plainly(self) -> float:
        """The rank above which only an exact judgement can tell a refutation from what rounding left of two zeros."""
        return PLAINLY_DIFFERENT if isinstance(self.kind, Identity) else PLAINLY_REFUTED

    def _settle(self) -> None:
        """Judge what seems plainly refuted: nothing may be skipped because of it before it is certain; drop what is not."""
        for key, kept in self._best.items():
            for candidate in [c for c in kept if c.rank > self._plainly and id(c) not in self._judged]:
                if len(self._judged) == MOST_JUDGED:
                    return
                self._judged[id(candidate)] = candidate
                judgement = judge(self.claim, candidate.sample.structure, to_fractions(candidate.sample))
                if judgement.violated:
                    self.certain = True
                    return
                if judgement.violated is False:
                    self._best[key] = [c for c in self._best[key] if c is not candidate]
        ranked = self.candidates()
        self._closest = ranked[0].rank if ranked else -math.inf
        self.worst = max((c.ratio for c in ranked), default=-math.inf)

    def _conceded(self, evaluation: Evaluation, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Rank and ratio of some rows, their error budget conceded to the claim."""
        rank, ratio = self._conceded_by(evaluation, rows, 1)
        # One perturbed run may happen to move nothing; what still seems to refute is looked at more closely.
        edge = 0 if isinstance(self.kind, Identity) else EDGE
        again = (rank > edge).nonzero()[:, 0]
        again = again[rank[again].argsort(descending=True)]
        for part in (again[: 4 * EXAMINED], again[4 * EXAMINED :]):
            if len(part):
                rank[part], ratio[part] = self._conceded_by(evaluation, rows[part], RUNS)
        return rank, ratio

    def _conceded_by(self, evaluation: Evaluation, rows: torch.Tensor, runs: int) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.no_grad():
            left, right = evaluation.left.detach()[rows], evaluation.right.detach()[rows]
            part = Evaluation(left, right, evaluation.valid[rows], {}, evaluation.sample.rows(rows))
            budget = error_budget(self.claim, part, self._noise, runs=runs)
            left, right = self.kind.discounted(part.left, part.right, budget)
            scores = self.kind.score(left, right)
            rank, component = scores.max(-1, keepdim=True)
            # An unknown budget concedes everything: exact arithmetic, not the ranking, says what such an instance means.
            nothing = rank[:, 0].isnan() | budget.isinf().any(-1)
            return rank[:, 0].masked_fill(nothing, -math.inf), self.kind.ratio(scores, left, right).gather(-1, component)[:, 0]

    def _remember(self, sample: Sample, rank: torch.Tensor, ratio: torch.Tensor) -> None:
        values, rows = rank.topk(min(KEPT_PER_STRUCTURE, len(rank)))
        kept = self._best.setdefault(structure_key(sample), [])
        bar = kept[-1].rank if len(kept) == KEPT_PER_STRUCTURE else -math.inf
        for value, row in zip(values.tolist(), rows.tolist(), strict=True):
            if value > bar and value > -math.inf:
                only = sample.rows(slice(row, row + 1))
                only.primitives = {n: v.detach().clone() for n, v in only.primitives.items()}
                kept.append(Candidate(value, float(ratio[row]), only))
        kept.sort(key=lambda c: -c.rank)
        del kept[KEPT_PER_STRUCTURE:]

    def _remember_edge(self, sample: Sample, apparent: torch.Tensor, rank: torch.Tensor) -> None:
        """Keep instances that seem to refute although nothing is left of it once rounding is conceded."""
        unclear = (apparent >= 0 if self.kind.strict else apparent > 0) & (rank < 0)
        kept = self._at_the_edge.setdefault(structure_key(sample), [])
        for row in unclear.nonzero()[: KEPT_AT_THE_EDGE - len(kept), 0].tolist():
            only = sample.rows(slice(row, row + 1))
            only.primitives = {n: v.detach().clone() for n, v in only.primitives.items()}
            kept.append(Candidate(0.0, 1.0, only))

    def at_the_edge(self) -> list[Candidate]:
        """Instances that seem to refute, but within their error budget."""
        return [c for kept in self._at_the_edge.values() for c in kept]

    def candidates(self) -> list[Candidate]:
        """The closest instance of each structure, the closest first."""
        return sorted((kept[0] for kept in self._best.values() if kept), key=lambda c: -c.rank)

    def best_of(self, sample: Sample) -> list[Candidate]:
        """The closest instances of one structure."""
        return self._best.get(structure_key(sample), [])

    def counts(self, required: dict[str, int]) -> dict[str, Count]:
        """Instances per stratum, as the record wants them."""
        finite = {n: w if math.isfinite(w) else None for n, w in self.worst_in.items()}
        return {name: Count(required[name], seen, finite[name]) for name, seen in self.hits.items()}


def restricted(sample: Sample, values: dict[str, Any]) -> Sample:
    """The sample with other primitives."""
    return Sample(sample.structure, sample.choices, values, sample.domains)
