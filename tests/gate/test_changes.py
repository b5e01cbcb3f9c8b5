"""Every change against the accepted state is found and named, and nothing else is."""

from __future__ import annotations

import pytest

from lakatos.gate.changes import Selection, compare
from tests.gate.conftest import KNOWN, REFUTED

EVERYTHING = Selection()


def found(baseline, report, selection=EVERYTHING, power=None, *, fails=True):
    """What changed, by the last part of the claim's id."""
    changes = compare(baseline, report, selection, power)
    return [(change.claim.rpartition("/")[2], change.what) for change in changes if change.fails is fails]


def words(baseline, report, selection=EVERYTHING, power=None):
    return [change.words for change in compare(baseline, report, selection, power)]


def margin(worst, budget=1e-12):
    return {"worst": worst, "budget": budget, "words": "as found"}


def test_what_was_accepted_passes(record, run, accepted):
    records = [record("one"), record("two", **KNOWN)]
    power = {records[0]["id"]: (9, 10)}
    assert compare(accepted(records, power), run(records), EVERYTHING, power) == []


def test_a_claim_that_vanished(record, run, accepted):
    baseline = accepted([record("one"), record("two")])
    assert found(baseline, run([record("one")])) == [("two", "vanished")]
    assert words(baseline, run([record("one")])) == ["vanished; accepted: holds (two in theorems/fallah2020/lemma_4_8.py)"]


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ({}, REFUTED, "refuted; accepted: holds"),
        # An expected refutation that starts to hold, also where its file was changed to say so.
        (KNOWN, {}, "holds; accepted: refuted"),
        (KNOWN, {"expected": "refuted"}, "holds; accepted: refuted"),
        ({}, KNOWN, "refuted; accepted: holds"),
        ({}, {"outcome": "undecided", "error": "ClaimError"}, "could not be judged (ClaimError); accepted: holds"),
        ({}, {"expected": "refuted"}, "holds, as accepted, but its file now expects refuted"),
    ],
)
def test_another_outcome(record, run, accepted, then, now, said):
    assert words(accepted([record(**then)]), run([record(**now)])) == [said]


@pytest.mark.parametrize(
    ("then", "now", "fails"),
    [
        (0.5, 0.5, False),
        (0.5, 0.504, False),  # within the tolerance of one per cent
        (0.5, 0.506, True),
        (0.5, 0.45, False),
        ("-inf", 0.1, True),
        (0.5, "nan", True),
        (0.5, "inf", True),
        (None, 0.9, False),
        (0.9, None, False),
    ],
)
def test_a_worst_ratio_beyond_the_accepted_one(record, run, accepted, then, now, fails):
    baseline = accepted([record(margin=margin(then))])
    assert found(baseline, run([record(margin=margin(now))])) == [("one", "ratio")] * fails


def test_rounding_is_conceded(record, run, accepted):
    baseline = accepted([record(margin=margin(0.0), kind="identity")])
    assert found(baseline, run([record(margin=margin(1e-13, budget=2e-13), kind="identity")])) == []
    assert found(baseline, run([record(margin=margin(1e-11, budget=2e-13), kind="identity")])) == [("one", "ratio")]


@pytest.mark.parametrize("changes", [{"profile": "nightly"}, {"seed": 7}, {"device": "cuda"}])
def test_what_was_searched_differently_is_not_compared(record, run, accepted, changes):
    baseline = accepted([record()])
    again = record(margin=margin(0.999), instances={**record()["instances"], "strata": {}}, **changes)
    assert compare(baseline, run([again]), EVERYTHING, None) == []


def test_the_ratio_of_other_kinds_means_something_else(record, run, accepted):
    baseline = accepted([record(kind="rate", margin=margin(0.5))])
    assert compare(baseline, run([record(kind="rate", margin=margin(0.9))]), EVERYTHING, None) == []


def test_a_ratio_far_below_is_a_note(record, run, accepted):
    report = run([record(margin=margin(0.3))])
    assert found(accepted([record(margin=margin(0.9))]), report, fails=False) == [("one", "weaker")]


def strata(record, **counts):
    return {**record()["instances"], "strata": {n: {"required": 0, "seen": k, "worst": None} for n, k in counts.items()}}


def test_a_stratum_that_is_no_longer_hit(record, run, accepted):
    baseline = accepted([record(instances=strata(record, corner=3, edge=2, never=0))])
    report = run([record(instances=strata(record, corner=0, never=0))])
    assert words(baseline, report) == [
        'stratum "corner" is no longer hit; accepted: hit',
        'stratum "edge" is gone; accepted: hit',
    ]


def test_a_refutation_may_come_before_a_stratum(record, run, accepted):
    baseline = accepted([record(instances=strata(record, corner=3, edge=2), **KNOWN)])
    report = run([record(instances=strata(record, corner=0), **KNOWN)])
    assert words(baseline, report) == ['stratum "edge" is gone; accepted: hit']


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ((9, 10), []),
        ((18, 20), []),
        ((10, 10), []),
        ((8, 10), ["power score fell to 8 of 10; accepted: 9 of 10"]),
        ((900, 1001), ["power score fell to 900 of 1001; accepted: 9 of 10"]),
        (None, ["no power score in power.json; accepted: 9 of 10"]),
    ],
)
def test_a_power_score_that_fell(record, run, accepted, now, said):
    name = record()["id"]
    baseline = accepted([record()], {name: (9, 10)})
    assert words(baseline, run([record()]), power={name: now} if now else {}) == said


def test_missing_power_scores_are_one_change(record, run, accepted):
    records = [record("one"), record("two")]
    baseline = accepted(records, {r["id"]: (1, 2) for r in records})
    assert words(baseline, run(records)) == [
        "there is no power.json, but the baseline accepts the power scores of 2 of these claims"
    ]


def test_a_new_claim_is_a_note(record, run, accepted):
    baseline, report = accepted([record("one")]), run([record("one"), record("two")])
    assert found(baseline, report) == []
    assert found(baseline, report, fails=False) == [("two", "new")]


def test_nothing_checked(record, run, accepted):
    assert found(accepted([record("one")]), run([])) == [("", "nothing"), ("one", "vanished")]


def test_another_catalogue(record, run, accepted):
    baseline = accepted([record("one"), record("two")])
    (change,) = compare(baseline, run([record("three")]), EVERYTHING, None)
    assert change.what == "foreign"
    assert "none of the 2 claims" in change.words


def test_a_file_that_cannot_be_read(record, run, accepted):
    baseline = accepted([record("one"), record("two", "theorems/fallah2020/theorem_1.py")])
    broken = {"where": "theorems/fallah2020/theorem_1.py", "message": "SyntaxError"}
    assert found(baseline, run([record("one")], problems=[broken])) == [("two", "unread")]


def test_what_an_interrupted_run_did_not_reach_has_not_vanished(record, run, accepted):
    records = [record("one"), record("two")]
    report = run(records[:1], interrupted=True, not_run=[records[1]["nodeid"]])
    assert compare(accepted(records), report, EVERYTHING, None) == []


@pytest.mark.parametrize(
    ("selection", "missed"),
    [
        (Selection(), True),
        (Selection(paths=("theorems",)), True),
        (Selection(paths=("theorems/fallah2020/",)), True),
        (Selection(paths=("theorems/fallah2020/lemma_4_8.py",)), True),
        (Selection(paths=("theorems/fallah2020/lemma_4_8.py::two",)), True),
        (Selection(paths=("theorems/fallah2020/lemma_4_8.py::one",)), False),
        (Selection(paths=("theorems/fallah2020/lemma_4.py",)), False),
        (Selection(paths=("theorems/fallah",)), False),
        (Selection(paths=("theorems/ji2020", "theorems/fallah2020")), True),
        (Selection(ignored=("theorems/fallah2020",)), False),
        (Selection(complete=False), False),
        (Selection(others=("fallah2020/lem-4.8-smoothness/two",)), False),
    ],
)
def test_only_what_was_selected_can_vanish(record, run, accepted, selection, missed):
    baseline = accepted([record("one"), record("two")])
    assert found(baseline, run([record("one")]), selection) == [("two", "vanished")] * missed
