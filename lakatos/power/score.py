"""The kill score of a check: of its valid, executed, non-equivalent mutants, how many it refutes."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
import torch

from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.formula import Formula
from lakatos.hunting import grid, hunt, pointwise, rates, trends
from lakatos.hunting.context import Context
from lakatos.hunting.grid import Rows
from lakatos.hunting.search import search
from lakatos.kinds import Existence, Inequality, Limit, Pointwise, Rate, Reproduction, Trend
from lakatos.kinds.sampled import Sampled
from lakatos.power.expressions import scaled
from lakatos.power.mutants import Mutant, mutants_of, spread
from lakatos.power.pool import Pool
from lakatos.profiles import Profile, get_profile
from lakatos.verdicts import Outcome, Verdict

MOST = 80
MUTANT_SECONDS = 6.0
# How far below the tightest bound that survives one must be refuted for the tightness to be reported; then coarser steps.
TIGHTER = (Fraction(1, 1000), Fraction(1, 100), Fraction(1, 10), Fraction(1, 2))
# A sampled claim needs trials rather than instances.
SAMPLED_INSTANCES = 131_072

# A mutant of a limit or of a sampled claim takes runs of its own, seconds of them, so that fewer are tried.
MOST_RUNS = 24
RUNS_TAKE = 4
# Where the bound is met this closely, what survives is hunted once more with the budget of the profile below.
TIGHT = 0.999
CLOSER = "gate"
# A mutant whose bound keeps this much distance from everything that the claim's own hunt has found is not hunted again.
ROOM = 0.9

_BROKEN = (ArithmeticError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, NotImplementedError)


class TooLong(Exception):
    """A mutant's time is over."""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    """The same statement as the original on the family, or one that the original implies."""
    INVALID = "invalid"
    """It could not be evaluated, or no instance satisfied what was left of its assumptions."""
    TIMEOUT = "timeout"
    """Its hunt took too long; neither a kill nor a survival."""


@dataclass(frozen=True)
class Trial:
    """One mutant's fate."""

    change: str
    operator: str
    fate: Fate
    why: str = ""


@dataclass(frozen=True)
class Tightness:
    """The smallest factor on the bound of an inequality that survives.

    Parameters
    ----------
    survives:
        The worst ratio found: with this factor the bound is met.
    refuted:
        The largest smaller factor that was tried and refuted, or None.
    witness:
        The instance on which the bound with that factor breaks.
    """

    survives: float
    refuted: float | None = None
    witness: dict[str, Any] | None = None

    @property
    def confirmed(self) -> bool:
        """Whether a factor smaller by one in a thousand is refuted."""
        return self.refuted is not None and self.refuted >= self.survives * (1 - 1.01 * float(TIGHTER[0]))


@dataclass
class Score:
    """The fates of a claim's mutants.

    Parameters
    ----------
    claim:
        Its id.
    trials:
        The mutants that were tried.
    derived:
        How many there were, before some were left out.
    tightness:
        For an inequality whose sides are positive at the worst instance.
    note:
        Why there is no score, where there is none.
    """

    claim: str
    trials: list[Trial] = field(default_factory=list)
    derived: int = 0
    tightness: Tightness | None = None
    note: str = ""
    seconds: float = 0.0

    def count(self, fate: Fate) -> int:
        """How many mutants met this fate."""
        return sum(t.fate == fate for t in self.trials)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Score:
        """The score that :meth:`as_data` wrote, under its claim's id; what was changed is known of the survivors only."""
        kills = data.get("kills", {})
        trials = [Trial("", operator, Fate.KILLED) for operator, count in kills.items() for _ in range(count)]
        counts = {fate: data[str(fate)] for fate in Fate if fate != Fate.SURVIVED}
        counts[Fate.KILLED] -= len(trials)
        trials += [Trial("", "", fate) for fate, count in counts.items() for _ in range(count)]
        trials += [Trial(t["change"], t["operator"], Fate.SURVIVED, t["why"]) for t in data["survivors"]]
        breaks = data["breaks"] or {"factor": None, "witness": None}
        survives = data["tightness"] if data["bracket"] is None else data["bracket"][1]
        tight = None if survives is None else Tightness(survives, breaks["factor"], breaks["witness"])
        return cls(data["id"], trials, data["derived"], tight, data["note"])

    @property
    def killed(self) -> int:
        """The numerator of the kill score."""
        return self.count(Fate.KILLED)

    @property
    def counted(self) -> int:
        """Its denominator: mutants that are valid, were executed, and are not equivalent."""
        return self.killed + self.count(Fate.SURVIVED)

    @property
    def survivors(self) -> list[Trial]:
        """Mutants that the check did not refute."""
        return [t for t in self.trials if t.fate == Fate.SURVIVED]

    def as_data(self) -> dict[str, Any]:
        """The score as JSON-able data; nothing in it depends on the clock, but for mutants whose time was over."""
        tight = self.tightness
        return {
            "killed": self.killed,
            "kills": dict(sorted(Counter(t.operator for t in self.trials if t.fate == Fate.KILLED and t.operator).items())),
            "counted": self.counted,
            **{str(f): self.count(f) for f in (Fate.EQUIVALENT, Fate.INVALID, Fate.TIMEOUT)},
            "derived": self.derived,
            "tightness": tight.survives if tight and tight.confirmed else None,
            "bracket": [tight.refuted, tight.survives] if tight and not tight.confirmed else None,
            "breaks": {"factor": tight.refuted, "witness": tight.witness} if tight and tight.refuted is not None else None,
            "survivors": [{"operator": t.operator, "change": t.change, "why": t.why} for t in self.survivors],
            "note": self.note,
        }


def score(
    claim: Claim,
    *,
    profile: str | Profile = "power",
    seed: int = 0,
    most: int | None = MOST,
    mutant_seconds: float = MUTANT_SECONDS,
    progress: Callable[[Claim, int, int], None] | None = None,
) -> Score:
    """Run the claim's own check on its mutants.

    A claim is scored where its check finds that it holds: the mutants of a claim that fails need no work to fail as well.

    Parameters
    ----------
    claim:
        The claim whose check is tried.
    profile, seed:
        The budget of each hunt, and the start of its random streams.
    most:
        At most so many mutants, spread evenly over the operators, and fewer of a limit or a sampled claim; None for all.
    mutant_seconds:
        Processor time that one mutant may take. One that takes longer is a timeout, whatever it concluded.
    progress:
        Called with the claim, the mutants done and their number.
    """
    budget = get_profile(profile) if isinstance(profile, str) else profile
    if isinstance(claim.kind, Sampled):
        budget = replace(budget, instances=max(budget.instances, SAMPLED_INSTANCES))
    started = time.monotonic()
    # Two threads on a busy machine of two cores run ten times slower than one; parallelism comes from processes.
    torch.set_num_threads(1)
    result = Score(claim.id)
    if claim.expect != Outcome.HOLDS:
        result.note = f"expected: {claim.expect}"
        return result
    if isinstance(claim.kind, (Existence, Reproduction)):
        rests = "its certified witness" if isinstance(claim.kind, Existence) else "the printed numbers"
        result.note = f"{claim.kind.name}: it rests on {rests}, not on a search"
        return result
    check = _Check(claim, budget, seed, mutant_seconds)
    if check.verdict.outcome != Outcome.HOLDS:
        result.note = f"not scored, for the claim itself comes out as {check.verdict.outcome}"
        return result
    mutants = mutants_of(claim)
    result.derived = len(mutants)
    if isinstance(claim.kind, (Limit, Sampled)) and most is not None:
        most = min(most, MOST_RUNS)
    mutants = mutants if most is None else spread(mutants, most)
    for done, mutant in enumerate(mutants):
        if progress is not None:
            progress(claim, done, len(mutants))
        result.trials.append(check.trial(mutant))
    result.trials = _attained(claim, result.trials)
    if not mutants:
        result.note = "no mutants"
    result.tightness = check.tightness()
    result.seconds = time.monotonic() - started
    return result


class _Check:
    """The check of one claim, ready to be run on its mutants: what they share with the claim is measured once."""

    def __init__(self, claim: Claim, profile: Profile, seed: int, limit: float) -> None:
        self.claim, self.profile, self.seed = claim, profile, seed
        self.limit = limit * RUNS_TAKE if isinstance(claim.kind, (Limit, Sampled)) else limit
        self.context = Context(claim, profile, seed, torch.device("cpu"))
        self._pool: Pool | None = None
        self._rows: Rows | None = None
        kind = claim.kind
        if isinstance(kind, Pointwise):
            ledger = search(self.context)
            self.verdict = pointwise.conclude(self.context, ledger)
            if self.verdict.outcome == Outcome.HOLDS:
                self._pool = Pool(claim, self.context, ledger)
        elif isinstance(kind, (Rate, Trend)):
            self._rows = grid.measure(self.context, kind)
            self.verdict = self._on_rows(claim, self._rows)
        else:
            self.verdict = hunt(claim, profile=profile, seed=seed)
            if claim.right is not None:
                self._pool = Pool(claim, self.context)

    def _on_rows(self, claim: Claim, rows: Rows) -> Verdict:
        context = Context(claim, self.profile, self.seed, torch.device("cpu"))
        if isinstance(claim.kind, Rate):
            return rates.conclude(context, claim.kind, rows)
        assert isinstance(claim.kind, Trend)
        return trends.conclude(context, claim.kind, rows)

    def trial(self, mutant: Mutant) -> Trial:
        """The mutant's fate."""
        started = time.process_time()
        try:
            fate, why = self._fate(mutant, started + self.limit)
        except TooLong:
            fate, why = Fate.TIMEOUT, f"{self.limit:g} s"
        except ClaimError as error:
            fate, why = Fate.INVALID, str(error).split("\n")[0]
        except _BROKEN as error:
            fate, why = Fate.INVALID, f"{type(error).__name__}: {error}".split("\n")[0]
        return Trial(mutant.change, mutant.operator, fate, why)

    def _fate(self, mutant: Mutant, deadline: float) -> tuple[Fate, str]:
        if mutant.claim is None:
            return Fate.INVALID, mutant.why
        if mutant.implied:
            return Fate.EQUIVALENT, mutant.implied
        same_family = mutant.claim.on is self.claim.on
        if same_family and self._rows is not None:
            return _read(self._on_rows(mutant.claim, _multiplied(self._rows, mutant, self.claim)))
        if same_family and self._pool is not None:
            if mutant.operator == "direction":
                if isinstance(self.claim.kind, Inequality) and self._pool.equal:
                    return Fate.EQUIVALENT, "both sides are equal on every instance compared"
                return _read(self._hunt(mutant.claim, deadline))
            implied, judgement = self._pool.compare(mutant.claim)
            if implied:
                return Fate.EQUIVALENT, "the same formula" if _same_formula(self.claim, mutant.claim) else implied
            if judgement is not None:
                return Fate.KILLED, judgement.why
            worst, room = self.verdict.margin.worst, self._pool.least_room(mutant.claim)
            if room and worst is not None and 0 < worst < ROOM * room:
                # The claim is looser than the mutant is tighter; a hunt would look for what the claim's own has not found.
                return (
                    Fate.SURVIVED,
                    f"the claim is loose (worst ratio {worst:.4g}), and this keeps at least {room:.4g} of its bound",
                )
            fate, why = _read(self._hunt(mutant.claim, deadline))
            if fate == Fate.SURVIVED and self._tight:
                fate, why = self._closer_look(mutant.claim) or (fate, why)
            if fate == Fate.SURVIVED and self._pool.undefined(mutant.claim):
                return Fate.INVALID, "its printed side is infinite on a valid instance, and nothing refutes it elsewhere"
            return fate, why
        fate, why = _read(self._hunt(mutant.claim, deadline))
        needless = mutant.operator == "dropped assumption" and fate == Fate.SURVIVED
        return fate, f"not needed on the instances tried: {why}" if needless else why

    @property
    def _tight(self) -> bool:
        """Whether every variant that is not equivalent should fall."""
        worst = self.verdict.margin.worst
        return isinstance(self.claim.kind, Inequality) and worst is not None and worst >= TIGHT

    def _closer_look(self, claim: Claim) -> tuple[Fate, str] | None:
        """What a larger budget finds; None where it takes too long."""
        try:
            return _read(self._hunt(claim, time.process_time() + self.limit, get_profile(CLOSER)))
        except TooLong:
            return None

    def _hunt(self, claim: Claim, deadline: float, profile: Profile | None = None) -> Verdict:
        def watch(*_: Any) -> None:
            if time.process_time() > deadline:
                raise TooLong

        verdict = hunt(claim, profile=profile or self.profile, seed=self.seed, progress=watch, first=True)
        watch()
        return verdict

    def tightness(self) -> Tightness | None:
        """How far the bound can be tightened, and an instance on which it then breaks."""
        claim, worst = self.claim, self.verdict.margin.worst
        if not isinstance(claim.kind, Inequality) or self._pool is None or not isinstance(claim.right, Formula):
            return None
        if worst is None or not math.isfinite(worst) or worst <= 0 or not self._pool.positive:
            return None
        upper = claim.kind.relation in ("<=", "<")
        for step in TIGHTER:
            factor = Fraction(repr(worst)) * (1 - step)
            tighter = claim.but(right=scaled(claim.right.expression, factor if upper else 1 / factor))
            try:
                _, judgement = self._pool.compare(tighter)
                witness = judgement.witness if judgement else self._hunt(tighter, time.process_time() + self.limit).smallest
            except (TooLong, ClaimError, *_BROKEN):
                continue
            if witness is not None:
                return Tightness(worst, float(factor), witness.values)
        return Tightness(worst)


def _read(verdict: Verdict) -> tuple[Fate, str]:
    """Only a refutation is a kill: what is undecided survives, and what was never tried is invalid."""
    if verdict.outcome == Outcome.REFUTED:
        return Fate.KILLED, verdict.message
    if verdict.outcome == Outcome.VACUOUS:
        return Fate.INVALID, verdict.message
    return Fate.SURVIVED, f"{verdict.outcome}: {verdict.margin.words}"


def _multiplied(rows: Rows, mutant: Mutant, claim: Claim) -> Rows:
    """The same measurements beside the mutant's printed side."""
    if mutant.power is None:
        return rows
    assert isinstance(claim.kind, Rate)
    factors = np.asarray(claim.kind.grid, dtype=float) ** float(mutant.power)
    return replace(rows, printed=[p * factors for p in rows.printed])


def _same_formula(claim: Claim, mutant: Claim) -> bool:
    if not isinstance(claim.right, Formula) or not isinstance(mutant.right, Formula):
        return False
    a, b = claim.right.expression, mutant.right.expression
    if isinstance(a, sympy.MatrixExpr) or isinstance(b, sympy.MatrixExpr):
        return bool(a == b)
    return bool(sympy.expand(a - b) == 0)


def _attained(claim: Claim, trials: list[Trial]) -> list[Trial]:
    """A rate that is attained is a bound from both sides: then its reversal is no false statement.

    It is attained where no smaller power of the parameter survives; where one does, the reversal has to fall.
    """
    if not isinstance(claim.kind, Rate):
        return trials
    stronger = [t for t in trials if t.operator == "exponent" and t.fate != Fate.EQUIVALENT]
    if not stronger or any(t.fate != Fate.KILLED for t in stronger):
        return trials
    return [
        replace(t, fate=Fate.EQUIVALENT, why="not false, for the rate is attained")
        if t.operator == "direction" and t.fate == Fate.SURVIVED
        else t
        for t in trials
    ]
