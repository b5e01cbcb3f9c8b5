"""What is a kill and what is none; equivalence, assumptions, tightness, and every kind of claim."""

from __future__ import annotations

import importlib
import time
from dataclasses import replace

import pytest
import sympy
import torch

from exactarray import namespace
from lakatos import Identity, Inequality, Limit, Rate, Trend
from lakatos.domains import Interval
from lakatos.hunting import hunt
from lakatos.kinds.sampled import Expectation, Probability
from lakatos.power import Fate, mutants_of, score
from lakatos.power.assumptions import wider, without_assumption
from lakatos.power.mutants import Mutant, spread
from lakatos.profiles import PROFILES
from lakatos.verdicts import Margin, Outcome, Verdict, Warrant
from tests.lakatos.made import family, made

x, y, n, a, t = sympy.symbols("x y n a t", positive=True)
scoring = importlib.import_module("lakatos.power.score")


@family
def positives(draw):
    return {"x": draw.positive("x"), "y": draw.positive("y")}


@family
def short_steps(draw):
    return {"x": draw.positive("x"), "a": draw.interval("share", 0, 1), "other": draw.interval("other", 0, 1)}


def fates(result, operator):
    return {t.change: str(t.fate) for t in result.trials if t.operator == operator}


def test_an_identity_kills_every_mutant_that_differs():
    result = score(made(lambda x, y: 3 * x * y + y, 3 * x * y + y, Identity(), on=positives))
    assert result.counted == result.killed > 20
    assert result.count(Fate.TIMEOUT) == result.count(Fate.INVALID) == 0


def test_symmetric_exchanges_are_equivalent():
    result = score(made(lambda x, y: x * y + x + y + 1, (1 + x) * (1 + y), Identity(), on=positives))
    assert fates(result, "exchanged symbols") == {}  # sympy sees that it is the same expression
    result = score(made(lambda x, y: x * y + x + y, x * (1 + y) + y, Identity(), on=positives))
    assert fates(result, "exchanged symbols") == {"x and y exchanged": "equivalent"}
    assert "the same formula" in {t.why for t in result.trials}
    assert result.killed == result.counted > 0


def test_numerically_equal_formulas_are_equivalent():
    @family
    def equal(draw):
        value = draw.positive("x")
        return {"x": value, "y": value}

    result = score(made(lambda x: x * x**2, x * y**2, Identity(), on=equal))
    assert fates(result, "exchanged symbols") == {"x and y exchanged": "equivalent"}
    assert result.killed == result.counted > 0


def test_weaker_bounds_are_equivalent_and_stronger_ones_fall():
    result = score(made(lambda x: x, x, Inequality("<="), on=positives))
    assert fates(result, "constant") == {
        **{f"times {f}": "equivalent" for f in ("101/100", "11/10", "3/2")},
        **{f"times {f}": "killed" for f in ("100/101", "10/11", "2/3")},
    }
    assert result.tightness is not None
    assert result.tightness.confirmed
    result = score(made(lambda x: x, x, Inequality(">="), on=positives))
    assert fates(result, "constant")["times 101/100"] == "killed"
    assert fates(result, "constant")["times 100/101"] == "equivalent"


def test_a_loose_bound_lets_mutants_survive_and_says_by_how_much():
    result = score(made(lambda x: x, 2 * x, Inequality("<="), on=positives))
    assert [t.change for t in result.survivors] == ["times 100/101", "times 10/11", "times 2/3"]
    assert result.tightness.survives == pytest.approx(0.5)
    assert result.tightness.confirmed
    assert result.tightness.refuted == pytest.approx(0.4995)
    assert set(result.tightness.witness) == {"x", "y"}
    data = result.as_data()
    assert data["tightness"] == pytest.approx(0.5)
    assert data["breaks"]["witness"] == result.tightness.witness


def test_a_tightness_of_a_lower_bound_is_refuted_above():
    result = score(made(lambda x: 4 * x, x, Inequality(">="), on=positives))
    assert result.tightness.survives == pytest.approx(0.25)
    assert result.tightness.confirmed


def test_a_tightness_that_cannot_be_confirmed_is_a_bracket(monkeypatch):
    claim = made(lambda x: x, 2 * x, Inequality("<="), on=positives)
    original = scoring.Pool.compare

    def blind(self, mutant):
        factor = float(mutant.right.expression.as_coeff_Mul()[0]) / 2
        return original(self, mutant) if factor < 0.46 else ("", None)

    monkeypatch.setattr(scoring.Pool, "compare", blind)
    monkeypatch.setattr(scoring._Check, "_hunt", lambda *_: verdict(Outcome.UNDECIDED))
    tight = score(claim, most=1).tightness
    assert not tight.confirmed
    assert tight.refuted == pytest.approx(0.45)
    assert score(claim, most=1).as_data()["tightness"] is None
    assert score(claim, most=1).as_data()["bracket"] == [pytest.approx(0.45), pytest.approx(0.5)]


def test_there_is_no_tightness_where_sides_change_sign():
    result = score(made(lambda x, y: x - y, x, Inequality("<="), on=positives))
    assert result.tightness is None


def verdict(outcome, warrant=Warrant.NONE):
    return Verdict(outcome, warrant, Margin(None, None, "as told"), "as told")


@pytest.mark.parametrize(
    ("outcome", "fate"), [("undecided", "survived"), ("holds", "survived"), ("vacuous", "invalid"), ("refuted", "killed")]
)
def test_only_a_refutation_is_a_kill(monkeypatch, outcome, fate):
    monkeypatch.setattr(scoring._Check, "_hunt", lambda *_: verdict(Outcome(outcome)))
    result = score(made(lambda x: x, 2 * x, Inequality("<="), on=positives))
    assert fates(result, "direction") == {"<= -> >=": fate}


def test_an_error_is_no_kill(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(scoring._Check, "_hunt", fail)
    result = score(made(lambda x: x, 2 * x, Inequality("<="), on=positives))
    (trial,) = (t for t in result.trials if t.operator == "direction")
    assert trial.fate == Fate.INVALID
    assert "by zero" in trial.why


def test_a_mutant_that_is_not_a_number_is_invalid():
    result = score(made(lambda x, y: (x + y) ** 2, (x + y) ** 2, Identity(), on=positives))
    assert fates(result, "dropped term")["x with its sign changed in x + y"] == "killed"
    result = score(made(lambda x, y: namespace(x).sqrt(x + y), sympy.sqrt(x + y), Identity(), on=positives))
    assert fates(result, "dropped term")["x with its sign changed in x + y"] == "invalid"


def test_a_timeout_is_no_kill(monkeypatch):
    def slow(claim, **_):
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        return verdict(Outcome.REFUTED)

    monkeypatch.setattr(scoring, "hunt", slow)
    result = score(made(lambda x: x, 2 * x, Inequality("<="), on=positives), mutant_seconds=0.2)
    assert fates(result, "direction") == {"<= -> >=": "timeout"}


def test_a_hunt_is_stopped_when_its_time_is_over():
    def slow(x):
        if x.shape[0] > 100:
            end = time.process_time() + 0.05
            while time.process_time() < end:
                pass
        return x

    claim = made(slow, 21 * x / 20, Inequality("<="), on=positives)
    started = time.process_time()
    result = score(claim, mutant_seconds=0.2, most=None)
    assert {t.fate for t in result.trials} <= {Fate.TIMEOUT, Fate.EQUIVALENT, Fate.KILLED}
    assert result.count(Fate.TIMEOUT) > 0
    assert time.process_time() - started < 20


def test_claims_that_do_not_hold_are_not_scored():
    wrong = made(lambda x: x, x / 2, Inequality("<="), on=positives, expect="refuted", reason="false", because="So.")
    assert score(wrong).note == "expected: refuted"
    assert score(wrong).trials == []
    surprising = made(lambda x: x, x / 2, Inequality("<="), on=positives)
    assert score(surprising).note == "not scored, for the claim itself comes out as refuted"


def test_a_variant_that_is_not_defined_everywhere_survives_as_invalid():
    @family
    def sizes(draw):
        return {"x": draw.positive("x"), "n": draw.integer("n", 1, 3)}

    # 1 / (1 - n) has no value at n = 1, and is negative, and therefore true, elsewhere.
    result = score(made(lambda x, n: x / (1 + n), x / (1 + n), Inequality(">="), on=sizes))
    assert fates(result, "dropped term")["n with its sign changed in n + 1"] == "invalid"


def test_a_bound_below_zero_is_no_bound_on_what_is_positive():
    result = score(made(lambda x, y: (x - y) ** 2 + x, x - y, Inequality(">="), on=positives))
    assert fates(result, "constant")["times 10/11"] == "equivalent"


def test_a_bound_that_is_attained_everywhere_holds_in_both_directions():
    assert fates(score(made(lambda x: x, x, Inequality("<="), on=positives)), "direction") == {"<= -> >=": "equivalent"}


def test_a_second_computation_is_scaled():
    result = score(made(lambda x: x * x, lambda x: x**2, Identity(), on=positives))
    assert result.killed == result.counted == 6


def test_reversed_direction():
    assert {m.change for m in mutants_of(made(lambda x: x, x, Inequality("<"), on=positives)) if m.operator == "direction"} == {
        "< -> >"
    }
    assert not [m for m in mutants_of(made(lambda x: x, x, Identity(), on=positives)) if m.operator == "direction"]


class TestAssumptions:
    def claim(self, **more):
        assumed = replace(short_steps, assumptions=made_assumptions(a <= 1))
        return made(lambda a: a, 1, Inequality("<="), on=assumed, **more)

    def test_a_needed_assumption_is_killed(self):
        (change,) = fates(score(self.claim()), "dropped assumption").items()
        assert change == ("without the assumption a <= 1 (wider share)", "killed")

    def test_only_the_interval_that_encodes_it_is_widened(self):
        name, claim = without_assumption(self.claim(), 0)
        assert name == "share"
        result = hunt(claim, profile="power", seed=0, first=True)
        assert result.outcome == Outcome.REFUTED
        assert float(result.smallest.values["other"]) <= 1 < float(result.smallest.values["share"])

    def test_other_constraints_are_not_mistaken_for_it(self):
        assumed = replace(short_steps, assumptions=made_assumptions(a <= 1))
        claim = made(lambda other: other, 1, Inequality("<="), on=assumed)
        assert list(fates(score(claim), "dropped assumption").values()) == ["survived"]

    def test_an_assumption_that_no_draw_can_break_is_invalid(self):
        assumed = replace(positives, assumptions=made_assumptions(sympy.Symbol("x") + sympy.Symbol("y") > 0))
        claim = made(lambda x: x, x, Inequality("<="), on=assumed)
        assert list(fates(score(claim), "dropped assumption").values()) == ["invalid"]

    def test_predicates(self):
        assumed = replace(short_steps, assumptions=(("a is small", lambda a: a <= 1),))
        claim = made(lambda a: a, 1, Inequality("<="), on=assumed)
        assert list(fates(score(claim), "dropped assumption").values()) == ["killed"]

    def test_floats_and_fractions_are_ends(self):
        assert wider(Interval(0.3, 2.3, "left")).ends == (sympy.Rational(3, 20), sympy.Rational(43, 10))
        assert wider(Interval(0.3, 2.3, "left")).closed == "left"
        assert wider(Interval(-1, 1)).ends == (-3, 3)
        assert wider(Interval(0, 1, "right")).ends == (0, 2)
        assert wider(Interval(sympy.Rational(1, 3), 1)).ends == (sympy.Rational(1, 6), sympy.Rational(5, 3))


def made_assumptions(*relations):
    from lakatos.formula import Formula

    return tuple((str(r), Formula(r)) for r in relations)


@family
def decades(draw):
    return {"x": draw.positive("x"), "n": draw.integer("n", 1, 4096)}


GRID = (16, 32, 64, 128, 256, 512)


def test_rates():
    result = score(made(lambda x, n: x / n + 0 * x, 1 / n, Rate("O", over="n", grid=GRID, batch=8), on=decades))
    assert fates(result, "exponent") == {
        "times n^(1)": "equivalent",
        "times n^(-1)": "killed",
        "times n^(1/2)": "equivalent",
        "times n^(-1/2)": "killed",
    }
    assert fates(result, "direction") == {"O -> Omega": "equivalent"}
    result = score(made(lambda x, n: x / n + 0 * x, 1 / n, Rate("Theta", over="n", grid=GRID, batch=8), on=decades))
    assert result.killed == result.counted == 4


def test_a_loose_rate_survives_but_not_reversed():
    result = score(made(lambda x, n: x / n**2 + 0 * x, 1 / n, Rate("O", over="n", grid=GRID, batch=8), on=decades))
    assert fates(result, "exponent")["times n^(-1)"] == "survived"
    assert fates(result, "exponent")["times n^(-1/2)"] == "survived"
    assert fates(result, "direction") == {"O -> Omega": "killed"}


def test_trends():
    result = score(made(lambda x, n: x / n + 0 * x, None, Trend("decreasing", over="n", grid=GRID, batch=16), on=decades))
    assert fates(result, "direction") == {"decreasing -> increasing": "killed"}


def test_limits_are_shifted():
    kind = Limit((16, 32, 64, 128, 256, 512), batch=8)
    halves = made(halved, None, kind, on=positives)
    result = score(halves)
    assert fates(result, "limit") == {f"a limit at a distance of {s}": "killed" for s in ("1/100", "1/10", "1/2")}


def halved(x, checkpoints):
    xp = namespace(x)
    return xp.stack([(x / (1 + x)) / c**2 for c in checkpoints], axis=-1)


def test_limits_with_a_formula_have_its_mutants():
    kind = Limit((16, 32, 64, 128, 256, 512), batch=8)

    def tends_to_twice(x, checkpoints):
        return namespace(x).stack([2 * x * (1 + x / (1 + x) / c**2) for c in checkpoints], axis=-1)

    result = score(made(tends_to_twice, 2 * x, kind, on=positives))
    assert not fates(result, "limit")
    assert {"constant", "exponent"} <= {t.operator for t in result.trials}
    assert result.killed == result.counted > 0


@family
def coins(draw):
    return {"p": draw.interval("p", 0.4, 0.6)}


def test_probabilities_and_expectations():
    p = sympy.Symbol("p", positive=True)

    def flips(p, trials, generator):
        return (torch.rand(p.shape[0], trials, generator=generator, dtype=torch.float64) < p[:, None]).to(torch.float64)

    for kind in (Probability("<=", margin=0.05), Expectation("<=", (0, 1), margin=0.05)):
        result = score(made(flips, p, kind, on=coins))
        constants = fates(result, "constant")
        assert constants["times 10/11"] == "killed"
        assert constants["times 2/3"] == "killed"
        assert constants["times 3/2"] == "equivalent"
        assert fates(result, "direction")["<= -> >="] in ("survived", "killed")


def test_spread_takes_from_every_operator():
    mutants = [Mutant(f"{o}{i}", o, None) for o, many in (("a", 50), ("b", 3), ("c", 20)) for i in range(many)]
    chosen = spread(mutants, 20)
    assert len(chosen) == 20
    assert [sum(m.operator == o for m in chosen) for o in "abc"] == [9, 3, 8]
    assert chosen == [m for m in mutants if m in chosen]
    assert spread(mutants, 1000) == mutants


def test_the_score_is_the_same_every_time():
    claim = made(lambda x: x, 2 * x, Inequality("<="), on=positives)
    assert score(claim).as_data() == score(claim).as_data()


class TestFirst:
    def test_the_hunt_stops_at_the_first_refutation(self):
        claim = made(lambda x: x, x / 2, Inequality("<="), on=positives)
        short, whole = hunt(claim, profile="quick", seed=0, first=True), hunt(claim, profile="quick", seed=0)
        assert short.outcome == whole.outcome == Outcome.REFUTED
        assert short.evaluations <= PROFILES["quick"].instances + 1024 < whole.evaluations
        assert "structured" not in short.instances

    def test_it_is_certified_all_the_same(self, monkeypatch):
        import lakatos.hunting.pointwise as rule

        claim = made(lambda x: x, x / 2, Inequality("<="), on=positives)
        assert hunt(claim, profile="quick", seed=0, first=True).warrant == Warrant.CERTIFIED
        unsure = rule.Judgement(None, "cannot say", None)
        monkeypatch.setattr(rule, "judge", lambda *_: unsure)
        assert hunt(claim, profile="quick", seed=0, first=True).outcome == Outcome.UNDECIDED

    def test_what_holds_still_holds(self):
        claim = made(lambda x: x, x, Inequality("<="), on=positives)
        assert hunt(claim, profile="quick", seed=0, first=True).outcome == Outcome.HOLDS


def test_a_score_survives_being_written_and_read():
    trials = [
        scoring.Trial("2 -> 3", "constant", Fate.KILLED),
        scoring.Trial("2 -> 1", "constant", Fate.KILLED),
        scoring.Trial("<= -> >=", "direction", Fate.KILLED),
    ]
    trials += [scoring.Trial("x -> y", "symbol", Fate.SURVIVED, "holds"), scoring.Trial("", "term", Fate.INVALID)]
    data = scoring.Score("made/lem-1/printed", trials, derived=9).as_data()
    assert data["kills"] == {"constant": 2, "direction": 1}
    again = scoring.Score.from_data({"id": "made/lem-1/printed", **data})
    assert again.as_data() == data
    older = {name: value for name, value in data.items() if name != "kills"}
    assert scoring.Score.from_data({"id": "made/lem-1/printed", **older}).as_data() == data | {"kills": {}}
