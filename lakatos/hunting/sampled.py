"""Probabilities and expectations: sample until every instance is decided, or the trials are spent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import stats

from lakatos.errors import ClaimError
from lakatos.evaluation import Evaluation, evaluate, stratum_hits
from lakatos.families import Given, Sample
from lakatos.hunting.certify import as_sample, parse, printable, to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.rules import decide, replay
from lakatos.hunting.sources import RandomSource
from lakatos.kinds.sampled import Expectation, Probability, Sampled
from lakatos.sequential import LONGEST, MeanSequence, log_e_above, log_e_below, trials_to_decide
from lakatos.verdicts import Count, Margin, Outcome, Verdict, Warrant, Witness

FREE_BUILDS = 4
FIRST_ROUND = 256
LARGEST_ROUND = 16_384
# Trials per instance are a share of the profile's instances: 2,048 in the quick profile, 65,536 in the gate's.
SHARE = 2
# What float64 may add to a printed probability: one that lies further outside of [0, 1] is none.
ROUNDING = 1e-9


@dataclass
class _Group:
    """Instances of one build, and what sampling them has shown."""

    sample: Sample
    size: int
    verdicts: np.ndarray
    """+1 holds, -1 refuted, 0 open ``(instances,)``."""
    estimate: np.ndarray
    printed: np.ndarray
    trials: int
    judge: _Judge


@decide.register
def decide_sampled(kind: Sampled, context: Context) -> Verdict:
    """Sample instances of every stratum and conclude."""
    claim = context.claim
    generator, chooser = context.generator("sampled"), context.chooser("sampled")
    turns: list[dict[str, Any]] = [dict(s.pinned) for s in claim.on.strata.values() if s.pinned] + [{}] * FREE_BUILDS
    built: list[tuple[Sample, np.ndarray]] = []
    hits: dict[str, int] = {}
    if claim.witness is not None:
        structure, fractions = parse(claim, claim.witness)
        built.append((as_sample(claim, structure, fractions, context.device), np.array([True])))
    rejected = 0
    for turn in turns:
        sample, valid, lost = _build(context, kind, RandomSource(kind.batch, generator, chooser, turn), hits)
        built.append((sample, valid))
        rejected += lost
    for name, need in _required(context, kind).items():
        for _ in range(20):
            if hits.get(name, 0) >= need:
                break
            source = RandomSource(kind.batch, generator, chooser, claim.on.strata[name].pinned)
            sample, valid, lost = _build(context, kind, source, hits)
            built.append((sample, valid))
            rejected += lost
    kept = [(sample.rows(valid.nonzero()[0]), int(valid.sum())) for sample, valid in built if valid.any()]
    missed = [n for n, need in _required(context, kind).items() if hits.get(n, 0) < need]
    if not kept or missed:
        reason = f"required strata not reached: {', '.join(missed)}" if kept else "no instance satisfied the assumptions"
        return Verdict(
            Outcome.VACUOUS, Warrant.NONE, Margin(None, None, reason), f"{claim.on.name}: {reason}.", rejected=rejected
        )
    verdict = _conclude(
        context, kind, [_sampled(context, kind, s, n, sum(k for _, k in kept), i) for i, (s, n) in enumerate(kept)]
    )
    verdict.rejected = rejected
    verdict.strata = {n: Count(need, hits.get(n, 0)) for n, need in _required(context, kind).items()}
    return verdict


@replay.register
def replay_sampled(kind: Sampled, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """Sample one given instance."""
    structure, fractions = parse(context.claim, witness)
    sample = as_sample(context.claim, structure, fractions, context.device)
    return _conclude(context, kind, [_sampled(context, kind, sample, 1, 1, 0)])


def _required(context: Context, kind: Sampled) -> dict[str, int]:
    return {name: s.require or 1 for name, s in context.claim.on.strata.items()}


def _evaluated(context: Context, source: Any, trials: int, generator: torch.Generator) -> Evaluation:
    with torch.no_grad():
        evaluation = evaluate(context.claim, source, {"trials": trials, "generator": generator})
    if evaluation.left.shape[1] != trials:
        raise ClaimError(
            f"The measured side of {context.claim.id} returned {evaluation.left.shape[1]} outcomes per instance for trials={trials}. "
            "Return one outcome per independent trial, (batch, trials)."
        )
    if bool(torch.isnan(evaluation.left[evaluation.valid]).any()):
        raise ClaimError(f"The measured side of {context.claim.id} returned NaN for a trial; every trial needs an outcome.")
    return evaluation


def _build(context: Context, kind: Sampled, source: RandomSource, hits: dict[str, int]) -> tuple[Sample, np.ndarray, int]:
    evaluation = _evaluated(context, source, 1, context.generator("probe"))
    for name, hit in stratum_hits(context.claim, evaluation).items():
        hits[name] = hits.get(name, 0) + int(hit.sum())
    valid = evaluation.valid.cpu().numpy()
    return evaluation.sample, valid, int((~valid).sum())


def _sampled(context: Context, kind: Sampled, sample: Sample, size: int, instances: int, place: int) -> _Group:
    generator = context.generator(f"trials/{place}")
    like = next(iter(sample.primitives.values()), torch.zeros(1, dtype=torch.float64, device=context.device))
    budget = max(FIRST_ROUND, context.profile.instances // SHARE)
    error = kind.error / (2 * instances)
    assert isinstance(kind, (Probability, Expectation))
    judge: _Judge = _Events(kind, size, error) if isinstance(kind, Probability) else _Means(kind, size, error)
    spent, length = 0, FIRST_ROUND
    while spent < budget and (judge.verdicts == 0).any():
        length = min(length, budget - spent, LARGEST_ROUND)
        evaluation = _evaluated(context, Given(sample.structure, sample.primitives, like, size), length, generator)
        judge.feed(evaluation)
        spent += length
        length *= 2
        context.tell(spent * size, None, "trials")
    return _Group(sample, size, judge.verdicts, judge.estimate, judge.printed, spent, judge)


class _Judge:
    verdicts: np.ndarray
    printed: np.ndarray

    def feed(self, evaluation: Evaluation) -> None:
        raise NotImplementedError

    @property
    def estimate(self) -> np.ndarray:
        raise NotImplementedError

    @property
    def variance(self) -> np.ndarray:
        """Of the estimates."""
        raise NotImplementedError

    def needed(self, estimate: np.ndarray, against: bool, deviations: float) -> np.ndarray:
        """Trials until each instance refutes (holds), if ``estimate`` were the truth and luck that far against it; or infinity."""
        raise NotImplementedError

    def _edge(self, kind: Sampled, scale: Any, against: bool) -> tuple[int, np.ndarray]:
        """Which side of which value an instance must be seen to lie on."""
        sign = 1 if kind.relation == "<=" else -1
        return (sign, self.printed) if against else (-sign, self.printed + sign * kind.margin * scale)


class _Events(_Judge):
    """Mixture e-processes for a success probability."""

    def __init__(self, kind: Probability, size: int, error: float) -> None:
        self.kind, self.error = kind, error
        self.successes, self.failures = np.zeros(size), np.zeros(size)
        self.verdicts, self.printed = np.zeros(size), np.zeros(size)

    def feed(self, evaluation: Evaluation) -> None:
        outcomes = evaluation.left.cpu().numpy()
        if not np.isin(outcomes, (0.0, 1.0)).all():
            raise ClaimError("The measured side of a probability claim returned something else than 0 and 1 for its trials.")
        self.printed = evaluation.right.cpu().numpy()[:, 0]
        self.successes += outcomes.sum(axis=1)
        self.failures += (1 - outcomes).sum(axis=1)
        threshold = math.log(1 / self.error)
        if self.kind.relation == ">=":
            against = log_e_below(self.successes, self.failures, self.printed)
            for_it = log_e_above(self.successes, self.failures, self.printed - self.kind.margin)
            trivial = self.printed - self.kind.margin < 0
            impossible = self.printed > 1 + ROUNDING
        else:
            against = log_e_above(self.successes, self.failures, self.printed)
            for_it = log_e_below(self.successes, self.failures, self.printed + self.kind.margin)
            trivial = self.printed + self.kind.margin > 1
            impossible = self.printed < -ROUNDING
        decided = np.where((against >= threshold) | impossible, -1, np.where((for_it >= threshold) | trivial, 1, 0))
        self.verdicts = np.where(self.verdicts == 0, decided, self.verdicts)

    @property
    def estimate(self) -> np.ndarray:
        return self.successes / np.maximum(self.successes + self.failures, 1)

    @property
    def variance(self) -> np.ndarray:
        return self.estimate * (1 - self.estimate) / np.maximum(self.successes + self.failures, 1)

    def needed(self, estimate: np.ndarray, against: bool, deviations: float) -> np.ndarray:
        sign, edge = self._edge(self.kind, 1.0, against)
        return np.where(sign * (estimate - edge) > 0, trials_to_decide(estimate, edge, self.error, deviations), np.inf)


class _Means(_Judge):
    """Empirical Bernstein confidence sequences for means."""

    def __init__(self, kind: Expectation, size: int, error: float) -> None:
        self.kind = kind
        self.sequence = MeanSequence(size, error)
        self.verdicts, self.printed = np.zeros(size), np.zeros(size)
        self.low, self.range = np.zeros(size), np.ones(size)

    def feed(self, evaluation: Evaluation) -> None:
        self.printed = evaluation.right.cpu().numpy()[:, 0]
        low, high = (self._bound(evaluation, b) for b in self.kind.bounds)
        self.low, self.range = low, high - low
        try:
            self.sequence.feed((evaluation.left.cpu().numpy() - low[:, None]) / self.range[:, None])
        except ValueError:
            raise ClaimError(f"An outcome of an expectation claim lies outside its bounds {self.kind.bounds}.") from None
        lower, upper = (self.low + end * self.range for end in self.sequence.interval)
        slack = self.kind.margin * self.range
        if self.kind.relation == "<=":
            decided = np.where(lower > self.printed, -1, np.where(upper <= self.printed + slack, 1, 0))
        else:
            decided = np.where(upper < self.printed, -1, np.where(lower >= self.printed - slack, 1, 0))
        self.verdicts = np.where(self.verdicts == 0, decided, self.verdicts)

    def _bound(self, evaluation: Evaluation, bound: Any) -> np.ndarray:
        value = evaluation.values[bound] if isinstance(bound, str) else bound
        return np.broadcast_to(np.asarray(value.cpu() if hasattr(value, "cpu") else value, dtype=float), self.verdicts.shape)

    @property
    def estimate(self) -> np.ndarray:
        return self.low + self.sequence.mean * self.range

    @property
    def variance(self) -> np.ndarray:
        return self.sequence.variance / max(self.sequence.n, 1) * self.range**2

    def needed(self, estimate: np.ndarray, against: bool, deviations: float) -> np.ndarray:
        sign, edge = self._edge(self.kind, self.range, against)
        return self.sequence.needed(sign * (estimate - edge) / self.range, deviations)


def _conclude(context: Context, kind: Sampled, groups: list[_Group]) -> Verdict:
    verdicts = np.concatenate([g.verdicts for g in groups])
    estimate, printed = (np.concatenate([getattr(g, n) for g in groups]) for n in ("estimate", "printed"))
    places = [(g, row) for g in groups for row in range(g.size)]
    gap = (estimate - printed) * (1 if kind.relation == "<=" else -1)
    worst = int(np.where(verdicts == -1, gap + 1e6, gap).argmax())
    trials = max(g.trials for g in groups)
    words = (
        f"estimate {estimate[worst]:.6g} against {kind.relation} {printed[worst]:.6g} on the worst of {len(verdicts)} instances, "
        f"after at most {trials:,} trials each"
    )
    margin = Margin(float(gap[worst]), kind.margin, words)
    group, row = places[worst]
    values = printable(group.sample.structure, to_fractions(group.sample, row))
    operands = {"estimate": f"{estimate[worst]:.6g}", "printed": f"{printed[worst]:.6g}", "trials": f"{group.trials:,}"}
    witness = Witness(values, operands, "float64")
    details: dict[str, Any] = {
        "error probability": kind.error,
        "instances decided": f"{int((verdicts != 0).sum())} of {len(verdicts)}",
    }
    result: dict[str, Any] = {"instances": {"batches": len(verdicts)}, "worst": witness, "details": details}
    # Spent whatever comes out: the bound is on what the rule may do, not on what it did.
    result["alarm"] = kind.error
    if (verdicts == -1).any():
        message = f"On {values} the {kind.name} is {estimate[worst]:.6g}, not {kind.relation} {printed[worst]:.6g}."
        return Verdict(Outcome.REFUTED, Warrant.MEASURED, margin, message, smallest=witness, **result)
    if (verdicts == 1).all():
        return Verdict(
            Outcome.HOLDS, Warrant.MEASURED, margin, f"All {len(verdicts)} instances hold to within {kind.margin:g}.", **result
        )
    most = _needed(groups, verdicts == 0)
    asked = "more trials than are practical"
    if np.isfinite(most) and most < LONGEST:
        details["trials that would decide"] = math.ceil(most)
        asked = f"about {math.ceil(most):,} trials each"
    still = f"{int((verdicts == 0).sum())} of {len(verdicts)} instances are undecided after {trials:,} trials"
    message = f"{still}; {asked} would decide them."
    return Verdict(Outcome.UNDECIDED, Warrant.NONE, margin, message, **result)


def _needed(groups: list[_Group], still: np.ndarray) -> float:
    """Trials that would, with an even chance, decide the claim: refute one of the open instances, or settle all of them.

    Their estimates are drawn together as far as they differ by chance, since the largest of many noisy forecasts would be far
    too large: a positive-part rule as in B. Efron and C. Morris, Stein's Estimation Rule and Its Competitors (JASA 1973), with
    as much of their spread put down to chance as a chi-squared test allows. Real differences stay as they are.
    """
    gap = np.concatenate([g.estimate - g.printed for g in groups])
    if (count := int(still.sum())) > 3:
        centre, spread = gap[still].mean(), gap[still].var(ddof=1)
        noise = np.concatenate([g.judge.variance for g in groups])[still].mean()
        noise *= float(stats.chi2.ppf(0.99, count - 1)) / (count - 1)
        kept = max(0.0, 1 - noise / spread) if spread > 0 else 0.0
        gap = np.where(still, centre + kept * (gap - centre), gap)
    shrunk = np.split(gap, np.cumsum([g.size for g in groups])[:-1])
    luck = float(stats.norm.ppf(0.5 ** (1 / count)))

    def needed(against: bool, deviations: float) -> np.ndarray:
        parts = zip(groups, shrunk, strict=True)
        return np.concatenate([g.judge.needed(g.printed + part, against, deviations) for g, part in parts])[still]

    refuting = needed(True, 0.0) < needed(False, 0.0)
    return float(needed(True, -luck)[refuting].min() if refuting.any() else needed(False, luck).max())
