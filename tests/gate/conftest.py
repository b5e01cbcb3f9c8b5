"""Runs as data, and what they were accepted to say."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from lakatos.gate.baseline import Baseline, accepted_of
from lakatos.gate.changes import Selection
from lakatos.records import Record, report_of
from tests.reports.conftest import BASE

REFUTED = {
    "outcome": "refuted",
    "warrant": "certified",
    "smallest": {"values": {"d": 1}, "operands": {"left": "3/2", "right": "1"}, "arithmetic": "rational", "ratio": 1.5},
}
KNOWN = {**REFUTED, "expected": "refuted", "reason": "misprint", "because": "A square is missing."}

Made = Callable[..., Record]


@pytest.fixture
def record() -> Made:
    """Makes the record of the claim called ``name`` in ``file``; other fields as given."""

    def make(name: str = "one", file: str = "theorems/fallah2020/lemma_4_8.py", **changes: Any) -> Record:
        made = copy.deepcopy(BASE) | {"name": name, "variant": name, "nodeid": f"{file}::{name}", "file": file} | changes
        made["id"] = f"{made['paper']['key']}/{made['entry']}/{made['variant']}"
        made["as_expected"] = made["error"] is None and made["outcome"] == made["expected"]
        return made

    return make


@pytest.fixture
def run() -> Callable[..., dict[str, Any]]:
    """Makes the report of a run of everything."""

    def make(records: list[Record], **changes: Any) -> dict[str, Any]:
        run = {"started": BASE["started"], "seconds": 1.0, "command": "pytest", "profile": "gate", "device": "cpu", "seed": 0}
        return {**report_of(records, **(run | changes)), "selection": Selection().as_data()}

    return make


@pytest.fixture
def accepted() -> Callable[..., Baseline]:
    """Makes the baseline that accepts these records."""

    def make(records: list[Record], power: dict[str, tuple[int, int]] | None = None, **changes: Any) -> Baseline:
        return Baseline({record["id"]: accepted_of(record, power or {}) for record in records}, **changes)

    return make
