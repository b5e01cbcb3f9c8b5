"""Hunts on inequalities and identities: outcome, warrant, witness, determinism, replay; nothing holds by being discarded."""

# ruff: noqa: PLW0108 - the harness takes arguments by name, which a lambda gives

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy
import torch

from exactarray import array_like, is_exact, namespace, norm, to_float
from lakatos import ClaimError, Identity, Inequality, fix, hunt, when
from lakatos.profiles import PROFILES
from tests.lakatos.made import family, made, reals, vectors

QUICK = replace(PROFILES["quick"], shrink_seconds=1.0)
x, n = sympy.symbols("x n")


def judged(claim: Any, seed: int = 0, **options: Any) -> Any:
    return hunt(claim, profile=QUICK, seed=seed, **options)


def double(x: Any) -> Any:
    return 2 * x


RELATIONS = [("<=", 1, "holds"), ("<=", -1, "refuted"), (">=", -1, "holds"), (">=", 1, "refuted"), ("<", 1, "holds"),
             ("<", 0, "refuted"), (">", -1, "holds"), (">", 0, "refuted"), ("<=", 0, "holds"), (">=", 0, "holds")]  # fmt: skip


@pytest.mark.parametrize(("relation", "offset", "outcome"), RELATIONS)
def test_every_relation_is_decided_right(relation: str, offset: int, outcome: str) -> None:
    verdict = judged(made(double, 2 * x + offset, Inequality(relation)))
    assert verdict.outcome == outcome
    assert verdict.warrant == ("certified" if outcome == "refuted" else "corroborated")


@pytest.mark.parametrize("seed", range(3))
def test_a_refutation_is_small_exact_and_replayed(seed: int) -> None:
    claim = made(lambda x: norm(x), lambda x: abs(x[:, 0]) * 11 / 10, on=vectors)
    verdict = hunt(claim, profile="quick", seed=seed)  # with its whole time to shrink
    assert verdict.outcome == "refuted"
    assert verdict.warrant == "certified"
    values = verdict.smallest.values
    assert values["d"] == 2
    assert all(abs(Fraction(v)) <= 2 and Fraction(v).denominator == 1 for v in values["x"])
    again = hunt(claim, witness=values)
    assert again.outcome == "refuted"
    assert again.warrant == "certified"
    assert again.smallest.operands == verdict.smallest.operands
    harmless = hunt(claim, witness={"d": 1, "x": [3], "y": [0]})
    assert harmless.outcome == "holds"
    assert harmless.evaluations == 1


def test_equality_that_was_only_seen_to_many_digits_is_not_called_certified() -> None:
    claim = made(lambda x: namespace(x).sqrt(x * x + 2) ** 2, lambda x: x * x + 2, on=reals)
    verdict = hunt(claim, witness={"x": "1/3"})
    assert verdict.outcome == "holds"
    assert verdict.warrant == "corroborated"


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_gives_the_same_verdict_whatever_ran_before(seed: int) -> None:
    def claim() -> Any:
        return made(lambda x, y: norm(x + y), lambda x, y: (norm(x) + norm(y)) * 99 / 100, on=vectors)

    first = judged(claim(), seed)
    judged(made(double, 2 * x + 1), seed + 7)
    torch.manual_seed(seed + 11)
    second = judged(claim(), seed)
    assert (first.outcome, first.margin, first.instances) == (second.outcome, second.margin, second.instances)
    assert first.worst.values == second.worst.values


def test_a_true_claim_with_ill_conditioned_rounding_is_not_refuted() -> None:
    verdict = judged(made(lambda x: (x + 2**30) ** 2 - 2**60 - x * 2**31, lambda x: x * x))
    assert verdict.outcome == "holds"
    assert float(verdict.margin.worst) <= 1


def test_a_violation_within_the_error_budget_is_settled_by_exact_arithmetic() -> None:
    big = 2**30
    verdict = judged(made(lambda x: (x * x + big) ** 2 - x**4 - 2 * big * x * x - big**2, lambda x: 0 * x - 1, on=reals))
    assert verdict.outcome == "refuted", "zero is larger than minus one, however large the rounding around it"


def test_a_false_identity_below_its_error_budget_is_found_by_exact_arithmetic() -> None:
    big = 2**30
    verdict = judged(made(lambda x: (x + big) ** 2 - big**2 - 2 * big * x, lambda x: x * x + sympy_free(x), Identity()))
    assert verdict.outcome == "refuted"


def sympy_free(x: Any) -> Any:
    return 0 * x + 1


def test_a_point_where_rounding_leaves_the_domain_is_not_passed_over() -> None:
    ends = family(lambda draw: {"x": draw.interval("x", -1, 1)})
    verdict = judged(made(lambda x: namespace(x).sqrt(1 - x * x), sympy.Integer(0), Inequality(">"), ends))
    assert verdict.outcome == "refuted"
    assert verdict.smallest.values["x"] in (1, -1)


class TestNothingIsProvedByRoundedNumbers:
    """A true claim must not fall because a float entered the exact run."""

    def test_a_rounded_constant(self) -> None:
        claim = made(lambda x, d: namespace(x).sum(abs(x), axis=-1) / math.sqrt(d), lambda x: norm(x), on=vectors)
        verdict = judged(claim)
        assert verdict.outcome in ("holds", "undecided")
        if verdict.outcome == "undecided":
            assert "float constant" in verdict.message

    def test_a_rounded_constant_does_not_hide_a_plain_violation(self) -> None:
        claim = made(lambda x, d: namespace(x).sum(abs(x), axis=-1) / math.sqrt(d), lambda x: norm(x) * 99 / 100, on=vectors)
        assert judged(claim).outcome == "refuted"

    def test_an_exact_number_that_became_a_float(self) -> None:
        def through_floats(x: Any) -> Any:
            return array_like(to_float(norm(x)).tolist(), x) if is_exact(x) else norm(x)

        assert judged(made(through_floats, lambda x: norm(x), on=vectors)).outcome in ("holds", "undecided")

    def test_float_tensors_in_the_exact_run(self) -> None:
        def torch_only(x: Any) -> Any:
            return torch.tensor(to_float(x), dtype=torch.float64) * 3 / 3

        verdict = judged(made(torch_only, lambda x: x))
        assert verdict.outcome in ("holds", "undecided")
        assert verdict.outcome != "refuted"
        false = judged(made(torch_only, lambda x: x - 1))
        assert false.outcome == "undecided"
        assert "exact" in false.message

    @pytest.mark.parametrize("high", [5 / 6, Fraction(5, 6), 0.1])
    def test_the_end_of_an_interval(self, high: Any) -> None:
        on = family(lambda draw: {"x": draw.interval("x", 0, high)})
        end = sympy.Rational(5, 6) if float(high) > 0.5 else sympy.Rational(1, 10)
        assert judged(made(lambda x: x, end, on=on)).outcome == "holds"

    def test_a_formula_of_structure_alone(self) -> None:
        on = family(lambda draw: {"n": draw.integer("n", 1, 9), "x": draw.real("x")})
        thirds = judged(made(lambda n, x: (0 * x + 1) / n, 1 / n, Identity(), on))
        assert thirds.outcome == "holds"
        roots = judged(made(lambda n, x: namespace(x).sqrt(0 * x + n), sympy.sqrt(n), Inequality("<="), on))
        assert roots.outcome == "holds"


class TestNothingHoldsByBeingDiscarded:
    """A rule that is fed with nothing to compare never says "holds"."""

    def test_nan(self) -> None:
        for side in (lambda x: x * math.nan, lambda x: namespace(x).where(x > 100, x * math.nan, x)):
            with pytest.raises(ClaimError, match=r"measured side .* is NaN on a valid instance:\n  x = "):
                judged(made(side, x + 1))
            with pytest.raises(ClaimError, match=r"printed side .* is NaN"):
                judged(made(double, side))

    @pytest.mark.parametrize("kind", [Inequality("<="), Inequality(">="), Inequality("<"), Identity()], ids=str)
    def test_infinite_on_both_sides(self, kind: Any) -> None:
        verdict = judged(made(lambda x: 0 * x + math.inf, lambda x: 0 * x + math.inf, kind))
        assert verdict.outcome in ("vacuous", "undecided", "refuted")

    def test_zero_on_both_sides(self) -> None:
        verdict = judged(made(lambda x: 0 * x, lambda x: 0 * x))
        assert verdict.outcome == "vacuous"
        assert "nothing was compared" in verdict.message

    def test_no_instance_satisfies_the_assumptions(self) -> None:
        never = family(lambda draw: {"x": draw.positive("x")}, assume=[sympy.Symbol("x") < 0])
        verdict = judged(made(double, 2 * x, on=never))
        assert verdict.outcome == "vacuous"
        assert verdict.evaluations == 0
        assert verdict.rejected > 0
        assert "Check the assumptions" in verdict.message

    def test_assumptions_that_are_nan_are_not_satisfied(self) -> None:
        lost = family(lambda draw: {"x": draw.real("x"), "a": math.nan * draw.real("b")}, assume=[sympy.Symbol("a") < 1])
        assert judged(made(double, 2 * x, on=lost)).outcome == "vacuous"

    def test_a_required_stratum_that_is_never_hit(self) -> None:
        on = family(lambda draw: {"x": draw.positive("x")}, strata={"negative": when(lambda x: x < 0)})
        verdict = judged(made(double, 2 * x, on=on))
        assert verdict.outcome == "vacuous"
        assert "'negative' (0 of " in verdict.message
        assert verdict.strata["negative"].seen == 0

    def test_a_stratum_lost_to_an_assumption(self) -> None:
        on = family(lambda draw: {"x": draw.real("x")}, strata={"zero": fix(x=0)}, assume=[sympy.Ne(x, 0)])
        assert judged(made(double, 2 * x, on=on)).outcome == "vacuous"

    def test_a_refutation_outranks_a_missing_stratum(self) -> None:
        on = family(lambda draw: {"x": draw.positive("x")}, strata={"negative": when(lambda x: x < 0)})
        assert judged(made(double, x, on=on)).outcome == "refuted"


BAD_SIDES = {
    "truth values": (lambda x: x < 1, "truth value"),
    "a truth value": (lambda x: True, "truth value"),
    "None": (lambda x: None, "returned None"),
    "a number": (lambda x: 3.0, "one entry per instance"),
    "a list": (lambda x: [1.0], "one entry per instance"),
    "no batch axis": (lambda x: x.sum(), "first axis must be the batch"),
    "another batch": (lambda x: x[:-1], "first axis must be the batch"),
    "nothing": (lambda x: x[:, None][:, :0], "no number at all"),
    "float32": (lambda x: x.to(torch.float32), "float32; compute in torch.float64"),
    "complex": (lambda x: x * 1j, "complex"),
    "numpy": (lambda x: x.numpy(), "return a torch tensor"),
    "a standard error": (lambda x: (x, x), "only rate and trend claims may sample"),
}


@pytest.mark.parametrize("name", BAD_SIDES)
def test_a_measured_side_that_cannot_be_compared_is_told(name: str) -> None:
    side, words = BAD_SIDES[name]
    with pytest.raises(ClaimError, match=words) as told:
        judged(made(side, x))
    assert "made/e/printed" in str(told.value)


def test_names_that_do_not_exist_are_told() -> None:
    with pytest.raises(ClaimError, match=r"names \['n'\].*'reals'.*does not provide"):
        judged(made(double, x + n))
    with pytest.raises(ClaimError, match=r"asks for \['z'\].*It provides \['x'\]"):
        judged(made(lambda z: z, x))
    with pytest.raises(ClaimError, match=r"shape \(\d+, 2\) and the printed side \(\d+, 3\)"):
        judged(made(lambda x: namespace(x).stack([x, x], axis=1), lambda x: namespace(x).stack([x, x, x], axis=1)))


BAD_WITNESSES = {
    "missing": ({"d": 2, "x": [1, 2]}, r"no value for 'y'; it has \['d', 'x'\]"),
    "missing structure": ({"x": [1], "y": [1]}, "no value for 'd'"),
    "wrong shape": ({"d": 2, "x": [1, 2, 3], "y": [1, 2]}, r"'x' the shape \(3,\); the family draws \(2,\)"),
    "ragged": ({"d": 2, "x": [1, [2]], "y": [1, 2]}, "not made of numbers"),
    "words": ({"d": 2, "x": ["one", 2], "y": [1, 2]}, "not made of numbers"),
    "infinite": ({"d": 2, "x": [math.inf, 2], "y": [1, 2]}, "not made of numbers"),
    "division by zero": ({"d": 2, "x": ["1/0", 2], "y": [1, 2]}, "not made of numbers"),
    "outside the choices": ({"d": 9, "x": [1] * 9, "y": [1] * 9}, "cannot draw"),
    "unknown name": ({"d": 1, "x": [1], "y": [1], "z": 1}, r"\['z'\], which the family .* does not draw"),
}


@pytest.mark.parametrize("name", BAD_WITNESSES)
def test_a_witness_that_is_no_instance_is_told(name: str) -> None:
    values, words = BAD_WITNESSES[name]
    claim = made(lambda x: norm(x), lambda x: 1 + norm(x), on=vectors)
    with pytest.raises(ClaimError, match=words):
        hunt(claim, witness=values)


def test_a_witness_outside_its_domain_refutes_nothing() -> None:
    on = family(lambda draw: {"x": draw.positive("x")})
    with pytest.raises(ClaimError, match=r"the value -1, which the family .* cannot draw"):
        hunt(made(lambda x: x, sympy.Integer(0), Inequality(">"), on), witness={"x": -1})


def test_a_pinned_witness_is_tried_first_and_kept() -> None:
    on = family(lambda draw: {"x": draw.real("x")})
    claim = made(lambda x: namespace(x).where(x == 1234, x, 0 * x), sympy.Integer(1), on=on, witness={"x": 1234})
    verdict = judged(claim)
    assert verdict.outcome == "refuted"
    assert verdict.smallest.values == {"x": 1234}
    assert verdict.instances["pinned"] == 1


def test_a_witness_may_hold_an_empty_array() -> None:
    @family
    def others(draw: Any) -> dict[str, Any]:
        return {"x": draw.real("x"), "y": draw.real("y", draw.integer("n", 0, 2), 2)}

    claim = made(lambda x, y: x * x + namespace(y).sum(y * y, axis=(-1, -2)), 1, on=others, witness={"n": 0, "x": 2, "y": []})
    verdict = hunt(claim, profile="quick")
    assert verdict.outcome == "refuted"
    assert verdict.smallest is not None
    assert verdict.smallest.values["y"] == []


def test_sides_that_vanish_have_no_relative_budget() -> None:
    verdict = hunt(made(lambda x: x - x, lambda x: 0 * x, kind=Identity()), profile="quick")
    assert verdict.outcome == "holds"
    assert verdict.margin.budget == 0.0
