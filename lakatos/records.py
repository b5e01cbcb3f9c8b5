"""One record per claim: the verdict and everything needed to read, trust and repeat it, as plain JSON data.

Every report is a view of records. This module imports neither torch nor sympy, so that it costs nothing where no claim runs.
"""

from __future__ import annotations

import functools
import math
import os
import platform
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakatos.provenance import context_of
from lakatos.verdicts import Margin, Outcome, Verdict, Warrant, Witness

if TYPE_CHECKING:
    from lakatos.claims import Claim

Record = dict[str, Any]
"""A claim's record; its shape is published in ``lakatos/schema/report.schema.json``."""

SCHEMA = "urn:lakatos:report:1"
"""What a report's ``schema`` field says. The number grows when a reader of older reports would misread a newer one."""


def strict(value: Any) -> Any:
    """``value`` as strict JSON data: "inf", "-inf" and "nan" for the floats that JSON lacks, text for what it does not know."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((strict(item) for item in value), key=str)
    if hasattr(value, "tolist"):
        return strict(value.tolist())
    return str(value)


def now() -> str:
    """The present, in UTC, as records write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@functools.cache
def versions() -> dict[str, str | None]:
    """Versions of what a verdict depends on; ``None`` for what is not installed. Read from metadata: nothing is imported."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in ("lakatos", "torch", "numpy", "sympy", "hypothesis"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    found["platform"] = platform.platform()
    return found


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=False,
            text=True,
            timeout=10,
            # A status that refreshes the index would contend for its lock with whatever else runs in the repository.
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


@functools.cache
def _head(folder: Path) -> str | None:
    head = _git(folder, "rev-parse", "HEAD")
    if head is None:
        return None
    # Untracked files are left out here, or a report written into the repository would make every next run look dirty.
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{head}+dirty" if changed else head


@functools.cache
def commit_of(file: Path) -> str | None:
    """Commit of the repository that holds ``file``, with "+dirty" when tracked files changed or ``file`` is not tracked.

    ``None`` outside a repository, or without git.
    """
    head = _head(file.parent)
    if head is None or head.endswith("+dirty"):
        return head
    return head if _git(file.parent, "ls-files", "--error-unmatch", file.name) is not None else f"{head}+dirty"


def undecided(message: str) -> Verdict:
    """The verdict on a claim that could not be judged: undecided, with no warrant."""
    return Verdict(Outcome.UNDECIDED, Warrant.NONE, Margin(None, None, "nothing was measured"), message)


def _witness(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "values": strict(witness.values),
        "operands": {str(name): str(value) for name, value in witness.operands.items()},
        "arithmetic": witness.arithmetic,
        "ratio": strict(witness.ratio),
    }


def record_of(
    claim: Claim,
    verdict: Verdict,
    *,
    nodeid: str,
    file: str,
    replay: str,
    profile: str,
    started: str,
    seconds: float,
    error: str | None = None,
    reproduced: bool | None = None,
) -> Record:
    """The record of ``claim``.

    Parameters
    ----------
    claim, verdict:
        What was judged, and how.
    nodeid, file:
        Where pytest found it; ``file`` as the reader should see it.
    replay:
        One shell command that runs exactly this claim on exactly its witness.
    profile, started, seconds:
        Name of the budget, beginning and duration of the hunt.
    error:
        Name of the exception, when the claim could not be judged. Such a claim is never as expected.
    reproduced:
        In a replay, whether the recorded outcome came out again.
    """
    paper = claim.paper
    margin = verdict.margin
    return {
        "id": claim.id,
        "paper": {
            "key": paper.key,
            "title": paper.title,
            "authors": list(paper.authors),
            "venue": paper.venue,
            "year": paper.year,
            "url": paper.url,
        },
        "label": claim.label,
        "entry": claim.entry,
        "variant": claim.variant,
        "name": claim.name,
        "nodeid": nodeid,
        "file": file,
        "line": claim.line,
        "words": claim.doc or "",
        "statement": claim.statement,
        "kind": claim.kind.name,
        "rule": claim.kind.describe(),
        "expected": str(claim.expect),
        "outcome": str(verdict.outcome),
        "as_expected": error is None and str(verdict.outcome) == str(claim.expect),
        "reason": claim.reason or None,
        "because": claim.because or None,
        "corrected": claim.corrected or None,
        "rests_on": list(claim.rests_on),
        "warrant": str(verdict.warrant),
        "alarm": strict(verdict.alarm),
        "margin": {"worst": strict(margin.worst), "budget": strict(margin.budget), "words": margin.words},
        "instances": {
            "total": verdict.evaluations,
            "by_source": strict(verdict.instances),
            "rejected": verdict.rejected,
            "strata": {
                name: {"required": count.required, "seen": count.seen, "worst": strict(count.worst)}
                for name, count in verdict.strata.items()
            },
        },
        "worst": _witness(verdict.worst),
        "smallest": _witness(verdict.smallest),
        "pinned": strict(claim.witness) if claim.witness else None,
        "picture": strict(verdict.picture),
        "details": strict(verdict.details),
        "context": context_of(claim),
        # Filled in by a run that was asked for it.
        "power": None,
        "message": verdict.message,
        "error": error,
        "seed": verdict.seed,
        "profile": profile,
        "device": str(verdict.device),
        "versions": versions(),
        "commit": commit_of(Path(claim.file)),
        "started": started,
        "seconds": round(seconds, 3),
        "reproduced": reproduced,
        "replay": replay,
    }


def replay_command(test: str, report: str) -> str:
    """The shell command that runs one test (``file::name``) on exactly the witness that a report recorded for it."""
    # Quoted always, because a claim's name may hold brackets; shlex where double quotes would not do.
    quoted = shlex.quote(test) if set(test) & set('"$`\\') else f'"{test}"'
    # In one word: pytest takes a path that stands by itself for a place to find its root directory from.
    return f"python -m pytest {quoted} {shlex.quote(f'--replay={report}')}"


def shown_path(path: Path, start: Path) -> str:
    """``path`` as one would type it in ``start``; whole where that is shorter to read."""
    try:
        relative = os.path.relpath(path, start)
    except ValueError:
        return str(path)
    return str(path) if relative.startswith(os.path.join("..", "..")) else relative


def witness_to_replay(record: Record) -> dict[str, Any] | None:
    """Values of the witness that ``record`` rests on: the smallest refuting one, else the worst.

    ``None`` where no single instance carries the outcome: for a proof, for a claim that could not be judged, and for a
    statistical verdict, which rests on its whole sample. Their search is repeated instead, from the recorded seed.
    """
    if record.get("warrant") == "measured" or record.get("kind") in ("rate", "trend"):
        return None
    for name in ("smallest", "worst"):
        if record.get(name):
            values: dict[str, Any] = record[name]["values"]
            return values
    return None


def report_of(
    records: Sequence[Record],
    *,
    started: str,
    seconds: float,
    command: str,
    profile: str,
    device: str,
    seed: int | None,
    interrupted: bool = False,
    exitstatus: int = 0,
    collected: int = 0,
    not_run: Iterable[str] = (),
    problems: Iterable[Mapping[str, str]] = (),
    replay_of: str | None = None,
    unchecked: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
) -> dict[str, Any]:
    """The whole run as data, ready for JSON: what report.json holds.

    Parameters
    ----------
    records:
        Of the claims that were judged, in the order of the files.
    started, seconds, command, profile, device, seed:
        Beginning and duration of the run, the command that started it, and what it asked for.
    interrupted, exitstatus:
        Whether the run ended early, and pytest's exit code.
    collected, not_run:
        How many claims were selected, and the node ids of those that an interrupted run did not reach.
    problems:
        What kept claims from being collected or reports from being written: ``{"where": ..., "message": ...}``.
    replay_of:
        The report that was replayed, if one was.
    unchecked:
        By paper, what is printed there and has no claim: see :func:`lakatos.reports.unchecked.unchecked_of`.
    """
    outcomes = Counter(record["outcome"] for record in records)
    expected = sum(bool(record["as_expected"]) for record in records)
    return {
        "schema": SCHEMA,
        "run": {
            "started": started,
            "seconds": round(seconds, 3),
            "command": command,
            "profile": profile,
            "device": device,
            "seed": seed,
            "seeds": sorted({record["seed"] for record in records}),
            "interrupted": interrupted,
            "exitstatus": exitstatus,
            "collected": collected,
            "checked": len(records),
            "outcomes": {str(outcome): outcomes.get(str(outcome), 0) for outcome in Outcome},
            "expected": expected,
            "unexpected": len(records) - expected,
            "instances": sum(record["instances"]["total"] for record in records),
            # A union bound: it needs no independence between the claims.
            "alarm": math.fsum(record["alarm"] for record in records),
            "not_run": list(not_run),
            "problems": [dict(problem) for problem in problems],
            "replay_of": replay_of,
            "versions": versions(),
        },
        "claims": list(records),
        "unchecked": {key: [dict(item) for item in items] for key, items in (unchecked or {}).items()},
    }
