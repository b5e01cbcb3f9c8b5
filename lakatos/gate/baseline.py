"""The accepted state of a catalogue: what ``reports/baseline.json`` holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lakatos.records import Record
from lakatos.reports.files import dumps
from lakatos.verdicts import Outcome

SCHEMA = "urn:lakatos:baseline:1"
"""What a baseline's ``schema`` field says. The number grows when a reader of older baselines would misread a newer one."""

POWER_SCHEMA = "urn:lakatos:power:1"

TOLERANCE = 0.01
"""Share of the accepted worst ratio by which another machine may exceed it, beyond the error budget.

The search climbs; last digits that differ between processors, or another version of torch, may lead it to slightly different
peaks (between two instruction sets eight claims moved by 2e-13 at most). What CI must not miss, a changed constant or a
dropped term, moves a ratio by more.
"""

Power = Mapping[str, tuple[int, int]]
"""False variants that a claim's check refutes, and those that count, by claim id."""


class BaselineError(Exception):
    """A baseline cannot be read or written; the text says what, where, and what to do."""


@dataclass(frozen=True)
class Accepted:
    """What one claim was accepted to say.

    Parameters
    ----------
    file, name:
        Where it stands, from the root directory.
    kind, expected, outcome, warrant:
        As on its record.
    worst, budget:
        The worst ratio and its error budget, as on its record.
    profile, seed, device:
        How it was found: a worst ratio is comparable only with one that was searched for in the same way.
    strata:
        Names of the strata that were hit.
    power:
        False variants refuted and counted, where they were scored.
    """

    file: str
    name: str
    kind: str
    expected: str
    outcome: str
    warrant: str
    worst: float | str | None
    budget: float | str | None
    profile: str
    seed: int
    device: str
    strata: tuple[str, ...]
    power: tuple[int, int] | None


@dataclass(frozen=True)
class Baseline:
    """The accepted state of a catalogue, by claim id."""

    claims: Mapping[str, Accepted]
    tolerance: float = TOLERANCE

    def text(self) -> str:
        """The baseline as JSON with a line per claim, so that version control shows which claims changed."""
        lines = [f"  {dumps(name)}: {dumps(asdict(self.claims[name]))}" for name in sorted(self.claims)]
        claims = "{\n" + ",\n".join(lines) + "\n }" if lines else "{}"
        return f'{{\n "schema": {dumps(SCHEMA)},\n "tolerance": {dumps(self.tolerance)},\n "claims": {claims}\n}}\n'


def accepted_of(record: Record, power: Power) -> Accepted:
    """What accepting ``record`` means."""
    return Accepted(
        # A node id is relative to the root directory, wherever the run was started.
        file=record["nodeid"].partition("::")[0],
        name=record["name"],
        kind=record["kind"],
        expected=record["expected"],
        outcome=record["outcome"],
        warrant=record["warrant"],
        worst=record["margin"]["worst"],
        budget=record["margin"]["budget"],
        profile=record["profile"],
        seed=record["seed"],
        device=record["device"],
        strata=tuple(sorted(hit(record))),
        power=power.get(record["id"]),
    )


def hit(record: Record) -> set[str]:
    """Names of the strata that the record's run hit."""
    return {name for name, count in record["instances"]["strata"].items() if count["seen"]}


def _read(path: Path, what: str, advice: str) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BaselineError(f"cannot read the {what} {path}: {error.strerror or error}. {advice}") from None
    except ValueError as error:
        raise BaselineError(f"{path} is damaged: it is not text ({error}). {advice}") from None
    try:
        return json.loads(text)
    except ValueError as error:
        why = "it holds the marks of an unfinished merge" if "<<<<<<<" in text else f"it is not JSON ({error})"
        raise BaselineError(f"{path} is damaged: {why}. {advice}") from None


def load_baseline(path: Path) -> Baseline:
    """The baseline in ``path``.

    Raises
    ------
    BaselineError
        when it cannot be read, is damaged, or follows another schema.
    """
    advice = f"Restore it (git checkout -- {path}), or move it away and accept a run again (lakatos accept REPORT.json --baseline {path})."
    data = _read(path, "baseline", advice)
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        found = f"its schema is {schema!r}" if schema is not None else "it names no schema"
        if isinstance(schema, str) and schema.startswith("urn:lakatos:baseline:"):
            raise BaselineError(
                f"{path} was written by another version of lakatos: {found}, and this version reads {SCHEMA!r}. "
                f"Use the version that wrote it, or move it away and accept a run again (lakatos accept REPORT.json --baseline {path})."
            )
        raise BaselineError(f"{path} is not a baseline: {found}, and a baseline's is {SCHEMA!r}. {advice}")
    tolerance, claims = data.get("tolerance"), data.get("claims")
    if not _is_number(tolerance) or not 0 <= tolerance < 1 or not isinstance(claims, dict):
        raise BaselineError(f"{path} is damaged: it needs a tolerance between 0 and 1, and claims by id. {advice}")
    return Baseline({name: _accepted(path, name, entry, advice) for name, entry in claims.items()}, tolerance)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_real(value: Any) -> bool:
    return value is None or _is_number(value) or value in ("inf", "-inf", "nan")


def _is_score(value: Any) -> bool:
    pair = isinstance(value, list) and len(value) == 2 and all(isinstance(n, int) and n >= 0 for n in value)
    return value is None or (pair and value[0] <= value[1] and value[1] > 0)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _accepted(path: Path, name: str, entry: Any, advice: str) -> Accepted:
    checks: dict[str, Callable[[Any], bool]] = {
        "worst": _is_real,
        "budget": _is_real,
        "seed": lambda v: isinstance(v, int),
        "strata": _is_names,
        "power": _is_score,
        "outcome": lambda v: v in tuple(Outcome),
        "expected": lambda v: v in tuple(Outcome),
    }
    names = [field.name for field in fields(Accepted)]
    if not isinstance(entry, dict) or sorted(entry) != sorted(names):
        raise BaselineError(f"{path} is damaged: the claim {name!r} needs exactly {', '.join(names)}. {advice}")
    for key, value in entry.items():
        if not checks.get(key, _is_text)(value):
            raise BaselineError(f"{path} is damaged: {key} of the claim {name!r} is {value!r}. {advice}")
    score = entry["power"]
    return Accepted(**{**entry, "strata": tuple(entry["strata"]), "power": None if score is None else (score[0], score[1])})


def load_power(path: Path) -> dict[str, tuple[int, int]] | None:
    """The power scores in ``path`` by claim id, of the claims that have one; ``None`` where there is no such file.

    Raises
    ------
    BaselineError
        when the file cannot be read as power scores.
    """
    if not path.exists():
        return None
    advice = f"Write it again: lakatos power THEOREMS --json {path}"
    data = _read(path, "power scores", advice)
    if not isinstance(data, dict) or data.get("schema") != POWER_SCHEMA:
        raise BaselineError(f"{path} holds no power scores: a file of them has the schema {POWER_SCHEMA!r}. {advice}")
    try:
        return {s["id"]: (int(s["killed"]), int(s["counted"])) for s in data["claims"] if s["counted"]}
    except (KeyError, TypeError, ValueError) as error:
        raise BaselineError(f"{path} is damaged ({type(error).__name__}: {error}). {advice}") from None
