"""Budgets, and the shards that they are split into."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from lakatos.audit.plan import Budget, Target, pieces, shards
from lakatos.profiles import get_profile

AUDIT, GATE = get_profile("audit"), get_profile("gate")


def target(name: str, kind: str = "inequality") -> Target:
    return Target(f"smith/{name}/printed", name, kind, "smith", Path("theorem_1.py"), 1, "0" * 16)


ONE, TWO, RATE = target("one"), target("two"), target("rate", "rate")


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("1", Budget(1.0)),
        ("0.25", Budget(0.25)),
        ("90s", Budget(seconds=90)),
        ("20m", Budget(seconds=1200)),
        ("1h30m", Budget(seconds=5400)),
        ("0.5h", Budget(seconds=1800)),
    ],
)
def test_a_budget_is_a_factor_or_a_time(text, budget):
    assert Budget.parse(text) == budget


@pytest.mark.parametrize("text", ["", "much", "0", "-1", "nan", "inf", "0s", "5d", "1m1h"])
def test_what_is_no_budget(text):
    with pytest.raises(ValueError, match="--budget"):
        Budget.parse(text)


def test_every_claim_gets_a_first_shard_before_any_gets_a_second():
    order = [(s.target.name, s.index) for s in shards([ONE, RATE, TWO], AUDIT, Budget(), 0)]
    assert order[:5] == [("one", 0), ("rate", 0), ("two", 0), ("one", 1), ("two", 1)]
    assert len(order) == 8 + 1 + 8


def test_shards_add_up_to_the_profile():
    made = list(shards([ONE], AUDIT, Budget(), 0))
    assert len(made) == pieces(AUDIT, "inequality") == 8
    assert sum(s.profile.instances for s in made) == AUDIT.instances
    assert sum(s.profile.ascent_steps for s in made) == AUDIT.ascent_steps
    # A grid is judged as a whole.
    (whole,) = shards([RATE], AUDIT, Budget(), 0)
    assert whole.profile == AUDIT


def test_a_larger_budget_begins_with_the_shards_of_the_smaller_one():
    small, large = ([(s.key, s.profile) for s in shards([ONE, RATE], GATE, Budget(factor), 7)] for factor in (1, 3))
    assert set(small) < set(large)
    assert len(large) == 3 * len(small)


def test_each_shard_has_a_seed_of_its_own_and_the_first_one_that_of_the_run():
    made = list(shards([ONE, TWO], AUDIT, Budget(), 7))
    by_claim = [[s.seed for s in made if s.target is t] for t in (ONE, TWO)]
    assert all(len(set(seeds)) == len(seeds) and seeds[0] == 7 for seeds in by_claim)
    assert not set(by_claim[0][1:]) & set(by_claim[1][1:])
    assert made == list(shards([ONE, TWO], AUDIT, Budget(), 7))


def test_a_part_of_a_profile_is_smaller_and_draws_other_instances():
    (whole,), (part,) = (list(shards([ONE], GATE, Budget(factor), 0)) for factor in (1.0, 0.25))
    assert part.profile.instances == GATE.instances // 4
    assert part.seed != whole.seed


def test_a_time_has_no_last_shard():
    assert len(list(itertools.islice(shards([ONE], GATE, Budget(seconds=1), 0), 100))) == 100
