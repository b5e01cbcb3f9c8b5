"""Does some instance satisfy the relation? Refute the denial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lakatos.hunting.context import Context
from lakatos.hunting.pointwise import decide_pointwise, replay_pointwise
from lakatos.hunting.rules import decide, replay
from lakatos.kinds.existence import Existence
from lakatos.verdicts import Outcome, Verdict, Warrant


@decide.register
def decide_existence(kind: Existence, context: Context) -> Verdict:
    """Hunt for a witness and conclude."""
    return _confirmed(kind, decide_pointwise(kind.denial, _denied(kind, context)))


@replay.register
def replay_existence(kind: Existence, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """Whether one given instance is a witness."""
    return _confirmed(kind, replay_pointwise(kind.denial, _denied(kind, context), witness))


def _denied(kind: Existence, context: Context) -> Context:
    # One witness settles the claim; without a pinned one the search goes on, so that a small and a clear one are reported.
    first = context.first or context.claim.witness is not None
    return replace(context, claim=replace(context.claim, kind=kind.denial), first=first)


def _confirmed(kind: Existence, verdict: Verdict) -> Verdict:
    """The verdict on the claim, from that on its denial."""
    if verdict.outcome == Outcome.REFUTED:
        assert verdict.smallest is not None
        sides = f"measured {verdict.smallest.operands['measured']}, printed {verdict.smallest.operands['printed']}"
        values = ", ".join(f"{name} = {value}" for name, value in verdict.smallest.values.items())
        verdict.outcome = Outcome.HOLDS
        verdict.message = f"measured {kind.relation} printed on {values}: {sides} ({verdict.smallest.arithmetic})."
        words = verdict.margin.words.replace("the violation", "a witness").replace("refutation", "witness")
        verdict.margin = replace(verdict.margin, words=words)
    elif verdict.outcome == Outcome.HOLDS:
        verdict.outcome, verdict.warrant = Outcome.UNDECIDED, Warrant.NONE
        verdict.message = (
            f"None of {verdict.evaluations:,} instances satisfies measured {kind.relation} printed. That shows no more than that the "
            "search was too short, or the claim false; to decide it, pin a witness or state the inequality that contradicts it."
        )
    return verdict
