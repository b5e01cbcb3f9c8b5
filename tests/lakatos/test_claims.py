"""A claim whose fields contradict each other is refused where it is written."""

from __future__ import annotations

import pytest
import sympy

from lakatos import ClaimError, Expectation, Identity, Inequality, Limit, Probability, Rate, Trend, claim
from tests.lakatos.made import PAPER, made, reals

x = sympy.Symbol("x")

BAD_FIELDS = {
    "entry": ({"entry": "lem 4/8"}, "cannot stand in a claim id"),
    "variant": ({"variant": ""}, "cannot stand in a claim id"),
    "outcome": ({"expect": "true"}, r"expect='true' is not an outcome; use one of"),
    "no reason": ({"expect": "refuted", "because": "It is."}, "Say why"),
    "no sentence": ({"expect": "refuted", "reason": "false"}, "Say why"),
    "reason": ({"expect": "refuted", "reason": "typo", "because": "It is."}, "one of"),
    "family": ({"on": lambda draw: {}}, "must be a family made by @instances"),
    "no right side": ({"right": None}, "give right="),
    "kind": ({"kind": Inequality}, r"write Inequality\(...\), not the class"),
    "taken name": ({"name": "PAPER"}, "already names something else"),
}


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_wrong_fields_are_told_with_the_claims_name(name: str) -> None:
    fields, words = BAD_FIELDS[name]
    with pytest.raises(ClaimError, match=words) as told:
        made(lambda x: x, **{"right": x, "name": "this_one", **fields})
    assert fields.get("name", "this_one") in str(told.value)


def test_a_stacked_claim_that_would_be_lost_is_refused() -> None:
    def measured(x):
        return x

    inner = claim(PAPER, "a test", Inequality("<="), entry="a", on=reals, right=x)(measured)
    with pytest.raises(ClaimError, match="need a name="):
        claim(PAPER, "a test", Inequality(">="), entry="b", on=reals, right=x, name="other")(inner)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Inequality("=="),
        lambda: Rate("o", over="n", grid=(1, 2, 3, 4)),
        lambda: Rate("O", over="n", grid=(1, 2, 3)),
        lambda: Rate("O", over="n", grid=(1, 3, 2, 4)),
        lambda: Trend("up", over="n", grid=(1, 2, 3)),
        lambda: Trend("increasing", over="n", grid=(1, 2)),
        lambda: Limit(checkpoints=(1, 2, 4)),
        lambda: Limit(checkpoints=(1, 2, 4, 8, 16, 33)),
    ],
)
def test_kinds_refuse_what_they_could_not_decide(make) -> None:
    with pytest.raises(ValueError, match=r"use|give|needs"):
        make()


def test_a_variant_is_another_claim() -> None:
    one = made(lambda x: x, x, name="one")
    other = one.but(right=x / 2, kind=Inequality(">="))
    assert str(one.right) == "x"
    assert str(other.right) == "x/2"
    assert other.witness is None
    assert other.id == one.id
    assert "\\ge" in other.statement


@pytest.mark.parametrize(
    "kind",
    [Identity(), Inequality("<="), Rate("O", over="x", grid=(1, 2, 4, 8)), Probability(">="), Expectation("<=", bounds=(0, 1))],
)
def test_a_printed_side_that_a_function_computes_is_said_to_be_a_computation(kind) -> None:
    assert "a second computation" in made(lambda x: x, lambda x: x, kind).statement
