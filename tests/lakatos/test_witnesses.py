"""Witnesses kept as data beside the theorem file: written from a report, tried first in every later run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lakatos import ClaimError, hunt
from lakatos.power.catalogue import load
from lakatos.witnesses import SCHEMA, WitnessError, beside, keep, kept

ROOT = Path(__file__).resolve().parents[2]
# The hunt of a small budget does not come across the one point where the bound fails.
THEOREM = '''
"""A bound that fails in one place."""
from sympy import symbols
from lakatos import Inequality, Paper, claim, instances
from exactarray import maximum

@instances()
def reals(draw):
    return {"x": draw.real("x"), "n": draw.integer("n", 1, 3)}

@claim(Paper("made", "Made up"), "Lemma 1", Inequality("<="), entry="lem-1", on=reals, right=1)
def in_one_place(x):
    """In one place."""
    away = abs(1000 * x - 317) * 1000
    return maximum(2 - away, 0 * x) + (1 + 0 * x) / 4
'''
WITNESS = {"x": "0.317", "n": 1}


@pytest.fixture
def theorem(tmp_path: Path) -> Path:
    file = tmp_path / "lemma_1.py"
    file.write_text(THEOREM)
    return file


def record(theorem: Path, **changes: Any) -> dict[str, Any]:
    witness = {"values": WITNESS, "operands": {}, "arithmetic": "rational", "ratio": 2.0}
    made = {"id": "made/lem-1/printed", "file": theorem.name, "outcome": "refuted", "smallest": witness, "worst": witness}
    return {**made, "pinned": None, "profile": "nightly", "seed": 7, **changes}


def test_what_is_kept_is_tried_first(theorem: Path) -> None:
    (claim,) = load(theorem)
    assert hunt(claim, profile="quick").outcome == "holds"
    assert keep([record(theorem)], theorem.parent) == {"made/lem-1/printed": "kept"}
    verdict = hunt(claim, profile="quick")
    assert (verdict.outcome, verdict.warrant) == ("refuted", "certified")
    assert verdict.instances["pinned"] == 1
    assert verdict.smallest is not None
    assert verdict.smallest.values == WITNESS


def test_the_file_is_readable(theorem: Path) -> None:
    keep([record(theorem)], theorem.parent)
    data = json.loads(beside(theorem).read_text())
    assert data["schema"] == SCHEMA
    assert data["witnesses"]["made/lem-1/printed"] == {
        "outcome": "refuted",
        "ratio": 2.0,
        "found": "nightly profile, seed 7",
        "values": WITNESS,
    }
    assert len(beside(theorem).read_text().splitlines()) < 20


@pytest.mark.parametrize(
    ("changes", "closest", "said"),
    [
        ({"pinned": WITNESS}, False, "pins a witness already"),
        ({"outcome": "holds"}, False, "not kept: holds"),
        ({"outcome": "holds"}, True, "kept"),
        ({"outcome": "undecided"}, True, "not kept: undecided"),
        ({"smallest": None}, False, "no witness carries that"),
        ({"smallest": {"values": {"x": ["0.123456789"] * 500}, "ratio": 2.0}}, False, "too long"),
    ],
)
def test_what_is_kept_and_what_is_not(theorem: Path, changes: dict[str, Any], closest: bool, said: str) -> None:
    assert said in keep([record(theorem, **changes)], theorem.parent, closest=closest)["made/lem-1/printed"]
    assert beside(theorem).exists() == (said == "kept")


def test_the_closer_instance_wins(theorem: Path) -> None:
    def near(x: str, ratio: float) -> dict[str, Any]:
        return record(theorem, outcome="holds", worst={"values": {"x": x, "n": 1}, "ratio": ratio})

    assert list(keep([near("1", 0.5)], theorem.parent, closest=True).values()) == ["kept"]
    assert "as close" in next(iter(keep([near("2", 0.4)], theorem.parent, closest=True).values()))
    assert list(keep([near("3", 0.6)], theorem.parent, closest=True).values()) == ["replaced"]
    assert kept(theorem, "made/lem-1/printed") == {"x": "3", "n": 1}


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"schema": "urn:lakatos:witnesses:0", "witnesses": {}}', f'{{"schema": "{SCHEMA}"}}']
)
def test_a_damaged_file_is_told_and_stays(theorem: Path, text: str) -> None:
    beside(theorem).write_text(text)
    with pytest.raises(WitnessError, match=r"(?i)delete"):
        keep([record(theorem)], theorem.parent)
    assert beside(theorem).read_text() == text
    (claim,) = load(theorem)
    with pytest.raises(ClaimError, match=r"lemma_1\.witnesses\.json"):
        hunt(claim, profile="quick")


def test_a_witness_of_another_family_is_told(theorem: Path) -> None:
    keep([record(theorem, smallest={"values": {"x": "1", "n": 7}, "ratio": 2.0})], theorem.parent)
    (claim,) = load(theorem)
    with pytest.raises(ClaimError, match="delete the entry"):
        hunt(claim, profile="quick")


def test_a_report_from_elsewhere_is_refused(theorem: Path, tmp_path: Path) -> None:
    with pytest.raises(WitnessError, match="change to the folder"):
        keep([record(theorem, file="nowhere/lemma_9.py")], tmp_path)


def test_the_command(theorem: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=theorem.parent,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    theorem.write_text(THEOREM.replace("right=1", "right=1/8"))
    assert run("-m", "pytest", "lemma_1.py", "--profile=quick", "--report-dir=out").returncode == 1
    lakatos = ("-c", "from lakatos.cli import app; app()", "keep", "out/report.json")
    done = run(*lakatos)
    assert (done.returncode, done.stdout) == (0, "made/lem-1/printed: kept\n"), done.stderr
    assert run(*lakatos).stdout == "made/lem-1/printed: unchanged\n"
    wrong = run(*lakatos, "made/lem-9/printed")
    assert wrong.returncode == 4
    assert "made/lem-1/printed" in wrong.stderr
