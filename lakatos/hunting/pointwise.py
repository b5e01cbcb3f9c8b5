"""From a search to a verdict on a pointwise claim: certify what seems to refute it, and make it small."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from lakatos.hunting.certify import Judgement, judge, parse, to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.digits import DIGITS
from lakatos.hunting.ledger import EDGE, Candidate, Ledger, error_budget, resample
from lakatos.hunting.rules import decide, replay
from lakatos.hunting.search import deadline, required, search, stages
from lakatos.hunting.shrink import clearly_violating, simpler_numbers, smaller_structure
from lakatos.kinds.pointwise import Pointwise
from lakatos.verdicts import Margin, Outcome, Verdict, Warrant, Witness

# Structures whose closest instance is weighed against its error budget. All that violate beyond it are judged in exact
# arithmetic, and this many of those that rounding alone may have pushed over the edge.
WEIGHED = 64
JUDGED = 8
# A family that rejects so many times what it keeps does not draw from the theorem's assumptions.
MOSTLY = 9
# Small instances of a claim that holds which are also evaluated in exact arithmetic.
EXACT_SAMPLES = 4


@decide.register
def decide_pointwise(kind: Pointwise, context: Context) -> Verdict:
    """Hunt for a refuting instance and conclude."""
    if not context.first:
        return conclude(context, search(context))
    ledger, closest = Ledger(context.claim, context), EDGE
    for stage in stages(context):
        stage(ledger, context)
        # What has been judged before is judged again at the end only, unless this stage came closer.
        if ledger.candidates() and (rank := ledger.candidates()[0].rank) > closest:
            closest = rank
            refuted, _, _ = _judge_suspects(ledger, context, _suspects(ledger, context))
            if refuted is not None:
                return _first(ledger, context, *refuted)
    return conclude(context, ledger)


def conclude(context: Context, ledger: Ledger) -> Verdict:
    """The verdict on what a search has seen."""
    suspects = _suspects(ledger, context)
    refuted, doubts, cleared = _judge_suspects(ledger, context, suspects)
    refuted = refuted or ledger.refuted_exactly
    if refuted is not None:
        candidate, judgement = refuted
        verdict = _refutation(ledger, context, candidate, judgement)
    elif (empty := _vacuous(ledger, context)) is not None:
        verdict = empty
    elif doubts and (settled := _settled(ledger, context, doubts[0])) is not None:
        verdict = _refutation(ledger, context, *settled)
    elif doubts:
        verdict = _undecided(ledger, doubts)
    elif not ledger.candidates():
        verdict = _incomparable(ledger)
    else:
        samples = _exact_samples(ledger, context)
        against = next((s for s in samples if s[1].violated), None)
        verdict = _refutation(ledger, context, *against) if against else _holds(ledger, context, cleared, samples)
    verdict.instances = ledger.instances
    verdict.rejected = ledger.rejected
    verdict.strata = ledger.counts(required(context))
    verdict.picture = _picture(ledger)
    return verdict


@replay.register
def replay_pointwise(kind: Pointwise, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """The verdict on one given instance."""
    judgement = judge(context.claim, *parse(context.claim, witness))
    outcome = {True: Outcome.REFUTED, False: Outcome.HOLDS, None: Outcome.UNDECIDED}[judgement.violated]
    ratio = judgement.witness.ratio if judgement.witness else None
    return Verdict(
        outcome,
        Warrant.NONE if judgement.violated is None else Warrant.CERTIFIED if judgement.proved else Warrant.CORROBORATED,
        Margin(ratio, 0.0, f"ratio {ratio} on the given instance"),
        f"On the given instance: {judgement.why}.",
        instances={"pinned": 1},
        worst=judgement.witness,
        smallest=judgement.witness if judgement.violated else None,
    )


def _suspects(ledger: Ledger, context: Context) -> list[tuple[Candidate, float, float]]:
    """Candidates on or beyond the edge, with violation and error budget; the simplest clear ones first."""
    noise = context.generator("budget")
    found = []
    close = [c for c in ledger.candidates() if c.rank > -EDGE][:WEIGHED]
    if not ledger.kind.ascends:  # of an identity, most structures only show rounding
        close = [c for c in close if c.rank > 0] + [c for c in close if c.rank <= 0][:JUDGED]
    for candidate in [*close, *ledger.at_the_edge()[:WEIGHED]]:
        with torch.no_grad():
            evaluation = resample(context.claim, candidate.sample)
            excess = ledger.kind.excess(evaluation.left, evaluation.right)
            budget = error_budget(context.claim, evaluation, noise)
        component = int(torch.where(budget.isinf(), excess, excess - budget).argmax())
        violation, slack = float(excess.flatten()[component]), float(budget.flatten()[component])
        unclear = ledger.kind.ascends or math.isinf(slack)
        edge = violation > slack or (unclear and (violation >= 0 if ledger.kind.strict else violation > 0))
        if edge:
            found.append((candidate, violation, slack))
    return sorted(found, key=lambda s: (s[1] <= s[2], sum(v.numel() for v in s[0].sample.primitives.values()), -s[0].rank))


Doubt = tuple[Candidate, Judgement, float, float]


def _judge_suspects(
    ledger: Ledger, context: Context, suspects: list[tuple[Candidate, float, float]]
) -> tuple[tuple[Candidate, Judgement] | None, list[Doubt], list[Doubt]]:
    doubts: list[Doubt] = []
    cleared: list[Doubt] = []
    if context.claim.witness is not None:
        structure, fractions = parse(context.claim, context.claim.witness)
        own = judge(context.claim, structure, fractions)
        pinned = next((s for s in suspects), None)
        if own.violated and pinned is not None:
            return (pinned[0], own), doubts, cleared
        if own.violated:
            return (ledger.candidates()[0], own), doubts, cleared
    beyond = [s for s in suspects if s[1] > s[2]]
    for candidate, violation, slack in [*beyond, *[s for s in suspects if s[1] <= s[2]][:JUDGED]]:
        judgement = judge(context.claim, candidate.sample.structure, to_fractions(candidate.sample))
        if judgement.violated:
            return (candidate, judgement), doubts, cleared
        (doubts if judgement.violated is None else cleared).append((candidate, judgement, violation, slack))
        if violation > slack:  # a false alarm may hide a true refutation of the same structure
            for other in [c for c in ledger.best_of(candidate.sample) if c.rank > EDGE and c is not candidate]:
                judgement = judge(context.claim, other.sample.structure, to_fractions(other.sample))
                if judgement.violated:
                    return (other, judgement), doubts, cleared
    return None, doubts, cleared


def _settled(ledger: Ledger, context: Context, doubt: Doubt) -> tuple[Candidate, Judgement] | None:
    """A refutation from simpler numbers near an instance on which balls overlap: simple numbers are often rational to the end."""
    candidate = doubt[0]
    fractions = simpler_numbers(candidate.sample, clearly_violating(ledger, context), deadline(context))
    judgement = judge(context.claim, candidate.sample.structure, fractions)
    return (candidate, judgement) if judgement.violated else None


def _refutation(ledger: Ledger, context: Context, candidate: Candidate, judgement: Judgement) -> Verdict:
    claim, until = context.claim, deadline(context)
    own = _pinned_judgement(context)
    # A pinned witness has been made small once; only without one is there something to shrink.
    smallest = own.witness if own is not None else _shrunk(ledger, context, candidate, judgement, until)
    worst = ledger.candidates()[0]
    of_worst = judge(claim, worst.sample.structure, to_fractions(worst.sample))
    assert smallest is not None
    proved = not smallest.arithmetic.startswith(f"{DIGITS} digits")
    how = f"is certified in {smallest.arithmetic} arithmetic" if proved else f"was confirmed in {smallest.arithmetic}"
    sides = f"measured {smallest.operands['measured']}, printed {smallest.operands['printed']}"
    return Verdict(
        Outcome.REFUTED,
        Warrant.CERTIFIED if proved else Warrant.CORROBORATED,
        Margin(_finite(ledger.worst), 0.0, f"{_worst_words(ledger)}; the violation {how}"),
        f"measured {ledger.kind.sign()} printed fails on {_words(smallest.values)}: {sides} ({smallest.arithmetic}).",
        worst=of_worst.witness if of_worst.violated else None,
        smallest=smallest,
    )


def _shrunk(ledger: Ledger, context: Context, candidate: Candidate, judgement: Judgement, until: float) -> Witness | None:
    """The simplest certified witness that can be reached from a refuting instance in time."""
    smallest: Witness | None = None
    for attempt in (smaller_structure(ledger, context, candidate, until), candidate):
        numbers = simpler_numbers(attempt.sample, clearly_violating(ledger, context), until)
        simple = judge(context.claim, attempt.sample.structure, numbers)
        if simple.violated:
            smallest = simple.witness
            break
    return _shorter(smallest, judgement.witness)


def _first(ledger: Ledger, context: Context, candidate: Candidate, judgement: Judgement) -> Verdict:
    """A refutation as it was found."""
    witness = judgement.witness
    assert witness is not None
    warrant = Warrant.CERTIFIED if judgement.proved else Warrant.CORROBORATED
    margin = Margin(
        _finite(candidate.ratio), 0.0, f"ratio {candidate.ratio:.6g} on the first refutation; the search stopped there"
    )
    sides = f"measured {witness.operands['measured']}, printed {witness.operands['printed']}"
    message = f"measured {ledger.kind.sign()} printed fails on {_words(witness.values)}: {sides} ({witness.arithmetic})."
    verdict = Verdict(Outcome.REFUTED, warrant, margin, message, worst=witness, smallest=witness)
    verdict.instances, verdict.rejected = ledger.instances, ledger.rejected
    verdict.strata = ledger.counts(required(context))
    return verdict


def _pinned_judgement(context: Context) -> Judgement | None:
    if context.claim.witness is None:
        return None
    own = judge(context.claim, *parse(context.claim, context.claim.witness))
    return own if own.violated else None


def _shorter(a: Witness | None, b: Witness | None) -> Witness | None:
    """The witness that takes less to write down."""
    if a is None or b is None:
        return a or b
    return min((b, a), key=lambda w: (len(repr(w.values)), repr(w.values)))


def _vacuous(ledger: Ledger, context: Context) -> Verdict | None:
    if ledger.total == 0:
        message = (
            f"No instance of {context.claim.on.name!r} satisfied the assumptions ({ledger.rejected:,} were built). Check the "
            "assumptions against the family: it should satisfy them by construction."
        )
        return Verdict(Outcome.VACUOUS, Warrant.NONE, Margin(None, None, "no instance satisfied the assumptions"), message)
    if ledger.lost > MOSTLY * ledger.drawn:
        message = (
            f"The family {context.claim.on.name!r} loses most of its instances to the assumptions: {ledger.lost:,} were rejected "
            f"and {ledger.drawn:,} counted. What is left is a corner that nobody chose; let the family satisfy them by construction."
        )
        return Verdict(Outcome.VACUOUS, Warrant.NONE, Margin(None, None, "nearly every instance was rejected"), message)
    missed = {n: (ledger.hits[n], need) for n, need in required(context).items() if ledger.hits[n] < need}
    if not missed:
        return None
    listed = ", ".join(f"{name!r} ({seen} of {need} required instances)" for name, (seen, need) in missed.items())
    message = (
        f"The family {context.claim.on.name!r} did not reach the required strata: {listed}. Pin draws to the stratum with fix(...), "
        "widen the family, or lower its require=."
    )
    return Verdict(Outcome.VACUOUS, Warrant.NONE, Margin(None, None, "a required stratum was not reached"), message)


def _undecided(ledger: Ledger, doubts: list[Doubt]) -> Verdict:
    candidate, judgement, violation, slack = doubts[0]
    beyond = "beyond" if violation > slack else "within"
    message = (
        f"An instance violates by {violation:.3g}, {beyond} its error budget of {slack:.3g}, but exact arithmetic does not settle it: "
        f"{judgement.why}. Instance: {_words(_values(candidate))}."
    )
    words = f"{_worst_words(ledger)}; violation {violation:.3g} against an error budget of {slack:.3g}"
    return Verdict(
        Outcome.UNDECIDED, Warrant.NONE, Margin(_finite(ledger.worst), slack, words), message, worst=judgement.witness
    )


def _incomparable(ledger: Ledger) -> Verdict:
    message = (
        f"On all of the {ledger.total:,} instances both sides are zero, or infinite in float64, so that nothing was compared. Check "
        "that the measured side runs the algorithm, and the scale of the family's draws."
    )
    return Verdict(Outcome.VACUOUS, Warrant.NONE, Margin(None, None, "nothing was compared"), message)


def _holds(ledger: Ledger, context: Context, cleared: list[Doubt], samples: list[tuple[Candidate, Judgement]]) -> Verdict:
    kind, ranked = ledger.kind, ledger.candidates()
    if not kind.ascends:
        ledger.worst = 0.0  # whatever seemed to differ has been judged, and is equal
    elif ledger.worst > 1:
        exact = [c[1].witness.ratio for c in cleared if c[1].witness is not None and c[1].witness.ratio is not None]
        ledger.worst = max([c.ratio for c in ranked if c.ratio <= 1] + [min(r, 1.0) for r in exact], default=1.0)
    best = max(ranked, key=lambda c: c.ratio) if kind.ascends else ranked[0]
    with torch.no_grad():
        evaluation = resample(context.claim, best.sample)
        budget = error_budget(context.claim, evaluation, context.generator("budget"))
    size = torch.maximum(evaluation.left.abs(), evaluation.right.abs())
    relative = float(torch.where(size > 0, budget / size, 0.0).amax())
    judgement = judge(context.claim, best.sample.structure, to_fractions(best.sample))
    details: dict[str, Any] = {}
    if cleared:
        details["cleared by exact arithmetic"] = (
            f"{len(cleared)} apparent violations of at most {max(c[2] for c in cleared):.3g}"
        )
    if ledger.incomparable:
        details["instances on which both sides are infinite"] = ledger.incomparable
    if ledger.broken:
        details["instances on which float64 breaks down"] = f"{ledger.broken} ({ledger.asked} judged in exact arithmetic)"
    agreed = sum(j.violated is False for _, j in samples)
    why = next((j.why for _, j in samples if j.violated is None), "")
    of_all = "" if agreed == len(samples) else f" of {len(samples)}"
    details["also checked in exact arithmetic"] = f"{agreed}{of_all} instances" + (f" ({why})" if why else "")
    witness = judgement.witness or Witness(_values(best), _float_operands(evaluation), "float64", best.ratio)
    return Verdict(
        Outcome.HOLDS,
        Warrant.CORROBORATED,
        Margin(_finite(ledger.worst), relative, f"{_worst_words(ledger)}; rounding explains at most {relative:.1e} of it"),
        f"{ledger.total:,} instances, none of which refutes it.",
        worst=witness,
        details=details,
    )


def _exact_samples(ledger: Ledger, context: Context) -> list[tuple[Candidate, Judgement]]:
    """The closest instances of the simplest structures, and the closest of all, judged exactly as well."""
    ranked = ledger.candidates()
    simplest = sorted(ranked, key=lambda c: sum(v.numel() for v in c.sample.primitives.values()))[:EXACT_SAMPLES]
    chosen = simplest if any(c is ranked[0] for c in simplest) else [*simplest, ranked[0]]
    return [(c, judge(context.claim, c.sample.structure, to_fractions(c.sample))) for c in chosen]


def _float_operands(evaluation: Any) -> dict[str, str]:
    return {"measured": str(evaluation.left[0].tolist()), "printed": str(evaluation.right[0].tolist())}


def _picture(ledger: Ledger) -> dict[str, Any] | None:
    bars = [{"name": n, "worst": _finite(ledger.worst_in[n]), "seen": ledger.hits[n]} for n in ledger.hits]
    unit = "largest relative difference" if not ledger.kind.ascends else "worst ratio"
    return {
        "type": "profile",
        "unit": unit,
        "bars": [{"name": "all", "worst": _finite(ledger.worst), "seen": ledger.total}, *bars],
    }


def _worst_words(ledger: Ledger) -> str:
    what = "worst ratio" if ledger.kind.ascends else "largest relative difference beyond rounding"
    shown = f"{ledger.worst:.6g}" if math.isfinite(ledger.worst) else str(ledger.worst)
    return f"{what} {shown} found under a budget of {ledger.total:,} instances"


def _values(candidate: Candidate) -> dict[str, Any]:
    return {**candidate.sample.structure, **{n: v[0].tolist() for n, v in candidate.sample.primitives.items()}}


def _words(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None
