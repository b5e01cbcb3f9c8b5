"""Existence claims: one certified witness settles them, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from exactarray import namespace
from lakatos import ClaimError, Existence, hunt
from lakatos.power.score import score
from tests.lakatos.made import made, vectors


def polynomial(x: Any) -> Any:
    return x * (1 - x) * (x * x + 1)


def alignment(x: Any, y: Any) -> Any:
    """The squared inner product over the product of the squared norms."""
    xp = namespace(x)
    inner, square = xp.sum(x * y, axis=-1), xp.sum(x * x, axis=-1) * xp.sum(y * y, axis=-1)
    return inner * inner / (square + 1)


def test_a_witness_is_found_made_small_and_certified() -> None:
    verdict = hunt(made(polynomial, kind=Existence(">"), right=0.25), profile="quick")
    assert (verdict.outcome, verdict.warrant) == ("holds", "certified")
    assert verdict.smallest is not None
    assert verdict.smallest.arithmetic == "rational"
    x = eval(str(verdict.smallest.values["x"]), {}, {})
    assert x * (1 - x) * (x * x + 1) > 0.25
    assert "certified" in verdict.margin.words
    assert "violation" not in verdict.margin.words


def test_finding_none_decides_nothing() -> None:
    verdict = hunt(made(alignment, kind=Existence(">="), right=1, on=vectors), profile="quick")
    assert (verdict.outcome, verdict.warrant) == ("undecided", "none")
    assert "None of" in verdict.message
    assert verdict.evaluations > 1000


@pytest.mark.parametrize(
    ("relation", "value", "outcome"), [(">=", 1, "holds"), (">", 1, "undecided"), ("<=", 1, "holds"), ("<", 1, "undecided")]
)
def test_equality_is_a_witness_of_the_weak_relations_only(relation: str, value: int, outcome: str) -> None:
    claim = made(lambda x: x - x + 1, kind=Existence(relation), right=value)
    assert hunt(claim, profile="quick").outcome == outcome


def test_a_pinned_witness_ends_the_search() -> None:
    claim = made(polynomial, kind=Existence(">"), right=0.25, witness={"x": "1/2"})
    verdict = hunt(claim, profile="gate")
    assert verdict.outcome == "holds"
    assert verdict.evaluations == 1
    assert verdict.smallest is not None
    assert verdict.smallest.values == {"x": "0.5"}


def test_a_pinned_instance_that_is_no_witness_does_not_help() -> None:
    claim = made(alignment, kind=Existence(">="), right=1, on=vectors, witness={"d": 1, "x": [1], "y": [1]})
    assert hunt(claim, profile="quick").outcome == "undecided"


def test_a_witness_replays() -> None:
    claim = made(polynomial, kind=Existence(">"), right=0.25)
    assert hunt(claim, witness={"x": "1/2"}).outcome == "holds"
    assert hunt(claim, witness={"x": "2"}).outcome == "undecided"


def test_expecting_a_refutation_is_refused() -> None:
    with pytest.raises(ClaimError, match="never refuted"):
        made(polynomial, kind=Existence(">"), right=0.25, expect="refuted", reason="false", because="It is.")


def test_an_unknown_relation_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of"):
        Existence("==")


def test_mutants_say_nothing_about_it() -> None:
    assert "witness" in score(made(polynomial, kind=Existence(">"), right=0.25)).note


def test_the_statement_says_that_something_exists() -> None:
    assert made(polynomial, kind=Existence(">"), right=0.25, left="p(x)").statement.startswith(r"\exists")
