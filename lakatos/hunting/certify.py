"""The same claim, formula and algorithm on exact numbers: the last word on a single instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from exactarray import Exact, Undecidable, arithmetic, is_exact, to_exact
from lakatos.claims import Claim
from lakatos.domains import Interval
from lakatos.errors import ClaimError
from lakatos.evaluation import Evaluation, evaluate
from lakatos.families import Given, Sample
from lakatos.formula import Formula
from lakatos.hunting.digits import BITS, DIGITS
from lakatos.kinds.pointwise import Pointwise
from lakatos.verdicts import Witness

PRECISIONS = (128, 256, 512)
LONGEST_OPERAND = 160
TOUCHING_DIGITS = 100
# A reference computes with some 60 digits, of which a long run may lose a third.
REFERENCE_BITS = BITS
REFERENCE_DIGITS = 40
# What a text written for float64 tensors raises where exact numbers have no such operation.
UNFIT = (TypeError, AttributeError, ValueError, NotImplementedError, ArithmeticError, RuntimeError, LookupError)


@dataclass(frozen=True)
class Judgement:
    """What exact arithmetic says of one instance: ``violated`` is None where it cannot say, and ``why`` says why.

    ``proved`` is false where equality was only seen to many digits.
    """

    violated: bool | None
    why: str
    witness: Witness | None
    proved: bool = True


def to_fractions(sample: Sample, row: int = 0) -> dict[str, Any]:
    """One instance of a float sample as object arrays of fractions: the shortest decimals that read back as its floats.

    A float at the end of an interval becomes that end, so that rounding takes no instance out of its domain.
    """
    fractions = {}
    for name, value in sample.primitives.items():
        domain = sample.domains.get(name)
        shortest = np.frompyfunc(lambda x, d=domain: _fraction(float(x), d), 1, 1)
        fractions[name] = np.asarray(shortest(value[row].detach().cpu().numpy()), dtype=object)
    return fractions


def _fraction(value: float, domain: Any) -> Fraction:
    plain = Fraction(repr(value))
    if not isinstance(domain, Interval):
        return plain
    low, high = domain.ends
    return next((end for end in (low, high) if float(end) == value), max(low, min(high, plain)))


def printable(structure: Mapping[str, Any], fractions: Mapping[str, Any]) -> dict[str, Any]:
    """A witness as data: ints, strings and nested lists."""
    text = np.frompyfunc(lambda f: int(f) if f.denominator == 1 else _shortest(f), 1, 1)
    return {**structure, **{name: np.asarray(text(value), dtype=object).tolist() for name, value in fractions.items()}}


def _shortest(f: Fraction) -> str:
    """A fraction as "p/q", or as the shorter decimal that equals it."""
    ratio, decimal = f"{f.numerator}/{f.denominator}", repr(float(f))
    return decimal if len(decimal) <= len(ratio) and Fraction(decimal) == f else ratio


def parse(claim: Claim, values: Mapping[str, Any], over: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Structure and primitives (object arrays of fractions) of a printed witness.

    ``over`` names a draw whose values a grid prescribes, whatever the family would draw.

    Raises
    ------
    ClaimError
        when a value is missing, not a number or nested list of numbers, or nothing that the family can draw.
    """
    probe = _Probe(values, over)
    claim.on.build(probe)
    structure = {n: values[n] for n in probe.structures}
    fractions = {}
    for name in probe.shapes:
        try:
            fractions[name] = np.asarray(np.frompyfunc(Fraction, 1, 1)(np.array(values[name], dtype=object)), dtype=object)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise ClaimError(
                f"The witness of {claim.id} gives {name!r} the value {values[name]!r}, which is not made of numbers: {error}"
            ) from None
        if fractions[name].size == 0 == np.prod(probe.shapes[name]):
            fractions[name] = fractions[name].reshape(probe.shapes[name])  # nested lists do not tell (0,) from (0, d)
        if probe.shapes[name] != fractions[name].shape:
            raise ClaimError(
                f"The witness of {claim.id} gives {name!r} the shape {fractions[name].shape}; the family draws {probe.shapes[name]}."
            )
        outside = next((v for v in fractions[name].flat if not probe.domains[name].contains(v)), None)
        if outside is not None and name != over:
            raise ClaimError(
                f"The witness of {claim.id} gives {name!r} the value {outside}, which the family {claim.on.name!r} cannot draw: "
                f"{probe.domains[name]}. It would refute another statement."
            )
    unknown = sorted(set(values) - set(probe.structures) - set(probe.shapes))
    if unknown:
        raise ClaimError(
            f"The witness of {claim.id} gives {unknown}, which the family {claim.on.name!r} does not draw. It draws "
            f"{sorted([*probe.structures, *probe.shapes])}."
        )
    return structure, fractions


class _Probe:
    """A source that only learns which draws a family makes for the structure of a witness."""

    batch = 1

    def __init__(self, values: Mapping[str, Any], over: str | None) -> None:
        self.values, self.over, self.structures = values, over, list[str]()
        self.shapes, self.domains = dict[str, tuple[int, ...]](), dict[str, Any]()

    def structure(self, name: str, choices: Any) -> Any:
        if name not in self.values:
            raise ClaimError(f"The witness has no value for {name!r}; it has {sorted(self.values)}.")
        self.structures.append(name)
        if name != self.over and self.values[name] not in choices.values:
            raise ClaimError(f"The witness gives {name!r} the value {self.values[name]!r}, which the family cannot draw.")
        return self.values[name]

    def primitive(self, name: str, shape: tuple[int, ...], domain: Any) -> Any:
        if name not in self.values:
            raise ClaimError(f"The witness has no value for {name!r}; it has {sorted(self.values)}.")
        self.shapes[name], self.domains[name] = shape, domain
        return torch.full((1, *shape), float(domain.palette[-1]), dtype=torch.float64)

    def constant(self, values: Any) -> Any:
        return Given({}, {}, torch.empty(0, dtype=torch.float64), 1).constant(values)


def as_sample(claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any], device: torch.device) -> Sample:
    """A float sample of one instance from fractions."""
    primitives = {n: torch.tensor(np.asarray(v, dtype=np.float64), device=device)[None] for n, v in fractions.items()}
    return Sample(dict(structure), primitives=primitives)


def exactly(claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any]) -> Evaluation:
    """Evaluate the claim on one instance of exact numbers."""
    primitives = {name: to_exact(value)[None] for name, value in fractions.items()}
    like = next(iter(primitives.values()), to_exact([0]))
    return evaluate(claim, Given(structure, primitives, like, 1))


def judge(claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any]) -> Judgement:
    """Decide one instance in exact arithmetic, with ever finer balls where rationals do not suffice."""
    why = ""
    witness = None
    assert isinstance(claim.kind, Pointwise)
    for bits in PRECISIONS:
        with arithmetic(bits):
            try:
                evaluation = exactly(claim, structure, fractions)
                if not bool(evaluation.valid[0]):
                    return Judgement(None, "the instance breaks an assumption once its numbers are exact", None)
                witness = _witness(claim, structure, fractions, evaluation, bits)
                violated = claim.kind.violated(evaluation.left[0], evaluation.right[0])
            except Undecidable as undecided:
                if bits == PRECISIONS[-1] and witness is not None and not claim.kind.strict and _touching(evaluation):
                    return Judgement(False, f"both sides agree to {TOUCHING_DIGITS} digits there", witness, proved=False)
                why = f"{bits}-bit balls do not separate the two sides ({undecided})"
                continue
            except ClaimError:
                raise
            except UNFIT as error:
                unfit = f"the claim does not run on exact numbers: {type(error).__name__}: {error}"
                return _by_reference(claim, structure, fractions, unfit, None)
        doubt = _not_proved(claim, structure, fractions, bits) if violated else None
        if doubt is not None:
            return Judgement(None, doubt, witness)
        return Judgement(violated, f"decided in {witness.arithmetic} arithmetic", witness)
    return _by_reference(claim, structure, fractions, why, witness)


def _by_reference(
    claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any], why: str, witness: Witness | None
) -> Judgement:
    """Decide by the slow reference that the claim names, in 60-digit arithmetic, where enclosures cannot."""
    if claim.reference is None:
        return Judgement(None, why, witness)
    slow = replace(claim, function=claim.reference)
    assert isinstance(claim.kind, Pointwise)
    with arithmetic(REFERENCE_BITS, rounded=True):
        try:
            evaluation = exactly(slow, structure, fractions)
            if not bool(evaluation.valid[0]):
                return Judgement(None, "the instance breaks an assumption once its numbers are exact", None)
            violated = claim.kind.violated(evaluation.left[0], evaluation.right[0])
            clear = not _touching(evaluation, REFERENCE_DIGITS)
            made = _witness(slow, structure, fractions, evaluation, REFERENCE_BITS)
        except UNFIT as error:
            return Judgement(None, f"{why}; nor does its reference: {type(error).__name__}: {error}", witness)
    name = f"{DIGITS} digits by the reference {claim.reference.__name__}"
    made = replace(made, arithmetic=name)
    if violated and not clear:
        return Judgement(None, f"{why}; the reference sees no difference in {REFERENCE_DIGITS} digits", made)
    return Judgement(violated, f"decided in {name}", made, proved=False)


def _not_proved(claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any], bits: int) -> str | None:
    """Why a violation is no proof, if it is none: rounded constants, or a float in the middle of the computation."""
    assert isinstance(claim.kind, Pointwise)
    with arithmetic(bits, strict=True):
        try:
            evaluation = exactly(claim, structure, fractions)
            if bool(evaluation.valid[0]) and claim.kind.violated(evaluation.left[0], evaluation.right[0]):
                return None
        except Undecidable:
            pass
        except UNFIT as error:
            return f"{type(error).__name__}: {error}"
    return (
        "the violation is not larger than the rounding of a float constant (such as 0.1 or math.sqrt(2)) in the claim or its family; "
        "write it exactly, as x / 10, Fraction(1, 10) or sqrt of an array"
    )


def _touching(evaluation: Evaluation, digits: int = TOUCHING_DIGITS) -> bool:
    """Whether each component's sides are the same number up to the last digits of the finest balls.

    Equality at the edge does not refute a claim that allows it, and no enclosure of irrational numbers can prove equality.
    """
    gap = [Exact(a) - Exact(b) for a, b in zip(evaluation.left[0], evaluation.right[0], strict=True)]
    size = max([abs(float(x)) for x in (*evaluation.left[0], *evaluation.right[0])] or [0.0])
    return all(abs(float(g)) + g.radius <= 10.0**-digits * max(size, 1e-200) for g in gap)


def _witness(
    claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any], evaluation: Evaluation, bits: int
) -> Witness:
    left, right = evaluation.left[0], evaluation.right[0]
    rational = all(Exact(x).is_rational for x in [*left, *right])
    floats = [torch.tensor([[float(x) for x in side]], dtype=torch.float64) for side in (left, right)]
    assert isinstance(claim.kind, Pointwise)
    scores = claim.kind.score(*floats)
    ratio = float(claim.kind.ratio(scores, *floats).gather(-1, scores.argmax(-1, keepdim=True)))
    operands = {"measured": _operand(left), "printed": _operand(right)}
    if isinstance(claim.right, Formula):
        for name in sorted(claim.right.symbols):
            operands[name] = _operand(evaluation.values[name])
    arithmetic_name = "rational" if rational else f"balls of {bits} bits"
    return Witness(printable(structure, fractions), operands, arithmetic_name, ratio if np.isfinite(ratio) else None)


def _operand(value: Any) -> str:
    if is_exact(value) and value.size == 1:
        value = value.reshape(-1)[0]
    text = str(value.tolist() if hasattr(value, "tolist") else value)
    if len(text) <= LONGEST_OPERAND:
        return text
    if isinstance(value, Exact):
        return f"{float(value)!r} (a fraction of {len(text)} characters)"
    return text[:LONGEST_OPERAND] + " ..."
