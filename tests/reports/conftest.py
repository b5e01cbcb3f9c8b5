"""A report with a claim of every sort, made by hand."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import jsonschema
import pytest

from lakatos.records import Record, report_of

MAML = {
    "key": "fallah2020",
    "title": "On the Convergence Theory of Gradient-Based Model-Agnostic Meta-Learning Algorithms",
    "authors": ["Alireza Fallah", "Aryan Mokhtari", "Asuman Ozdaglar"],
    "venue": "AISTATS",
    "year": 2020,
    "url": "https://arxiv.org/abs/1908.10400",
}
LANDSCAPE = MAML | {
    "key": "landscape2022",
    "title": "The landscape of <risk> & reward",
    "authors": ["A. Author"],
    "venue": "",
    "url": "javascript:alert(1)",
}
VERSIONS = {
    "python": "3.12.1",
    "lakatos": "0.1.0",
    "torch": "2.11.0",
    "numpy": "2.4.0",
    "sympy": "1.14.0",
    "hypothesis": "6.150.0",
    "platform": "Linux",
}
BASE: Record = {
    "id": "fallah2020/lem-4.8-smoothness/printed",
    "paper": MAML,
    "label": "Lemma 4.8",
    "entry": "lem-4.8-smoothness",
    "variant": "printed",
    "name": "gradient_is_lipschitz",
    "nodeid": "theorems/fallah2020/lemma_4_8.py::gradient_is_lipschitz",
    "file": "theorems/fallah2020/lemma_4_8.py",
    "line": 41,
    "words": "The meta-gradient changes no faster than the smaller of the two local constants allows.",
    "statement": r"\|\nabla F(w)-\nabla F(u)\| \leq \min\left(4 L + 2 \alpha \rho \mathbb{E}_i\|\nabla f_i(w)\|, "
    r"4 L + 2 \alpha \rho \mathbb{E}_i\|\nabla f_i(u)\|\right) \|w-u\|",
    "kind": "inequality",
    "rule": "refuted beyond the error budget, once certified",
    "expected": "holds",
    "outcome": "holds",
    "as_expected": True,
    "reason": None,
    "because": None,
    "corrected": None,
    "rests_on": [],
    "warrant": "corroborated",
    "alarm": 0.0,
    "margin": {"worst": 0.98513, "budget": 3.1e-12, "words": "worst ratio 0.9851 found under a budget of 131,072 instances"},
    "instances": {
        "total": 139_264,
        "by_source": {"structured": 4096, "batches": 131_072, "ascent": 4096},
        "rejected": 0,
        "strata": {
            "alpha = 1/L": {"required": 100, "seen": 20_480, "worst": 0.98513},
            "one task": {"required": 100, "seen": 22_528, "worst": 0.7712},
            "n < d": {"required": 100, "seen": 31_744, "worst": 0.93},
        },
    },
    "worst": {
        "values": {"d": 1, "tasks": 1, "amplitude": [["0.31", "1/3"]], "alpha_L": "1"},
        "operands": {"left": "2.9554", "right": "3.0000", "L": "0.31"},
        "arithmetic": "float64",
        "ratio": 0.98513,
    },
    "smallest": None,
    "pinned": None,
    "picture": {
        "type": "profile",
        "unit": "worst ratio",
        "bars": [
            {"name": "alpha = 1/L", "worst": 0.98513, "seen": 20_480},
            {"name": "one task", "worst": 0.7712, "seen": 22_528},
            {"name": "n < d", "worst": 0.93, "seen": 31_744},
        ],
    },
    "details": {"tightness": 0.985},
    "context": {
        "place": 3,
        "assumptions": [
            {"words": None, "latex": r"\alpha L \leq 1"},
            {"words": "every f_i has a Lipschitz Hessian <&>", "latex": None},
        ],
        "family": {"name": "sine_tasks", "words": "Sums of sines, whose constants are exact."},
        "builds_on": [],
        "fingerprint": "0123456789abcdef",
    },
    "power": None,
    "message": "No instance broke the bound.",
    "error": None,
    "seed": 0,
    "profile": "gate",
    "device": "cpu",
    "versions": VERSIONS,
    "commit": "8967b48e0c6a1b5f3c1d7f2a4e9b8c7d6e5f4a3b",
    "started": "2026-01-02T03:04:05.678+00:00",
    "seconds": 3.142,
    "reproduced": None,
    "replay": 'python -m pytest "theorems/fallah2020/lemma_4_8.py::gradient_is_lipschitz" --replay reports/latest/report.json',
}


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    """The published schema of reports."""
    text = resources.files("lakatos").joinpath("schema/report.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="session")
def validator(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    """Checks reports against the schema."""
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture
def record() -> Callable[..., Record]:
    """Makes a record: the base one with fields replaced."""

    def make(**changes: Any) -> Record:
        made = copy.deepcopy(BASE) | changes
        made["id"] = f"{made['paper']['key']}/{made['entry']}/{made['variant']}"
        return made

    return make


def _refuted(record: Callable[..., Record], **changes: Any) -> Record:
    smallest = {
        "values": {"d": 1, "w": ["1"], "u": ["0"]},
        "operands": {"left": "3/2", "right": "1"},
        "arithmetic": "rational",
        "ratio": 1.5,
    }
    return record(
        **{
            "outcome": "refuted",
            "warrant": "certified",
            "margin": {"worst": 7.25, "budget": 1e-12, "words": "worst ratio 7.25; 3/2 > 1 in exact rationals"},
            "smallest": smallest,
            "message": "3/2 > 1",
            "picture": {
                "type": "profile",
                "unit": "worst ratio",
                "bars": [
                    {"name": "n < d", "worst": 7.25, "seen": 30},
                    {"name": "n = d", "worst": 0.2, "seen": 3},
                    {"name": "n > d", "worst": None, "seen": 0},
                ],
            },
        }
        | changes
    )


@pytest.fixture
def claims(record: Callable[..., Record]) -> list[Record]:
    """One claim of every sort."""
    xs = [64 * 2**k for k in range(11)]
    limit = {
        "type": "limit",
        "x": xs,
        "worst": [0.9 * (x / 64) ** -0.5 for x in xs],
        "median": [0.3 * (x / 64) ** -0.9 for x in xs],
        "best": [0.0] * 11,
    }
    grid = [4, 8, 16, 32, 64, 128]
    y = [1.02, 0.97, 0.99, 1.01, 0.96, 0.95]
    rate = {
        "type": "rate",
        "over": "T",
        "x": grid,
        "y": y,
        "low": [v * 0.9 for v in y],
        "high": [v * 1.12 for v in y],
        "slope": -0.017,
        "slope_low": -0.06,
        "slope_high": 0.026,
        "claimed": 0.0,
    }
    falling = [1.9, 1.2, 0.8, 0.52, 0.41, 0.35]
    trend = {
        "type": "trend",
        "over": "N",
        "x": grid,
        "y": falling,
        "low": [v - 0.1 for v in falling],
        "high": [v + 0.1 for v in falling],
        "direction": "decreasing",
    }
    return [
        record(),
        _refuted(record, variant="twice-tighter", name="twice_tighter", as_expected=False, line=60),
        _refuted(
            record,
            variant="as-printed-with-a-rather-long-name-of-the-reading",
            name="as_printed",
            expected="refuted",
            reason="misprint",
            because="The printed square root is missing; with it the proof goes through.",
            corrected="gradient_is_lipschitz",
            pinned={"d": 1, "w": ["1"]},
        ),
        record(
            paper=LANDSCAPE,
            entry="cor-2",
            label="Corollary 2",
            kind="limit",
            name="ratio_tends_to_one",
            statement=r"\lim_{T\to\infty} \frac{R(w_T)}{R^\ast} = 1",
            picture=limit,
            warrant="measured",
            margin={"worst": 0.028, "budget": None, "words": "falls below 0.03 and stays"},
        ),
        record(
            paper=LANDSCAPE,
            entry="thm-3",
            label="Theorem 3",
            kind="rate",
            name="error_is_of_order_one_over_T",
            statement=r"\mathbb{E}[F(w_T)] - F^\star = O(1/T)",
            picture=rate,
            warrant="measured",
            alarm=2.3e-8,
        ),
        record(
            paper=LANDSCAPE,
            entry="fig-1",
            label="Figure 1",
            kind="trend",
            name="loss_falls",
            picture=trend,
            statement=r"\unknowncommand{x} <",
        ),
        record(
            paper=LANDSCAPE,
            entry="thm-4",
            label="Theorem 4",
            name="needs_data",
            outcome="vacuous",
            as_expected=False,
            warrant="none",
            margin={"worst": None, "budget": None, "words": "nothing was measured"},
            worst=None,
            picture=None,
            message='The stratum "n < d" was never hit.',
            instances={
                "total": 12,
                "by_source": {"structured": 12},
                "rejected": 3,
                "strata": {"n < d": {"required": 100, "seen": 0, "worst": None}},
            },
        ),
        record(
            paper=LANDSCAPE,
            entry="thm-5",
            label="Theorem 5",
            name="is_wrongly_written",
            outcome="undecided",
            as_expected=False,
            warrant="none",
            error="ClaimError",
            worst=None,
            picture=None,
            margin={"worst": None, "budget": None, "words": "nothing was measured"},
            message="The formula names rho, but the family has only L and alpha.\nAdd rho to what it returns.",
            instances={"total": 0, "by_source": {}, "rejected": 0, "strata": {}},
        ),
    ]


@pytest.fixture
def report(claims: list[Record]) -> Callable[..., dict[str, Any]]:
    """Makes the report of a run on ``claims``."""

    def make(records: list[Record] | None = None, **changes: Any) -> dict[str, Any]:
        run: dict[str, Any] = {
            "started": "2026-01-02T03:04:05.678+00:00",
            "seconds": 61.25,
            "command": "python -m pytest theorems",
            "profile": "gate",
            "device": "cpu",
            "seed": 0,
        }
        return report_of(claims if records is None else records, **run | changes)

    return make
