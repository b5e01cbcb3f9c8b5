"""Witnesses kept as data beside their theorem file, so that what one run found is tried first in every later one.

A claim's own ``witness=`` is what its author pins; the file ``<theorem file>.witnesses.json`` is what runs have found: for a claim
that was refuted its smallest witness, and on request the closest instance of one that holds. This module imports neither torch
nor sympy.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lakatos.records import Record

SCHEMA = "urn:lakatos:witnesses:1"
# A longer one is no longer something to read, and tells nothing that the seed in the record does not.
LONGEST = 4000


class WitnessError(Exception):
    """Kept witnesses cannot be read or written; the text says which, and what to do."""


def beside(theorem: Path) -> Path:
    """Where the witnesses of a theorem file are kept."""
    return theorem.with_suffix(".witnesses.json")


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The kept witnesses by claim id; none where there is no file.

    Raises
    ------
    WitnessError
        when the file is damaged, or follows another schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError) as error:
        raise WitnessError(f"{path} cannot be read: {error}. Restore it, or delete it to search without it.") from None
    try:
        data = json.loads(text)
    except ValueError as error:
        raise WitnessError(f"{path} is not JSON ({error}). Restore it, or delete it to search without it.") from None
    found = data.get("schema") if isinstance(data, dict) else None
    if found != SCHEMA:
        raise WitnessError(
            f"{path} follows the schema {found!r}; this version of lakatos reads {SCHEMA!r}. Delete it to search without it."
        )
    witnesses = data.get("witnesses")
    if not isinstance(witnesses, dict) or not all(
        isinstance(w, dict) and isinstance(w.get("values"), dict) for w in witnesses.values()
    ):
        raise WitnessError(f"{path} holds no witnesses by claim id. Restore it, or delete it to search without it.")
    return witnesses


def kept(theorem: Path, claim_id: str) -> Mapping[str, Any] | None:
    """Values of the witness that is kept for a claim, or None.

    Raises
    ------
    WitnessError
        as :func:`read` does.
    """
    path = beside(theorem)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return None
    entry = _read_once(path, stamp).get(claim_id)
    return None if entry is None else entry["values"]


@functools.lru_cache(maxsize=64)
def _read_once(path: Path, stamp: int) -> dict[str, dict[str, Any]]:
    return read(path)


def keep(records: Iterable[Record], folder: Path, *, closest: bool = False) -> dict[str, str]:
    """Write the witnesses of a run beside their theorem files, and say for each claim what was done.

    Parameters
    ----------
    records:
        Of the claims whose witnesses to keep.
    folder:
        What the records' file names are relative to.
    closest:
        Whether the closest instance of a claim that holds is kept as well.

    Returns
    -------
    dict
        claim id to a phrase, in the order of the records.

    Raises
    ------
    WitnessError
        when a theorem file is not there, or a file of witnesses cannot be read or written. Nothing is written then.
    """
    said: dict[str, str] = {}
    files: dict[Path, dict[str, dict[str, Any]]] = {}
    for record in records:
        theorem = folder / record["file"]
        if not theorem.is_file():
            raise WitnessError(
                f"there is no {record['file']} in {folder}; change to the folder where the recorded run started."
            )
        path = beside(theorem)
        witnesses = files.setdefault(path, dict(read(path)))
        said[record["id"]] = _keep(record, witnesses, closest)
    changed = {path: witnesses for path, witnesses in files.items() if witnesses != read(path)}
    from lakatos.reports.files import write_atomically

    for path, witnesses in changed.items():
        ordered = {name: witnesses[name] for name in sorted(witnesses)}
        try:
            write_atomically(path, json.dumps({"schema": SCHEMA, "witnesses": ordered}, indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise WitnessError(f"cannot write {path}: {error.strerror or error}. What was there is unchanged.") from None
    return said


def _keep(record: Record, witnesses: dict[str, dict[str, Any]], closest: bool) -> str:
    refuted = record["outcome"] == "refuted"
    witness = record["smallest"] if refuted else record["worst"] if closest and record["outcome"] == "holds" else None
    if record.get("pinned"):
        return "not kept: the theorem file pins a witness already"
    if witness is None:
        return f"not kept: it {record['outcome']}, and no witness carries that" if refuted else f"not kept: {record['outcome']}"
    if len(json.dumps(witness["values"])) > LONGEST:
        return "not kept: its witness is too long to read; its seed is in the record"
    before = witnesses.get(record["id"])
    ratio = witness["ratio"]
    if not refuted and before is not None and not (_number(ratio) > _number(before.get("ratio"))):
        return "unchanged: the kept instance is as close"
    found = f"{record['profile']} profile, seed {record['seed']}"
    entry = {"outcome": record["outcome"], "ratio": ratio, "found": found, "values": witness["values"]}
    if before is not None and before["values"] == entry["values"]:
        return "unchanged"
    witnesses[record["id"]] = entry
    return "kept" if before is None else "replaced"


def _number(ratio: Any) -> float:
    return float(ratio) if isinstance(ratio, (int, float)) else float("-inf")
