"""What is printed is right at 80 columns and without colour."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lakatos.profiles import PROFILES, Profile, get_profile
from lakatos.progress import Progress, text
from lakatos.terminal import at_most, explanation, number, summary


def lines(report):
    return [line for line, _ in summary(report)]


def test_the_summary_is_right_at_80_columns(report):
    shown = lines(
        report(collected=9, not_run=["a.py::b"], interrupted=True, problems=[{"where": "a.py", "message": "no\nmore"}])
    )
    assert max(map(len, shown)) <= 80
    assert shown[:8] == [
        "claim                       outcome    warrant        instances     worst    sec",
        "fallah2020: On the Convergence Theory of Gradient-Based Model-Agnostic Meta-L...",
        "  lem-4.8-smoothness/printed",
        "                            holds      corroborated     139,264    0.9851   3.1",
        "! lem-4.8-smoothness/twice-tighter",
        "                            REFUTED    certified        139,264      7.25   3.1",
        "  lem-4.8-smoothness/as-printed-with-a-rather-long-name-of-the-reading",
        "                            refuted*   certified        139,264      7.25   3.1",
    ]
    whole = "\n".join(shown)
    assert "8 claims (holds 4, refuted 2, undecided 1, vacuous 1): 5 as expected, 3 not;" in whole
    assert "The run did not reach its end: 1 selected claim not checked." in whole
    assert "! a.py: no" in shown


def test_the_probability_of_a_false_alarm_is_summed_and_said(report, record):
    sampled = [record(alarm=1.2e-8), record(variant="b", alarm=9e-9)]
    assert report(sampled)["run"]["alarm"] == pytest.approx(2.1e-8)
    assert "probability of any false alarm in this run: at most 3e-8" in lines(report(sampled))
    assert "probability of any false alarm in this run: 0" in lines(report([record()]))


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.0, "0"), (1e-9, "at most 1e-9"), (20 * 1e-9, "at most 2e-8"), (2.01e-9, "at most 3e-9"), (9.9e-7, "at most 1e-6")],
)
def test_a_bound_is_rounded_up(probability, words):
    assert at_most(probability) == words


@pytest.mark.parametrize("total", [0, 131_072, 999_999_999])
@pytest.mark.parametrize("worst", [None, "inf", -1.23456e-300, 0.98765432, 123456789.0])
@pytest.mark.parametrize("seconds", [0.04, 99.9, 86_400.0])
def test_columns_never_touch(report, record, total, worst, seconds):
    made = record(
        variant="x",
        entry="thm-1",
        seconds=seconds,
        margin={"worst": worst, "budget": None, "words": ""},
        outcome="undecided",
        expected="undecided",
        instances={"total": total, "by_source": {}, "rejected": 0, "strata": {}},
    )
    row = lines(report([made]))[2]
    assert len(row) <= 80
    assert row.split() == [
        "thm-1/x",
        "undecided*",
        "corroborated",
        f"{total:,}",
        number(worst),
        f"{seconds:.{int(seconds < 1000)}f}",
    ]


def test_nothing_was_checked(report):
    assert lines(report([])) == ["Nothing was checked."]


def test_an_explanation_holds_all_operands_and_the_command(claims):
    said = explanation(claims[1])
    assert all(word in said for word in ("left  = 3/2", "right = 1", "w = [1]", "lemma_4_8.py:60", claims[1]["replay"]))
    assert 'stratum "n < d": 0 of 100 required instances seen' in explanation(claims[6])


def test_the_progress_line_fits_its_room():
    args = ("gradient_is_lipschitz", 131_072, 0.98513, "batches")
    assert text(*args, 80) == "gradient_is_lipschitz: batches, 131,072 instances, worst 0.9851"
    assert text(*args, 60) == "gradient_is_lipschitz: 131,072 instances, worst 0.9851"
    assert text(*args, 42) == "gradient_is_lipsc..: 131,072, worst 0.9851"
    assert text("", *args[1:], 42) == "batches, 131,072 instances, worst 0.9851"
    for room in range(81):
        assert len(text(*args, room)) <= room


def test_no_progress_without_a_terminal():
    plugins = SimpleNamespace(get_plugin=lambda _: None)
    progress = Progress(SimpleNamespace(pluginmanager=plugins))
    progress(SimpleNamespace(name="x"), 1, None, "batches")
    progress.clear()
    assert not progress.live


def test_profiles():
    assert list(PROFILES) == ["quick", "gate", "audit", "power", "nightly"]
    assert get_profile("gate").instances >= 100_000
    assert get_profile("gate").seed is not None
    assert get_profile("nightly").seed is None
    with pytest.raises(ValueError, match=r"no profile 'x'. Choose one of: quick, gate"):
        get_profile("x")
    with pytest.raises(ValueError, match="instances is 0"):
        Profile("none", instances=0, structured_examples=1, ascent_starts=1, ascent_steps=1, repeats=1)
