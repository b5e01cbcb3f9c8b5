"""Instances on which the mutants of one claim are compared with it: what differs among them is the printed side alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.evaluation import evaluate, sides
from lakatos.families import Given, Sample, Source, call_by_name
from lakatos.hunting.certify import Judgement, judge, to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.ledger import Ledger, resample, structure_key
from lakatos.hunting.sources import RandomSource
from lakatos.kinds import Inequality, Pointwise
from lakatos.kinds.sampled import Sampled

# Two formulas that agree to this relative precision on every instance of the pool are taken to be the same.
SAME = 1e-10
# A violation of this size is no rounding; smaller ones are left to the hunt, which knows their error budget.
PLAIN = 1e-6
BUILDS = 16
ROWS = 64
# Instances on which a mutant seems to fail that are judged in exact arithmetic before it is hunted.
JUDGED = 3


@dataclass
class _Batch:
    """Instances of one structure: what was drawn, every quantity by name, and the measured side."""

    sample: Sample
    values: dict[str, Any]
    measured: Any
    valid: torch.Tensor
    left: torch.Tensor
    right: torch.Tensor

    @property
    def rows(self) -> int:
        return int(self.valid.shape[0])


class Pool:
    """Instances of a claim: independent ones of every stratum, and those that came closest to refuting it."""

    def __init__(self, claim: Claim, context: Context, ledger: Ledger | None = None) -> None:
        self.claim = claim
        self._batches: list[_Batch] = []
        generator, chooser = context.generator("pool"), context.chooser("pool")
        turns: list[dict[str, Any]] = [dict(s.pinned) for s in claim.on.strata.values() if s.pinned]
        for turn in [*turns, *[{}] * BUILDS]:
            self._add(RandomSource(ROWS, generator, chooser, turn))
        for sample in _closest(ledger) if ledger is not None else []:
            like = next(iter(sample.primitives.values()), torch.zeros(1, dtype=torch.float64))
            self._add(Given(sample.structure, sample.primitives, like, int(like.shape[0])))

    def _add(self, source: Source) -> None:
        # A claim whose outcomes have to be sampled is compared by its printed side only.
        measure = isinstance(self.claim.kind, Pointwise)
        with torch.no_grad():
            values, sample = self.claim.on.build(source)
            if measure:
                evaluation = evaluate(self.claim, Given(sample.structure, sample.primitives, _like(sample), source.batch))
                if evaluation.broken is not None:
                    evaluation = resample(self.claim, sample.rows(~evaluation.left.isnan().any(-1)))
                    sample = evaluation.sample
                measured, valid = call_by_name(self.claim.function, evaluation.values, "the measured side"), evaluation.valid
                left, right, values = evaluation.left, evaluation.right, evaluation.values
            else:
                measured = torch.zeros(source.batch, dtype=torch.float64)
                left, right = sides(self.claim, values, measured, source.batch, exact=False)
                truth = self.claim.on.valid(values, exact=False)
                valid = truth if isinstance(truth, torch.Tensor) else torch.full((source.batch,), bool(truth))
        if bool(valid.any()):
            self._batches.append(_Batch(sample, values, measured, valid, left, right))

    @property
    def positive(self) -> bool:
        """Whether both sides are nowhere negative, so that a factor on the bound means something."""
        return all(bool((b.left[b.valid] >= 0).all() and (b.right[b.valid] >= 0).all()) for b in self._batches)

    @property
    def equal(self) -> bool:
        """Whether both sides are equal on every instance, so that a bound holds in both directions."""
        return all(bool((_relative(b.left, b.right)[b.valid].abs() <= SAME).all()) for b in self._batches)

    def least_room(self, mutant: Claim) -> float:
        """The smallest factor, over the instances, by which the mutant's bound is tighter than the claim's: 1 where it is the same.

        Zero where that says nothing: a side is not positive, or the claim is no inequality of the mutant's direction.
        """
        kind = mutant.kind
        if not isinstance(kind, Inequality) or kind != self.claim.kind:
            return 0.0
        least = 1.0
        for batch in self._batches:
            with torch.no_grad():
                left, right = sides(mutant, batch.values, batch.measured, batch.rows, exact=False)
            old, new = (s.expand_as(left)[batch.valid] for s in (batch.right, right))
            if not bool(((old > 0) & (new > 0)).all()):
                return 0.0
            ratio = new / old if kind.relation in ("<=", "<") else old / new
            least = min(least, float(ratio.min()))
        return least

    def undefined(self, mutant: Claim) -> bool:
        """Whether the mutant's printed side is infinite somewhere, where the claim's is not."""
        for batch in self._batches:
            with torch.no_grad():
                left, right = sides(mutant, batch.values, batch.measured, batch.rows, exact=False)
            if bool((torch.isinf(right) & ~torch.isinf(batch.right.expand_as(left)))[batch.valid].any()):
                return True
        return False

    def compare(self, mutant: Claim) -> tuple[str, Judgement | None]:
        """Why the mutant says nothing beyond the claim (or an empty string), and an instance that certainly refutes it, if one
        of the pool does.

        Raises
        ------
        ClaimError
            when the mutant's printed side is NaN on a valid instance, or cannot be evaluated at all.
        """
        same, weaker, fails = True, True, list[_Failure]()
        for batch in self._batches:
            with torch.no_grad():
                left, right = sides(mutant, batch.values, batch.measured, batch.rows, exact=False)
            if bool(torch.isnan(right[batch.valid]).any()):
                raise ClaimError("its printed side is NaN on a valid instance")
            # One number per instance stands for a row of equal ones.
            new, old = right.expand_as(left), batch.right.expand_as(left)
            same = same and bool((_relative(new, old)[batch.valid].abs() <= SAME).all())
            if self._trivial_below_zero:
                new, old = new.clamp(min=0), old.clamp(min=0)
            weaker = weaker and bool((_looser(mutant, _relative(new, old)[batch.valid]) >= -SAME).all())
            fails += _failing(mutant, batch, left, right)
        if same:
            return "the same value on every instance compared", None
        if weaker and getattr(mutant.kind, "relation", None) is not None:
            return "a weaker bound than the claim on every instance compared", None
        return "", self._certified(mutant, fails)

    @property
    def _trivial_below_zero(self) -> bool:
        """Whether what is measured is never negative and bounded from below, so that every negative bound says the same."""
        kind = self.claim.kind
        below = isinstance(kind, Inequality) and kind.relation in (">=", ">")
        return below and all(bool((b.left[b.valid] >= 0).all()) for b in self._batches)

    def _certified(self, mutant: Claim, fails: list[_Failure]) -> Judgement | None:
        for _, sample, row in sorted(fails, key=lambda f: f[0])[:JUDGED]:
            judgement = judge(mutant, sample.structure, to_fractions(sample, row))
            if judgement.violated:
                return judgement
        return None


def _like(sample: Sample) -> torch.Tensor:
    return next(iter(sample.primitives.values()), torch.zeros(1, dtype=torch.float64))


def _closest(ledger: Ledger) -> list[Sample]:
    """The closest instances of each structure, as one sample each."""
    found = []
    for best in ledger.candidates():
        samples = [c.sample for c in ledger.best_of(best.sample)]
        first = samples[0]
        together = {n: torch.cat([s.primitives[n] for s in samples]) for n in first.primitives}
        found.append(Sample(first.structure, first.choices, together, first.domains))
    return sorted(found, key=lambda s: repr(structure_key(s)))


def _relative(new: torch.Tensor, old: torch.Tensor) -> torch.Tensor:
    """The difference relative to the larger magnitude; zero where both are the same, infinities included."""
    gap = torch.where(new == old, torch.zeros_like(new), new - old)
    size = torch.maximum(new.abs(), old.abs()).clamp(min=1e-300)
    return torch.where(torch.isinf(size), gap.sign(), gap / size)


def _looser(mutant: Claim, gap: torch.Tensor) -> torch.Tensor:
    """By how much the mutant asks for less than the claim."""
    kind = mutant.kind
    if not isinstance(kind, (Inequality, Sampled)):
        return torch.full_like(gap, -1.0)
    return gap if kind.relation in ("<=", "<") else -gap


_Failure = tuple[tuple[int, int, float], Sample, int]


def _failing(mutant: Claim, batch: _Batch, left: torch.Tensor, right: torch.Tensor) -> list[_Failure]:
    """The instances on which the mutant plainly fails, with how hard they are to compute with: few, short numbers first."""
    if not isinstance(mutant.kind, Pointwise):
        return []
    with torch.no_grad():
        score = mutant.kind.score(left, right).amax(-1).masked_fill(~batch.valid, -torch.inf).nan_to_num(nan=-torch.inf)
    rows = (score > PLAIN).nonzero()[:, 0].tolist()
    numbers = [p.reshape(batch.rows, -1) for p in batch.sample.primitives.values()]
    found = []
    for row in rows[: 4 * JUDGED]:
        long = sum(int((p[row] * 2 != (p[row] * 2).round()).sum()) for p in numbers)
        found.append(((long, sum(p.shape[1] for p in numbers), -float(score[row])), batch.sample, row))
    return sorted(found, key=lambda f: f[0])[:JUDGED]
