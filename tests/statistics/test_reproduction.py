"""Reproductions: under a faithful table the false alarms keep their level; a wrong cell, or too much noise, is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lakatos import ClaimError, Reproduction, hunt
from lakatos.families import Sample
from lakatos.hunting.reproduction import conclude
from tests.lakatos.made import family, made
from tests.statistics.simulation import LEVEL, SEQUENCES, stream, surely_above, surely_below

ONE_SETTING = family(lambda draw: {"d": draw.option("d", [3])})


def dice(d: int, repetitions: int, generator: torch.Generator) -> Any:
    """Two cells: the means of 1,000 throws of one die, and of the sum of ``d``."""
    throws = torch.randint(1, 7, (repetitions, 1000, d), generator=generator).to(torch.float64)
    return torch.stack([throws[..., 0].mean(-1), throws.sum(-1).mean(-1)], dim=1)


def test_a_faithful_table_is_reproduced_cell_by_cell() -> None:
    verdict = hunt(made(dice, kind=Reproduction({"one": "3.5 ± 0.1", "three": "10.47"}), on=ONE_SETTING), profile="quick")
    assert (verdict.outcome, verdict.warrant) == ("holds", "measured")
    assert verdict.picture is not None
    assert [(c["name"], c["printed"], c["inside"]) for c in verdict.picture["cells"]] == [
        ("one", "3.5 ± 0.1", True),
        ("three", "10.47", True),
    ]
    assert verdict.alarm == 1e-9


def test_a_wrong_cell_refutes_and_is_named() -> None:
    verdict = hunt(made(dice, kind=Reproduction({"one": "3.5", "three": "12.5"}), on=ONE_SETTING), profile="quick")
    assert verdict.outcome == "refuted"
    assert "three: printed 12.5" in verdict.message
    assert "1 of 2" in verdict.message


def test_an_interval_that_contains_everything_decides_nothing() -> None:
    def noise(repetitions: int, generator: torch.Generator, d: int) -> Any:
        return 1 + torch.randn(repetitions, 1, generator=generator, dtype=torch.float64)

    verdict = hunt(made(noise, kind=Reproduction({"cell": "1.0"}), on=ONE_SETTING), profile="quick")
    assert verdict.outcome == "undecided"
    assert "wider than" in verdict.message


@pytest.mark.parametrize(("printed", "outcome"), [("0.67", "holds"), ("0.66", "refuted"), ("≈ 1", "holds"), ("2/3", "refuted")])
def test_a_deterministic_table_is_compared_to_its_last_digit(printed: str, outcome: str) -> None:
    def exact(d: int) -> Any:
        return torch.full((1, 1), 2 / d, dtype=torch.float64)

    verdict = hunt(made(exact, kind=Reproduction({"cell": printed}), on=ONE_SETTING), profile="quick")
    assert verdict.outcome == outcome
    assert verdict.alarm == 0.0


@pytest.mark.parametrize("runs", [1, 5])
def test_false_alarms_keep_their_level(runs: int) -> None:
    cells, repetitions, alarms = 4, 16, 0
    for k in range(SEQUENCES):
        noise = stream(11, runs, k)
        table = noise.standard_normal((repetitions, cells))
        printed = noise.standard_normal((runs, cells)).mean(axis=0)
        kind = Reproduction({str(i): repr(float(v)) for i, v in enumerate(printed)}, runs, repetitions, 1e9, LEVEL)
        alarms += conclude(kind, table, Sample()).outcome == "refuted"
    assert not surely_above(alarms, SEQUENCES, LEVEL)
    assert not surely_below(alarms, SEQUENCES, LEVEL / 2)


def test_a_cell_that_is_off_by_ten_deviations_is_seen() -> None:
    table = stream(12).standard_normal((64, 2))
    kind = Reproduction({"a": "0.01", "b": "10.0"}, runs=1, resolution=1e9)
    assert conclude(kind, table, Sample()).outcome == "refuted"


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        (lambda d: torch.zeros(1, 3, dtype=torch.float64), "2 cells are printed"),
        (lambda d: torch.full((1, 2), torch.nan, dtype=torch.float64), "not finite in the cell 'a'"),
    ],
)
def test_a_table_that_cannot_be_compared_is_refused(measured: Any, message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        hunt(made(measured, kind=Reproduction({"a": "1", "b": "2"}), on=ONE_SETTING), profile="quick")


def test_a_family_that_draws_the_setting_is_refused() -> None:
    wide = family(lambda draw: {"d": draw.integer("d", 1, 3)})
    with pytest.raises(ClaimError, match="one printed experiment"):
        hunt(made(lambda d: torch.zeros(1, 1, dtype=torch.float64), kind=Reproduction({"a": "1"}), on=wide), profile="quick")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({},), "at least one"),
        (({"a": "n/a"},), "no number"),
        (({"a": "1"}, 0), "runs"),
        (({"a": "1"}, 1, 2), "repetitions"),
        (({"a": "1"}, 1, 8, -1.0), "resolution"),
        (({"a": "1"}, 1, 8, 0.5, 2.0), "error"),
    ],
)
def test_senseless_settings_are_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Reproduction(*arguments)


def test_printed_numbers_are_read_with_their_unit() -> None:
    cells = Reproduction({"a": "0.830 ± 0.02", "b": "≈ 3", "c": "1.5e-3", "d": "\N{MINUS SIGN}2.5%"}).cells
    assert [c.value for c in cells] == [0.83, 3.0, 0.0015, -2.5]
    assert np.allclose([c.half_unit for c in cells], [0.0005, 0.5, 0.00005, 0.05])
