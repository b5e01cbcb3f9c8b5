"""What holds for the whole catalogue: nothing in it is passed over."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from lakatos.claims import claims_in
from lakatos.kinds import Kind
from lakatos.theorem_files import PATTERNS, matches

CATALOGUE = Path(__file__).resolve().parents[2] / "theorems"
MODULES = sorted(file for file in CATALOGUE.rglob("*.py") if file.name != "__init__.py")
MOST_ALARM = 1e-6


def module_of(file: Path) -> object:
    return importlib.import_module(".".join(file.relative_to(CATALOGUE.parent).with_suffix("").parts))


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(CATALOGUE)))
def test_pytest_collects_every_file_with_claims(file: Path) -> None:
    assert bool(claims_in(module_of(file))) == matches(file, PATTERNS)


def test_the_entries_of_a_paper_are_claimed_or_listed_in_its_order() -> None:
    for file in MODULES:
        for claim in claims_in(module_of(file)):
            assert claim.entry in claim.paper.contents, claim.id


def test_ids_name_one_claim() -> None:
    ids = [claim.id for file in MODULES for claim in claims_in(module_of(file))]
    assert len(ids) == len(set(ids))


def test_what_is_corrected_names_one_claim() -> None:
    for file in MODULES:
        paper = [claim for other in MODULES if other.parent == file.parent for claim in claims_in(module_of(other))]
        for refuted in claims_in(module_of(file)):
            if refuted.corrected:
                named = [claim for claim in paper if claim.name == refuted.corrected]
                beside = [claim for claim in named if claim.file == refuted.file]
                assert len(beside or named) == 1, f"{refuted.id} names {[claim.id for claim in named]} by {refuted.corrected!r}"


def test_the_false_alarms_of_a_whole_run_are_bounded() -> None:
    def error(kind: Kind) -> float:
        return float(getattr(kind, "error", 0.0)) if kind.name != "rate" else 1e-9

    total = sum(error(claim.kind) for file in MODULES for claim in claims_in(module_of(file)))
    assert 0 < total <= MOST_ALARM
