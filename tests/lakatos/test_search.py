"""What a search does beside drawing batches: structures alone, ascent without a gradient, references, rejection, limits."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from sympy import Rational, symbols

from exactarray import namespace
from lakatos import ClaimError, Inequality, Limit, Paper, claim, fix, hunt, instances, when
from lakatos.claims import claims_in

PAPER = Paper("search", "Search")
n, s, x = symbols("n s x", real=True)


@instances(strata={"large": when(lambda n: n > 20)})
def counts(draw):
    return {"n": draw.integer("n", 1, 30), "k": draw.option("k", [1, 2]), "one": draw.constant([1.0])}


@claim(PAPER, "Sum", Inequality(">="), entry="structures", right=n * (n + 1) / 2, on=counts)
def sum_of_integers(n: int, one: Any) -> Any:
    """The sum of the first n integers."""
    return one * sum(range(n + 1))


def test_a_family_of_structures_alone_is_enumerated_and_each_counts_once():
    verdict = hunt(sum_of_integers, profile="gate")
    assert verdict.outcome == "holds"
    assert verdict.evaluations == 60


def test_one_false_structure_among_all_is_found():
    false = sum_of_integers.but(right=n * (n + 1) / 2 + (n - 1) * (n - 29) / 1000 - (n - 2) / 10**6 * (n - 29) * 1000)
    assert hunt(false).outcome == "refuted"


@instances()
def cube(draw):
    return {"x": draw.interval("x", 0.5, 1.5, 6, closed="neither")}


TARGET = (1.23, 0.71, 1.31, 0.83, 1.11, 0.97)


@claim(PAPER, "Peak", Inequality("<="), entry="peak", right=Rational(9999, 10000), on=cube)
def peak(x: Any) -> Any:
    """One minus a twentieth of the distance from a point that only a search finds, without its gradient."""
    distance = sum(abs(x[:, i] - t) for i, t in enumerate(TARGET))
    value = 1 - distance / 20
    return value.detach() if hasattr(value, "detach") else value


@pytest.mark.parametrize("seed", range(3))
def test_without_a_gradient_the_population_evolves(seed):
    verdict = hunt(peak, profile="quick", seed=seed)
    assert verdict.outcome == "refuted"
    assert verdict.instances["evolution"] > 0


def slow_square(v: Any) -> Any:
    return namespace(v).sum(v * v, axis=-1)


@instances()
def vectors(draw):
    v = draw.positive("v", 3)
    return {"v": v, "s": namespace(v).sum(v, axis=-1)}


@claim(PAPER, "Square", Inequality("<="), entry="square", right=s**2 * Rational(99, 100), on=vectors, reference=slow_square)
def square(v: Any) -> Any:
    """The sum of squares, by an operation that exact numbers do not have."""
    return torch.einsum("bi,bi->b", v, v)


def test_a_named_reference_confirms_what_exact_arithmetic_cannot_run_and_the_warrant_says_so():
    verdict = hunt(square, profile="quick")
    assert (verdict.outcome, verdict.warrant) == ("refuted", "corroborated")
    assert verdict.smallest.arithmetic == "60 digits by the reference slow_square"


def test_without_a_reference_it_stays_undecided():
    assert hunt(square.but(reference=None), profile="quick").outcome == "undecided"


def test_a_reference_does_not_refute_a_true_claim():
    assert hunt(square.but(right=s**2), profile="quick").outcome == "holds"


@instances(assume=[x > Rational(9, 10)])
def tail(draw):
    return {"x": draw.interval("x", 0, 1, 6, closed="neither")}


@claim(PAPER, "Tail", Inequality(">"), entry="tail", right=Rational(9, 10), on=tail)
def in_the_tail(x: Any) -> Any:
    """A family that nearly always breaks its own assumption."""
    return x


def test_a_family_that_loses_nearly_everything_is_vacuous():
    verdict = hunt(in_the_tail, profile="quick")
    assert verdict.outcome == "vacuous"
    assert "by construction" in verdict.message


@instances(strata={"pinned without its structure": fix(v=[1, 2])})
def lists(draw):
    return {"v": draw.real("v", draw.integer("d", 1, 3)), "s": 0}


def test_a_stratum_pinned_to_another_shape_is_named():
    with pytest.raises(ClaimError, match="Pin the structure"):
        hunt(square.but(on=lists), profile="quick")


DOUBLINGS = tuple(2**k for k in range(1, 11))


@instances()
def rates(draw):
    return {"x": draw.positive("x")}


@claim(PAPER, "Limit", Limit(checkpoints=DOUBLINGS), name="tends_to_x", entry="limit", right=x, on=rates)
@claim(
    PAPER, "Limit", Limit(checkpoints=DOUBLINGS), name="tends_to_twice_x", entry="limit", variant="twice", right=2 * x, on=rates
)
def sequence(x: Any, checkpoints: tuple[int, ...]) -> Any:
    """x (1 + 1/t)."""
    return namespace(x).stack([x * (t + 1) / t for t in checkpoints], axis=-1)


def test_a_limit_is_compared_with_its_printed_value():
    tends_to_x, tends_to_twice_x = (globals()[name] for name in ("tends_to_x", "tends_to_twice_x"))
    assert hunt(tends_to_x, profile="quick").outcome == "holds"
    assert hunt(tends_to_twice_x, profile="quick").outcome == "refuted"
    assert r"= 2 x" in tends_to_twice_x.statement


def test_stacked_claims_are_listed_in_reading_order():
    import sys

    names = [c.name for c in claims_in(sys.modules[__name__])]
    assert names.index("tends_to_x") < names.index("tends_to_twice_x")
