"""The kill score of a check: of its valid, executed, non-equivalent mutants, how many it refutes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sympy
import torch

from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.evaluation import evaluate
from lakatos.formula import Formula
from lakatos.hunting import hunt
from lakatos.hunting.context import Context
from lakatos.hunting.sources import RandomSource
from lakatos.kinds import Inequality, Pointwise, Rate
from lakatos.power.mutants import Mutant, mutants_of
from lakatos.profiles import Profile, get_profile
from lakatos.verdicts import Outcome

# Two formulas that agree to this relative precision on every sampled instance are taken to be the same.
SAME = 1e-10
SAMPLED = 8


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


@dataclass
class Score:
    """The fates of all mutants of a claim.

    Parameters
    ----------
    claim:
        Its id.
    tightness:
        For an inequality that holds, the smallest factor on its bound that the hunt did not refute: the worst ratio found.
    """

    claim: str
    trials: list[Trial] = field(default_factory=list)
    tightness: float | None = None
    seconds: float = 0.0

    def count(self, fate: Fate) -> int:
        """How many mutants met this fate."""
        return sum(t.fate == fate for t in self.trials)

    @property
    def killed(self) -> int:
        """The numerator of the kill score."""
        return self.count(Fate.KILLED)

    @property
    def counted(self) -> int:
        """Its denominator: mutants that are valid, were executed, and are not equivalent."""
        return self.killed + self.count(Fate.SURVIVED)

    def as_data(self) -> dict[str, Any]:
        """The score as JSON-able data."""
        return {
            "claim": self.claim,
            "killed": self.killed,
            "counted": self.counted,
            **{str(f): self.count(f) for f in (Fate.EQUIVALENT, Fate.INVALID, Fate.TIMEOUT)},
            "tightness": self.tightness,
            "survivors": [t.change for t in self.trials if t.fate == Fate.SURVIVED],
            "seconds": round(self.seconds, 2),
        }


def score(
    claim: Claim,
    *,
    profile: str | Profile = "quick",
    seed: int = 0,
    mutant_seconds: float = 30.0,
    progress: Callable[[Claim, int, int], None] | None = None,
) -> Score:
    """Run the claim's own check on each of its mutants.

    ``progress`` is called with the claim, the mutants done and their number. A mutant whose hunt takes longer than
    ``mutant_seconds`` is a timeout, whatever it concluded.
    """
    budget = get_profile(profile) if isinstance(profile, str) else profile
    started = time.monotonic()
    result = Score(claim.id)
    if isinstance(claim.kind, Inequality) and claim.expect == Outcome.HOLDS:
        result.tightness = hunt(claim, profile=budget, seed=seed).margin.worst
    mutants = mutants_of(claim)
    for done, mutant in enumerate(mutants):
        if progress is not None:
            progress(claim, done, len(mutants))
        result.trials.append(_trial(claim, mutant, budget, seed, mutant_seconds))
    result.seconds = time.monotonic() - started
    return result


def _trial(claim: Claim, mutant: Mutant, profile: Profile, seed: int, limit: float) -> Trial:
    try:
        implied = _implied(claim, mutant, seed)
        if implied:
            return Trial(mutant.change, mutant.operator, Fate.EQUIVALENT, implied)
        started = time.monotonic()
        verdict = hunt(mutant.claim, profile=profile, seed=seed)
        if time.monotonic() - started > limit:
            return Trial(mutant.change, mutant.operator, Fate.TIMEOUT, f"{limit:g} s")
    except ClaimError as error:
        return Trial(mutant.change, mutant.operator, Fate.INVALID, str(error).split("\n")[0])
    except (ArithmeticError, RuntimeError, ValueError, TypeError) as error:
        return Trial(mutant.change, mutant.operator, Fate.INVALID, f"{type(error).__name__}: {error}")
    if verdict.outcome == Outcome.REFUTED:
        return Trial(mutant.change, mutant.operator, Fate.KILLED, verdict.message)
    if verdict.outcome == Outcome.VACUOUS:
        return Trial(mutant.change, mutant.operator, Fate.INVALID, verdict.message)
    return Trial(mutant.change, mutant.operator, Fate.SURVIVED, f"{verdict.outcome}: {verdict.margin.words}")


def _implied(claim: Claim, mutant: Mutant, seed: int) -> str:
    """Why the mutant says nothing new, or an empty string: the same formula, or a weaker bound, wherever it was sampled."""
    original, changed = claim.right, mutant.claim.right
    if mutant.operator in ("direction", "dropped assumption") or not isinstance(original, Formula) or not isinstance(changed, Formula):
        return ""
    if isinstance(claim.kind, Rate):
        towards = sympy.log(changed.expression / original.expression)
        rising = sympy.limit(towards / sympy.log(_over(claim)), _over(claim), sympy.oo) > 0
        weaker = {"O": rising, "Omega": not rising}.get(claim.kind.bound, False)
        return "a weaker bound than the claim" if weaker else ""
    if not isinstance(original.expression, sympy.MatrixExpr) and sympy.expand(original.expression - changed.expression) == 0:
        return "the same formula"
    context = Context(mutant.claim, get_profile("quick"), seed, torch.device("cpu"))
    generator, chooser = context.generator("equivalence"), context.chooser("equivalence")
    weaker = isinstance(claim.kind, Inequality)
    same = True
    for _ in range(SAMPLED):
        with torch.no_grad():
            new = evaluate(mutant.claim, RandomSource(256, generator, chooser))
            values = {n: new.values[n] for n in original.symbols}
            old = original.evaluate(values)
        old = torch.as_tensor(old, dtype=torch.float64).reshape(-1, 1) if not hasattr(old, "ndim") else old.reshape(old.shape[0], -1)
        gap = (new.right - old)[new.valid] if old.shape[0] == len(new.valid) else new.right - old
        size = torch.maximum(new.right.abs(), old.abs().expand_as(new.right))
        relative = gap / size[new.valid].clamp(min=1e-300) if old.shape[0] == len(new.valid) else gap / size.clamp(min=1e-300)
        same = same and bool((relative.abs() <= SAME).all())
        if isinstance(claim.kind, Inequality):
            looser = relative if claim.kind.relation in ("<=", "<") else -relative
            weaker = weaker and bool((looser >= -SAME).all())
    if same:
        return "the same value on every sampled instance"
    return "a weaker bound than the claim on every sampled instance" if weaker else ""


def _over(claim: Claim) -> sympy.Symbol:
    assert isinstance(claim.kind, Rate)
    assert isinstance(claim.right, Formula)
    name = claim.kind.over
    return next((s for s in claim.right.expression.free_symbols if str(s) == name), sympy.Symbol(name, positive=True))


def is_scored(claim: Claim) -> bool:
    """Whether mutants mean something: the claim is expected to hold and compares or orders."""
    return claim.expect == Outcome.HOLDS and isinstance(claim.kind, (Pointwise, Rate)) or claim.kind.name == "trend"
