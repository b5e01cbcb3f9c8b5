"""Merging records is a join: the order and the grouping of the runs do not matter, and a run counts once."""

from __future__ import annotations

import copy

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakatos.audit.merge import MergeError, merge, merge_reports
from tests.reports.conftest import BASE

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
REALS = st.one_of(st.none(), st.sampled_from(["inf", "nan", 0.0, 0.5, 1.0, 1.5]))


def witness(ratio, size):
    return {"values": {"d": 1, "w": ["1"] * size}, "operands": {"left": "1"}, "arithmetic": "rational", "ratio": ratio}


@st.composite
def runs(draw):
    """The record of one run of one claim."""
    made = copy.deepcopy(BASE)
    seen = draw(st.integers(0, 50))
    worst = draw(REALS)
    outcome = draw(st.sampled_from(["holds", "refuted", "undecided", "vacuous"]))
    made |= {
        "kind": draw(st.just("inequality")),
        "outcome": outcome,
        "as_expected": outcome == "holds",
        "warrant": draw(st.sampled_from(["none", "measured", "corroborated", "certified"])),
        "alarm": draw(st.sampled_from([0.0, 1e-9, 0.25])),
        "seed": draw(st.integers(0, 4)),
        "seconds": draw(st.sampled_from([0.5, 1.25])),
        "error": draw(st.sampled_from([None, "ValueError"])) if outcome == "undecided" else None,
        "margin": {"worst": worst, "budget": 1e-12, "words": f"worst ratio {worst} found under a budget of {seen} instances"},
        "message": f"{seen:,} instances, none of which refutes it.",
        "worst": draw(st.one_of(st.none(), st.builds(witness, REALS, st.integers(1, 3)))),
        "smallest": draw(st.one_of(st.none(), st.builds(witness, REALS, st.integers(1, 3)))),
        "instances": {
            "total": seen,
            "by_source": {"batches": seen},
            "rejected": draw(st.integers(0, 2)),
            "strata": {"one task": {"required": 10, "seen": seen // 2, "worst": draw(REALS)}},
        },
    }
    return made


MANY = st.lists(runs(), min_size=1, max_size=5)


@QUICK
@given(MANY, st.randoms())
def test_the_order_does_not_matter(records, random):
    shuffled = records[:]
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(records)


@QUICK
@given(MANY, MANY, MANY)
def test_the_grouping_does_not_matter(a, b, c):
    everything = merge([*a, *b, *c])
    assert merge([merge(a), merge([*b, *c])]) == everything
    assert merge([merge([*a, *b]), merge(c)]) == everything
    # Groups may overlap: what both have counts once.
    assert merge([merge([*a, *b]), merge([*b, *c])]) == everything


@QUICK
@given(MANY)
def test_a_run_counts_once(records):
    merged = merge(records)
    assert merge([*records, *records]) == merge([merged, merged]) == merge([merged, records[0]]) == merged


@QUICK
@given(MANY)
def test_what_merging_means(records):
    merged = merge(records)
    distinct = {record["seed"]: record for record in records}
    if len(distinct) == len(records):
        assert merged["instances"]["total"] == sum(record["instances"]["total"] for record in records)
        assert merged["alarm"] == pytest.approx(min(1.0, sum(record["alarm"] for record in records)))
        assert merged["instances"]["strata"]["one task"]["seen"] == sum(
            record["instances"]["strata"]["one task"]["seen"] for record in records
        )
    assert (merged["outcome"] == "refuted") == any(record["outcome"] == "refuted" for record in records)
    if merged["outcome"] == "holds":
        assert all(record["outcome"] in ("holds", "vacuous") for record in records)


def test_the_worst_witness_and_the_shortest_one_win(record):
    first = record(seed=1, worst=witness(0.5, 1), smallest=witness(1.5, 3))
    second = record(seed=2, worst=witness(0.75, 2), smallest=witness(1.25, 2))
    merged = merge([first, second])
    assert merged["worst"]["ratio"] == 0.75
    assert merged["smallest"]["ratio"] == 1.25
    assert merged["margin"]["words"] == "worst ratio 0.9851 found under a budget of 278,528 instances"
    assert merged["picture"]["bars"][0] == {"name": "all", "worst": 0.98513, "seen": 278_528}
    assert [shard["key"] for shard in merged["shards"]] == ["gate/1", "gate/2"]


def test_a_search_without_success_says_nothing_against_one_with_it(record):
    found = record(kind="existence", seed=1)
    not_found = record(kind="existence", seed=2, outcome="undecided", as_expected=False)
    assert merge([not_found, found])["outcome"] == "holds"


def test_the_smaller_ratio_is_the_worse_one_below(record):
    runs = [record(kind="rate", statement=r"a = \Omega(b)", seed=seed) for seed in (1, 2)]
    for run, worst in zip(runs, (0.25, 0.5), strict=True):
        run["margin"] = run["margin"] | {"worst": worst}
    assert merge(runs)["margin"]["worst"] == 0.25


def test_runs_of_different_texts_are_not_merged(record):
    changed = record(seed=1)
    changed["context"] = changed["context"] | {"fingerprint": "other"}
    with pytest.raises(MergeError, match="has changed between its runs"):
        merge([record(), changed])
    with pytest.raises(MergeError, match="no runs of one claim"):
        merge([record(), record(variant="other")])
    with pytest.raises(MergeError, match="no record"):
        merge([])


def test_reports_merge_claim_by_claim_and_follow_the_schema(record, validator, report):
    merged = merge_reports([[record(), record(variant="b")], [record(variant="b", seed=1), record(variant="c")]])
    assert [(made["variant"], len(made.get("shards", [1]))) for made in merged] == [("printed", 1), ("b", 2), ("c", 1)]
    validator.validate(report(merged))
    assert isinstance(validator, jsonschema.Draft202012Validator)
